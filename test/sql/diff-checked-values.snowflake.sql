insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    m."customer_id"::varchar as row_id,
    nullif(lower(trim(nullif(collate(m."email", 'utf8'), ''), ' ')), '') as match_value,
    hash('seed', to_json(m."colours"), collate(m."email", 'utf8'), collate(m."score", 'utf8'), collate(m."seen_at", 'utf8')) as fingerprint,
    m."colours" as c0,
    m."email" as c1,
    m."score" as c2,
    m."seen_at" as c3
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
    case when not contains(array_to_string(array_compact(c0), ''), ';') then nullif(trim(regexp_replace(array_to_string(array_compact(c0), ';'), ';+', ';'), ';'), '') end as v0,
    as_varchar(get(sent, 'colours')) as o0,
    case when coalesce(not (not contains(array_to_string(array_compact(c0), ''), ';')), false) then '' end as u0,
    nullif(collate(c1, 'utf8'), '') as v1,
    as_varchar(get(sent, 'email')) as o1,
    regexp_replace(iff(left(case when length(trim(collate(c2, 'utf8'), ' \t\r\n')) <= 400 and regexp_like(trim(collate(c2, 'utf8'), ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(collate(c2, 'utf8'), ' \t\r\n') end, 1) = '-', '-', '') || rtrim(rtrim(regexp_replace(insert(repeat('0', 1399) || replace(split_part(ltrim(upper(case when length(trim(collate(c2, 'utf8'), ' \t\r\n')) <= 400 and regexp_like(trim(collate(c2, 'utf8'), ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(collate(c2, 'utf8'), ' \t\r\n') end), '+-'), 'E', 1), '.', '') || repeat('0', 1399), 1400 + length(split_part(split_part(ltrim(upper(case when length(trim(collate(c2, 'utf8'), ' \t\r\n')) <= 400 and regexp_like(trim(collate(c2, 'utf8'), ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(collate(c2, 'utf8'), ' \t\r\n') end), '+-'), 'E', 1), '.', 1)) + coalesce(try_to_number(split_part(ltrim(upper(case when length(trim(collate(c2, 'utf8'), ' \t\r\n')) <= 400 and regexp_like(trim(collate(c2, 'utf8'), ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(collate(c2, 'utf8'), ' \t\r\n') end), '+-'), 'E', 2)), 0), 0, '.'), '^0+([0-9])', '\\1'), '0'), '.'), '^-0$', '0') as v2,
    as_varchar(get(sent, 'score')) as o2,
    case when coalesce(collate(c2, 'utf8') <> '' and case when length(trim(collate(c2, 'utf8'), ' \t\r\n')) <= 400 and regexp_like(trim(collate(c2, 'utf8'), ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(collate(c2, 'utf8'), ' \t\r\n') end is null, false) then coalesce(nullif(collate(c2, 'utf8'), ''), '') end as u2,
    case when regexp_like(trim(collate(c3, 'utf8'), ' \t\r\n'), '^((([0-9]{4})-(((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))|((0[469]|11)-(0[1-9]|[12][0-9]|30))|(02-(0[1-9]|1[0-9]|2[0-8]))))|((([0-9]{2}(0[48]|[2468][048]|[13579][26]))|(([02468][048]|[13579][26])00))-02-29))([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?( ?(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?))?)?$') and not (left(trim(collate(c3, 'utf8'), ' \t\r\n'), 4) = '0000' or (left(trim(collate(c3, 'utf8'), ' \t\r\n'), 10) <= '0001-01-01' and regexp_substr(substr(trim(collate(c3, 'utf8'), ' \t\r\n'), 17), '(Z|[+-][0-9:]+)$') is not null)) then to_varchar(case when regexp_substr(substr(trim(collate(c3, 'utf8'), ' \t\r\n'), 17), '(Z|[+-][0-9:]+)$') is not null then dateadd('minute', -(iff(left(regexp_substr(substr(trim(collate(c3, 'utf8'), ' \t\r\n'), 17), '(Z|[+-][0-9:]+)$'), 1) = '-', -1, 1) * (coalesce(try_to_number(substr(replace(regexp_substr(substr(trim(collate(c3, 'utf8'), ' \t\r\n'), 17), '(Z|[+-][0-9:]+)$'), ':', ''), 2, 2)), 0) * 60 + coalesce(try_to_number(substr(replace(regexp_substr(substr(trim(collate(c3, 'utf8'), ' \t\r\n'), 17), '(Z|[+-][0-9:]+)$'), ':', ''), 4, 2)), 0))), try_to_timestamp_ntz(left(trim(collate(c3, 'utf8'), ' \t\r\n'), 10) || ' ' || left(coalesce(regexp_substr(trim(collate(c3, 'utf8'), ' \t\r\n'), '[T ]([0-9:.]+)', 1, 1, 'e', 1), ''), 12) || substr('00:00:00.000', length(left(coalesce(regexp_substr(trim(collate(c3, 'utf8'), ' \t\r\n'), '[T ]([0-9:.]+)', 1, 1, 'e', 1), ''), 12)) + 1), 'YYYY-MM-DD HH24:MI:SS.FF3')) else try_to_timestamp_ntz(left(trim(collate(c3, 'utf8'), ' \t\r\n'), 10) || ' ' || left(coalesce(regexp_substr(trim(collate(c3, 'utf8'), ' \t\r\n'), '[T ]([0-9:.]+)', 1, 1, 'e', 1), ''), 12) || substr('00:00:00.000', length(left(coalesce(regexp_substr(trim(collate(c3, 'utf8'), ' \t\r\n'), '[T ]([0-9:.]+)', 1, 1, 'e', 1), ''), 12)) + 1), 'YYYY-MM-DD HH24:MI:SS.FF3') end, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') end as v3,
    as_varchar(get(sent, 'seen_at')) as o3,
    case when coalesce(collate(c3, 'utf8') <> '' and case when regexp_like(trim(collate(c3, 'utf8'), ' \t\r\n'), '^((([0-9]{4})-(((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))|((0[469]|11)-(0[1-9]|[12][0-9]|30))|(02-(0[1-9]|1[0-9]|2[0-8]))))|((([0-9]{2}(0[48]|[2468][048]|[13579][26]))|(([02468][048]|[13579][26])00))-02-29))([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?( ?(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?))?)?$') and not (left(trim(collate(c3, 'utf8'), ' \t\r\n'), 4) = '0000' or (left(trim(collate(c3, 'utf8'), ' \t\r\n'), 10) <= '0001-01-01' and regexp_substr(substr(trim(collate(c3, 'utf8'), ' \t\r\n'), 17), '(Z|[+-][0-9:]+)$') is not null)) then to_varchar(case when regexp_substr(substr(trim(collate(c3, 'utf8'), ' \t\r\n'), 17), '(Z|[+-][0-9:]+)$') is not null then dateadd('minute', -(iff(left(regexp_substr(substr(trim(collate(c3, 'utf8'), ' \t\r\n'), 17), '(Z|[+-][0-9:]+)$'), 1) = '-', -1, 1) * (coalesce(try_to_number(substr(replace(regexp_substr(substr(trim(collate(c3, 'utf8'), ' \t\r\n'), 17), '(Z|[+-][0-9:]+)$'), ':', ''), 2, 2)), 0) * 60 + coalesce(try_to_number(substr(replace(regexp_substr(substr(trim(collate(c3, 'utf8'), ' \t\r\n'), 17), '(Z|[+-][0-9:]+)$'), ':', ''), 4, 2)), 0))), try_to_timestamp_ntz(left(trim(collate(c3, 'utf8'), ' \t\r\n'), 10) || ' ' || left(coalesce(regexp_substr(trim(collate(c3, 'utf8'), ' \t\r\n'), '[T ]([0-9:.]+)', 1, 1, 'e', 1), ''), 12) || substr('00:00:00.000', length(left(coalesce(regexp_substr(trim(collate(c3, 'utf8'), ' \t\r\n'), '[T ]([0-9:.]+)', 1, 1, 'e', 1), ''), 12)) + 1), 'YYYY-MM-DD HH24:MI:SS.FF3')) else try_to_timestamp_ntz(left(trim(collate(c3, 'utf8'), ' \t\r\n'), 10) || ' ' || left(coalesce(regexp_substr(trim(collate(c3, 'utf8'), ' \t\r\n'), '[T ]([0-9:.]+)', 1, 1, 'e', 1), ''), 12) || substr('00:00:00.000', length(left(coalesce(regexp_substr(trim(collate(c3, 'utf8'), ' \t\r\n'), '[T ]([0-9:.]+)', 1, 1, 'e', 1), ''), 12)) + 1), 'YYYY-MM-DD HH24:MI:SS.FF3') end, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') end is null, false) then coalesce(nullif(collate(c3, 'utf8'), ''), '') end as u3
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    v0, case when is_unsynced = 1 and o0 not in ('', ?) and (is_present is null or v0 is null) then null else o0 end as o0,
    case when u0 is not null then ? when coalesce(array_size(array_except(array_distinct(split(v0, ';')), parse_json('["red","blue"]')::array)) > 0, false) then ? || '"' || substr(v0, 1, 80) || '"' || ' is no option' || ? end as b0,
    v1, case when is_unsynced = 1 and o1 not in ('', ?) and (is_present is null or v1 is null) then null else o1 end as o1,
    v2, case when is_unsynced = 1 and o2 not in ('', ?) and (is_present is null or v2 is null) then null else o2 end as o2,
    case when u2 is not null then ? || '"' || substr(u2, 1, 80) || '"' || ? end as b2,
    v3, case when is_unsynced = 1 and o3 not in ('', ?) and (is_present is null or v3 is null) then null else o3 end as o3,
    case when u3 is not null then ? || '"' || substr(u3, 1, 80) || '"' || ? end as b3
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    ('[' || array_to_string(array_construct_compact(iff(b0 is not null, '"colours"', null), iff(b3 is not null, '"seen_at"', null)), ',') || ']') as invalid_properties, nullif(substr((coalesce('; ' || b0, '') || coalesce('; ' || b3, '')), 3, 2000), '') as reason_message,
    ('[' || array_to_string(array_construct_compact(iff(b2 is not null, '"score"', null)), ',') || ']') as dropped_properties,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0,
    coalesce(v1, o1) as v1, o1,
    case when b2 is not null then o2 else coalesce(v2, '') end as v2, o2,
    case when v3 is not null then v3 when o3 is not null then '' end as v3, o3
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, invalid_properties, reason_message, dropped_properties,
    ('{' || array_to_string(array_construct_compact('"colours":' || to_json(to_variant(v0)), '"email":' || to_json(to_variant(v1)), '"score":' || to_json(to_variant(v2)), '"seen_at":' || to_json(to_variant(v3))), ',') || '}') as new_values,
    ('[' || array_to_string(array_construct_compact(iff(v0 is distinct from o0, '"colours"', null), iff(v1 is distinct from o1, '"email"', null), iff(v2 is distinct from o2, '"score"', null), iff(v3 is distinct from o3, '"seen_at"', null)), ',') || ']') as changed_properties,
    ('{' || array_to_string(array_construct_compact('"colours":' || to_json(to_variant(case when v0 is distinct from o0 then ? else o0 end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then ? else o1 end)), '"score":' || to_json(to_variant(case when v2 is distinct from o2 then ? else o2 end)), '"seen_at":' || to_json(to_variant(case when v3 is distinct from o3 then ? else o3 end))), ',') || '}') as doubtful_values,
    ('{' || array_to_string(array_construct_compact('"colours":' || to_json(to_variant(case when v0 is distinct from o0 then nullif(o0, ?) end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then nullif(o1, ?) end)), '"score":' || to_json(to_variant(case when v2 is distinct from o2 then nullif(o2, ?) end)), '"seen_at":' || to_json(to_variant(case when v3 is distinct from o3 then nullif(o3, ?) end))), ',') || '}') as audit_old,
    case when record_id is not null then ('{' || array_to_string(array_construct_compact('"colours":' || to_json(to_variant(case when v0 is distinct from o0 then v0 end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then v1 end)), '"score":' || to_json(to_variant(case when v2 is distinct from o2 then v2 end)), '"seen_at":' || to_json(to_variant(case when v3 is distinct from o3 then v3 end))), ',') || '}') end as audit_new
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
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["\u0001","colours: the value has an element that holds a semicolon, or is no list","colours: "," (options: red, blue)","\u0001","\u0001","score: "," is no number","\u0001","seen_at: "," is no date and time","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1"]
