merge into "marts_backhaul"."plan__contacts" as t
using (
  select p.seq, max(coalesce(own.record_id, p.record_id)) as record_id, coalesce(max(other.new_id), max(other.known_id), max(p.target_record_id)) as target_record_id, max(own.is_new) as is_new
  from "marts_backhaul"."plan__contacts" as p
  left join (
    select q.row_id, x.record_id, case when x.is_created then 1 else 0 end as is_new
    from "marts_backhaul"."plan__contacts" as q join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
    where q.run_id = ? and q.association is null and x.outcome = 'succeeded' and x.record_id is not null
      and x.seq not in (select seq from (
    select seq, min(owner_row_id) as owner_row_id, min(outcome) as outcome, min(doubtful_values) as doubtful_values from (
      select a.seq, b.row_id as owner_row_id, a.outcome, a.doubtful_values
      from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as a
      join "marts_backhaul"."state__contacts" as b on b.record_id = a.record_id and b.row_id <> a.row_id and b.status <> 'left'
      where b.row_id not in (select row_id from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('leave', 'clear', 'archive') and row_id is not null) and b.row_id not in (select m.row_id from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as m)
      union all
      select c.seq, c.first_row_id as owner_row_id, c.outcome, c.doubtful_values
      from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as c where c.first_row_id < c.row_id
    ) as claims
    group by seq
  ) as taken)
  ) as own on own.row_id = p.row_id
  left join (
    select ? as association, row_id, record_id as known_id, cast(null as varchar) as new_id from "marts_backhaul"."state__vips" where record_id is not null
    union all
    select ? as association, row_id, record_id as known_id, cast(null as varchar) as new_id from "marts_backhaul"."state__contacts" where record_id is not null
    union all
    select ? as association, q.row_id, cast(null as varchar) as known_id, x.record_id as new_id
    from "marts_backhaul"."plan__contacts" as q join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
    where q.run_id = ? and q.association is null and x.outcome = 'succeeded' and x.record_id is not null
  ) as other on other.association = p.association and other.row_id = p.target_key
  where p.run_id = ? and p.operation = 'associate'
  group by p.seq
) as n
on t.run_id = ? and t.seq = n.seq
when matched then update set record_id = n.record_id, target_record_id = n.target_record_id,
  reason = case when n.target_record_id is null then t.reason end, reason_message = case when n.target_record_id is null then t.reason_message end,
  absent_at = case when n.is_new = 1 then current_timestamp() else t.absent_at end;
-- ["run-1","run-1","run-1","run-1","run-1","companies/sync:vips","contacts/sync:contacts","contacts/sync:contacts","run-1","run-1","run-1"]

