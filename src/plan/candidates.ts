import type { Column, Dialect, TypeFamily } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { looksForDeparted, removes } from './departed.ts'
import {
  contactIn,
  type DiffLink,
  type DiffSpec,
  type EventContact,
  type KeySlice,
} from './diff-spec.ts'
import { emailForm } from './email-form.ts'
import { wireValue } from './property-values.ts'
import { names } from './step-columns.ts'

/** Statuses whose rows are tried again although nothing changed. */
const retried = ['rejected', 'pending', 'sending', 'left'] as const

const quoteList = (names: readonly string[]) => raw(names.map((name) => `'${name}'`).join(', '))

export function qualified(dialect: Dialect, alias: string, column: string): Sql {
  return raw(`${alias}.${dialect.quote(column)}`)
}

/**
 * The rows of the model that all filters let through, as `m`. Each filter has a query of its own: one that closes our bracket
 * (`a) or (b`) undoes no other. The bracket closes on a line of its own: a filter may end in a comment.
 */
export function modelRows({ relation, filters }: Pick<DiffSpec, 'relation' | 'filters'>): Sql {
  const filtered = filters.reduce(
    (from, filter, index) =>
      `${index === 0 ? from : `(select * from ${from}) as m`}\n  where (${filter}\n    )`,
    `${relation} as m`,
  )
  return raw(filtered)
}

/** Families whose wire form drops digits: two keys must never become one. */
const roundedFamilies: readonly TypeFamily[] = ['timestamp', 'timestamptz', 'time']

/** Up to here doubles tell all whole numbers apart. */
const maxWholeFloat = raw('9007199254740992')

/**
 * A whole number goes by the same text as in an integer or decimal column: engines write `1.0` and `1e+15`, and a key column whose type
 * changes must not make every row new. What is not cast is NULL, so that nothing fails where engines look at both branches.
 */
function floatKey(dialect: Dialect, value: Sql): Sql {
  const text = raw(dialect.type('text'))
  const whole = sql`case when ${value} = floor(${value}) and abs(${value}) <= ${maxWholeFloat} then ${value} end`
  return sql`coalesce(cast(cast(${whole} as ${raw(dialect.type('integer'))}) as ${text}), cast(${value} as ${text}))`
}

/** What of a diff says which rows a model has. */
export type KeyedModel = Pick<
  DiffSpec,
  'relation' | 'filters' | 'keyColumns' | 'match' | 'event' | 'list'
>

/** The primary key as one text: the column as text, without loss, or a JSON list of several. NULL when any part is. */
export function rowId(
  dialect: Dialect,
  { keyColumns }: Pick<KeyedModel, 'keyColumns'>,
  columnSql = (name: string): Sql => qualified(dialect, 'm', name),
): Sql {
  const parts = keyColumns.map(({ name, family }) => {
    const value = columnSql(name)
    if (family === 'float') return floatKey(dialect, value)
    return roundedFamilies.includes(family)
      ? sql`cast(${value} as ${raw(dialect.type('text'))})`
      : dialect.render(value, family, { kind: 'text' }).value
  })
  const [only] = parts
  return parts.length === 1 && only !== undefined ? only : dialect.keyList(parts)
}

function matchValue(dialect: Dialect, spec: KeyedModel): Sql {
  const contact = contactIn(spec)
  if (contact !== undefined) return contactValue(dialect, contact)
  if (spec.match === undefined) return sql`cast(null as ${raw(dialect.type('text'))})`
  const { column, wire, foldsCase, by } = spec.match
  const { value } = dialect.render(qualified(dialect, 'm', column.name), column.family, wire)
  if (by === 'record_id') return sql`nullif(trim(${value}, ' '), '')`
  return foldsCase ? emailForm(value) : value
}

/** What says which record a row is about; NULL for none. */
function contactValue(dialect: Dialect, { by, columns }: EventContact): Sql {
  const [column] = columns
  if (by === 'sync' || column === undefined) return rowId(dialect, { keyColumns: columns })
  const held = qualified(dialect, 'm', column.name)
  const { value } = dialect.render(held, column.family, { kind: 'text' })
  return by === 'email' ? emailForm(value) : sql`nullif(trim(${value}, ' '), '')`
}

