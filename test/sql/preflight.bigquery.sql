select count(*) as total, count(row_id) as keyed, count(distinct row_id) as distinct_keys, count(match_value) as matches, count(distinct match_value) as distinct_matches
from (
  select cast(m.`customer_id` as string) as row_id, nullif(lower(trim(nullif(m.`email`, ''), ' ')), '') as match_value
  from `shop`.`marts`.`hubspot_contacts` as m
) as k;
