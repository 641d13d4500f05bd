merge into "marts_backhaul"."plan__vip" as t
using (
  select p.seq, max(f.record_id) as record_id
  from "marts_backhaul"."plan__vip" as p
  left join (
    select q.match_value, r.record_id from "marts_backhaul"."resolutions__vip" as r
    join "marts_backhaul"."plan__vip" as q on q.run_id = r.run_id and q.seq = r.seq
    where r.run_id = $1
  ) as f on f.match_value = p.match_value
  where p.run_id = $2 and p.operation = $3 and p.fingerprint is not null
  group by p.seq
) as n
on t.run_id = $4 and t.seq = n.seq
when matched then update set record_id = n.record_id,
  operation = case when n.record_id is null then 'reject' else t.operation end,
  reason = case when n.record_id is null then $5 end,
  reason_detail = case when n.record_id is null then $6 end;
-- ["run-1","run-1","add","run-1","unknown_member","e-mail address"]

merge into "marts_backhaul"."plan__vip" as p
using (
  select q.seq from "marts_backhaul"."plan__vip" as q
  join (
    select row_id, record_id, (sent_values)::jsonb as sent from "marts_backhaul"."state__vip" where status = 'succeeded'
  ) as s on s.row_id = q.row_id and s.record_id = q.record_id
  where q.run_id = $1 and q.fingerprint is not null
    and q.operation = case when nullif((s.sent ->> $2::text), '') is null then 'remove' else 'add' end
) as n
on p.run_id = $3 and p.seq = n.seq
when matched then update set operation = 'refresh';
-- ["run-1","_list","run-1"]

merge into "marts_backhaul"."plan__vip" as p
using (
  select q.seq, w.row_id as detail from (select * from "marts_backhaul"."plan__vip" where run_id = $1 and operation = 'remove' and reason is null and fingerprint is null) as q
  join (
    select record_id, min(row_id) as row_id from (
      select record_id, row_id from "marts_backhaul"."plan__vip" where run_id = $2 and operation in ('add', 'refresh') and record_id is not null
      union all
      select s.record_id, s.row_id from "marts_backhaul"."state__vip" as s
      left join (
        select distinct row_id from "marts_backhaul"."plan__vip" where run_id = $3 and row_id is not null
          and (operation in ('remove', 'leave') or (operation in ('add', 'refresh') and record_id is not null))
      ) as d on d.row_id = s.row_id
      where s.record_id is not null and s.status <> 'left' and d.row_id is null
    ) as wishes group by record_id
  ) as w on w.record_id = q.record_id
) as n
on p.run_id = $4 and p.seq = n.seq
when matched then update set operation = 'leave', reason = $5, reason_detail = n.detail;
-- ["run-1","run-1","run-1","run-1","wanted_by_row"]

merge into "marts_backhaul"."plan__vip" as p
using (
  select q.seq, cast(null as text) as detail from (select * from "marts_backhaul"."plan__vip" where run_id = $1 and operation = 'remove' and reason is null and fingerprint is null) as q
  left join (select record_id from "marts_backhaul"."state__vip" where record_id is not null group by record_id having max(case when created_here then 1 when created_here is null then 1 else 0 end) = 1) as o on o.record_id = q.record_id
  where o.record_id is null
) as n
on p.run_id = $2 and p.seq = n.seq
when matched then update set operation = 'leave', reason = $3, reason_detail = n.detail;
-- ["run-1","run-1","not_added_here"]

insert into "marts_backhaul"."plan__vip" (run_id, seq, row_id, operation, is_return, record_id, match_value, new_values, changed_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason)
select $1, (select coalesce(max(seq), 0) from "marts_backhaul"."plan__vip" where run_id = $2) + row_number() over (order by q.row_id), q.row_id, 'remove', 1 = 0, s.record_id, s.match_value,
  '{}', '["_list"]', '{}', q.audit_new, cast(null as text), cast(null as bigint), q.known_status, 'moved'