select outcome, operation, is_return, is_created, count(*) as total from (
  select case when outcome = 'pending' and association is not null and error_category in ('NO_TARGET_YET', 'NO_RECORD_YET', 'TARGET_NOT_FOUND', 'TARGET_MISSING', 'RECORD_GONE') then 'waiting' else outcome end as outcome,
    operation, is_return, coalesce(is_created, 1 = 0) as is_created
  from (
  select p.seq, p.row_id, p.operation, p.reason, p.reason_detail, p.fingerprint, p.new_values, p.changed_properties, p.dropped_properties, p.doubtful_values,
    p.audit_old, p.audit_new, p.is_return, p.known_status, p.match_value, p.association, p.target_object, p.target_key, p.target_record_id, p.labels, p.labels_added, p.added_here, p.absent_at,
    case p.operation when 'refresh' then 'succeeded' when 'adopt' then 'succeeded' when 'leave' then 'left' when 'release' then 'left' when 'skip' then 'skipped' when 'reject' then 'rejected'
      else case when taken.seq is not null and (r.outcome = 'succeeded' or p.operation = 'update') then 'rejected' else coalesce(r.outcome, 'pending') end end as outcome,
    case when taken.seq is not null then p.record_id else coalesce(r.record_id, p.record_id) end as record_id,
    case when p.operation = 'adopt' then 1 = 0 else r.is_created end as is_created,
    coalesce(r.error_category in ('RECORD_GONE', 'NO_RECORD', 'RECORD_EXISTS'), 1 = 0) or coalesce(p.reason in ('record_exists', 'taken_over'), 1 = 0)
      or coalesce((p.operation = 'archive' or (p.operation = 'remove' and p.fingerprint is null)) and r.outcome = 'succeeded', 1 = 0) as is_unbound,
    coalesce(r.is_doubtful, w.seq is not null) as is_doubtful,
    coalesce(upper(p.reason), case when taken.seq is not null then 'RECORD_TAKEN' end, r.error_category, case when r.seq is null and p.operation in ('create', 'update', 'upsert', 'send', 'add', 'remove', 'clear', 'archive', 'associate', 'dissociate') then 'NOT_SENT' end) as error_category,
    coalesce(case when taken.seq is not null then 'Record ' || r.record_id || ' already belongs to row ' || taken.owner_row_id || ': one record, one row.' end,
      r.error_message, case p.reason
      when 'missing_key' then 'The primary key is NULL or empty.'
      when 'duplicate_key' then 'The primary key occurs more than once in the model.'
      when 'missing_match_value' then 'The value that finds the record is NULL or empty.'
      when 'duplicate_match_value' then 'Row ' || p.reason_detail || ' of the model has the same match value.'
      when 'invalid_value' then p.reason_message
      when 'missing_required' then 'HubSpot makes no such record without ' || replace(substr(p.reason_detail, 3, length(p.reason_detail) - 4), '","', ', ') || '.'
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
      when 'taken_over' then 'The record stays for ' || coalesce('row ' || p.reason_detail, 'another row') || ', which is bound to it.' end, case when p.association is not null then p.reason_message end) as error_message,
    coalesce(r.error_property, case when p.reason in ('invalid_value', 'missing_required') then replace(substr(p.reason_detail, 3, length(p.reason_detail) - 4), '","', ', ') end) as error_property,
    r.correlation_id, r.request_id
  from "marts_backhaul"."plan__contacts" as p
  left join (
    select * from (
      select results.*, row_number() over (partition by seq order by case outcome when 'succeeded' then 0 when 'pending' then 2 else 1 end) as choice
      from "marts_backhaul"."results__contacts" as results where run_id = ?
    ) as ranked where choice = 1
  ) as r on r.seq = p.seq
  left join (
    select distinct q.seq from "marts_backhaul"."plan__contacts" as q
    join "marts_backhaul"."intents" as i on i.run_id = q.run_id and i.closed_at is null and i.operation = q.operation and q.seq between i.from_seq and i.to_seq
    where q.run_id = ?
  ) as w on w.seq = p.seq
  left join (
    select seq, min(owner_row_id) as owner_row_id, min(outcome) as outcome, min(doubtful_values) as doubtful_values from (
      select a.seq, b.row_id as owner_row_id, a.outcome, a.doubtful_values
      from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as a
      join "marts_backhaul"."state__contacts" as b on b.record_id = a.record_id and b.row_id <> a.row_id and b.status <> 'left'
      where b.row_id not in (select row_id from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('leave', 'clear', 'archive') and row_id is not null) and b.row_id not in (select m.row_id from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as m)
      union all
      select c.seq, c.first_row_id as owner_row_id, c.outcome, c.doubtful_values
      from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as c where c.first_row_id < c.row_id
    ) as claims
    group by seq
  ) as taken on taken.seq = p.seq
  where p.run_id = ?
) as o
) as counted
group by outcome, operation, is_return, is_created;
-- ["run-1","run-1","run-1","run-1","run-1","run-1","run-1"]

