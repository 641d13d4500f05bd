import { type Dialect, tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { lostKeyMark, withDeparting } from './diff/departed.ts'
import { modelKeys, modelMatches } from './diff/model-keys.ts'
import { names } from './diff/step-columns.ts'
import type { OtherSync, StoredDiffSpec } from './diff-spec.ts'
import { listedColumns } from './values/listed-columns.ts'

/**
 * Takes removals back out of a written plan where the record is not the departed row's alone: another row of the model goes by its
 * match value now, another row is bound to it, its own key was lost, or another sync still holds it. Few rows are looked at, so that a
 * run without removals pays nothing.
 */
export function keepStatements(dialect: Dialect, written: StoredDiffSpec): readonly Sql[] {
  const spec = { ...withDeparting(written), plan: written.plan }
  const others = (spec.others ?? []).filter(({ state, model }) => state ?? model?.match)
  return [
    ...(spec.match === undefined ? [] : [keepMoved(dialect, spec)]),
    ...(spec.state === undefined ? [] : [keepTaken(dialect, spec)]),
    ...(spec.match === undefined ? [] : [keepLost(dialect, spec)]),
    ...others.map((other) =>
      spec.onDelete === 'clear' ? keepValues(dialect, spec, other) : keepHeld(dialect, spec, other),
    ),
  ]
}

/** Counts what `keepStatements` may concern. */
export const countRemovals = (dialect: Dialect, spec: StoredDiffSpec): Sql =>
  sql`select count(*) as total from ${removals(dialect, spec)} as q`

const planName = (dialect: Dialect, { plan }: StoredDiffSpec) => raw(tableName(dialect, plan))

const removals = (dialect: Dialect, spec: StoredDiffSpec): Sql =>
  sql`(select * from ${planName(dialect, spec)} where run_id = ${spec.runId} and operation in ('clear', 'archive'))`

/** The row's key changed: its record goes to the row that has its match value. */
function keepMoved(dialect: Dialect, spec: StoredDiffSpec): Sql {
  const rows = sql`select q.seq, min(k.row_id) as detail from ${removals(dialect, spec)} as q
  join (${modelMatches(dialect, spec)}) as k on k.match_value = q.match_value group by q.seq`
  return asLeave(dialect, spec, 'match_value_moved', rows)
}

/** Two rows are bound to one record: the one that stays keeps it. */
function keepTaken(dialect: Dialect, spec: StoredDiffSpec): Sql {
  const state = raw(tableName(dialect, spec.state ?? spec.plan))
  const rows = sql`select q.seq, min(b.row_id) as detail from ${removals(dialect, spec)} as q
  join ${state} as b on b.record_id = q.record_id and b.row_id <> q.row_id and b.status <> 'left'
  where b.row_id not in (select row_id from ${removals(dialect, spec)} as gone) group by q.seq`
  return asLeave(dialect, spec, 'taken_over', rows)
}

/** The primary key changed, and nobody knows which row of the model this one is, if any. */
function keepLost(dialect: Dialect, spec: StoredDiffSpec): Sql {
  const length = raw(String(lostKeyMark.length))
  const rows = sql`select seq, cast(null as ${raw(dialect.type('text'))}) as detail from ${removals(dialect, spec)} as q where substr(row_id, 1, ${length}) = ${raw(`'${lostKeyMark}'`)}`
  return asLeave(dialect, spec, 'lost_key', rows)
}

function keepHeld(dialect: Dialect, spec: StoredDiffSpec, other: OtherSync): Sql {
  const rows = sql`select seq, ${other.syncName} as detail from (
    ${heldBy(dialect, spec, other)}
  ) as held group by seq`
  return asLeave(dialect, spec, 'held_by_sync', rows)
}

/** Removals whose record a row of another sync is bound to, or will find: `seq` and what that sync sent. */
function heldBy(dialect: Dialect, spec: StoredDiffSpec, { state, model }: OtherSync): Sql {
  const sent = model === undefined ? raw('h.sent_values') : sql`${literalOf(model.properties)}`
  const parts: Sql[] = []
  if (state !== undefined) {
    const isThere =
      model === undefined
        ? raw('')
        : sql` and h.row_id in (select row_id from (${modelKeys(dialect, model)}) as k)`
    parts.push(sql`select q.seq, ${sent} as held_values from ${removals(dialect, spec)} as q
    join ${raw(tableName(dialect, state))} as h on h.record_id = q.record_id and h.status <> 'left'${isThere}`)
  }
  if (model?.match !== undefined) {
    const own = raw(model.match.by === 'record_id' ? 'q.record_id' : 'q.match_value')
    parts.push(sql`select q.seq, ${sent} as held_values from ${removals(dialect, spec)} as q
    join (${modelMatches(dialect, { ...model, match: model.match })}) as k on k.match_value = ${own}`)
  }
  return join(parts, '\n    union all\n    ')
}

/** As `sent_values` names what was sent. */
const literalOf = (properties: readonly string[]): string =>
  JSON.stringify(Object.fromEntries(properties.map((name) => [name, 'sent'])))

const asLeave = (dialect: Dialect, spec: StoredDiffSpec, reason: string, rows: Sql): Sql =>
  sql`merge into ${planName(dialect, spec)} as p
using (
  ${rows}
) as n
on p.run_id = ${spec.runId} and p.seq = n.seq
when matched then update set operation = 'leave', reason = ${reason}, reason_detail = n.detail`

/** What another sync sends to the record stays as that sync has it; the rest is cleared. */
function keepValues(dialect: Dialect, spec: StoredDiffSpec, other: OtherSync): Sql {
  const propertyNames = spec.properties.map(({ name }) => name)
  const opened = (text: Sql) => dialect.openJson(text, propertyNames)
  const field = (column: string, name: string) => dialect.jsonField(raw(column), name)
  const values = spec.properties.map(
    ({ name }, index) =>
      sql`case when ${field('held', name)} <> '' then ${field('sent', name)} else ${field('planned', name)} end as ${names.value(index)},
      ${field('sent', name)} as ${names.old(index)}`,
  )
  return sql`merge into ${planName(dialect, spec)} as p
using (
  select seq, ${listedColumns(dialect, spec)}
  from (
    select seq, record_id, ${join(values, ',\n      ')}
    from (
      select q.seq, q.record_id, ${opened(raw('s.sent_values'))} as sent, ${opened(raw('q.new_values'))} as planned, ${opened(raw('h.held_values'))} as held
      from ${removals(dialect, spec)} as q
      join ${raw(tableName(dialect, spec.state ?? spec.plan))} as s on s.row_id = q.row_id
      join (select seq, min(held_values) as held_values from (
    ${heldBy(dialect, spec, other)}
      ) as each_held group by seq) as h on h.seq = q.seq
    ) as opened
  ) as compared
) as n
on p.run_id = ${spec.runId} and p.seq = n.seq
when matched then update set operation = case when n.changed_properties = '[]' then 'leave' else 'clear' end,
  reason = case when n.changed_properties = '[]' then 'held_by_sync' end, reason_detail = ${other.syncName},
  new_values = n.new_values, changed_properties = n.changed_properties, doubtful_values = n.doubtful_values,
  audit_old = n.audit_old, audit_new = n.audit_new`
}
