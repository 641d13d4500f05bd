insert into `marts_backhaul`.`plan__contacts` (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    cast(m.`customer_id` as string) as row_id,
    nullif(lower(trim(nullif(m.`email`, ''), ' ')), '') as match_value,
    farm_fingerprint(to_json_string(struct(@p0 as seed, m.`colours` as f0, m.`email` as f1, m.`score` as f2, m.`seen_at` as f3))) as fingerprint,
    m.`colours` as c0,
    m.`email` as c1,
    m.`score` as c2,
    m.`seen_at` as c3
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
    case when not (strpos(array_to_string(json_value_array(to_json_string(c0)), ''), ';') > 0) then nullif(trim(regexp_replace(array_to_string(json_value_array(to_json_string(c0)), ';'), ';+', ';'), ';'), '') end as v0,
    json_value(sent['colours']) as o0,
    case when coalesce(strpos(array_to_string(json_value_array(to_json_string(c0)), ''), ';') > 0, c0 is not null) then '' end as u0,
    nullif(c1, '') as v1,
    json_value(sent['email']) as o1,
    case when length(trim(c2, ' \t\r\n')) <= 400 and regexp_contains(trim(c2, ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$') then regexp_replace(regexp_replace(regexp_replace(regexp_replace(case when regexp_contains(trim(c2, ' \t\r\n'), '[eE]') then concat(regexp_extract(trim(c2, ' \t\r\n'), '^[+-]?'), rpad(regexp_replace(trim(c2, ' \t\r\n'), '^[+-]|[.]|[eE].*$', ''), greatest((length(regexp_extract(trim(c2, ' \t\r\n'), '^[+-]?([0-9]*)')) + cast(regexp_extract(trim(c2, ' \t\r\n'), '[eE](.*)$') as int64)), 0), '0'), '.', concat(repeat('0', greatest(-(length(regexp_extract(trim(c2, ' \t\r\n'), '^[+-]?([0-9]*)')) + cast(regexp_extract(trim(c2, ' \t\r\n'), '[eE](.*)$') as int64)), 0)), substr(regexp_replace(trim(c2, ' \t\r\n'), '^[+-]|[.]|[eE].*$', ''), greatest((length(regexp_extract(trim(c2, ' \t\r\n'), '^[+-]?([0-9]*)')) + cast(regexp_extract(trim(c2, ' \t\r\n'), '[eE](.*)$') as int64)), 0) + 1))) else trim(c2, ' \t\r\n') end, '^([+-]?)0*([0-9]*)(?:[.]([0-9]*?)0*)?$', '\\1\\2.\\3'), '^[+]|[.]$', ''), '^-?$', '0'), '^(-?)[.]', '\\10.') end as v2,
    json_value(sent['score']) as o2,
    case when coalesce(c2 <> '' and not (length(trim(c2, ' \t\r\n')) <= 400 and regexp_contains(trim(c2, ' \t\r\n'), '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$')), false) then coalesce(nullif(c2, ''), '') end as u2,
    case when regexp_contains(trim(c3, ' \t\r\n'), '^((([0-9]{4})-(((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))|((0[469]|11)-(0[1-9]|[12][0-9]|30))|(02-(0[1-9]|1[0-9]|2[0-8]))))|((([0-9]{2}(0[48]|[2468][048]|[13579][26]))|(([02468][048]|[13579][26])00))-02-29))([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?( ?(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?))?)?$') and not (substr(trim(c3, ' \t\r\n'), 1, 4) = '0000' or (substr(trim(c3, ' \t\r\n'), 1, 10) <= '0001-01-01' and regexp_contains(trim(c3, ' \t\r\n'), ':.*(Z|[+-][0-9:]+)$'))) then format_datetime('%E4Y-%m-%dT%H:%M:%E3SZ', case when regexp_contains(trim(c3, ' \t\r\n'), ':.*(Z|[+-][0-9:]+)$') then safe.datetime_sub(safe_cast(concat(substr(trim(c3, ' \t\r\n'), 1, 10), ' ', coalesce(regexp_extract(trim(c3, ' \t\r\n'), '^.{11}([0-9:]+(?:[.][0-9]{1,3})?)'), ''), substr('00:00:00.000', length(coalesce(regexp_extract(trim(c3, ' \t\r\n'), '^.{11}([0-9:]+(?:[.][0-9]{1,3})?)'), '')) + 1)) as datetime), interval case when regexp_contains(trim(c3, ' \t\r\n'), ':.*-[0-9:]+$') then -1 else 1 end * (60 * cast(coalesce(regexp_extract(trim(c3, ' \t\r\n'), ':.*[+-]([0-9]{2})(?::?[0-9]{2})?$'), '0') as int64) + cast(coalesce(regexp_extract(trim(c3, ' \t\r\n'), ':.*[+-][0-9]{2}:?([0-9]{2})$'), '0') as int64)) minute) else safe_cast(concat(substr(trim(c3, ' \t\r\n'), 1, 10), ' ', coalesce(regexp_extract(trim(c3, ' \t\r\n'), '^.{11}([0-9:]+(?:[.][0-9]{1,3})?)'), ''), substr('00:00:00.000', length(coalesce(regexp_extract(trim(c3, ' \t\r\n'), '^.{11}([0-9:]+(?:[.][0-9]{1,3})?)'), '')) + 1)) as datetime) end) end as v3,
    json_value(sent['seen_at']) as o3,
    case when coalesce(c3 <> '' and not (regexp_contains(trim(c3, ' \t\r\n'), '^((([0-9]{4})-(((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))|((0[469]|11)-(0[1-9]|[12][0-9]|30))|(02-(0[1-9]|1[0-9]|2[0-8]))))|((([0-9]{2}(0[48]|[2468][048]|[13579][26]))|(([02468][048]|[13579][26])00))-02-29))([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?( ?(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?))?)?$') and not (substr(trim(c3, ' \t\r\n'), 1, 4) = '0000' or (substr(trim(c3, ' \t\r\n'), 1, 10) <= '0001-01-01' and regexp_contains(trim(c3, ' \t\r\n'), ':.*(Z|[+-][0-9:]+)$'))) and (case when regexp_contains(trim(c3, ' \t\r\n'), ':.*(Z|[+-][0-9:]+)$') then safe.datetime_sub(safe_cast(concat(substr(trim(c3, ' \t\r\n'), 1, 10), ' ', coalesce(regexp_extract(trim(c3, ' \t\r\n'), '^.{11}([0-9:]+(?:[.][0-9]{1,3})?)'), ''), substr('00:00:00.000', length(coalesce(regexp_extract(trim(c3, ' \t\r\n'), '^.{11}([0-9:]+(?:[.][0-9]{1,3})?)'), '')) + 1)) as datetime), interval case when regexp_contains(trim(c3, ' \t\r\n'), ':.*-[0-9:]+$') then -1 else 1 end * (60 * cast(coalesce(regexp_extract(trim(c3, ' \t\r\n'), ':.*[+-]([0-9]{2})(?::?[0-9]{2})?$'), '0') as int64) + cast(coalesce(regexp_extract(trim(c3, ' \t\r\n'), ':.*[+-][0-9]{2}:?([0-9]{2})$'), '0') as int64)) minute) else safe_cast(concat(substr(trim(c3, ' \t\r\n'), 1, 10), ' ', coalesce(regexp_extract(trim(c3, ' \t\r\n'), '^.{11}([0-9:]+(?:[.][0-9]{1,3})?)'), ''), substr('00:00:00.000', length(coalesce(regexp_extract(trim(c3, ' \t\r\n'), '^.{11}([0-9:]+(?:[.][0-9]{1,3})?)'), '')) + 1)) as datetime) end) is not null), false) then coalesce(nullif(c3, ''), '') end as u3
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    v0, case when is_unsynced = 1 and o0 not in ('', @p1) and (is_present is null or v0 is null) then null else o0 end as o0,
    case when u0 is not null then @p2 when exists (select 1 from unnest(split(v0, ';')) as element where element not in ('red', 'blue')) then @p3 || '"' || substr(v0, 1, 80) || '"' || ' is no option' || @p4 end as b0,
    v1, case when is_unsynced = 1 and o1 not in ('', @p5) and (is_present is null or v1 is null) then null else o1 end as o1,
    v2, case when is_unsynced = 1 and o2 not in ('', @p6) and (is_present is null or v2 is null) then null else o2 end as o2,
    case when u2 is not null then @p7 || '"' || substr(u2, 1, 80) || '"' || @p8 end as b2,
    v3, case when is_unsynced = 1 and o3 not in ('', @p9) and (is_present is null or v3 is null) then null else o3 end as o3,
    case when u3 is not null then @p10 || '"' || substr(u3, 1, 80) || '"' || @p11 end as b3
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    concat('[', array_to_string([case when b0 is not null then '"colours"' end, case when b3 is not null then '"seen_at"' end], ','), ']') as invalid_properties, nullif(substr((coalesce('; ' || b0, '') || coalesce('; ' || b3, '')), 3, 2000), '') as reason_message,
    concat('[', array_to_string([case when b2 is not null then '"score"' end], ','), ']') as dropped_properties,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0,
    coalesce(v1, o1) as v1, o1,
    case when b2 is not null then o2 else coalesce(v2, '') end as v2, o2,
    case when v3 is not null then v3 when o3 is not null then '' end as v3, o3
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, invalid_properties, reason_message, dropped_properties,
    concat('{', array_to_string([concat('"colours":', nullif(to_json_string(v0), 'null')), concat('"email":', nullif(to_json_string(v1), 'null')), concat('"score":', nullif(to_json_string(v2), 'null')), concat('"seen_at":', nullif(to_json_string(v3), 'null'))], ','), '}') as new_values,
    concat('[', array_to_string([case when v0 is distinct from o0 then '"colours"' end, case when v1 is distinct from o1 then '"email"' end, case when v2 is distinct from o2 then '"score"' end, case when v3 is distinct from o3 then '"seen_at"' end], ','), ']') as changed_properties,
    concat('{', array_to_string([concat('"colours":', nullif(to_json_string(case when v0 is distinct from o0 then @p12 else o0 end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then @p13 else o1 end), 'null')), concat('"score":', nullif(to_json_string(case when v2 is distinct from o2 then @p14 else o2 end), 'null')), concat('"seen_at":', nullif(to_json_string(case when v3 is distinct from o3 then @p15 else o3 end), 'null'))], ','), '}') as doubtful_values,
    concat('{', array_to_string([concat('"colours":', nullif(to_json_string(case when v0 is distinct from o0 then nullif(o0, @p16) end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then nullif(o1, @p17) end), 'null')), concat('"score":', nullif(to_json_string(case when v2 is distinct from o2 then nullif(o2, @p18) end), 'null')), concat('"seen_at":', nullif(to_json_string(case when v3 is distinct from o3 then nullif(o3, @p19) end), 'null'))], ','), '}') as audit_old,
    case when record_id is not null then concat('{', array_to_string([concat('"colours":', nullif(to_json_string(case when v0 is distinct from o0 then v0 end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then v1 end), 'null')), concat('"score":', nullif(to_json_string(case when v2 is distinct from o2 then v2 end), 'null')), concat('"seen_at":', nullif(to_json_string(case when v3 is distinct from o3 then v3 end), 'null'))], ','), '}') end as audit_new
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
select @p20 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["seed","\u0001","colours: the value has an element that holds a semicolon, or is no list","colours: "," (options: red, blue)","\u0001","\u0001","score: "," is no number","\u0001","seen_at: "," is no date and time","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1"]
