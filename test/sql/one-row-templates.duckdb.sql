with planned_row as (
  select * from (with model_rows as (
  select 1 as is_present,
    m."customer_id"::varchar as row_id,
    nullif(lower(trim(nullif(m."email"::varchar, ''), ' ')), '') as match_value,
    hash($1, m."email"::varchar, m."first_name"::varchar, m."joined_at", m."orders") as fingerprint,
    m."email" as c0,
    m."first_name" as c1,
    m."joined_at" as c2,
    m."orders" as c3
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status, s.match_value as known_match_value,
    case when s.record_id is not null and s.first_synced_at is null then 1 else 0 end as is_unsynced,
    struct_pack(fields := from_json(case when s.record_id is null then null else s.sent_values end, '{"email":"VARCHAR","salutation":"VARCHAR","score":"VARCHAR","lifecyclestage":"VARCHAR"}'), source := case when s.record_id is null then null else s.sent_values end) as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown') and not (s.status = 'parked' and s.tried_fingerprint is null))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= (select uuid_extract_timestamp(uuidv7())))))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= (select uuid_extract_timestamp(uuidv7())))))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, case when is_present is null then known_match_value else match_value end as match_value, fingerprint, record_id, known_status, is_unsynced,
    nullif(c0::varchar, '') as v0,
    struct_extract(sent.fields, 'email') as o0,
    cast(null as varchar) as v1,
    case when is_present is null then struct_extract(sent.fields, 'salutation') end as o1,
    cast(null as varchar) as v2,
    case when is_present is null then struct_extract(sent.fields, 'score') end as o2,
    cast(null as varchar) as v3,
    case when is_present is null then struct_extract(sent.fields, 'lifecyclestage') end as o3,
    ('{' || concat_ws(',', '"#0":' || to_json((nullif(c1::varchar, ''))::varchar)::varchar, '"#1":' || to_json((case when coalesce(not (timezone('UTC', c2) >= date '0001-01-01' and timezone('UTC', c2) < date '100000-01-01'), false) then $2 else case when timezone('UTC', c2) >= date '0001-01-01' and timezone('UTC', c2) < date '100000-01-01' then strftime(timezone('UTC', c2), '%Y-%m-%dT%H:%M:%S.%gZ') end end)::varchar)::varchar, '"#2":' || to_json((case when coalesce(not (isfinite(c3)), false) then $3 else case when isfinite(c3) then case when contains(printf('%.15g', c3::varchar::double), 'e') then list_transform([regexp_extract(printf('%.15g', c3::varchar::double), '^([+-]?)([0-9]*)[.]?([0-9]*)(?:[eE]([+-]?[0-9]+))?$', ['s', 'i', 'f', 'e'])], lambda p: case when ltrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) <= 0 then '' else rpad((p.i || p.f), ((length(p.i) + coalesce(try_cast(p.e as integer), 0)))::integer, '0') end, '0') = '' and rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') = '' then '0'
    else case p.s when '-' then '-' else '' end || coalesce(nullif(ltrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) <= 0 then '' else rpad((p.i || p.f), ((length(p.i) + coalesce(try_cast(p.e as integer), 0)))::integer, '0') end, '0'), ''), '0') || case rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') when '' then '' else '.' || rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') end end)[1] when c3 = 0 then '0' else printf('%.15g', c3::varchar::double) end end end)::varchar)::varchar, '"salutation":' || to_json((struct_extract(sent.fields, 'salutation'))::varchar)::varchar, '"score":' || to_json((struct_extract(sent.fields, 'score'))::varchar)::varchar, '"lifecyclestage":' || to_json((struct_extract(sent.fields, 'lifecyclestage'))::varchar)::varchar, '"_unsynced":' || to_json((case when is_unsynced = 1 then 'true' end)::varchar)::varchar) || '}') as template_values
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values,
    v0, case when is_unsynced = 1 and o0 not in ('', $4) and (is_present is null or v0 is null) then null else o0 end as o0,
    v1, case when is_unsynced = 1 and o1 not in ('', $5) and (is_present is null or v1 is null) then null else o1 end as o1,
    v2, case when is_unsynced = 1 and o2 not in ('', $6) and (is_present is null or v2 is null) then null else o2 end as o2,
    v3, case when is_unsynced = 1 and o3 not in ('', $7) and (is_present is null or v3 is null) then null else o3 end as o3
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values,
    to_json(list_filter([case when record_id is null and 1 = 0 and v0 is null then 'salutation or email' end, case when record_id is null and v0 is null then 'email' end], lambda e: e is not null))::varchar as lacking_properties,
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
    ('{' || concat_ws(',', '"email":' || to_json((v0)::varchar)::varchar, '"salutation":' || to_json((v1)::varchar)::varchar, '"score":' || to_json((v2)::varchar)::varchar, '"lifecyclestage":' || to_json((v3)::varchar)::varchar) || '}') as new_values,
    to_json(list_filter([case when v0 is distinct from o0 then 'email' end, case when v1 is distinct from o1 then 'salutation' end, case when v2 is distinct from o2 then 'score' end, case when v3 is distinct from o3 then 'lifecyclestage' end], lambda e: e is not null))::varchar as changed_properties,
    ('{' || concat_ws(',', '"email":' || to_json((case when v0 is distinct from o0 then $8 else o0 end)::varchar)::varchar, '"salutation":' || to_json((case when v1 is distinct from o1 then $9 else o1 end)::varchar)::varchar, '"score":' || to_json((case when v2 is distinct from o2 then $10 else o2 end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v3 is distinct from o3 then $11 else o3 end)::varchar)::varchar) || '}') as doubtful_values,
    ('{' || concat_ws(',', '"email":' || to_json((case when v0 is distinct from o0 then nullif(o0, $12) end)::varchar)::varchar, '"salutation":' || to_json((case when v1 is distinct from o1 then nullif(o1, $13) end)::varchar)::varchar, '"score":' || to_json((case when v2 is distinct from o2 then nullif(o2, $14) end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v3 is distinct from o3 then nullif(o3, $15) end)::varchar)::varchar) || '}') as audit_old,
    case when record_id is not null then ('{' || concat_ws(',', '"email":' || to_json((case when v0 is distinct from o0 then v0 end)::varchar)::varchar, '"salutation":' || to_json((case when v1 is distinct from o1 then v1 end)::varchar)::varchar, '"score":' || to_json((case when v2 is distinct from o2 then v2 end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v3 is distinct from o3 then v3 end)::varchar)::varchar) || '}') end as audit_new
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
select $16 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message,
  case when operation in ('create', 'update', 'upsert', 'send', 'refresh') then template_values end as template_values
