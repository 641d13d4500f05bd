insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message, template_values)
with model_rows as (
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
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    case when s.record_id is not null and s.first_synced_at is null then 1 else 0 end as is_unsynced,
    (case when s.record_id is null then null else s.sent_values end)::jsonb as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp())))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as materialized (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    nullif(c0::text, '') as v0,
    (sent ->> $2::text) as o0,
    json_strip_nulls(json_object($3::text[], array[nullif(c1::text, ''), case when coalesce(not (c2 >= '0001-01-01 00:00:00+00' and c2 < '100000-01-01 00:00:00+00'), false) then $4 else case when c2 >= '0001-01-01 00:00:00+00' and c2 < '100000-01-01 00:00:00+00' then to_char(c2 at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end end, case when coalesce(not (c3 not in ('NaN', 'Infinity', '-Infinity')), false) then $5 else case when c3 not in ('NaN', 'Infinity', '-Infinity') then trim_scale(c3::text::float8::numeric)::text end end, (sent ->> $6::text), (sent ->> $7::text), case when is_unsynced = 1 then 'true' end]::text[]))::text as template_values
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values,
    v0, case when is_unsynced = 1 and o0 not in ('', $8) and (is_present is null or v0 is null) then null else o0 end as o0
  from rendered
),
decided as materialized (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values,
    '[]' as invalid_properties, cast(null as text) as reason_message,
    '[]' as dropped_properties,
    coalesce(v0, o0) as v0, o0
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values, invalid_properties, reason_message, dropped_properties,
    json_strip_nulls(json_object($9::text[], array[v0]::text[]))::text as new_values,
    array_to_json(array_remove(array[case when v0 is distinct from o0 then $10::text end]::text[], null))::text as changed_properties,
    json_strip_nulls(json_object($11::text[], array[case when v0 is distinct from o0 then $12 else o0 end]::text[]))::text as doubtful_values,
    json_strip_nulls(json_object($13::text[], array[case when v0 is distinct from o0 then nullif(o0, $14) end]::text[]))::text as audit_old,
    case when record_id is not null then json_strip_nulls(json_object($15::text[], array[case when v0 is distinct from o0 then v0 end]::text[]))::text end as audit_new
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
select $16 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message,
  case when operation in ('create', 'update', 'upsert', 'send', 'refresh') then template_values end as template_values
from chosen;
-- ["seed","email","{\"#0\",\"#1\",\"#2\",\"salutation\",\"score\",\"_unsynced\"}","\u0001","\u0001","salutation","score","\u0001","{\"email\"}","email","{\"email\"}","\u0001","{\"email\"}","\u0001","{\"email\"}","run-1"]

merge into "marts_backhaul"."plan__contacts" as p
using (
with texts as (
  select q.row_id, q.match_value, q.fingerprint, q.record_id, q.known_status,
    (q.template_values)::jsonb as sent, (r.new_values)::jsonb as rendered
  from "marts_backhaul"."plan__contacts" as q
  join "marts_backhaul"."resolutions__contacts" as r on r.run_id = q.run_id and r.seq = q.seq
  where q.run_id = $1 and q.template_values is not null and q.seq between $2::integer and $3::integer
),
candidates as (
  select 1 as is_present, row_id, row_id as known_row_id, match_value, fingerprint, record_id, known_status, sent, case when (sent ->> $4::text) = 'true' then 1 else 0 end as is_unsynced,
    (rendered ->> $5::text) as c0,
    (rendered ->> $6::text) as c1
  from texts
),
rendered as materialized (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    case when not coalesce(substr(c0, 1, 1) = $7, 1 = 0) then nullif(c0::text, '') end as v0,
    (sent ->> $8::text) as o0,
    case when coalesce(substr(c0, 1, 1) = $9, 1 = 0) then coalesce(nullif(c0::text, ''), '') end as u0,
    case when not coalesce(substr(c1, 1, 1) = $10, 1 = 0) then trim_scale((case when length(btrim(c1::text, E' \t\r\n')) <= 400 and btrim(c1::text, E' \t\r\n') ~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$' then btrim(c1::text, E' \t\r\n')::numeric end))::text end as v1,
    (sent ->> $11::text) as o1,
    case when (coalesce(substr(c1, 1, 1) = $12, 1 = 0) or coalesce(c1::text <> '' and trim_scale((case when length(btrim(c1::text, E' \t\r\n')) <= 400 and btrim(c1::text, E' \t\r\n') ~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$' then btrim(c1::text, E' \t\r\n')::numeric end))::text is null, false)) then coalesce(nullif(c1::text, ''), '') end as u1
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    v0, case when is_unsynced = 1 and o0 not in ('', $13) and (is_present is null or v0 is null) then null else o0 end as o0,
    case when u0 is not null then case when coalesce(substr(u0, 1, 1) = $14, 1 = 0) then $15 || substr(u0, 2) else $16 || '"' || substr(u0, 1, 80) || '"' || $17 end end as b0,
    v1, case when is_unsynced = 1 and o1 not in ('', $18) and (is_present is null or v1 is null) then null else o1 end as o1,
    case when u1 is not null then case when coalesce(substr(u1, 1, 1) = $19, 1 = 0) then $20 || substr(u1, 2) else $21 || '"' || substr(u1, 1, 80) || '"' || $22 end end as b1
  from rendered
),
decided as materialized (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    array_to_json(array_remove(array[case when b0 is not null then $23::text end]::text[], null))::text as invalid_properties, nullif(substr(coalesce('; ' || b0, ''), 3, 2000), '') as reason_message,
    array_to_json(array_remove(array[case when b1 is not null then $24::text end]::text[], null))::text as dropped_properties,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0,
    case when b1 is not null then o1 else case when v1 is not null then v1 when o1 is not null then '' end end as v1, o1
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, invalid_properties, reason_message, dropped_properties,
    json_strip_nulls(json_object($25::text[], array[v0, v1]::text[]))::text as new_values,
    array_to_json(array_remove(array[case when v0 is distinct from o0 then $26::text end, case when v1 is distinct from o1 then $27::text end]::text[], null))::text as changed_properties,
    json_strip_nulls(json_object($28::text[], array[case when v0 is distinct from o0 then $29 else o0 end, case when v1 is distinct from o1 then $30 else o1 end]::text[]))::text as doubtful_values,
    json_strip_nulls(json_object($31::text[], array[case when v0 is distinct from o0 then nullif(o0, $32) end, case when v1 is distinct from o1 then nullif(o1, $33) end]::text[]))::text as audit_old,
    case when record_id is not null then json_strip_nulls(json_object($34::text[], array[case when v0 is distinct from o0 then v0 end, case when v1 is distinct from o1 then v1 end]::text[]))::text end as audit_new
  from decided
)
select * from listed
) as n
on p.run_id = $35 and p.template_values is not null and p.seq between $36::integer and $37::integer and p.row_id = n.row_id
when matched then update set
  new_values = case when p.new_values = '{}' then n.new_values when n.new_values = '{}' then p.new_values
      else substr(p.new_values, 1, length(p.new_values) - 1) || ',' || substr(n.new_values, 2) end,
  changed_properties = case when p.changed_properties = '[]' then n.changed_properties when n.changed_properties = '[]' then p.changed_properties
      else substr(p.changed_properties, 1, length(p.changed_properties) - 1) || ',' || substr(n.changed_properties, 2) end,
  doubtful_values = case when p.doubtful_values = '{}' then n.doubtful_values when n.doubtful_values = '{}' then p.doubtful_values
      else substr(p.doubtful_values, 1, length(p.doubtful_values) - 1) || ',' || substr(n.doubtful_values, 2) end,
  audit_old = case when p.audit_old = '{}' then n.audit_old when n.audit_old = '{}' then p.audit_old
      else substr(p.audit_old, 1, length(p.audit_old) - 1) || ',' || substr(n.audit_old, 2) end,
  audit_new = case when p.audit_new = '{}' then n.audit_new when n.audit_new = '{}' then p.audit_new
      else substr(p.audit_new, 1, length(p.audit_new) - 1) || ',' || substr(n.audit_new, 2) end,
  dropped_properties = case when n.invalid_properties <> '[]' then null else nullif(case when coalesce(p.dropped_properties, '[]') = '[]' then n.dropped_properties when n.dropped_properties = '[]' then coalesce(p.dropped_properties, '[]')
      else substr(coalesce(p.dropped_properties, '[]'), 1, length(coalesce(p.dropped_properties, '[]')) - 1) || ',' || substr(n.dropped_properties, 2) end, '[]') end,
  reason = case when n.invalid_properties <> '[]' then 'invalid_value' else p.reason end,
  reason_detail = case when n.invalid_properties <> '[]' then n.invalid_properties else p.reason_detail end,
  reason_message = case when n.invalid_properties <> '[]' then n.reason_message end,
  operation = case when n.invalid_properties <> '[]' then 'reject'
    when p.record_id is null then p.operation
    when p.changed_properties = '[]' and n.changed_properties = '[]' then 'refresh'
    else 'update' end,
  template_values = null;
-- ["run-1",1,5000,"_unsynced","salutation","score","\u0001","salutation","\u0001","\u0001","score","\u0001","\u0001","\u0001","salutation: the template failed: ","salutation: "," has no text form","\u0001","\u0001","score: the template failed: ","score: "," is no number","salutation","score","{\"salutation\",\"score\"}","salutation","score","{\"salutation\",\"score\"}","\u0001","\u0001","{\"salutation\",\"score\"}","\u0001","\u0001","{\"salutation\",\"score\"}","run-1",1,5000]

delete from "marts_backhaul"."resolutions__contacts" where run_id = $1;
-- ["run-1"]
