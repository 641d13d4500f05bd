with people as (

    select
        account_id,
        count(*) as seats,
        max(last_seen_at) as last_active_at
    from {{ ref('stg_customers') }}
    group by account_id

)

select
    accounts.account_id,
    'acct-' || cast(accounts.account_id as {{ dbt.type_string() }}) as account_key,
    accounts.name,
    accounts.domain,
    accounts.website,
    accounts.industry,
    accounts.employees,
    accounts.mrr * 12 as annual_revenue,
    accounts.plan,
    accounts.is_paying,
    accounts.health_score,
    cast(coalesce(people.seats, 0) as {{ dbt.type_int() }}) as seats,
    accounts.city,
    accounts.country,
    accounts.created_at,
    people.last_active_at,
    accounts.renews_on
from {{ ref('stg_accounts') }} as accounts
left join people on people.account_id = accounts.account_id
where accounts.name not like '%(internal)%'
