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
  select seq, ('{' || concat_ws(',', '"amount":' || to_json((v0)::varchar)::varchar, '"email":' || to_json((v1)::varchar)::varchar, '"lifecyclestage":' || to_json((v2)::varchar)::varchar) || '}') as new_values,
    to_json(list_filter([case when v0 is distinct from o0 then 'amount' end, case when v1 is distinct from o1 then 'email' end, case when v2 is distinct from o2 then 'lifecyclestage' end], lambda e: e is not null))::varchar as changed_properties,
    ('{' || concat_ws(',', '"amount":' || to_json((case when v0 is distinct from o0 then $1 else o0 end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then $2 else o1 end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then $3 else o2 end)::varchar)::varchar) || '}') as doubtful_values,
    ('{' || concat_ws(',', '"amount":' || to_json((case when v0 is distinct from o0 then nullif(o0, $4) end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then nullif(o1, $5) end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then nullif(o2, $6) end)::varchar)::varchar) || '}') as audit_old,
    case when record_id is not null then ('{' || concat_ws(',', '"amount":' || to_json((case when v0 is distinct from o0 then v0 end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then v1 end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then v2 end)::varchar)::varchar) || '}') end as audit_new
  from (
    select seq, record_id, case when struct_extract(held.fields, 'amount') <> '' then struct_extract(sent.fields, 'amount') else struct_extract(planned.fields, 'amount') end as v0,
      struct_extract(sent.fields, 'amount') as o0,
      case when struct_extract(held.fields, 'email') <> '' then struct_extract(sent.fields, 'email') else struct_extract(planned.fields, 'email') end as v1,
      struct_extract(sent.fields, 'email') as o1,
      case when struct_extract(held.fields, 'lifecyclestage') <> '' then struct_extract(sent.fields, 'lifecyclestage') else struct_extract(planned.fields, 'lifecyclestage') end as v2,
      struct_extract(sent.fields, 'lifecyclestage') as o2
    from (
      select q.seq, q.record_id, struct_pack(fields := from_json(s.sent_values, '{"amount":"VARCHAR","email":"VARCHAR","lifecyclestage":"VARCHAR"}'), source := s.sent_values) as sent, struct_pack(fields := from_json(q.new_values, '{"amount":"VARCHAR","email":"VARCHAR","lifecyclestage":"VARCHAR"}'), source := q.new_values) as planned, struct_pack(fields := from_json(h.held_values, '{"amount":"VARCHAR","email":"VARCHAR","lifecyclestage":"VARCHAR"}'), source := h.held_values) as held
      from (select * from "marts_backhaul"."plan__contacts" where run_id = $7 and operation in ('clear', 'archive')) as q
      join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      join (select seq, min(held_values) as held_values from (
    select q.seq, $8 as held_values from (select * from "marts_backhaul"."plan__contacts" where run_id = $9 and operation in ('clear', 'archive')) as q
    join "marts_backhaul"."state__vips" as h on h.record_id = q.record_id and h.status <> 'left' and h.row_id in (select row_id from (select m."id"::varchar as row_id from marts.vips as m
  where (is_vip
    )) as k)
    union all
    select q.seq, $10 as held_values from (select * from "marts_backhaul"."plan__contacts" where run_id = $11 and operation in ('clear', 'archive')) as q
    join (select m."id"::varchar as row_id, nullif(lower(trim(nullif(m."email"::varchar, ''), ' ')), '') as match_value
  from marts.vips as m
  where (is_vip
    )) as k on k.match_value = q.match_value
      ) as each_held group by seq) as h on h.seq = q.seq
    ) as opened
  ) as compared
) as n
on p.run_id = $12 and p.seq = n.seq
when matched then update set operation = case when n.changed_properties = '[]' then 'leave' else 'clear' end,
  reason = case when n.changed_properties = '[]' then 'held_by_sync' end, reason_detail = $13,
  new_values = n.new_values, changed_properties = n.changed_properties, doubtful_values = n.doubtful_values,
  audit_old = n.audit_old, audit_new = n.audit_new;
