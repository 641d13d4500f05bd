import {
  type ColumnKind,
  type Dialect,
  type TableForm,
  type TypeFamily,
  tableName,
} from '../dialect.ts'
import { quoteStandard } from '../knex-compiler.ts'
import { join, raw, type Sql, sql } from '../sql.ts'
import { familyOf } from './family.ts'
import { literal } from './literals.ts'
import { textOf } from './numbers.ts'
import { renderSnowflake } from './render.ts'

const types: Readonly<Record<ColumnKind, string>> = {
  text: 'varchar',
  integer: 'number(38, 0)',
  boolean: 'boolean',
  timestamp: 'timestamp_ltz',
  // HASH: https://docs.snowflake.com/en/sql-reference/functions/hash
  fingerprint: 'number(19, 0)',
}

/**
 * What is hashed of a value, so that different wire values differ. Equal numbers of all types hash alike, as do equal
 * instants of different zones: their wire values are equal too. Semi-structured values go through text: what is equal
 * in a VARIANT is not documented well enough.
 */
function hashed(value: Sql, family: TypeFamily): Sql {
  switch (family) {
    case 'array':
    case 'json':
      return sql`to_json(${value})`
    case 'text':
    case 'uuid':
    case 'other':
      return textOf(value, family)
    default:
      return value
  }
}

/** JSON text of text; NULL of NULL. */
const jsonText = (text: Sql): Sql => sql`to_json(to_variant(${text}))`

/** List text of those that are not NULL, between two brackets. */
const listText = (open: string, parts: readonly Sql[], close: string): Sql =>
  parts.length === 0
    ? literal(open + close)
    : sql`(${literal(open)} || array_to_string(array_construct_compact(${join(parts)}), ',') || ${literal(close)})`

const forms: Readonly<Record<'lasting' | 'working' | 'scratch', TableForm>> = {
  lasting: { create: 'create table', options: '' },
  // Without the week of fail-safe storage that a permanent table is billed for.
  working: { create: 'create transient table', options: '' },
  scratch: { create: 'create temporary table', options: '' },
}

/** SQL of Snowflake. */
export const snowflakeDialect: Dialect = {
  name: 'snowflake',
  capabilities: {
    windowRows: 20_000,
    maxIdentifierBytes: 255,
    foldsTableNames: true,
    enforcesKeys: false,
    hasSnapshots: false,
    hasTransactionalDdl: false,
    billsStatements: true,
    materializes: false,
    deletedRows:
      'Deleted rows stay in Time Travel (DATA_RETENTION_TIME_IN_DAYS, a day unless set) and then seven days in Fail-safe.',
  },
  quote: quoteStandard,
  ownName: (name) => name.toUpperCase(),
  compile: ({ text, bindings }) => ({
    // A question mark that is no parameter is escaped in fragments, and stands in quotes in SQL.
    sql: text.replaceAll('\\?', '?'),
    bindings,
  }),
  type: (kind) => types[kind],
  tableForm: (use) => forms[use],
  comments: {
    are: 'inline',
    ofColumn: (meaning) => sql`comment ${literal(meaning)}`,
    ofTable: (meaning) => sql`comment = ${literal(meaning)}`,
  },
  family: familyOf,
  render: renderSnowflake,
  fingerprint(seed, columns) {
    const values = columns.map(({ value, family }) => hashed(value, family))
    return sql`hash(${join([literal(seed), ...values])})`
  },
  jsonObject: (pairs) =>
    listText(
      '{',
      pairs.map(
        ({ name, value }) => sql`${literal(`${JSON.stringify(name)}:`)} || ${jsonText(value)}`,
      ),
      '}',
    ),
  openJson: (text) => sql`try_parse_json(${text})`,
  jsonField: (opened, name) => sql`as_varchar(get(${opened}, ${literal(name)}))`,
  nameList: (entries) =>
    listText(
      '[',
      entries.map(({ name, when }) => sql`iff(${when}, ${literal(JSON.stringify(name))}, null)`),
      ']',
    ),
  hasElementOutside: (joined, options) =>
    sql`coalesce(array_size(array_except(array_distinct(split(${joined}, ';')), parse_json(${literal(JSON.stringify(options))})::array)) > 0, false)`,
  textRows: (entries) =>
    sql`select as_varchar(get(e.value, 0)) as term, as_varchar(get(e.value, 1)) as meaning, as_varchar(get(e.value, 2)) as trouble from table(flatten(input => parse_json(${JSON.stringify(entries)}))) as e`,
  jsonText: (value) => sql`to_json(${value})`,
  isJson: (text) => sql`(try_parse_json(${text}) is not null)`,
  eachElement: (list, name) => ({
    join: sql`, lateral flatten(input => parse_json(${list})) as ${raw(name)}`,
    element: raw(`to_json(${name}.value)`),
  }),
  jsonScalar: (json, member) =>
    member === undefined
      ? sql`to_varchar(parse_json(${json}))`
      : sql`to_varchar(get(parse_json(${json}), ${literal(member)}))`,
  jsonMember: (json, member) =>
    sql`nullif(to_json(get(parse_json(${json}), ${literal(member)})), 'null')`,
  textSet: (text) =>
    sql`('[' || coalesce(listagg(distinct '"' || ${text} || '"', ',') within group (order by '"' || ${text} || '"'), '') || ']')`,
  numberOf: (text) => sql`try_to_double(${text})`,
  matches: (text, pattern) => sql`regexp_like(${text}, ${literal(pattern)})`,
  // NULL when any part is: `||` is.
  keyList: (values) => sql`('[' || ${join(values.map(jsonText), " || ',' || ")} || ']')`,
  // A name without a schema would move the table into the session's own.
  renameTable: (from, to) =>
    raw(
      `alter table ${tableName(snowflakeDialect, from)} rename to ${tableName(snowflakeDialect, to)}`,
    ),
  refreshStatistics: () => undefined,
  // In the session's own schema, that of the models: Backhaul's need not exist yet, and a temporary table needs no grant.
  scratchTable: (plan) => ({ table: { schema: '', name: plan.name }, form: forms.scratch }),
  digest: (text) => sql`sha2(${text}, 256)`,
  hexNumber: (digits) => sql`to_number(${digits}, 'XXXXXXXXXXXX')`,
  now: () => sql`current_timestamp()`,
  addSeconds: (moment, seconds) =>
    sql`dateadd('second', ${raw(String(Math.round(seconds)))}, ${moment})`,
}
