select
    event_id,
    customer_id,
    event_name,
    coalesce(quantity, 1) as quantity,
    occurred_at
from {{ ref('raw_product_events') }}
