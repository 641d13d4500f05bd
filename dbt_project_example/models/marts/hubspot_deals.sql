select
    deal_id,
    'deal-' || cast(deal_id as {{ dbt.type_string() }}) as deal_key,
    'acct-' || cast(account_id as {{ dbt.type_string() }}) as account_key,
    name,
    case stage
        when 'discovery' then 'appointmentscheduled'
        when 'qualified' then 'qualifiedtobuy'
        when 'demo' then 'presentationscheduled'
        when 'proposal' then 'decisionmakerboughtin'
        when 'contract' then 'contractsent'
        when 'won' then 'closedwon'
        when 'lost' then 'closedlost'
    end as deal_stage,
    case when kind = 'new' then 'newbusiness' else 'existingbusiness' end as deal_type,
    amount,
    probability,
    opened_on,
    closes_on,
    owner_email,
    is_renewal
from {{ ref('stg_deals') }}
