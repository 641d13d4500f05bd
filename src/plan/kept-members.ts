import { type Dialect, type TableRef, tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { listParts } from './diff-spec.ts'

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
const removals = (dialect: Dialect, { plan, runId }: Pick<MemberTables, 'plan' | 'runId'>): Sql =>
  sql`(select * from ${name(dialect, plan)} where run_id = ${runId} and operation = 'remove' and reason is null and fingerprint is null)`

/** Counts what `keepMembers` may concern. */
export const countMemberRemovals = (
  dialect: Dialect,
  tables: Pick<MemberTables, 'plan' | 'runId'>,
): Sql => sql`select count(*) as total from ${removals(dialect, tables)} as q`

/**
 * Records that rows of the model want on the list, each with one of those rows. Rows that have a new record want the old one no more.
 *
 * @param operations of the plan that speak for a record
 */
const wanted = (
  dialect: Dialect,
  { plan, state, runId }: MemberTables,
  operations = "'add', 'refresh'",
): Sql =>
  sql`(
    select record_id, min(row_id) as row_id from (
      select record_id, row_id from ${name(dialect, plan)} where run_id = ${runId} and operation in (${raw(operations)}) and record_id is not null
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

/** Rows whose record is on the list already, or in mode `remove` was taken off: nothing is sent. */
export const sameMembers = (
  dialect: Dialect,
  { plan, state, runId }: MemberTables,
): Sql => sql`merge into ${name(dialect, plan)} as p
using (
  select q.seq from ${name(dialect, plan)} as q
  join (
    select row_id, record_id, ${dialect.openJson(raw('sent_values'), [listParts.list])} as sent from ${name(dialect, state)} where status = 'succeeded'
  ) as s on s.row_id = q.row_id and s.record_id = q.record_id
  where q.run_id = ${runId} and q.fingerprint is not null
    and q.operation = case when nullif(${dialect.jsonField(raw('s.sent'), listParts.list)}, '') is null then 'remove' else 'add' end
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

/** Rows that have another record now (`q`, of the plan) and whose old one (`s`, of the state) is to go. */
const movers = (dialect: Dialect, tables: MemberTables, wishes: Sql): Sql =>
  sql`from ${name(dialect, tables.plan)} as q
join ${name(dialect, tables.state)} as s on s.row_id = q.row_id and s.status <> 'left' and s.record_id <> q.record_id
join ${owned(dialect, tables)} as o on o.record_id = s.record_id
left join ${wishes} as w on w.record_id = s.record_id
where q.run_id = ${tables.runId} and q.operation = 'add' and w.record_id is null`

/** Old members of rows that have another record now. */
export const movedMembers = (
  dialect: Dialect,
  tables: MemberTables,
): Sql => sql`insert into ${name(dialect, tables.plan)} (${planColumns})
select ${tables.runId}, ${nextSeq(dialect, tables, 'q.row_id')}, q.row_id, 'remove', 1 = 0, s.record_id, s.match_value,
  ${removedValues(dialect, raw('q.audit_new'))}, cast(null as ${raw(dialect.type('fingerprint'))}), q.known_status, 'moved'
${movers(dialect, tables, wanted(dialect, tables))}`

/**
 * A run of some rows takes nothing off: such rows wait, because the state knows one member of each row. What another row of the run is
 * about to add does not count as wanted yet: that row may have to wait as well.
 */
export const waitingMovers = (
  dialect: Dialect,
  tables: MemberTables,
  results: TableRef,
): Sql => sql`insert into ${name(dialect, results)} (run_id, seq, outcome, is_doubtful, error_category, error_message)
select ${tables.runId}, q.seq, 'pending', 1 = 0, 'OLD_MEMBER_STAYS', 'The record that the row was before is on the list, and a run with --limit or --row takes nothing off.'
${movers(dialect, tables, wanted(dialect, tables, "'refresh'"))}`

/** Records that members were merged into, which are on the list in their place. @param found relation of their ids by position */
export const mergedMembers = (
  dialect: Dialect,
  tables: MemberTables,
  found: TableRef,
): Sql => sql`insert into ${name(dialect, tables.plan)} (${planColumns})
select ${tables.runId}, ${nextSeq(dialect, tables, 'q.seq')}, q.row_id, 'remove', 1 = 0, x.record_id, q.match_value,
  ${removedValues(dialect, raw('q.audit_old'))}, cast(null as ${raw(dialect.type('fingerprint'))}), q.known_status, 'merged'
from ${name(dialect, tables.plan)} as q
join ${name(dialect, found)} as x on x.run_id = q.run_id and x.seq = q.seq
left join ${wanted(dialect, tables)} as w on w.record_id = x.record_id
where q.run_id = ${tables.runId} and w.record_id is null`

/** Rows that are the record now which their old member was merged into: it is on the list in its place, and stays whose it was. */
export const followedMembers = (
  dialect: Dialect,
  { plan, runId }: MemberTables,
  found: TableRef,
): Sql => sql`merge into ${name(dialect, plan)} as p
using (
  select a.seq from ${name(dialect, plan)} as a
  join ${name(dialect, plan)} as q on q.run_id = a.run_id and q.row_id = a.row_id and q.operation = 'remove'
  join ${name(dialect, found)} as x on x.run_id = q.run_id and x.seq = q.seq and x.record_id = a.record_id
  where a.run_id = ${runId} and a.operation = 'add'
) as n
on p.run_id = ${runId} and p.seq = n.seq
when matched then update set operation = 'refresh'`

/** Of an exact list: members (`m`) that no row of the model wants. @param members relation with their `record_id` */
const strange = (dialect: Dialect, tables: MemberTables, members: TableRef): Sql =>
  sql`from (select distinct record_id from ${name(dialect, members)} where run_id = ${tables.runId} and new_values is null) as m
left join ${wanted(dialect, tables)} as w on w.record_id = m.record_id
left join (
  select distinct record_id from ${name(dialect, tables.plan)} where run_id = ${tables.runId} and operation = 'remove' and record_id is not null
) as r on r.record_id = m.record_id
where w.record_id is null and r.record_id is null`

export const countStrange = (dialect: Dialect, tables: MemberTables, members: TableRef): Sql =>
  sql`select count(*) as total ${strange(dialect, tables, members)}`

/** Removes them. */
export const strangeMembers = (
  dialect: Dialect,
  tables: MemberTables,
  members: TableRef,
): Sql => sql`insert into ${name(dialect, tables.plan)} (${planColumns})
select ${tables.runId}, ${nextSeq(dialect, tables, 'm.record_id')}, cast(null as ${raw(dialect.type('text'))}), 'remove', 1 = 0, m.record_id, cast(null as ${raw(dialect.type('text'))}),
  ${removedValues(dialect, sql`cast(null as ${raw(dialect.type('text'))})`)}, cast(null as ${raw(dialect.type('fingerprint'))}), cast(null as ${raw(dialect.type('text'))}), 'not_in_model'
${strange(dialect, tables, members)}`

/** Where the rows that members are have their records: in the state of their sync, and in its run that is not merged yet. */
export interface MemberSources {
  readonly state?: TableRef
  readonly open?: { readonly plan: TableRef; readonly results: TableRef; readonly runId: string }
}

/** Rows that nothing else is planned for and whose record is another one since this run began: it was made again. */
const remade = (dialect: Dialect, tables: MemberTables, { state, open }: MemberSources): Sql => {
  const text = raw(dialect.type('text'))
  const known =
    state === undefined
      ? []
      : [
          sql`select row_id, record_id as known_id, cast(null as ${text}) as new_id from ${name(dialect, state)} where record_id is not null`,
        ]
  const made =
    open === undefined
      ? []
      : [
          sql`select q.row_id, cast(null as ${text}) as known_id, x.record_id as new_id from ${name(dialect, open.plan)} as q
    join ${name(dialect, open.results)} as x on x.run_id = q.run_id and x.seq = q.seq
    where q.run_id = ${open.runId} and q.association is null and x.outcome = 'succeeded' and x.record_id is not null`,
        ]
  return sql`from ${name(dialect, tables.state)} as s
join (
  select row_id, coalesce(max(new_id), max(known_id)) as record_id from (
    ${join([...known, ...made], '\n    union all\n    ')}
  ) as records group by row_id
) as n on n.row_id = s.match_value and n.record_id <> s.record_id
left join (select distinct row_id from ${name(dialect, tables.plan)} where run_id = ${tables.runId} and row_id is not null) as p on p.row_id = s.row_id
where s.status = 'succeeded' and s.record_id is not null and p.row_id is null`
}

export const countRemade = (dialect: Dialect, tables: MemberTables, sources: MemberSources): Sql =>
  sql`select count(*) as total ${remade(dialect, tables, sources)}`

/** Adds rows whose record was made again in this run. */
export const remadeMembers = (
  dialect: Dialect,
  tables: MemberTables,
  sources: MemberSources,
): Sql => sql`insert into ${name(dialect, tables.plan)} (${planColumns})
select ${tables.runId}, ${nextSeq(dialect, tables, 's.row_id')}, s.row_id, 'add', 1 = 0, n.record_id, s.match_value,
  s.sent_values, '["_list"]', s.sent_values, cast(null as ${raw(dialect.type('text'))}), cast(null as ${raw(dialect.type('text'))}), s.fingerprint, s.status, cast(null as ${raw(dialect.type('text'))})
${remade(dialect, tables, sources)}`

/** Of an exact list: rows (`s`, of the state) that nothing else is planned for, and whose member is not on it. */
const lost = (dialect: Dialect, tables: MemberTables, members: TableRef): Sql =>
  sql`from ${name(dialect, tables.state)} as s
left join (select distinct record_id from ${name(dialect, members)} where run_id = ${tables.runId} and new_values is null) as m on m.record_id = s.record_id
left join (select distinct row_id from ${name(dialect, tables.plan)} where run_id = ${tables.runId} and row_id is not null) as p on p.row_id = s.row_id
where s.status = 'succeeded' and s.record_id is not null and m.record_id is null and p.row_id is null`

/** Records of those rows, each once, in order. */
export const lostRecords = (
  dialect: Dialect,
  tables: MemberTables,
  members: TableRef,
  after: string,
  limit: number,
): Sql =>
  sql`select distinct s.record_id ${lost(dialect, tables, members)} and s.record_id > ${after} order by s.record_id limit ${raw(String(limit))}`

/**
 * Adds those rows: somebody removed the member, or merged it into another record, which the row is then.
 *
 * @param members also holds such records, with the id that was merged into each as `new_values`
 */
export const lostMembers = (
  dialect: Dialect,
  tables: MemberTables,
  members: TableRef,
): Sql => sql`insert into ${name(dialect, tables.plan)} (${planColumns})
select ${tables.runId}, ${nextSeq(dialect, tables, 's.row_id')}, s.row_id, case when l.record_id is null then 'add' else 'refresh' end, 1 = 0, coalesce(x.record_id, s.record_id), s.match_value,
  s.sent_values, '["_list"]', s.sent_values, cast(null as ${raw(dialect.type('text'))}), cast(null as ${raw(dialect.type('text'))}), s.fingerprint, s.status, cast(null as ${raw(dialect.type('text'))})
from (select s.* ${lost(dialect, tables, members)}) as s
left join ${name(dialect, members)} as x on x.run_id = ${tables.runId} and x.new_values = s.record_id
left join (select distinct record_id from ${name(dialect, members)} where run_id = ${tables.runId} and new_values is null) as l on l.record_id = x.record_id`
