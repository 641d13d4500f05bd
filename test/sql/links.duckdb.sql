insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, known_status, reason, reason_message, audit_old,
  association, target_object, target_key, target_record_id, labels)
with link0_lists as (
  select row_id, targets, labels, shown from (
    select m."customer_id"::varchar as row_id, case when nullif(m."badge"::varchar, '') is null then null when substr(trim(nullif(m."badge"::varchar, '')), 1, 1) not in ('[', '{') then case when nullif(m."badge"::varchar, '') is not null then to_json([nullif(m."badge"::varchar, '')])::varchar end
      when not json_valid(nullif(m."badge"::varchar, '')) then '[[]]' when substr(trim(nullif(m."badge"::varchar, '')), 1, 1) = '[' then nullif(m."badge"::varchar, '') else '[' || nullif(m."badge"::varchar, '') || ']' end as targets, case when nullif(m."owner"::varchar, '') is null then null when substr(trim(nullif(m."owner"::varchar, '')), 1, 1) not in ('[', '{') then case when nullif(m."owner"::varchar, '') is not null then to_json([nullif(m."owner"::varchar, '')])::varchar end
      when not json_valid(nullif(m."owner"::varchar, '')) then '[[]]' when substr(trim(nullif(m."owner"::varchar, '')), 1, 1) = '[' then nullif(m."owner"::varchar, '') else '[' || nullif(m."owner"::varchar, '') || ']' end as labels, nullif(m."badge"::varchar, '') as shown
    from "shop"."marts"."hubspot_contacts" as m
  ) as r where targets is not null and row_id is not null
),
link0_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e.element::varchar end as shown, e.element::varchar as element
  from link0_lists as l cross join unnest(from_json(l.targets, '["JSON"]')) as e(element)
),
link0_targets as (
  select row_id, shown, is_malformed, case when trim(target_key, ' ') <> '' then target_key end as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as varchar) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || own_label || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_matches(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_matches(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when try_cast(held as double) = floor(try_cast(held as double)) and abs(try_cast(held as double)) <= 9007199254740992 then try_cast(held as double) end as bigint) as varchar), cast(try_cast(held as double) as varchar)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then json_extract_string(element, '/value')
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else json_extract_string(element, '$') end as target_key, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/value')::varchar, 'null') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_matches(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(nullif(json_extract(element, '/value')::varchar, 'null'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_matches(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/label')::varchar, 'null') end as own_label
      from link0_elements
    ) as e
  ) as r
),
link0_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, b.element::varchar as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link0_targets where target_key is not null or is_malformed = 1) as t cross join unnest(from_json(t.labels, '["JSON"]')) as b(element)
),
link0_terms as (select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json($1, '[["VARCHAR"]]')) as e) as entries),
link0 as (
  select row_id, $2 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then $3 || '"' || substr(shown, 1, 80) || '"' || $4
    when substr(label, 1, 1) in ('[', '{') then $5 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_extract_string(label, '$'), ' '), '') is not null and meaning is null then $6 || '"' || substr(nullif(trim(json_extract_string(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, $7) end as trouble
  from link0_labels
  left join link0_terms on term = nullif(trim(json_extract_string(label, '$'), ' '), '')
),
link1_lists as (
  select row_id, targets, labels, shown from (
    select m."customer_id"::varchar as row_id, case when to_json(m."colours")::varchar is null then null when substr(trim(to_json(m."colours")::varchar), 1, 1) not in ('[', '{') then '[' || to_json(m."colours")::varchar || ']'
      when not json_valid(to_json(m."colours")::varchar) then '[[]]' when substr(trim(to_json(m."colours")::varchar), 1, 1) = '[' then to_json(m."colours")::varchar else '[' || to_json(m."colours")::varchar || ']' end as targets, cast(null as varchar) as labels, to_json(m."colours")::varchar as shown
    from "shop"."marts"."hubspot_contacts" as m
  ) as r where targets is not null and row_id is not null
),
link1_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e.element::varchar end as shown, e.element::varchar as element
  from link1_lists as l cross join unnest(from_json(l.targets, '["JSON"]')) as e(element)
),
link1_targets as (
  select row_id, shown, is_malformed, nullif(trim(target_key, ' '), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as varchar) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || own_label || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_matches(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_matches(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when try_cast(held as double) = floor(try_cast(held as double)) and abs(try_cast(held as double)) <= 9007199254740992 then try_cast(held as double) end as bigint) as varchar), cast(try_cast(held as double) as varchar)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then json_extract_string(element, '/value')
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else json_extract_string(element, '$') end as target_key, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/value')::varchar, 'null') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_matches(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(nullif(json_extract(element, '/value')::varchar, 'null'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_matches(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/label')::varchar, 'null') end as own_label
      from link1_elements
    ) as e
  ) as r
),
link1_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, b.element::varchar as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link1_targets where target_key is not null or is_malformed = 1) as t cross join unnest(from_json(t.labels, '["JSON"]')) as b(element)
),
link1_terms as (select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json($8, '[["VARCHAR"]]')) as e) as entries),
link1 as (
  select row_id, $9 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then $10 || '"' || substr(shown, 1, 80) || '"' || $11
    when translate(target_key, '0123456789', '') <> '' then $12 || '"' || substr(target_key, 1, 80) || '"' || $13
    when substr(label, 1, 1) in ('[', '{') then $14 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_extract_string(label, '$'), ' '), '') is not null and meaning is null then $15 || '"' || substr(nullif(trim(json_extract_string(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, $16) end as trouble
  from link1_labels
  left join link1_terms on term = nullif(trim(json_extract_string(label, '$'), ' '), '')
),
link2_lists as (
  select row_id, targets, labels, shown from (
    select m."customer_id"::varchar as row_id, replace(case when nullif(m."zip"::varchar, '') is not null then to_json([nullif(m."zip"::varchar, '')])::varchar end, $17, '","') as targets, $18 as labels, nullif(m."zip"::varchar, '') as shown
    from "shop"."marts"."hubspot_contacts" as m
  ) as r where targets is not null and row_id is not null
),
link2_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e.element::varchar end as shown, e.element::varchar as element
  from link2_lists as l cross join unnest(from_json(l.targets, '["JSON"]')) as e(element)
),
link2_targets as (
  select row_id, shown, is_malformed, nullif(lower(trim(target_key, ' ')), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as varchar) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || replace(own_label, $19, '","') || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_matches(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_matches(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when try_cast(held as double) = floor(try_cast(held as double)) and abs(try_cast(held as double)) <= 9007199254740992 then try_cast(held as double) end as bigint) as varchar), cast(try_cast(held as double) as varchar)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then json_extract_string(element, '/value')
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else json_extract_string(element, '$') end as target_key, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/value')::varchar, 'null') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_matches(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(nullif(json_extract(element, '/value')::varchar, 'null'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_matches(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/label')::varchar, 'null') end as own_label
      from link2_elements
    ) as e
  ) as r
),
link2_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, b.element::varchar as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link2_targets where target_key is not null or is_malformed = 1) as t cross join unnest(from_json(t.labels, '["JSON"]')) as b(element)
),
link2_terms as (select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json($20, '[["VARCHAR"]]')) as e) as entries),
link2 as (
  select row_id, $21 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then $22 || '"' || substr(shown, 1, 80) || '"' || $23
    when translate(target_key, 'abcdefghijklmnopqrstuvwxyz0123456789.-', '') <> '' then $24 || '"' || substr(target_key, 1, 80) || '"' || $25
    when substr(label, 1, 1) in ('[', '{') then $26 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_extract_string(label, '$'), ' '), '') is not null and meaning is null then $27 || '"' || substr(nullif(trim(json_extract_string(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, $28) end as trouble
  from link2_labels
  left join link2_terms on term = nullif(trim(json_extract_string(label, '$'), ' '), '')
),
asked_links as (
  select * from link0
  union all
  select * from link1
  union all
  select * from link2
),
wanted as (
  select row_id, association, target_key, ('[' || coalesce(string_agg(distinct '"' || link_type || '"', ',' order by '"' || link_type || '"'), '') || ']') as labels
  from asked_links where target_key is not null group by row_id, association, target_key
),
plan_rows as (
  select row_id, max(case when operation in ('reject', 'skip') then 1 else 0 end) as is_held,
    max(case when operation in ('create', 'upsert', 'update', 'refresh') then 1 else 0 end) as is_touched,
    max(case when operation in ('create', 'upsert', 'update') then 1 else 0 end) as is_coming,
    max(case when operation = 'archive' then 1 else 0 end) as is_archived
  from (select * from "marts_backhaul"."plan__contacts" where run_id = $29) as planned where row_id is not null group by row_id
),
targets as (
  select $30 as association, row_id as target_key, record_id, is_coming, is_expected
  from (select row_id, max(record_id) as record_id, case when sum(copies) > 0 then 1 else 0 end as is_coming,
    case when max(record_id) is not null or (sum(copies) = 1 and max(is_refused) = 0) then 1 else 0 end as is_expected
  from (select row_id, record_id, 0 as copies, case when record_id is null and status in ('rejected', 'parked', 'skipped', 'unknown') then 1 else 0 end as is_refused from "marts_backhaul"."state__vips" union all select row_id, cast(null as varchar) as record_id, 1 as copies, 0 as is_refused from (select m."id"::varchar as row_id from marts.vips as m
  where (is_vip
    )) as k where row_id is not null union all select row_id, cast(null as varchar) as record_id, 0 as copies, 1 as is_refused from "marts_backhaul"."plan__vips" where run_id = $31 and operation in ('reject', 'skip') and row_id is not null) as rows_of group by row_id) as rows_by_key where record_id is not null or is_coming = 1
),
pairs as (
  select coalesce(w.row_id, l.row_id) as row_id, coalesce(w.association, l.association) as association, coalesce(w.target_key, l.target_key) as target_key,
    w.labels, case when w.row_id is null then 0 else 1 end as is_wanted, case when l.row_id is null then 0 else 1 end as is_known,
    l.record_id as linked_record_id, l.target_record_id as linked_target_id, l.labels as known_labels, l.added_here, l.status as known_status, l.next_attempt_at
  from wanted as w
  full join (select * from "marts_backhaul"."links__contacts" where association in ($32, $33, $34)) as l on l.row_id = w.row_id and l.association = w.association and l.target_key = w.target_key
),
chosen as (
  select j.*, s.record_id as own_record_id, coalesce(t.is_expected, 0) as is_expected, coalesce(p.is_archived, 0) as is_archived, case when j.is_wanted = 0 then case when substr(j.row_id, 1, 9) = 'rekeyed: ' then null
      when j.known_labels is not null and j.added_here and j.association in ($35) and coalesce(p.is_archived, 0) = 0 and s.record_id is not null then 'dissociate'
      when j.known_status <> 'left' then 'release' end
    when s.record_id is null and coalesce(p.is_coming, 0) = 0 then null
    when not (j.is_known = 0 or j.known_status = 'left'
      or (j.known_status = 'succeeded' and (1 = 0 or coalesce(j.known_labels <> j.labels, 1 = 0) or coalesce(j.linked_record_id <> s.record_id, 1 = 0) or coalesce(j.linked_target_id <> t.record_id, 1 = 0) or (j.association in ($36) and t.record_id is null)))
      or (j.known_status <> 'succeeded' and (coalesce(p.is_touched, 0) = 1 or coalesce(j.linked_record_id <> s.record_id, 1 = 0) or coalesce(j.linked_target_id <> t.record_id, 1 = 0) or coalesce(j.next_attempt_at <= (select uuid_extract_timestamp(uuidv7())), 1 = 0)
        or (j.known_status in ('pending', 'rejected') and j.next_attempt_at is null)))) then null
    when j.association in ($37) and t.target_key is null then case when coalesce(j.known_status, '') <> 'pending' then 'wait' end
    else 'associate' end as operation,
    case j.association when $38 then $39 when $40 then $41 when $42 then $43 end as target_object, case j.association when $44 then t.record_id when $45 then j.target_key when $46 then case when j.known_status = 'succeeded' then j.linked_target_id end end as target_record_id
  from pairs as j
  left join "marts_backhaul"."state__contacts" as s on s.row_id = j.row_id
  left join plan_rows as p on p.row_id = j.row_id
  left join targets as t on t.association = j.association and t.target_key = j.target_key
  where coalesce(p.is_held, 0) = 0
)
select $47 as run_id, (select coalesce(max(seq), 0) from "marts_backhaul"."plan__contacts" where run_id = $48) + row_number() over (order by operation, association, row_id, target_key) as seq, row_id, operation, 1 = 0 as is_return,
  case when operation in ('associate', 'wait') then own_record_id else linked_record_id end as record_id, known_status,
  case when (operation = 'wait' or (operation = 'associate' and is_expected = 0 and j.association in ($49))) then 'no_target_yet' end as reason, case when (operation = 'wait' or (operation = 'associate' and is_expected = 0 and j.association in ($50))) then case j.association when $51 then 'Row ' || j.target_key || $52 end end as reason_message,
  case when known_labels is not null then '{"labels":' || known_labels || '}' end as audit_old,
  association, target_object, target_key, case when operation in ('associate', 'wait') then target_record_id else linked_target_id end as target_record_id,
  case when operation in ('associate', 'wait') then labels when (operation = 'release' and (coalesce(added_here, 1 = 0) or is_archived = 1 or own_record_id is null)) then null else known_labels end as labels
from chosen as j where operation is not null;
-- ["[[\"Buyer\",\"USER_DEFINED:7\",null],[\"Twice\",null,\"is the label of several types\"]]","companies/sync:vips","badge: "," is neither a target nor an object of \"value\" and \"label\"","owner: ","owner: ","is no label of companies (labels: Buyer, Twice)","[[\"\",null,null]]","deals/id:colours","colours: "," is neither a target nor an object of \"value\" and \"label\"","colours: "," is no record id, which is a whole number","colours: ","colours: ","is no label of deals, which have none",";","[\"HUBSPOT_DEFINED:1\"]",";","[[\"HUBSPOT_DEFINED:1\",\"HUBSPOT_DEFINED:1\",null]]","companies/domain:zip","zip: "," is neither a target nor an object of \"value\" and \"label\"","zip: "," holds more than a domain, such as https:// or a path; HubSpot keeps the bare domain","zip: ","zip: ","is no label of companies, which have none","run-1","companies/sync:vips","r9","companies/sync:vips","deals/id:colours","companies/domain:zip","companies/sync:vips","companies/sync:vips","companies/sync:vips","companies/sync:vips","0-2","deals/id:colours","0-3","companies/domain:zip","0-2","companies/sync:vips","deals/id:colours","companies/domain:zip","run-1","run-1","companies/sync:vips","companies/sync:vips","companies/sync:vips"," of sync vips has no record in HubSpot yet."]

insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, known_status, reason, reason_message, audit_old,
  association, target_object, target_key, target_record_id, labels)
with link0_lists as (
  select row_id, targets, labels, shown from (
    select m."customer_id"::varchar as row_id, case when nullif(m."badge"::varchar, '') is null then null when substr(trim(nullif(m."badge"::varchar, '')), 1, 1) not in ('[', '{') then case when nullif(m."badge"::varchar, '') is not null then to_json([nullif(m."badge"::varchar, '')])::varchar end
      when not json_valid(nullif(m."badge"::varchar, '')) then '[[]]' when substr(trim(nullif(m."badge"::varchar, '')), 1, 1) = '[' then nullif(m."badge"::varchar, '') else '[' || nullif(m."badge"::varchar, '') || ']' end as targets, case when nullif(m."owner"::varchar, '') is null then null when substr(trim(nullif(m."owner"::varchar, '')), 1, 1) not in ('[', '{') then case when nullif(m."owner"::varchar, '') is not null then to_json([nullif(m."owner"::varchar, '')])::varchar end
      when not json_valid(nullif(m."owner"::varchar, '')) then '[[]]' when substr(trim(nullif(m."owner"::varchar, '')), 1, 1) = '[' then nullif(m."owner"::varchar, '') else '[' || nullif(m."owner"::varchar, '') || ']' end as labels, nullif(m."badge"::varchar, '') as shown
    from "shop"."marts"."hubspot_contacts" as m
  ) as r where targets is not null and row_id is not null
),
link0_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e.element::varchar end as shown, e.element::varchar as element
  from link0_lists as l cross join unnest(from_json(l.targets, '["JSON"]')) as e(element)
),
link0_targets as (
  select row_id, shown, is_malformed, case when trim(target_key, ' ') <> '' then target_key end as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as varchar) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || own_label || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_matches(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_matches(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when try_cast(held as double) = floor(try_cast(held as double)) and abs(try_cast(held as double)) <= 9007199254740992 then try_cast(held as double) end as bigint) as varchar), cast(try_cast(held as double) as varchar)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then json_extract_string(element, '/value')
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else json_extract_string(element, '$') end as target_key, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/value')::varchar, 'null') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_matches(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(nullif(json_extract(element, '/value')::varchar, 'null'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_matches(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/label')::varchar, 'null') end as own_label
      from link0_elements
    ) as e
  ) as r
),
link0_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, b.element::varchar as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link0_targets where target_key is not null or is_malformed = 1) as t cross join unnest(from_json(t.labels, '["JSON"]')) as b(element)
),
link0_terms as (select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json($1, '[["VARCHAR"]]')) as e) as entries),
link0 as (
  select row_id, $2 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then $3 || '"' || substr(shown, 1, 80) || '"' || $4
    when substr(label, 1, 1) in ('[', '{') then $5 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_extract_string(label, '$'), ' '), '') is not null and meaning is null then $6 || '"' || substr(nullif(trim(json_extract_string(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, $7) end as trouble
  from link0_labels
  left join link0_terms on term = nullif(trim(json_extract_string(label, '$'), ' '), '')
),
link1_lists as (
  select row_id, targets, labels, shown from (
    select m."customer_id"::varchar as row_id, case when to_json(m."colours")::varchar is null then null when substr(trim(to_json(m."colours")::varchar), 1, 1) not in ('[', '{') then '[' || to_json(m."colours")::varchar || ']'
      when not json_valid(to_json(m."colours")::varchar) then '[[]]' when substr(trim(to_json(m."colours")::varchar), 1, 1) = '[' then to_json(m."colours")::varchar else '[' || to_json(m."colours")::varchar || ']' end as targets, cast(null as varchar) as labels, to_json(m."colours")::varchar as shown
    from "shop"."marts"."hubspot_contacts" as m
  ) as r where targets is not null and row_id is not null
),
link1_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e.element::varchar end as shown, e.element::varchar as element
  from link1_lists as l cross join unnest(from_json(l.targets, '["JSON"]')) as e(element)
),
link1_targets as (
  select row_id, shown, is_malformed, nullif(trim(target_key, ' '), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as varchar) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || own_label || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_matches(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_matches(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when try_cast(held as double) = floor(try_cast(held as double)) and abs(try_cast(held as double)) <= 9007199254740992 then try_cast(held as double) end as bigint) as varchar), cast(try_cast(held as double) as varchar)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then json_extract_string(element, '/value')
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else json_extract_string(element, '$') end as target_key, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/value')::varchar, 'null') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_matches(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(nullif(json_extract(element, '/value')::varchar, 'null'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_matches(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/label')::varchar, 'null') end as own_label
      from link1_elements
    ) as e
  ) as r
),
link1_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, b.element::varchar as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link1_targets where target_key is not null or is_malformed = 1) as t cross join unnest(from_json(t.labels, '["JSON"]')) as b(element)
),
link1_terms as (select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json($8, '[["VARCHAR"]]')) as e) as entries),
link1 as (
  select row_id, $9 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then $10 || '"' || substr(shown, 1, 80) || '"' || $11
    when translate(target_key, '0123456789', '') <> '' then $12 || '"' || substr(target_key, 1, 80) || '"' || $13
    when substr(label, 1, 1) in ('[', '{') then $14 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_extract_string(label, '$'), ' '), '') is not null and meaning is null then $15 || '"' || substr(nullif(trim(json_extract_string(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, $16) end as trouble
  from link1_labels
  left join link1_terms on term = nullif(trim(json_extract_string(label, '$'), ' '), '')
),
link2_lists as (
  select row_id, targets, labels, shown from (
    select m."customer_id"::varchar as row_id, replace(case when nullif(m."zip"::varchar, '') is not null then to_json([nullif(m."zip"::varchar, '')])::varchar end, $17, '","') as targets, $18 as labels, nullif(m."zip"::varchar, '') as shown
    from "shop"."marts"."hubspot_contacts" as m
  ) as r where targets is not null and row_id is not null
),
link2_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e.element::varchar end as shown, e.element::varchar as element
  from link2_lists as l cross join unnest(from_json(l.targets, '["JSON"]')) as e(element)
),
link2_targets as (
  select row_id, shown, is_malformed, nullif(lower(trim(target_key, ' ')), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as varchar) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || replace(own_label, $19, '","') || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_matches(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_matches(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when try_cast(held as double) = floor(try_cast(held as double)) and abs(try_cast(held as double)) <= 9007199254740992 then try_cast(held as double) end as bigint) as varchar), cast(try_cast(held as double) as varchar)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then json_extract_string(element, '/value')
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else json_extract_string(element, '$') end as target_key, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/value')::varchar, 'null') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_matches(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(nullif(json_extract(element, '/value')::varchar, 'null'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_matches(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/label')::varchar, 'null') end as own_label
      from link2_elements
    ) as e
  ) as r
),
link2_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, b.element::varchar as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link2_targets where target_key is not null or is_malformed = 1) as t cross join unnest(from_json(t.labels, '["JSON"]')) as b(element)
),
link2_terms as (select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json($20, '[["VARCHAR"]]')) as e) as entries),
link2 as (
  select row_id, $21 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then $22 || '"' || substr(shown, 1, 80) || '"' || $23
    when translate(target_key, 'abcdefghijklmnopqrstuvwxyz0123456789.-', '') <> '' then $24 || '"' || substr(target_key, 1, 80) || '"' || $25
    when substr(label, 1, 1) in ('[', '{') then $26 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_extract_string(label, '$'), ' '), '') is not null and meaning is null then $27 || '"' || substr(nullif(trim(json_extract_string(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, $28) end as trouble
  from link2_labels
  left join link2_terms on term = nullif(trim(json_extract_string(label, '$'), ' '), '')
),
asked_links as (
  select * from link0
  union all
  select * from link1
  union all
  select * from link2
),
wanted as (
  select row_id, association, target_key, ('[' || coalesce(string_agg(distinct '"' || link_type || '"', ',' order by '"' || link_type || '"'), '') || ']') as labels
  from asked_links where target_key is not null group by row_id, association, target_key
),
plan_rows as (
  select row_id, max(case when operation in ('reject', 'skip') then 1 else 0 end) as is_held,
    max(case when operation in ('create', 'upsert', 'update', 'refresh') then 1 else 0 end) as is_touched,
    max(case when operation in ('create', 'upsert', 'update') then 1 else 0 end) as is_coming,
    max(case when operation = 'archive' then 1 else 0 end) as is_archived
  from (select * from "marts_backhaul"."plan__contacts" where run_id = $29) as planned where row_id is not null group by row_id
),
targets as (
  select cast(null as varchar) as association, cast(null as varchar) as target_key, cast(null as varchar) as record_id, 0 as is_coming, 0 as is_expected from (select 1 as one) as nothing where 1 = 0
),
pairs as (
  select coalesce(w.row_id, l.row_id) as row_id, coalesce(w.association, l.association) as association, coalesce(w.target_key, l.target_key) as target_key,
    w.labels, case when w.row_id is null then 0 else 1 end as is_wanted, case when l.row_id is null then 0 else 1 end as is_known,
    l.record_id as linked_record_id, l.target_record_id as linked_target_id, l.labels as known_labels, l.added_here, l.status as known_status, l.next_attempt_at
  from wanted as w
  full join (select * from (select cast(null as varchar) as row_id, cast(null as varchar) as association, cast(null as varchar) as target_key, cast(null as varchar) as record_id, cast(null as varchar) as target_record_id, cast(null as varchar) as labels, cast(null as varchar) as status, cast(null as boolean) as added_here, cast(null as timestamptz) as next_attempt_at) as nothing where 1 = 0) as l on l.row_id = w.row_id and l.association = w.association and l.target_key = w.target_key
),
chosen as (
  select j.*, s.record_id as own_record_id, coalesce(t.is_expected, 0) as is_expected, coalesce(p.is_archived, 0) as is_archived, case when j.is_wanted = 0 then null
    when s.record_id is null and coalesce(p.is_coming, 0) = 0 then null
    when not ((j.is_known = 0 and coalesce(p.is_coming, 0) = 1) or coalesce(j.known_status in ('pending', 'rejected', 'parked'), 1 = 0)) then null
    when not (j.is_known = 0 or j.known_status = 'left'
      or (j.known_status = 'succeeded' and (1 = 0 or coalesce(j.known_labels <> j.labels, 1 = 0) or coalesce(j.linked_record_id <> s.record_id, 1 = 0) or coalesce(j.linked_target_id <> t.record_id, 1 = 0) or (j.association in ($30) and t.record_id is null)))
      or (j.known_status <> 'succeeded' and (coalesce(p.is_touched, 0) = 1 or coalesce(j.linked_record_id <> s.record_id, 1 = 0) or coalesce(j.linked_target_id <> t.record_id, 1 = 0) or coalesce(j.next_attempt_at <= (select uuid_extract_timestamp(uuidv7())), 1 = 0)
        or (j.known_status in ('pending', 'rejected') and j.next_attempt_at is null)))) then null
    when j.association in ($31) and t.target_key is null then case when coalesce(j.known_status, '') <> 'pending' then 'wait' end
    else 'associate' end as operation,
    case j.association when $32 then $33 when $34 then $35 when $36 then $37 end as target_object, case j.association when $38 then t.record_id when $39 then j.target_key when $40 then case when j.known_status = 'succeeded' then j.linked_target_id end end as target_record_id
  from pairs as j
  left join (select cast(null as varchar) as row_id, cast(null as varchar) as record_id from (select 1 as one) as nothing where 1 = 0) as s on s.row_id = j.row_id
  left join plan_rows as p on p.row_id = j.row_id
  left join targets as t on t.association = j.association and t.target_key = j.target_key
  where coalesce(p.is_held, 0) = 0 and j.row_id in ($41) and p.row_id is not null
)
select $42 as run_id, (select coalesce(max(seq), 0) from "marts_backhaul"."plan__contacts" where run_id = $43) + row_number() over (order by operation, association, row_id, target_key) as seq, row_id, operation, 1 = 0 as is_return,
  case when operation in ('associate', 'wait') then own_record_id else linked_record_id end as record_id, known_status,
  case when (operation = 'wait' or (operation = 'associate' and is_expected = 0 and j.association in ($44))) then 'no_target_yet' end as reason, case when (operation = 'wait' or (operation = 'associate' and is_expected = 0 and j.association in ($45))) then case j.association when $46 then 'Row ' || j.target_key || $47 end end as reason_message,
  case when known_labels is not null then '{"labels":' || known_labels || '}' end as audit_old,
  association, target_object, target_key, case when operation in ('associate', 'wait') then target_record_id else linked_target_id end as target_record_id,
  case when operation in ('associate', 'wait') then labels when (operation = 'release' and (coalesce(added_here, 1 = 0) or is_archived = 1 or own_record_id is null)) then null else known_labels end as labels
from chosen as j where operation is not null;
-- ["[[\"Buyer\",\"USER_DEFINED:7\",null],[\"Twice\",null,\"is the label of several types\"]]","companies/sync:vips","badge: "," is neither a target nor an object of \"value\" and \"label\"","owner: ","owner: ","is no label of companies (labels: Buyer, Twice)","[[\"\",null,null]]","deals/id:colours","colours: "," is neither a target nor an object of \"value\" and \"label\"","colours: "," is no record id, which is a whole number","colours: ","colours: ","is no label of deals, which have none",";","[\"HUBSPOT_DEFINED:1\"]",";","[[\"HUBSPOT_DEFINED:1\",\"HUBSPOT_DEFINED:1\",null]]","companies/domain:zip","zip: "," is neither a target nor an object of \"value\" and \"label\"","zip: "," holds more than a domain, such as https:// or a path; HubSpot keeps the bare domain","zip: ","zip: ","is no label of companies, which have none","run-1","companies/sync:vips","companies/sync:vips","companies/sync:vips","0-2","deals/id:colours","0-3","companies/domain:zip","0-2","companies/sync:vips","deals/id:colours","companies/domain:zip","1","run-1","run-1","companies/sync:vips","companies/sync:vips","companies/sync:vips"," of sync vips has no record in HubSpot yet."]

insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, known_status, reason, reason_message, audit_old,
  association, target_object, target_key, target_record_id, labels)
with link0_lists as (
  select row_id, targets, labels, shown from (
    select m."customer_id"::varchar as row_id, case when nullif(m."badge"::varchar, '') is null then null when substr(trim(nullif(m."badge"::varchar, '')), 1, 1) not in ('[', '{') then case when nullif(m."badge"::varchar, '') is not null then to_json([nullif(m."badge"::varchar, '')])::varchar end
      when not json_valid(nullif(m."badge"::varchar, '')) then '[[]]' when substr(trim(nullif(m."badge"::varchar, '')), 1, 1) = '[' then nullif(m."badge"::varchar, '') else '[' || nullif(m."badge"::varchar, '') || ']' end as targets, case when nullif(m."owner"::varchar, '') is null then null when substr(trim(nullif(m."owner"::varchar, '')), 1, 1) not in ('[', '{') then case when nullif(m."owner"::varchar, '') is not null then to_json([nullif(m."owner"::varchar, '')])::varchar end
      when not json_valid(nullif(m."owner"::varchar, '')) then '[[]]' when substr(trim(nullif(m."owner"::varchar, '')), 1, 1) = '[' then nullif(m."owner"::varchar, '') else '[' || nullif(m."owner"::varchar, '') || ']' end as labels, nullif(m."badge"::varchar, '') as shown
    from "shop"."marts"."hubspot_contacts" as m
  ) as r where targets is not null and row_id is not null
),
link0_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e.element::varchar end as shown, e.element::varchar as element
  from link0_lists as l cross join unnest(from_json(l.targets, '["JSON"]')) as e(element)
),
link0_targets as (
  select row_id, shown, is_malformed, case when trim(target_key, ' ') <> '' then target_key end as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as varchar) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || own_label || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_matches(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_matches(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when try_cast(held as double) = floor(try_cast(held as double)) and abs(try_cast(held as double)) <= 9007199254740992 then try_cast(held as double) end as bigint) as varchar), cast(try_cast(held as double) as varchar)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then json_extract_string(element, '/value')
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else json_extract_string(element, '$') end as target_key, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/value')::varchar, 'null') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_matches(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(nullif(json_extract(element, '/value')::varchar, 'null'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_matches(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/label')::varchar, 'null') end as own_label
      from link0_elements
    ) as e
  ) as r
),
link0_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, b.element::varchar as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link0_targets where target_key is not null or is_malformed = 1) as t cross join unnest(from_json(t.labels, '["JSON"]')) as b(element)
),
link0_terms as (select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json($1, '[["VARCHAR"]]')) as e) as entries),
link0 as (
  select row_id, $2 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then $3 || '"' || substr(shown, 1, 80) || '"' || $4
    when substr(label, 1, 1) in ('[', '{') then $5 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_extract_string(label, '$'), ' '), '') is not null and meaning is null then $6 || '"' || substr(nullif(trim(json_extract_string(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, $7) end as trouble
  from link0_labels
  left join link0_terms on term = nullif(trim(json_extract_string(label, '$'), ' '), '')
),
link1_lists as (
  select row_id, targets, labels, shown from (
    select m."customer_id"::varchar as row_id, case when to_json(m."colours")::varchar is null then null when substr(trim(to_json(m."colours")::varchar), 1, 1) not in ('[', '{') then '[' || to_json(m."colours")::varchar || ']'
      when not json_valid(to_json(m."colours")::varchar) then '[[]]' when substr(trim(to_json(m."colours")::varchar), 1, 1) = '[' then to_json(m."colours")::varchar else '[' || to_json(m."colours")::varchar || ']' end as targets, cast(null as varchar) as labels, to_json(m."colours")::varchar as shown
    from "shop"."marts"."hubspot_contacts" as m
  ) as r where targets is not null and row_id is not null
),
link1_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e.element::varchar end as shown, e.element::varchar as element
  from link1_lists as l cross join unnest(from_json(l.targets, '["JSON"]')) as e(element)
),
link1_targets as (
  select row_id, shown, is_malformed, nullif(trim(target_key, ' '), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as varchar) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || own_label || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_matches(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_matches(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when try_cast(held as double) = floor(try_cast(held as double)) and abs(try_cast(held as double)) <= 9007199254740992 then try_cast(held as double) end as bigint) as varchar), cast(try_cast(held as double) as varchar)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then json_extract_string(element, '/value')
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else json_extract_string(element, '$') end as target_key, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/value')::varchar, 'null') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_matches(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(nullif(json_extract(element, '/value')::varchar, 'null'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_matches(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/label')::varchar, 'null') end as own_label
      from link1_elements
    ) as e
  ) as r
),
link1_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, b.element::varchar as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link1_targets where target_key is not null or is_malformed = 1) as t cross join unnest(from_json(t.labels, '["JSON"]')) as b(element)
),
link1_terms as (select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json($8, '[["VARCHAR"]]')) as e) as entries),
link1 as (
  select row_id, $9 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then $10 || '"' || substr(shown, 1, 80) || '"' || $11
    when translate(target_key, '0123456789', '') <> '' then $12 || '"' || substr(target_key, 1, 80) || '"' || $13
    when substr(label, 1, 1) in ('[', '{') then $14 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_extract_string(label, '$'), ' '), '') is not null and meaning is null then $15 || '"' || substr(nullif(trim(json_extract_string(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, $16) end as trouble
  from link1_labels
  left join link1_terms on term = nullif(trim(json_extract_string(label, '$'), ' '), '')
),
link2_lists as (
  select row_id, targets, labels, shown from (
    select m."customer_id"::varchar as row_id, replace(case when nullif(m."zip"::varchar, '') is not null then to_json([nullif(m."zip"::varchar, '')])::varchar end, $17, '","') as targets, $18 as labels, nullif(m."zip"::varchar, '') as shown
    from "shop"."marts"."hubspot_contacts" as m
  ) as r where targets is not null and row_id is not null
),
link2_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e.element::varchar end as shown, e.element::varchar as element
  from link2_lists as l cross join unnest(from_json(l.targets, '["JSON"]')) as e(element)
),
link2_targets as (
  select row_id, shown, is_malformed, nullif(lower(trim(target_key, ' ')), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as varchar) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || replace(own_label, $19, '","') || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_matches(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_matches(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when try_cast(held as double) = floor(try_cast(held as double)) and abs(try_cast(held as double)) <= 9007199254740992 then try_cast(held as double) end as bigint) as varchar), cast(try_cast(held as double) as varchar)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then json_extract_string(element, '/value')
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else json_extract_string(element, '$') end as target_key, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/value')::varchar, 'null') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_matches(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(nullif(json_extract(element, '/value')::varchar, 'null'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_matches(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then nullif(json_extract(element, '/label')::varchar, 'null') end as own_label
      from link2_elements
    ) as e
  ) as r
),
link2_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, b.element::varchar as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link2_targets where target_key is not null or is_malformed = 1) as t cross join unnest(from_json(t.labels, '["JSON"]')) as b(element)
),
link2_terms as (select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json($20, '[["VARCHAR"]]')) as e) as entries),
link2 as (
  select row_id, $21 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then $22 || '"' || substr(shown, 1, 80) || '"' || $23
    when translate(target_key, 'abcdefghijklmnopqrstuvwxyz0123456789.-', '') <> '' then $24 || '"' || substr(target_key, 1, 80) || '"' || $25
    when substr(label, 1, 1) in ('[', '{') then $26 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_extract_string(label, '$'), ' '), '') is not null and meaning is null then $27 || '"' || substr(nullif(trim(json_extract_string(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, $28) end as trouble
  from link2_labels
  left join link2_terms on term = nullif(trim(json_extract_string(label, '$'), ' '), '')
),
asked_links as (
  select * from link0
  union all
  select * from link1
  union all
  select * from link2
),
wanted as (
  select row_id, association, target_key, ('[' || coalesce(string_agg(distinct '"' || link_type || '"', ',' order by '"' || link_type || '"'), '') || ']') as labels
  from asked_links where target_key is not null group by row_id, association, target_key
),
plan_rows as (
  select row_id, max(case when operation in ('reject', 'skip') then 1 else 0 end) as is_held,
    max(case when operation in ('create', 'upsert', 'update', 'refresh') then 1 else 0 end) as is_touched,
    max(case when operation in ('create', 'upsert', 'update') then 1 else 0 end) as is_coming,
    max(case when operation = 'archive' then 1 else 0 end) as is_archived
  from (select * from "marts_backhaul"."plan__contacts" where run_id = $29) as planned where row_id is not null group by row_id
),
targets as (
  select $30 as association, row_id as target_key, record_id, is_coming, is_expected
  from (select row_id, max(record_id) as record_id, case when sum(copies) > 0 then 1 else 0 end as is_coming,
    case when max(record_id) is not null or (sum(copies) = 1 and max(is_refused) = 0) then 1 else 0 end as is_expected
  from (select row_id, record_id, 0 as copies, case when record_id is null and status in ('rejected', 'parked', 'skipped', 'unknown') then 1 else 0 end as is_refused from "marts_backhaul"."state__vips" union all select row_id, cast(null as varchar) as record_id, 1 as copies, 0 as is_refused from (select m."id"::varchar as row_id from marts.vips as m
  where (is_vip
    )) as k where row_id is not null union all select row_id, cast(null as varchar) as record_id, 0 as copies, 1 as is_refused from "marts_backhaul"."plan__vips" where run_id = $31 and operation in ('reject', 'skip') and row_id is not null) as rows_of group by row_id) as rows_by_key where record_id is not null or is_coming = 1
),
pairs as (
  select coalesce(w.row_id, l.row_id) as row_id, coalesce(w.association, l.association) as association, coalesce(w.target_key, l.target_key) as target_key,
    w.labels, case when w.row_id is null then 0 else 1 end as is_wanted, case when l.row_id is null then 0 else 1 end as is_known,
    l.record_id as linked_record_id, l.target_record_id as linked_target_id, l.labels as known_labels, l.added_here, l.status as known_status, l.next_attempt_at
  from wanted as w
  full join (select row_id, target_key, record_id, target_record_id, labels, added_here, status, next_attempt_at, case association when $32 then $33 else association end as association from "marts_backhaul"."links__contacts" where association in ($34, $35, $36, $37)) as l on l.row_id = w.row_id and l.association = w.association and l.target_key = w.target_key
),
chosen as (
  select j.*, s.record_id as own_record_id, coalesce(t.is_expected, 0) as is_expected, coalesce(p.is_archived, 0) as is_archived, case when j.is_wanted = 0 then case when substr(j.row_id, 1, 9) = 'rekeyed: ' then null
      when j.known_labels is not null and j.added_here and j.association in ($38) and coalesce(p.is_archived, 0) = 0 and s.record_id is not null then 'dissociate'
      when j.known_status <> 'left' then 'release' end
    when s.record_id is null and coalesce(p.is_coming, 0) = 0 then null
    when not (j.is_known = 0 or j.known_status = 'left'
      or (j.known_status = 'succeeded' and (1 = 0 or coalesce(j.known_labels <> j.labels, 1 = 0) or coalesce(j.linked_record_id <> s.record_id, 1 = 0) or coalesce(j.linked_target_id <> t.record_id, 1 = 0) or (j.association in ($39) and t.record_id is null)))
      or (j.known_status <> 'succeeded' and (coalesce(p.is_touched, 0) = 1 or coalesce(j.linked_record_id <> s.record_id, 1 = 0) or coalesce(j.linked_target_id <> t.record_id, 1 = 0) or coalesce(j.next_attempt_at <= (select uuid_extract_timestamp(uuidv7())), 1 = 0)
        or (j.known_status in ('pending', 'rejected') and j.next_attempt_at is null)))) then null
    when j.association in ($40) and t.target_key is null then case when coalesce(j.known_status, '') <> 'pending' then 'wait' end
    else 'associate' end as operation,
    case j.association when $41 then $42 when $43 then $44 when $45 then $46 end as target_object, case j.association when $47 then t.record_id when $48 then j.target_key when $49 then case when j.known_status = 'succeeded' then j.linked_target_id end end as target_record_id
  from pairs as j
  left join "marts_backhaul"."state__contacts" as s on s.row_id = j.row_id
  left join plan_rows as p on p.row_id = j.row_id
  left join targets as t on t.association = j.association and t.target_key = j.target_key
  where coalesce(p.is_held, 0) = 0
)
select $50 as run_id, (select coalesce(max(seq), 0) from "marts_backhaul"."plan__contacts" where run_id = $51) + row_number() over (order by operation, association, row_id, target_key) as seq, row_id, operation, 1 = 0 as is_return,
  case when operation in ('associate', 'wait') then own_record_id else linked_record_id end as record_id, known_status,
  case when (operation = 'wait' or (operation = 'associate' and is_expected = 0 and j.association in ($52))) then 'no_target_yet' end as reason, case when (operation = 'wait' or (operation = 'associate' and is_expected = 0 and j.association in ($53))) then case j.association when $54 then 'Row ' || j.target_key || $55 end end as reason_message,
  case when known_labels is not null then '{"labels":' || known_labels || '}' end as audit_old,
  association, target_object, target_key, case when operation in ('associate', 'wait') then target_record_id else linked_target_id end as target_record_id,
  case when operation in ('associate', 'wait') then labels when (operation = 'release' and (coalesce(added_here, 1 = 0) or is_archived = 1 or own_record_id is null)) then null else known_labels end as labels
from chosen as j where operation is not null;
-- ["[[\"Buyer\",\"USER_DEFINED:7\",null],[\"Twice\",null,\"is the label of several types\"]]","companies/sync:vips","badge: "," is neither a target nor an object of \"value\" and \"label\"","owner: ","owner: ","is no label of companies (labels: Buyer, Twice)","[[\"\",null,null]]","deals/id:colours","colours: "," is neither a target nor an object of \"value\" and \"label\"","colours: "," is no record id, which is a whole number","colours: ","colours: ","is no label of deals, which have none",";","[\"HUBSPOT_DEFINED:1\"]",";","[[\"HUBSPOT_DEFINED:1\",\"HUBSPOT_DEFINED:1\",null]]","companies/domain:zip","zip: "," is neither a target nor an object of \"value\" and \"label\"","zip: "," holds more than a domain, such as https:// or a path; HubSpot keeps the bare domain","zip: ","zip: ","is no label of companies, which have none","run-1","companies/sync:vips","r9","companies/id:old","companies/id:new","companies/sync:vips","deals/id:colours","companies/domain:zip","companies/id:old","companies/sync:vips","companies/sync:vips","companies/sync:vips","companies/sync:vips","0-2","deals/id:colours","0-3","companies/domain:zip","0-2","companies/sync:vips","deals/id:colours","companies/domain:zip","run-1","run-1","companies/sync:vips","companies/sync:vips","companies/sync:vips"," of sync vips has no record in HubSpot yet."]