-- ["\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1","{\"email\":\"sent\",\"lifecyclestage\":\"sent\"}","run-1","{\"email\":\"sent\",\"lifecyclestage\":\"sent\"}","run-1","run-1","vips"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select seq, ('{' || concat_ws(',', '"amount":' || to_json((v0)::varchar)::varchar, '"email":' || to_json((v1)::varchar)::varchar, '"lifecyclestage":' || to_json((v2)::varchar)::varchar) || '}') as new_values,
    to_json(list_filter([case when v0 is distinct from o0 then 'amount' end, case when v1 is distinct from o1 then 'email' end, case when v2 is distinct from o2 then 'lifecyclestage' end], lambda e: e is not null))::varchar as changed_properties,
    ('{' || concat_ws(',', '"amount":' || to_json((case when v0 is distinct from o0 then $1 else o0 end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then $2 else o1 end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then $3 else o2 end)::varchar)::varchar) || '}') as doubtful_values,
    ('{' || concat_ws(',', '"amount":' || to_json((case when v0 is distinct from o0 then nullif(o0, $4) end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then nullif(o1, $5) end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then nullif(o2, $6) end)::varchar)::varchar) || '}') as audit_old,
    case when record_id is not null then ('{' || concat_ws(',', '"amount":' || to_json((case when v0 is distinct from o0 then v0 end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then v1 end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then v2 end)::varchar)::varchar) || '}') end as audit_new
  from (
    select seq, record_id, case when struct_extract(held.fields, 'amount') <> '' then struct_extract(sent.fields, 'amount') else struct_extract(planned.fields, 'amount') end as v0,
      struct_extract(sent.fields, 'amount') as o0,
      case when struct_extract(held.fields, 'email') <> '' then struct_extract(sent.fields, 'email') else struct_extract(planned.fields, 'email') end as v1,
      struct_extract(sent.fields, 'email') as o1,
      case when struct_extract(held.fields, 'lifecyclestage') <> '' then struct_extract(sent.fields, 'lifecyclestage') else struct_extract(planned.fields, 'lifecyclestage') end as v2,
      struct_extract(sent.fields, 'lifecyclestage') as o2
    from (
      select q.seq, q.record_id, struct_pack(fields := from_json(s.sent_values, '{"amount":"VARCHAR","email":"VARCHAR","lifecyclestage":"VARCHAR"}'), source := s.sent_values) as sent, struct_pack(fields := from_json(q.new_values, '{"amount":"VARCHAR","email":"VARCHAR","lifecyclestage":"VARCHAR"}'), source := q.new_values) as planned, struct_pack(fields := from_json(h.held_values, '{"amount":"VARCHAR","email":"VARCHAR","lifecyclestage":"VARCHAR"}'), source := h.held_values) as held
      from (select * from "marts_backhaul"."plan__contacts" where run_id = $7 and operation in ('clear', 'archive')) as q
      join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      join (select seq, min(held_values) as held_values from (
    select q.seq, h.sent_values as held_values from (select * from "marts_backhaul"."plan__contacts" where run_id = $8 and operation in ('clear', 'archive')) as q
    join "marts_backhaul"."state__resting" as h on h.record_id = q.record_id and h.status <> 'left'
      ) as each_held group by seq) as h on h.seq = q.seq
    ) as opened
  ) as compared
) as n
on p.run_id = $9 and p.seq = n.seq
when matched then update set operation = case when n.changed_properties = '[]' then 'leave' else 'clear' end,
  reason = case when n.changed_properties = '[]' then 'held_by_sync' end, reason_detail = $10,
  new_values = n.new_values, changed_properties = n.changed_properties, doubtful_values = n.doubtful_values,
  audit_old = n.audit_old, audit_new = n.audit_new;
-- ["\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1","run-1","run-1","resting"]
