select sync_name, max(case when not coalesce(is_limited, 1 = 0) and (status = 'succeeded' or error_category in ('ROWS_REJECTED', 'LINKS_REJECTED')) then finished_at end) as through_at,
  min(started_at) as first_at, (select uuid_extract_timestamp(uuidv7())) as moment from "marts_backhaul"."runs" group by sync_name;

merge into "marts_backhaul"."alerts" as t
using (select $1 as dedup_key, $2 as alert_name, cast($3 as varchar) as sync_name, $4 as trouble, $5 as status, $6 as message, cast($7 as varchar) as told_status
  union all select $8 as dedup_key, $9 as alert_name, cast($10 as varchar) as sync_name, $11 as trouble, $12 as status, $13 as message, cast($14 as varchar) as told_status) as n on t.dedup_key = n.dedup_key
when matched and (t.claimed_until is null or t.claimed_until <= (select uuid_extract_timestamp(uuidv7())) or t.claimed_by = $15)
  then update set since = case when t.status = n.status then t.since else (select uuid_extract_timestamp(uuidv7())) end, status = n.status, message = n.message,
    told_status = coalesce(n.told_status, t.told_status), claimed_by = $16, claimed_until = ((select uuid_extract_timestamp(uuidv7())) + to_milliseconds($17)), updated_at = (select uuid_extract_timestamp(uuidv7()))
when not matched then insert (dedup_key, alert_name, target_name, sync_name, trouble, status, since, message, told_status, attempts, claimed_by, claimed_until, updated_at)
  values (n.dedup_key, n.alert_name, $18, n.sync_name, n.trouble, n.status, (select uuid_extract_timestamp(uuidv7())), n.message, n.told_status, 0, $19, ((select uuid_extract_timestamp(uuidv7())) + to_milliseconds($20)), (select uuid_extract_timestamp(uuidv7())));
-- ["backhaul/shop/prod/team/contacts/failure","team","contacts","failure","open","{\"title\":\"contacts failed\",\"what\":[],\"steps\":[],\"command\":null,\"runId\":null}",null,"backhaul/shop/prod/team//failure","team",null,"failure","open","{\"title\":\"contacts failed\",\"what\":[],\"steps\":[],\"command\":null,\"runId\":null}","open","invocation-1","invocation-1",30000,"prod","invocation-1",30000]

update "marts_backhaul"."alerts" set told_status = status, told_at = (select uuid_extract_timestamp(uuidv7())), attempts = 0, last_error = null, claimed_by = null, claimed_until = null, updated_at = (select uuid_extract_timestamp(uuidv7())) where claimed_by = $1 and dedup_key in ($2);
-- ["invocation-1","backhaul/shop/prod/team/contacts/failure"]

update "marts_backhaul"."alerts" set attempts = attempts + 1, last_error = $1, claimed_by = null, claimed_until = null, updated_at = (select uuid_extract_timestamp(uuidv7())) where claimed_by = $2 and dedup_key in ($3);
-- ["HTTP 500","invocation-1","backhaul/shop/prod/team//failure"]