merge into "marts_backhaul"."state__contacts" as t
using (
  select o.row_id as row_id, case when o.is_unbound then cast(null as varchar)
      when o.outcome = 'rejected' or (o.operation in ('add', 'remove') and not (o.outcome = 'succeeded' or o.is_doubtful)) then s.record_id else coalesce(o.record_id, s.record_id) end as record_id, case when (o.outcome = 'rejected' and o.reason is null) and (case when (o.outcome = 'rejected' and o.reason is null) then case when ((s.tried_fingerprint is not null and s.tried_fingerprint = o.fingerprint)
      or ((o.operation in ('clear', 'archive') or (o.operation = 'remove' and o.fingerprint is null)) and s.status = 'rejected' and s.tried_fingerprint is null)) then coalesce(s.attempts, 0) + 1 else 1 end
      when o.outcome = 'pending' then coalesce(s.attempts, 0) else 0 end >= ? or o.error_category = 'RECORD_TAKEN') then 'parked'
      when (o.outcome = 'rejected' and o.reason in ('ambiguous_match', 'record_taken')) then 'parked'
      when (o.operation in ('clear', 'archive') or (o.operation = 'remove' and o.fingerprint is null)) and o.outcome in ('succeeded', 'skipped') then 'left' else o.outcome end as status, case when o.outcome = 'succeeded' or o.outcome = 'skipped' then o.fingerprint else s.fingerprint end as fingerprint, case when o.outcome = 'rejected' or o.outcome = 'unknown' then o.fingerprint when o.outcome = 'pending' then s.tried_fingerprint else cast(null as number(19, 0)) end as tried_fingerprint, case when o.operation = 'refresh' and o.changed_properties <> '[]' then s.sent_values
      when o.is_unbound then cast(null as varchar) when o.outcome = 'succeeded' then o.new_values
      when o.operation = 'send' and (o.is_doubtful or o.error_category not in ('NOT_SENT', 'NO_CONTACT_YET', 'UNKNOWN_CONTACT')) then o.doubtful_values
      when (o.outcome = 'pending' or o.outcome = 'rejected') and o.is_doubtful then o.doubtful_values else s.sent_values end as sent_values, case when o.is_unbound then cast(null as varchar) when o.outcome = 'succeeded' or o.reason = 'before_start' then o.match_value
      when o.outcome = 'pending' and o.record_id is not null and (s.record_id is null or s.record_id <> o.record_id) then o.match_value else s.match_value end as match_value, case when (o.operation in ('add', 'remove') and not (o.outcome = 'succeeded' or o.is_doubtful)) then s.created_here when o.is_unbound and o.operation in ('add', 'remove') then cast(null as boolean)
      when o.operation = 'add' and o.outcome = 'succeeded' and o.is_created then (1 = 1)
      when o.operation = 'remove' and o.fingerprint is not null and o.outcome = 'succeeded' then (1 = 0)
      when o.outcome = 'succeeded' and o.record_id is not null and (s.record_id is null or s.record_id <> o.record_id) then o.is_created
      when o.record_id is not null and s.record_id is not null and s.record_id <> o.record_id then cast(null as boolean) else s.created_here end as created_here, case when (o.outcome = 'rejected' and o.reason is null) then case when ((s.tried_fingerprint is not null and s.tried_fingerprint = o.fingerprint)
      or ((o.operation in ('clear', 'archive') or (o.operation = 'remove' and o.fingerprint is null)) and s.status = 'rejected' and s.tried_fingerprint is null)) then coalesce(s.attempts, 0) + 1 else 1 end
      when o.outcome = 'pending' then coalesce(s.attempts, 0) else 0 end as attempts, case when (o.outcome = 'rejected' and o.reason in ('ambiguous_match', 'record_taken')) then dateadd('second', 86400, current_timestamp()) else cast(null as timestamp_ltz) end as next_attempt_at, o.error_category as error_category, o.error_message as error_message, coalesce(s.first_run_id, ?) as first_run_id, ? as last_run_id, coalesce(s.first_synced_at, case when o.outcome = 'succeeded' and o.operation <> 'adopt' then current_timestamp() else cast(null as timestamp_ltz) end) as first_synced_at, case when o.outcome = 'succeeded' and o.operation <> 'adopt' then current_timestamp() else s.last_synced_at end as last_synced_at, current_timestamp() as updated_at
  from (
  select p.seq, p.row_id, p.operation, p.reason, p.reason_detail, p.fingerprint, p.new_values, p.changed_properties, p.dropped_properties, p.doubtful_values,
    p.audit_old, p.audit_new, p.is_return, p.known_status, p.match_value, p.association, p.target_object, p.target_key, p.target_record_id, p.labels, p.labels_added, p.added_here, p.absent_at,
    case p.operation when 'refresh' then 'succeeded' when 'adopt' then 'succeeded' when 'leave' then 'left' when 'release' then 'left' when 'skip' then 'skipped' when 'reject' then 'rejected'
      else case when taken.seq is not null and (r.outcome = 'succeeded' or p.operation = 'update') then 'rejected' else coalesce(r.outcome, 'pending') end end as outcome,
    case when taken.seq is not null then p.record_id else coalesce(r.record_id, p.record_id) end as record_id,
    case when p.operation = 'adopt' then 1 = 0 else r.is_created end as is_created,
    coalesce(r.error_category in ('RECORD_GONE', 'NO_RECORD', 'RECORD_EXISTS'), 1 = 0) or coalesce(p.reason in ('record_exists', 'taken_over'), 1 = 0)
      or coalesce((p.operation = 'archive' or (p.operation = 'remove' and p.fingerprint is null)) and r.outcome = 'succeeded', 1 = 0) as is_unbound,
    coalesce(r.is_doubtful, w.seq is not null) as is_doubtful,
    coalesce(upper(p.reason), case when taken.seq is not null then 'RECORD_TAKEN' end, r.error_category, case when r.seq is null and p.operation in ('create', 'update', 'upsert', 'send', 'add', 'remove', 'clear', 'archive', 'associate', 'dissociate') then 'NOT_SENT' end) as error_category,
    coalesce(case when taken.seq is not null then 'Record ' || r.record_id || ' already belongs to row ' || taken.owner_row_id || ': one record, one row.' end,
      r.error_message, case p.reason
      when 'missing_key' then 'The primary key is NULL or empty.'
      when 'duplicate_key' then 'The primary key occurs more than once in the model.'
      when 'missing_match_value' then 'The value that finds the record is NULL or empty.'
      when 'duplicate_match_value' then 'Row ' || p.reason_detail || ' of the model has the same match value.'
      when 'invalid_value' then p.reason_message
      when 'missing_required' then 'HubSpot makes no such record without ' || replace(substr(p.reason_detail, 3, length(p.reason_detail) - 4), '","', ', ') || '.'
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
      when 'taken_over' then 'The record stays for ' || coalesce('row ' || p.reason_detail, 'another row') || ', which is bound to it.' end, case when p.association is not null then p.reason_message end) as error_message,
    coalesce(r.error_property, case when p.reason in ('invalid_value', 'missing_required') then replace(substr(p.reason_detail, 3, length(p.reason_detail) - 4), '","', ', ') end) as error_property,
    r.correlation_id, r.request_id
  from "marts_backhaul"."plan__contacts" as p
  left join (
    select * from (
      select results.*, row_number() over (partition by seq order by case outcome when 'succeeded' then 0 when 'pending' then 2 else 1 end) as choice
      from "marts_backhaul"."results__contacts" as results where run_id = ?
    ) as ranked where choice = 1
  ) as r on r.seq = p.seq
  left join (
    select distinct q.seq from "marts_backhaul"."plan__contacts" as q
    join "marts_backhaul"."intents" as i on i.run_id = q.run_id and i.closed_at is null and i.operation = q.operation and q.seq between i.from_seq and i.to_seq
    where q.run_id = ?
  ) as w on w.seq = p.seq
  left join (
    select seq, min(owner_row_id) as owner_row_id, min(outcome) as outcome, min(doubtful_values) as doubtful_values from (
      select a.seq, b.row_id as owner_row_id, a.outcome, a.doubtful_values
      from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as a
      join "marts_backhaul"."state__contacts" as b on b.record_id = a.record_id and b.row_id <> a.row_id and b.status <> 'left'
      where b.row_id not in (select row_id from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('leave', 'clear', 'archive') and row_id is not null) and b.row_id not in (select m.row_id from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as m)
      union all
      select c.seq, c.first_row_id as owner_row_id, c.outcome, c.doubtful_values
      from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as c where c.first_row_id < c.row_id
    ) as claims
    group by seq
  ) as taken on taken.seq = p.seq
  where p.run_id = ?
) as o
  left join "marts_backhaul"."state__contacts" as s on s.row_id = o.row_id
  where o.row_id is not null and (o.reason is null or o.reason not in ('missing_key', 'duplicate_key', 'moved', 'merged')) and o.association is null
) as n
on t.row_id = n.row_id
when matched then update set row_id = n.row_id,
  record_id = n.record_id,
  status = n.status,
  fingerprint = n.fingerprint,
  tried_fingerprint = n.tried_fingerprint,
  sent_values = n.sent_values,
  match_value = n.match_value,
  created_here = n.created_here,
  attempts = n.attempts,
  next_attempt_at = n.next_attempt_at,
  error_category = n.error_category,
  error_message = n.error_message,
  first_run_id = n.first_run_id,
  last_run_id = n.last_run_id,
  first_synced_at = n.first_synced_at,
  last_synced_at = n.last_synced_at,
  updated_at = n.updated_at
