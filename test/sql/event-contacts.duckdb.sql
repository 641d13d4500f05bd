merge into "marts_backhaul"."plan__jobs" as t
using (
  select p.seq, coalesce(cast(null as varchar), max(s.record_id)) as record_id
  from "marts_backhaul"."plan__jobs" as p
  left join "marts_backhaul"."state__contacts" as s on s.row_id = p.match_value
  where p.run_id = $1 and p.operation = $2 and p.fingerprint is not null
  group by p.seq
) as n
on t.run_id = $3 and t.seq = n.seq
when matched then update set record_id = n.record_id, reason = case when n.record_id is null then t.reason end,
  reason_detail = case when n.record_id is null then t.reason_detail end;
-- ["run-1","send","run-1"]

merge into "marts_backhaul"."plan__jobs" as t
using (
  select p.seq, coalesce(max(r.record_id), max(s.record_id)) as record_id
  from "marts_backhaul"."plan__jobs" as p
  left join "marts_backhaul"."state__contacts" as s on s.row_id = p.match_value
  left join (
    select q.row_id, x.record_id from "marts_backhaul"."plan__contacts" as q
    join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
    where q.run_id = $1 and x.outcome = 'succeeded' and x.record_id is not null
  ) as r on r.row_id = p.match_value
  where p.run_id = $2 and p.operation = $3 and p.fingerprint is not null
  group by p.seq
) as n
on t.run_id = $4 and t.seq = n.seq
when matched then update set record_id = n.record_id, reason = case when n.record_id is null then t.reason end,
  reason_detail = case when n.record_id is null then t.reason_detail end;
-- ["run-0","run-1","send","run-1"]

merge into "marts_backhaul"."plan__jobs" as t
using (
  select p.seq, max(f.record_id) as record_id
  from "marts_backhaul"."plan__jobs" as p
  left join (
    select q.match_value, r.record_id from "marts_backhaul"."resolutions__jobs" as r
    join "marts_backhaul"."plan__jobs" as q on q.run_id = r.run_id and q.seq = r.seq
    where r.run_id = $1
  ) as f on f.match_value = p.match_value
  where p.run_id = $2 and p.operation = $3 and p.fingerprint is not null
  group by p.seq
) as n
on t.run_id = $4 and t.seq = n.seq
when matched then update set record_id = n.record_id,
  operation = case when n.record_id is null then 'reject' else t.operation end,
  reason = case when n.record_id is null then $5 end;
-- ["run-1","run-1","send","run-1","unknown_contact"]
