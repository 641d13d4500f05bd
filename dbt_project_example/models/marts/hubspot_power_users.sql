-- who schedules enough to be asked for a reference
select
    customer_id,
    jobs_scheduled_30d
from {{ ref('hubspot_contacts') }}
where jobs_scheduled_30d >= 10
    and not is_test
