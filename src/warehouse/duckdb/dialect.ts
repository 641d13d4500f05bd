import {
  type ColumnKind,
  commentBatch,
  type Dialect,
  renameByAlter,
  type TypeFamily,
} from '../dialect.ts'
import { compileNumbered, quoteStandard } from '../knex-compiler.ts'
import { join, raw, type Sql, sql } from '../sql.ts'
import { literal } from './fallible.ts'
import { familyOf } from './family.ts'
import { renderDuckdb } from './render.ts'

const types: Readonly<Record<ColumnKind, string>> = {
  text: 'varchar',
  integer: 'bigint',
  boolean: 'boolean',
  timestamp: 'timestamptz',
  fingerprint: 'ubigint',
}

/** Fields of a struct are found whatever their case, so names with capitals are read from the text. */
const hasCapitals = (name: string) => /[A-Z]/.test(name)

/**
 * What is hashed of a value, so that different wire values differ. An enum hashes by its position in the type, which the
 * next build of the model may change; a list of lists as if it were flat; 128-bit numbers the same with their halves swapped.
 */
function hashed(value: Sql, family: TypeFamily): readonly Sql[] {
  switch (family) {
    case 'integer':
    case 'decimal':
      return [value, sql`${value}::double`]
    case 'float':
    case 'boolean':
    case 'date':
    case 'timestamp':
    case 'timestamptz':
    case 'binary':
      return [value]
    case 'array':
      return [sql`to_json(${value})::varchar`]
    default:
      return [sql`${value}::varchar`]
  }
}

const notNull = (list: Sql): Sql => sql`list_filter(${list}, lambda e: e is not null)`

const textList = (texts: readonly string[]): Sql =>
  sql`from_json(${JSON.stringify(texts)}, '["VARCHAR"]')`

/** SQL of DuckDB, version 1.5. */
export const duckdbDialect: Dialect = {
  name: 'duckdb',
  capabilities: {
    windowRows: 5_000,
    maxIdentifierBytes: 255,
    foldsTableNames: true,
    enforcesKeys: false,
    hasSnapshots: true,
    hasTransactionalDdl: true,
    billsStatements: false,
    materializes: false,
    deletedRows:
      "Deleted rows stay readable in the state file's free blocks until DuckDB writes over them, and in copies of the file.",
    sliceRows: 30_000,
  },
  quote: quoteStandard,
  ownName: (name) => name,
  compile: compileNumbered,
  type: (kind) => types[kind],
  tableForm: () => ({ create: 'create table', options: '' }),
  comments: {
    are: 'apart',
    statement: (table, of) => commentBatch(duckdbDialect, literal, table, of),
  },
  family: familyOf,
  render: renderDuckdb,
  fingerprint(seed, columns) {
    const values = columns.flatMap(({ value, family }) => hashed(value, family))
    return sql`hash(${join([sql`${seed}`, ...values])})`
  },
  jsonObject(pairs) {
    if (pairs.length === 0) return raw("'{}'")
    // `concat_ws` leaves NULLs out, and costs half of an object that is stripped of them.
    const entries = pairs.map(
      ({ name, value }) =>
        sql`${literal(`${JSON.stringify(name)}:`)} || to_json((${value})::varchar)::varchar`,
    )
    return sql`('{' || concat_ws(',', ${join(entries)}) || '}')`
  },
  openJson(text, names) {
    const fields = names.filter((name) => !hasCapitals(name))
    const structure = JSON.stringify(Object.fromEntries(fields.map((name) => [name, 'VARCHAR'])))
    const struct =
      fields.length === 0 ? raw('null') : sql`from_json(${text}, ${literal(structure)})`
    return sql`struct_pack(fields := ${struct}, source := ${text})`
  },
  jsonField(opened, name) {
    if (!hasCapitals(name)) return sql`struct_extract(${opened}.fields, ${literal(name)})`
    const path = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return sql`json_extract_string(${opened}.source, ${literal(path)})`
  },
  nameList(entries) {
    if (entries.length === 0) return raw("'[]'")
    const names = entries.map(
      (entry) => sql`case when ${entry.when} then ${literal(entry.name)} end`,
    )
    return sql`to_json(${notNull(sql`[${join(names)}]`)})::varchar`
  },
  hasElementOutside: (joined, options) =>
    sql`coalesce(not list_has_all(${textList(options)}, string_split(${joined}, ';')), false)`,
  textRows: (entries) =>
    sql`select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json(${JSON.stringify(entries)}, '[["VARCHAR"]]')) as e) as entries`,
  jsonText: (value, family) =>
    family === 'array' ? sql`to_json(${value})::varchar` : sql`${value}::varchar`,
  isJson: (text) => sql`json_valid(${text})`,
  eachElement: (list, name) => ({
    join: sql` cross join unnest(from_json(${list}, '["JSON"]')) as ${raw(name)}(element)`,
    element: raw(`${name}.element::varchar`),
  }),
  jsonScalar: (json, member) =>
    sql`json_extract_string(${json}, ${literal(member === undefined ? '$' : `/${member}`)})`,
  jsonMember: (json, member) =>
    sql`nullif(json_extract(${json}, ${literal(`/${member}`)})::varchar, 'null')`,
  textSet: (text) =>
    sql`('[' || coalesce(string_agg(distinct '"' || ${text} || '"', ',' order by '"' || ${text} || '"'), '') || ']')`,
  numberOf: (text) => sql`try_cast(${text} as double)`,
  matches: (text, pattern) => sql`regexp_matches(${text}, ${literal(pattern)})`,
  keyList(values) {
    const known = values.map((value) => sql`${value} is not null`)
    return sql`case when ${join(known, ' and ')} then to_json([${join(values)}])::varchar end`
  },
  refreshStatistics: () => undefined,
  renameTable: (from, to) => renameByAlter(duckdbDialect, from, to),
  scratchTable: (plan) => ({
    table: { database: 'temp', schema: 'main', name: plan.name },
    form: { create: 'create temporary table', options: '' },
  }),
  digest: (text) => sql`sha256(${text})`,
  hexNumber: (digits) => sql`('0x' || ${digits})::bigint`,
  // `now()` is the start of the transaction; a version 7 UUID holds the clock, to the millisecond.
  now: () => sql`(select uuid_extract_timestamp(uuidv7()))`,
  addSeconds: (moment, seconds) =>
    sql`(${moment} + to_milliseconds(${Math.round(seconds * 1000)}))`,
}
