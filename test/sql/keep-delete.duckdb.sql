select count(*) as total from (select * from "marts_backhaul"."plan__contacts" where run_id = $1 and operation in ('clear', 'archive')) as q;
-- ["run-1"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select q.seq, min(k.row_id) as detail from (select * from "marts_backhaul"."plan__contacts" where run_id = $1 and operation in ('clear', 'archive')) as q
  join (select m."customer_id"::varchar as row_id, nullif(lower(trim(nullif(m."email"::varchar, ''), ' ')), '') as match_value
  from "shop"."marts"."hubspot_contacts" as m) as k on k.match_value = q.match_value group by q.seq
) as n
on p.run_id = $2 and p.seq = n.seq
when matched then update set operation = 'leave', reason = $3, reason_detail = n.detail;
-- ["run-1","run-1","match_value_moved"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select q.seq, min(b.row_id) as detail from (select * from "marts_backhaul"."plan__contacts" where run_id = $1 and operation in ('clear', 'archive')) as q
  join "marts_backhaul"."state__contacts" as b on b.record_id = q.record_id and b.row_id <> q.row_id and b.status <> 'left'
  where b.row_id not in (select row_id from (select * from "marts_backhaul"."plan__contacts" where run_id = $2 and operation in ('clear', 'archive')) as gone) group by q.seq
) as n
on p.run_id = $3 and p.seq = n.seq
when matched then update set operation = 'leave', reason = $4, reason_detail = n.detail;
-- ["run-1","run-1","run-1","taken_over"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select seq, cast(null as varchar) as detail from (select * from "marts_backhaul"."plan__contacts" where run_id = $1 and operation in ('clear', 'archive')) as q where substr(row_id, 1, 9) = 'rekeyed: '
) as n
on p.run_id = $2 and p.seq = n.seq
when matched then update set operation = 'leave', reason = $3, reason_detail = n.detail;
-- ["run-1","run-1","lost_key"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select seq, $1 as detail from (
    select q.seq, $2 as held_values from (select * from "marts_backhaul"."plan__contacts" where run_id = $3 and operation in ('clear', 'archive')) as q
    join "marts_backhaul"."state__vips" as h on h.record_id = q.record_id and h.status <> 'left' and h.row_id in (select row_id from (select m."id"::varchar as row_id from marts.vips as m
  where (is_vip
    )) as k)
    union all
    select q.seq, $4 as held_values from (select * from "marts_backhaul"."plan__contacts" where run_id = $5 and operation in ('clear', 'archive')) as q
    join (select m."id"::varchar as row_id, nullif(lower(trim(nullif(m."email"::varchar, ''), ' ')), '') as match_value
  from marts.vips as m
  where (is_vip
    )) as k on k.match_value = q.match_value
  ) as held group by seq
) as n
on p.run_id = $6 and p.seq = n.seq
when matched then update set operation = 'leave', reason = $7, reason_detail = n.detail;
-- ["vips","{\"email\":\"sent\",\"lifecyclestage\":\"sent\"}","run-1","{\"email\":\"sent\",\"lifecyclestage\":\"sent\"}","run-1","run-1","held_by_sync"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select seq, $1 as detail from (
    select q.seq, $2 as held_values from (select * from "marts_backhaul"."plan__contacts" where run_id = $3 and operation in ('clear', 'archive')) as q
    join (select m."id"::varchar as row_id, nullif(trim(m."hubspot_id"::varchar, ' '), '') as match_value
  from marts.named as m) as k on k.match_value = q.record_id
  ) as held group by seq
) as n
on p.run_id = $4 and p.seq = n.seq
when matched then update set operation = 'leave', reason = $5, reason_detail = n.detail;
-- ["by_id","{\"city\":\"sent\"}","run-1","run-1","held_by_sync"]
