select sync_name, max(case when not coalesce(is_limited, 1 = 0) and (status = 'succeeded' or error_category in ('ROWS_REJECTED', 'LINKS_REJECTED')) then finished_at end) as through_at,
  min(started_at) as first_at, current_timestamp() as moment from `marts_backhaul`.`runs` group by sync_name;

merge into `marts_backhaul`.`alerts` as t
using (select @p0 as dedup_key, @p1 as alert_name, cast(@p2 as string) as sync_name, @p3 as trouble, @p4 as status, @p5 as message, cast(null as string) as told_status
  union all select @p6 as dedup_key, @p7 as alert_name, cast(null as string) as sync_name, @p8 as trouble, @p9 as status, @p10 as message, cast(@p11 as string) as told_status) as n on t.dedup_key = n.dedup_key
when matched and (t.claimed_until is null or t.claimed_until <= current_timestamp() or t.claimed_by = @p12)
  then update set since = case when t.status = n.status then t.since else current_timestamp() end, status = n.status, message = n.message,
    told_status = coalesce(n.told_status, t.told_status), claimed_by = @p13, claimed_until = timestamp_add(current_timestamp(), interval 30 second), updated_at = current_timestamp()
when not matched then insert (dedup_key, alert_name, target_name, sync_name, trouble, status, since, message, told_status, attempts, claimed_by, claimed_until, updated_at)
  values (n.dedup_key, n.alert_name, @p14, n.sync_name, n.trouble, n.status, current_timestamp(), n.message, n.told_status, 0, @p15, timestamp_add(current_timestamp(), interval 30 second), current_timestamp());
-- ["backhaul/shop/prod/team/contacts/failure","team","contacts","failure","open","{\"title\":\"contacts failed\",\"what\":[],\"steps\":[],\"command\":null,\"runId\":null}","backhaul/shop/prod/team//failure","team","failure","open","{\"title\":\"contacts failed\",\"what\":[],\"steps\":[],\"command\":null,\"runId\":null}","open","invocation-1","invocation-1","prod","invocation-1"]

update `marts_backhaul`.`alerts` set told_status = status, told_at = current_timestamp(), attempts = 0, last_error = null, claimed_by = null, claimed_until = null, updated_at = current_timestamp() where claimed_by = @p0 and dedup_key in (@p1);
-- ["invocation-1","backhaul/shop/prod/team/contacts/failure"]

update `marts_backhaul`.`alerts` set attempts = attempts + 1, last_error = @p0, claimed_by = null, claimed_until = null, updated_at = current_timestamp() where claimed_by = @p1 and dedup_key in (@p2);
-- ["HTTP 500","invocation-1","backhaul/shop/prod/team//failure"]
