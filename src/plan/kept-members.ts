import { type Dialect, type TableRef, tableName } from '../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'

/** What removals of members are judged by. */
export interface MemberTables {
  readonly plan: TableRef
  readonly state: TableRef
  readonly runId: string
  /** Whoever added a member: it goes. */
  readonly isExact: boolean
  /** Backhaul made the list: where an answer was lost, a member is taken for its own. */
  readonly isListMadeHere: boolean
}

const name = (dialect: Dialect, table: TableRef): Sql => raw(tableName(dialect, table))

/** Planned removals of rows that left the model. */
const removals = (dialect: Dialect, { plan, runId }: MemberTables): Sql =>
  sql`(select * from ${name(dialect, plan)} where run_id = ${runId} and operation = 'remove' and reason is null and fingerprint is null)`

/** Records that rows of the model want on the list, each with one of those rows. Rows that have a new record want the old one no more. */
const wanted = (dialect: Dialect, { plan, state, runId }: MemberTables): Sql =>
  sql`(
    select record_id, min(row_id) as row_id from (
      select record_id, row_id from ${name(dialect, plan)} where run_id = ${runId} and operation in ('add', 'refresh') and record_id is not null
      union all
      select s.record_id, s.row_id from ${name(dialect, state)} as s
      left join (
        select distinct row_id from ${name(dialect, plan)} where run_id = ${runId} and row_id is not null
          and (operation in ('remove', 'leave') or (operation in ('add', 'refresh') and record_id is not null))
      ) as d on d.row_id = s.row_id
      where s.record_id is not null and s.status <> 'left' and d.row_id is null
    ) as wishes group by record_id
  )`

/** Members that this sync may remove, by record: it added them for whatever row. */
function owned(dialect: Dialect, { state, isExact, isListMadeHere }: MemberTables): Sql {
  const isOurs = isExact
    ? raw('1')
    : raw(
        `case when created_here then 1 ${isListMadeHere ? 'when created_here is null then 1 ' : ''}else 0 end`,
      )
  return sql`(select record_id from ${name(dialect, state)} where record_id is not null group by record_id having max(${isOurs}) = 1)`
}

const asLeave = (
  dialect: Dialect,
  { plan, runId }: MemberTables,
  reason: string,
  rows: Sql,
): Sql => sql`merge into ${name(dialect, plan)} as p
using (
  ${rows}
) as n
on p.run_id = ${runId} and p.seq = n.seq
when matched then update set operation = 'leave', reason = ${reason}, reason_detail = n.detail`

/** Takes removals back out of a written plan where another row wants the member, or somebody else added it. */
export function keepMembers(dialect: Dialect, tables: MemberTables): readonly Sql[] {
  const text = raw(dialect.type('text'))
  return [
    asLeave(
      dialect,
      tables,
      'wanted_by_row',
      sql`select q.seq, w.row_id as detail from ${removals(dialect, tables)} as q
  join ${wanted(dialect, tables)} as w on w.record_id = q.record_id`,
    ),
    asLeave(
      dialect,
      tables,
      'not_added_here',
      sql`select q.seq, cast(null as ${text}) as detail from ${removals(dialect, tables)} as q
  left join ${owned(dialect, tables)} as o on o.record_id = q.record_id
  where o.record_id is null`,
    ),
  ]
}

/** Rows whose record is the one that they have on the list already: nothing is sent. */
export const sameMembers = (
  dialect: Dialect,
  { plan, state, runId }: MemberTables,
): Sql => sql`merge into ${name(dialect, plan)} as p
using (
  select q.seq from ${name(dialect, plan)} as q
  join ${name(dialect, state)} as s on s.row_id = q.row_id and s.record_id = q.record_id and s.status = 'succeeded'
  where q.run_id = ${runId} and q.operation in ('add', 'remove') and q.fingerprint is not null
) as n
on p.run_id = ${runId} and p.seq = n.seq
when matched then update set operation = 'refresh'`