when not matched then insert (row_id, record_id, status, fingerprint, tried_fingerprint, sent_values, match_value, created_here, attempts, next_attempt_at, error_category, error_message, first_run_id, last_run_id, first_synced_at, last_synced_at, updated_at) values (n.row_id, n.record_id, n.status, n.fingerprint, n.tried_fingerprint, n.sent_values, n.match_value, n.created_here, n.attempts, n.next_attempt_at, n.error_category, n.error_message, n.first_run_id, n.last_run_id, n.first_synced_at, n.last_synced_at, n.updated_at);
-- [3,"run-1","run-1","run-1","run-1","run-1","run-1","run-1","run-1","run-1"]

merge into "marts_backhaul"."links__contacts" as t
using (
  select o.row_id as row_id, o.association as association, coalesce(o.target_object, l.target_object) as target_object, o.target_key as target_key, case when (o.operation = 'associate' and (o.outcome = 'succeeded' or o.is_doubtful)) then o.record_id else l.record_id end as record_id, case when o.operation = 'associate' then coalesce(o.target_record_id, l.target_record_id) else l.target_record_id end as target_record_id, case when (o.operation = 'dissociate' and o.outcome = 'succeeded') then cast(null as varchar) when (o.operation = 'associate' and (o.outcome = 'succeeded' or o.is_doubtful)) and o.outcome = 'succeeded' then o.labels
      when (o.operation = 'associate' and (o.outcome = 'succeeded' or o.is_doubtful)) then case when coalesce(l.labels, '[]') = '[]' then o.labels when o.labels = '[]' then l.labels else replace(l.labels || o.labels, '][', ',') end
      else l.labels end as labels, case when (o.operation = 'dissociate' and o.outcome = 'succeeded') then cast(null as varchar) when (o.operation = 'associate' and (o.outcome = 'succeeded' or o.is_doubtful)) and o.outcome = 'succeeded' then coalesce(o.labels_added, '[]')
      when (o.operation = 'associate' and (o.outcome = 'succeeded' or o.is_doubtful)) then case when coalesce(l.labels_added, '[]') = '[]' then coalesce(o.labels_added, '[]') when coalesce(o.labels_added, '[]') = '[]' then l.labels_added
        else replace(l.labels_added || o.labels_added, '][', ',') end
      else l.labels_added end as labels_added, case when (o.operation = 'associate' and (o.outcome = 'succeeded' or o.is_doubtful)) and (o.absent_at is not null or o.added_here or m.record_id is not null) then 1 = 1
      when (o.operation = 'associate' and (o.outcome = 'succeeded' or o.is_doubtful)) and (l.labels is null or l.record_id <> o.record_id or l.target_record_id <> o.target_record_id) then cast(null as boolean) else l.added_here end as added_here, case when (o.operation = 'dissociate' and o.outcome = 'succeeded') or o.operation = 'release' then 'left'
      when (o.outcome = 'rejected' and o.error_category <> 'AMBIGUOUS_TARGET') and case when (o.outcome = 'rejected' and o.error_category <> 'AMBIGUOUS_TARGET') then case when l.status = 'rejected' then coalesce(l.attempts, 0) + 1 else 1 end else 0 end >= ? then 'parked' else o.outcome end as status, case when (o.outcome = 'rejected' and o.error_category <> 'AMBIGUOUS_TARGET') then case when l.status = 'rejected' then coalesce(l.attempts, 0) + 1 else 1 end else 0 end as attempts, case when o.error_category in ('TARGET_NOT_FOUND', 'TARGET_MISSING', 'AMBIGUOUS_TARGET', 'RECORD_GONE') then dateadd('second', 86400, current_timestamp()) else cast(null as timestamp_ltz) end as next_attempt_at, o.error_category as error_category, o.error_message as error_message, coalesce(l.first_run_id, ?) as first_run_id, ? as last_run_id, case when o.operation = 'associate' and o.outcome = 'succeeded' then current_timestamp() else l.last_synced_at end as last_synced_at, current_timestamp() as updated_at
  from (
  select p.seq, p.row_id, p.operation, p.reason, p.reason_detail, p.fingerprint, p.new_values, p.changed_properties, p.dropped_properties, p.doubtful_values,
    p.audit_old, p.audit_new, p.is_return, p.known_status, p.match_value, p.association, p.target_object, p.target_key, p.target_record_id, p.labels, p.labels_added, p.added_here, p.absent_at,
    case p.operation when 'refresh' then 'succeeded' when 'adopt' then 'succeeded' when 'leave' then 'left' when 'release' then 'left' when 'skip' then 'skipped' when 'reject' then 'rejected'
      else case when taken.seq is not null and (r.outcome = 'succeeded' or p.operation = 'update') then 'rejected' else coalesce(r.outcome, 'pending') end end as outcome,
    case when taken.seq is not null then p.record_id else coalesce(r.record_id, p.record_id) end as record_id,
    case when p.operation = 'adopt' then 1 = 0 else r.is_created end as is_created,
    coalesce(r.error_category in ('RECORD_GONE', 'NO_RECORD', 'RECORD_EXISTS'), 1 = 0) or coalesce(p.reason in ('record_exists', 'taken_over'), 1 = 0)
      or coalesce((p.operation = 'archive' or (p.operation = 'remove' and p.fingerprint is null)) and r.outcome = 'succeeded', 1 = 0) as is_unbound,
    coalesce(r.is_doubtful, w.seq is not null) as is_doubtful,
    coalesce(upper(p.reason), case when taken.seq is not null then 'RECORD_TAKEN' end, r.error_category, case when r.seq is null and p.operation in ('create', 'update', 'upsert', 'send', 'add', 'remove', 'clear', 'archive', 'associate', 'dissociate') then 'NOT_SENT' end) as error_category,
    coalesce(case when taken.seq is not null then 'Record ' || r.record_id || ' already belongs to row ' || taken.owner_row_id || ': one record, one row.' end,
      r.error_message, case p.reason
      when 'missing_key' then 'The primary key is NULL or empty.'
      when 'duplicate_key' then 'The primary key occurs more than once in the model.'
      when 'missing_match_value' then 'The value that finds the record is NULL or empty.'
      when 'duplicate_match_value' then 'Row ' || p.reason_detail || ' of the model has the same match value.'
      when 'invalid_value' then p.reason_message
      when 'missing_required' then 'HubSpot makes no such record without ' || replace(substr(p.reason_detail, 3, length(p.reason_detail) - 4), '","', ', ') || '.'
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
      when 'taken_over' then 'The record stays for ' || coalesce('row ' || p.reason_detail, 'another row') || ', which is bound to it.' end, case when p.association is not null then p.reason_message end) as error_message,
    coalesce(r.error_property, case when p.reason in ('invalid_value', 'missing_required') then replace(substr(p.reason_detail, 3, length(p.reason_detail) - 4), '","', ', ') end) as error_property,
    r.correlation_id, r.request_id
  from "marts_backhaul"."plan__contacts" as p
  left join (
    select * from (
      select results.*, row_number() over (partition by seq order by case outcome when 'succeeded' then 0 when 'pending' then 2 else 1 end) as choice
      from "marts_backhaul"."results__contacts" as results where run_id = ?
    ) as ranked where choice = 1
  ) as r on r.seq = p.seq
  left join (
    select distinct q.seq from "marts_backhaul"."plan__contacts" as q
    join "marts_backhaul"."intents" as i on i.run_id = q.run_id and i.closed_at is null and i.operation = q.operation and q.seq between i.from_seq and i.to_seq
    where q.run_id = ?
  ) as w on w.seq = p.seq
  left join (
    select seq, min(owner_row_id) as owner_row_id, min(outcome) as outcome, min(doubtful_values) as doubtful_values from (
      select a.seq, b.row_id as owner_row_id, a.outcome, a.doubtful_values
      from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as a
      join "marts_backhaul"."state__contacts" as b on b.record_id = a.record_id and b.row_id <> a.row_id and b.status <> 'left'
      where b.row_id not in (select row_id from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('leave', 'clear', 'archive') and row_id is not null) and b.row_id not in (select m.row_id from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as m)
      union all
      select c.seq, c.first_row_id as owner_row_id, c.outcome, c.doubtful_values
      from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as c where c.first_row_id < c.row_id
    ) as claims
    group by seq
  ) as taken on taken.seq = p.seq
  where p.run_id = ?
) as o
  left join "marts_backhaul"."links__contacts" as l on l.row_id = o.row_id and l.association = o.association and l.target_key = o.target_key
  left join (
    select record_id, target_record_id, target_object from "marts_backhaul"."links__contacts" where added_here and labels is not null group by record_id, target_record_id, target_object
  ) as m on m.record_id = o.record_id and m.target_record_id = o.target_record_id and m.target_object = o.target_object
  where o.association is not null
) as n
on t.row_id = n.row_id and t.association = n.association and t.target_key = n.target_key
when matched then update set row_id = n.row_id,
  association = n.association,
  target_object = n.target_object,
  target_key = n.target_key,
  record_id = n.record_id,
  target_record_id = n.target_record_id,
  labels = n.labels,
  labels_added = n.labels_added,
  added_here = n.added_here,
  status = n.status,
  attempts = n.attempts,
  next_attempt_at = n.next_attempt_at,
  error_category = n.error_category,
  error_message = n.error_message,
  first_run_id = n.first_run_id,
  last_run_id = n.last_run_id,
  last_synced_at = n.last_synced_at,
  updated_at = n.updated_at
