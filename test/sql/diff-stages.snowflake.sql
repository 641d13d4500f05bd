insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message, steps_back)
with model_rows as (
  select 1 as is_present,
    m."customer_id"::varchar as row_id,
    nullif(lower(trim(nullif(collate(m."email", 'utf8'), ''), ' ')), '') as match_value,
    hash('seed', collate(m."first_name", 'utf8')) as fingerprint,
    m."first_name" as c0
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    case when s.record_id is not null and s.first_synced_at is null then 1 else 0 end as is_unsynced,
    try_parse_json(case when s.record_id is null then null else s.sent_values end) as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    nullif(collate(c0, 'utf8'), '') as v0,
    as_varchar(get(sent, 'lifecyclestage')) as o0
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    v0, case when is_unsynced = 1 and o0 not in ('', ?) and (is_present is null or v0 is null) then null else o0 end as o0
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    '[]' as invalid_properties, cast(null as varchar) as reason_message,
    '[]' as dropped_properties,
    case when case v0 when ? then 0 when ? then 1 end is null then 1 = 0
      when record_id is null or o0 is null then cast(null as boolean) when o0 = ? then 1 = 1 else coalesce(record_id is not null and case v0 when ? then 0 when ? then 1 end < case o0 when ? then 0 when ? then 1 end, 1 = 0) end as steps_back,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, invalid_properties, reason_message, dropped_properties,
    ('{' || array_to_string(array_construct_compact('"lifecyclestage":' || to_json(to_variant(v0))), ',') || '}') as new_values,
    ('[' || array_to_string(array_construct_compact(iff(v0 is distinct from o0, '"lifecyclestage"', null)), ',') || ']') as changed_properties,
    ('{' || array_to_string(array_construct_compact('"lifecyclestage":' || to_json(to_variant(case when v0 is distinct from o0 then ? else o0 end))), ',') || '}') as doubtful_values,
    ('{' || array_to_string(array_construct_compact('"lifecyclestage":' || to_json(to_variant(case when v0 is distinct from o0 then nullif(o0, ?) end))), ',') || '}') as audit_old,
    case when record_id is not null then ('{' || array_to_string(array_construct_compact('"lifecyclestage":' || to_json(to_variant(case when v0 is distinct from o0 then v0 end))), ',') || '}') end as audit_new,
    steps_back
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
select ? as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message, steps_back
from chosen;
-- ["\u0001","lead","customer","\u0001","lead","customer","lead","customer","\u0001","\u0001","run-1"]
