insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    m."customer_id"::text as row_id,
    nullif(lower(trim(nullif(m."email"::text, ''), ' ')), '') as match_value,
    hash_record_extended(row($1::text, numeric_send(m."Total ""net"""), m."email"::text collate "C"), 7046029254386353131) as fingerprint,
    m."Total ""net""" as c0,
    m."email" as c1
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    (case when s.record_id is null then null else s.sent_values end)::jsonb as sent
  from model_rows as m
  full join (select * from (select cast(null as text) as row_id, cast(null as text) as record_id, cast(null as text) as status,
    cast(null as bigint) as fingerprint, cast(null as bigint) as tried_fingerprint,
    cast(null as text) as sent_values, cast(null as text) as match_value, cast(null as boolean) as created_here,
    cast(null as text) as first_run_id, cast(null as timestamptz) as first_synced_at,
    cast(null as timestamptz) as next_attempt_at, cast(null as text) as error_category) as nothing where 1 = 0) as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp())))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as materialized (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status,
    case when c0 not in ('NaN', 'Infinity', '-Infinity') then trim_scale(c0)::text end as v0,
    (sent ->> $2::text) as o0,
    case when coalesce(not (c0 not in ('NaN', 'Infinity', '-Infinity')), false) then coalesce(cast(c0 as text), '') end as u0,
    nullif(c1::text, '') as v1,
    (sent ->> $3::text) as o1,
    cast($4 as text) as v2,
    (sent ->> $5::text) as o2
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status,
    v0, o0,
    case when u0 is not null then $6 || '"' || substr(u0, 1, 80) || '"' || $7 end as b0,
    v1, o1,
    v2, o2,
    case when (v2 is not null and v2 not in ($8, $9)) then $10 || '"' || substr(v2, 1, 80) || '"' || ' is no option' || $11 end as b2
  from rendered
),
decided as materialized (
  select is_present, row_id, match_value, fingerprint, record_id, known_status,
    array_to_json(array_remove(array[case when b0 is not null then $12::text end, case when b2 is not null then $13::text end]::text[], null))::text as invalid_properties, nullif(substr((coalesce('; ' || b0, '') || coalesce('; ' || b2, '')), 3, 2000), '') as reason_message,
    '[]' as dropped_properties,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0,
    coalesce(v1, o1) as v1, o1,
    case when v2 is not null then v2 when o2 is not null then '' end as v2, o2
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, invalid_properties, reason_message, dropped_properties,
    json_strip_nulls(json_object($14::text[], array[v0, v1, v2]::text[]))::text as new_values,
    array_to_json(array_remove(array[case when v0 is distinct from o0 then $15::text end, case when v1 is distinct from o1 then $16::text end, case when v2 is distinct from o2 then $17::text end]::text[], null))::text as changed_properties,
    json_strip_nulls(json_object($18::text[], array[case when v0 is distinct from o0 then $19 else o0 end, case when v1 is distinct from o1 then $20 else o1 end, case when v2 is distinct from o2 then $21 else o2 end]::text[]))::text as doubtful_values,
    json_strip_nulls(json_object($22::text[], array[case when v0 is distinct from o0 then nullif(o0, $23) end, case when v1 is distinct from o1 then nullif(o1, $24) end, case when v2 is distinct from o2 then nullif(o2, $25) end]::text[]))::text as audit_old,
    case when record_id is not null then json_strip_nulls(json_object($26::text[], array[case when v0 is distinct from o0 then v0 end, case when v1 is distinct from o1 then v1 end, case when v2 is distinct from o2 then v2 end]::text[]))::text end as audit_new
  from decided
),
judged as (
  select listed.*, case when is_present is null then null when listed.row_id is null then 'missing_key' when match_value is null then 'missing_match_value' when invalid_properties <> '[]' then 'invalid_value' end as reason, case when is_present is null then null when listed.row_id is null then null when match_value is null then null when invalid_properties <> '[]' then invalid_properties end as reason_detail
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
select $27 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["seed","amount","email","customer","lifecyclestage","amount: "," is no number","lead","customer","lifecyclestage: "," (options: lead, customer)","amount","lifecyclestage","{\"amount\",\"email\",\"lifecyclestage\"}","amount","email","lifecyclestage","{\"amount\",\"email\",\"lifecyclestage\"}","\u0001","\u0001","\u0001","{\"amount\",\"email\",\"lifecyclestage\"}","\u0001","\u0001","\u0001","{\"amount\",\"email\",\"lifecyclestage\"}","run-1"]