when not matched then insert (row_id, association, target_object, target_key, record_id, target_record_id, labels, labels_added, added_here, status, attempts, next_attempt_at, error_category, error_message, first_run_id, last_run_id, last_synced_at, updated_at) values (n.row_id, n.association, n.target_object, n.target_key, n.record_id, n.target_record_id, n.labels, n.labels_added, n.added_here, n.status, n.attempts, n.next_attempt_at, n.error_category, n.error_message, n.first_run_id, n.last_run_id, n.last_synced_at, n.updated_at);
-- [3,"run-1","run-1","run-1","run-1","run-1","run-1","run-1","run-1","run-1"]

insert into "marts_backhaul"."changes" (run_id, sync_name, seq, row_id, record_id, operation, outcome, is_created,
  changed_properties, dropped_properties, old_values, new_values, error_category, error_message, error_property, correlation_id, request_id, recorded_at, association, target_key, target_record_id, labels)
select ?, ?, o.seq, o.row_id, o.record_id, o.operation, o.outcome, o.is_created,
  case when o.operation in ('create', 'update', 'upsert', 'send', 'clear', 'add', 'remove') or o.operation = 'adopt' then o.changed_properties end, o.dropped_properties, case when o.operation in ('create', 'update', 'upsert', 'send', 'clear', 'add', 'remove') or o.operation = 'archive' or o.operation in ('associate', 'dissociate') then o.audit_old end, case when o.operation in ('create', 'update', 'upsert', 'send', 'clear', 'add', 'remove') then coalesce(o.audit_new, o.new_values) when o.operation = 'adopt' then o.new_values end,
  o.error_category, o.error_message, o.error_property, o.correlation_id, o.request_id, current_timestamp(), o.association, o.target_key, o.target_record_id, case when o.operation <> 'release' then o.labels end
