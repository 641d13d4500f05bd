insert into `marts_backhaul`.`plan__contacts` (run_id, seq, row_id, operation, record_id, match_value)
select @p0, row_number() over (order by s.row_id), s.row_id, 'rematch', s.record_id, k.match_value
from `marts_backhaul`.`state__contacts` as s
join (
  select row_id, match_value, count(*) over (partition by row_id) as same_keys, count(*) over (partition by match_value) as same_values
  from (select cast(m.`customer_id` as string) as row_id, nullif(lower(trim(nullif(m.`email`, ''), ' ')), '') as match_value
  from `shop`.`marts`.`hubspot_contacts` as m) as m where row_id is not null and match_value is not null
) as k on k.row_id = s.row_id
where s.record_id is not null and k.same_keys = 1 and k.same_values = 1;
-- ["run-1"]

delete from `marts_backhaul`.`resolutions__contacts` where run_id = @p0 and seq in (
  select f.seq from (select p.seq, p.row_id, p.match_value, p.record_id as old_record_id, r.record_id
    from `marts_backhaul`.`resolutions__contacts` as r
    join `marts_backhaul`.`plan__contacts` as p on p.run_id = r.run_id and p.seq = r.seq
    where r.run_id = @p1) as f
  join `marts_backhaul`.`state__contacts` as o on o.record_id = f.record_id and o.row_id <> f.row_id and o.status <> 'left'
  left join (select p.seq, p.row_id, p.match_value, p.record_id as old_record_id, r.record_id
    from `marts_backhaul`.`resolutions__contacts` as r
    join `marts_backhaul`.`plan__contacts` as p on p.run_id = r.run_id and p.seq = r.seq
    where r.run_id = @p2) as g on g.row_id = o.row_id and g.record_id <> g.old_record_id
  where f.record_id <> f.old_record_id and g.row_id is null
  union all
  select c.seq from (
    select f.seq, f.record_id, f.old_record_id, row_number() over (partition by f.record_id order by case when f.record_id = f.old_record_id then 0 else 1 end, f.seq) as choice
    from (select p.seq, p.row_id, p.match_value, p.record_id as old_record_id, r.record_id
    from `marts_backhaul`.`resolutions__contacts` as r
    join `marts_backhaul`.`plan__contacts` as p on p.run_id = r.run_id and p.seq = r.seq
    where r.run_id = @p3) as f
  ) as c where c.choice > 1
);
-- ["run-1","run-1","run-1","run-1"]

update `marts_backhaul`.`state__contacts` set status = case when status = 'parked' and tried_fingerprint is not null then 'pending' else status end, attempts = case when status = 'parked' and tried_fingerprint is not null then 0 else attempts end, fingerprint = null, match_value = null where row_id is not null;

merge into `marts_backhaul`.`state__contacts` as t
using (
  select f.row_id, f.record_id, f.old_record_id, f.match_value, coalesce(h.is_ours, 0) as is_ours
  from (select p.seq, p.row_id, p.match_value, p.record_id as old_record_id, r.record_id
    from `marts_backhaul`.`resolutions__contacts` as r
    join `marts_backhaul`.`plan__contacts` as p on p.run_id = r.run_id and p.seq = r.seq
    where r.run_id = @p0) as f
  left join (
    select record_id, max(case when created_here then 1 else 0 end) as is_ours from `marts_backhaul`.`state__contacts` where record_id is not null group by record_id
  ) as h on h.record_id = f.record_id
) as n
on t.row_id = n.row_id
when matched then update set record_id = n.record_id, match_value = n.match_value,
  sent_values = case when n.record_id <> n.old_record_id then cast(null as string) else t.sent_values end,
  created_here = case when n.record_id <> n.old_record_id then n.is_ours = 1 else t.created_here end,
  first_synced_at = case when n.record_id <> n.old_record_id then cast(null as timestamp) else t.first_synced_at end;
-- ["run-1"]

update `marts_backhaul`.`state__contacts` set record_id = cast(null as string), sent_values = cast(null as string), created_here = cast(null as bool)
where status = 'left' and record_id in (select record_id from (select p.seq, p.row_id, p.match_value, p.record_id as old_record_id, r.record_id
    from `marts_backhaul`.`resolutions__contacts` as r
    join `marts_backhaul`.`plan__contacts` as p on p.run_id = r.run_id and p.seq = r.seq
    where r.run_id = @p0) as f where f.record_id <> f.old_record_id)
  and row_id not in (select row_id from (select p.seq, p.row_id, p.match_value, p.record_id as old_record_id, r.record_id
    from `marts_backhaul`.`resolutions__contacts` as r
    join `marts_backhaul`.`plan__contacts` as p on p.run_id = r.run_id and p.seq = r.seq
    where r.run_id = @p1) as f);
-- ["run-1","run-1"]
