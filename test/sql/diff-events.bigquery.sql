insert into `marts_backhaul`.`plan__contacts` (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    cast(m.`customer_id` as string) as row_id,
    nullif(lower(trim(nullif(m.`email`, ''), ' ')), '') as match_value,
    farm_fingerprint(to_json_string(struct(@p0 as seed, m.`at` as f0, m.`quantity` as f1, m.`email` as f2))) as fingerprint,
    m.`at` as c0,
    m.`quantity` as c1,
    m.`email` as c2
  from `shop`.`marts`.`hubspot_contacts` as m
),
candidates as (
  select m.*, s.row_id as known_row_id, cast(null as string) as record_id, s.status as known_status,
    case when s.first_synced_at is null then 0 else 1 end as is_sent,
    case when s.status = 'rejected' and s.error_category in ('UNKNOWN_CONTACT', 'UNKNOWN_MEMBER') and s.tried_fingerprint = m.fingerprint then 1 else 0 end as is_unfound,
    safe.parse_json(s.sent_values) as sent
  from model_rows as m
  full join `marts_backhaul`.`state__contacts` as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp()))))))
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_sent, is_unfound,
    cast(@p1 as string) as v0,
    cast(null as string) as o0,
    format_datetime('%E4Y-%m-%dT%H:%M:%E3SZ', c0) as v1,
    json_value(sent['_occurred_at']) as o1,
    to_hex(sha256(@p2 || cast(@p3 as string) || @p4 || row_id)) as v2,
    json_value(sent['_uuid']) as o2,
    cast(c1 as string) as v3,
    cast(null as string) as o3
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent, is_unfound,
    v0, o0,
    v1, o1,
    v2, o2,
    v3, o3
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent, is_unfound,
    '[]' as invalid_properties, cast(null as string) as reason_message,
    '[]' as dropped_properties,
    coalesce(v0, o0) as v0, o0,
    coalesce(v1, o1, format_datetime('%E4Y-%m-%dT%H:%M:%E3SZ', datetime(current_timestamp(), 'UTC'))) as v1, o1,
    coalesce(o2, substr(v2, 1, 8) || '-' || substr(v2, 9, 4) || '-8' || substr(v2, 14, 3) || '-a' || substr(v2, 18, 3) || '-' || substr(v2, 21, 12)) as v2, o2,
    coalesce(v3, o3) as v3, o3
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_sent, is_unfound, invalid_properties, reason_message, dropped_properties,
    concat('{', array_to_string([concat('"_event":', nullif(to_json_string(v0), 'null')), concat('"_occurred_at":', nullif(to_json_string(v1), 'null')), concat('"_uuid":', nullif(to_json_string(v2), 'null')), concat('"quantity":', nullif(to_json_string(v3), 'null'))], ','), '}') as new_values,
    concat('[', array_to_string([case when v0 is not null then '"_event"' end, case when v1 is not null then '"_occurred_at"' end, case when v2 is not null then '"_uuid"' end, case when v3 is not null then '"quantity"' end], ','), ']') as changed_properties,
    concat('{', array_to_string([concat('"_event":', nullif(to_json_string(null), 'null')), concat('"_occurred_at":', nullif(to_json_string(v1), 'null')), concat('"_uuid":', nullif(to_json_string(v2), 'null')), concat('"quantity":', nullif(to_json_string(null), 'null'))], ','), '}') as doubtful_values,
    concat('{', array_to_string([concat('"_event":', nullif(to_json_string(case when v0 is not null then nullif(o0, @p5) end), 'null')), concat('"_occurred_at":', nullif(to_json_string(case when v1 is not null then nullif(o1, @p6) end), 'null')), concat('"_uuid":', nullif(to_json_string(case when v2 is not null then nullif(o2, @p7) end), 'null')), concat('"quantity":', nullif(to_json_string(case when v3 is not null then nullif(o3, @p8) end), 'null'))], ','), '}') as audit_old,
    case when record_id is not null then concat('{', array_to_string([concat('"_event":', nullif(to_json_string(case when v0 is not null then v0 end), 'null')), concat('"_occurred_at":', nullif(to_json_string(case when v1 is not null then v1 end), 'null')), concat('"_uuid":', nullif(to_json_string(case when v2 is not null then v2 end), 'null')), concat('"quantity":', nullif(to_json_string(case when v3 is not null then v3 end), 'null'))], ','), '}') end as audit_new
  from decided
),
judged as (
  select listed.*, case when is_present is null then null when listed.row_id is null then 'missing_key' when match_value is null then 'missing_contact' when not regexp_contains(match_value, '^[^@ ]+@[^@ ]+[.][^@ ]+$') then 'no_email' when invalid_properties <> '[]' then 'invalid_value' when is_unfound = 1 then 'unknown_contact' end as reason, case when is_present is null then null when listed.row_id is null then null when match_value is null then null when not regexp_contains(match_value, '^[^@ ]+@[^@ ]+[.][^@ ]+$') then null when invalid_properties <> '[]' then invalid_properties when is_unfound = 1 then null end as reason_detail
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
select @p9 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["seed","pe1_jobs","jobs\n","pe1_jobs","\n","\u0001","\u0001","\u0001","\u0001","run-1"]
