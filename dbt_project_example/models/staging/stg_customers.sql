select
    customer_id,
    account_id,
    first_name,
    last_name,
    nullif(trim(email), '') as email,
    phone,
    job_title,
    role,
    status,
    marketing_opt_in,
    signed_up_at,
    last_seen_at,
    is_test
from {{ ref('raw_customers') }}
