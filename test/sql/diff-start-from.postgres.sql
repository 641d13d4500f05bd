insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    m."customer_id"::text as row_id,
    nullif(lower(trim(nullif(m."email"::text, ''), ' ')), '') as match_value,
    (case when m."created_at" >= '0001-01-01' and m."created_at" < '100000-01-01' then to_char(m."created_at", 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end is null or case when m."created_at" >= '0001-01-01' and m."created_at" < '100000-01-01' then to_char(m."created_at", 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end < $1) as is_before_start,
    hash_record_extended(row($2::text, timestamp_send(m."created_at")), 7046029254386353131) as fingerprint,
    m."created_at" as c0
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    case when m.is_before_start then 1 else 0 end as is_known,
    (case when s.record_id is null then null else s.sent_values end)::jsonb as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp()))))))
),
rendered as materialized (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_known,
    row_id as v0,
    (sent ->> $3::text) as o0
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_known,
    v0, o0
  from rendered
),
decided as materialized (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_known,
    '[]' as invalid_properties, cast(null as text) as reason_message,
    '[]' as dropped_properties,
    coalesce(v0, o0) as v0, o0
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_known, invalid_properties, reason_message, dropped_properties,
    json_strip_nulls(json_object($4::text[], array[v0]::text[]))::text as new_values,
    array_to_json(array_remove(array[case when v0 is distinct from o0 then $5::text end]::text[], null))::text as changed_properties,
    json_strip_nulls(json_object($6::text[], array[case when v0 is distinct from o0 then $7 else o0 end]::text[]))::text as doubtful_values,
    json_strip_nulls(json_object($8::text[], array[case when v0 is distinct from o0 then nullif(o0, $9) end]::text[]))::text as audit_old,
    case when record_id is not null then json_strip_nulls(json_object($10::text[], array[case when v0 is distinct from o0 then v0 end]::text[]))::text end as audit_new
  from decided
),
judged as (
  select listed.*, case when is_present is null then null when listed.row_id is null then 'missing_key' when record_id is null and is_known = 1 then 'before_start' when match_value is null then 'missing_match_value' when invalid_properties <> '[]' then 'invalid_value' end as reason, case when is_present is null then null when listed.row_id is null then null when record_id is null and is_known = 1 then null when match_value is null then null when invalid_properties <> '[]' then invalid_properties end as reason_detail
  from listed
),
chosen as (
  select judged.*, case
    when is_present is null then 'leave'
    when reason = 'before_start' then 'skip'
    when reason is not null then 'reject'
    when record_id is null then 'create'
    when 1 = 1 then 'refresh'
    else 'update' end as operation
  from judged
)
select $11 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["2026-01-01T00:00:00.000Z","seed","row_key","{\"row_key\"}","row_key","{\"row_key\"}","\u0001","{\"row_key\"}","\u0001","{\"row_key\"}","run-1"]