from "marts_backhaul"."plan__vip" as q
join "marts_backhaul"."state__vip" as s on s.row_id = q.row_id and s.status <> 'left' and s.record_id <> q.record_id
join (select record_id from "marts_backhaul"."state__vip" where record_id is not null group by record_id having max(case when created_here then 1 when created_here is null then 1 else 0 end) = 1) as o on o.record_id = s.record_id
left join (
    select record_id, min(row_id) as row_id from (
      select record_id, row_id from "marts_backhaul"."plan__vip" where run_id = $3 and operation in ('add', 'refresh') and record_id is not null
      union all
      select s.record_id, s.row_id from "marts_backhaul"."state__vip" as s
      left join (
        select distinct row_id from "marts_backhaul"."plan__vip" where run_id = $4 and row_id is not null
          and (operation in ('remove', 'leave') or (operation in ('add', 'refresh') and record_id is not null))
      ) as d on d.row_id = s.row_id
      where s.record_id is not null and s.status <> 'left' and d.row_id is null
    ) as wishes group by record_id
  ) as w on w.record_id = s.record_id
where q.run_id = $5 and q.operation = 'add' and w.record_id is null;
-- ["run-1","run-1","run-1","run-1","run-1"]

insert into "marts_backhaul"."results__vip" (run_id, seq, outcome, is_doubtful, error_category, error_message)
select $1, q.seq, 'pending', 1 = 0, 'OLD_MEMBER_STAYS', 'The record that the row was before is on the list, and a run with --limit or --row takes nothing off.'
from "marts_backhaul"."plan__vip" as q
join "marts_backhaul"."state__vip" as s on s.row_id = q.row_id and s.status <> 'left' and s.record_id <> q.record_id
join (select record_id from "marts_backhaul"."state__vip" where record_id is not null group by record_id having max(case when created_here then 1 when created_here is null then 1 else 0 end) = 1) as o on o.record_id = s.record_id
left join (
    select record_id, min(row_id) as row_id from (
      select record_id, row_id from "marts_backhaul"."plan__vip" where run_id = $2 and operation in ('refresh') and record_id is not null
      union all
      select s.record_id, s.row_id from "marts_backhaul"."state__vip" as s
      left join (
        select distinct row_id from "marts_backhaul"."plan__vip" where run_id = $3 and row_id is not null
          and (operation in ('remove', 'leave') or (operation in ('add', 'refresh') and record_id is not null))
      ) as d on d.row_id = s.row_id
      where s.record_id is not null and s.status <> 'left' and d.row_id is null
    ) as wishes group by record_id
  ) as w on w.record_id = s.record_id
where q.run_id = $4 and q.operation = 'add' and w.record_id is null;
-- ["run-1","run-1","run-1","run-1"]

select count(*) as total from "marts_backhaul"."state__vip" as s
join (
  select row_id, coalesce(max(new_id), max(known_id)) as record_id from (
    select row_id, record_id as known_id, cast(null as text) as new_id from "marts_backhaul"."state__contacts" where record_id is not null
  ) as records group by row_id
) as n on n.row_id = s.match_value and n.record_id <> s.record_id
left join (select distinct row_id from "marts_backhaul"."plan__vip" where run_id = $1 and row_id is not null) as p on p.row_id = s.row_id
where s.status = 'succeeded' and s.record_id is not null and p.row_id is null;
-- ["run-1"]

insert into "marts_backhaul"."plan__vip" (run_id, seq, row_id, operation, is_return, record_id, match_value, new_values, changed_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason)
select $1, (select coalesce(max(seq), 0) from "marts_backhaul"."plan__vip" where run_id = $2) + row_number() over (order by s.row_id), s.row_id, 'add', 1 = 0, n.record_id, s.match_value,
  s.sent_values, '["_list"]', s.sent_values, cast(null as text), cast(null as text), s.fingerprint, s.status, cast(null as text)
