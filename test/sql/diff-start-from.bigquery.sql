insert into `marts_backhaul`.`plan__contacts` (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    cast(m.`customer_id` as string) as row_id,
    nullif(lower(trim(nullif(m.`email`, ''), ' ')), '') as match_value,
    (format_datetime('%E4Y-%m-%dT%H:%M:%E3SZ', m.`created_at`) is null or format_datetime('%E4Y-%m-%dT%H:%M:%E3SZ', m.`created_at`) < @p0) as is_before_start,
    farm_fingerprint(to_json_string(struct(@p1 as seed, m.`created_at` as f0))) as fingerprint,
    m.`created_at` as c0
  from `shop`.`marts`.`hubspot_contacts` as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    case when m.is_before_start then 1 else 0 end as is_known,
    safe.parse_json(case when s.record_id is null then null else s.sent_values end) as sent
  from model_rows as m
  full join `marts_backhaul`.`state__contacts` as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp()))))))
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_known,
    row_id as v0,
    json_value(sent['row_key']) as o0
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_known,
    v0, o0
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_known,
    '[]' as invalid_properties, cast(null as string) as reason_message,
    '[]' as dropped_properties,
    coalesce(v0, o0) as v0, o0
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_known, invalid_properties, reason_message, dropped_properties,
    concat('{', array_to_string([concat('"row_key":', nullif(to_json_string(v0), 'null'))], ','), '}') as new_values,
    concat('[', array_to_string([case when v0 is distinct from o0 then '"row_key"' end], ','), ']') as changed_properties,
    concat('{', array_to_string([concat('"row_key":', nullif(to_json_string(case when v0 is distinct from o0 then @p2 else o0 end), 'null'))], ','), '}') as doubtful_values,
    concat('{', array_to_string([concat('"row_key":', nullif(to_json_string(case when v0 is distinct from o0 then nullif(o0, @p3) end), 'null'))], ','), '}') as audit_old,
    case when record_id is not null then concat('{', array_to_string([concat('"row_key":', nullif(to_json_string(case when v0 is distinct from o0 then v0 end), 'null'))], ','), '}') end as audit_new
  from decided
),
judged as (
  select listed.*, case when is_present is null then null when listed.row_id is null then 'missing_key' when record_id is null and is_known = 1 then 'before_start' when match_value is null then 'missing_match_value' when invalid_properties <> '[]' then 'invalid_value' end as reason, case when is_present is null then null when listed.row_id is null then null when record_id is null and is_known = 1 then null when match_value is null then null when invalid_properties <> '[]' then invalid_properties end as reason_detail
  from listed
),
chosen as (
  select judged.*, case
    when is_present is null then 'leave'
    when reason = 'before_start' then 'skip'
    when reason is not null then 'reject'
    when record_id is null then 'create'
    when 1 = 1 then 'refresh'
    else 'update' end as operation
  from judged
)
select @p4 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["2026-01-01T00:00:00.000Z","seed","\u0001","\u0001","run-1"]
