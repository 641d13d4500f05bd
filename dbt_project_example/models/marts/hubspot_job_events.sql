-- jobs that people scheduled who are contacts in HubSpot
select
    events.event_id,
    events.customer_id,
    events.quantity,
    people.plan,
    events.occurred_at
from {{ ref('stg_product_events') }} as events
inner join {{ ref('hubspot_contacts') }} as people on people.customer_id = events.customer_id
where events.event_name = 'job_scheduled'
    and not people.is_test
