select row_id, record_id, sent_values, match_value, case when fingerprint is null then 1 else 0 end as is_open
from "marts_backhaul"."state__contacts"
where status = 'succeeded' and record_id is not null
order by row_id limit 10000;

select row_id, record_id, sent_values, match_value, case when fingerprint is null then 1 else 0 end as is_open
from "marts_backhaul"."state__contacts"
where status = 'succeeded' and record_id is not null and row_id in ($1, $2) and row_id in (
  select row_id from "marts_backhaul"."state__contacts" where status = 'succeeded' and record_id is not null and row_id in ($3, $4)
  order by sha256(row_id || $5), row_id limit 100
) and row_id > $6
order by row_id limit 10000;
-- ["42","43","42","43","seed","17"]

insert into "marts_backhaul"."changes" (run_id, sync_name, seq, row_id, record_id, operation, outcome, changed_properties,
  old_values, new_values, error_category, recorded_at, association, target_key, target_record_id, labels)
select o.run_id, $1, o.seq, o.row_id, case when o.association is null then coalesce(o.record_id, o.target_record_id) else o.record_id end, o.operation, 'succeeded',
  o.changed_properties, o.audit_old, o.audit_new, o.reason, (select uuid_extract_timestamp(uuidv7())), o.association, case when o.association like '%/sync:%' or o.association like '%/id:%' then o.target_key else sha256(o.target_key) end,
  case when o.association is not null then o.target_record_id end, o.labels
from "marts_backhaul"."plan__contacts" as o where run_id = $2 and seq between $3 and $4;
-- ["contacts","run-1",1,1000]

merge into "marts_backhaul"."state__contacts" as t
using (
  select row_id, operation, record_id, match_value, new_values, reason from "marts_backhaul"."plan__contacts" where run_id = $1 and seq between $2 and $3 and association is null
) as n
on t.row_id = n.row_id
when matched then update set status = case when n.record_id is null and n.operation = 'fix' then 'pending' when n.record_id is null then 'skipped' else t.status end,
  fingerprint = case when n.operation = 'fix' then cast(null as ubigint) else t.fingerprint end,
  tried_fingerprint = cast(null as ubigint),
  sent_values = n.new_values,
  match_value = n.match_value,
  created_here = case when n.record_id = t.record_id then t.created_here else cast(null as boolean) end,
  record_id = n.record_id,
  attempts = 0,
  next_attempt_at = cast(null as timestamptz),
  error_category = case when n.record_id is null then n.reason else cast(null as varchar) end,
  error_message = cast(null as varchar),
  last_run_id = $4,
  updated_at = (select uuid_extract_timestamp(uuidv7()));
-- ["run-1",1,1000,"run-1"]

merge into "marts_backhaul"."links__contacts" as t
using (
  select row_id, record_id, target_record_id from "marts_backhaul"."plan__contacts" where run_id = $1 and seq between $2 and $3 and association is null and record_id is not null and record_id <> target_record_id
) as n
on t.row_id = n.row_id and t.record_id = n.target_record_id
when matched then update set record_id = n.record_id;
-- ["run-1",1,1000]

merge into "marts_backhaul"."links__contacts" as t
using (
  select row_id, operation, reason from "marts_backhaul"."plan__contacts" where run_id = $1 and seq between $2 and $3 and association is null and record_id is null and operation = 'fix'
) as n
on t.row_id = n.row_id and t.status = 'succeeded'
when matched then update set status = case when n.operation = 'fix' then 'pending' else t.status end,
  added_here = case when n.operation = 'fix' then t.added_here else cast(null as boolean) end,
  labels_added = case when n.operation = 'fix' then t.labels_added else '[]' end,
  attempts = 0,
  next_attempt_at = cast(null as timestamptz),
  error_category = case when n.operation = 'fix' then n.reason else $4 end,
  error_message = cast(null as varchar),
  last_run_id = $5,
  updated_at = (select uuid_extract_timestamp(uuidv7()));
-- ["run-1",1,1000,"ACCEPTED_IN_HUBSPOT","run-1"]

merge into "marts_backhaul"."links__contacts" as t
using (
  select row_id, operation, association, target_key, reason from "marts_backhaul"."plan__contacts" where run_id = $1 and seq between $2 and $3 and association is not null
) as n
on t.row_id = n.row_id and t.association = n.association and t.target_key = n.target_key
when matched then update set status = case when n.operation = 'fix' then 'pending' else t.status end,
  added_here = case when n.operation = 'fix' then t.added_here else cast(null as boolean) end,
  labels_added = case when n.operation = 'fix' then t.labels_added else '[]' end,
  attempts = 0,
  next_attempt_at = cast(null as timestamptz),
  error_category = case when n.operation = 'fix' then n.reason else $4 end,
  error_message = cast(null as varchar),
  last_run_id = $5,
  updated_at = (select uuid_extract_timestamp(uuidv7()));
-- ["run-1",1,1000,"ACCEPTED_IN_HUBSPOT","run-1"]

delete from "marts_backhaul"."plan__contacts" where run_id = $1 and seq between $2 and $3;
-- ["run-1",1,1000]
