insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    m."customer_id"::varchar as row_id,
    nullif(lower(trim(nullif(m."email"::varchar, ''), ' ')), '') as match_value,
    hash($1, to_json(m."colours")::varchar, m."email"::varchar, m."score"::varchar, m."seen_at"::varchar) as fingerprint,
    m."colours" as c0,
    m."email" as c1,
    m."score" as c2,
    m."seen_at" as c3
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    case when s.record_id is not null and s.first_synced_at is null then 1 else 0 end as is_unsynced,
    struct_pack(fields := from_json(case when s.record_id is null then null else s.sent_values end, '{"colours":"VARCHAR","email":"VARCHAR","score":"VARCHAR","seen_at":"VARCHAR"}'), source := case when s.record_id is null then null else s.sent_values end) as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= (select uuid_extract_timestamp(uuidv7())))))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= (select uuid_extract_timestamp(uuidv7())))))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    case when not contains(array_to_string(c0::varchar[], ''), ';') then nullif(array_to_string(list_filter(c0::varchar[], lambda e: e <> ''), ';'), '') end as v0,
    struct_extract(sent.fields, 'colours') as o0,
    case when coalesce(not (not contains(array_to_string(c0::varchar[], ''), ';')), false) then '' end as u0,
    nullif(c1::varchar, '') as v1,
    struct_extract(sent.fields, 'email') as o1,
    list_transform([regexp_extract(case when length(trim(c2::varchar, E' \t\r\n')) <= 400 and regexp_full_match(trim(c2::varchar, E' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(c2::varchar, E' \t\r\n') end, '^([+-]?)([0-9]*)[.]?([0-9]*)(?:[eE]([+-]?[0-9]+))?$', ['s', 'i', 'f', 'e'])], lambda p: case when ltrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) <= 0 then '' else rpad((p.i || p.f), ((length(p.i) + coalesce(try_cast(p.e as integer), 0)))::integer, '0') end, '0') = '' and rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') = '' then '0'
    else case p.s when '-' then '-' else '' end || coalesce(nullif(ltrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) <= 0 then '' else rpad((p.i || p.f), ((length(p.i) + coalesce(try_cast(p.e as integer), 0)))::integer, '0') end, '0'), ''), '0') || case rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') when '' then '' else '.' || rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') end end)[1] as v2,
    struct_extract(sent.fields, 'score') as o2,
    case when coalesce(c2::varchar <> '' and list_transform([regexp_extract(case when length(trim(c2::varchar, E' \t\r\n')) <= 400 and regexp_full_match(trim(c2::varchar, E' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(c2::varchar, E' \t\r\n') end, '^([+-]?)([0-9]*)[.]?([0-9]*)(?:[eE]([+-]?[0-9]+))?$', ['s', 'i', 'f', 'e'])], lambda p: case when ltrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) <= 0 then '' else rpad((p.i || p.f), ((length(p.i) + coalesce(try_cast(p.e as integer), 0)))::integer, '0') end, '0') = '' and rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') = '' then '0'
    else case p.s when '-' then '-' else '' end || coalesce(nullif(ltrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) <= 0 then '' else rpad((p.i || p.f), ((length(p.i) + coalesce(try_cast(p.e as integer), 0)))::integer, '0') end, '0'), ''), '0') || case rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') when '' then '' else '.' || rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') end end)[1] is null, false) then coalesce(nullif(c2::varchar, ''), '') end as u2,
    case when regexp_full_match(trim(c3::varchar, E' \t\r\n'), '^((([0-9]{4})-(((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))|((0[469]|11)-(0[1-9]|[12][0-9]|30))|(02-(0[1-9]|1[0-9]|2[0-8]))))|((([0-9]{2}(0[48]|[2468][048]|[13579][26]))|(([02468][048]|[13579][26])00))-02-29))([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?( ?(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?))?)?$') and not (left(trim(c3::varchar, E' \t\r\n'), 4) = '0000' or (left(trim(c3::varchar, E' \t\r\n'), 10) <= '0001-01-01' and regexp_matches(trim(c3::varchar, E' \t\r\n'), ':.*(Z|[+-][0-9:]+)$'))) then strftime(case when regexp_matches(trim(c3::varchar, E' \t\r\n'), ':.*(Z|[+-][0-9:]+)$') then try_cast(regexp_replace(regexp_replace(trim(c3::varchar, E' \t\r\n'), '([.][0-9]{3})[0-9]+', '\1'), '(:.*?) ?(Z|[+-][0-9:]+)$', '\1') as timestamp) - to_minutes(coalesce(list_transform([regexp_extract(trim(c3::varchar, E' \t\r\n'), ':.*([+-])([0-9]{2}):?([0-9]{2})?$', ['s', 'h', 'm'])],
    lambda p: case p.s when '-' then -1 else 1 end * (try_cast(p.h as integer) * 60 + coalesce(try_cast(p.m as integer), 0)))[1], 0)) else try_cast(regexp_replace(regexp_replace(trim(c3::varchar, E' \t\r\n'), '([.][0-9]{3})[0-9]+', '\1'), '(:.*?) ?(Z|[+-][0-9:]+)$', '\1') as timestamp) end, '%Y-%m-%dT%H:%M:%S.%gZ') end as v3,
    struct_extract(sent.fields, 'seen_at') as o3,
    case when coalesce(c3::varchar <> '' and case when regexp_full_match(trim(c3::varchar, E' \t\r\n'), '^((([0-9]{4})-(((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))|((0[469]|11)-(0[1-9]|[12][0-9]|30))|(02-(0[1-9]|1[0-9]|2[0-8]))))|((([0-9]{2}(0[48]|[2468][048]|[13579][26]))|(([02468][048]|[13579][26])00))-02-29))([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?( ?(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?))?)?$') and not (left(trim(c3::varchar, E' \t\r\n'), 4) = '0000' or (left(trim(c3::varchar, E' \t\r\n'), 10) <= '0001-01-01' and regexp_matches(trim(c3::varchar, E' \t\r\n'), ':.*(Z|[+-][0-9:]+)$'))) then strftime(case when regexp_matches(trim(c3::varchar, E' \t\r\n'), ':.*(Z|[+-][0-9:]+)$') then try_cast(regexp_replace(regexp_replace(trim(c3::varchar, E' \t\r\n'), '([.][0-9]{3})[0-9]+', '\1'), '(:.*?) ?(Z|[+-][0-9:]+)$', '\1') as timestamp) - to_minutes(coalesce(list_transform([regexp_extract(trim(c3::varchar, E' \t\r\n'), ':.*([+-])([0-9]{2}):?([0-9]{2})?$', ['s', 'h', 'm'])],
    lambda p: case p.s when '-' then -1 else 1 end * (try_cast(p.h as integer) * 60 + coalesce(try_cast(p.m as integer), 0)))[1], 0)) else try_cast(regexp_replace(regexp_replace(trim(c3::varchar, E' \t\r\n'), '([.][0-9]{3})[0-9]+', '\1'), '(:.*?) ?(Z|[+-][0-9:]+)$', '\1') as timestamp) end, '%Y-%m-%dT%H:%M:%S.%gZ') end is null, false) then coalesce(nullif(c3::varchar, ''), '') end as u3
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    v0, case when is_unsynced = 1 and o0 not in ('', $2) and (is_present is null or v0 is null) then null else o0 end as o0,
    case when u0 is not null then $3 when coalesce(not list_has_all(from_json($4, '["VARCHAR"]'), string_split(v0, ';')), false) then $5 || '"' || substr(v0, 1, 80) || '"' || ' is no option' || $6 end as b0,
    v1, case when is_unsynced = 1 and o1 not in ('', $7) and (is_present is null or v1 is null) then null else o1 end as o1,
    v2, case when is_unsynced = 1 and o2 not in ('', $8) and (is_present is null or v2 is null) then null else o2 end as o2,
    case when u2 is not null then $9 || '"' || substr(u2, 1, 80) || '"' || $10 end as b2,
    v3, case when is_unsynced = 1 and o3 not in ('', $11) and (is_present is null or v3 is null) then null else o3 end as o3,
    case when u3 is not null then $12 || '"' || substr(u3, 1, 80) || '"' || $13 end as b3
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    to_json(list_filter([case when b0 is not null then 'colours' end, case when b3 is not null then 'seen_at' end], lambda e: e is not null))::varchar as invalid_properties, nullif(substr((coalesce('; ' || b0, '') || coalesce('; ' || b3, '')), 3, 2000), '') as reason_message,
    to_json(list_filter([case when b2 is not null then 'score' end], lambda e: e is not null))::varchar as dropped_properties,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0,
    coalesce(v1, o1) as v1, o1,
    case when b2 is not null then o2 else coalesce(v2, '') end as v2, o2,
    case when v3 is not null then v3 when o3 is not null then '' end as v3, o3
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, invalid_properties, reason_message, dropped_properties,
    ('{' || concat_ws(',', '"colours":' || to_json((v0)::varchar)::varchar, '"email":' || to_json((v1)::varchar)::varchar, '"score":' || to_json((v2)::varchar)::varchar, '"seen_at":' || to_json((v3)::varchar)::varchar) || '}') as new_values,
    to_json(list_filter([case when v0 is distinct from o0 then 'colours' end, case when v1 is distinct from o1 then 'email' end, case when v2 is distinct from o2 then 'score' end, case when v3 is distinct from o3 then 'seen_at' end], lambda e: e is not null))::varchar as changed_properties,
    ('{' || concat_ws(',', '"colours":' || to_json((case when v0 is distinct from o0 then $14 else o0 end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then $15 else o1 end)::varchar)::varchar, '"score":' || to_json((case when v2 is distinct from o2 then $16 else o2 end)::varchar)::varchar, '"seen_at":' || to_json((case when v3 is distinct from o3 then $17 else o3 end)::varchar)::varchar) || '}') as doubtful_values,
    ('{' || concat_ws(',', '"colours":' || to_json((case when v0 is distinct from o0 then nullif(o0, $18) end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then nullif(o1, $19) end)::varchar)::varchar, '"score":' || to_json((case when v2 is distinct from o2 then nullif(o2, $20) end)::varchar)::varchar, '"seen_at":' || to_json((case when v3 is distinct from o3 then nullif(o3, $21) end)::varchar)::varchar) || '}') as audit_old,
    case when record_id is not null then ('{' || concat_ws(',', '"colours":' || to_json((case when v0 is distinct from o0 then v0 end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then v1 end)::varchar)::varchar, '"score":' || to_json((case when v2 is distinct from o2 then v2 end)::varchar)::varchar, '"seen_at":' || to_json((case when v3 is distinct from o3 then v3 end)::varchar)::varchar) || '}') end as audit_new
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
select $22 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["seed","\u0001","colours: the value has an element that holds a semicolon, or is no list","[\"red\",\"blue\"]","colours: "," (options: red, blue)","\u0001","\u0001","score: "," is no number","\u0001","seen_at: "," is no date and time","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1"]
