with planned_row as (
  select * from (with model_rows as (
  select 1 as is_present,
    m."customer_id"::varchar as row_id,
    nullif(lower(trim(nullif(collate(m."email", 'utf8'), ''), ' ')), '') as match_value,
    hash('seed', collate(m."email", 'utf8'), collate(m."first_name", 'utf8'), m."joined_at", m."orders") as fingerprint,
    m."email" as c0,
    m."first_name" as c1,
    m."joined_at" as c2,
    m."orders" as c3
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status, s.match_value as known_match_value,
    case when s.record_id is not null and s.first_synced_at is null then 1 else 0 end as is_unsynced,
    try_parse_json(case when s.record_id is null then null else s.sent_values end) as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown') and not (s.status = 'parked' and s.tried_fingerprint is null))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, case when is_present is null then known_match_value else match_value end as match_value, fingerprint, record_id, known_status, is_unsynced,
    nullif(collate(c0, 'utf8'), '') as v0,
    as_varchar(get(sent, 'email')) as o0,
    cast(null as varchar) as v1,
    case when is_present is null then as_varchar(get(sent, 'salutation')) end as o1,
    cast(null as varchar) as v2,
    case when is_present is null then as_varchar(get(sent, 'score')) end as o2,
    cast(null as varchar) as v3,
    case when is_present is null then as_varchar(get(sent, 'lifecyclestage')) end as o3,
    ('{' || array_to_string(array_construct_compact('"#0":' || to_json(to_variant(nullif(collate(c1, 'utf8'), ''))), '"#1":' || to_json(to_variant(case when coalesce(not (convert_timezone('UTC', c2)::timestamp_ntz >= '0001-01-01'::date and convert_timezone('UTC', c2)::timestamp_ntz < '10000-01-01'::date), false) then ? else case when convert_timezone('UTC', c2)::timestamp_ntz >= '0001-01-01'::date and convert_timezone('UTC', c2)::timestamp_ntz < '10000-01-01'::date then to_varchar(convert_timezone('UTC', c2)::timestamp_ntz, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') end end)), '"#2":' || to_json(to_variant(case when coalesce(not (c3 not in ('NaN'::float, 'inf'::float, '-inf'::float)), false) then ? else case when c3 not in ('NaN'::float, 'inf'::float, '-inf'::float) then iff(c3 < 0, '-', '') || rtrim(rtrim(regexp_replace(insert(repeat('0', 330) || regexp_replace(split_part(to_varchar(c3, 'S0.00000000000000EEEEE'), 'E', 1), '[^0-9]', '') || repeat('0', 330), 331 + 1 + try_to_number(split_part(to_varchar(c3, 'S0.00000000000000EEEEE'), 'E', 2)), 0, '.'), '^0+([0-9])', '\\1'), '0'), '.') end end)), '"salutation":' || to_json(to_variant(as_varchar(get(sent, 'salutation')))), '"score":' || to_json(to_variant(as_varchar(get(sent, 'score')))), '"lifecyclestage":' || to_json(to_variant(as_varchar(get(sent, 'lifecyclestage')))), '"_unsynced":' || to_json(to_variant(case when is_unsynced = 1 then 'true' end))), ',') || '}') as template_values
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values,
    v0, case when is_unsynced = 1 and o0 not in ('', ?) and (is_present is null or v0 is null) then null else o0 end as o0,
    v1, case when is_unsynced = 1 and o1 not in ('', ?) and (is_present is null or v1 is null) then null else o1 end as o1,
    v2, case when is_unsynced = 1 and o2 not in ('', ?) and (is_present is null or v2 is null) then null else o2 end as o2,
    v3, case when is_unsynced = 1 and o3 not in ('', ?) and (is_present is null or v3 is null) then null else o3 end as o3
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values,
    ('[' || array_to_string(array_construct_compact(iff(record_id is null and 1 = 0 and v0 is null, '"salutation or email"', null), iff(record_id is null and v0 is null, '"email"', null)), ',') || ']') as lacking_properties,
    '[]' as invalid_properties, cast(null as varchar) as reason_message,
    '[]' as dropped_properties,
    case when is_present is null then o0 else coalesce(v0, o0) end as v0, o0,
    case when is_present is null then case when o1 <> '' then '' else o1 end end as v1, o1,
    case when is_present is null then case when o2 <> '' then '' else o2 end end as v2, o2,
    case when is_present is null then o3 end as v3, o3
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values, lacking_properties, invalid_properties, reason_message, dropped_properties,
    ('{' || array_to_string(array_construct_compact('"email":' || to_json(to_variant(v0)), '"salutation":' || to_json(to_variant(v1)), '"score":' || to_json(to_variant(v2)), '"lifecyclestage":' || to_json(to_variant(v3))), ',') || '}') as new_values,
    ('[' || array_to_string(array_construct_compact(iff(v0 is distinct from o0, '"email"', null), iff(v1 is distinct from o1, '"salutation"', null), iff(v2 is distinct from o2, '"score"', null), iff(v3 is distinct from o3, '"lifecyclestage"', null)), ',') || ']') as changed_properties,
    ('{' || array_to_string(array_construct_compact('"email":' || to_json(to_variant(case when v0 is distinct from o0 then ? else o0 end)), '"salutation":' || to_json(to_variant(case when v1 is distinct from o1 then ? else o1 end)), '"score":' || to_json(to_variant(case when v2 is distinct from o2 then ? else o2 end)), '"lifecyclestage":' || to_json(to_variant(case when v3 is distinct from o3 then ? else o3 end))), ',') || '}') as doubtful_values,
    ('{' || array_to_string(array_construct_compact('"email":' || to_json(to_variant(case when v0 is distinct from o0 then nullif(o0, ?) end)), '"salutation":' || to_json(to_variant(case when v1 is distinct from o1 then nullif(o1, ?) end)), '"score":' || to_json(to_variant(case when v2 is distinct from o2 then nullif(o2, ?) end)), '"lifecyclestage":' || to_json(to_variant(case when v3 is distinct from o3 then nullif(o3, ?) end))), ',') || '}') as audit_old,
    case when record_id is not null then ('{' || array_to_string(array_construct_compact('"email":' || to_json(to_variant(case when v0 is distinct from o0 then v0 end)), '"salutation":' || to_json(to_variant(case when v1 is distinct from o1 then v1 end)), '"score":' || to_json(to_variant(case when v2 is distinct from o2 then v2 end)), '"lifecyclestage":' || to_json(to_variant(case when v3 is distinct from o3 then v3 end))), ',') || '}') end as audit_new
  from decided
),
judged as (
  select listed.*, case when is_present is null then null when listed.row_id is null then 'missing_key' when match_value is null then 'missing_match_value' when invalid_properties <> '[]' then 'invalid_value' when lacking_properties <> '[]' then 'missing_required' end as reason, case when is_present is null then null when listed.row_id is null then null when match_value is null then null when invalid_properties <> '[]' then invalid_properties when lacking_properties <> '[]' then lacking_properties end as reason_detail
  from listed
),
chosen as (
  select judged.*, case
    when is_present is null then case when record_id is null or changed_properties = '[]' then 'leave' else 'clear' end
    when reason is not null then 'reject'
    when record_id is null then 'upsert'
    when 1 = 0 then 'refresh'
    else 'update' end as operation
  from judged
)
select ? as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message,
  case when operation in ('create', 'update', 'upsert', 'send', 'refresh') then template_values end as template_values
from chosen) as planned where row_id = ?
),
texts as (
  select q.row_id, q.match_value, q.fingerprint, q.record_id, q.known_status,
    try_parse_json(q.template_values) as sent, try_parse_json(r.new_values) as rendered, try_parse_json(q.new_values) as planned
  from planned_row as q cross join (select cast(? as varchar) as new_values) as r
),
candidates as (
  select 1 as is_present, row_id, row_id as known_row_id, match_value, fingerprint, record_id, known_status, sent, case when as_varchar(get(sent, '_unsynced')) = 'true' then 1 else 0 end as is_unsynced,
    as_varchar(get(rendered, 'salutation')) as c0,
    as_varchar(get(rendered, 'score')) as c1,
    as_varchar(get(rendered, 'lifecyclestage')) as c2,
    as_varchar(get(planned, 'email')) as planned0
  from texts
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_unsynced, planned0,
    case when not coalesce(substr(c0, 1, 1) = ?, 1 = 0) then nullif(collate(c0, 'utf8'), '') end as v0,
    as_varchar(get(sent, 'salutation')) as o0,
    case when coalesce(substr(c0, 1, 1) = ?, 1 = 0) then coalesce(nullif(collate(c0, 'utf8'), ''), '') end as u0,
    case when not coalesce(substr(c1, 1, 1) = ?, 1 = 0) then regexp_replace(iff(left(case when length(trim(collate(c1, 'utf8'), ' \t\r\n')) <= 400 and regexp_like(trim(collate(c1, 'utf8'), ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(collate(c1, 'utf8'), ' \t\r\n') end, 1) = '-', '-', '') || rtrim(rtrim(regexp_replace(insert(repeat('0', 1399) || replace(split_part(ltrim(upper(case when length(trim(collate(c1, 'utf8'), ' \t\r\n')) <= 400 and regexp_like(trim(collate(c1, 'utf8'), ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(collate(c1, 'utf8'), ' \t\r\n') end), '+-'), 'E', 1), '.', '') || repeat('0', 1399), 1400 + length(split_part(split_part(ltrim(upper(case when length(trim(collate(c1, 'utf8'), ' \t\r\n')) <= 400 and regexp_like(trim(collate(c1, 'utf8'), ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(collate(c1, 'utf8'), ' \t\r\n') end), '+-'), 'E', 1), '.', 1)) + coalesce(try_to_number(split_part(ltrim(upper(case when length(trim(collate(c1, 'utf8'), ' \t\r\n')) <= 400 and regexp_like(trim(collate(c1, 'utf8'), ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(collate(c1, 'utf8'), ' \t\r\n') end), '+-'), 'E', 2)), 0), 0, '.'), '^0+([0-9])', '\\1'), '0'), '.'), '^-0$', '0') end as v1,
    as_varchar(get(sent, 'score')) as o1,
    case when (coalesce(substr(c1, 1, 1) = ?, 1 = 0) or coalesce(collate(c1, 'utf8') <> '' and case when length(trim(collate(c1, 'utf8'), ' \t\r\n')) <= 400 and regexp_like(trim(collate(c1, 'utf8'), ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(collate(c1, 'utf8'), ' \t\r\n') end is null, false)) then coalesce(nullif(collate(c1, 'utf8'), ''), '') end as u1,
    case when not coalesce(substr(c2, 1, 1) = ?, 1 = 0) then nullif(collate(c2, 'utf8'), '') end as v2,
    as_varchar(get(sent, 'lifecyclestage')) as o2,
    case when coalesce(substr(c2, 1, 1) = ?, 1 = 0) then coalesce(nullif(collate(c2, 'utf8'), ''), '') end as u2
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, planned0,
    v0, case when is_unsynced = 1 and o0 not in ('', ?) and (is_present is null or v0 is null) then null else o0 end as o0,
    case when u0 is not null then case when coalesce(substr(u0, 1, 1) = ?, 1 = 0) then ? || substr(u0, 2) else ? || '"' || substr(u0, 1, 80) || '"' || ? end end as b0,
    v1, case when is_unsynced = 1 and o1 not in ('', ?) and (is_present is null or v1 is null) then null else o1 end as o1,
    case when u1 is not null then case when coalesce(substr(u1, 1, 1) = ?, 1 = 0) then ? || substr(u1, 2) else ? || '"' || substr(u1, 1, 80) || '"' || ? end end as b1,
    v2, case when is_unsynced = 1 and o2 not in ('', ?) and (is_present is null or v2 is null) then null else o2 end as o2,
    case when u2 is not null then case when coalesce(substr(u2, 1, 1) = ?, 1 = 0) then ? || substr(u2, 2) else ? || '"' || substr(u2, 1, 80) || '"' || ? end end as b2
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, planned0,
    ('[' || array_to_string(array_construct_compact(iff(record_id is null and v0 is null and planned0 is null, '"salutation or email"', null)), ',') || ']') as lacking_properties,
    ('[' || array_to_string(array_construct_compact(iff(b0 is not null, '"salutation"', null), iff(b2 is not null, '"lifecyclestage"', null)), ',') || ']') as invalid_properties, nullif(substr((coalesce('; ' || b0, '') || coalesce('; ' || b2, '')), 3, 2000), '') as reason_message,
    ('[' || array_to_string(array_construct_compact(iff(b1 is not null, '"score"', null)), ',') || ']') as dropped_properties,
    coalesce(record_id is not null and case v2 when ? then 0 when ? then 1 end < case o2 when ? then 0 when ? then 1 end, 1 = 0) as steps_back,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0,
    case when b1 is not null then o1 else case when v1 is not null then v1 when o1 is not null then '' end end as v1, o1,
    case when case v2 when ? then 0 when ? then 1 end < case o2 when ? then 0 when ? then 1 end then o2 else case when v2 is not null then v2 when o2 is not null then '' end end as v2, o2
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, planned0, lacking_properties, invalid_properties, reason_message, dropped_properties,
    ('{' || array_to_string(array_construct_compact('"salutation":' || to_json(to_variant(v0)), '"score":' || to_json(to_variant(v1)), '"lifecyclestage":' || to_json(to_variant(v2))), ',') || '}') as new_values,
    ('[' || array_to_string(array_construct_compact(iff(v0 is distinct from o0, '"salutation"', null), iff(v1 is distinct from o1, '"score"', null), iff(v2 is distinct from o2, '"lifecyclestage"', null)), ',') || ']') as changed_properties,
    ('{' || array_to_string(array_construct_compact('"salutation":' || to_json(to_variant(case when v0 is distinct from o0 then ? else o0 end)), '"score":' || to_json(to_variant(case when v1 is distinct from o1 then ? else o1 end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then ? else o2 end))), ',') || '}') as doubtful_values,
    ('{' || array_to_string(array_construct_compact('"salutation":' || to_json(to_variant(case when v0 is distinct from o0 then nullif(o0, ?) end)), '"score":' || to_json(to_variant(case when v1 is distinct from o1 then nullif(o1, ?) end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then nullif(o2, ?) end))), ',') || '}') as audit_old,
    case when record_id is not null then ('{' || array_to_string(array_construct_compact('"salutation":' || to_json(to_variant(case when v0 is distinct from o0 then v0 end)), '"score":' || to_json(to_variant(case when v1 is distinct from o1 then v1 end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then v2 end))), ',') || '}') end as audit_new,
    steps_back
  from decided
)
select p.seq, p.row_id, p.record_id, case when p.new_values = '{}' then n.new_values when n.new_values = '{}' then p.new_values
      else substr(p.new_values, 1, length(p.new_values) - 1) || ',' || substr(n.new_values, 2) end as new_values,
  case when p.changed_properties = '[]' then n.changed_properties when n.changed_properties = '[]' then p.changed_properties
      else substr(p.changed_properties, 1, length(p.changed_properties) - 1) || ',' || substr(n.changed_properties, 2) end as changed_properties,
  case when p.doubtful_values = '{}' then n.doubtful_values when n.doubtful_values = '{}' then p.doubtful_values
      else substr(p.doubtful_values, 1, length(p.doubtful_values) - 1) || ',' || substr(n.doubtful_values, 2) end as doubtful_values,
  case when p.audit_old = '{}' then n.audit_old when n.audit_old = '{}' then p.audit_old
      else substr(p.audit_old, 1, length(p.audit_old) - 1) || ',' || substr(n.audit_old, 2) end as audit_old,
  case when p.audit_new = '{}' then n.audit_new when n.audit_new = '{}' then p.audit_new
      else substr(p.audit_new, 1, length(p.audit_new) - 1) || ',' || substr(n.audit_new, 2) end as audit_new,
  case when (n.invalid_properties <> '[]' or n.lacking_properties <> '[]') then null else nullif(case when coalesce(p.dropped_properties, '[]') = '[]' then n.dropped_properties when n.dropped_properties = '[]' then coalesce(p.dropped_properties, '[]')
      else substr(coalesce(p.dropped_properties, '[]'), 1, length(coalesce(p.dropped_properties, '[]')) - 1) || ',' || substr(n.dropped_properties, 2) end, '[]') end as dropped_properties,
  case when n.invalid_properties <> '[]' then 'invalid_value' when n.lacking_properties <> '[]' then 'missing_required' else p.reason end as reason,
  case when n.invalid_properties <> '[]' then n.invalid_properties when n.lacking_properties <> '[]' then n.lacking_properties else p.reason_detail end as reason_detail,
  case when n.invalid_properties <> '[]' then n.reason_message end as reason_message,
  case when (n.invalid_properties <> '[]' or n.lacking_properties <> '[]') then 'reject'
    when p.record_id is null then p.operation
    when p.changed_properties = '[]' and n.changed_properties = '[]' then 'refresh'
    else 'update' end as operation
from planned_row as p join listed as n on n.row_id = p.row_id;
-- ["\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1","7","{\"salutation\": \"Hi\", \"score\": \"7.0\"}","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","salutation: the template failed: ","salutation: "," has no text form","\u0001","\u0001","score: the template failed: ","score: "," is no number","\u0001","\u0001","lifecyclestage: the template failed: ","lifecyclestage: "," has no text form","lead","customer","lead","customer","lead","customer","lead","customer","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001"]
