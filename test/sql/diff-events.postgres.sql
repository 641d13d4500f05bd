insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    m."customer_id"::text as row_id,
    nullif(lower(trim(nullif(m."email"::text, ''), ' ')), '') as match_value,
    hash_record_extended(row($1::text, timestamp_send(m."at"), int8send(m."quantity"::bigint), m."email"::text collate "C"), 7046029254386353131) as fingerprint,
    m."at" as c0,
    m."quantity" as c1,
    m."email" as c2
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, cast(null as text) as record_id, s.status as known_status,
    case when s.first_synced_at is null then 0 else 1 end as is_sent,
    case when s.status = 'rejected' and s.error_category in ('UNKNOWN_CONTACT', 'UNKNOWN_MEMBER') and s.tried_fingerprint = m.fingerprint then 1 else 0 end as is_unfound,
    (s.sent_values)::jsonb as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp()))))))
),
rendered as materialized (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_sent, is_unfound,
    cast($2 as text) as v0,
    cast(null as text) as o0,
    case when c0 >= '0001-01-01' and c0 < '100000-01-01' then to_char(c0, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end as v1,
    (sent ->> $3::text) as o1,
    case when coalesce(not (c0 >= '0001-01-01' and c0 < '100000-01-01'), false) then '' end as u1,
    encode(sha256(convert_to($4 || cast($5 as text) || $6 || row_id, 'UTF8')), 'hex') as v2,
    (sent ->> $7::text) as o2,
    c1::text as v3,
    cast(null as text) as o3
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent, is_unfound,
    v0, o0,
    v1, o1,
    case when u1 is not null then $8 end as b1,
    v2, o2,
    v3, o3
  from rendered
),
decided as materialized (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent, is_unfound,
    array_to_json(array_remove(array[case when b1 is not null then $9::text end]::text[], null))::text as invalid_properties, nullif(substr(coalesce('; ' || b1, ''), 3, 2000), '') as reason_message,
    '[]' as dropped_properties,
    coalesce(v0, o0) as v0, o0,
    coalesce(v1, o1, case when clock_timestamp() >= '0001-01-01 00:00:00+00' and clock_timestamp() < '100000-01-01 00:00:00+00' then to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end) as v1, o1,
    coalesce(o2, substr(v2, 1, 8) || '-' || substr(v2, 9, 4) || '-8' || substr(v2, 14, 3) || '-a' || substr(v2, 18, 3) || '-' || substr(v2, 21, 12)) as v2, o2,
    coalesce(v3, o3) as v3, o3
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent, is_unfound, invalid_properties, reason_message, dropped_properties,
    json_strip_nulls(json_object($10::text[], array[v0, v1, v2, v3]::text[]))::text as new_values,
    array_to_json(array_remove(array[case when v0 is not null then $11::text end, case when v1 is not null then $12::text end, case when v2 is not null then $13::text end, case when v3 is not null then $14::text end]::text[], null))::text as changed_properties,
    json_strip_nulls(json_object($15::text[], array[null, v1, v2, null]::text[]))::text as doubtful_values,
    json_strip_nulls(json_object($16::text[], array[case when v0 is not null then nullif(o0, $17) end, case when v1 is not null then nullif(o1, $18) end, case when v2 is not null then nullif(o2, $19) end, case when v3 is not null then nullif(o3, $20) end]::text[]))::text as audit_old,
    case when record_id is not null then json_strip_nulls(json_object($21::text[], array[case when v0 is not null then v0 end, case when v1 is not null then v1 end, case when v2 is not null then v2 end, case when v3 is not null then v3 end]::text[]))::text end as audit_new
  from decided
),
judged as (
  select listed.*, case when is_present is null then null when listed.row_id is null then 'missing_key' when match_value is null then 'missing_contact' when not match_value ~ '^[^@ ]+@[^@ ]+[.][^@ ]+$' then 'no_email' when invalid_properties <> '[]' then 'invalid_value' when is_unfound = 1 then 'unknown_contact' end as reason, case when is_present is null then null when listed.row_id is null then null when match_value is null then null when not match_value ~ '^[^@ ]+@[^@ ]+[.][^@ ]+$' then null when invalid_properties <> '[]' then invalid_properties when is_unfound = 1 then null end as reason_detail
  from listed
),
chosen as (
  select judged.*, case
    when is_present is null then 'leave'
    when reason is not null and reason not in ('no_contact_yet', 'unknown_contact', 'unknown_member') then 'reject'
    when is_sent = 0 then 'send'
    when 1 = 1 then 'refresh'
    else 'update' end as operation
  from judged
)
select $22 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["seed","pe1_jobs","_occurred_at","jobs\n","pe1_jobs","\n","_uuid","_occurred_at: the value is no date and time","_occurred_at","{\"_event\",\"_occurred_at\",\"_uuid\",\"quantity\"}","_event","_occurred_at","_uuid","quantity","{\"_event\",\"_occurred_at\",\"_uuid\",\"quantity\"}","{\"_event\",\"_occurred_at\",\"_uuid\",\"quantity\"}","\u0001","\u0001","\u0001","\u0001","{\"_event\",\"_occurred_at\",\"_uuid\",\"quantity\"}","run-1"]
