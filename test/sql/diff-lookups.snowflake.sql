insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with repeated_values1 as (
  select v1 as repeated1, min(row_id) as first_row1, max(row_id) as last_row1
  from (select m."customer_id"::varchar as row_id, nullif(collate(m."badge", 'utf8'), '') as v1 from "shop"."marts"."hubspot_contacts" as m) as k
  where v1 is not null group by v1 having count(distinct row_id) > 1
),
lookup4 as (
  select term as term4, meaning as meaning4, trouble as trouble4
  from (select as_varchar(get(e.value, 0)) as term, as_varchar(get(e.value, 1)) as meaning, as_varchar(get(e.value, 2)) as trouble from table(flatten(input => parse_json(?))) as e) as entries
),
model_rows as (
  select 1 as is_present,
    m."customer_id"::varchar as row_id,
    nullif(lower(trim(nullif(collate(m."email", 'utf8'), ''), ' ')), '') as match_value,
    hash('seed', m."amount", collate(m."badge", 'utf8'), to_json(m."colours"), collate(m."email", 'utf8'), collate(m."owner", 'utf8'), collate(m."zip", 'utf8')) as fingerprint,
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
    case when contains(c0::varchar, '.') then rtrim(rtrim(c0::varchar, '0'), '.') else c0::varchar end as v0,
    as_varchar(get(sent, 'amount')) as o0,
    nullif(collate(c1, 'utf8'), '') as v1,
    as_varchar(get(sent, 'badge')) as o1,
    case when not contains(array_to_string(array_compact(c2), ''), ';') then nullif(trim(regexp_replace(array_to_string(array_compact(c2), ';'), ';+', ';'), ';'), '') end as v2,
    as_varchar(get(sent, 'colours')) as o2,
    case when coalesce(not (not contains(array_to_string(array_compact(c2), ''), ';')), false) then '' end as u2,
    nullif(collate(c3, 'utf8'), '') as v3,
    as_varchar(get(sent, 'email')) as o3,
    meaning4 as v4,
    as_varchar(get(sent, 'owner')) as o4,
    case when (nullif(lower(trim(nullif(collate(c4, 'utf8'), ''), ' ')), '') is not null and meaning4 is null) then '"' || substr(nullif(lower(trim(nullif(collate(c4, 'utf8'), ''), ' ')), ''), 1, 80) || '"' || ' ' || coalesce(trouble4, ?) end as u4,
    nullif(collate(c5, 'utf8'), '') as v5,
    as_varchar(get(sent, 'zip')) as o5
  from candidates
  left join lookup4 on term4 = nullif(lower(trim(nullif(collate(c4, 'utf8'), ''), ' ')), '')
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    v0, case when is_unsynced = 1 and o0 not in ('', ?) and (is_present is null or v0 is null) then null else o0 end as o0,
    case when try_to_double(v0) < 1 then ? || '"' || substr(v0, 1, 80) || '"' || ? end as b0,
    v1, case when is_unsynced = 1 and o1 not in ('', ?) and (is_present is null or v1 is null) then null else o1 end as o1,
    case when repeated1 is not null then ? || '"' || substr(v1, 1, 80) || '"' || ? || case when first_row1 = row_id then last_row1 else first_row1 end || ' of the model has it, too' end as b1,
    nullif(substr(case when replace(';' || v2 || ';', ?, '') <> ';' || v2 || ';' then ? else '' end, 2), '') as v2, case when is_unsynced = 1 and o2 not in ('', ?) and (is_present is null or v2 is null) then null else o2 end as o2,
    case when u2 is not null then ? when coalesce(array_size(array_except(array_distinct(split(v2, ';')), parse_json('["Red"]')::array)) > 0, false) then ? || '"' || substr(v2, 1, 80) || '"' || ' ' || coalesce(null, ?) end as b2,
    v3, case when is_unsynced = 1 and o3 not in ('', ?) and (is_present is null or v3 is null) then null else o3 end as o3,
    v4, case when is_unsynced = 1 and o4 not in ('', ?) and (is_present is null or v4 is null) then null else o4 end as o4,
    case when u4 is not null then ? || u4 end as b4,
    v5, case when is_unsynced = 1 and o5 not in ('', ?) and (is_present is null or v5 is null) then null else o5 end as o5,
    case when length(v5) > 5 then ? || '"' || substr(v5, 1, 80) || '"' || ? when not regexp_like(v5, '^[0-9]*$') then ? || '"' || substr(v5, 1, 80) || '"' || ? end as b5
  from rendered
  left join repeated_values1 on repeated1 = v1
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    ('[' || array_to_string(array_construct_compact(iff(record_id is null and (v0 is null or b0 is not null), '"amount"', null), iff(record_id is null and v1 is null and 1 = 1, '"badge or name"', null)), ',') || ']') as lacking_properties,
    ('[' || array_to_string(array_construct_compact(iff(b1 is not null, '"badge"', null), iff(b2 is not null, '"colours"', null), iff(b4 is not null, '"owner"', null), iff(b5 is not null, '"zip"', null)), ',') || ']') as invalid_properties, nullif(substr(((coalesce('; ' || b1, '') || coalesce('; ' || b2, '')) || (coalesce('; ' || b4, '') || coalesce('; ' || b5, ''))), 3, 2000), '') as reason_message,
    ('[' || array_to_string(array_construct_compact(iff(b0 is not null, '"amount"', null)), ',') || ']') as dropped_properties,
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
    ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(v0)), '"badge":' || to_json(to_variant(v1)), '"colours":' || to_json(to_variant(v2)), '"email":' || to_json(to_variant(v3)), '"owner":' || to_json(to_variant(v4)), '"zip":' || to_json(to_variant(v5))), ',') || '}') as new_values,
    ('[' || array_to_string(array_construct_compact(iff(v0 is distinct from o0, '"amount"', null), iff(v1 is distinct from o1, '"badge"', null), iff(v2 is distinct from o2, '"colours"', null), iff(v3 is distinct from o3, '"email"', null), iff(v4 is distinct from o4, '"owner"', null), iff(v5 is distinct from o5, '"zip"', null)), ',') || ']') as changed_properties,
    ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then ? else o0 end)), '"badge":' || to_json(to_variant(case when v1 is distinct from o1 then ? else o1 end)), '"colours":' || to_json(to_variant(case when v2 is distinct from o2 then ? else o2 end)), '"email":' || to_json(to_variant(case when v3 is distinct from o3 then ? else o3 end)), '"owner":' || to_json(to_variant(case when v4 is distinct from o4 then ? else o4 end)), '"zip":' || to_json(to_variant(case when v5 is distinct from o5 then ? else o5 end))), ',') || '}') as doubtful_values,
    ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then nullif(o0, ?) end)), '"badge":' || to_json(to_variant(case when v1 is distinct from o1 then nullif(o1, ?) end)), '"colours":' || to_json(to_variant(case when v2 is distinct from o2 then nullif(o2, ?) end)), '"email":' || to_json(to_variant(case when v3 is distinct from o3 then nullif(o3, ?) end)), '"owner":' || to_json(to_variant(case when v4 is distinct from o4 then nullif(o4, ?) end)), '"zip":' || to_json(to_variant(case when v5 is distinct from o5 then nullif(o5, ?) end))), ',') || '}') as audit_old,
    case when record_id is not null then ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then v0 end)), '"badge":' || to_json(to_variant(case when v1 is distinct from o1 then v1 end)), '"colours":' || to_json(to_variant(case when v2 is distinct from o2 then v2 end)), '"email":' || to_json(to_variant(case when v3 is distinct from o3 then v3 end)), '"owner":' || to_json(to_variant(case when v4 is distinct from o4 then v4 end)), '"zip":' || to_json(to_variant(case when v5 is distinct from o5 then v5 end))), ',') || '}') end as audit_new
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
select ? as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["[[\"ada@shop.example\",\"7\",null],[\"bob@shop.example\",null,\"is gone\"]]","is no e-mail address of an owner in HubSpot","\u0001","amount: "," is below 1, which HubSpot does not take","\u0001","badge: "," must be unique, and row ",";Red;",";r","\u0001","colours: the value has an element that holds a semicolon, or is no list","colours: ","is no label of an option (labels: Red)","\u0001","\u0001","owner: ","\u0001","zip: "," has more than 5 characters, which HubSpot does not take","zip: "," is not all digits, which HubSpot does not take","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1"]
