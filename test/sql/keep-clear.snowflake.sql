select count(*) as total from (select * from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('clear', 'archive')) as q;
-- ["run-1"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select q.seq, min(k.row_id) as detail from (select * from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('clear', 'archive')) as q
  join (select m."customer_id"::varchar as row_id, nullif(lower(trim(nullif(collate(m."email", 'utf8'), ''), ' ')), '') as match_value
  from "shop"."marts"."hubspot_contacts" as m) as k on k.match_value = q.match_value group by q.seq
) as n
on p.run_id = ? and p.seq = n.seq
when matched then update set operation = 'leave', reason = ?, reason_detail = n.detail;
-- ["run-1","run-1","match_value_moved"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select q.seq, min(b.row_id) as detail from (select * from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('clear', 'archive')) as q
  join "marts_backhaul"."state__contacts" as b on b.record_id = q.record_id and b.row_id <> q.row_id and b.status <> 'left'
  where b.row_id not in (select row_id from (select * from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('clear', 'archive')) as gone) group by q.seq
) as n
on p.run_id = ? and p.seq = n.seq
when matched then update set operation = 'leave', reason = ?, reason_detail = n.detail;
-- ["run-1","run-1","run-1","taken_over"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select seq, cast(null as varchar) as detail from (select * from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('clear', 'archive')) as q where substr(row_id, 1, 9) = 'rekeyed: '
) as n
on p.run_id = ? and p.seq = n.seq
when matched then update set operation = 'leave', reason = ?, reason_detail = n.detail;
-- ["run-1","run-1","lost_key"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select seq, ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(v0)), '"email":' || to_json(to_variant(v1)), '"lifecyclestage":' || to_json(to_variant(v2))), ',') || '}') as new_values,
    ('[' || array_to_string(array_construct_compact(iff(v0 is distinct from o0, '"amount"', null), iff(v1 is distinct from o1, '"email"', null), iff(v2 is distinct from o2, '"lifecyclestage"', null)), ',') || ']') as changed_properties,
    ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then ? else o0 end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then ? else o1 end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then ? else o2 end))), ',') || '}') as doubtful_values,
    ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then nullif(o0, ?) end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then nullif(o1, ?) end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then nullif(o2, ?) end))), ',') || '}') as audit_old,
    case when record_id is not null then ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then v0 end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then v1 end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then v2 end))), ',') || '}') end as audit_new
  from (
    select seq, record_id, case when as_varchar(get(held, 'amount')) <> '' then as_varchar(get(sent, 'amount')) else as_varchar(get(planned, 'amount')) end as v0,
      as_varchar(get(sent, 'amount')) as o0,
      case when as_varchar(get(held, 'email')) <> '' then as_varchar(get(sent, 'email')) else as_varchar(get(planned, 'email')) end as v1,
      as_varchar(get(sent, 'email')) as o1,
      case when as_varchar(get(held, 'lifecyclestage')) <> '' then as_varchar(get(sent, 'lifecyclestage')) else as_varchar(get(planned, 'lifecyclestage')) end as v2,
      as_varchar(get(sent, 'lifecyclestage')) as o2
    from (
      select q.seq, q.record_id, try_parse_json(s.sent_values) as sent, try_parse_json(q.new_values) as planned, try_parse_json(h.held_values) as held
      from (select * from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('clear', 'archive')) as q
      join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      join (select seq, min(held_values) as held_values from (
    select q.seq, ? as held_values from (select * from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('clear', 'archive')) as q
    join "marts_backhaul"."state__vips" as h on h.record_id = q.record_id and h.status <> 'left' and h.row_id in (select row_id from (select m."id"::varchar as row_id from marts.vips as m
  where (is_vip
    )) as k)
    union all
    select q.seq, ? as held_values from (select * from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('clear', 'archive')) as q
    join (select m."id"::varchar as row_id, nullif(lower(trim(nullif(collate(m."email", 'utf8'), ''), ' ')), '') as match_value
  from marts.vips as m
  where (is_vip
    )) as k on k.match_value = q.match_value
      ) as each_held group by seq) as h on h.seq = q.seq
    ) as opened
  ) as compared
) as n
on p.run_id = ? and p.seq = n.seq
when matched then update set operation = case when n.changed_properties = '[]' then 'leave' else 'clear' end,
  reason = case when n.changed_properties = '[]' then 'held_by_sync' end, reason_detail = ?,
  new_values = n.new_values, changed_properties = n.changed_properties, doubtful_values = n.doubtful_values,
  audit_old = n.audit_old, audit_new = n.audit_new;
-- ["\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1","{\"email\":\"sent\",\"lifecyclestage\":\"sent\"}","run-1","{\"email\":\"sent\",\"lifecyclestage\":\"sent\"}","run-1","run-1","vips"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select seq, ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(v0)), '"email":' || to_json(to_variant(v1)), '"lifecyclestage":' || to_json(to_variant(v2))), ',') || '}') as new_values,
    ('[' || array_to_string(array_construct_compact(iff(v0 is distinct from o0, '"amount"', null), iff(v1 is distinct from o1, '"email"', null), iff(v2 is distinct from o2, '"lifecyclestage"', null)), ',') || ']') as changed_properties,
    ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then ? else o0 end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then ? else o1 end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then ? else o2 end))), ',') || '}') as doubtful_values,
    ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then nullif(o0, ?) end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then nullif(o1, ?) end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then nullif(o2, ?) end))), ',') || '}') as audit_old,
    case when record_id is not null then ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then v0 end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then v1 end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then v2 end))), ',') || '}') end as audit_new
  from (
    select seq, record_id, case when as_varchar(get(held, 'amount')) <> '' then as_varchar(get(sent, 'amount')) else as_varchar(get(planned, 'amount')) end as v0,
      as_varchar(get(sent, 'amount')) as o0,
      case when as_varchar(get(held, 'email')) <> '' then as_varchar(get(sent, 'email')) else as_varchar(get(planned, 'email')) end as v1,
      as_varchar(get(sent, 'email')) as o1,
      case when as_varchar(get(held, 'lifecyclestage')) <> '' then as_varchar(get(sent, 'lifecyclestage')) else as_varchar(get(planned, 'lifecyclestage')) end as v2,
      as_varchar(get(sent, 'lifecyclestage')) as o2
    from (
      select q.seq, q.record_id, try_parse_json(s.sent_values) as sent, try_parse_json(q.new_values) as planned, try_parse_json(h.held_values) as held
      from (select * from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('clear', 'archive')) as q
      join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      join (select seq, min(held_values) as held_values from (
    select q.seq, h.sent_values as held_values from (select * from "marts_backhaul"."plan__contacts" where run_id = ? and operation in ('clear', 'archive')) as q
    join "marts_backhaul"."state__resting" as h on h.record_id = q.record_id and h.status <> 'left'
      ) as each_held group by seq) as h on h.seq = q.seq
    ) as opened
  ) as compared
) as n
on p.run_id = ? and p.seq = n.seq
when matched then update set operation = case when n.changed_properties = '[]' then 'leave' else 'clear' end,
  reason = case when n.changed_properties = '[]' then 'held_by_sync' end, reason_detail = ?,
  new_values = n.new_values, changed_properties = n.changed_properties, doubtful_values = n.doubtful_values,
  audit_old = n.audit_old, audit_new = n.audit_new;
-- ["\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1","run-1","run-1","resting"]
