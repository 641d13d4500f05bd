insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with lookup0 as (
  select term as term0, meaning as meaning0, trouble as trouble0
  from (select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json($1, '[["VARCHAR"]]')) as e) as entries) as entries
),
model_rows as (
  select 1 as is_present,
    m."customer_id"::varchar as row_id,
    case when case when trim(nullif(m."region"::varchar, ''), ' ') <> '' then nullif(m."region"::varchar, '') end is not null and m."customer"::varchar is not null then to_json([case when trim(nullif(m."region"::varchar, ''), ' ') <> '' then nullif(m."region"::varchar, '') end, m."customer"::varchar])::varchar end as match_value,
    hash($2, m."event"::varchar, m."at", m."quantity", m."quantity"::double, m."region"::varchar, m."customer", m."customer"::double) as fingerprint,
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
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_sent,
    meaning0 as v0,
    cast(null as varchar) as o0,
    case when (nullif(trim(nullif(c0::varchar, ''), ' '), '') is not null and meaning0 is null) then '"' || substr(nullif(trim(nullif(c0::varchar, ''), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble0, $3) end as u0,
    case when c1::timestamp >= date '0001-01-01' and c1::timestamp < date '100000-01-01' then strftime(c1::timestamp, '%Y-%m-%dT%H:%M:%S.%gZ') end as v1,
    struct_extract(sent.fields, '_occurred_at') as o1,
    case when coalesce(not (c1::timestamp >= date '0001-01-01' and c1::timestamp < date '100000-01-01'), false) then '' end as u1,
    sha256($4 || meaning0 || $5 || row_id) as v2,
    struct_extract(sent.fields, '_uuid') as o2,
    c2::varchar as v3,
    cast(null as varchar) as o3
  from candidates
  left join lookup0 on term0 = nullif(trim(nullif(c0::varchar, ''), ' '), '')
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent,
    v0, o0,
    case when u0 is not null then $6 || u0 end as b0,
    v1, o1,
    case when u1 is not null then $7 end as b1,
    v2, o2,
    v3, o3,
    case when (v3 is not null and v0 not in ($8)) then $9 || v0 || ' has no such property' end as b3
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent,
    to_json(list_filter([case when record_id is null and v0 is null then '_event' end], lambda e: e is not null))::varchar as lacking_properties,
    to_json(list_filter([case when b0 is not null then '_event' end, case when b1 is not null then '_occurred_at' end, case when b3 is not null then 'quantity' end], lambda e: e is not null))::varchar as invalid_properties, nullif(substr(((coalesce('; ' || b0, '') || coalesce('; ' || b1, '')) || coalesce('; ' || b3, '')), 3, 2000), '') as reason_message,
    '[]' as dropped_properties,
    coalesce(v0, o0) as v0, o0,
    coalesce(v1, o1, case when timezone('UTC', (select uuid_extract_timestamp(uuidv7()))) >= date '0001-01-01' and timezone('UTC', (select uuid_extract_timestamp(uuidv7()))) < date '100000-01-01' then strftime(timezone('UTC', (select uuid_extract_timestamp(uuidv7()))), '%Y-%m-%dT%H:%M:%S.%gZ') end) as v1, o1,
    coalesce(o2, substr(v2, 1, 8) || '-' || substr(v2, 9, 4) || '-8' || substr(v2, 14, 3) || '-a' || substr(v2, 18, 3) || '-' || substr(v2, 21, 12)) as v2, o2,
    coalesce(v3, o3) as v3, o3
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent, lacking_properties, invalid_properties, reason_message, dropped_properties,
    ('{' || concat_ws(',', '"_event":' || to_json((v0)::varchar)::varchar, '"_occurred_at":' || to_json((v1)::varchar)::varchar, '"_uuid":' || to_json((v2)::varchar)::varchar, '"quantity":' || to_json((v3)::varchar)::varchar) || '}') as new_values,
    to_json(list_filter([case when v0 is not null then '_event' end, case when v1 is not null then '_occurred_at' end, case when v2 is not null then '_uuid' end, case when v3 is not null then 'quantity' end], lambda e: e is not null))::varchar as changed_properties,
    ('{' || concat_ws(',', '"_event":' || to_json((null)::varchar)::varchar, '"_occurred_at":' || to_json((v1)::varchar)::varchar, '"_uuid":' || to_json((v2)::varchar)::varchar, '"quantity":' || to_json((null)::varchar)::varchar) || '}') as doubtful_values,
    ('{' || concat_ws(',', '"_event":' || to_json((case when v0 is not null then nullif(o0, $10) end)::varchar)::varchar, '"_occurred_at":' || to_json((case when v1 is not null then nullif(o1, $11) end)::varchar)::varchar, '"_uuid":' || to_json((case when v2 is not null then nullif(o2, $12) end)::varchar)::varchar, '"quantity":' || to_json((case when v3 is not null then nullif(o3, $13) end)::varchar)::varchar) || '}') as audit_old,
    case when record_id is not null then ('{' || concat_ws(',', '"_event":' || to_json((case when v0 is not null then v0 end)::varchar)::varchar, '"_occurred_at":' || to_json((case when v1 is not null then v1 end)::varchar)::varchar, '"_uuid":' || to_json((case when v2 is not null then v2 end)::varchar)::varchar, '"quantity":' || to_json((case when v3 is not null then v3 end)::varchar)::varchar) || '}') end as audit_new
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
select $14 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["[[\"jobs\",\"pe1_jobs\",null],[\"job\",null,\"is no event in HubSpot. Did you mean `jobs`?\"]]","seed","is no event in HubSpot","jobs\n","\n","_event: ","_occurred_at: the value is no date and time","pe1_jobs","quantity: ","\u0001","\u0001","\u0001","\u0001","run-1"]