from (
  select p.seq, p.row_id, p.operation, p.reason, p.reason_detail, p.fingerprint, p.new_values, p.changed_properties, p.dropped_properties, p.doubtful_values,
    p.audit_old, p.audit_new, p.is_return, p.known_status, p.match_value, p.association, p.target_object, p.target_key, p.target_record_id, p.labels, p.labels_added, p.added_here, p.absent_at,
    case p.operation when 'refresh' then 'succeeded' when 'adopt' then 'succeeded' when 'leave' then 'left' when 'release' then 'left' when 'skip' then 'skipped' when 'reject' then 'rejected'
      else case when taken.seq is not null and (r.outcome = 'succeeded' or p.operation = 'update') then 'rejected' else coalesce(r.outcome, 'pending') end end as outcome,
    case when taken.seq is not null then p.record_id else coalesce(r.record_id, p.record_id) end as record_id,
    case when p.operation = 'adopt' then 1 = 0 else r.is_created end as is_created,
    coalesce(r.error_category in ('RECORD_GONE', 'NO_RECORD', 'RECORD_EXISTS'), 1 = 0) or coalesce(p.reason in ('record_exists', 'taken_over'), 1 = 0)
      or coalesce((p.operation = 'archive' or (p.operation = 'remove' and p.fingerprint is null)) and r.outcome = 'succeeded', 1 = 0) as is_unbound,
    coalesce(r.is_doubtful, w.seq is not null) as is_doubtful,
    coalesce(upper(p.reason), case when taken.seq is not null then 'RECORD_TAKEN' end, r.error_category, case when r.seq is null and p.operation in ('create', 'update', 'upsert', 'send', 'add', 'remove', 'clear', 'archive', 'associate', 'dissociate') then 'NOT_SENT' end) as error_category,
    coalesce(case when taken.seq is not null then 'Record ' || r.record_id || ' already belongs to row ' || taken.owner_row_id || ': one record, one row.' end,
      r.error_message, case p.reason
      when 'missing_key' then 'The primary key is NULL or empty.'
      when 'duplicate_key' then 'The primary key occurs more than once in the model.'
      when 'missing_match_value' then 'The value that finds the record is NULL or empty.'
      when 'duplicate_match_value' then 'Row ' || p.reason_detail || ' of the model has the same match value.'
      when 'invalid_value' then p.reason_message
      when 'missing_required' then 'HubSpot makes no such record without ' || replace(substr(p.reason_detail, 3, length(p.reason_detail) - 4), '","', ', ') || '.'
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
      when 'taken_over' then 'The record stays for ' || coalesce('row ' || p.reason_detail, 'another row') || ', which is bound to it.' end, case when p.association is not null then p.reason_message end) as error_message,
    coalesce(r.error_property, case when p.reason in ('invalid_value', 'missing_required') then replace(substr(p.reason_detail, 3, length(p.reason_detail) - 4), '","', ', ') end) as error_property,
    r.correlation_id, r.request_id
  from "marts_backhaul"."plan__contacts" as p
  left join (
    select * from (
      select results.*, row_number() over (partition by seq order by case outcome when 'succeeded' then 0 when 'pending' then 2 else 1 end) as choice
      from "marts_backhaul"."results__contacts" as results where run_id = ?
    ) as ranked where choice = 1
  ) as r on r.seq = p.seq
  left join (
    select distinct q.seq from "marts_backhaul"."plan__contacts" as q
    join "marts_backhaul"."intents" as i on i.run_id = q.run_id and i.closed_at is null and i.operation = q.operation and q.seq between i.from_seq and i.to_seq
    where q.run_id = ?
  ) as w on w.seq = p.seq
  left join (
    select seq, min(owner_row_id) as owner_row_id, min(outcome) as outcome, min(doubtful_values) as doubtful_values from (
      select a.seq, b.row_id as owner_row_id, a.outcome, a.doubtful_values
      from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as a
      join "marts_backhaul"."state__contacts" as b on b.record_id = a.record_id and b.row_id <> a.row_id and b.status <> 'left'
      where b.row_id not in (select row_id from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('leave', 'clear', 'archive') and row_id is not null) and b.row_id not in (select m.row_id from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as m)
      union all
      select c.seq, c.first_row_id as owner_row_id, c.outcome, c.doubtful_values
      from (
      select q.seq, q.row_id, x.record_id, x.outcome, q.doubtful_values, min(q.row_id) over (partition by x.record_id) as first_row_id
      from "marts_backhaul"."plan__contacts" as q
      join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
      left join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      where q.run_id = ? and x.outcome in ('succeeded', 'pending') and x.record_id is not null
        and (s.record_id is null or s.record_id <> x.record_id)
    ) as c where c.first_row_id < c.row_id
    ) as claims
    group by seq
  ) as taken on taken.seq = p.seq
  where p.run_id = ?
) as o
where (o.operation <> 'refresh' or o.dropped_properties is not null)
  and not coalesce(o.association is not null and o.outcome = 'pending' and o.known_status = 'pending' and o.error_category in ('NO_TARGET_YET', 'NO_RECORD_YET', 'TARGET_NOT_FOUND', 'TARGET_MISSING', 'RECORD_GONE'), 1 = 0);
-- ["run-1","contacts","run-1","run-1","run-1","run-1","run-1","run-1","run-1"]
