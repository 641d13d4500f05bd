insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    m."customer_id"::varchar as row_id,
    nullif(lower(trim(nullif(m."email"::varchar, ''), ' ')), '') as match_value,
    hash($1, m."Total ""net""", m."Total ""net"""::double, m."email"::varchar) as fingerprint,
    m."Total ""net""" as c0,
    m."email" as c1
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    case when s.record_id is not null and s.first_synced_at is null then 1 else 0 end as is_unsynced,
    struct_pack(fields := from_json(case when s.record_id is null then null else s.sent_values end, '{"amount":"VARCHAR","email":"VARCHAR","lifecyclestage":"VARCHAR"}'), source := case when s.record_id is null then null else s.sent_values end) as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((1 = 0)
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= (select uuid_extract_timestamp(uuidv7())))))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= (select uuid_extract_timestamp(uuidv7())))))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
    and m.row_id in ($2, $3)
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    case when contains(c0::varchar, '.') then rtrim(rtrim(c0::varchar, '0'), '.') else c0::varchar end as v0,
    struct_extract(sent.fields, 'amount') as o0,
    nullif(c1::varchar, '') as v1,
    struct_extract(sent.fields, 'email') as o1,
    cast($4 as varchar) as v2,
    struct_extract(sent.fields, 'lifecyclestage') as o2
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    v0, case when is_unsynced = 1 and o0 not in ('', $5) and (is_present is null or v0 is null) then null else o0 end as o0,
    v1, case when is_unsynced = 1 and o1 not in ('', $6) and (is_present is null or v1 is null) then null else o1 end as o1,
    v2, case when is_unsynced = 1 and o2 not in ('', $7) and (is_present is null or v2 is null) then null else o2 end as o2,
    case when (v2 is not null and v2 not in ($8, $9)) then $10 || '"' || substr(v2, 1, 80) || '"' || ' is no option' || $11 end as b2
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    to_json(list_filter([case when b2 is not null then 'lifecyclestage' end], lambda e: e is not null))::varchar as invalid_properties, nullif(substr(coalesce('; ' || b2, ''), 3, 2000), '') as reason_message,
    '[]' as dropped_properties,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0,
    coalesce(v1, o1) as v1, o1,
    case when v2 is not null then v2 when o2 is not null then '' end as v2, o2
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, invalid_properties, reason_message, dropped_properties,
    ('{' || concat_ws(',', '"amount":' || to_json((v0)::varchar)::varchar, '"email":' || to_json((v1)::varchar)::varchar, '"lifecyclestage":' || to_json((v2)::varchar)::varchar) || '}') as new_values,
    to_json(list_filter([case when v0 is distinct from o0 then 'amount' end, case when v1 is distinct from o1 then 'email' end, case when v2 is distinct from o2 then 'lifecyclestage' end], lambda e: e is not null))::varchar as changed_properties,
    ('{' || concat_ws(',', '"amount":' || to_json((case when v0 is distinct from o0 then $12 else o0 end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then $13 else o1 end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then $14 else o2 end)::varchar)::varchar) || '}') as doubtful_values,
    ('{' || concat_ws(',', '"amount":' || to_json((case when v0 is distinct from o0 then nullif(o0, $15) end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then nullif(o1, $16) end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then nullif(o2, $17) end)::varchar)::varchar) || '}') as audit_old,
    case when record_id is not null then ('{' || concat_ws(',', '"amount":' || to_json((case when v0 is distinct from o0 then v0 end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then v1 end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then v2 end)::varchar)::varchar) || '}') end as audit_new
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
select $18 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from (select * from chosen order by case when operation in ('create', 'update', 'upsert', 'send', 'add', 'remove') and reason is null then 0 else 1 end, row_id
limit 10) as limited;
-- ["seed","1","2","customer","\u0001","\u0001","\u0001","lead","customer","lifecyclestage: "," (options: lead, customer)","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1"]
