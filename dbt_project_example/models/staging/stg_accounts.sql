select
    account_id,
    name,
    nullif(website, '') as website,
    -- HubSpot's `domain` holds no protocol and no www
    nullif(regexp_replace(lower(website), '^https?://(www[.])?', ''), '') as domain,
    industry,
    employees,
    plan,
    mrr,
    is_paying,
    health_score,
    city,
    country,
    created_at,
    renews_on
from {{ ref('raw_accounts') }}
