select count(*) as total, count(row_id) as keyed, count(distinct row_id) as distinct_keys, count(match_value) as matches, count(distinct match_value) as distinct_matches
from (
  select m."customer_id"::varchar as row_id, nullif(lower(trim(nullif(collate(m."email", 'utf8'), ''), ' ')), '') as match_value
  from "shop"."marts"."hubspot_contacts" as m
) as k;