/** The key of each row of the model, as `row_id`. */
export const modelKeys = (dialect: Dialect, spec: KeyedModel): Sql =>
  sql`select ${rowId(dialect, spec)} as row_id from ${modelRows(spec)}`

/** Key and match value of each row of the model, as `row_id` and `match_value`. */
export const modelMatches = (dialect: Dialect, spec: KeyedModel): Sql =>
  sql`select ${rowId(dialect, spec)} as row_id, ${matchValue(dialect, spec)} as match_value
  from ${modelRows(spec)}`

/** Row counts that decide guards and whether duplicates must be looked for. One scan of key and match. */
export function preflightStatement(dialect: Dialect, spec: DiffSpec): Sql {
  const uniques = uniqueValues(dialect, spec)
  const counts = uniques.map(
    ({ index }) =>
      sql`,\n  count(${names.value(index)}) as ${names.repeated(index)}, count(distinct ${names.value(index)}) as distinct_${names.repeated(index)}`,
  )
  const values = uniques.map(({ index, value }) => sql`, ${value} as ${names.value(index)}`)
  const match =
    spec.match === undefined
      ? sql`0 as matches, 0 as distinct_matches`
      : sql`count(match_value) as matches, count(distinct match_value) as distinct_matches`
  return sql`select count(*) as total, count(row_id) as keyed, count(distinct row_id) as distinct_keys, ${match}${join(counts, '')}
from (
  select ${rowId(dialect, spec)} as row_id, ${matchValue(dialect, spec)} as match_value${join(values, '')}
  from ${modelRows(spec)}
) as k`
}

/** Values of the model that HubSpot keeps unique, by the position of their property; the match value is not among them. */
export function uniqueValues(
  dialect: Dialect,
  spec: DiffSpec,
): readonly { readonly name: string; readonly index: number; readonly value: Sql }[] {
  return spec.properties.flatMap((property, index) => {
    const { source, name, isUnique } = property
    if (isUnique !== true || source.kind !== 'column') return []
    const { value } = wireValue(dialect, property, index, (column) =>
      qualified(dialect, 'm', column),
    )
    return [{ name, index, value }]
  })
}

/** Unique values that several rows of the model have, with two of them. */
export function repeatedValueSteps(dialect: Dialect, spec: DiffSpec): readonly Sql[] {
  const { repeatedValues = [] } = spec
  return uniqueValues(dialect, spec)
    .filter(({ name }) => repeatedValues.includes(name))
    .map(
      ({ index, value }) => sql`repeated_values${raw(String(index))} as (
  select ${names.value(index)} as ${names.repeated(index)}, min(row_id) as ${names.firstRow(index)}, max(row_id) as ${names.lastRow(index)}
  from (select ${rowId(dialect, spec)} as row_id, ${value} as ${names.value(index)} from ${modelRows(spec)}) as k
  where ${names.value(index)} is not null group by ${names.value(index)} having count(distinct row_id) > 1
)`,
    )
}

/** Predicate on a relation's `row_id`. */
function isInSlice(slice: KeySlice, isModel: boolean): Sql {
  const parts: Sql[] = []
  if (slice.after !== undefined) parts.push(sql`row_id > ${slice.after}`)
  if (slice.upTo !== undefined) {
    const isFirst = slice.after === undefined && isModel
    parts.push(
      isFirst ? sql`(row_id <= ${slice.upTo} or row_id is null)` : sql`row_id <= ${slice.upTo}`,
    )
  }
  return parts.length === 0 ? raw('1 = 1') : join(parts, ' and ')
}

