import type { Dialect, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'
import { isMemberLeaving, removalOperations } from './transitions.ts'

/** Tables that the outcome of a run is read from. */
export interface OutcomeTables {
  readonly state: TableRef
  readonly intents: TableRef
  readonly plan: TableRef
  readonly results: TableRef
  /** The table of links; absent where the plan has none. */
  readonly links?: TableRef
  /** Only rows that have a stored result; the rest of the plan is not decided yet. */
  readonly onlySettled?: boolean
  /** No row was led to a record of another: the search for such rows is left out. */
  readonly hasNoTaken?: boolean
  /** Only these positions, both inclusive. */
  readonly range?: { readonly fromSeq: number; readonly toSeq: number }
}

/** Properties that a reason names: the JSON list without brackets and quotes. */
const listedProperties = `replace(substr(p.reason_detail, 3, length(p.reason_detail) - 4), '","', ', ')`

/** The reasons of a plan in words, for whoever reads the audit. The plan's own message holds values as `audit.values` allows. */
const reasonWords = raw(`case p.reason
      when 'missing_key' then 'The primary key is NULL or empty.'
      when 'duplicate_key' then 'The primary key occurs more than once in the model.'
      when 'missing_match_value' then 'The value that finds the record is NULL or empty.'
      when 'duplicate_match_value' then 'Row ' || p.reason_detail || ' of the model has the same match value.'
      when 'invalid_value' then p.reason_message
      when 'missing_required' then 'HubSpot makes no such record without ' || ${listedProperties} || '.'
      when 'no_record_id' then 'The record id is no whole number.'
      when 'no_domain' then 'The domain holds more than a domain, such as https:// or a path; HubSpot keeps the bare domain.'
      when 'missing_contact' then 'Nothing says whom the event is about: the value is NULL or empty.'
      when 'missing_member' then 'Nothing says which record the row is: the value is NULL or empty.'
      when 'unknown_member' then 'HubSpot has no such record: none with this ' || p.reason_detail || '.'
      when 'missing_event' then 'The name of the event is NULL or empty.'
      when 'no_email' then 'The e-mail address is none.'
      when 'unknown_contact' then 'HubSpot has no such record.'
      when 'before_start' then 'The row was there before the sync started; "start" says to leave it alone.'
      when 'record_exists' then case when p.reason_detail is null then 'HubSpot already has a record with this match value.'
        else 'HubSpot already has records with this match value: ' || p.reason_detail || '.' end
      when 'record_taken' then 'The record of this match value belongs to row ' || p.reason_detail || ': one record, one row.'
      when 'ambiguous_match' then 'HubSpot has several records with this match value: ' || p.reason_detail || '.'
      when 'unsearchable' then 'HubSpot does not search for this match value.'
      when 'match_value_held' then 'HubSpot still has this match value on the record of row ' || p.reason_detail || ', or may have it.'
      when 'no_record' then 'HubSpot has no record with this match value.'
      when 'lost_key' then 'The record stays: the primary key of the sync changed, and no single row of the model had its match value.'
      when 'not_created_here' then 'The record stays: this sync did not create it.'
      when 'held_by_sync' then 'The record stays as sync ' || p.reason_detail || ' has it, which holds it, too.'
      when 'match_value_moved' then 'The record stays for row ' || p.reason_detail || ', which has its match value now.'
      when 'wanted_by_row' then 'The member stays for row ' || p.reason_detail || ', which is the same record.'
      when 'not_added_here' then 'The member stays: this sync did not add it.'
      when 'moved' then 'The row is another record now; this one goes off the list.'
      when 'merged' then 'The record that the row was added as was merged into this one in HubSpot.'
      when 'not_in_model' then 'The list is exact, and no row of the model is this record.'
      when 'taken_over' then 'The record stays for ' || coalesce('row ' || p.reason_detail, 'another row') || ', which is bound to it.' end`)

/** The properties at fault. */
const invalidProperties = raw(
  `case when p.reason in ('invalid_value', 'missing_required') then ${listedProperties} end`,
)

/** Operations of rows that left the model: whatever becomes of them, the row has no more say about its record. */
export const departures = `'leave', ${removalOperations}`

/** Plan reasons that belong to no single row of the state. */
const keylessReasons = "'missing_key', 'duplicate_key'"

/** The same, and those of operations beside the one that says how the row stands. */
export const statelessReasons = `${keylessReasons}, 'moved', 'merged'`

const name = (dialect: Dialect, table: TableRef) => raw(tableName(dialect, table))

/** Rows that an answer, a look-up or the model gave a record which they were not bound to, and who else of this run got the same one. */
function newlyFound(dialect: Dialect, tables: OutcomeTables, runId: string): Sql {
  const { range } = tables
  const within =
    range === undefined ? raw('') : raw(` and q.seq between ${range.fromSeq} and ${range.toSeq}`)
  return sql`(
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from ${name(dialect, tables.plan)} as q
      join ${name(dialect, tables.results)} as x on x.run_id = q.run_id and x.seq = q.seq
      left join ${name(dialect, tables.state)} as s on s.row_id = q.row_id
      where q.run_id = ${runId} and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)${within}
    )`
}

/** Rows that leave the model in this run give their record up to whoever asks for it. */
function leaving(dialect: Dialect, tables: OutcomeTables, runId: string): Sql {
  return sql`(select row_id from ${name(dialect, tables.plan)} where run_id = ${runId} and operation in (${raw(departures)}) and row_id is not null)`
}

/**
 * Rows whose answer names a record that belongs to another row: in the state, or earlier in this run. Secondary
 * e-mail addresses and look-ups after a kill lead there; the two rows would overwrite each other for ever.
 */
export function takenRecords(dialect: Dialect, tables: OutcomeTables, runId: string): Sql {
  const found = newlyFound(dialect, tables, runId)
  // An owner that got another record in this run, in whichever slice, gives its own up.
  const { range: _, ...whole } = tables
  const moved = newlyFound(dialect, whole, runId)
  return sql`(
    select seq, min(owner_row_id) as owner_row_id, min(outcome) as outcome, min(doubtful_values) as doubtful_values from (
      select a.seq, b.row_id as owner_row_id, a.outcome, a.doubtful_values
      from ${found} as a
      join ${name(dialect, tables.state)} as b on b.record_id = a.record_id and b.row_id <> a.row_id and b.status <> 'left'
      where b.row_id not in ${leaving(dialect, tables, runId)} and b.row_id not in (select m.row_id from ${moved} as m)
      union all
      select c.seq, c.first_row_id as owner_row_id, c.outcome, c.doubtful_values
      from ${found} as c where c.first_row_id < c.row_id
    ) as claims
    group by seq
  )`
}

/** Records that rows of this run take over from rows that have left the model, or are leaving it. */
export function takenOver(dialect: Dialect, tables: OutcomeTables, runId: string): Sql {
  return sql`(
    select b.row_id
    from ${newlyFound(dialect, tables, runId)} as a
    join ${name(dialect, tables.state)} as b on b.record_id = a.record_id and b.row_id <> a.row_id
    where b.status = 'left' or b.row_id in ${leaving(dialect, tables, runId)}
  )`
}

/**
 * One row per row of the plan with its one recorded outcome: what HubSpot answered, what needed no answer
 * (refresh, adopt, leave, skip, reject), or `pending` where the run ended before the row was sent.
 */
export function outcomesOf(dialect: Dialect, tables: OutcomeTables, runId: string): Sql {
  const { range } = tables
  const within = (alias: string) =>
    range === undefined
      ? raw('')
      : raw(` and ${alias}.seq between ${range.fromSeq} and ${range.toSeq}`)
  const ofLinks = tables.links !== undefined
  const isTaken = raw(tables.hasNoTaken ? '1 = 0' : 'taken.seq is not null')
  const owner = raw(tables.hasNoTaken ? "''" : 'taken.owner_row_id')
  const takenJoin = tables.hasNoTaken
    ? raw('')
    : sql`  left join ${takenRecords(dialect, tables, runId)} as taken on taken.seq = p.seq\n`
  return sql`(
  select p.seq, p.row_id, p.operation, p.reason, p.reason_detail, p.fingerprint, p.new_values, p.changed_properties, p.dropped_properties, p.doubtful_values,
    p.audit_old, p.audit_new, p.is_return, p.known_status, p.match_value,${raw(ofLinks ? ' p.association, p.target_object, p.target_key, p.target_record_id, p.labels, p.labels_added, p.added_here, p.absent_at,' : '')}
    case p.operation when 'refresh' then 'succeeded' when 'adopt' then 'succeeded' when 'leave' then 'left'${raw(ofLinks ? " when 'release' then 'left'" : '')} when 'skip' then 'skipped' when 'reject' then 'rejected'
      else case when ${isTaken} and (r.outcome = 'succeeded' or p.operation = 'update') then 'rejected' else coalesce(r.outcome, 'pending') end end as outcome,
    case when ${isTaken} then p.record_id else coalesce(r.record_id, p.record_id) end as record_id,
    case when p.operation = 'adopt' then 1 = 0 else r.is_created end as is_created,
    coalesce(r.error_category in ('RECORD_GONE', 'NO_RECORD', 'RECORD_EXISTS'), 1 = 0) or coalesce(p.reason in ('record_exists', 'taken_over'), 1 = 0)
      or coalesce((p.operation = 'archive' or ${isMemberLeaving('p')}) and r.outcome = 'succeeded', 1 = 0) as is_unbound,
    coalesce(r.is_doubtful, w.seq is not null) as is_doubtful,
    coalesce(upper(p.reason), case when ${isTaken} then 'RECORD_TAKEN' end, r.error_category, case when r.seq is null and p.operation in ('create', 'update', 'upsert', 'send', 'add', 'remove', ${raw(`${removalOperations}${ofLinks ? ", 'associate', 'dissociate'" : ''}`)}) then 'NOT_SENT' end) as error_category,
    coalesce(case when ${isTaken} then 'Record ' || r.record_id || ' already belongs to row ' || ${owner} || ': one record, one row.' end,
      r.error_message, ${reasonWords}${raw(ofLinks ? ', case when p.association is not null then p.reason_message end' : '')}) as error_message,
    coalesce(r.error_property, ${invalidProperties}) as error_property,
    r.correlation_id, r.request_id
  from ${name(dialect, tables.plan)} as p
  left join (
    select * from (
      select results.*, row_number() over (partition by seq order by case outcome when 'succeeded' then 0 when 'pending' then 2 else 1 end) as choice
      from ${name(dialect, tables.results)} as results where run_id = ${runId}${within('results')}
    ) as ranked where choice = 1
  ) as r on r.seq = p.seq
  left join (
    select distinct q.seq from ${name(dialect, tables.plan)} as q
    join ${name(dialect, tables.intents)} as i on i.run_id = q.run_id and i.closed_at is null and i.operation = q.operation and q.seq between i.from_seq and i.to_seq
    where q.run_id = ${runId}${within('q')}
  ) as w on w.seq = p.seq
${takenJoin}  where p.run_id = ${runId}${within('p')}${tables.onlySettled ? raw(' and r.seq is not null') : raw('')}
)`
}
