with roles as (

  select
    person_id,
    {{ backhaul.associations('company_id', 'role') }} as companies,
    {{ backhaul.associations('company_id') }} as unlabelled_companies,
    {{ backhaul.multi_checkbox_agg('colour') }} as colours
  from {{ ref('roles') }}
  group by person_id

)

select
  people.id,
  {{ backhaul.epoch_ms('people.joined_at') }} as joined_ms,
  {{ backhaul.epoch_ms('people.born_on') }} as born_ms,
  {{ backhaul.multi_checkbox({'red': 'people.likes_red', "it's blue": 'people.likes_blue'}) }} as liked,
  {{ backhaul.multi_checkbox(['people.stage', 'people.nickname']) }} as joined_colours,
  roles.colours as colours_of_roles,
  roles.companies,
  roles.unlabelled_companies,
  {{ backhaul.association('people.id', 'people.stage') }} as self,
  {{ backhaul.association('people.id', "'Buyer'") }} as self_by_literal,
  {{ backhaul.association('people.id') }} as self_unlabelled
from {{ ref('people') }} as people
left join roles on roles.person_id = people.id
