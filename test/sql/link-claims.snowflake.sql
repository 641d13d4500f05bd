select p.seq, case when c.is_own = 1 and c.is_back = 0 and c.row_id = p.row_id and c.association = p.association and c.target_key = p.target_key then 1 else 0 end as is_same,
  c.is_back, c.is_wanted, c.labels, c.labels_added, c.is_ours
from "marts_backhaul"."plan__contacts" as p
join (
    select l.record_id as from_id, l.target_record_id as to_id, l.row_id, l.association, l.target_key, l.labels, case when l.added_here then coalesce(l.labels_added, l.labels) else l.labels_added end as labels_added, case when l.added_here then 1 else 0 end as is_ours, case when l.status <> 'left' and l.association in (?) and d.seq is null then 1 else 0 end as is_wanted,
      cast(null as number(38, 0)) as seq, l.target_object as to_object, 1 as is_own, 0 as is_back
    from "marts_backhaul"."links__contacts" as l
    left join "marts_backhaul"."plan__contacts" as d on d.run_id = ? and d.row_id = l.row_id and d.association = l.association and d.target_key = l.target_key
    where l.labels is not null and l.record_id is not null
    union all
    select q.record_id as from_id, q.target_record_id as to_id, q.row_id, q.association, q.target_key, q.labels, q.labels_added, case when q.added_here or q.absent_at is not null then 1 else 0 end as is_ours, 1 as is_wanted,
      q.seq, q.target_object as to_object, 1 as is_own, 0 as is_back
    from "marts_backhaul"."plan__contacts" as q
    where q.run_id = ? and q.operation = 'associate' and q.record_id is not null and q.target_record_id is not null
    union all
    select l.target_record_id as from_id, l.record_id as to_id, l.row_id, l.association, l.target_key, l.labels, case when l.added_here then coalesce(l.labels_added, l.labels) else l.labels_added end as labels_added, case when l.added_here then 1 else 0 end as is_ours, case when l.status <> 'left' and l.association in (?) and d.seq is null then 1 else 0 end as is_wanted,
      cast(null as number(38, 0)) as seq, ? as to_object, 1 as is_own, 1 as is_back
    from "marts_backhaul"."links__contacts" as l
    left join "marts_backhaul"."plan__contacts" as d on d.run_id = ? and d.row_id = l.row_id and d.association = l.association and d.target_key = l.target_key
    where l.labels is not null and l.record_id is not null and l.target_object = ?
    union all
    select q.target_record_id as from_id, q.record_id as to_id, q.row_id, q.association, q.target_key, q.labels, q.labels_added, case when q.added_here or q.absent_at is not null then 1 else 0 end as is_ours, 1 as is_wanted,
      q.seq, ? as to_object, 1 as is_own, 1 as is_back
    from "marts_backhaul"."plan__contacts" as q
    where q.run_id = ? and q.operation = 'associate' and q.record_id is not null and q.target_record_id is not null and q.target_object = ?
    union all
    select l.record_id as from_id, l.target_record_id as to_id, l.row_id, l.association, l.target_key, l.labels, case when l.added_here then coalesce(l.labels_added, l.labels) else l.labels_added end as labels_added, case when l.added_here then 1 else 0 end as is_ours, case when l.status <> 'left' and 1 = 1 then 1 else 0 end as is_wanted,
      cast(null as number(38, 0)) as seq, l.target_object as to_object, 0 as is_own, 0 as is_back
    from "marts_backhaul"."links__vip" as l
    where l.labels is not null and l.record_id is not null
    union all
    select l.target_record_id as from_id, l.record_id as to_id, l.row_id, l.association, l.target_key, l.labels, case when l.added_here then coalesce(l.labels_added, l.labels) else l.labels_added end as labels_added, case when l.added_here then 1 else 0 end as is_ours, case when l.status <> 'left' and 1 = 1 then 1 else 0 end as is_wanted,
      cast(null as number(38, 0)) as seq, ? as to_object, 0 as is_own, 1 as is_back
    from "marts_backhaul"."links__vip" as l
    where l.labels is not null and l.record_id is not null and l.target_object = ?
    union all
    select l.target_record_id as from_id, l.record_id as to_id, l.row_id, l.association, l.target_key, l.labels, case when l.added_here then coalesce(l.labels_added, l.labels) else l.labels_added end as labels_added, case when l.added_here then 1 else 0 end as is_ours, case when l.status <> 'left' and 1 = 1 then 1 else 0 end as is_wanted,
      cast(null as number(38, 0)) as seq, ? as to_object, 0 as is_own, 1 as is_back
    from "marts_backhaul"."links__jobs" as l
    where l.labels is not null and l.record_id is not null and l.target_object = ?
) as c on c.from_id = p.record_id and c.to_id = p.target_record_id and c.to_object = p.target_object
where p.run_id = ? and p.operation = ? and p.seq between ? and ?
  and (c.seq is null or c.is_own = 0 or c.is_back = 1 or c.seq <> p.seq);
-- ["companies/sync:firm_id","run-1","run-1","companies/sync:firm_id","0-1","run-1","0-1","0-1","run-1","0-1","0-1","0-1","0-2","0-1","run-1","dissociate",7,99]
