insert into `marts_backhaul`.`plan__contacts` (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    cast(m.`customer_id` as string) as row_id,
    nullif(lower(trim(nullif(m.`email`, ''), ' ')), '') as match_value,
    farm_fingerprint(to_json_string(struct(@p0 as seed, m.`Total net` as f0, m.`email` as f1))) as fingerprint,
    m.`Total net` as c0,
    m.`email` as c1
  from `shop`.`marts`.`hubspot_contacts` as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    safe.parse_json(case when s.record_id is null then null else s.sent_values end) as sent
  from model_rows as m
  full join (select * from (select cast(null as string) as row_id, cast(null as string) as record_id, cast(null as string) as status,
    cast(null as int64) as fingerprint, cast(null as int64) as tried_fingerprint,
    cast(null as string) as sent_values, cast(null as string) as match_value, cast(null as bool) as created_here,
    cast(null as string) as first_run_id, cast(null as timestamp) as first_synced_at,
    cast(null as timestamp) as next_attempt_at, cast(null as string) as error_category) as nothing where 1 = 0) as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status,
    cast(c0 as string) as v0,
    json_value(sent['amount']) as o0,
    nullif(c1, '') as v1,
    json_value(sent['email']) as o1,
    cast(@p1 as string) as v2,
    json_value(sent['lifecyclestage']) as o2
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status,
    v0, o0,
    v1, o1,
    v2, o2,
    case when (v2 is not null and v2 not in (@p2, @p3)) then @p4 || '"' || substr(v2, 1, 80) || '"' || ' is no option' || @p5 end as b2
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status,
    concat('[', array_to_string([case when b2 is not null then '"lifecyclestage"' end], ','), ']') as invalid_properties, nullif(substr(coalesce('; ' || b2, ''), 3, 2000), '') as reason_message,
    '[]' as dropped_properties,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0,
    coalesce(v1, o1) as v1, o1,
    case when v2 is not null then v2 when o2 is not null then '' end as v2, o2
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, invalid_properties, reason_message, dropped_properties,
    concat('{', array_to_string([concat('"amount":', nullif(to_json_string(v0), 'null')), concat('"email":', nullif(to_json_string(v1), 'null')), concat('"lifecyclestage":', nullif(to_json_string(v2), 'null'))], ','), '}') as new_values,
    concat('[', array_to_string([case when v0 is distinct from o0 then '"amount"' end, case when v1 is distinct from o1 then '"email"' end, case when v2 is distinct from o2 then '"lifecyclestage"' end], ','), ']') as changed_properties,
    concat('{', array_to_string([concat('"amount":', nullif(to_json_string(case when v0 is distinct from o0 then @p6 else o0 end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then @p7 else o1 end), 'null')), concat('"lifecyclestage":', nullif(to_json_string(case when v2 is distinct from o2 then @p8 else o2 end), 'null'))], ','), '}') as doubtful_values,
    concat('{', array_to_string([concat('"amount":', nullif(to_json_string(case when v0 is distinct from o0 then nullif(o0, @p9) end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then nullif(o1, @p10) end), 'null')), concat('"lifecyclestage":', nullif(to_json_string(case when v2 is distinct from o2 then nullif(o2, @p11) end), 'null'))], ','), '}') as audit_old,
    case when record_id is not null then concat('{', array_to_string([concat('"amount":', nullif(to_json_string(case when v0 is distinct from o0 then v0 end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then v1 end), 'null')), concat('"lifecyclestage":', nullif(to_json_string(case when v2 is distinct from o2 then v2 end), 'null'))], ','), '}') end as audit_new
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
select @p12 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["seed","customer","lead","customer","lifecyclestage: "," (options: lead, customer)","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1"]
