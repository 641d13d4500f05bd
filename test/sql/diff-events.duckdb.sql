insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    m."customer_id"::varchar as row_id,
    nullif(lower(trim(nullif(m."email"::varchar, ''), ' ')), '') as match_value,
    hash($1, m."at", m."quantity", m."quantity"::double, m."email"::varchar) as fingerprint,
    m."at" as c0,
    m."quantity" as c1,
    m."email" as c2
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, cast(null as varchar) as record_id, s.status as known_status,
    case when s.first_synced_at is null then 0 else 1 end as is_sent,
    case when s.status = 'rejected' and s.error_category in ('UNKNOWN_CONTACT', 'UNKNOWN_MEMBER') and s.tried_fingerprint = m.fingerprint then 1 else 0 end as is_unfound,
    struct_pack(fields := from_json(s.sent_values, '{"_event":"VARCHAR","_occurred_at":"VARCHAR","_uuid":"VARCHAR","quantity":"VARCHAR"}'), source := s.sent_values) as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= (select uuid_extract_timestamp(uuidv7())))))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= (select uuid_extract_timestamp(uuidv7()))))))))
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_sent, is_unfound,
    cast($2 as varchar) as v0,
    cast(null as varchar) as o0,
    case when c0::timestamp >= date '0001-01-01' and c0::timestamp < date '100000-01-01' then strftime(c0::timestamp, '%Y-%m-%dT%H:%M:%S.%gZ') end as v1,
    struct_extract(sent.fields, '_occurred_at') as o1,
    case when coalesce(not (c0::timestamp >= date '0001-01-01' and c0::timestamp < date '100000-01-01'), false) then '' end as u1,
    sha256($3 || cast($4 as varchar) || $5 || row_id) as v2,
    struct_extract(sent.fields, '_uuid') as o2,
    c1::varchar as v3,
    cast(null as varchar) as o3
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent, is_unfound,
    v0, o0,
    v1, o1,
    case when u1 is not null then $6 end as b1,
    v2, o2,
    v3, o3
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent, is_unfound,
    to_json(list_filter([case when b1 is not null then '_occurred_at' end], lambda e: e is not null))::varchar as invalid_properties, nullif(substr(coalesce('; ' || b1, ''), 3, 2000), '') as reason_message,
    '[]' as dropped_properties,
    coalesce(v0, o0) as v0, o0,
    coalesce(v1, o1, case when timezone('UTC', (select uuid_extract_timestamp(uuidv7()))) >= date '0001-01-01' and timezone('UTC', (select uuid_extract_timestamp(uuidv7()))) < date '100000-01-01' then strftime(timezone('UTC', (select uuid_extract_timestamp(uuidv7()))), '%Y-%m-%dT%H:%M:%S.%gZ') end) as v1, o1,
    coalesce(o2, substr(v2, 1, 8) || '-' || substr(v2, 9, 4) || '-8' || substr(v2, 14, 3) || '-a' || substr(v2, 18, 3) || '-' || substr(v2, 21, 12)) as v2, o2,
    coalesce(v3, o3) as v3, o3
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent, is_unfound, invalid_properties, reason_message, dropped_properties,
    ('{' || concat_ws(',', '"_event":' || to_json((v0)::varchar)::varchar, '"_occurred_at":' || to_json((v1)::varchar)::varchar, '"_uuid":' || to_json((v2)::varchar)::varchar, '"quantity":' || to_json((v3)::varchar)::varchar) || '}') as new_values,
    to_json(list_filter([case when v0 is not null then '_event' end, case when v1 is not null then '_occurred_at' end, case when v2 is not null then '_uuid' end, case when v3 is not null then 'quantity' end], lambda e: e is not null))::varchar as changed_properties,
    ('{' || concat_ws(',', '"_event":' || to_json((null)::varchar)::varchar, '"_occurred_at":' || to_json((v1)::varchar)::varchar, '"_uuid":' || to_json((v2)::varchar)::varchar, '"quantity":' || to_json((null)::varchar)::varchar) || '}') as doubtful_values,
    ('{' || concat_ws(',', '"_event":' || to_json((case when v0 is not null then nullif(o0, $7) end)::varchar)::varchar, '"_occurred_at":' || to_json((case when v1 is not null then nullif(o1, $8) end)::varchar)::varchar, '"_uuid":' || to_json((case when v2 is not null then nullif(o2, $9) end)::varchar)::varchar, '"quantity":' || to_json((case when v3 is not null then nullif(o3, $10) end)::varchar)::varchar) || '}') as audit_old,
    case when record_id is not null then ('{' || concat_ws(',', '"_event":' || to_json((case when v0 is not null then v0 end)::varchar)::varchar, '"_occurred_at":' || to_json((case when v1 is not null then v1 end)::varchar)::varchar, '"_uuid":' || to_json((case when v2 is not null then v2 end)::varchar)::varchar, '"quantity":' || to_json((case when v3 is not null then v3 end)::varchar)::varchar) || '}') end as audit_new
  from decided
),
judged as (
  select listed.*, case when is_present is null then null when listed.row_id is null then 'missing_key' when match_value is null then 'missing_contact' when not regexp_matches(match_value, '^[^@ ]+@[^@ ]+[.][^@ ]+$') then 'no_email' when invalid_properties <> '[]' then 'invalid_value' when is_unfound = 1 then 'unknown_contact' end as reason, case when is_present is null then null when listed.row_id is null then null when match_value is null then null when not regexp_matches(match_value, '^[^@ ]+@[^@ ]+[.][^@ ]+$') then null when invalid_properties <> '[]' then invalid_properties when is_unfound = 1 then null end as reason_detail
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
select $11 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["seed","pe1_jobs","jobs\n","pe1_jobs","\n","_occurred_at: the value is no date and time","\u0001","\u0001","\u0001","\u0001","run-1"]
