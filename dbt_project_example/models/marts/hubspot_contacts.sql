with usage_last_30_days as (

    select
        customer_id,
        count(case when event_name = 'login' then 1 end) as logins,
        sum(case when event_name = 'job_scheduled' then quantity end) as jobs_scheduled
    from {{ ref('stg_product_events') }}
    where cast(occurred_at as date) >= cast({{ dbt.dateadd('day', -30, "cast('" ~ var('as_of') ~ "' as date)") }} as date)
    group by customer_id

),

-- HubSpot knows a contact by its e-mail address, without case: keep the row that was used last
one_row_per_email as (

    select
        *,
        row_number() over (
            partition by lower(email)
            order by coalesce(last_seen_at, signed_up_at) desc, customer_id
        ) as position_for_email
    from {{ ref('stg_customers') }}
    where email is not null

)

select
    people.customer_id,
    people.email,
    people.first_name,
    people.last_name,
    people.phone,
    people.job_title,
    case
        when people.status = 'active' and accounts.is_paying then 'customer'
        when people.status = 'active' then 'opportunity'
        when people.status = 'trial' then 'salesqualifiedlead'
        when people.status = 'churned' then 'other'
        else 'lead'
    end as lifecycle_stage,
    people.role in ('owner', 'admin') as is_product_admin,
    people.marketing_opt_in,
    people.signed_up_at,
    people.last_seen_at,
    cast(coalesce(usage.logins, 0) as {{ dbt.type_int() }}) as logins_30d,
    cast(usage.jobs_scheduled as {{ dbt.type_int() }}) as jobs_scheduled_30d,
    accounts.plan,
    accounts.account_id,
    'acct-' || cast(accounts.account_id as {{ dbt.type_string() }}) as account_key,
    case people.role
        when 'owner' then 'Account owner'
        when 'admin' then 'Product admin'
    end as company_role,
    people.is_test
from one_row_per_email as people
left join {{ ref('stg_accounts') }} as accounts on accounts.account_id = people.account_id
left join usage_last_30_days as usage on usage.customer_id = people.customer_id
where people.position_for_email = 1
