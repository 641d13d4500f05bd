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
  select seq, concat('{', array_to_string([concat('"amount":', nullif(to_json_string(v0), 'null')), concat('"email":', nullif(to_json_string(v1), 'null')), concat('"lifecyclestage":', nullif(to_json_string(v2), 'null'))], ','), '}') as new_values,
    concat('[', array_to_string([case when v0 is distinct from o0 then '"amount"' end, case when v1 is distinct from o1 then '"email"' end, case when v2 is distinct from o2 then '"lifecyclestage"' end], ','), ']') as changed_properties,
    concat('{', array_to_string([concat('"amount":', nullif(to_json_string(case when v0 is distinct from o0 then @p0 else o0 end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then @p1 else o1 end), 'null')), concat('"lifecyclestage":', nullif(to_json_string(case when v2 is distinct from o2 then @p2 else o2 end), 'null'))], ','), '}') as doubtful_values,
    concat('{', array_to_string([concat('"amount":', nullif(to_json_string(case when v0 is distinct from o0 then nullif(o0, @p3) end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then nullif(o1, @p4) end), 'null')), concat('"lifecyclestage":', nullif(to_json_string(case when v2 is distinct from o2 then nullif(o2, @p5) end), 'null'))], ','), '}') as audit_old,
    case when record_id is not null then concat('{', array_to_string([concat('"amount":', nullif(to_json_string(case when v0 is distinct from o0 then v0 end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then v1 end), 'null')), concat('"lifecyclestage":', nullif(to_json_string(case when v2 is distinct from o2 then v2 end), 'null'))], ','), '}') end as audit_new
  from (
    select seq, record_id, case when json_value(held['amount']) <> '' then json_value(sent['amount']) else json_value(planned['amount']) end as v0,
      json_value(sent['amount']) as o0,
      case when json_value(held['email']) <> '' then json_value(sent['email']) else json_value(planned['email']) end as v1,
      json_value(sent['email']) as o1,
      case when json_value(held['lifecyclestage']) <> '' then json_value(sent['lifecyclestage']) else json_value(planned['lifecyclestage']) end as v2,
      json_value(sent['lifecyclestage']) as o2
    from (
      select q.seq, q.record_id, safe.parse_json(s.sent_values) as sent, safe.parse_json(q.new_values) as planned, safe.parse_json(h.held_values) as held
      from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p6 and operation in ('clear', 'archive')) as q
      join `marts_backhaul`.`state__contacts` as s on s.row_id = q.row_id
      join (select seq, min(held_values) as held_values from (
    select q.seq, @p7 as held_values from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p8 and operation in ('clear', 'archive')) as q
    join `marts_backhaul`.`state__vips` as h on h.record_id = q.record_id and h.status <> 'left' and h.row_id in (select row_id from (select cast(m.`id` as string) as row_id from `shop`.`marts`.`hubspot_contacts` as m
  where (is_vip
    )) as k)
    union all
    select q.seq, @p9 as held_values from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p10 and operation in ('clear', 'archive')) as q
    join (select cast(m.`id` as string) as row_id, nullif(lower(trim(nullif(m.`email`, ''), ' ')), '') as match_value
  from `shop`.`marts`.`hubspot_contacts` as m
  where (is_vip
    )) as k on k.match_value = q.match_value
      ) as each_held group by seq) as h on h.seq = q.seq
    ) as opened
  ) as compared
) as n
on p.run_id = @p11 and p.seq = n.seq
when matched then update set operation = case when n.changed_properties = '[]' then 'leave' else 'clear' end,
  reason = case when n.changed_properties = '[]' then 'held_by_sync' end, reason_detail = @p12,
  new_values = n.new_values, changed_properties = n.changed_properties, doubtful_values = n.doubtful_values,
  audit_old = n.audit_old, audit_new = n.audit_new;
-- ["\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1","{\"email\":\"sent\",\"lifecyclestage\":\"sent\"}","run-1","{\"email\":\"sent\",\"lifecyclestage\":\"sent\"}","run-1","run-1","vips"]

merge into `marts_backhaul`.`plan__contacts` as p
using (
  select seq, concat('{', array_to_string([concat('"amount":', nullif(to_json_string(v0), 'null')), concat('"email":', nullif(to_json_string(v1), 'null')), concat('"lifecyclestage":', nullif(to_json_string(v2), 'null'))], ','), '}') as new_values,
    concat('[', array_to_string([case when v0 is distinct from o0 then '"amount"' end, case when v1 is distinct from o1 then '"email"' end, case when v2 is distinct from o2 then '"lifecyclestage"' end], ','), ']') as changed_properties,
    concat('{', array_to_string([concat('"amount":', nullif(to_json_string(case when v0 is distinct from o0 then @p0 else o0 end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then @p1 else o1 end), 'null')), concat('"lifecyclestage":', nullif(to_json_string(case when v2 is distinct from o2 then @p2 else o2 end), 'null'))], ','), '}') as doubtful_values,
    concat('{', array_to_string([concat('"amount":', nullif(to_json_string(case when v0 is distinct from o0 then nullif(o0, @p3) end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then nullif(o1, @p4) end), 'null')), concat('"lifecyclestage":', nullif(to_json_string(case when v2 is distinct from o2 then nullif(o2, @p5) end), 'null'))], ','), '}') as audit_old,
    case when record_id is not null then concat('{', array_to_string([concat('"amount":', nullif(to_json_string(case when v0 is distinct from o0 then v0 end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then v1 end), 'null')), concat('"lifecyclestage":', nullif(to_json_string(case when v2 is distinct from o2 then v2 end), 'null'))], ','), '}') end as audit_new
  from (
    select seq, record_id, case when json_value(held['amount']) <> '' then json_value(sent['amount']) else json_value(planned['amount']) end as v0,
      json_value(sent['amount']) as o0,
      case when json_value(held['email']) <> '' then json_value(sent['email']) else json_value(planned['email']) end as v1,
      json_value(sent['email']) as o1,
      case when json_value(held['lifecyclestage']) <> '' then json_value(sent['lifecyclestage']) else json_value(planned['lifecyclestage']) end as v2,
      json_value(sent['lifecyclestage']) as o2
    from (
      select q.seq, q.record_id, safe.parse_json(s.sent_values) as sent, safe.parse_json(q.new_values) as planned, safe.parse_json(h.held_values) as held
      from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p6 and operation in ('clear', 'archive')) as q
      join `marts_backhaul`.`state__contacts` as s on s.row_id = q.row_id
      join (select seq, min(held_values) as held_values from (
    select q.seq, h.sent_values as held_values from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p7 and operation in ('clear', 'archive')) as q
    join `marts_backhaul`.`state__resting` as h on h.record_id = q.record_id and h.status <> 'left'
      ) as each_held group by seq) as h on h.seq = q.seq
    ) as opened
  ) as compared
) as n
on p.run_id = @p8 and p.seq = n.seq
when matched then update set operation = case when n.changed_properties = '[]' then 'leave' else 'clear' end,
  reason = case when n.changed_properties = '[]' then 'held_by_sync' end, reason_detail = @p9,
  new_values = n.new_values, changed_properties = n.changed_properties, doubtful_values = n.doubtful_values,
  audit_old = n.audit_old, audit_new = n.audit_new;
-- ["\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1","run-1","run-1","resting"]
