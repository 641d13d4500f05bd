insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    m."customer_id"::varchar as row_id,
    nullif(lower(trim(nullif(collate(m."email", 'utf8'), ''), ' ')), '') as match_value,
    hash('seed', m."Total ""net""", collate(m."email", 'utf8'), collate(m."badge", 'utf8'), collate(m."owner", 'utf8'), to_json(m."colours"), collate(m."zip", 'utf8')) as fingerprint,
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
    try_parse_json(case when s.record_id is null then null else s.sent_values end) as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown') and not (s.status = 'parked' and s.tried_fingerprint is null))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= current_timestamp())))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, case when is_present is null then known_match_value else match_value end as match_value, fingerprint, record_id, known_status, created_here, is_unsynced,
    case when contains(c0::varchar, '.') then rtrim(rtrim(c0::varchar, '0'), '.') else c0::varchar end as v0,
    as_varchar(get(sent, 'amount')) as o0,
    nullif(collate(c1, 'utf8'), '') as v1,
    as_varchar(get(sent, 'email')) as o1,
    cast(? as varchar) as v2,
    as_varchar(get(sent, 'lifecyclestage')) as o2
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, created_here, is_unsynced,
    v0, case when is_unsynced = 1 and o0 not in ('', ?) and (is_present is null or v0 is null) then null else o0 end as o0,
    v1, case when is_unsynced = 1 and o1 not in ('', ?) and (is_present is null or v1 is null) then null else o1 end as o1,
    v2, case when is_unsynced = 1 and o2 not in ('', ?) and (is_present is null or v2 is null) then null else o2 end as o2,
    case when (v2 is not null and v2 not in (?, ?)) then ? || '"' || substr(v2, 1, 80) || '"' || ' is no option' || ? end as b2
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, created_here, is_unsynced,
    ('[' || array_to_string(array_construct_compact(iff(b2 is not null, '"lifecyclestage"', null)), ',') || ']') as invalid_properties, nullif(substr(coalesce('; ' || b2, ''), 3, 2000), '') as reason_message,
    '[]' as dropped_properties,
    case when is_present is null then null else case when v0 is not null then v0 when o0 is not null then '' end end as v0, o0,
    case when is_present is null then null else coalesce(v1, o1) end as v1, o1,
    case when is_present is null then null else case when v2 is not null then v2 when o2 is not null then '' end end as v2, o2
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, created_here, is_unsynced, invalid_properties, reason_message, dropped_properties,
    ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(v0)), '"email":' || to_json(to_variant(v1)), '"lifecyclestage":' || to_json(to_variant(v2))), ',') || '}') as new_values,
    ('[' || array_to_string(array_construct_compact(iff(v0 is distinct from o0, '"amount"', null), iff(v1 is distinct from o1, '"email"', null), iff(v2 is distinct from o2, '"lifecyclestage"', null)), ',') || ']') as changed_properties,
    ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then ? else o0 end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then ? else o1 end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then ? else o2 end))), ',') || '}') as doubtful_values,
    ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then nullif(o0, ?) end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then nullif(o1, ?) end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then nullif(o2, ?) end))), ',') || '}') as audit_old,
    case when record_id is not null then ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then v0 end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then v1 end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then v2 end))), ',') || '}') end as audit_new
  from decided
),
link0_lists as (
  select row_id, targets, labels, shown from (
    select m.row_id as row_id, case when nullif(collate(m.c2, 'utf8'), '') is null then null when substr(trim(nullif(collate(m.c2, 'utf8'), '')), 1, 1) not in ('[', '{') then ('[' || to_json(to_variant(nullif(collate(m.c2, 'utf8'), ''))) || ']')
      when not (try_parse_json(nullif(collate(m.c2, 'utf8'), '')) is not null) then '[[]]' when substr(trim(nullif(collate(m.c2, 'utf8'), '')), 1, 1) = '[' then nullif(collate(m.c2, 'utf8'), '') else '[' || nullif(collate(m.c2, 'utf8'), '') || ']' end as targets, case when nullif(collate(m.c3, 'utf8'), '') is null then null when substr(trim(nullif(collate(m.c3, 'utf8'), '')), 1, 1) not in ('[', '{') then ('[' || to_json(to_variant(nullif(collate(m.c3, 'utf8'), ''))) || ']')
      when not (try_parse_json(nullif(collate(m.c3, 'utf8'), '')) is not null) then '[[]]' when substr(trim(nullif(collate(m.c3, 'utf8'), '')), 1, 1) = '[' then nullif(collate(m.c3, 'utf8'), '') else '[' || nullif(collate(m.c3, 'utf8'), '') || ']' end as labels, nullif(collate(m.c2, 'utf8'), '') as shown
    from (select * from candidates where is_present is not null) as m
  ) as r where targets is not null and row_id is not null
),
link0_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else to_json(e.value) end as shown, to_json(e.value) as element
  from link0_lists as l, lateral flatten(input => parse_json(l.targets)) as e
),
link0_targets as (
  select row_id, shown, is_malformed, case when trim(target_key, ' ') <> '' then target_key end as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as varchar) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || own_label || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_like(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_like(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when try_to_double(held) = floor(try_to_double(held)) and abs(try_to_double(held)) <= 9007199254740992 then try_to_double(held) end as number(38, 0)) as varchar), cast(try_to_double(held) as varchar)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then to_varchar(get(parse_json(element), 'value'))
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else to_varchar(parse_json(element)) end as target_key, case when substr(element, 1, 1) = '{' then nullif(to_json(get(parse_json(element), 'value')), 'null') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_like(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(nullif(to_json(get(parse_json(element), 'value')), 'null'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_like(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then nullif(to_json(get(parse_json(element), 'label')), 'null') end as own_label
      from link0_elements
    ) as e
  ) as r
),
link0_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, to_json(b.value) as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link0_targets where target_key is not null or is_malformed = 1) as t, lateral flatten(input => parse_json(t.labels)) as b
),
link0_terms as (select as_varchar(get(e.value, 0)) as term, as_varchar(get(e.value, 1)) as meaning, as_varchar(get(e.value, 2)) as trouble from table(flatten(input => parse_json(?))) as e),
link0 as (
  select row_id, ? as association, target_key, meaning as link_type,
    case when is_malformed = 1 then ? || '"' || substr(shown, 1, 80) || '"' || ?
    when substr(label, 1, 1) in ('[', '{') then ? || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(to_varchar(parse_json(label)), ' '), '') is not null and meaning is null then ? || '"' || substr(nullif(trim(to_varchar(parse_json(label)), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, ?) end as trouble
  from link0_labels
  left join link0_terms on term = nullif(trim(to_varchar(parse_json(label)), ' '), '')
),
link1_lists as (
  select row_id, targets, labels, shown from (
    select m.row_id as row_id, case when to_json(m.c4) is null then null when substr(trim(to_json(m.c4)), 1, 1) not in ('[', '{') then '[' || to_json(m.c4) || ']'
      when not (try_parse_json(to_json(m.c4)) is not null) then '[[]]' when substr(trim(to_json(m.c4)), 1, 1) = '[' then to_json(m.c4) else '[' || to_json(m.c4) || ']' end as targets, cast(null as varchar) as labels, to_json(m.c4) as shown
    from (select * from candidates where is_present is not null) as m
  ) as r where targets is not null and row_id is not null
),
link1_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else to_json(e.value) end as shown, to_json(e.value) as element
  from link1_lists as l, lateral flatten(input => parse_json(l.targets)) as e
),
link1_targets as (
  select row_id, shown, is_malformed, nullif(trim(target_key, ' '), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as varchar) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || own_label || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_like(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_like(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when try_to_double(held) = floor(try_to_double(held)) and abs(try_to_double(held)) <= 9007199254740992 then try_to_double(held) end as number(38, 0)) as varchar), cast(try_to_double(held) as varchar)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then to_varchar(get(parse_json(element), 'value'))
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else to_varchar(parse_json(element)) end as target_key, case when substr(element, 1, 1) = '{' then nullif(to_json(get(parse_json(element), 'value')), 'null') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_like(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(nullif(to_json(get(parse_json(element), 'value')), 'null'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_like(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then nullif(to_json(get(parse_json(element), 'label')), 'null') end as own_label
      from link1_elements
    ) as e
  ) as r
),
link1_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, to_json(b.value) as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link1_targets where target_key is not null or is_malformed = 1) as t, lateral flatten(input => parse_json(t.labels)) as b
),
link1_terms as (select as_varchar(get(e.value, 0)) as term, as_varchar(get(e.value, 1)) as meaning, as_varchar(get(e.value, 2)) as trouble from table(flatten(input => parse_json(?))) as e),
link1 as (
  select row_id, ? as association, target_key, meaning as link_type,
    case when is_malformed = 1 then ? || '"' || substr(shown, 1, 80) || '"' || ?
    when translate(target_key, '0123456789', '') <> '' then ? || '"' || substr(target_key, 1, 80) || '"' || ?
    when substr(label, 1, 1) in ('[', '{') then ? || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(to_varchar(parse_json(label)), ' '), '') is not null and meaning is null then ? || '"' || substr(nullif(trim(to_varchar(parse_json(label)), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, ?) end as trouble
  from link1_labels
  left join link1_terms on term = nullif(trim(to_varchar(parse_json(label)), ' '), '')
),
link2_lists as (
  select row_id, targets, labels, shown from (
    select m.row_id as row_id, replace(('[' || to_json(to_variant(nullif(collate(m.c5, 'utf8'), ''))) || ']'), ?, '","') as targets, ? as labels, nullif(collate(m.c5, 'utf8'), '') as shown
    from (select * from candidates where is_present is not null) as m
  ) as r where targets is not null and row_id is not null
),
link2_elements as (
  select l.row_id, l.labels, case when l.targets = '[[]]' then l.shown else to_json(e.value) end as shown, to_json(e.value) as element
  from link2_lists as l, lateral flatten(input => parse_json(l.targets)) as e
),
link2_targets as (
  select row_id, shown, is_malformed, nullif(lower(trim(target_key, ' ')), '') as target_key,
    case when has_label = 0 then labels when own_label is null then cast(null as varchar) else case when substr(own_label, 1, 1) = '[' then own_label else '[' || replace(own_label, ?, '","') || ']' end end as labels
  from (
    select row_id, shown, labels, coalesce(case when regexp_like(held, '^-?[0-9]+[.][0-9]+$') then rtrim(rtrim(held, '0'), '.')
      when regexp_like(held, '^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$') then coalesce(cast(cast(case when try_to_double(held) = floor(try_to_double(held)) and abs(try_to_double(held)) <= 9007199254740992 then try_to_double(held) end as number(38, 0)) as varchar), cast(try_to_double(held) as varchar)) end, target_key) as target_key, is_malformed, has_label, own_label
    from (
      select row_id, shown, labels, case when substr(element, 1, 1) = '{' then to_varchar(get(parse_json(element), 'value'))
      when substr(element, 1, 1) in ('[', 't', 'f', 'n') then null else to_varchar(parse_json(element)) end as target_key, case when substr(element, 1, 1) = '{' then nullif(to_json(get(parse_json(element), 'value')), 'null') else element end as held, case when substr(element, 1, 1) in ('[', 't', 'f') then 1
      when substr(element, 1, 1) = '{' then case when not regexp_like(element, '^([^a]|a)*"value"[[:space:]]*:([^a]|a)*$') or substr(nullif(to_json(get(parse_json(element), 'value')), 'null'), 1, 1) in ('[', '{', 't', 'f') then 1 else 0 end else 0 end as is_malformed,
        case when substr(element, 1, 1) = '{' and regexp_like(element, '^([^a]|a)*"label"[[:space:]]*:([^a]|a)*$') then 1 else 0 end as has_label, case when substr(element, 1, 1) = '{' then nullif(to_json(get(parse_json(element), 'label')), 'null') end as own_label
      from link2_elements
    ) as e
  ) as r
),
link2_labels as (
  select t.row_id, t.shown, t.is_malformed, t.target_key, to_json(b.value) as label
  from (select row_id, shown, is_malformed, target_key, case when coalesce(replace(labels, ' ', ''), '[]') = '[]' then '[null]' else labels end as labels
    from link2_targets where target_key is not null or is_malformed = 1) as t, lateral flatten(input => parse_json(t.labels)) as b
),
link2_terms as (select as_varchar(get(e.value, 0)) as term, as_varchar(get(e.value, 1)) as meaning, as_varchar(get(e.value, 2)) as trouble from table(flatten(input => parse_json(?))) as e),
link2 as (
  select row_id, ? as association, target_key, meaning as link_type,
    case when is_malformed = 1 then ? || '"' || substr(shown, 1, 80) || '"' || ?
    when translate(target_key, 'abcdefghijklmnopqrstuvwxyz0123456789.-', '') <> '' then ? || '"' || substr(target_key, 1, 80) || '"' || ?
    when substr(label, 1, 1) in ('[', '{') then ? || '"' || substr(label, 1, 80) || '"' || ' is no label'
    when nullif(trim(to_varchar(parse_json(label)), ' '), '') is not null and meaning is null then ? || '"' || substr(nullif(trim(to_varchar(parse_json(label)), ' '), ''), 1, 80) || '"' || ' ' || coalesce(trouble, ?) end as trouble
  from link2_labels
  left join link2_terms on term = nullif(trim(to_varchar(parse_json(label)), ' '), '')
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
select ? as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then coalesce(reason_message, link_trouble) end as reason_message
from chosen;
-- ["customer","\u0001","\u0001","\u0001","lead","customer","lifecyclestage: "," (options: lead, customer)","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","[[\"Buyer\",\"USER_DEFINED:7\",null],[\"Twice\",null,\"is the label of several types\"]]","companies/sync:vips","badge: "," is neither a target nor an object of \"value\" and \"label\"","owner: ","owner: ","is no label of companies (labels: Buyer, Twice)","[[\"\",null,null]]","deals/id:colours","colours: "," is neither a target nor an object of \"value\" and \"label\"","colours: "," is no record id, which is a whole number","colours: ","colours: ","is no label of deals, which have none",";","[\"HUBSPOT_DEFINED:1\"]",";","[[\"HUBSPOT_DEFINED:1\",\"HUBSPOT_DEFINED:1\",null]]","companies/domain:zip","zip: "," is neither a target nor an object of \"value\" and \"label\"","zip: "," holds more than a domain, such as https:// or a path; HubSpot keeps the bare domain","zip: ","zip: ","is no label of companies, which have none","run-1"]