/** The state as the diff reads it; an empty relation of the same shape before the first run. */
export function stateRows(dialect: Dialect, spec: DiffSpec): Sql {
  if (spec.state !== undefined) {
    const table = raw(tableName(dialect, spec.state))
    return spec.slice === undefined
      ? table
      : sql`(select * from ${table} where ${isInSlice(spec.slice, false)})`
  }
  const text = raw(dialect.type('text'))
  const fingerprint = raw(dialect.type('fingerprint'))
  const moment = raw(dialect.type('timestamp'))
  return sql`(select * from (select cast(null as ${text}) as row_id, cast(null as ${text}) as record_id, cast(null as ${text}) as status,
    cast(null as ${fingerprint}) as fingerprint, cast(null as ${fingerprint}) as tried_fingerprint,
    cast(null as ${text}) as sent_values, cast(null as ${text}) as match_value, cast(null as ${raw(dialect.type('boolean'))}) as created_here,
    cast(null as ${text}) as first_run_id, cast(null as ${moment}) as first_synced_at,
    cast(null as ${moment}) as next_attempt_at) as nothing where 1 = 0)`
}

/** Columns that a link is made of. */
const linkColumns = ({ target, labels }: DiffLink): readonly Column[] => [
  ...(target.kind === 'sync' ? target.columns : [target.column]),
  ...(labels.kind === 'column' ? [labels.column] : []),
]

/** `m` holds each column once that a change of the row may lie in, whatever it is called. */
export function mappedColumns(spec: DiffSpec): Column[] {
  const byName = new Map<string, Column>()
  for (const property of spec.properties) {
    if (property.source.kind === 'column') {
      byName.set(property.source.column.name, property.source.column)
    }
  }
  for (const { reads } of spec.templates ?? []) {
    for (const { column } of reads) byName.set(column.name, column)
  }
  // Every other match value is written like a property.
  if (spec.match?.by === 'record_id') byName.set(spec.match.column.name, spec.match.column)
  if (spec.start?.kind === 'from') byName.set(spec.start.column.name, spec.start.column)
  for (const column of contactIn(spec)?.columns ?? []) byName.set(column.name, column)
  for (const column of (spec.links ?? []).flatMap(linkColumns)) byName.set(column.name, column)
  return [...byName.values()]
}

/** The model's rows with key, match value, fingerprint and each mapped column as `c0`, `c1`, … */
export function modelSelect(dialect: Dialect, spec: DiffSpec, columns: readonly Column[]): Sql {
  const fingerprint = dialect.fingerprint(
    spec.seed,
    columns.map((column) => ({
      value: qualified(dialect, 'm', column.name),
      family: column.family,
    })),
  )
  const mapped = columns.map(
    (column, index) =>
      sql`,\n    ${qualified(dialect, 'm', column.name)} as ${names.column(index)}`,
  )
  const select = sql`select 1 as is_present,
    ${rowId(dialect, spec)} as row_id,
    ${matchValue(dialect, spec)} as match_value,${beforeStart(dialect, spec)}
    ${fingerprint} as fingerprint${join(mapped, '')}
  from ${modelRows(spec)}`
  const sliced =
    spec.slice === undefined
      ? select
      : sql`select * from (
  ${select}
  ) as r where ${isInSlice(spec.slice, true)}`
  const records = spec.list?.records
  return records === undefined
    ? sliced
    : sql`select r.*, known.record_id as member_id from (
  ${sliced}
  ) as r left join ${raw(tableName(dialect, records))} as known on known.row_id = r.match_value`
}

/** True for rows that lie before the moment of `start`; a column of its own where there is one. */
function beforeStart(dialect: Dialect, { start }: DiffSpec): Sql {
  if (start?.kind !== 'from') return raw('')
  const { column, wire, from } = start
  const moment = dialect.render(qualified(dialect, 'm', column.name), column.family, wire).value
  return sql`\n    (${moment} is null or ${moment} < ${from}) as is_before_start,`
}

/** Predicate on the joined model and state: the row is taken as known without being sent. */
export function isBeforeStart({ start }: DiffSpec): Sql | undefined {
  if (start === undefined) return undefined
  if (start.kind === 'from') return raw('m.is_before_start')
  return start.firstRunId === undefined
    ? sql`s.row_id is null`
    : sql`coalesce(s.first_run_id = ${start.firstRunId}, 1 = 0)`
}