const planColumns = raw(
  'run_id, seq, row_id, operation, is_return, record_id, match_value, new_values, changed_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason',
)

/** A position behind all others of the plan. */
const nextSeq = (dialect: Dialect, { plan, runId }: MemberTables, order: string): Sql =>
  sql`(select coalesce(max(seq), 0) from ${name(dialect, plan)} where run_id = ${runId}) + row_number() over (order by ${raw(order)})`

/** What the plan and the audit say of a member that is removed without its row having left. */
const removedValues = (dialect: Dialect, list: Sql): Sql => {
  const text = raw(dialect.type('text'))
  return sql`'{}', '["_list"]', '{}', ${list}, cast(null as ${text})`
}

/** Old members of rows that have another record now. */
export const movedMembers = (
  dialect: Dialect,
  tables: MemberTables,
): Sql => sql`insert into ${name(dialect, tables.plan)} (${planColumns})
select ${tables.runId}, ${nextSeq(dialect, tables, 'q.row_id')}, q.row_id, 'remove', 1 = 0, s.record_id, s.match_value,
  ${removedValues(dialect, raw('q.audit_new'))}, cast(null as ${raw(dialect.type('fingerprint'))}), q.known_status, 'moved'
from ${name(dialect, tables.plan)} as q
join ${name(dialect, tables.state)} as s on s.row_id = q.row_id and s.status <> 'left' and s.record_id <> q.record_id
join ${owned(dialect, tables)} as o on o.record_id = s.record_id
left join ${wanted(dialect, tables)} as w on w.record_id = s.record_id
where q.run_id = ${tables.runId} and q.operation = 'add' and w.record_id is null`

/** Of an exact list: members that no row of the model wants. @param members relation with their `record_id` */
export const strangeMembers = (
  dialect: Dialect,
  tables: MemberTables,
  members: TableRef,
): Sql => sql`insert into ${name(dialect, tables.plan)} (${planColumns})
select ${tables.runId}, ${nextSeq(dialect, tables, 'm.record_id')}, cast(null as ${raw(dialect.type('text'))}), 'remove', 1 = 0, m.record_id, cast(null as ${raw(dialect.type('text'))}),
  ${removedValues(dialect, sql`cast(null as ${raw(dialect.type('text'))})`)}, cast(null as ${raw(dialect.type('fingerprint'))}), cast(null as ${raw(dialect.type('text'))}), 'not_in_model'
from (select distinct record_id from ${name(dialect, members)} where run_id = ${tables.runId}) as m
left join ${wanted(dialect, tables)} as w on w.record_id = m.record_id
left join (
  select distinct record_id from ${name(dialect, tables.plan)} where run_id = ${tables.runId} and operation = 'remove' and record_id is not null
) as r on r.record_id = m.record_id
where w.record_id is null and r.record_id is null`

/** Of an exact list: rows whose member somebody removed. */
export const lostMembers = (
  dialect: Dialect,
  tables: MemberTables,
  members: TableRef,
): Sql => sql`insert into ${name(dialect, tables.plan)} (${planColumns})
select ${tables.runId}, ${nextSeq(dialect, tables, 's.row_id')}, s.row_id, 'add', 1 = 0, s.record_id, s.match_value,
  s.sent_values, '["_list"]', s.sent_values, cast(null as ${raw(dialect.type('text'))}), cast(null as ${raw(dialect.type('text'))}), s.fingerprint, s.status, cast(null as ${raw(dialect.type('text'))})
from ${name(dialect, tables.state)} as s
left join (select distinct record_id from ${name(dialect, members)} where run_id = ${tables.runId}) as m on m.record_id = s.record_id
left join (select distinct row_id from ${name(dialect, tables.plan)} where run_id = ${tables.runId} and row_id is not null) as p on p.row_id = s.row_id
where s.status = 'succeeded' and s.record_id is not null and m.record_id is null and p.row_id is null`
