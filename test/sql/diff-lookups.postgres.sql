insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with repeated_values1 as (
  select v1 as repeated1, min(row_id) as first_row1, max(row_id) as last_row1
  from (select m."customer_id"::text as row_id, nullif(m."badge"::text, '') as v1 from "shop"."marts"."hubspot_contacts" as m) as k
  where v1 is not null group by v1 having count(distinct row_id) > 1
),
lookup4 as (
  select term as term4, meaning as meaning4, trouble as trouble4
  from (select e ->> 0 as term, e ->> 1 as meaning, e ->> 2 as trouble from json_array_elements($1::json) as e) as entries
),
model_rows as (
  select 1 as is_present,
    m."customer_id"::text as row_id,
    nullif(lower(trim(nullif(m."email"::text, ''), ' ')), '') as match_value,
    hash_record_extended(row($2::text, numeric_send(m."amount"), m."badge"::text collate "C", m."colours"::text collate "C", m."email"::text collate "C", m."owner"::text collate "C", m."zip"::text collate "C"), 7046029254386353131) as fingerprint,
    m."amount" as c0,
    m."badge" as c1,
    m."colours" as c2,
    m."email" as c3,
    m."owner" as c4,
    m."zip" as c5
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    case when s.record_id is not null and s.first_synced_at is null then 1 else 0 end as is_unsynced,
    (case when s.record_id is null then null else s.sent_values end)::jsonb as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp())))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as materialized (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    case when c0 not in ('NaN', 'Infinity', '-Infinity') then trim_scale(c0)::text end as v0,
    (sent ->> $3::text) as o0,
    case when coalesce(not (c0 not in ('NaN', 'Infinity', '-Infinity')), false) then coalesce(cast(c0 as text), '') end as u0,
    nullif(c1::text, '') as v1,
    (sent ->> $4::text) as o1,
    case when position(';' in array_to_string(c2::text[], '')) = 0 then nullif(array_to_string(array_remove(c2::text[], ''), ';'), '') end as v2,
    (sent ->> $5::text) as o2,
    case when coalesce(not (position(';' in array_to_string(c2::text[], '')) = 0), false) then '' end as u2,
    nullif(c3::text, '') as v3,
    (sent ->> $6::text) as o3,
    meaning4 as v4,
    (sent ->> $7::text) as o4,
    case when (nullif(lower(trim(nullif(c4::text, ''), ' ')), '') is not null and meaning4 is null) then '"' || substr(nullif(lower(trim(nullif(c4::text, ''), ' ')), ''), 1, 80) || '"' || ' ' || coalesce(trouble4, $8) end as u4,
    nullif(c5::text, '') as v5,
    (sent ->> $9::text) as o5
  from candidates
  left join lookup4 on term4 = nullif(lower(trim(nullif(c4::text, ''), ' ')), '')
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    v0, case when is_unsynced = 1 and o0 not in ('', $10) and (is_present is null or v0 is null) then null else o0 end as o0,
    case when u0 is not null then $11 || '"' || substr(u0, 1, 80) || '"' || $12 when (v0)::numeric < 1 then $13 || '"' || substr(v0, 1, 80) || '"' || $14 end as b0,
    v1, case when is_unsynced = 1 and o1 not in ('', $15) and (is_present is null or v1 is null) then null else o1 end as o1,
    case when repeated1 is not null then $16 || '"' || substr(v1, 1, 80) || '"' || $17 || case when first_row1 = row_id then last_row1 else first_row1 end || ' of the model has it, too' end as b1,
    nullif(substr(case when replace(';' || v2 || ';', $18, '') <> ';' || v2 || ';' then $19 else '' end, 2), '') as v2, case when is_unsynced = 1 and o2 not in ('', $20) and (is_present is null or v2 is null) then null else o2 end as o2,
    case when u2 is not null then $21 when coalesce(not string_to_array(v2, ';') <@ $22::text[], false) then $23 || '"' || substr(v2, 1, 80) || '"' || ' ' || coalesce(null, $24) end as b2,
    v3, case when is_unsynced = 1 and o3 not in ('', $25) and (is_present is null or v3 is null) then null else o3 end as o3,
    v4, case when is_unsynced = 1 and o4 not in ('', $26) and (is_present is null or v4 is null) then null else o4 end as o4,
    case when u4 is not null then $27 || u4 end as b4,
    v5, case when is_unsynced = 1 and o5 not in ('', $28) and (is_present is null or v5 is null) then null else o5 end as o5,
    case when length(v5) > 5 then $29 || '"' || substr(v5, 1, 80) || '"' || $30 when not v5 ~ '^[0-9]*$' then $31 || '"' || substr(v5, 1, 80) || '"' || $32 end as b5
  from rendered
  left join repeated_values1 on repeated1 = v1
),
decided as materialized (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    array_to_json(array_remove(array[case when record_id is null and (v0 is null or b0 is not null) then $33::text end, case when record_id is null and v1 is null and 1 = 1 then $34::text end]::text[], null))::text as lacking_properties,
    array_to_json(array_remove(array[case when b1 is not null then $35::text end, case when b2 is not null then $36::text end, case when b4 is not null then $37::text end, case when b5 is not null then $38::text end]::text[], null))::text as invalid_properties, nullif(substr(((coalesce('; ' || b1, '') || coalesce('; ' || b2, '')) || (coalesce('; ' || b4, '') || coalesce('; ' || b5, ''))), 3, 2000), '') as reason_message,
    array_to_json(array_remove(array[case when b0 is not null then $39::text end]::text[], null))::text as dropped_properties,
    case when b0 is not null then o0 else case when v0 is not null then v0 when o0 is not null then '' end end as v0, o0,
    case when v1 is not null then v1 when o1 is not null then '' end as v1, o1,
    case when v2 is not null then v2 when o2 is not null then '' end as v2, o2,
    coalesce(v3, o3) as v3, o3,
    case when v4 is not null then v4 when o4 is not null then '' end as v4, o4,
    case when v5 is not null then v5 when o5 is not null then '' end as v5, o5
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, lacking_properties, invalid_properties, reason_message, dropped_properties,
    json_strip_nulls(json_object($40::text[], array[v0, v1, v2, v3, v4, v5]::text[]))::text as new_values,
    array_to_json(array_remove(array[case when v0 is distinct from o0 then $41::text end, case when v1 is distinct from o1 then $42::text end, case when v2 is distinct from o2 then $43::text end, case when v3 is distinct from o3 then $44::text end, case when v4 is distinct from o4 then $45::text end, case when v5 is distinct from o5 then $46::text end]::text[], null))::text as changed_properties,
    json_strip_nulls(json_object($47::text[], array[case when v0 is distinct from o0 then $48 else o0 end, case when v1 is distinct from o1 then $49 else o1 end, case when v2 is distinct from o2 then $50 else o2 end, case when v3 is distinct from o3 then $51 else o3 end, case when v4 is distinct from o4 then $52 else o4 end, case when v5 is distinct from o5 then $53 else o5 end]::text[]))::text as doubtful_values,
    json_strip_nulls(json_object($54::text[], array[case when v0 is distinct from o0 then nullif(o0, $55) end, case when v1 is distinct from o1 then nullif(o1, $56) end, case when v2 is distinct from o2 then nullif(o2, $57) end, case when v3 is distinct from o3 then nullif(o3, $58) end, case when v4 is distinct from o4 then nullif(o4, $59) end, case when v5 is distinct from o5 then nullif(o5, $60) end]::text[]))::text as audit_old,
    case when record_id is not null then json_strip_nulls(json_object($61::text[], array[case when v0 is distinct from o0 then v0 end, case when v1 is distinct from o1 then v1 end, case when v2 is distinct from o2 then v2 end, case when v3 is distinct from o3 then v3 end, case when v4 is distinct from o4 then v4 end, case when v5 is distinct from o5 then v5 end]::text[]))::text end as audit_new
  from decided
),
judged as (
  select listed.*, case when is_present is null then null when listed.row_id is null then 'missing_key' when match_value is null then 'missing_match_value' when invalid_properties <> '[]' then 'invalid_value' when lacking_properties <> '[]' then 'missing_required' end as reason, case when is_present is null then null when listed.row_id is null then null when match_value is null then null when invalid_properties <> '[]' then invalid_properties when lacking_properties <> '[]' then lacking_properties end as reason_detail
  from listed
),
chosen as (
  select judged.*, case
    when is_present is null then 'leave'
    when reason is not null then 'reject'
    when record_id is null then 'upsert'
    when changed_properties = '[]' then 'refresh'
    else 'update' end as operation
  from judged
)
select $62 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["[[\"ada@shop.example\",\"7\",null],[\"bob@shop.example\",null,\"is gone\"]]","seed","amount","badge","colours","email","owner","is no e-mail address of an owner in HubSpot","zip","\u0001","amount: "," is no number","amount: "," is below 1, which HubSpot does not take","\u0001","badge: "," must be unique, and row ",";Red;",";r","\u0001","colours: the value has an element that holds a semicolon, or is no list","{\"Red\"}","colours: ","is no label of an option (labels: Red)","\u0001","\u0001","owner: ","\u0001","zip: "," has more than 5 characters, which HubSpot does not take","zip: "," is not all digits, which HubSpot does not take","amount","badge or name","badge","colours","owner","zip","amount","{\"amount\",\"badge\",\"colours\",\"email\",\"owner\",\"zip\"}","amount","badge","colours","email","owner","zip","{\"amount\",\"badge\",\"colours\",\"email\",\"owner\",\"zip\"}","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","{\"amount\",\"badge\",\"colours\",\"email\",\"owner\",\"zip\"}","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","{\"amount\",\"badge\",\"colours\",\"email\",\"owner\",\"zip\"}","run-1"]