export function repeatedRows(dialect: Dialect, spec: DiffSpec): Sql[] {
  const relation = modelRows(spec)
  const parts: Sql[] = []
  if (spec.hasRepeatedKeys) {
    parts.push(sql`repeated_keys as (
  select row_id from (select ${rowId(dialect, spec)} as row_id from ${relation}) as k
  where row_id is not null group by row_id having count(*) > 1
)`)
  }
  if (spec.hasRepeatedMatches) {
    parts.push(sql`repeated_matches as (
  select match_fold, min(row_id) as first_row_id, max(row_id) as last_row_id
  from (select ${rowId(dialect, spec)} as row_id, ${matchValue(dialect, spec)} as match_fold from ${relation}) as k
  where match_fold is not null group by match_fold having count(distinct row_id) > 1
)`)
  }
  return parts
}

/** A row that was parked after it had left: HubSpot refused to have its record cleared or archived. */
export const parkedRemoval = (alias: string): Sql =>
  raw(`(${alias}.status = 'parked' and ${alias}.tried_fingerprint is null)`)

const isParkedRemoval = (spec: DiffSpec): Sql =>
  removes(spec) ? sql` and not ${parkedRemoval('s')}` : raw('')

/** Which rows of the joined model and state have to be looked at. */
export function isCandidate(dialect: Dialect, spec: DiffSpec): Sql {
  if (spec.isAdoption === true)
    return sql`m.is_present is not null and s.record_id is null and coalesce(s.status, 'new') <> 'unknown'`
  const gone = looksForDeparted(spec)
    ? sql`(m.is_present is null and s.status not in ('left', 'unknown')${isParkedRemoval(spec)})`
    : sql`(1 = 0)`
  const changed = sql`(s.fingerprint is null or s.fingerprint <> m.fingerprint)`
  const tried = sql`(s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint)`
  const due = sql`(s.next_attempt_at is not null and s.next_attempt_at <= ${dialect.now()})`
  const alive: Sql[] = [
    sql`s.row_id is null`,
    sql`s.status in (${quoteList(retried)})`,
    sql`(s.status = 'skipped' and (${changed} or ${due}))`,
    sql`(s.status = 'parked' and (${tried} or ${due}))`,
  ]
  if (spec.mode !== 'insert') alive.push(sql`(s.status = 'succeeded' and ${changed})`)
  if (spec.list?.records !== undefined)
    alive.push(sql`(s.status = 'succeeded' and m.member_id <> s.record_id)`)
  if (spec.isFullRefresh) alive.push(sql`s.status in ('succeeded', 'parked', 'skipped')`)
  if (spec.hasRepeatedKeys) alive.push(sql`m.row_id in (select row_id from repeated_keys)`)
  return sql`${gone}
    or (m.is_present is not null and (${join(alive, '\n      or ')}))`
}

/**
 * The key that ends each slice of at most `rows` candidates, in order. Reads keys and fingerprints only.
 * One row or none: there is nothing to slice.
 */
export function sliceStatement(dialect: Dialect, spec: DiffSpec, rows: number): Sql {
  const columns = mappedColumns(spec)
  return sql`with ${join(
    [
      ...repeatedRows(dialect, spec),
      sql`model_rows as (
  ${modelSelect(dialect, spec, columns)}
)`,
      sql`candidates as (
  select coalesce(m.row_id, s.row_id) as row_id
  from model_rows as m
  full join ${stateRows(dialect, spec)} as s on s.row_id = m.row_id
  where (${isCandidate(dialect, spec)})
)`,
    ],
    ',\n',
  )}
select max(row_id) as up_to
from (select row_id, floor((row_number() over (order by row_id) - 1) / ${raw(`${rows}.0`)}) as slice from candidates where row_id is not null) as numbered
group by slice order by up_to`
}
