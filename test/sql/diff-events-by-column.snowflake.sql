insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with lookup0 as (
  select term as term0, meaning as meaning0, trouble as trouble0
  from (select as_varchar(get(e.value, 0)) as term, as_varchar(get(e.value, 1)) as meaning, as_varchar(get(e.value, 2)) as trouble from table(flatten(input => parse_json(?))) as e) as entries
),
model_rows as (
  select 1 as is_present,
    m."customer_id"::varchar as row_id,
    ('[' || to_json(to_variant(case when trim(nullif(collate(m."region", 'utf8'), ''), ' ') <> '' then nullif(collate(m."region", 'utf8'), '') end)) || ',' || to_json(to_variant(m."customer"::varchar)) || ']') as match_value,
    hash('seed', collate(m."event", 'utf8'), m."at", m."quantity", collate(m."region", 'utf8'), m."customer") as fingerprint,
    m."event" as c0,
    m."at" as c1,
    m."quantity" as c2,
    m."region" as c3,
    m."customer" as c4
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, cast(null as varchar) as record_id, s.status as known_status,
    case when s.first_synced_at is null then 0 else 1 end as is_sent,
    try_parse_json(s.sent_values) as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp()))))))
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_sent,
    meaning0 as v0,
    cast(null as varchar) as o0,
    case when (nullif(trim(nullif(collate(c0, 'utf8'), ''), ' '), '') is not null and meaning0 is null) then '"' || substr(nullif(trim(nullif(collate(c0, 'utf8'), ''), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble0, ?) end as u0,
    case when c1 >= '0001-01-01'::date and c1 < '10000-01-01'::date then to_varchar(c1, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') end as v1,
    as_varchar(get(sent, '_occurred_at')) as o1,
    case when coalesce(not (c1 >= '0001-01-01'::date and c1 < '10000-01-01'::date), false) then '' end as u1,
    sha2(? || meaning0 || ? || row_id, 256) as v2,
    as_varchar(get(sent, '_uuid')) as o2,
    c2::varchar as v3,
    cast(null as varchar) as o3
  from candidates
  left join lookup0 on term0 = nullif(trim(nullif(collate(c0, 'utf8'), ''), ' '), '')
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent,
    v0, o0,
    case when u0 is not null then ? || u0 end as b0,
    v1, o1,
    case when u1 is not null then ? end as b1,
    v2, o2,
    v3, o3,
    case when (v3 is not null and v0 not in (?)) then ? || v0 || ' has no such property' end as b3
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent,
    ('[' || array_to_string(array_construct_compact(iff(record_id is null and v0 is null, '"_event"', null)), ',') || ']') as lacking_properties,
    ('[' || array_to_string(array_construct_compact(iff(b0 is not null, '"_event"', null), iff(b1 is not null, '"_occurred_at"', null), iff(b3 is not null, '"quantity"', null)), ',') || ']') as invalid_properties, nullif(substr(((coalesce('; ' || b0, '') || coalesce('; ' || b1, '')) || coalesce('; ' || b3, '')), 3, 2000), '') as reason_message,
    '[]' as dropped_properties,
    coalesce(v0, o0) as v0, o0,
    coalesce(v1, o1, case when convert_timezone('UTC', current_timestamp())::timestamp_ntz >= '0001-01-01'::date and convert_timezone('UTC', current_timestamp())::timestamp_ntz < '10000-01-01'::date then to_varchar(convert_timezone('UTC', current_timestamp())::timestamp_ntz, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') end) as v1, o1,
    coalesce(o2, substr(v2, 1, 8) || '-' || substr(v2, 9, 4) || '-8' || substr(v2, 14, 3) || '-a' || substr(v2, 18, 3) || '-' || substr(v2, 21, 12)) as v2, o2,
    coalesce(v3, o3) as v3, o3
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent, lacking_properties, invalid_properties, reason_message, dropped_properties,
    ('{' || array_to_string(array_construct_compact('"_event":' || to_json(to_variant(v0)), '"_occurred_at":' || to_json(to_variant(v1)), '"_uuid":' || to_json(to_variant(v2)), '"quantity":' || to_json(to_variant(v3))), ',') || '}') as new_values,
    ('[' || array_to_string(array_construct_compact(iff(v0 is not null, '"_event"', null), iff(v1 is not null, '"_occurred_at"', null), iff(v2 is not null, '"_uuid"', null), iff(v3 is not null, '"quantity"', null)), ',') || ']') as changed_properties,
    ('{' || array_to_string(array_construct_compact('"_event":' || to_json(to_variant(null)), '"_occurred_at":' || to_json(to_variant(v1)), '"_uuid":' || to_json(to_variant(v2)), '"quantity":' || to_json(to_variant(null))), ',') || '}') as doubtful_values,
    ('{' || array_to_string(array_construct_compact('"_event":' || to_json(to_variant(case when v0 is not null then nullif(o0, ?) end)), '"_occurred_at":' || to_json(to_variant(case when v1 is not null then nullif(o1, ?) end)), '"_uuid":' || to_json(to_variant(case when v2 is not null then nullif(o2, ?) end)), '"quantity":' || to_json(to_variant(case when v3 is not null then nullif(o3, ?) end))), ',') || '}') as audit_old,
    case when record_id is not null then ('{' || array_to_string(array_construct_compact('"_event":' || to_json(to_variant(case when v0 is not null then v0 end)), '"_occurred_at":' || to_json(to_variant(case when v1 is not null then v1 end)), '"_uuid":' || to_json(to_variant(case when v2 is not null then v2 end)), '"quantity":' || to_json(to_variant(case when v3 is not null then v3 end))), ',') || '}') end as audit_new
  from decided
),
judged as (
  select listed.*, case when is_present is null then null when listed.row_id is null then 'missing_key' when match_value is null then 'missing_contact' when invalid_properties <> '[]' then 'invalid_value' when lacking_properties <> '[]' then 'missing_event' when coalesce(is_contact_expected, 0) = 0 then 'no_contact_yet' end as reason, case when is_present is null then null when listed.row_id is null then null when match_value is null then null when invalid_properties <> '[]' then invalid_properties when lacking_properties <> '[]' then null when coalesce(is_contact_expected, 0) = 0 then match_value end as reason_detail
  from listed
  left join (select row_id as contact_row_id, is_expected as is_contact_expected from (select row_id, max(record_id) as record_id, case when sum(copies) > 0 then 1 else 0 end as is_coming,
    case when max(record_id) is not null or (sum(copies) = 1 and max(is_refused) = 0) then 1 else 0 end as is_expected
  from (select row_id, record_id, 0 as copies, case when record_id is null and status in ('rejected', 'parked', 'skipped', 'unknown') then 1 else 0 end as is_refused from "marts_backhaul"."state__vips" union all select row_id, cast(null as varchar) as record_id, 1 as copies, 0 as is_refused from (select m."id"::varchar as row_id from marts.vips as m
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
select ? as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["[[\"jobs\",\"pe1_jobs\",null],[\"job\",null,\"is no event in HubSpot. Did you mean `jobs`?\"]]","is no event in HubSpot","jobs\n","\n","_event: ","_occurred_at: the value is no date and time","pe1_jobs","quantity: ","\u0001","\u0001","\u0001","\u0001","run-1"]
