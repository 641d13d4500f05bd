with buyers as (

    select
        account_id,
        {{ dbt.listagg("cast(customer_id as " ~ dbt.type_string() ~ ")", "','", "order by customer_id") }} as buyer_ids
    from {{ ref('hubspot_contacts') }}
    where is_product_admin and not is_test
    group by account_id

)

select
    deals.deal_id,
    'deal-' || cast(deals.deal_id as {{ dbt.type_string() }}) as deal_key,
    deals.account_id,
    'acct-' || cast(deals.account_id as {{ dbt.type_string() }}) as account_key,
    deals.name,
    case deals.stage
        when 'discovery' then 'appointmentscheduled'
        when 'qualified' then 'qualifiedtobuy'
        when 'demo' then 'presentationscheduled'
        when 'proposal' then 'decisionmakerboughtin'
        when 'contract' then 'contractsent'
        when 'won' then 'closedwon'
        when 'lost' then 'closedlost'
    end as deal_stage,
    case when deals.kind = 'new' then 'newbusiness' else 'existingbusiness' end as deal_type,
    deals.amount,
    deals.probability,
    deals.opened_on,
    deals.closes_on,
    deals.owner_email,
    deals.is_renewal,
    buyers.buyer_ids
from {{ ref('stg_deals') }} as deals
left join buyers on buyers.account_id = deals.account_id
