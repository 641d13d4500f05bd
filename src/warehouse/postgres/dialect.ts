import {
  type ColumnKind,
  commentBatch,
  type Dialect,
  renameByAlter,
  type TypeFamily,
  tableName,
} from '../dialect.ts'
import { compileNumbered, quoteStandard } from '../knex-compiler.ts'
import { join, raw, type Sql, sql, type Value } from '../sql.ts'
import { literal } from './fallible.ts'
import { familyOf } from './family.ts'
import { renderPostgres } from './render.ts'
import { shallowJson } from './shallow-json.ts'

const types: Readonly<Record<ColumnKind, string>> = {
  text: 'text',
  integer: 'bigint',
  boolean: 'boolean',
  timestamp: 'timestamptz',
  fingerprint: 'bigint',
}

/**
 * What is hashed of a value, so that different wire values differ. Not the value itself: PostgreSQL hashes numeric without
 * its sign and folds 64-bit integers and timestamps to 32 bits. Their binary forms are as fast and whole. All others go
 * through text: their equality is wider than their text (`interval`, `citext`, `jsonb`), or they have no hash (`json`).
 */
function hashed(value: Sql, family: TypeFamily): Sql {
  switch (family) {
    case 'integer':
      return sql`int8send(${value}::bigint)`
    case 'decimal':
      return sql`numeric_send(${value})`
    case 'float':
      return sql`float8send(${value}::float8)`
    case 'timestamp':
      return sql`timestamp_send(${value})`
    case 'timestamptz':
      return sql`timestamptz_send(${value})`
    case 'boolean':
    case 'date':
    case 'uuid':
    case 'binary':
      return value
    default:
      return sql`${value}::text collate "C"`
  }
}

/** Seed of the hash function. Not 0: NULL counts as 0 too. */
const hashSeed = raw('7046029254386353131')

/** One text array literal, so that a thousand names are one binding. */
const textArray = (names: readonly string[]): Sql => {
  const elements = names.map((name) => `"${name.replace(/["\\]/g, '\\$&')}"`)
  return sql`${`{${elements.join(',')}}`}::text[]`
}

/** Array of SQL text values. */
const valueArray = (values: readonly Sql[]): Sql => sql`array[${join(values)}]::text[]`

/** A parameter is text unless said otherwise: numbers and booleans say it, as literals would. */
function typedParameter(parameter: string, value: Value): string {
  if (typeof value === 'boolean') return `${parameter}::boolean`
  if (typeof value !== 'number') return parameter
  if (!Number.isSafeInteger(value)) return `${parameter}::float8`
  return Math.abs(value) < 2 ** 31 ? `${parameter}::integer` : `${parameter}::bigint`
}

/** SQL of PostgreSQL, version 15 or newer. */
export const postgresDialect: Dialect = {
  name: 'postgres',
  capabilities: {
    windowRows: 5_000,
    maxIdentifierBytes: 63,
    foldsTableNames: false,
    enforcesKeys: true,
    hasSnapshots: true,
    hasTransactionalDdl: true,
    billsStatements: false,
    // 1664 target list entries (MaxTupleAttributeNumber in PostgreSQL's htup_details.h).
    maxMappedProperties: 500,
    materializes: true,
    deletedRows:
      'Deleted rows stay on the disk until VACUUM has been there, and in backups and archived write-ahead logs.',
  },
  quote: quoteStandard,
  ownName: (name) => name,
  compile: (statement) => compileNumbered(statement, typedParameter),
  type: (kind) => types[kind],
  tableForm: () => ({ create: 'create table', options: '' }),
  comments: {
    are: 'apart',
    statement: (table, of) => commentBatch(postgresDialect, literal, table, of),
  },
  family: familyOf,
  render: renderPostgres,
  fingerprint(seed, columns) {
    const values = columns.map(({ value, family }) => hashed(value, family))
    return sql`hash_record_extended(row(${join([sql`${seed}::text`, ...values])}), ${hashSeed})`
  },
  jsonObject(pairs) {
    const names = textArray(pairs.map((pair) => pair.name))
    const values = valueArray(pairs.map((pair) => pair.value))
    return sql`json_strip_nulls(json_object(${names}, ${values}))::text`
  },
  openJson: (text) => sql`(${text})::jsonb`,
  jsonField: (opened, name) => sql`(${opened} ->> ${name}::text)`,
  nameList(entries) {
    const names = entries.map((entry) => sql`case when ${entry.when} then ${entry.name}::text end`)
    return sql`array_to_json(array_remove(${valueArray(names)}, null))::text`
  },
  hasElementOutside: (joined, options) =>
    sql`coalesce(not string_to_array(${joined}, ';') <@ ${textArray(options)}, false)`,
  textRows: (entries) =>
    sql`select e ->> 0 as term, e ->> 1 as meaning, e ->> 2 as trouble from json_array_elements(${JSON.stringify(entries)}::json) as e`,
  jsonText: (value, family) =>
    family === 'array' ? sql`array_to_json(${value})::text` : sql`${value}::text`,
  // `is json` came with PostgreSQL 16.
  isJson: (text) => sql`(${text} ~ ${literal(shallowJson)})`,
  eachElement: (list, name) => ({
    join: sql` cross join lateral json_array_elements((${list})::json) as ${raw(name)}(element)`,
    element: raw(`${name}.element::text`),
  }),
  jsonScalar: (json, member) =>
    member === undefined
      ? sql`((${json})::jsonb #>> '{}')`
      : sql`((${json})::jsonb ->> ${literal(member)})`,
  jsonMember: (json, member) => sql`nullif(((${json})::jsonb -> ${literal(member)})::text, 'null')`,
  textSet: (text) =>
    sql`('[' || coalesce(string_agg(distinct '"' || ${text} || '"', ',' order by '"' || ${text} || '"'), '') || ']')`,
  numberOf: (text) => sql`(${text})::numeric`,
  matches: (text, pattern) => sql`${text} ~ ${literal(pattern)}`,
  keyList(values) {
    const known = values.map((value) => sql`${value} is not null`)
    return sql`case when ${join(known, ' and ')} then array_to_json(${valueArray(values)})::text end`
  },
  refreshStatistics: (table) => raw(`analyze ${tableName(postgresDialect, table)}`),
  renameTable: (from, to) => renameByAlter(postgresDialect, from, to),
  scratchTable: (plan) => ({
    table: { schema: 'pg_temp', name: plan.name },
    form: { create: 'create temporary table', options: '' },
  }),
  digest: (text) => sql`encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`,
  hexNumber: (digits) => sql`('x' || ${digits})::bit(48)::bigint`,
  now: () => sql`clock_timestamp()`,
  addSeconds: (moment, seconds) => sql`(${moment} + make_interval(secs => ${seconds}::float8))`,
}
