import type { AuditValues } from '../types.ts'
import type { Dialect, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { nextLink, waitingCategories } from './links/link-transitions.ts'
import {
  type OutcomeTables,
  outcomesOf,
  statelessReasons,
  takenOver,
  takenRecords,
} from './outcomes.ts'
import { nextState } from './transitions.ts'

export interface MergeSpec extends OutcomeTables {
  readonly runId: string
  readonly syncName: string
  readonly changes: TableRef
  readonly maxAttempts: number
  /** Names of all mapped properties, in the order of `sent_values`. */
  readonly properties: readonly string[]
  /** Stands in `doubtful_values`, and in `sent_values`, for a value in doubt. */
  readonly doubt: string
  /** Update mode: skipped rows are looked up again. */
  readonly looksAgain: boolean
  readonly auditValues: AuditValues
  /** Rows are members of a list. */
  readonly isList?: boolean
}

/** Moves the outcomes of a run from plan and results into the state. One statement, whatever the number of rows. */
export function mergeStatement(dialect: Dialect, spec: MergeSpec): Sql {
  const next = nextState(dialect, spec)
  const columns = next.map((entry) => raw(entry.column))
  const table = raw(tableName(dialect, spec.state))
  return sql`merge into ${table} as t
using (
  select ${join(next.map((entry) => sql`${entry.value} as ${raw(entry.column)}`, ',\n    '))}
  from ${outcomesOf(dialect, spec, spec.runId)} as o
  left join ${table} as s on s.row_id = o.row_id
  where o.row_id is not null and (o.reason is null or o.reason not in (${raw(statelessReasons)}))${raw(spec.links === undefined ? '' : ' and o.association is null')}
) as n
on t.row_id = n.row_id
when matched then update set ${join(
    columns.map((column) => sql`${column} = n.${column}`),
    ',\n  ',
  )}
when not matched then insert (${join(columns)}) values (${join(columns.map((column) => sql`n.${column}`))})`
}

/** Moves the outcomes of links into their own table. */
export function mergeLinksStatement(
  dialect: Dialect,
  spec: MergeSpec & { readonly links: TableRef },
): Sql {
  const next = nextLink(dialect, spec)
  const columns = next.map((entry) => raw(entry.column))
  const table = raw(tableName(dialect, spec.links))
  const key = ['row_id', 'association', 'target_key']
  const isSame = (one: string, other: string) =>
    raw(key.map((column) => `${one}.${column} = ${other}.${column}`).join(' and '))
  return sql`merge into ${table} as t
using (
  select ${join(next.map((entry) => sql`${entry.value} as ${raw(entry.column)}`, ',\n    '))}
  from ${outcomesOf(dialect, spec, spec.runId)} as o
  left join ${table} as l on ${isSame('l', 'o')}
  left join (
    select record_id, target_record_id, target_object from ${table} where added_here and labels is not null group by record_id, target_record_id, target_object
  ) as m on m.record_id = o.record_id and m.target_record_id = o.target_record_id and m.target_object = o.target_object
  where o.association is not null
) as n
on ${isSame('t', 'n')}
when matched then update set ${join(
    columns.map((column) => sql`${column} = n.${column}`),
    ',\n  ',
  )}
when not matched then insert (${join(columns)}) values (${join(columns.map((column) => sql`n.${column}`))})`
}

/** Appends the outcomes of a run to `changes`. Refreshed rows are no operation and leave no trace there, unless a bad value of theirs was dropped. */
export function changesStatement(dialect: Dialect, spec: MergeSpec): Sql {
  const sent = sql`o.operation in ('create', 'update', 'upsert', 'send', 'clear', 'add', 'remove')`
  const newValues =
    spec.auditValues === 'full'
      ? sql`case when ${sent} then coalesce(o.audit_new, o.new_values) when o.operation = 'adopt' then o.new_values end`
      : sql`case when ${sent} then o.audit_new end`
  const ofLinks = spec.links !== undefined
  const linkColumns = raw(ofLinks ? ', association, target_key, target_record_id, labels' : '')
  const linkValues = ofLinks
    ? sql`, o.association, ${auditedTarget(dialect, spec.auditValues)}, o.target_record_id, case when o.operation <> 'release' then o.labels end`
    : raw('')
  const oldOfLinks = raw(ofLinks ? " or o.operation in ('associate', 'dissociate')" : '')
  // That a link still waits is told once.
  const stillWaits = raw(
    ofLinks
      ? `\n  and not coalesce(o.association is not null and o.outcome = 'pending' and o.known_status = 'pending' and o.error_category in (${waitingCategories}), 1 = 0)`
      : '',
  )
  return sql`insert into ${raw(tableName(dialect, spec.changes))} (run_id, sync_name, seq, row_id, record_id, operation, outcome, is_created,
  changed_properties, dropped_properties, old_values, new_values, error_category, error_message, error_property, correlation_id, request_id, recorded_at${linkColumns})
select ${spec.runId}, ${spec.syncName}, o.seq, o.row_id, o.record_id, o.operation, o.outcome, o.is_created,
  case when ${sent} or o.operation = 'adopt' then o.changed_properties end, o.dropped_properties, case when ${sent} or o.operation = 'archive'${oldOfLinks} then o.audit_old end, ${newValues},
  o.error_category, o.error_message, o.error_property, o.correlation_id, o.request_id, ${dialect.now()}${linkValues}
from ${outcomesOf(dialect, spec, spec.runId)} as o
where ${ofLinks ? raw('(') : raw('')}o.operation <> 'refresh' or o.dropped_properties is not null${ofLinks ? raw(')') : raw('')}${stillWaits}`
}

/** What the row says of the other record: keys and ids are kept, what one is looked up by is a value. */
export function auditedTarget(dialect: Dialect, auditValues: AuditValues): Sql {
  const target = raw('o.target_key')
  if (auditValues === 'full') return target
  const shown = auditValues === 'hashed' ? dialect.digest(target) : raw('null')
  return sql`case when o.association like '%/sync:%' or o.association like '%/id:%' then ${target} else ${shown} end`
}

/** How many rows there are to record, how many of them were led to a record of another row, and how many took one over from a row that left. */
export function conflictsStatement(dialect: Dialect, spec: MergeSpec): Sql {
  return sql`select (select count(*) from ${raw(tableName(dialect, spec.plan))} where run_id = ${spec.runId}${withinRange(spec)}) as planned,
  (select count(*) from ${takenRecords(dialect, spec, spec.runId)} as t) as taken,
  (select count(*) from ${takenOver(dialect, spec, spec.runId)} as o) as taken_over`
}

/** The rows of a slice. */
const withinRange = ({ range }: MergeSpec): Sql =>
  range === undefined ? raw('') : raw(` and seq between ${range.fromSeq} and ${range.toSeq}`)

/**
 * A row was led to a record of another row, and HubSpot wrote to it before anyone could know: what that request changed is in doubt
 * for the owner, so that the next run sends it again, or clears it. The owner's other values stay as they are known. Where nobody
 * knows whether HubSpot took the request, what the owner never sent stays somebody else's.
 */
export function doubtOwnersStatement(dialect: Dialect, spec: MergeSpec): Sql {
  const { doubt } = spec
  const state = raw(tableName(dialect, spec.state))
  const mark = (index: number) => raw(`mark${index}`)
  const written = (name: string) => dialect.jsonField(raw('taken.written'), name)
  const known = (name: string) => dialect.jsonField(raw('owners.known'), name)
  const marks = spec.properties.map(
    (name, index) =>
      sql`,\n    max(case when ${written(name)} = ${doubt} and (taken.outcome = 'succeeded' or ${known(name)} <> '') then ${doubt} end) as ${mark(index)}`,
  )
  const values = spec.properties.map((name, index) => ({
    name,
    value: sql`coalesce(${mark(index)}, ${dialect.jsonField(raw('s.known'), name)})`,
  }))
  const opened = sql`(select row_id, ${dialect.openJson(raw('sent_values'), spec.properties)} as known from ${state})`
  return sql`merge into ${state} as t
using (
  select s.row_id, ${dialect.jsonObject(values)} as sent_values
  from (
    select owners.row_id${join(marks, '')}
    from (
      select owner_row_id, outcome, ${dialect.openJson(raw('doubtful_values'), spec.properties)} as written
      from ${takenRecords(dialect, spec, spec.runId)} as claims
    ) as taken
    join ${opened} as owners on owners.row_id = taken.owner_row_id
    group by owners.row_id
  ) as marked
  join ${opened} as s on s.row_id = marked.row_id
) as n
on t.row_id = n.row_id
when matched then update set sent_values = n.sent_values, fingerprint = null`
}

/** A record that this sync made stays its own when another row takes it over: the key of the row changed. */
export function inheritStatement(dialect: Dialect, spec: MergeSpec): Sql {
  const state = raw(tableName(dialect, spec.state))
  return sql`merge into ${state} as t
using (
  select n.row_id from ${state} as n
  join ${state} as b on b.record_id = n.record_id and b.row_id <> n.row_id and b.status = 'left' and b.created_here
  where n.last_run_id = ${spec.runId} and n.status <> 'left' group by n.row_id
) as heirs
on t.row_id = heirs.row_id
when matched then update set created_here = (1 = 1)`
}

/** A row that has left the model gives up the record that another row is bound to now. */
export function releaseStatement(dialect: Dialect, spec: MergeSpec): Sql {
  const state = raw(tableName(dialect, spec.state))
  const nothing = (kind: 'text' | 'boolean' | 'fingerprint') =>
    sql`cast(null as ${raw(dialect.type(kind))})`
  return sql`update ${state} set record_id = ${nothing('text')}, sent_values = ${nothing('text')}, match_value = ${nothing('text')},
  fingerprint = ${nothing('fingerprint')}, created_here = ${nothing('boolean')}
where status = 'left' and record_id in (
  select record_id from ${state} where last_run_id = ${spec.runId} and status <> 'left' and record_id is not null)`
}

/**
 * A record that was a member already, because a row of ours had added it, is ours: it goes with the last of its rows, whichever that is.
 * Before the state changes, which says who added what; answers that say more stay.
 */
export function inheritMembersStatement(dialect: Dialect, spec: MergeSpec): Sql {
  const name = (table: TableRef) => raw(tableName(dialect, table))
  return sql`merge into ${name(spec.results)} as t
using (
  select p.seq, max(o.is_ours) as is_ours
  from ${name(spec.plan)} as p
  join (
    select record_id, case when created_here then 1 else 0 end as is_ours from ${name(spec.state)}
    where record_id is not null and coalesce(created_here, 1 = 1)
    union all
    select q.record_id, 1 as is_ours from ${name(spec.plan)} as q
    join ${name(spec.results)} as r on r.run_id = q.run_id and r.seq = q.seq and r.is_created
    where q.run_id = ${spec.runId} and q.operation = 'add'
  ) as o on o.record_id = p.record_id
  where p.run_id = ${spec.runId} and p.operation = 'add'
  group by p.seq
) as n
on t.run_id = ${spec.runId} and t.seq = n.seq and t.outcome = 'succeeded' and not coalesce(t.is_created, 1 = 1)
when matched then update set is_created = case when n.is_ours = 1 then (1 = 1) else cast(null as ${raw(dialect.type('boolean'))}) end`
}

/** A member that was taken off the list is nobody's any more: not of rows either that left before, and that it stayed for. */
export function releaseMembersStatement(dialect: Dialect, spec: MergeSpec): Sql {
  const name = (table: TableRef) => raw(tableName(dialect, table))
  const nothing = (kind: 'text' | 'boolean') => sql`cast(null as ${raw(dialect.type(kind))})`
  return sql`update ${name(spec.state)} set record_id = ${nothing('text')}, created_here = ${nothing('boolean')}
where status = 'left' and record_id in (
  select p.record_id from ${name(spec.plan)} as p join ${name(spec.results)} as r on r.run_id = p.run_id and r.seq = p.seq and r.outcome = 'succeeded'
  where p.run_id = ${spec.runId} and p.operation = 'remove' and p.record_id is not null)`
}

/**
 * Removes what is not needed once a run, or a slice of it, is merged. The plan goes too, for it holds values; only operations whose
 * outcome is unknown keep their row: a later start looks them up with it.
 */
export function sweepStatements(dialect: Dialect, spec: MergeSpec): readonly Sql[] {
  const name = (table: TableRef) => raw(tableName(dialect, table))
  const within = withinRange(spec)
  return [
    sql`delete from ${name(spec.plan)} where run_id = ${spec.runId}${within} and seq not in (
  select seq from ${name(spec.results)} where run_id = ${spec.runId} and outcome = 'unknown')`,
    sql`delete from ${name(spec.results)} where run_id = ${spec.runId}${within} and outcome <> 'unknown'`,
  ]
}

/** Rows per outcome of a run, before it is merged. */
export function countStatement(dialect: Dialect, spec: MergeSpec): Sql {
  const waits =
    spec.links === undefined
      ? raw("error_category = 'NO_CONTACT_YET'")
      : raw(`association is not null and error_category in (${waitingCategories})`)
  return sql`select outcome, operation, is_return, is_created, count(*) as total from (
  select case when outcome = 'pending' and ${waits} then 'waiting' else outcome end as outcome,
    operation, is_return, coalesce(is_created, 1 = 0) as is_created
  from ${outcomesOf(dialect, spec, spec.runId)} as o
) as counted
group by outcome, operation, is_return, is_created`
}
