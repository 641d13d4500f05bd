select count(*) as total from (select * from "marts_backhaul"."plan__contacts" where run_id = $1 and operation in ('clear', 'archive')) as q;
-- ["run-1"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select q.seq, min(k.row_id) as detail from (select * from "marts_backhaul"."plan__contacts" where run_id = $1 and operation in ('clear', 'archive')) as q
  join (select m."customer_id"::text as row_id, nullif(lower(trim(nullif(m."email"::text, ''), ' ')), '') as match_value
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
  select seq, cast(null as text) as detail from (select * from "marts_backhaul"."plan__contacts" where run_id = $1 and operation in ('clear', 'archive')) as q where substr(row_id, 1, 9) = 'rekeyed: '
) as n
on p.run_id = $2 and p.seq = n.seq
when matched then update set operation = 'leave', reason = $3, reason_detail = n.detail;
-- ["run-1","run-1","lost_key"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select seq, json_strip_nulls(json_object($1::text[], array[v0, v1, v2]::text[]))::text as new_values,
    array_to_json(array_remove(array[case when v0 is distinct from o0 then $2::text end, case when v1 is distinct from o1 then $3::text end, case when v2 is distinct from o2 then $4::text end]::text[], null))::text as changed_properties,
    json_strip_nulls(json_object($5::text[], array[case when v0 is distinct from o0 then $6 else o0 end, case when v1 is distinct from o1 then $7 else o1 end, case when v2 is distinct from o2 then $8 else o2 end]::text[]))::text as doubtful_values,
    json_strip_nulls(json_object($9::text[], array[case when v0 is distinct from o0 then nullif(o0, $10) end, case when v1 is distinct from o1 then nullif(o1, $11) end, case when v2 is distinct from o2 then nullif(o2, $12) end]::text[]))::text as audit_old,
    case when record_id is not null then json_strip_nulls(json_object($13::text[], array[case when v0 is distinct from o0 then v0 end, case when v1 is distinct from o1 then v1 end, case when v2 is distinct from o2 then v2 end]::text[]))::text end as audit_new
  from (
    select seq, record_id, case when (held ->> $14::text) <> '' then (sent ->> $15::text) else (planned ->> $16::text) end as v0,
      (sent ->> $17::text) as o0,
      case when (held ->> $18::text) <> '' then (sent ->> $19::text) else (planned ->> $20::text) end as v1,
      (sent ->> $21::text) as o1,
      case when (held ->> $22::text) <> '' then (sent ->> $23::text) else (planned ->> $24::text) end as v2,
      (sent ->> $25::text) as o2
    from (
      select q.seq, q.record_id, (s.sent_values)::jsonb as sent, (q.new_values)::jsonb as planned, (h.held_values)::jsonb as held
      from (select * from "marts_backhaul"."plan__contacts" where run_id = $26 and operation in ('clear', 'archive')) as q
      join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      join (select seq, min(held_values) as held_values from (
    select q.seq, $27 as held_values from (select * from "marts_backhaul"."plan__contacts" where run_id = $28 and operation in ('clear', 'archive')) as q
    join "marts_backhaul"."state__vips" as h on h.record_id = q.record_id and h.status <> 'left' and h.row_id in (select row_id from (select m."id"::text as row_id from marts.vips as m
  where (is_vip
    )) as k)
    union all
    select q.seq, $29 as held_values from (select * from "marts_backhaul"."plan__contacts" where run_id = $30 and operation in ('clear', 'archive')) as q
    join (select m."id"::text as row_id, nullif(lower(trim(nullif(m."email"::text, ''), ' ')), '') as match_value
  from marts.vips as m
  where (is_vip
    )) as k on k.match_value = q.match_value
      ) as each_held group by seq) as h on h.seq = q.seq
    ) as opened
  ) as compared
) as n
on p.run_id = $31 and p.seq = n.seq
when matched then update set operation = case when n.changed_properties = '[]' then 'leave' else 'clear' end,
  reason = case when n.changed_properties = '[]' then 'held_by_sync' end, reason_detail = $32,
  new_values = n.new_values, changed_properties = n.changed_properties, doubtful_values = n.doubtful_values,
  audit_old = n.audit_old, audit_new = n.audit_new;
-- ["{\"amount\",\"email\",\"lifecyclestage\"}","amount","email","lifecyclestage","{\"amount\",\"email\",\"lifecyclestage\"}","\u0001","\u0001","\u0001","{\"amount\",\"email\",\"lifecyclestage\"}","\u0001","\u0001","\u0001","{\"amount\",\"email\",\"lifecyclestage\"}","amount","amount","amount","amount","email","email","email","email","lifecyclestage","lifecyclestage","lifecyclestage","lifecyclestage","run-1","{\"email\":\"sent\",\"lifecyclestage\":\"sent\"}","run-1","{\"email\":\"sent\",\"lifecyclestage\":\"sent\"}","run-1","run-1","vips"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select seq, json_strip_nulls(json_object($1::text[], array[v0, v1, v2]::text[]))::text as new_values,
    array_to_json(array_remove(array[case when v0 is distinct from o0 then $2::text end, case when v1 is distinct from o1 then $3::text end, case when v2 is distinct from o2 then $4::text end]::text[], null))::text as changed_properties,
    json_strip_nulls(json_object($5::text[], array[case when v0 is distinct from o0 then $6 else o0 end, case when v1 is distinct from o1 then $7 else o1 end, case when v2 is distinct from o2 then $8 else o2 end]::text[]))::text as doubtful_values,
    json_strip_nulls(json_object($9::text[], array[case when v0 is distinct from o0 then nullif(o0, $10) end, case when v1 is distinct from o1 then nullif(o1, $11) end, case when v2 is distinct from o2 then nullif(o2, $12) end]::text[]))::text as audit_old,
    case when record_id is not null then json_strip_nulls(json_object($13::text[], array[case when v0 is distinct from o0 then v0 end, case when v1 is distinct from o1 then v1 end, case when v2 is distinct from o2 then v2 end]::text[]))::text end as audit_new
  from (
    select seq, record_id, case when (held ->> $14::text) <> '' then (sent ->> $15::text) else (planned ->> $16::text) end as v0,
      (sent ->> $17::text) as o0,
      case when (held ->> $18::text) <> '' then (sent ->> $19::text) else (planned ->> $20::text) end as v1,
      (sent ->> $21::text) as o1,
      case when (held ->> $22::text) <> '' then (sent ->> $23::text) else (planned ->> $24::text) end as v2,
      (sent ->> $25::text) as o2
    from (
      select q.seq, q.record_id, (s.sent_values)::jsonb as sent, (q.new_values)::jsonb as planned, (h.held_values)::jsonb as held
      from (select * from "marts_backhaul"."plan__contacts" where run_id = $26 and operation in ('clear', 'archive')) as q
      join "marts_backhaul"."state__contacts" as s on s.row_id = q.row_id
      join (select seq, min(held_values) as held_values from (
    select q.seq, h.sent_values as held_values from (select * from "marts_backhaul"."plan__contacts" where run_id = $27 and operation in ('clear', 'archive')) as q
    join "marts_backhaul"."state__resting" as h on h.record_id = q.record_id and h.status <> 'left'
      ) as each_held group by seq) as h on h.seq = q.seq
    ) as opened
  ) as compared
) as n
on p.run_id = $28 and p.seq = n.seq
when matched then update set operation = case when n.changed_properties = '[]' then 'leave' else 'clear' end,
  reason = case when n.changed_properties = '[]' then 'held_by_sync' end, reason_detail = $29,
  new_values = n.new_values, changed_properties = n.changed_properties, doubtful_values = n.doubtful_values,
  audit_old = n.audit_old, audit_new = n.audit_new;
-- ["{\"amount\",\"email\",\"lifecyclestage\"}","amount","email","lifecyclestage","{\"amount\",\"email\",\"lifecyclestage\"}","\u0001","\u0001","\u0001","{\"amount\",\"email\",\"lifecyclestage\"}","\u0001","\u0001","\u0001","{\"amount\",\"email\",\"lifecyclestage\"}","amount","amount","amount","amount","email","email","email","email","lifecyclestage","lifecyclestage","lifecyclestage","lifecyclestage","run-1","run-1","run-1","resting"]
