select sync_name, max(case when not coalesce(is_limited, 1 = 0) and (status = 'succeeded' or error_category in ('ROWS_REJECTED', 'LINKS_REJECTED')) then finished_at end) as through_at,
  min(started_at) as first_at, current_timestamp() as moment from "marts_backhaul"."runs" group by sync_name;

merge into "marts_backhaul"."alerts" as t
using (select ? as dedup_key, ? as alert_name, cast(? as varchar) as sync_name, ? as trouble, ? as status, ? as message, cast(? as varchar) as told_status
  union all select ? as dedup_key, ? as alert_name, cast(? as varchar) as sync_name, ? as trouble, ? as status, ? as message, cast(? as varchar) as told_status) as n on t.dedup_key = n.dedup_key
when matched and (t.claimed_until is null or t.claimed_until <= current_timestamp() or t.claimed_by = ?)
  then update set since = case when t.status = n.status then t.since else current_timestamp() end, status = n.status, message = n.message,
    told_status = coalesce(n.told_status, t.told_status), claimed_by = ?, claimed_until = dateadd('second', 30, current_timestamp()), updated_at = current_timestamp()
when not matched then insert (dedup_key, alert_name, target_name, sync_name, trouble, status, since, message, told_status, attempts, claimed_by, claimed_until, updated_at)
  values (n.dedup_key, n.alert_name, ?, n.sync_name, n.trouble, n.status, current_timestamp(), n.message, n.told_status, 0, ?, dateadd('second', 30, current_timestamp()), current_timestamp());
-- ["backhaul/shop/prod/team/contacts/failure","team","contacts","failure","open","{\"title\":\"contacts failed\",\"what\":[],\"steps\":[],\"command\":null,\"runId\":null}",null,"backhaul/shop/prod/team//failure","team",null,"failure","open","{\"title\":\"contacts failed\",\"what\":[],\"steps\":[],\"command\":null,\"runId\":null}","open","invocation-1","invocation-1","prod","invocation-1"]

update "marts_backhaul"."alerts" set told_status = status, told_at = current_timestamp(), attempts = 0, last_error = null, claimed_by = null, claimed_until = null, updated_at = current_timestamp() where claimed_by = ? and dedup_key in (?);
-- ["invocation-1","backhaul/shop/prod/team/contacts/failure"]

update "marts_backhaul"."alerts" set attempts = attempts + 1, last_error = ?, claimed_by = null, claimed_until = null, updated_at = current_timestamp() where claimed_by = ? and dedup_key in (?);
-- ["HTTP 500","invocation-1","backhaul/shop/prod/team//failure"]
