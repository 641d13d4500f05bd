insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    m."customer_id"::varchar as row_id,
    nullif(lower(trim(nullif(collate(m."email", 'utf8'), ''), ' ')), '') as match_value,
    hash('seed', m."Total ""net""", collate(m."email", 'utf8')) as fingerprint,
    m."Total ""net""" as c0,
    m."email" as c1
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    try_parse_json(case when s.record_id is null then null else s.sent_values end) as sent
  from model_rows as m
  full join (select * from (select cast(null as varchar) as row_id, cast(null as varchar) as record_id, cast(null as varchar) as status,
    cast(null as number(19, 0)) as fingerprint, cast(null as number(19, 0)) as tried_fingerprint,
    cast(null as varchar) as sent_values, cast(null as varchar) as match_value, cast(null as boolean) as created_here,
    cast(null as varchar) as first_run_id, cast(null as timestamp_ltz) as first_synced_at,
    cast(null as timestamp_ltz) as next_attempt_at, cast(null as varchar) as error_category) as nothing where 1 = 0) as s on s.row_id = m.row_id
  where (m.is_present is not null and s.record_id is null and coalesce(s.status, 'new') <> 'unknown')
),
rendered as  (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status,
    case when contains(c0::varchar, '.') then rtrim(rtrim(c0::varchar, '0'), '.') else c0::varchar end as v0,
    as_varchar(get(sent, 'amount')) as o0,
    nullif(collate(c1, 'utf8'), '') as v1,
    as_varchar(get(sent, 'email')) as o1,
    cast(? as varchar) as v2,
    as_varchar(get(sent, 'lifecyclestage')) as o2
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status,
    v0, o0,
    v1, o1,
    v2, o2,
    case when (v2 is not null and v2 not in (?, ?)) then ? || '"' || substr(v2, 1, 80) || '"' || ' is no option' || ? end as b2
  from rendered
),
decided as  (
  select is_present, row_id, match_value, fingerprint, record_id, known_status,
    ('[' || array_to_string(array_construct_compact(iff(b2 is not null, '"lifecyclestage"', null)), ',') || ']') as invalid_properties, nullif(substr(coalesce('; ' || b2, ''), 3, 2000), '') as reason_message,
    '[]' as dropped_properties,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0,
    coalesce(v1, o1) as v1, o1,
    case when v2 is not null then v2 when o2 is not null then '' end as v2, o2
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, invalid_properties, reason_message, dropped_properties,
    ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(v0)), '"email":' || to_json(to_variant(v1)), '"lifecyclestage":' || to_json(to_variant(v2))), ',') || '}') as new_values,
    ('[' || array_to_string(array_construct_compact(iff(v0 is distinct from o0, '"amount"', null), iff(v1 is distinct from o1, '"email"', null), iff(v2 is distinct from o2, '"lifecyclestage"', null)), ',') || ']') as changed_properties,
    ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then ? else o0 end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then ? else o1 end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then ? else o2 end))), ',') || '}') as doubtful_values,
    ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then nullif(o0, ?) end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then nullif(o1, ?) end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then nullif(o2, ?) end))), ',') || '}') as audit_old,
    case when record_id is not null then ('{' || array_to_string(array_construct_compact('"amount":' || to_json(to_variant(case when v0 is distinct from o0 then v0 end)), '"email":' || to_json(to_variant(case when v1 is distinct from o1 then v1 end)), '"lifecyclestage":' || to_json(to_variant(case when v2 is distinct from o2 then v2 end))), ',') || '}') end as audit_new
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
select ? as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["customer","lead","customer","lifecyclestage: "," (options: lead, customer)","\u0001","\u0001","\u0001","\u0001","\u0001","\u0001","run-1"]

merge into "marts_backhaul"."plan__contacts" as p
using (
  select seq, record_id, new_values, changed_properties from "marts_backhaul"."resolutions__contacts" where run_id = ? and new_values is not null
) as r
on p.run_id = ? and p.seq = r.seq and p.operation = 'update' and p.record_id = r.record_id
when matched then update set operation = 'adopt', new_values = r.new_values, changed_properties = r.changed_properties,
  fingerprint = cast(null as number(19, 0)), audit_old = cast(null as varchar), audit_new = cast(null as varchar);
-- ["run-1","run-1"]

delete from "marts_backhaul"."plan__contacts" where run_id = ? and not (
  (operation = 'adopt' and record_id not in (select record_id from "marts_backhaul"."state__contacts" where record_id is not null))
  or (operation = 'reject' and coalesce(reason, '') <> 'match_value_held'
    and not (coalesce(reason, '') = 'record_taken' and coalesce(reason_detail, '') in (select row_id from "marts_backhaul"."state__contacts" where record_id is not null))));
-- ["run-1"]
