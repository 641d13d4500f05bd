insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    m."customer_id"::varchar as row_id,
    nullif(lower(trim(nullif(m."email"::varchar, ''), ' ')), '') as match_value,
    hash($1, m."Total ""net""", m."Total ""net"""::double, m."email"::varchar, m."badge"::varchar, m."owner"::varchar, to_json(m."colours")::varchar, m."zip"::varchar) as fingerprint,
    m."Total ""net""" as c0,
    m."email" as c1,
    m."badge" as c2,
    m."owner" as c3,
    m."colours" as c4,
    m."zip" as c5
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status, s.match_value as known_match_value, s.created_here,
    case when s.record_id is not null and s.first_synced_at is null then 1 else 0 end as is_unsynced,
    struct_pack(fields := from_json(case when s.record_id is null then null else s.sent_values end, '{"amount":"VARCHAR","email":"VARCHAR","lifecyclestage":"VARCHAR"}'), source := case when s.record_id is null then null else s.sent_values end) as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown') and not (s.status = 'parked' and s.tried_fingerprint is null))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= (select uuid_extract_timestamp(uuidv7())))))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= (select uuid_extract_timestamp(uuidv7())))))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, case when is_present is null then known_match_value else match_value end as match_value, fingerprint, record_id, known_status, created_here, is_unsynced,
    case when contains(c0::varchar, '.') then rtrim(rtrim(c0::varchar, '0'), '.') else c0::varchar end as v0,
    struct_extract(sent.fields, 'amount') as o0,
    nullif(c1::varchar, '') as v1,
    struct_extract(sent.fields, 'email') as o1,
    cast($2 as varchar) as v2,
    struct_extract(sent.fields, 'lifecyclestage') as o2
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, created_here, is_unsynced,
    v0, case when is_unsynced = 1 and o0 not in ('', $3) and (is_present is null or v0 is null) then null else o0 end as o0,
    v1, case when is_unsynced = 1 and o1 not in ('', $4) and (is_present is null or v1 is null) then null else o1 end as o1,
    v2, case when is_unsynced = 1 and o2 not in ('', $5) and (is_present is null or v2 is null) then null else o2 end as o2,
    case when (v2 is not null and v2 not in ($6, $7)) then $8 || '"' || substr(v2, 1, 80) || '"' || ' is no option' || $9 end as b2
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, created_here, is_unsynced,
    to_json(list_filter([case when b2 is not null then 'lifecyclestage' end], lambda e: e is not null))::varchar as invalid_properties, nullif(substr(coalesce('; ' || b2, ''), 3, 2000), '') as reason_message,
    '[]' as dropped_properties,
    case when is_present is null then null else case when v0 is not null then v0 when o0 is not null then '' end end as v0, o0,
    case when is_present is null then null else coalesce(v1, o1) end as v1, o1,
    case when is_present is null then null else case when v2 is not null then v2 when o2 is not null then '' end end as v2, o2
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, created_here, is_unsynced, invalid_properties, reason_message, dropped_properties,
    ('{' || concat_ws(',', '"amount":' || to_json((v0)::varchar)::varchar, '"email":' || to_json((v1)::varchar)::varchar, '"lifecyclestage":' || to_json((v2)::varchar)::varchar) || '}') as new_values,
    to_json(list_filter([case when v0 is distinct from o0 then 'amount' end, case when v1 is distinct from o1 then 'email' end, case when v2 is distinct from o2 then 'lifecyclestage' end], lambda e: e is not null))::varchar as changed_properties,
    ('{' || concat_ws(',', '"amount":' || to_json((case when v0 is distinct from o0 then $10 else o0 end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then $11 else o1 end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then $12 else o2 end)::varchar)::varchar) || '}') as doubtful_values,
    ('{' || concat_ws(',', '"amount":' || to_json((case when v0 is distinct from o0 then nullif(o0, $13) end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then nullif(o1, $14) end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then nullif(o2, $15) end)::varchar)::varchar) || '}') as audit_old,
    case when record_id is not null then ('{' || concat_ws(',', '"amount":' || to_json((case when v0 is distinct from o0 then v0 end)::varchar)::varchar, '"email":' || to_json((case when v1 is distinct from o1 then v1 end)::varchar)::varchar, '"lifecyclestage":' || to_json((case when v2 is distinct from o2 then v2 end)::varchar)::varchar) || '}') end as audit_new
  from decided
),
link0_lists as (
  select row_id, targets, labels, shown from (
    select m.row_id as row_id, case when nullif(m.c2::varchar, '') is null then null when substr(trim(nullif(m.c2::varchar, '')), 1, 1) not in ('[', '{') then case when nullif(m.c2::varchar, '') is not null then to_json([nullif(m.c2::varchar, '')])::varchar end
      when not json_valid(nullif(m.c2::varchar, '')) then '[[]]' when substr(trim(nullif(m.c2::varchar, '')), 1, 1) = '[' then nullif(m.c2::varchar, '') else '[' || nullif(m.c2::varchar, '') || ']' end as targets, case when nullif(m.c3::varchar, '') is null then null when substr(trim(nullif(m.c3::varchar, '')), 1, 1) not in ('[', '{') then case when nullif(m.c3::varchar, '') is not null then to_json([nullif(m.c3::varchar, '')])::varchar end
      when not json_valid(nullif(m.c3::varchar, '')) then '[[]]' when substr(trim(nullif(m.c3::varchar, '')), 1, 1) = '[' then nullif(m.c3::varchar, '') else '[' || nullif(m.c3::varchar, '') || ']' end as labels, nullif(m.c2::varchar, '') as shown
    from (select * from candidates where is_present is not null) as m
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
link0_terms as (select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json($16, '[["VARCHAR"]]')) as e) as entries),
link0 as (
  select row_id, $17 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then $18 || '"' || substr(shown, 1, 80) || '"' || $19
    when substr(label, 1, 1) in ('[', '{') then $20 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_extract_string(label, '$'), ' '), '') is not null and meaning is null then $21 || '"' || substr(nullif(trim(json_extract_string(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, $22) end as trouble
  from link0_labels
  left join link0_terms on term = nullif(trim(json_extract_string(label, '$'), ' '), '')
),
link1_lists as (
  select row_id, targets, labels, shown from (
    select m.row_id as row_id, case when to_json(m.c4)::varchar is null then null when substr(trim(to_json(m.c4)::varchar), 1, 1) not in ('[', '{') then '[' || to_json(m.c4)::varchar || ']'
      when not json_valid(to_json(m.c4)::varchar) then '[[]]' when substr(trim(to_json(m.c4)::varchar), 1, 1) = '[' then to_json(m.c4)::varchar else '[' || to_json(m.c4)::varchar || ']' end as targets, cast(null as varchar) as labels, to_json(m.c4)::varchar as shown
    from (select * from candidates where is_present is not null) as m
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
link1_terms as (select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json($23, '[["VARCHAR"]]')) as e) as entries),
link1 as (
  select row_id, $24 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then $25 || '"' || substr(shown, 1, 80) || '"' || $26
    when translate(target_key, '0123456789', '') <> '' then $27 || '"' || substr(target_key, 1, 80) || '"' || $28
    when substr(label, 1, 1) in ('[', '{') then $29 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_extract_string(label, '$'), ' '), '') is not null and meaning is null then $30 || '"' || substr(nullif(trim(json_extract_string(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, $31) end as trouble
  from link1_labels
  left join link1_terms on term = nullif(trim(json_extract_string(label, '$'), ' '), '')
),
link2_lists as (
  select row_id, targets, labels, shown from (
    select m.row_id as row_id, replace(case when nullif(m.c5::varchar, '') is not null then to_json([nullif(m.c5::varchar, '')])::varchar end, $32, '","') as targets, $33 as labels, nullif(m.c5::varchar, '') as shown
    from (select * from candidates where is_present is not null) as m
  ) as r where targets is not null and row_id is not null
),
link2_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else e.element::varchar end as shown, e.element::varchar as element
  from link2_lists as l cross join unnest(from_json(l.targets, '["JSON"]')) as e(element)
),
link2_targets as (
  select row_id, shown, is_malformed, nullif(lower(trim(target_key, ' ')), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as varchar) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || replace(own_label, $34, '","') || ']' end end as labels
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
link2_terms as (select e[1] as term, e[2] as meaning, e[3] as trouble from (select unnest(from_json($35, '[["VARCHAR"]]')) as e) as entries),
link2 as (
  select row_id, $36 as association, target_key, meaning as link_type,
    case when is_malformed = 1 then $37 || '"' || substr(shown, 1, 80) || '"' || $38
    when translate(target_key, 'abcdefghijklmnopqrstuvwxyz0123456789.-', '') <> '' then $39 || '"' || substr(target_key, 1, 80) || '"' || $40
    when substr(label, 1, 1) in ('[', '{') then $41 || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(json_extract_string(label, '$'), ' '), '') is not null and meaning is null then $42 || '"' || substr(nullif(trim(json_extract_string(label, '$'), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, $43) end as trouble
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
select $44 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then coalesce(reason_message, link_trouble) end as reason_message
from chosen;
-- ["seed","customer","\u0001","\u0001","\u0001","lead","customer","lifecyclestage: "," (options: lead, customer)","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","[[\"Buyer\",\"USER_DEFINED:7\",null],[\"Twice\",null,\"is the label of several types\"]]","companies/sync:vips","badge: "," is neither a target nor an object of \"value\" and \"label\"","owner: ","owner: ","is no label of companies (labels: Buyer, Twice)","[[\"\",null,null]]","deals/id:colours","colours: "," is neither a target nor an object of \"value\" and \"label\"","colours: "," is no record id, which is a whole number","colours: ","colours: ","is no label of deals, which have none",";","[\"HUBSPOT_DEFINED:1\"]",";","[[\"HUBSPOT_DEFINED:1\",\"HUBSPOT_DEFINED:1\",null]]","companies/domain:zip","zip: "," is neither a target nor an object of \"value\" and \"label\"","zip: "," holds more than a domain, such as https:// or a path; HubSpot keeps the bare domain","zip: ","zip: ","is no label of companies, which have none","run-1"]
