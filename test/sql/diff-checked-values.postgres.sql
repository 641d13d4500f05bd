insert into "marts_backhaul"."plan__contacts" (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with model_rows as (
  select 1 as is_present,
    m."customer_id"::text as row_id,
    nullif(lower(trim(nullif(m."email"::text, ''), ' ')), '') as match_value,
    hash_record_extended(row($1::text, m."colours"::text collate "C", m."email"::text collate "C", m."score"::text collate "C", m."seen_at"::text collate "C"), 7046029254386353131) as fingerprint,
    m."colours" as c0,
    m."email" as c1,
    m."score" as c2,
    m."seen_at" as c3
  from "shop"."marts"."hubspot_contacts" as m
),
candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    case when s.record_id is not null and s.first_synced_at is null then 1 else 0 end as is_unsynced,
    (case when s.record_id is null then null else s.sent_values end)::jsonb as sent
  from model_rows as m
  full join "marts_backhaul"."state__contacts" as s on s.row_id = m.row_id
  where ((m.is_present is null and s.status not in ('left', 'unknown'))
    or (m.is_present is not null and (s.row_id is null
      or s.status in ('rejected', 'pending', 'sending', 'left')
      or (s.status = 'skipped' and ((s.fingerprint is null or s.fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp())))
      or (s.status = 'parked' and ((s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint) or (s.next_attempt_at is not null and s.next_attempt_at <= clock_timestamp())))
      or (s.status = 'succeeded' and (s.fingerprint is null or s.fingerprint <> m.fingerprint)))))
),
rendered as materialized (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    case when position(';' in array_to_string(c0::text[], '')) = 0 then nullif(array_to_string(array_remove(c0::text[], ''), ';'), '') end as v0,
    (sent ->> $2::text) as o0,
    case when coalesce(not (position(';' in array_to_string(c0::text[], '')) = 0), false) then '' end as u0,
    nullif(c1::text, '') as v1,
    (sent ->> $3::text) as o1,
    trim_scale((case when length(btrim(c2::text, E' \t\r\n')) <= 400 and btrim(c2::text, E' \t\r\n') ~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$' then btrim(c2::text, E' \t\r\n')::numeric end))::text as v2,
    (sent ->> $4::text) as o2,
    case when coalesce(c2::text <> '' and trim_scale((case when length(btrim(c2::text, E' \t\r\n')) <= 400 and btrim(c2::text, E' \t\r\n') ~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?0*[0-9]{1,3})?$' then btrim(c2::text, E' \t\r\n')::numeric end))::text is null, false) then coalesce(nullif(c2::text, ''), '') end as u2,
    case when btrim(c3::text, E' \t\r\n') ~ '^((([0-9]{4})-(((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))|((0[469]|11)-(0[1-9]|[12][0-9]|30))|(02-(0[1-9]|1[0-9]|2[0-8]))))|((([0-9]{2}(0[48]|[2468][048]|[13579][26]))|(([02468][048]|[13579][26])00))-02-29))([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?( ?(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?))?)?$' and not (left(btrim(c3::text, E' \t\r\n'), 4) = '0000' or (left(btrim(c3::text, E' \t\r\n'), 10) <= '0001-01-01' and btrim(c3::text, E' \t\r\n') ~ ':.*(Z|[+-][0-9:]+)$')) then to_char(case when btrim(c3::text, E' \t\r\n') ~ ':.*(Z|[+-][0-9:]+)$' then regexp_replace(btrim(c3::text, E' \t\r\n'), '([.][0-9]{3})[0-9]+', '\1')::timestamptz at time zone 'UTC' else regexp_replace(btrim(c3::text, E' \t\r\n'), '([.][0-9]{3})[0-9]+', '\1')::timestamp end, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end as v3,
    (sent ->> $5::text) as o3,
    case when coalesce(c3::text <> '' and case when btrim(c3::text, E' \t\r\n') ~ '^((([0-9]{4})-(((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))|((0[469]|11)-(0[1-9]|[12][0-9]|30))|(02-(0[1-9]|1[0-9]|2[0-8]))))|((([0-9]{2}(0[48]|[2468][048]|[13579][26]))|(([02468][048]|[13579][26])00))-02-29))([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?( ?(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?))?)?$' and not (left(btrim(c3::text, E' \t\r\n'), 4) = '0000' or (left(btrim(c3::text, E' \t\r\n'), 10) <= '0001-01-01' and btrim(c3::text, E' \t\r\n') ~ ':.*(Z|[+-][0-9:]+)$')) then to_char(case when btrim(c3::text, E' \t\r\n') ~ ':.*(Z|[+-][0-9:]+)$' then regexp_replace(btrim(c3::text, E' \t\r\n'), '([.][0-9]{3})[0-9]+', '\1')::timestamptz at time zone 'UTC' else regexp_replace(btrim(c3::text, E' \t\r\n'), '([.][0-9]{3})[0-9]+', '\1')::timestamp end, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end is null, false) then coalesce(nullif(c3::text, ''), '') end as u3
  from candidates
),
checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    v0, case when is_unsynced = 1 and o0 not in ('', $6) and (is_present is null or v0 is null) then null else o0 end as o0,
    case when u0 is not null then $7 when coalesce(not string_to_array(v0, ';') <@ $8::text[], false) then $9 || '"' || substr(v0, 1, 80) || '"' || ' is no option' || $10 end as b0,
    v1, case when is_unsynced = 1 and o1 not in ('', $11) and (is_present is null or v1 is null) then null else o1 end as o1,
    v2, case when is_unsynced = 1 and o2 not in ('', $12) and (is_present is null or v2 is null) then null else o2 end as o2,
    case when u2 is not null then $13 || '"' || substr(u2, 1, 80) || '"' || $14 end as b2,
    v3, case when is_unsynced = 1 and o3 not in ('', $15) and (is_present is null or v3 is null) then null else o3 end as o3,
    case when u3 is not null then $16 || '"' || substr(u3, 1, 80) || '"' || $17 end as b3
  from rendered
),
decided as materialized (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced,
    array_to_json(array_remove(array[case when b0 is not null then $18::text end, case when b3 is not null then $19::text end]::text[], null))::text as invalid_properties, nullif(substr((coalesce('; ' || b0, '') || coalesce('; ' || b3, '')), 3, 2000), '') as reason_message,
    array_to_json(array_remove(array[case when b2 is not null then $20::text end]::text[], null))::text as dropped_properties,
    case when v0 is not null then v0 when o0 is not null then '' end as v0, o0,
    coalesce(v1, o1) as v1, o1,
    case when b2 is not null then o2 else coalesce(v2, '') end as v2, o2,
    case when v3 is not null then v3 when o3 is not null then '' end as v3, o3
  from checked
),
listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, is_unsynced, invalid_properties, reason_message, dropped_properties,
    json_strip_nulls(json_object($21::text[], array[v0, v1, v2, v3]::text[]))::text as new_values,
    array_to_json(array_remove(array[case when v0 is distinct from o0 then $22::text end, case when v1 is distinct from o1 then $23::text end, case when v2 is distinct from o2 then $24::text end, case when v3 is distinct from o3 then $25::text end]::text[], null))::text as changed_properties,
    json_strip_nulls(json_object($26::text[], array[case when v0 is distinct from o0 then $27 else o0 end, case when v1 is distinct from o1 then $28 else o1 end, case when v2 is distinct from o2 then $29 else o2 end, case when v3 is distinct from o3 then $30 else o3 end]::text[]))::text as doubtful_values,
    json_strip_nulls(json_object($31::text[], array[case when v0 is distinct from o0 then nullif(o0, $32) end, case when v1 is distinct from o1 then nullif(o1, $33) end, case when v2 is distinct from o2 then nullif(o2, $34) end, case when v3 is distinct from o3 then nullif(o3, $35) end]::text[]))::text as audit_old,
    case when record_id is not null then json_strip_nulls(json_object($36::text[], array[case when v0 is distinct from o0 then v0 end, case when v1 is distinct from o1 then v1 end, case when v2 is distinct from o2 then v2 end, case when v3 is distinct from o3 then v3 end]::text[]))::text end as audit_new
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
select $37 as run_id, 0 + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message
from chosen;
-- ["seed","colours","email","score","seen_at","\u0001","colours: the value has an element that holds a semicolon, or is no list","{\"red\",\"blue\"}","colours: "," (options: red, blue)","\u0001","\u0001","score: "," is no number","\u0001","seen_at: "," is no date and time","colours","seen_at","score","{\"colours\",\"email\",\"score\",\"seen_at\"}","colours","email","score","seen_at","{\"colours\",\"email\",\"score\",\"seen_at\"}","\u0001","\u0001","\u0001","\u0001","{\"colours\",\"email\",\"score\",\"seen_at\"}","\u0001","\u0001","\u0001","\u0001","{\"colours\",\"email\",\"score\",\"seen_at\"}","run-1"]