from "marts_backhaul"."state__vip" as s
join (
  select row_id, coalesce(max(new_id), max(known_id)) as record_id from (
    select row_id, record_id as known_id, cast(null as text) as new_id from "marts_backhaul"."state__contacts" where record_id is not null
    union all
    select q.row_id, cast(null as text) as known_id, x.record_id as new_id from "marts_backhaul"."plan__contacts" as q
    join "marts_backhaul"."results__contacts" as x on x.run_id = q.run_id and x.seq = q.seq
    where q.run_id = $3 and q.association is null and x.outcome = 'succeeded' and x.record_id is not null
  ) as records group by row_id
) as n on n.row_id = s.match_value and n.record_id <> s.record_id
left join (select distinct row_id from "marts_backhaul"."plan__vip" where run_id = $4 and row_id is not null) as p on p.row_id = s.row_id
where s.status = 'succeeded' and s.record_id is not null and p.row_id is null;
-- ["run-1","run-1","run-0","run-1"]

merge into "marts_backhaul"."plan__vip" as p
using (
  select a.seq from "marts_backhaul"."plan__vip" as a
  join "marts_backhaul"."plan__vip" as q on q.run_id = a.run_id and q.row_id = a.row_id and q.operation = 'remove'
  join "marts_backhaul"."resolutions__vip" as x on x.run_id = q.run_id and x.seq = q.seq and x.record_id = a.record_id
  where a.run_id = $1 and a.operation = 'add'
) as n
on p.run_id = $2 and p.seq = n.seq
when matched then update set operation = 'refresh';
-- ["run-1","run-1"]

select distinct s.record_id from "marts_backhaul"."state__vip" as s
left join (select distinct record_id from "marts_backhaul"."resolutions__vip" where run_id = $1 and new_values is null) as m on m.record_id = s.record_id
left join (select distinct row_id from "marts_backhaul"."plan__vip" where run_id = $2 and row_id is not null) as p on p.row_id = s.row_id
where s.status = 'succeeded' and s.record_id is not null and m.record_id is null and p.row_id is null and s.record_id > $3 order by s.record_id limit 1000;
-- ["run-1","run-1","1001"]

select count(*) as total from (select distinct record_id from "marts_backhaul"."resolutions__vip" where run_id = $1 and new_values is null) as m
left join (
    select record_id, min(row_id) as row_id from (
      select record_id, row_id from "marts_backhaul"."plan__vip" where run_id = $2 and operation in ('add', 'refresh') and record_id is not null
      union all
      select s.record_id, s.row_id from "marts_backhaul"."state__vip" as s
      left join (
        select distinct row_id from "marts_backhaul"."plan__vip" where run_id = $3 and row_id is not null
          and (operation in ('remove', 'leave') or (operation in ('add', 'refresh') and record_id is not null))
      ) as d on d.row_id = s.row_id
      where s.record_id is not null and s.status <> 'left' and d.row_id is null
    ) as wishes group by record_id
  ) as w on w.record_id = m.record_id
left join (
  select distinct record_id from "marts_backhaul"."plan__vip" where run_id = $4 and operation = 'remove' and record_id is not null
) as r on r.record_id = m.record_id
where w.record_id is null and r.record_id is null;
-- ["run-1","run-1","run-1","run-1"]

insert into "marts_backhaul"."plan__vip" (run_id, seq, row_id, operation, is_return, record_id, match_value, new_values, changed_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason)
select $1, (select coalesce(max(seq), 0) from "marts_backhaul"."plan__vip" where run_id = $2) + row_number() over (order by s.row_id), s.row_id, case when l.record_id is null then 'add' else 'refresh' end, 1 = 0, coalesce(x.record_id, s.record_id), s.match_value,
  s.sent_values, '["_list"]', s.sent_values, cast(null as text), cast(null as text), s.fingerprint, s.status, cast(null as text)
