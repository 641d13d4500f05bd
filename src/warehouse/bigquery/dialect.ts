import { randomBytes } from 'node:crypto'
import { type ColumnKind, type Dialect, renameByAlter, type TableForm } from '../dialect.ts'
import { compileNamed } from '../knex-compiler.ts'
import { join, raw, type Sql, sql } from '../sql.ts'
import { literal } from './fallible.ts'
import { familyOf } from './family.ts'
import { renderBigquery } from './render.ts'

const types: Readonly<Record<ColumnKind, string>> = {
  text: 'string',
  integer: 'int64',
  boolean: 'bool',
  timestamp: 'timestamp',
  fingerprint: 'int64',
}

/** JSON text of a text value; NULL for NULL, which `to_json_string` would write out. */
const jsonText = (value: Sql): Sql => sql`nullif(to_json_string(${value}), 'null')`

/** Joins texts with commas, leaving NULLs out. */
const listed = (texts: readonly Sql[]): Sql => sql`array_to_string([${join(texts)}], ',')`

/** Rows that are found by key lie together: a statement that names keys reads, and bills, only their blocks. */
const clusteredBy = (key: readonly string[] | undefined): string =>
  key === undefined ? '' : `cluster by ${key.join(', ')}`

/** 1,024 characters for a column, 16,384 for a table: https://cloud.google.com/bigquery/quotas#table_limits */
const described = (meaning: string): Sql => sql`options (description = ${literal(meaning)})`

/** There are no temporary tables outside of a session: a table with a name of its own that expires, should nobody drop it. */
const scratchForm: TableForm = {
  create: 'create table',
  options: 'options (expiration_timestamp = timestamp_add(current_timestamp(), interval 1 day))',
}

/** SQL of BigQuery: GoogleSQL. */
export const bigqueryDialect: Dialect = {
  name: 'bigquery',
  capabilities: {
    // Each window costs three statements of a second or two, and counts against the jobs of the project.
    windowRows: 20_000,
    // 1,024 bytes of UTF-8 for a table, 300 characters for a column: https://cloud.google.com/bigquery/docs/tables#table_naming
    maxIdentifierBytes: 300,
    foldsTableNames: false,
    enforcesKeys: false,
    hasSnapshots: false,
    hasTransactionalDdl: false,
    billsStatements: true,
    materializes: false,
    deletedRows:
      'Deleted rows stay in the time travel window (two to seven days, as the dataset says) and then seven days in fail-safe storage.',
  },
  quote: (identifier) => `\`${identifier.replace(/[\\`]/g, '\\$&')}\``,
  ownName: (name) => name,
  compile: compileNamed,
  type: (kind) => types[kind],
  tableForm: (_, key) => ({ create: 'create table', options: clusteredBy(key) }),
  comments: { are: 'inline', ofColumn: described, ofTable: described },
  family: familyOf,
  render: renderBigquery,
  /** A fingerprint of JSON text, where NULL, '' and the ends of values stay apart. 64 bits. */
  fingerprint(seed, columns) {
    const fields = columns.map(({ value }, index) => sql`${value} as ${raw(`f${index}`)}`)
    return sql`farm_fingerprint(to_json_string(struct(${join([sql`${seed} as seed`, ...fields])})))`
  },
  jsonObject(pairs) {
    if (pairs.length === 0) return raw("'{}'")
    const entries = pairs.map(
      ({ name, value }) => sql`concat(${literal(`${JSON.stringify(name)}:`)}, ${jsonText(value)})`,
    )
    return sql`concat('{', ${listed(entries)}, '}')`
  },
  openJson: (text) => sql`safe.parse_json(${text})`,
  // A subscript, not a path: paths have no escape for every name.
  jsonField: (opened, name) => sql`json_value(${opened}[${literal(name)}])`,
  nameList(entries) {
    if (entries.length === 0) return raw("'[]'")
    const names = entries.map(
      (entry) => sql`case when ${entry.when} then ${literal(JSON.stringify(entry.name))} end`,
    )
    return sql`concat('[', ${listed(names)}, ']')`
  },
  hasElementOutside: (joined, options) =>
    sql`exists (select 1 from unnest(split(${joined}, ';')) as element where element not in (${join(options.map(literal))}))`,
  textRows: (entries) =>
    sql`select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(${JSON.stringify(entries)})) as e`,
  jsonText: (value) => jsonText(value),
  isJson: (text) => sql`(safe.parse_json(${text}) is not null)`,
  eachElement: (list, name) => ({
    join: sql` cross join unnest(json_query_array(${list})) as ${raw(name)}`,
    element: raw(name),
  }),
  jsonScalar: (json, member) =>
    sql`json_value(${json}, ${literal(member === undefined ? '$' : `$.${member}`)})`,
  jsonMember: (json, member) => sql`json_query(${json}, ${literal(`$.${member}`)})`,
  textSet: (text) =>
    sql`concat('[', coalesce(string_agg(distinct concat('"', ${text}, '"'), ',' order by concat('"', ${text}, '"')), ''), ']')`,
  numberOf: (text) => sql`safe_cast(${text} as float64)`,
  matches: (text, pattern) => sql`regexp_contains(${text}, ${literal(pattern)})`,
  keyList(values) {
    const texts = values.map(jsonText)
    return sql`concat('[', ${join(texts, ", ',', ")}, ']')`
  },
  refreshStatistics: () => undefined,
  renameTable: (from, to) => renameByAlter(bigqueryDialect, from, to),
  scratchTable: (plan) => ({
    table: { ...plan, name: `scratch__${plan.name}_${randomBytes(4).toString('hex')}` },
    form: scratchForm,
  }),
  digest: (text) => sql`to_hex(sha256(${text}))`,
  // Sums of INT64 are INT64, and overflow.
  hexNumber: (digits) => sql`cast(cast(concat('0x', ${digits}) as int64) as numeric)`,
  /** The start of the statement; within a transaction, that of the transaction, which is one job of seconds here. */
  now: () => sql`current_timestamp()`,
  addSeconds: (moment, seconds) =>
    sql`timestamp_add(${moment}, interval ${raw(String(Math.round(seconds)))} second)`,
}