from chosen) as planned where row_id = $17
),
texts as (
  select q.row_id, q.match_value, q.fingerprint, q.record_id, q.known_status,
    struct_pack(fields := from_json(q.template_values, '{"salutation":"VARCHAR","score":"VARCHAR","lifecyclestage":"VARCHAR","_unsynced":"VARCHAR"}'), source := q.template_values) as sent, struct_pack(fields := from_json(r.new_values, '{"salutation":"VARCHAR","score":"VARCHAR","lifecyclestage":"VARCHAR","_unsynced":"VARCHAR"}'), source := r.new_values) as rendered, struct_pack(fields := from_json(q.new_values, '{"email":"VARCHAR"}'), source := q.new_values) as planned
  from planned_row as q cross join (select cast($18 as varchar) as new_values) as r
),
candidates as (
  select 1 as is_present, row_id, row_id as known_row_id, match_value, fingerprint, record_id, known_status, sent, case when struct_extract(sent.fields, '_unsynced') = 'true' then 1 else 0 end as is_unsynced,
    struct_extract(rendered.fields, 'salutation') as c0,
    struct_extract(rendered.fields, 'score') as c1,
    struct_extract(rendered.fields, 'lifecyclestage') as c2,
    struct_extract(planned.fields, 'email') as planned0
  from texts
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_unsynced, planned0,
    case when not coalesce(substr(c0, 1, 1) = $19, 1 = 0) then nullif(c0::varchar, '') end as v0,
    struct_extract(sent.fields, 'salutation') as o0,
    case when coalesce(substr(c0, 1, 1) = $20, 1 = 0) then coalesce(nullif(c0::varchar, ''), '') end as u0,
    case when not coalesce(substr(c1, 1, 1) = $21, 1 = 0) then list_transform([regexp_extract(case when length(trim(c1::varchar, E' \t\r\n')) <= 400 and regexp_full_match(trim(c1::varchar, E' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(c1::varchar, E' \t\r\n') end, '^([+-]?)([0-9]*)[.]?([0-9]*)(?:[eE]([+-]?[0-9]+))?$', ['s', 'i', 'f', 'e'])], lambda p: case when ltrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) <= 0 then '' else rpad((p.i || p.f), ((length(p.i) + coalesce(try_cast(p.e as integer), 0)))::integer, '0') end, '0') = '' and rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') = '' then '0'
    else case p.s when '-' then '-' else '' end || coalesce(nullif(ltrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) <= 0 then '' else rpad((p.i || p.f), ((length(p.i) + coalesce(try_cast(p.e as integer), 0)))::integer, '0') end, '0'), ''), '0') || case rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') when '' then '' else '.' || rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') end end)[1] end as v1,
    struct_extract(sent.fields, 'score') as o1,
    case when (coalesce(substr(c1, 1, 1) = $22, 1 = 0) or coalesce(c1::varchar <> '' and list_transform([regexp_extract(case when length(trim(c1::varchar, E' \t\r\n')) <= 400 and regexp_full_match(trim(c1::varchar, E' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then trim(c1::varchar, E' \t\r\n') end, '^([+-]?)([0-9]*)[.]?([0-9]*)(?:[eE]([+-]?[0-9]+))?$', ['s', 'i', 'f', 'e'])], lambda p: case when ltrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) <= 0 then '' else rpad((p.i || p.f), ((length(p.i) + coalesce(try_cast(p.e as integer), 0)))::integer, '0') end, '0') = '' and rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') = '' then '0'
    else case p.s when '-' then '-' else '' end || coalesce(nullif(ltrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) <= 0 then '' else rpad((p.i || p.f), ((length(p.i) + coalesce(try_cast(p.e as integer), 0)))::integer, '0') end, '0'), ''), '0') || case rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') when '' then '' else '.' || rtrim(case when (length(p.i) + coalesce(try_cast(p.e as integer), 0)) < 0 then repeat('0', -(length(p.i) + coalesce(try_cast(p.e as integer), 0))) || (p.i || p.f) else substr((p.i || p.f), (length(p.i) + coalesce(try_cast(p.e as integer), 0)) + 1) end, '0') end end)[1] is null, false)) then coalesce(nullif(c1::varchar, ''), '') end as u1,
    case when not coalesce(substr(c2, 1, 1) = $23, 1 = 0) then nullif(c2::varchar, '') end as v2,
    struct_extract(sent.fields, 'lifecyclestage') as o2,
    case when coalesce(substr(c2, 1, 1) = $24, 1 = 0) then coalesce(nullif(c2::varchar, ''), '') end as u2
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, planned0,
    v0, case when is_unsynced = 1 and o0 not in ('', $25) and (is_present is null or v0 is null) then null else o0 end as o0,
    case when u0 is not null then case when coalesce(substr(u0, 1, 1) = $26, 1 = 0) then $27 || substr(u0, 2) else $28 || '"' || substr(u0, 1, 80) || '"' || $29 end end as b0,
    v1, case when is_unsynced = 1 and o1 not in ('', $30) and (is_present is null or v1 is null) then null else o1 end as o1,
    case when u1 is not null then case when coalesce(substr(u1, 1, 1) = $31, 1 = 0) then $32 || substr(u1, 2) else $33 || '"' || substr(u1, 1, 80) || '"' || $34 end end as b1,
    v2, case when is_unsynced = 1 and o2 not in ('', $35) and (is_present is null or v2 is null) then null else o2 end as o2,
    case when u2 is not null then case when coalesce(substr(u2, 1, 1) = $36, 1 = 0) then $37 || substr(u2, 2) else $38 || '"' || substr(u2, 1, 80) || '"' || $39 end end as b2
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, planned0,
    to_json(list_filter([case when record_id is null and v0 is null and planned0 is null then 'salutation or email' end], lambda e: e is not null))::varchar as lacking_properties,
    to_json(list_filter([case when b0 is not null then 'salutation' end, case when b2 is not null then 'lifecyclestage' end], lambda e: e is not null))::varchar as invalid_properties, nullif(substr((coalesce('; ' || b0, '') || coalesce('; ' || b2, '')), 3, 2000), '') as reason_message,
    to_json(list_filter([case when b1 is not null then 'score' end], lambda e: e is not null))::varchar as dropped_properties,
    coalesce(record_id is not null and case v2 when $40 then 0 when $41 then 1 end < case o2 when $42 then 0 when $43 then 1 end, 1 = 0) as steps_back,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0,
    case when b1 is not null then o1 else case when v1 is not null then v1 when o1 is not null then '' end end as v1, o1,
    case when case v2 when $44 then 0 when $45 then 1 end < case o2 when $46 then 0 when $47 then 1 end then o2 else case when v2 is not null then v2 when o2 is not null then '' end end as v2, o2
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, planned0, lacking_properties, invalid_properties, reason_message, dropped_properties,
    ('{' || concat_ws(',', '"salutation":' || to_json((v0)::varchar)::varchar, '"score":' || to_json((v1)::varchar)::varchar, '"lifecyclestage":' || to_json((v2)::varchar)::varchar) || '}') as new_values,
    to_json(list_filter([case when v0 is distinct from o0 then 'salutation' end, case when v1 is distinct from o1 then 'score' end, case when v2 is distinct from o2 then 'lifecyclestage' end], lambda e: e is not null))::varchar as changed_properties,
    ('{' || concat_ws(',', '"salutation":' || to_json((case when v0 is distinct from o0 then $48 else o0 end)::varchar)::varchar, '"score":' || to_json((case when v1 is distinct from o1 then $49 else o1 end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then $50 else o2 end)::varchar)::varchar) || '}') as doubtful_values,
    ('{' || concat_ws(',', '"salutation":' || to_json((case when v0 is distinct from o0 then nullif(o0, $51) end)::varchar)::varchar, '"score":' || to_json((case when v1 is distinct from o1 then nullif(o1, $52) end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then nullif(o2, $53) end)::varchar)::varchar) || '}') as audit_old,
    case when record_id is not null then ('{' || concat_ws(',', '"salutation":' || to_json((case when v0 is distinct from o0 then v0 end)::varchar)::varchar, '"score":' || to_json((case when v1 is distinct from o1 then v1 end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then v2 end)::varchar)::varchar) || '}') end as audit_new,
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
-- ["seed","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1","7","{\"salutation\": \"Hi\", \"score\": \"7.0\"}","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","salutation: the template failed: ","salutation: "," has no text form","\u0001","\u0001","score: the template failed: ","score: "," is no number","\u0001","\u0001","lifecyclestage: the template failed: ","lifecyclestage: "," has no text form","lead","customer","lead","customer","lead","customer","lead","customer","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001"]
