import type { Column, Dialect, TypeFamily } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import type { DiffSpec, KeySlice } from './diff-spec.ts'
import { names } from './step-columns.ts'

/** Statuses whose rows are tried again although nothing changed. */
const retried = ['rejected', 'pending', 'sending', 'left'] as const

const quoteList = (names: readonly string[]) => raw(names.map((name) => `'${name}'`).join(', '))

function qualified(dialect: Dialect, alias: string, column: string): Sql {
  return raw(`${alias}.${dialect.quote(column)}`)
}

/** The bracket closes on a line of its own: a filter may end in a comment. */
function modelFilter(filters: readonly string[]): Sql {
  if (filters.length === 0) return raw('')
  return raw(`\n  where ${filters.map((filter) => `(${filter}\n    )`).join('\n    and ')}`)
}

/** Families whose wire form drops digits: two keys must never become one. */
const roundedFamilies: readonly TypeFamily[] = ['float', 'timestamp', 'timestamptz', 'time']

/** Where the rows of a model are, and what finds them. */
type ModelRows = Pick<DiffSpec, 'relation' | 'filters' | 'keyColumns' | 'match'>

/** The primary key as one text: the column as text, without loss, or a JSON list of several. NULL when any part is. */
function rowId(dialect: Dialect, spec: Pick<DiffSpec, 'keyColumns'>): Sql {
  const parts = spec.keyColumns.map(({ name, family }) => {
    const value = qualified(dialect, 'm', name)
    return roundedFamilies.includes(family)
      ? sql`cast(${value} as ${raw(dialect.type('text'))})`
      : dialect.render(value, family, { kind: 'text' }).value
  })
  const [only] = parts
  return parts.length === 1 && only !== undefined ? only : dialect.keyList(parts)
}

function matchValue(dialect: Dialect, spec: Pick<DiffSpec, 'match'>): Sql {
  if (spec.match === undefined) return sql`cast(null as ${raw(dialect.type('text'))})`
  const { column } = spec.match
  const value = dialect.render(qualified(dialect, 'm', column.name), column.family, {
    kind: 'text',
  }).value
  return spec.match.foldsCase ? emailForm(value) : value
}

/** HubSpot keeps addresses trimmed and in lower case: two spellings are one contact. */
export const emailForm = (value: Sql): Sql => sql`nullif(lower(trim(${value}, ' ')), '')`

/** The key of each row of the model, as `row_id`. */
export const modelKeys = (dialect: Dialect, spec: DiffSpec): Sql =>
  sql`select ${rowId(dialect, spec)} as row_id from ${raw(spec.relation)} as m${modelFilter(spec.filters)}`

/** Key and match value of each row of the model, as `row_id` and `match_value`. */
export const modelMatches = (dialect: Dialect, spec: ModelRows): Sql =>
  sql`select ${rowId(dialect, spec)} as row_id, ${matchValue(dialect, spec)} as match_value
  from ${raw(spec.relation)} as m${modelFilter(spec.filters)}`

/** Row counts that decide guards and whether duplicates must be looked for. One scan of key and match. */
export function preflightStatement(dialect: Dialect, spec: DiffSpec): Sql {
  const match =
    spec.match === undefined
      ? sql`0 as matches, 0 as distinct_matches`
      : sql`count(match_value) as matches, count(distinct match_value) as distinct_matches`
  return sql`select count(*) as total, count(row_id) as keyed, count(distinct row_id) as distinct_keys, ${match}
from (
  ${modelMatches(dialect, spec)}
) as k`
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
    cast(null as ${text}) as sent_values, cast(null as ${moment}) as next_attempt_at) as nothing where 1 = 0)`
}

/** `m` holds each mapped column once, whatever it is called. */
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
    ${matchValue(dialect, spec)} as match_value,
    ${fingerprint} as fingerprint${join(mapped, '')}
  from ${raw(spec.relation)} as m${modelFilter(spec.filters)}`
  return spec.slice === undefined
    ? select
    : sql`select * from (
  ${select}
  ) as r where ${isInSlice(spec.slice, true)}`
}

export function repeatedRows(dialect: Dialect, spec: DiffSpec): Sql[] {
  const relation = sql`${raw(spec.relation)} as m${modelFilter(spec.filters)}`
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
  where match_fold is not null group by match_fold having count(*) > 1
)`)
  }
  return parts
}

/** Which rows of the joined model and state have to be looked at. */
export function isCandidate(dialect: Dialect, spec: DiffSpec): Sql {
  const gone =
    spec.onlyRows === undefined && spec.limit === undefined
      ? sql`(m.is_present is null and s.status not in ('left', 'unknown'))`
      : sql`(1 = 0)`
  const changed = sql`(s.fingerprint is null or s.fingerprint <> m.fingerprint)`
  const tried = sql`(s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint)`
  const due = sql`(s.next_attempt_at is not null and s.next_attempt_at <= ${dialect.now()})`
  const alive: Sql[] = [
    sql`s.row_id is null`,
    sql`s.status in (${quoteList(retried)})`,
    sql`(s.status = 'skipped' and (${changed} or ${due}))`,
    sql`(s.status = 'parked' and ${tried})`,
  ]
  if (spec.mode !== 'insert') alive.push(sql`(s.status = 'succeeded' and ${changed})`)
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
