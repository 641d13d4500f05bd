insert into `marts_backhaul`.`plan__contacts` (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    cast(m.`customer_id` as string) as row_id,
    nullif(lower(trim(nullif(m.`email`, ''), ' ')), '') as match_value,
    farm_fingerprint(to_json_string(struct(@p0 as seed, m.`Total net` as f0, m.`email` as f1, m.`badge` as f2, m.`owner` as f3, m.`colours` as f4, m.`zip` as f5))) as fingerprint,
    m.`Total net` as c0,
    m.`email` as c1,
    m.`badge` as c2,
    m.`owner` as c3,
    m.`colours` as c4,
    m.`zip` as c5
  from `shop`.`marts`.`hubspot_contacts` as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status, s.match_value as known_match_value, s.created_here,
    case when s.record_id is not null and s.first_synced_at is null then 1 else 0 end as is_unsynced,
    safe.parse_json(case when s.record_id is null then null else s.sent_values end) as sent
  from model_rows as m
  full join `marts_backhaul`.`state__contacts` as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown') and not (s.status = 'parked' and s.tried_fingerprint is null))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, case when is_present is null then known_match_value else match_value end as match_value, fingerprint, record_id, known_status, created_here, is_unsynced,
    cast(c0 as string) as v0,
    json_value(sent['amount']) as o0,
    nullif(c1, '') as v1,
    json_value(sent['email']) as o1,
    cast(@p1 as string) as v2,
    json_value(sent['lifecyclestage']) as o2
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, created_here, is_unsynced,
    v0, case when is_unsynced = 1 and o0 not in ('', @p2) and (is_present is null or v0 is null) then null else o0 end as o0,
    v1, case when is_unsynced = 1 and o1 not in ('', @p3) and (is_present is null or v1 is null) then null else o1 end as o1,
    v2, case when is_unsynced = 1 and o2 not in ('', @p4) and (is_present is null or v2 is null) then null else o2 end as o2,
    case when (v2 is not null and v2 not in (@p5, @p6)) then @p7 || '"' || substr(v2, 1, 80) || '"' || ' is no option' || @p8 end as b2
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, created_here, is_unsynced,
    concat('[', array_to_string([case when b2 is not null then '"lifecyclestage"' end], ','), ']') as invalid_properties, nullif(substr(coalesce('; ' || b2, ''), 3, 2000), '') as reason_message,
    '[]' as dropped_properties,
    case when is_present is null then null else case when v0 is not null then v0 when o0 is not null then '' end end as v0, o0,
    case when is_present is null then null else coalesce(v1, o1) end as v1, o1,
    case when is_present is null then null else case when v2 is not null then v2 when o2 is not null then '' end end as v2, o2
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, created_here, is_unsynced, invalid_properties, reason_message, dropped_properties,
    concat('{', array_to_string([concat('"amount":', nullif(to_json_string(v0), 'null')), concat('"email":', nullif(to_json_string(v1), 'null')), concat('"lifecyclestage":', nullif(to_json_string(v2), 'null'))], ','), '}') as new_values,
    concat('[', array_to_string([case when v0 is distinct from o0 then '"amount"' end, case when v1 is distinct from o1 then '"email"' end, case when v2 is distinct from o2 then '"lifecyclestage"' end], ','), ']') as changed_properties,
    concat('{', array_to_string([concat('"amount":', nullif(to_json_string(case when v0 is distinct from o0 then @p9 else o0 end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then @p10 else o1 end), 'null')), concat('"lifecyclestage":', nullif(to_json_string(case when v2 is distinct from o2 then @p11 else o2 end), 'null'))], ','), '}') as doubtful_values,
    concat('{', array_to_string([concat('"amount":', nullif(to_json_string(case when v0 is distinct from o0 then nullif(o0, @p12) end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then nullif(o1, @p13) end), 'null')), concat('"lifecyclestage":', nullif(to_json_string(case when v2 is distinct from o2 then nullif(o2, @p14) end), 'null'))], ','), '}') as audit_old,
    case when record_id is not null then concat('{', array_to_string([concat('"amount":', nullif(to_json_string(case when v0 is distinct from o0 then v0 end), 'null')), concat('"email":', nullif(to_json_string(case when v1 is distinct from o1 then v1 end), 'null')), concat('"lifecyclestage":', nullif(to_json_string(case when v2 is distinct from o2 then v2 end), 'null'))], ','), '}') end as audit_new
  from decided
),
link0_lists as (
  select row_id, targets, labels, shown from (
    select m.row_id as row_id, case when nullif(m.c2, '') is null then null when substr(trim(nullif(m.c2, '')), 1, 1) not in ('[', '{') then concat('[', nullif(to_json_string(nullif(m.c2, '')), 'null'), ']')
      when not (safe.parse_json(nullif(m.c2, '')) is not null) then '[[]]' when substr(trim(nullif(m.c2, '')), 1, 1) = '[' then nullif(m.c2, '') else '[' || nullif(m.c2, '') || ']' end as targets, case when nullif(m.c3, '') is null then null when substr(trim(nullif(m.c3, '')), 1, 1) not in ('[', '{') then concat('[', nullif(to_json_string(nullif(m.c3, '')), 'null'), ']')
      when not (safe.parse_json(nullif(m.c3, '')) is not null) then '[[]]' when substr(trim(nullif(m.c3, '')), 1, 1) = '[' then nullif(m.c3, '') else '[' || nullif(m.c3, '') || ']' end as labels, nullif(m.c2, '') as shown
    from (select * from candidates where is_present is not null) as m
  ) as r where targets is not null and row_id is not null
),
link0_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e end as shown, e as element
  from link0_lists as l cross join unnest(json_query_array(l.targets)) as e
),
link0_targets as (
  select row_id, shown, is_malformed, case when trim(target_key, ' ') <> '' then target_key end as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as string) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || own_label || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_contains(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_contains(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when safe_cast(held as float64) = floor(safe_cast(held as float64)) and abs(safe_cast(held as float64)) <= 9007199254740992 then safe_cast(held as float64) end as int64) as string), cast(safe_cast(held as float64) as string)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then json_value(element, '$.value')
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else json_value(element, '$') end as target_key, case when substr(element, 1, 1) = '{' then json_query(element, '$.value') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_contains(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(json_query(element, '$.value'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_contains(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then json_query(element, '$.label') end as own_label
      from link0_elements
    ) as e
  ) as r
),
link0_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, b as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link0_targets where target_key is not null or is_malformed = 1) as t cross join unnest(json_query_array(t.labels)) as b
),
link0_terms as (select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(@p15)) as e),
link0 as (
  select row_id, @p16 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then @p17 || '"' || substr(shown, 1, 80) || '"' || @p18
    when substr(label, 1, 1) in ('[', '{') then @p19 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_value(label, '$'), ' '), '') is not null and meaning is null then @p20 || '"' || substr(nullif(trim(json_value(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, @p21) end as trouble
  from link0_labels
  left join link0_terms on term = nullif(trim(json_value(label, '$'), ' '), '')
),
link1_lists as (
  select row_id, targets, labels, shown from (
    select m.row_id as row_id, case when nullif(to_json_string(m.c4), 'null') is null then null when substr(trim(nullif(to_json_string(m.c4), 'null')), 1, 1) not in ('[', '{') then '[' || nullif(to_json_string(m.c4), 'null') || ']'
      when not (safe.parse_json(nullif(to_json_string(m.c4), 'null')) is not null) then '[[]]' when substr(trim(nullif(to_json_string(m.c4), 'null')), 1, 1) = '[' then nullif(to_json_string(m.c4), 'null') else '[' || nullif(to_json_string(m.c4), 'null') || ']' end as targets, cast(null as string) as labels, nullif(to_json_string(m.c4), 'null') as shown
    from (select * from candidates where is_present is not null) as m
  ) as r where targets is not null and row_id is not null
),
link1_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e end as shown, e as element
  from link1_lists as l cross join unnest(json_query_array(l.targets)) as e
),
link1_targets as (
  select row_id, shown, is_malformed, nullif(trim(target_key, ' '), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as string) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || own_label || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_contains(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_contains(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when safe_cast(held as float64) = floor(safe_cast(held as float64)) and abs(safe_cast(held as float64)) <= 9007199254740992 then safe_cast(held as float64) end as int64) as string), cast(safe_cast(held as float64) as string)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then json_value(element, '$.value')
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else json_value(element, '$') end as target_key, case when substr(element, 1, 1) = '{' then json_query(element, '$.value') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_contains(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(json_query(element, '$.value'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_contains(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then json_query(element, '$.label') end as own_label
      from link1_elements
    ) as e
  ) as r
),
link1_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, b as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link1_targets where target_key is not null or is_malformed = 1) as t cross join unnest(json_query_array(t.labels)) as b
),
link1_terms as (select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(@p22)) as e),
link1 as (
  select row_id, @p23 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then @p24 || '"' || substr(shown, 1, 80) || '"' || @p25
    when translate(target_key, '0123456789', '') <> '' then @p26 || '"' || substr(target_key, 1, 80) || '"' || @p27
    when substr(label, 1, 1) in ('[', '{') then @p28 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_value(label, '$'), ' '), '') is not null and meaning is null then @p29 || '"' || substr(nullif(trim(json_value(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, @p30) end as trouble
  from link1_labels
  left join link1_terms on term = nullif(trim(json_value(label, '$'), ' '), '')
),
link2_lists as (
  select row_id, targets, labels, shown from (
    select m.row_id as row_id, replace(concat('[', nullif(to_json_string(nullif(m.c5, '')), 'null'), ']'), @p31, '","') as targets, @p32 as labels, nullif(m.c5, '') as shown
    from (select * from candidates where is_present is not null) as m
  ) as r where targets is not null and row_id is not null
),
link2_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e end as shown, e as element
  from link2_lists as l cross join unnest(json_query_array(l.targets)) as e
),
link2_targets as (
  select row_id, shown, is_malformed, nullif(lower(trim(target_key, ' ')), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as string) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || replace(own_label, @p33, '","') || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_contains(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_contains(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when safe_cast(held as float64) = floor(safe_cast(held as float64)) and abs(safe_cast(held as float64)) <= 9007199254740992 then safe_cast(held as float64) end as int64) as string), cast(safe_cast(held as float64) as string)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then json_value(element, '$.value')
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else json_value(element, '$') end as target_key, case when substr(element, 1, 1) = '{' then json_query(element, '$.value') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_contains(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(json_query(element, '$.value'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_contains(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then json_query(element, '$.label') end as own_label
      from link2_elements
    ) as e
  ) as r
),
link2_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, b as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link2_targets where target_key is not null or is_malformed = 1) as t cross join unnest(json_query_array(t.labels)) as b
),
link2_terms as (select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(@p34)) as e),
link2 as (
  select row_id, @p35 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then @p36 || '"' || substr(shown, 1, 80) || '"' || @p37
    when translate(target_key, 'abcdefghijklmnopqrstuvwxyz0123456789.-', '') <> '' then @p38 || '"' || substr(target_key, 1, 80) || '"' || @p39
    when substr(label, 1, 1) in ('[', '{') then @p40 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_value(label, '$'), ' '), '') is not null and meaning is null then @p41 || '"' || substr(nullif(trim(json_value(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, @p42) end as trouble
  from link2_labels
  left join link2_terms on term = nullif(trim(json_value(label, '$'), ' '), '')
),
asked_links as (
  select * from link0
  union all
  select * from link1
  union all
  select * from link2
),
bad_links as (
  select row_id as bad_row_id, min(trouble) as link_trouble from asked_links where trouble is not null group by row_id
),
judged as (
  select listed.*, case when is_present is null then case when record_id is not null and not coalesce(created_here, 1 = 0) then 'not_created_here' end when listed.row_id is null then 'missing_key' when match_value is null then 'missing_match_value' when invalid_properties <> '[]' then 'invalid_value' when link_trouble is not null then 'invalid_value' end as reason, case when is_present is null then null when listed.row_id is null then null when match_value is null then null when invalid_properties <> '[]' then invalid_properties when link_trouble is not null then '["associations"]' end as reason_detail, link_trouble
  from listed
  left join bad_links on bad_row_id = listed.row_id
),
chosen as (
  select judged.*, case
    when is_present is null then case when record_id is null or reason is not null then 'leave' else 'archive' end
    when reason is not null then 'reject'
    when record_id is null then 'upsert'
    when changed_properties = '[]' then 'refresh'
    else 'update' end as operation
  from judged
)
select @p43 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then coalesce(reason_message, link_trouble) end as reason_message
from chosen;
-- ["seed","customer","\u0001","\u0001","\u0001","lead","customer","lifecyclestage: "," (options: lead, customer)","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","[[\"Buyer\",\"USER_DEFINED:7\",null],[\"Twice\",null,\"is the label of several types\"]]","companies/sync:vips","badge: "," is neither a target nor an object of \"value\" and \"label\"","owner: ","owner: ","is no label of companies (labels: Buyer, Twice)","[[\"\",null,null]]","deals/id:colours","colours: "," is neither a target nor an object of \"value\" and \"label\"","colours: "," is no record id, which is a whole number","colours: ","colours: ","is no label of deals, which have none",";","[\"HUBSPOT_DEFINED:1\"]",";","[[\"HUBSPOT_DEFINED:1\",\"HUBSPOT_DEFINED:1\",null]]","companies/domain:zip","zip: "," is neither a target nor an object of \"value\" and \"label\"","zip: "," holds more than a domain, such as https:// or a path; HubSpot keeps the bare domain","zip: ","zip: ","is no label of companies, which have none","run-1"]
