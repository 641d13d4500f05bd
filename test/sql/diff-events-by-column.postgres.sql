insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with lookup0 as (
  select term as term0, meaning as meaning0, trouble as trouble0
  from (select e ->> 0 as term, e ->> 1 as meaning, e ->> 2 as trouble from json_array_elements($1::json) as e) as entries
),
model_rows as (
  select 1 as is_present,
    m."customer_id"::text as row_id,
    case when case when trim(nullif(m."region"::text, ''), ' ') <> '' then nullif(m."region"::text, '') end is not null and m."customer"::text is not null then array_to_json(array[case when trim(nullif(m."region"::text, ''), ' ') <> '' then nullif(m."region"::text, '') end, m."customer"::text]::text[])::text end as match_value,
    hash_record_extended(row($2::text, m."event"::text collate "C", timestamp_send(m."at"), int8send(m."quantity"::bigint), m."region"::text collate "C", int8send(m."customer"::bigint)), 7046029254386353131) as fingerprint,
    m."event" as c0,
    m."at" as c1,
    m."quantity" as c2,
    m."region" as c3,
    m."customer" as c4
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, cast(null as text) as record_id, s.status as known_status,
    case when s.first_synced_at is null then 0 else 1 end as is_sent,
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
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_sent,
    meaning0 as v0,
    cast(null as text) as o0,
    case when (nullif(trim(nullif(c0::text, ''), ' '), '') is not null and meaning0 is null) then '"' || substr(nullif(trim(nullif(c0::text, ''), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble0, $3) end as u0,
    case when c1 >= '0001-01-01' and c1 < '100000-01-01' then to_char(c1, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end as v1,
    (sent ->> $4::text) as o1,
    case when coalesce(not (c1 >= '0001-01-01' and c1 < '100000-01-01'), false) then '' end as u1,
    encode(sha256(convert_to($5 || meaning0 || $6 || row_id, 'UTF8')), 'hex') as v2,
    (sent ->> $7::text) as o2,
    c2::text as v3,
    cast(null as text) as o3
  from candidates
  left join lookup0 on term0 = nullif(trim(nullif(c0::text, ''), ' '), '')
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent,
    v0, o0,
    case when u0 is not null then $8 || u0 end as b0,
    v1, o1,
    case when u1 is not null then $9 end as b1,
    v2, o2,
    v3, o3,
    case when (v3 is not null and v0 not in ($10)) then $11 || v0 || ' has no such property' end as b3
  from rendered
),
decided as materialized (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent,
    array_to_json(array_remove(array[case when record_id is null and v0 is null then $12::text end]::text[], null))::text as lacking_properties,
    array_to_json(array_remove(array[case when b0 is not null then $13::text end, case when b1 is not null then $14::text end, case when b3 is not null then $15::text end]::text[], null))::text as invalid_properties, nullif(substr(((coalesce('; ' || b0, '') || coalesce('; ' || b1, '')) || coalesce('; ' || b3, '')), 3, 2000), '') as reason_message,
    '[]' as dropped_properties,
    coalesce(v0, o0) as v0, o0,
    coalesce(v1, o1, case when clock_timestamp() >= '0001-01-01 00:00:00+00' and clock_timestamp() < '100000-01-01 00:00:00+00' then to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end) as v1, o1,
    coalesce(o2, substr(v2, 1, 8) || '-' || substr(v2, 9, 4) || '-8' || substr(v2, 14, 3) || '-a' || substr(v2, 18, 3) || '-' || substr(v2, 21, 12)) as v2, o2,
    coalesce(v3, o3) as v3, o3
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent, lacking_properties, invalid_properties, reason_message, dropped_properties,
    json_strip_nulls(json_object($16::text[], array[v0, v1, v2, v3]::text[]))::text as new_values,
    array_to_json(array_remove(array[case when v0 is not null then $17::text end, case when v1 is not null then $18::text end, case when v2 is not null then $19::text end, case when v3 is not null then $20::text end]::text[], null))::text as changed_properties,
    json_strip_nulls(json_object($21::text[], array[null, v1, v2, null]::text[]))::text as doubtful_values,
    json_strip_nulls(json_object($22::text[], array[case when v0 is not null then nullif(o0, $23) end, case when v1 is not null then nullif(o1, $24) end, case when v2 is not null then nullif(o2, $25) end, case when v3 is not null then nullif(o3, $26) end]::text[]))::text as audit_old,
    case when record_id is not null then json_strip_nulls(json_object($27::text[], array[case when v0 is not null then v0 end, case when v1 is not null then v1 end, case when v2 is not null then v2 end, case when v3 is not null then v3 end]::text[]))::text end as audit_new
  from decided
),
judged as (
  select listed.*, case when is_present is null then null when listed.row_id is null then 'missing_key' when match_value is null then 'missing_contact' when invalid_properties <> '[]' then 'invalid_value' when lacking_properties <> '[]' then 'missing_event' when coalesce(is_contact_expected, 0) = 0 then 'no_contact_yet' end as reason, case when is_present is null then null when listed.row_id is null then null when match_value is null then null when invalid_properties <> '[]' then invalid_properties when lacking_properties <> '[]' then null when coalesce(is_contact_expected, 0) = 0 then match_value end as reason_detail
  from listed
  left join (select row_id as contact_row_id, is_expected as is_contact_expected from (select row_id, max(record_id) as record_id, case when sum(copies) > 0 then 1 else 0 end as is_coming,
    case when max(record_id) is not null or (sum(copies) = 1 and max(is_refused) = 0) then 1 else 0 end as is_expected
  from (select row_id, record_id, 0 as copies, case when record_id is null and status in ('rejected', 'parked', 'skipped', 'unknown') then 1 else 0 end as is_refused from "marts_backhaul"."state__vips" union all select row_id, cast(null as text) as record_id, 1 as copies, 0 as is_refused from (select m."id"::text as row_id from marts.vips as m
  where (is_vip
    )) as k where row_id is not null) as rows_of group by row_id) as contact_rows) as expected on contact_row_id = match_value
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
select $28 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["[[\"jobs\",\"pe1_jobs\",null],[\"job\",null,\"is no event in HubSpot. Did you mean `jobs`?\"]]","seed","is no event in HubSpot","_occurred_at","jobs\n","\n","_uuid","_event: ","_occurred_at: the value is no date and time","pe1_jobs","quantity: ","_event","_event","_occurred_at","quantity","{\"_event\",\"_occurred_at\",\"_uuid\",\"quantity\"}","_event","_occurred_at","_uuid","quantity","{\"_event\",\"_occurred_at\",\"_uuid\",\"quantity\"}","{\"_event\",\"_occurred_at\",\"_uuid\",\"quantity\"}","\u0001","\u0001","\u0001","\u0001","{\"_event\",\"_occurred_at\",\"_uuid\",\"quantity\"}","run-1"]
