with planned_row as (
  select * from (with model_rows as (
  select 1 as is_present,
    m."customer_id"::text as row_id,
    nullif(lower(trim(nullif(m."email"::text, ''), ' ')), '') as match_value,
    hash_record_extended(row($1::text, m."email"::text collate "C", m."first_name"::text collate "C", timestamptz_send(m."joined_at"), float8send(m."orders"::float8)), 7046029254386353131) as fingerprint,
    m."email" as c0,
    m."first_name" as c1,
    m."joined_at" as c2,
    m."orders" as c3
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status, s.match_value as known_match_value,
    case when s.record_id is not null and s.first_synced_at is null then 1 else 0 end as is_unsynced,
    (case when s.record_id is null then null else s.sent_values end)::jsonb as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown') and not (s.status = 'parked' and s.tried_fingerprint is null))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp())))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as materialized (
  select is_present, coalesce(row_id, known_row_id) as row_id, case when is_present is null then known_match_value else match_value end as match_value, fingerprint, record_id, known_status, is_unsynced,
    nullif(c0::text, '') as v0,
    (sent ->> $2::text) as o0,
    cast(null as text) as v1,
    case when is_present is null then (sent ->> $3::text) end as o1,
    cast(null as text) as v2,
    case when is_present is null then (sent ->> $4::text) end as o2,
    cast(null as text) as v3,
    case when is_present is null then (sent ->> $5::text) end as o3,
    json_strip_nulls(json_object($6::text[], array[nullif(c1::text, ''), case when coalesce(not (c2 >= '0001-01-01 00:00:00+00' and c2 < '100000-01-01 00:00:00+00'), false) then $7 else case when c2 >= '0001-01-01 00:00:00+00' and c2 < '100000-01-01 00:00:00+00' then to_char(c2 at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end end, case when coalesce(not (c3 not in ('NaN', 'Infinity', '-Infinity')), false) then $8 else case when c3 not in ('NaN', 'Infinity', '-Infinity') then trim_scale(c3::text::float8::numeric)::text end end, (sent ->> $9::text), (sent ->> $10::text), (sent ->> $11::text), case when is_unsynced = 1 then 'true' end]::text[]))::text as template_values
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values,
    v0, case when is_unsynced = 1 and o0 not in ('', $12) and (is_present is null or v0 is null) then null else o0 end as o0,
    v1, case when is_unsynced = 1 and o1 not in ('', $13) and (is_present is null or v1 is null) then null else o1 end as o1,
    v2, case when is_unsynced = 1 and o2 not in ('', $14) and (is_present is null or v2 is null) then null else o2 end as o2,
    v3, case when is_unsynced = 1 and o3 not in ('', $15) and (is_present is null or v3 is null) then null else o3 end as o3
  from rendered
),
decided as materialized (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values,
    array_to_json(array_remove(array[case when record_id is null and 1 = 0 and v0 is null then $16::text end, case when record_id is null and v0 is null then $17::text end]::text[], null))::text as lacking_properties,
    '[]' as invalid_properties, cast(null as text) as reason_message,
    '[]' as dropped_properties,
    case when is_present is null then o0 else coalesce(v0, o0) end as v0, o0,
    case when is_present is null then case when o1 <> '' then '' else o1 end end as v1, o1,
    case when is_present is null then case when o2 <> '' then '' else o2 end end as v2, o2,
    case when is_present is null then o3 end as v3, o3
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values, lacking_properties, invalid_properties, reason_message, dropped_properties,
    json_strip_nulls(json_object($18::text[], array[v0, v1, v2, v3]::text[]))::text as new_values,
    array_to_json(array_remove(array[case when v0 is distinct from o0 then $19::text end, case when v1 is distinct from o1 then $20::text end, case when v2 is distinct from o2 then $21::text end, case when v3 is distinct from o3 then $22::text end]::text[], null))::text as changed_properties,
    json_strip_nulls(json_object($23::text[], array[case when v0 is distinct from o0 then $24 else o0 end, case when v1 is distinct from o1 then $25 else o1 end, case when v2 is distinct from o2 then $26 else o2 end, case when v3 is distinct from o3 then $27 else o3 end]::text[]))::text as doubtful_values,
    json_strip_nulls(json_object($28::text[], array[case when v0 is distinct from o0 then nullif(o0, $29) end, case when v1 is distinct from o1 then nullif(o1, $30) end, case when v2 is distinct from o2 then nullif(o2, $31) end, case when v3 is distinct from o3 then nullif(o3, $32) end]::text[]))::text as audit_old,
    case when record_id is not null then json_strip_nulls(json_object($33::text[], array[case when v0 is distinct from o0 then v0 end, case when v1 is distinct from o1 then v1 end, case when v2 is distinct from o2 then v2 end, case when v3 is distinct from o3 then v3 end]::text[]))::text end as audit_new
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
select $34 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message,
  case when operation in ('create', 'update', 'upsert', 'send', 'refresh') then template_values end as template_values
from chosen) as planned where row_id = $35
),
texts as (
  select q.row_id, q.match_value, q.fingerprint, q.record_id, q.known_status,
    (q.template_values)::jsonb as sent, (r.new_values)::jsonb as rendered, (q.new_values)::jsonb as planned
  from planned_row as q cross join (select cast($36 as text) as new_values) as r
),
candidates as (
  select 1 as is_present, row_id, row_id as known_row_id, match_value, fingerprint, record_id, known_status, sent, case when (sent ->> $37::text) = 'true' then 1 else 0 end as is_unsynced,
    (rendered ->> $38::text) as c0,
    (rendered ->> $39::text) as c1,
    (rendered ->> $40::text) as c2,
    (planned ->> $41::text) as planned0
  from texts
),
rendered as materialized (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_unsynced, planned0,
    case when not coalesce(substr(c0, 1, 1) = $42, 1 = 0) then nullif(c0::text, '') end as v0,
    (sent ->> $43::text) as o0,
    case when coalesce(substr(c0, 1, 1) = $44, 1 = 0) then coalesce(nullif(c0::text, ''), '') end as u0,
    case when not coalesce(substr(c1, 1, 1) = $45, 1 = 0) then trim_scale((case when length(btrim(c1::text, E' \t\r\n')) <= 400 and btrim(c1::text, E' \t\r\n') ~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$' then btrim(c1::text, E' \t\r\n')::numeric end))::text end as v1,
    (sent ->> $46::text) as o1,
    case when (coalesce(substr(c1, 1, 1) = $47, 1 = 0) or coalesce(c1::text <> '' and trim_scale((case when length(btrim(c1::text, E' \t\r\n')) <= 400 and btrim(c1::text, E' \t\r\n') ~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$' then btrim(c1::text, E' \t\r\n')::numeric end))::text is null, false)) then coalesce(nullif(c1::text, ''), '') end as u1,
    case when not coalesce(substr(c2, 1, 1) = $48, 1 = 0) then nullif(c2::text, '') end as v2,
    (sent ->> $49::text) as o2,
    case when coalesce(substr(c2, 1, 1) = $50, 1 = 0) then coalesce(nullif(c2::text, ''), '') end as u2
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, planned0,
    v0, case when is_unsynced = 1 and o0 not in ('', $51) and (is_present is null or v0 is null) then null else o0 end as o0,
    case when u0 is not null then case when coalesce(substr(u0, 1, 1) = $52, 1 = 0) then $53 || substr(u0, 2) else $54 || '"' || substr(u0, 1, 80) || '"' || $55 end end as b0,
    v1, case when is_unsynced = 1 and o1 not in ('', $56) and (is_present is null or v1 is null) then null else o1 end as o1,
    case when u1 is not null then case when coalesce(substr(u1, 1, 1) = $57, 1 = 0) then $58 || substr(u1, 2) else $59 || '"' || substr(u1, 1, 80) || '"' || $60 end end as b1,
    v2, case when is_unsynced = 1 and o2 not in ('', $61) and (is_present is null or v2 is null) then null else o2 end as o2,
    case when u2 is not null then case when coalesce(substr(u2, 1, 1) = $62, 1 = 0) then $63 || substr(u2, 2) else $64 || '"' || substr(u2, 1, 80) || '"' || $65 end end as b2
  from rendered
),
decided as materialized (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, planned0,
    array_to_json(array_remove(array[case when record_id is null and v0 is null and planned0 is null then $66::text end]::text[], null))::text as lacking_properties,
    array_to_json(array_remove(array[case when b0 is not null then $67::text end, case when b2 is not null then $68::text end]::text[], null))::text as invalid_properties, nullif(substr((coalesce('; ' || b0, '') || coalesce('; ' || b2, '')), 3, 2000), '') as reason_message,
    array_to_json(array_remove(array[case when b1 is not null then $69::text end]::text[], null))::text as dropped_properties,
    coalesce(record_id is not null and case v2 when $70 then 0 when $71 then 1 end < case o2 when $72 then 0 when $73 then 1 end, 1 = 0) as steps_back,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0,
    case when b1 is not null then o1 else case when v1 is not null then v1 when o1 is not null then '' end end as v1, o1,
    case when case v2 when $74 then 0 when $75 then 1 end < case o2 when $76 then 0 when $77 then 1 end then o2 else case when v2 is not null then v2 when o2 is not null then '' end end as v2, o2
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, planned0, lacking_properties, invalid_properties, reason_message, dropped_properties,
    json_strip_nulls(json_object($78::text[], array[v0, v1, v2]::text[]))::text as new_values,
    array_to_json(array_remove(array[case when v0 is distinct from o0 then $79::text end, case when v1 is distinct from o1 then $80::text end, case when v2 is distinct from o2 then $81::text end]::text[], null))::text as changed_properties,
    json_strip_nulls(json_object($82::text[], array[case when v0 is distinct from o0 then $83 else o0 end, case when v1 is distinct from o1 then $84 else o1 end, case when v2 is distinct from o2 then $85 else o2 end]::text[]))::text as doubtful_values,
    json_strip_nulls(json_object($86::text[], array[case when v0 is distinct from o0 then nullif(o0, $87) end, case when v1 is distinct from o1 then nullif(o1, $88) end, case when v2 is distinct from o2 then nullif(o2, $89) end]::text[]))::text as audit_old,
    case when record_id is not null then json_strip_nulls(json_object($90::text[], array[case when v0 is distinct from o0 then v0 end, case when v1 is distinct from o1 then v1 end, case when v2 is distinct from o2 then v2 end]::text[]))::text end as audit_new,
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
-- ["seed","email","salutation","score","lifecyclestage","{\"#0\",\"#1\",\"#2\",\"salutation\",\"score\",\"lifecyclestage\",\"_unsynced\"}","\u0001","\u0001","salutation","score","lifecyclestage","\u0001","\u0001","\u0001","\u0001","salutation or email","email","{\"email\",\"salutation\",\"score\",\"lifecyclestage\"}","email","salutation","score","lifecyclestage","{\"email\",\"salutation\",\"score\",\"lifecyclestage\"}","\u0001","\u0001","\u0001","\u0001","{\"email\",\"salutation\",\"score\",\"lifecyclestage\"}","\u0001","\u0001","\u0001","\u0001","{\"email\",\"salutation\",\"score\",\"lifecyclestage\"}","run-1","7","{\"salutation\": \"Hi\", \"score\": \"7.0\"}","_unsynced","salutation","score","lifecyclestage","email","\u0001","salutation","\u0001","\u0001","score","\u0001","\u0001","lifecyclestage","\u0001","\u0001","\u0001","salutation: the template failed: ","salutation: "," has no text form","\u0001","\u0001","score: the template failed: ","score: "," is no number","\u0001","\u0001","lifecyclestage: the template failed: ","lifecyclestage: "," has no text form","salutation or email","salutation","lifecyclestage","score","lead","customer","lead","customer","lead","customer","lead","customer","{\"salutation\",\"score\",\"lifecyclestage\"}","salutation","score","lifecyclestage","{\"salutation\",\"score\",\"lifecyclestage\"}","\u0001","\u0001","\u0001","{\"salutation\",\"score\",\"lifecyclestage\"}","\u0001","\u0001","\u0001","{\"salutation\",\"score\",\"lifecyclestage\"}"]
