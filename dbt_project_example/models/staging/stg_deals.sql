select
    deal_id,
    account_id,
    name,
    stage,
    kind,
    amount,
    probability,
    opened_on,
    closes_on,
    owner_email,
    is_renewal
from {{ ref('raw_deals') }}
