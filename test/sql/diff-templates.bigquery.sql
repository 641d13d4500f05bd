insert into `marts_backhaul`.`plan__contacts` (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message, template_values)
with model_rows as (
  select 1 as is_present,
    cast(m.`customer_id` as string) as row_id,
    nullif(lower(trim(nullif(m.`email`, ''), ' ')), '') as match_value,
    farm_fingerprint(to_json_string(struct(@p0 as seed, m.`email` as f0, m.`first_name` as f1, m.`joined_at` as f2, m.`orders` as f3))) as fingerprint,
    m.`email` as c0,
    m.`first_name` as c1,
    m.`joined_at` as c2,
    m.`orders` as c3
  from `shop`.`marts`.`hubspot_contacts` as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    case when s.record_id is not null and s.first_synced_at is null then 1 else 0 end as is_unsynced,
    safe.parse_json(case when s.record_id is null then null else s.sent_values end) as sent
  from model_rows as m
  full join `marts_backhaul`.`state__contacts` as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    nullif(c0, '') as v0,
    json_value(sent['email']) as o0,
    concat('{', array_to_string([concat('"#0":', nullif(to_json_string(nullif(c1, '')), 'null')), concat('"#1":', nullif(to_json_string(format_datetime('%E4Y-%m-%dT%H:%M:%E3SZ', datetime(c2, 'UTC'))), 'null')), concat('"#2":', nullif(to_json_string(case when coalesce(not (not (is_nan(c3) or is_inf(c3))), false) then @p1 else case when not (is_nan(c3) or is_inf(c3)) then case when c3 = 0 then '0'
    when strpos(format('%.15g', c3), 'e') = 0 then format('%.15g', c3)
    when abs(c3) >= 1 then concat(case when c3 < 0 then '-' else '' end, regexp_replace(format('%.14e', c3), '^-|[.]|e.*$', ''), repeat('0', cast(regexp_extract(format('%.14e', c3), 'e(.*)$') as int64) - 14))
    else concat(case when c3 < 0 then '-' else '' end, '0.', repeat('0', -cast(regexp_extract(format('%.14e', c3), 'e(.*)$') as int64) - 1), rtrim(regexp_replace(format('%.14e', c3), '^-|[.]|e.*$', ''), '0')) end end end), 'null')), concat('"salutation":', nullif(to_json_string(json_value(sent['salutation'])), 'null')), concat('"score":', nullif(to_json_string(json_value(sent['score'])), 'null')), concat('"_unsynced":', nullif(to_json_string(case when is_unsynced = 1 then 'true' end), 'null'))], ','), '}') as template_values
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values,
    v0, case when is_unsynced = 1 and o0 not in ('', @p2) and (is_present is null or v0 is null) then null else o0 end as o0
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values,
    '[]' as invalid_properties, cast(null as string) as reason_message,
    '[]' as dropped_properties,
    coalesce(v0, o0) as v0, o0
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, template_values, invalid_properties, reason_message, dropped_properties,
    concat('{', array_to_string([concat('"email":', nullif(to_json_string(v0), 'null'))], ','), '}') as new_values,
    concat('[', array_to_string([case when v0 is distinct from o0 then '"email"' end], ','), ']') as changed_properties,
    concat('{', array_to_string([concat('"email":', nullif(to_json_string(case when v0 is distinct from o0 then @p3 else o0 end), 'null'))], ','), '}') as doubtful_values,
    concat('{', array_to_string([concat('"email":', nullif(to_json_string(case when v0 is distinct from o0 then nullif(o0, @p4) end), 'null'))], ','), '}') as audit_old,
    case when record_id is not null then concat('{', array_to_string([concat('"email":', nullif(to_json_string(case when v0 is distinct from o0 then v0 end), 'null'))], ','), '}') end as audit_new
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
select @p5 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message,
  case when operation in ('create', 'update', 'upsert', 'send', 'refresh') then template_values end as template_values
from chosen;
-- ["seed","\u0001","\u0001","\u0001","\u0001","run-1"]

merge into `marts_backhaul`.`plan__contacts` as p
using (
with texts as (
  select q.row_id, q.match_value, q.fingerprint, q.record_id, q.known_status,
    safe.parse_json(q.template_values) as sent, safe.parse_json(r.new_values) as rendered
  from `marts_backhaul`.`plan__contacts` as q
  join `marts_backhaul`.`resolutions__contacts` as r on r.run_id = q.run_id and r.seq = q.seq
  where q.run_id = @p0 and q.template_values is not null and q.seq between @p1 and @p2
),
candidates as (
  select 1 as is_present, row_id, row_id as known_row_id, match_value, fingerprint, record_id, known_status, sent, case when json_value(sent['_unsynced']) = 'true' then 1 else 0 end as is_unsynced,
    json_value(rendered['salutation']) as c0,
    json_value(rendered['score']) as c1
  from texts
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    case when not coalesce(substr(c0, 1, 1) = @p3, 1 = 0) then nullif(c0, '') end as v0,
    json_value(sent['salutation']) as o0,
    case when coalesce(substr(c0, 1, 1) = @p4, 1 = 0) then coalesce(nullif(c0, ''), '') end as u0,
    case when not coalesce(substr(c1, 1, 1) = @p5, 1 = 0) then case when length(trim(c1, ' \t\r\n')) <= 400 and regexp_contains(trim(c1, ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then regexp_replace(regexp_replace(regexp_replace(regexp_replace(case when regexp_contains(trim(c1, ' \t\r\n'), '[eE]') then concat(regexp_extract(trim(c1, ' \t\r\n'), '^[+-]?'), rpad(regexp_replace(trim(c1, ' \t\r\n'), '^[+-]|[.]|[eE].*$', ''), greatest((length(regexp_extract(trim(c1, ' \t\r\n'), '^[+-]?([0-9]*)')) + cast(regexp_extract(trim(c1, ' \t\r\n'), '[eE](.*)$') as int64)), 0), '0'), '.', concat(repeat('0', greatest(-(length(regexp_extract(trim(c1, ' \t\r\n'), '^[+-]?([0-9]*)')) + cast(regexp_extract(trim(c1, ' \t\r\n'), '[eE](.*)$') as int64)), 0)), substr(regexp_replace(trim(c1, ' \t\r\n'), '^[+-]|[.]|[eE].*$', ''), greatest((length(regexp_extract(trim(c1, ' \t\r\n'), '^[+-]?([0-9]*)')) + cast(regexp_extract(trim(c1, ' \t\r\n'), '[eE](.*)$') as int64)), 0) + 1))) else trim(c1, ' \t\r\n') end, '^([+-]?)0*([0-9]*)(?:[.]([0-9]*?)0*)?$', '\\1\\2.\\3'), '^[+]|[.]$', ''), '^-?$', '0'), '^(-?)[.]', '\\10.') end end as v1,
    json_value(sent['score']) as o1,
    case when (coalesce(substr(c1, 1, 1) = @p6, 1 = 0) or coalesce(c1 <> '' and not (length(trim(c1, ' \t\r\n')) <= 400 and regexp_contains(trim(c1, ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$')), false)) then coalesce(nullif(c1, ''), '') end as u1
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    v0, case when is_unsynced = 1 and o0 not in ('', @p7) and (is_present is null or v0 is null) then null else o0 end as o0,
    case when u0 is not null then case when coalesce(substr(u0, 1, 1) = @p8, 1 = 0) then @p9 || substr(u0, 2) else @p10 || '"' || substr(u0, 1, 80) || '"' || @p11 end end as b0,
    v1, case when is_unsynced = 1 and o1 not in ('', @p12) and (is_present is null or v1 is null) then null else o1 end as o1,
    case when u1 is not null then case when coalesce(substr(u1, 1, 1) = @p13, 1 = 0) then @p14 || substr(u1, 2) else @p15 || '"' || substr(u1, 1, 80) || '"' || @p16 end end as b1
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    concat('[', array_to_string([case when b0 is not null then '"salutation"' end], ','), ']') as invalid_properties, nullif(substr(coalesce('; ' || b0, ''), 3, 2000), '') as reason_message,
    concat('[', array_to_string([case when b1 is not null then '"score"' end], ','), ']') as dropped_properties,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0,
    case when b1 is not null then o1 else case when v1 is not null then v1 when o1 is not null then '' end end as v1, o1
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, invalid_properties, reason_message, dropped_properties,
    concat('{', array_to_string([concat('"salutation":', nullif(to_json_string(v0), 'null')), concat('"score":', nullif(to_json_string(v1), 'null'))], ','), '}') as new_values,
    concat('[', array_to_string([case when v0 is distinct from o0 then '"salutation"' end, case when v1 is distinct from o1 then '"score"' end], ','), ']') as changed_properties,
    concat('{', array_to_string([concat('"salutation":', nullif(to_json_string(case when v0 is distinct from o0 then @p17 else o0 end), 'null')), concat('"score":', nullif(to_json_string(case when v1 is distinct from o1 then @p18 else o1 end), 'null'))], ','), '}') as doubtful_values,
    concat('{', array_to_string([concat('"salutation":', nullif(to_json_string(case when v0 is distinct from o0 then nullif(o0, @p19) end), 'null')), concat('"score":', nullif(to_json_string(case when v1 is distinct from o1 then nullif(o1, @p20) end), 'null'))], ','), '}') as audit_old,
    case when record_id is not null then concat('{', array_to_string([concat('"salutation":', nullif(to_json_string(case when v0 is distinct from o0 then v0 end), 'null')), concat('"score":', nullif(to_json_string(case when v1 is distinct from o1 then v1 end), 'null'))], ','), '}') end as audit_new
  from decided
)
select * from listed
) as n
on p.run_id = @p21 and p.template_values is not null and p.seq between @p22 and @p23 and p.row_id = n.row_id
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
-- ["run-1",1,5000,"\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","salutation: the template failed: ","salutation: "," has no text form","\u0001","\u0001","score: the template failed: ","score: "," is no number","\u0001","\u0001","\u0001","\u0001","run-1",1,5000]

delete from `marts_backhaul`.`resolutions__contacts` where run_id = @p0;
-- ["run-1"]