from (select s.* from "marts_backhaul"."state__vip" as s
left join (select distinct record_id from "marts_backhaul"."resolutions__vip" where run_id = $3 and new_values is null) as m on m.record_id = s.record_id
left join (select distinct row_id from "marts_backhaul"."plan__vip" where run_id = $4 and row_id is not null) as p on p.row_id = s.row_id
where s.status = 'succeeded' and s.record_id is not null and m.record_id is null and p.row_id is null) as s
left join "marts_backhaul"."resolutions__vip" as x on x.run_id = $5 and x.new_values = s.record_id
left join (select distinct record_id from "marts_backhaul"."resolutions__vip" where run_id = $6 and new_values is null) as l on l.record_id = x.record_id;
-- ["run-1","run-1","run-1","run-1","run-1","run-1"]

insert into "marts_backhaul"."plan__vip" (run_id, seq, row_id, operation, is_return, record_id, match_value, new_values, changed_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason)
select $1, (select coalesce(max(seq), 0) from "marts_backhaul"."plan__vip" where run_id = $2) + row_number() over (order by m.record_id), cast(null as text), 'remove', 1 = 0, m.record_id, cast(null as text),
  '{}', '["_list"]', '{}', cast(null as text), cast(null as text), cast(null as bigint), cast(null as text), 'not_in_model'
from (select distinct record_id from "marts_backhaul"."resolutions__vip" where run_id = $3 and new_values is null) as m
left join (
    select record_id, min(row_id) as row_id from (
      select record_id, row_id from "marts_backhaul"."plan__vip" where run_id = $4 and operation in ('add', 'refresh') and record_id is not null
      union all
      select s.record_id, s.row_id from "marts_backhaul"."state__vip" as s
      left join (
        select distinct row_id from "marts_backhaul"."plan__vip" where run_id = $5 and row_id is not null
          and (operation in ('remove', 'leave') or (operation in ('add', 'refresh') and record_id is not null))
      ) as d on d.row_id = s.row_id
      where s.record_id is not null and s.status <> 'left' and d.row_id is null
    ) as wishes group by record_id
  ) as w on w.record_id = m.record_id
left join (
  select distinct record_id from "marts_backhaul"."plan__vip" where run_id = $6 and operation = 'remove' and record_id is not null
) as r on r.record_id = m.record_id
where w.record_id is null and r.record_id is null;
-- ["run-1","run-1","run-1","run-1","run-1","run-1"]

merge into "marts_backhaul"."results__contacts" as t
using (
  select p.seq, max(o.is_ours) as is_ours
  from "marts_backhaul"."plan__contacts" as p
  join (
    select record_id, case when created_here then 1 else 0 end as is_ours from "marts_backhaul"."state__contacts"
    where record_id is not null and coalesce(created_here, 1 = 1)
    union all
    select q.record_id, 1 as is_ours from "marts_backhaul"."plan__contacts" as q
    join "marts_backhaul"."results__contacts" as r on r.run_id = q.run_id and r.seq = q.seq and r.is_created
    where q.run_id = $1 and q.operation = 'add'
  ) as o on o.record_id = p.record_id
  where p.run_id = $2 and p.operation = 'add'
  group by p.seq
) as n
on t.run_id = $3 and t.seq = n.seq and t.outcome = 'succeeded' and not coalesce(t.is_created, 1 = 1)
when matched then update set is_created = case when n.is_ours = 1 then (1 = 1) else cast(null as boolean) end;
-- ["run-1","run-1","run-1"]

update "marts_backhaul"."state__contacts" set record_id = cast(null as text), created_here = cast(null as boolean)
where status = 'left' and record_id in (
  select p.record_id from "marts_backhaul"."plan__contacts" as p join "marts_backhaul"."results__contacts" as r on r.run_id = p.run_id and r.seq = p.seq and r.outcome = 'succeeded'
  where p.run_id = $1 and p.operation = 'remove' and p.record_id is not null);
-- ["run-1"]
