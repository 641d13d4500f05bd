select count(*) as total from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p0 and operation in ('clear', 'archive')) as q;
-- ["run-1"]

merge into `marts_backhaul`.`plan__contacts` as p
using (
  select q.seq, min(k.row_id) as detail from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p0 and operation in ('clear', 'archive')) as q
  join (select cast(m.`customer_id` as string) as row_id, nullif(lower(trim(nullif(m.`email`, ''), ' ')), '') as match_value
  from `shop`.`marts`.`hubspot_contacts` as m) as k on k.match_value = q.match_value group by q.seq
) as n
on p.run_id = @p1 and p.seq = n.seq
when matched then update set operation = 'leave', reason = @p2, reason_detail = n.detail;
-- ["run-1","run-1","match_value_moved"]

merge into `marts_backhaul`.`plan__contacts` as p
using (
  select q.seq, min(b.row_id) as detail from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p0 and operation in ('clear', 'archive')) as q
  join `marts_backhaul`.`state__contacts` as b on b.record_id = q.record_id and b.row_id <> q.row_id and b.status <> 'left'
  where b.row_id not in (select row_id from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p1 and operation in ('clear', 'archive')) as gone) group by q.seq
) as n
on p.run_id = @p2 and p.seq = n.seq
when matched then update set operation = 'leave', reason = @p3, reason_detail = n.detail;
-- ["run-1","run-1","run-1","taken_over"]

merge into `marts_backhaul`.`plan__contacts` as p
using (
  select seq, cast(null as string) as detail from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p0 and operation in ('clear', 'archive')) as q where substr(row_id, 1, 9) = 'rekeyed: '
) as n
on p.run_id = @p1 and p.seq = n.seq
when matched then update set operation = 'leave', reason = @p2, reason_detail = n.detail;
-- ["run-1","run-1","lost_key"]

merge into `marts_backhaul`.`plan__contacts` as p
using (
  select seq, @p0 as detail from (
    select q.seq, @p1 as held_values from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p2 and operation in ('clear', 'archive')) as q
    join `marts_backhaul`.`state__vips` as h on h.record_id = q.record_id and h.status <> 'left' and h.row_id in (select row_id from (select cast(m.`id` as string) as row_id from `shop`.`marts`.`hubspot_contacts` as m
  where (is_vip
    )) as k)
    union all
    select q.seq, @p3 as held_values from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p4 and operation in ('clear', 'archive')) as q
    join (select cast(m.`id` as string) as row_id, nullif(lower(trim(nullif(m.`email`, ''), ' ')), '') as match_value
  from `shop`.`marts`.`hubspot_contacts` as m
  where (is_vip
    )) as k on k.match_value = q.match_value
  ) as held group by seq
) as n
on p.run_id = @p5 and p.seq = n.seq
when matched then update set operation = 'leave', reason = @p6, reason_detail = n.detail;
-- ["vips","{\"email\":\"sent\",\"lifecyclestage\":\"sent\"}","run-1","{\"email\":\"sent\",\"lifecyclestage\":\"sent\"}","run-1","run-1","held_by_sync"]

merge into `marts_backhaul`.`plan__contacts` as p
using (
  select seq, @p0 as detail from (
    select q.seq, @p1 as held_values from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p2 and operation in ('clear', 'archive')) as q
    join (select cast(m.`id` as string) as row_id, nullif(trim(cast(m.`hubspot_id` as string), ' '), '') as match_value
  from `shop`.`marts`.`hubspot_contacts` as m) as k on k.match_value = q.record_id
  ) as held group by seq
) as n
on p.run_id = @p3 and p.seq = n.seq
when matched then update set operation = 'leave', reason = @p4, reason_detail = n.detail;
-- ["by_id","{\"city\":\"sent\"}","run-1","run-1","held_by_sync"]
