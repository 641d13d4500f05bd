import { type Column, type Dialect, tableName } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { contactIn, type DiffLink, type DiffSpec, type KeySlice } from '../diff-spec.ts'
import { looksForDeparted, removes } from './departed.ts'
import { matchValue, modelRows, qualified, rowId } from './model-keys.ts'
import { names } from './step-columns.ts'

/** Statuses whose rows are tried again although nothing changed. */
const retried = ['rejected', 'pending', 'sending', 'left'] as const

const quoteList = (names: readonly string[]) => raw(names.map((name) => `'${name}'`).join(', '))

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
    cast(null as ${moment}) as next_attempt_at, cast(null as ${text}) as error_category) as nothing where 1 = 0)`
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
