insert into `marts_backhaul`.`plan__contacts` (run_id, seq, row_id, operation, is_return, record_id, known_status, reason, reason_message, audit_old,
  association, target_object, target_key, target_record_id, labels)
with link0_lists as (
  select row_id, targets, labels, shown from (
    select cast(m.`customer_id` as string) as row_id, case when nullif(m.`badge`, '') is null then null when substr(trim(nullif(m.`badge`, '')), 1, 1) not in ('[', '{') then concat('[', nullif(to_json_string(nullif(m.`badge`, '')), 'null'), ']')
      when not (safe.parse_json(nullif(m.`badge`, '')) is not null) then '[[]]' when substr(trim(nullif(m.`badge`, '')), 1, 1) = '[' then nullif(m.`badge`, '') else '[' || nullif(m.`badge`, '') || ']' end as targets, case when nullif(m.`owner`, '') is null then null when substr(trim(nullif(m.`owner`, '')), 1, 1) not in ('[', '{') then concat('[', nullif(to_json_string(nullif(m.`owner`, '')), 'null'), ']')
      when not (safe.parse_json(nullif(m.`owner`, '')) is not null) then '[[]]' when substr(trim(nullif(m.`owner`, '')), 1, 1) = '[' then nullif(m.`owner`, '') else '[' || nullif(m.`owner`, '') || ']' end as labels, nullif(m.`badge`, '') as shown
    from `shop`.`marts`.`hubspot_contacts` as m
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
link0_terms as (select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(@p0)) as e),
link0 as (
  select row_id, @p1 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then @p2 || '"' || substr(shown, 1, 80) || '"' || @p3
    when substr(label, 1, 1) in ('[', '{') then @p4 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_value(label, '$'), ' '), '') is not null and meaning is null then @p5 || '"' || substr(nullif(trim(json_value(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, @p6) end as trouble
  from link0_labels
  left join link0_terms on term = nullif(trim(json_value(label, '$'), ' '), '')
),
link1_lists as (
  select row_id, targets, labels, shown from (
    select cast(m.`customer_id` as string) as row_id, case when nullif(to_json_string(m.`colours`), 'null') is null then null when substr(trim(nullif(to_json_string(m.`colours`), 'null')), 1, 1) not in ('[', '{') then '[' || nullif(to_json_string(m.`colours`), 'null') || ']'
      when not (safe.parse_json(nullif(to_json_string(m.`colours`), 'null')) is not null) then '[[]]' when substr(trim(nullif(to_json_string(m.`colours`), 'null')), 1, 1) = '[' then nullif(to_json_string(m.`colours`), 'null') else '[' || nullif(to_json_string(m.`colours`), 'null') || ']' end as targets, cast(null as string) as labels, nullif(to_json_string(m.`colours`), 'null') as shown
    from `shop`.`marts`.`hubspot_contacts` as m
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
link1_terms as (select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(@p7)) as e),
link1 as (
  select row_id, @p8 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then @p9 || '"' || substr(shown, 1, 80) || '"' || @p10
    when translate(target_key, '0123456789', '') <> '' then @p11 || '"' || substr(target_key, 1, 80) || '"' || @p12
    when substr(label, 1, 1) in ('[', '{') then @p13 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_value(label, '$'), ' '), '') is not null and meaning is null then @p14 || '"' || substr(nullif(trim(json_value(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, @p15) end as trouble
  from link1_labels
  left join link1_terms on term = nullif(trim(json_value(label, '$'), ' '), '')
),
link2_lists as (
  select row_id, targets, labels, shown from (
    select cast(m.`customer_id` as string) as row_id, replace(concat('[', nullif(to_json_string(nullif(m.`zip`, '')), 'null'), ']'), @p16, '","') as targets, @p17 as labels, nullif(m.`zip`, '') as shown
    from `shop`.`marts`.`hubspot_contacts` as m
  ) as r where targets is not null and row_id is not null
),
link2_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e end as shown, e as element
  from link2_lists as l cross join unnest(json_query_array(l.targets)) as e
),
link2_targets as (
  select row_id, shown, is_malformed, nullif(lower(trim(target_key, ' ')), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as string) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || replace(own_label, @p18, '","') || ']' end end as labels
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
link2_terms as (select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(@p19)) as e),
link2 as (
  select row_id, @p20 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then @p21 || '"' || substr(shown, 1, 80) || '"' || @p22
    when translate(target_key, 'abcdefghijklmnopqrstuvwxyz0123456789.-', '') <> '' then @p23 || '"' || substr(target_key, 1, 80) || '"' || @p24
    when substr(label, 1, 1) in ('[', '{') then @p25 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_value(label, '$'), ' '), '') is not null and meaning is null then @p26 || '"' || substr(nullif(trim(json_value(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, @p27) end as trouble
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
wanted as (
  select row_id, association, target_key, concat('[', coalesce(string_agg(distinct concat('"', link_type, '"'), ',' order by concat('"', link_type, '"')), ''), ']') as labels
  from asked_links where target_key is not null group by row_id, association, target_key
),
plan_rows as (
  select row_id, max(case when operation in ('reject', 'skip') then 1 else 0 end) as is_held,
    max(case when operation in ('create', 'upsert', 'update', 'refresh') then 1 else 0 end) as is_touched,
    max(case when operation in ('create', 'upsert', 'update') then 1 else 0 end) as is_coming,
    max(case when operation = 'archive' then 1 else 0 end) as is_archived
  from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p28) as planned where row_id is not null group by row_id
),
targets as (
  select @p29 as association, row_id as target_key, record_id, is_coming, is_expected
  from (select row_id, max(record_id) as record_id, case when sum(copies) > 0 then 1 else 0 end as is_coming,
    case when max(record_id) is not null or (sum(copies) = 1 and max(is_refused) = 0) then 1 else 0 end as is_expected
  from (select row_id, record_id, 0 as copies, case when record_id is null and status in ('rejected', 'parked', 'skipped', 'unknown') then 1 else 0 end as is_refused from `marts_backhaul`.`state__vips` union all select row_id, cast(null as string) as record_id, 1 as copies, 0 as is_refused from (select cast(m.`id` as string) as row_id from `shop`.`marts`.`hubspot_contacts` as m
  where (is_vip
    )) as k where row_id is not null union all select row_id, cast(null as string) as record_id, 0 as copies, 1 as is_refused from `marts_backhaul`.`plan__vips` where run_id = @p30 and operation in ('reject', 'skip') and row_id is not null) as rows_of group by row_id) as rows_by_key where record_id is not null or is_coming = 1
),
pairs as (
  select coalesce(w.row_id, l.row_id) as row_id, coalesce(w.association, l.association) as association, coalesce(w.target_key, l.target_key) as target_key,
    w.labels, case when w.row_id is null then 0 else 1 end as is_wanted, case when l.row_id is null then 0 else 1 end as is_known,
    l.record_id as linked_record_id, l.target_record_id as linked_target_id, l.labels as known_labels, l.added_here, l.status as known_status, l.next_attempt_at
  from wanted as w
  full join (select * from `marts_backhaul`.`links__contacts` where association in (@p31, @p32, @p33)) as l on l.row_id = w.row_id and l.association = w.association and l.target_key = w.target_key
),
chosen as (
  select j.*, s.record_id as own_record_id, coalesce(t.is_expected, 0) as is_expected, coalesce(p.is_archived, 0) as is_archived, case when j.is_wanted = 0 then case when substr(j.row_id, 1, 9) = 'rekeyed: ' then null
      when j.known_labels is not null and j.added_here and j.association in (@p34) and coalesce(p.is_archived, 0) = 0 and s.record_id is not null then 'dissociate'
      when j.known_status <> 'left' then 'release' end
    when s.record_id is null and coalesce(p.is_coming, 0) = 0 then null
    when not (j.is_known = 0 or j.known_status = 'left'
      or (j.known_status = 'succeeded' and (1 = 0 or coalesce(j.known_labels <> j.labels, 1 = 0) or coalesce(j.linked_record_id <> s.record_id, 1 = 0) or coalesce(j.linked_target_id <> t.record_id, 1 = 0) or (j.association in (@p35) and t.record_id is null)))
      or (j.known_status <> 'succeeded' and (coalesce(p.is_touched, 0) = 1 or coalesce(j.linked_record_id <> s.record_id, 1 = 0) or coalesce(j.linked_target_id <> t.record_id, 1 = 0) or coalesce(j.next_attempt_at <= current_timestamp(), 1 = 0)
        or (j.known_status in ('pending', 'rejected') and j.next_attempt_at is null)))) then null
    when j.association in (@p36) and t.target_key is null then case when coalesce(j.known_status, '') <> 'pending' then 'wait' end
    else 'associate' end as operation,
    case j.association when @p37 then @p38 when @p39 then @p40 when @p41 then @p42 end as target_object, case j.association when @p43 then t.record_id when @p44 then j.target_key when @p45 then case when j.known_status = 'succeeded' then j.linked_target_id end end as target_record_id
  from pairs as j
  left join `marts_backhaul`.`state__contacts` as s on s.row_id = j.row_id
  left join plan_rows as p on p.row_id = j.row_id
  left join targets as t on t.association = j.association and t.target_key = j.target_key
  where coalesce(p.is_held, 0) = 0
)
select @p46 as run_id, (select coalesce(max(seq), 0) from `marts_backhaul`.`plan__contacts` where run_id = @p47) + row_number() over (order by operation, association, row_id, target_key) as seq, row_id, operation, 1 = 0 as is_return,
  case when operation in ('associate', 'wait') then own_record_id else linked_record_id end as record_id, known_status,
  case when (operation = 'wait' or (operation = 'associate' and is_expected = 0 and j.association in (@p48))) then 'no_target_yet' end as reason, case when (operation = 'wait' or (operation = 'associate' and is_expected = 0 and j.association in (@p49))) then case j.association when @p50 then 'Row ' || j.target_key || @p51 end end as reason_message,
  case when known_labels is not null then '{"labels":' || known_labels || '}' end as audit_old,
  association, target_object, target_key, case when operation in ('associate', 'wait') then target_record_id else linked_target_id end as target_record_id,
  case when operation in ('associate', 'wait') then labels when (operation = 'release' and (coalesce(added_here, 1 = 0) or is_archived = 1 or own_record_id is null)) then null else known_labels end as labels
from chosen as j where operation is not null;
-- ["[[\"Buyer\",\"USER_DEFINED:7\",null],[\"Twice\",null,\"is the label of several types\"]]","companies/sync:vips","badge: "," is neither a target nor an object of \"value\" and \"label\"","owner: ","owner: ","is no label of companies (labels: Buyer, Twice)","[[\"\",null,null]]","deals/id:colours","colours: "," is neither a target nor an object of \"value\" and \"label\"","colours: "," is no record id, which is a whole number","colours: ","colours: ","is no label of deals, which have none",";","[\"HUBSPOT_DEFINED:1\"]",";","[[\"HUBSPOT_DEFINED:1\",\"HUBSPOT_DEFINED:1\",null]]","companies/domain:zip","zip: "," is neither a target nor an object of \"value\" and \"label\"","zip: "," holds more than a domain, such as https:// or a path; HubSpot keeps the bare domain","zip: ","zip: ","is no label of companies, which have none","run-1","companies/sync:vips","r9","companies/sync:vips","deals/id:colours","companies/domain:zip","companies/sync:vips","companies/sync:vips","companies/sync:vips","companies/sync:vips","0-2","deals/id:colours","0-3","companies/domain:zip","0-2","companies/sync:vips","deals/id:colours","companies/domain:zip","run-1","run-1","companies/sync:vips","companies/sync:vips","companies/sync:vips"," of sync vips has no record in HubSpot yet."]

insert into `marts_backhaul`.`plan__contacts` (run_id, seq, row_id, operation, is_return, record_id, known_status, reason, reason_message, audit_old,
  association, target_object, target_key, target_record_id, labels)
with link0_lists as (
  select row_id, targets, labels, shown from (
    select cast(m.`customer_id` as string) as row_id, case when nullif(m.`badge`, '') is null then null when substr(trim(nullif(m.`badge`, '')), 1, 1) not in ('[', '{') then concat('[', nullif(to_json_string(nullif(m.`badge`, '')), 'null'), ']')
      when not (safe.parse_json(nullif(m.`badge`, '')) is not null) then '[[]]' when substr(trim(nullif(m.`badge`, '')), 1, 1) = '[' then nullif(m.`badge`, '') else '[' || nullif(m.`badge`, '') || ']' end as targets, case when nullif(m.`owner`, '') is null then null when substr(trim(nullif(m.`owner`, '')), 1, 1) not in ('[', '{') then concat('[', nullif(to_json_string(nullif(m.`owner`, '')), 'null'), ']')
      when not (safe.parse_json(nullif(m.`owner`, '')) is not null) then '[[]]' when substr(trim(nullif(m.`owner`, '')), 1, 1) = '[' then nullif(m.`owner`, '') else '[' || nullif(m.`owner`, '') || ']' end as labels, nullif(m.`badge`, '') as shown
    from `shop`.`marts`.`hubspot_contacts` as m
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
link0_terms as (select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(@p0)) as e),
link0 as (
  select row_id, @p1 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then @p2 || '"' || substr(shown, 1, 80) || '"' || @p3
    when substr(label, 1, 1) in ('[', '{') then @p4 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_value(label, '$'), ' '), '') is not null and meaning is null then @p5 || '"' || substr(nullif(trim(json_value(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, @p6) end as trouble
  from link0_labels
  left join link0_terms on term = nullif(trim(json_value(label, '$'), ' '), '')
),
link1_lists as (
  select row_id, targets, labels, shown from (
    select cast(m.`customer_id` as string) as row_id, case when nullif(to_json_string(m.`colours`), 'null') is null then null when substr(trim(nullif(to_json_string(m.`colours`), 'null')), 1, 1) not in ('[', '{') then '[' || nullif(to_json_string(m.`colours`), 'null') || ']'
      when not (safe.parse_json(nullif(to_json_string(m.`colours`), 'null')) is not null) then '[[]]' when substr(trim(nullif(to_json_string(m.`colours`), 'null')), 1, 1) = '[' then nullif(to_json_string(m.`colours`), 'null') else '[' || nullif(to_json_string(m.`colours`), 'null') || ']' end as targets, cast(null as string) as labels, nullif(to_json_string(m.`colours`), 'null') as shown
    from `shop`.`marts`.`hubspot_contacts` as m
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
link1_terms as (select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(@p7)) as e),
link1 as (
  select row_id, @p8 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then @p9 || '"' || substr(shown, 1, 80) || '"' || @p10
    when translate(target_key, '0123456789', '') <> '' then @p11 || '"' || substr(target_key, 1, 80) || '"' || @p12
    when substr(label, 1, 1) in ('[', '{') then @p13 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_value(label, '$'), ' '), '') is not null and meaning is null then @p14 || '"' || substr(nullif(trim(json_value(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, @p15) end as trouble
  from link1_labels
  left join link1_terms on term = nullif(trim(json_value(label, '$'), ' '), '')
),
link2_lists as (
  select row_id, targets, labels, shown from (
    select cast(m.`customer_id` as string) as row_id, replace(concat('[', nullif(to_json_string(nullif(m.`zip`, '')), 'null'), ']'), @p16, '","') as targets, @p17 as labels, nullif(m.`zip`, '') as shown
    from `shop`.`marts`.`hubspot_contacts` as m
  ) as r where targets is not null and row_id is not null
),
link2_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e end as shown, e as element
  from link2_lists as l cross join unnest(json_query_array(l.targets)) as e
),
link2_targets as (
  select row_id, shown, is_malformed, nullif(lower(trim(target_key, ' ')), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as string) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || replace(own_label, @p18, '","') || ']' end end as labels
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
link2_terms as (select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(@p19)) as e),
link2 as (
  select row_id, @p20 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then @p21 || '"' || substr(shown, 1, 80) || '"' || @p22
    when translate(target_key, 'abcdefghijklmnopqrstuvwxyz0123456789.-', '') <> '' then @p23 || '"' || substr(target_key, 1, 80) || '"' || @p24
    when substr(label, 1, 1) in ('[', '{') then @p25 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_value(label, '$'), ' '), '') is not null and meaning is null then @p26 || '"' || substr(nullif(trim(json_value(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, @p27) end as trouble
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
wanted as (
  select row_id, association, target_key, concat('[', coalesce(string_agg(distinct concat('"', link_type, '"'), ',' order by concat('"', link_type, '"')), ''), ']') as labels
  from asked_links where target_key is not null group by row_id, association, target_key
),
plan_rows as (
  select row_id, max(case when operation in ('reject', 'skip') then 1 else 0 end) as is_held,
    max(case when operation in ('create', 'upsert', 'update', 'refresh') then 1 else 0 end) as is_touched,
    max(case when operation in ('create', 'upsert', 'update') then 1 else 0 end) as is_coming,
    max(case when operation = 'archive' then 1 else 0 end) as is_archived
  from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p28) as planned where row_id is not null group by row_id
),
targets as (
  select cast(null as string) as association, cast(null as string) as target_key, cast(null as string) as record_id, 0 as is_coming, 0 as is_expected from (select 1 as one) as nothing where 1 = 0
),
pairs as (
  select coalesce(w.row_id, l.row_id) as row_id, coalesce(w.association, l.association) as association, coalesce(w.target_key, l.target_key) as target_key,
    w.labels, case when w.row_id is null then 0 else 1 end as is_wanted, case when l.row_id is null then 0 else 1 end as is_known,
    l.record_id as linked_record_id, l.target_record_id as linked_target_id, l.labels as known_labels, l.added_here, l.status as known_status, l.next_attempt_at
  from wanted as w
  full join (select * from (select cast(null as string) as row_id, cast(null as string) as association, cast(null as string) as target_key, cast(null as string) as record_id, cast(null as string) as target_record_id, cast(null as string) as labels, cast(null as string) as status, cast(null as bool) as added_here, cast(null as timestamp) as next_attempt_at) as nothing where 1 = 0) as l on l.row_id = w.row_id and l.association = w.association and l.target_key = w.target_key
),
chosen as (
  select j.*, s.record_id as own_record_id, coalesce(t.is_expected, 0) as is_expected, coalesce(p.is_archived, 0) as is_archived, case when j.is_wanted = 0 then null
    when s.record_id is null and coalesce(p.is_coming, 0) = 0 then null
    when not ((j.is_known = 0 and coalesce(p.is_coming, 0) = 1) or coalesce(j.known_status in ('pending', 'rejected', 'parked'), 1 = 0)) then null
    when not (j.is_known = 0 or j.known_status = 'left'
      or (j.known_status = 'succeeded' and (1 = 0 or coalesce(j.known_labels <> j.labels, 1 = 0) or coalesce(j.linked_record_id <> s.record_id, 1 = 0) or coalesce(j.linked_target_id <> t.record_id, 1 = 0) or (j.association in (@p29) and t.record_id is null)))
      or (j.known_status <> 'succeeded' and (coalesce(p.is_touched, 0) = 1 or coalesce(j.linked_record_id <> s.record_id, 1 = 0) or coalesce(j.linked_target_id <> t.record_id, 1 = 0) or coalesce(j.next_attempt_at <= current_timestamp(), 1 = 0)
        or (j.known_status in ('pending', 'rejected') and j.next_attempt_at is null)))) then null
    when j.association in (@p30) and t.target_key is null then case when coalesce(j.known_status, '') <> 'pending' then 'wait' end
    else 'associate' end as operation,
    case j.association when @p31 then @p32 when @p33 then @p34 when @p35 then @p36 end as target_object, case j.association when @p37 then t.record_id when @p38 then j.target_key when @p39 then case when j.known_status = 'succeeded' then j.linked_target_id end end as target_record_id
  from pairs as j
  left join (select cast(null as string) as row_id, cast(null as string) as record_id from (select 1 as one) as nothing where 1 = 0) as s on s.row_id = j.row_id
  left join plan_rows as p on p.row_id = j.row_id
  left join targets as t on t.association = j.association and t.target_key = j.target_key
  where coalesce(p.is_held, 0) = 0 and j.row_id in (@p40) and p.row_id is not null
)
select @p41 as run_id, (select coalesce(max(seq), 0) from `marts_backhaul`.`plan__contacts` where run_id = @p42) + row_number() over (order by operation, association, row_id, target_key) as seq, row_id, operation, 1 = 0 as is_return,
  case when operation in ('associate', 'wait') then own_record_id else linked_record_id end as record_id, known_status,
  case when (operation = 'wait' or (operation = 'associate' and is_expected = 0 and j.association in (@p43))) then 'no_target_yet' end as reason, case when (operation = 'wait' or (operation = 'associate' and is_expected = 0 and j.association in (@p44))) then case j.association when @p45 then 'Row ' || j.target_key || @p46 end end as reason_message,
  case when known_labels is not null then '{"labels":' || known_labels || '}' end as audit_old,
  association, target_object, target_key, case when operation in ('associate', 'wait') then target_record_id else linked_target_id end as target_record_id,
  case when operation in ('associate', 'wait') then labels when (operation = 'release' and (coalesce(added_here, 1 = 0) or is_archived = 1 or own_record_id is null)) then null else known_labels end as labels
from chosen as j where operation is not null;
-- ["[[\"Buyer\",\"USER_DEFINED:7\",null],[\"Twice\",null,\"is the label of several types\"]]","companies/sync:vips","badge: "," is neither a target nor an object of \"value\" and \"label\"","owner: ","owner: ","is no label of companies (labels: Buyer, Twice)","[[\"\",null,null]]","deals/id:colours","colours: "," is neither a target nor an object of \"value\" and \"label\"","colours: "," is no record id, which is a whole number","colours: ","colours: ","is no label of deals, which have none",";","[\"HUBSPOT_DEFINED:1\"]",";","[[\"HUBSPOT_DEFINED:1\",\"HUBSPOT_DEFINED:1\",null]]","companies/domain:zip","zip: "," is neither a target nor an object of \"value\" and \"label\"","zip: "," holds more than a domain, such as https:// or a path; HubSpot keeps the bare domain","zip: ","zip: ","is no label of companies, which have none","run-1","companies/sync:vips","companies/sync:vips","companies/sync:vips","0-2","deals/id:colours","0-3","companies/domain:zip","0-2","companies/sync:vips","deals/id:colours","companies/domain:zip","1","run-1","run-1","companies/sync:vips","companies/sync:vips","companies/sync:vips"," of sync vips has no record in HubSpot yet."]

insert into `marts_backhaul`.`plan__contacts` (run_id, seq, row_id, operation, is_return, record_id, known_status, reason, reason_message, audit_old,
  association, target_object, target_key, target_record_id, labels)
with link0_lists as (
  select row_id, targets, labels, shown from (
    select cast(m.`customer_id` as string) as row_id, case when nullif(m.`badge`, '') is null then null when substr(trim(nullif(m.`badge`, '')), 1, 1) not in ('[', '{') then concat('[', nullif(to_json_string(nullif(m.`badge`, '')), 'null'), ']')
      when not (safe.parse_json(nullif(m.`badge`, '')) is not null) then '[[]]' when substr(trim(nullif(m.`badge`, '')), 1, 1) = '[' then nullif(m.`badge`, '') else '[' || nullif(m.`badge`, '') || ']' end as targets, case when nullif(m.`owner`, '') is null then null when substr(trim(nullif(m.`owner`, '')), 1, 1) not in ('[', '{') then concat('[', nullif(to_json_string(nullif(m.`owner`, '')), 'null'), ']')
      when not (safe.parse_json(nullif(m.`owner`, '')) is not null) then '[[]]' when substr(trim(nullif(m.`owner`, '')), 1, 1) = '[' then nullif(m.`owner`, '') else '[' || nullif(m.`owner`, '') || ']' end as labels, nullif(m.`badge`, '') as shown
    from `shop`.`marts`.`hubspot_contacts` as m
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
link0_terms as (select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(@p0)) as e),
link0 as (
  select row_id, @p1 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then @p2 || '"' || substr(shown, 1, 80) || '"' || @p3
    when substr(label, 1, 1) in ('[', '{') then @p4 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_value(label, '$'), ' '), '') is not null and meaning is null then @p5 || '"' || substr(nullif(trim(json_value(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, @p6) end as trouble
  from link0_labels
  left join link0_terms on term = nullif(trim(json_value(label, '$'), ' '), '')
),
link1_lists as (
  select row_id, targets, labels, shown from (
    select cast(m.`customer_id` as string) as row_id, case when nullif(to_json_string(m.`colours`), 'null') is null then null when substr(trim(nullif(to_json_string(m.`colours`), 'null')), 1, 1) not in ('[', '{') then '[' || nullif(to_json_string(m.`colours`), 'null') || ']'
      when not (safe.parse_json(nullif(to_json_string(m.`colours`), 'null')) is not null) then '[[]]' when substr(trim(nullif(to_json_string(m.`colours`), 'null')), 1, 1) = '[' then nullif(to_json_string(m.`colours`), 'null') else '[' || nullif(to_json_string(m.`colours`), 'null') || ']' end as targets, cast(null as string) as labels, nullif(to_json_string(m.`colours`), 'null') as shown
    from `shop`.`marts`.`hubspot_contacts` as m
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
link1_terms as (select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(@p7)) as e),
link1 as (
  select row_id, @p8 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then @p9 || '"' || substr(shown, 1, 80) || '"' || @p10
    when translate(target_key, '0123456789', '') <> '' then @p11 || '"' || substr(target_key, 1, 80) || '"' || @p12
    when substr(label, 1, 1) in ('[', '{') then @p13 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_value(label, '$'), ' '), '') is not null and meaning is null then @p14 || '"' || substr(nullif(trim(json_value(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, @p15) end as trouble
  from link1_labels
  left join link1_terms on term = nullif(trim(json_value(label, '$'), ' '), '')
),
link2_lists as (
  select row_id, targets, labels, shown from (
    select cast(m.`customer_id` as string) as row_id, replace(concat('[', nullif(to_json_string(nullif(m.`zip`, '')), 'null'), ']'), @p16, '","') as targets, @p17 as labels, nullif(m.`zip`, '') as shown
    from `shop`.`marts`.`hubspot_contacts` as m
  ) as r where targets is not null and row_id is not null
),
link2_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e end as shown, e as element
  from link2_lists as l cross join unnest(json_query_array(l.targets)) as e
),
link2_targets as (
  select row_id, shown, is_malformed, nullif(lower(trim(target_key, ' ')), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as string) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || replace(own_label, @p18, '","') || ']' end end as labels
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
link2_terms as (select json_value(e, '$[0]') as term, json_value(e, '$[1]') as meaning, json_value(e, '$[2]') as trouble from unnest(json_query_array(@p19)) as e),
link2 as (
  select row_id, @p20 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then @p21 || '"' || substr(shown, 1, 80) || '"' || @p22
    when translate(target_key, 'abcdefghijklmnopqrstuvwxyz0123456789.-', '') <> '' then @p23 || '"' || substr(target_key, 1, 80) || '"' || @p24
    when substr(label, 1, 1) in ('[', '{') then @p25 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_value(label, '$'), ' '), '') is not null and meaning is null then @p26 || '"' || substr(nullif(trim(json_value(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, @p27) end as trouble
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
wanted as (
  select row_id, association, target_key, concat('[', coalesce(string_agg(distinct concat('"', link_type, '"'), ',' order by concat('"', link_type, '"')), ''), ']') as labels
  from asked_links where target_key is not null group by row_id, association, target_key
),
plan_rows as (
  select row_id, max(case when operation in ('reject', 'skip') then 1 else 0 end) as is_held,
    max(case when operation in ('create', 'upsert', 'update', 'refresh') then 1 else 0 end) as is_touched,
    max(case when operation in ('create', 'upsert', 'update') then 1 else 0 end) as is_coming,
    max(case when operation = 'archive' then 1 else 0 end) as is_archived
  from (select * from `marts_backhaul`.`plan__contacts` where run_id = @p28) as planned where row_id is not null group by row_id
),
targets as (
  select @p29 as association, row_id as target_key, record_id, is_coming, is_expected
  from (select row_id, max(record_id) as record_id, case when sum(copies) > 0 then 1 else 0 end as is_coming,
    case when max(record_id) is not null or (sum(copies) = 1 and max(is_refused) = 0) then 1 else 0 end as is_expected
  from (select row_id, record_id, 0 as copies, case when record_id is null and status in ('rejected', 'parked', 'skipped', 'unknown') then 1 else 0 end as is_refused from `marts_backhaul`.`state__vips` union all select row_id, cast(null as string) as record_id, 1 as copies, 0 as is_refused from (select cast(m.`id` as string) as row_id from `shop`.`marts`.`hubspot_contacts` as m
  where (is_vip
    )) as k where row_id is not null union all select row_id, cast(null as string) as record_id, 0 as copies, 1 as is_refused from `marts_backhaul`.`plan__vips` where run_id = @p30 and operation in ('reject', 'skip') and row_id is not null) as rows_of group by row_id) as rows_by_key where record_id is not null or is_coming = 1
),
pairs as (
  select coalesce(w.row_id, l.row_id) as row_id, coalesce(w.association, l.association) as association, coalesce(w.target_key, l.target_key) as target_key,
    w.labels, case when w.row_id is null then 0 else 1 end as is_wanted, case when l.row_id is null then 0 else 1 end as is_known,
    l.record_id as linked_record_id, l.target_record_id as linked_target_id, l.labels as known_labels, l.added_here, l.status as known_status, l.next_attempt_at
  from wanted as w
  full join (select row_id, target_key, record_id, target_record_id, labels, added_here, status, next_attempt_at, case association when @p31 then @p32 else association end as association from `marts_backhaul`.`links__contacts` where association in (@p33, @p34, @p35, @p36)) as l on l.row_id = w.row_id and l.association = w.association and l.target_key = w.target_key
),
chosen as (
  select j.*, s.record_id as own_record_id, coalesce(t.is_expected, 0) as is_expected, coalesce(p.is_archived, 0) as is_archived, case when j.is_wanted = 0 then case when substr(j.row_id, 1, 9) = 'rekeyed: ' then null
      when j.known_labels is not null and j.added_here and j.association in (@p37) and coalesce(p.is_archived, 0) = 0 and s.record_id is not null then 'dissociate'
      when j.known_status <> 'left' then 'release' end
    when s.record_id is null and coalesce(p.is_coming, 0) = 0 then null
    when not (j.is_known = 0 or j.known_status = 'left'
      or (j.known_status = 'succeeded' and (1 = 0 or coalesce(j.known_labels <> j.labels, 1 = 0) or coalesce(j.linked_record_id <> s.record_id, 1 = 0) or coalesce(j.linked_target_id <> t.record_id, 1 = 0) or (j.association in (@p38) and t.record_id is null)))
      or (j.known_status <> 'succeeded' and (coalesce(p.is_touched, 0) = 1 or coalesce(j.linked_record_id <> s.record_id, 1 = 0) or coalesce(j.linked_target_id <> t.record_id, 1 = 0) or coalesce(j.next_attempt_at <= current_timestamp(), 1 = 0)
        or (j.known_status in ('pending', 'rejected') and j.next_attempt_at is null)))) then null
    when j.association in (@p39) and t.target_key is null then case when coalesce(j.known_status, '') <> 'pending' then 'wait' end
    else 'associate' end as operation,
    case j.association when @p40 then @p41 when @p42 then @p43 when @p44 then @p45 end as target_object, case j.association when @p46 then t.record_id when @p47 then j.target_key when @p48 then case when j.known_status = 'succeeded' then j.linked_target_id end end as target_record_id
  from pairs as j
  left join `marts_backhaul`.`state__contacts` as s on s.row_id = j.row_id
  left join plan_rows as p on p.row_id = j.row_id
  left join targets as t on t.association = j.association and t.target_key = j.target_key
  where coalesce(p.is_held, 0) = 0
)
select @p49 as run_id, (select coalesce(max(seq), 0) from `marts_backhaul`.`plan__contacts` where run_id = @p50) + row_number() over (order by operation, association, row_id, target_key) as seq, row_id, operation, 1 = 0 as is_return,
  case when operation in ('associate', 'wait') then own_record_id else linked_record_id end as record_id, known_status,
  case when (operation = 'wait' or (operation = 'associate' and is_expected = 0 and j.association in (@p51))) then 'no_target_yet' end as reason, case when (operation = 'wait' or (operation = 'associate' and is_expected = 0 and j.association in (@p52))) then case j.association when @p53 then 'Row ' || j.target_key || @p54 end end as reason_message,
  case when known_labels is not null then '{"labels":' || known_labels || '}' end as audit_old,
  association, target_object, target_key, case when operation in ('associate', 'wait') then target_record_id else linked_target_id end as target_record_id,
  case when operation in ('associate', 'wait') then labels when (operation = 'release' and (coalesce(added_here, 1 = 0) or is_archived = 1 or own_record_id is null)) then null else known_labels end as labels
from chosen as j where operation is not null;
-- ["[[\"Buyer\",\"USER_DEFINED:7\",null],[\"Twice\",null,\"is the label of several types\"]]","companies/sync:vips","badge: "," is neither a target nor an object of \"value\" and \"label\"","owner: ","owner: ","is no label of companies (labels: Buyer, Twice)","[[\"\",null,null]]","deals/id:colours","colours: "," is neither a target nor an object of \"value\" and \"label\"","colours: "," is no record id, which is a whole number","colours: ","colours: ","is no label of deals, which have none",";","[\"HUBSPOT_DEFINED:1\"]",";","[[\"HUBSPOT_DEFINED:1\",\"HUBSPOT_DEFINED:1\",null]]","companies/domain:zip","zip: "," is neither a target nor an object of \"value\" and \"label\"","zip: "," holds more than a domain, such as https:// or a path; HubSpot keeps the bare domain","zip: ","zip: ","is no label of companies, which have none","run-1","companies/sync:vips","r9","companies/id:old","companies/id:new","companies/sync:vips","deals/id:colours","companies/domain:zip","companies/id:old","companies/sync:vips","companies/sync:vips","companies/sync:vips","companies/sync:vips","0-2","deals/id:colours","0-3","companies/domain:zip","0-2","companies/sync:vips","deals/id:colours","companies/domain:zip","run-1","run-1","companies/sync:vips","companies/sync:vips","companies/sync:vips"," of sync vips has no record in HubSpot yet."]
