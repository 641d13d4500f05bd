{%- set of_run = ['invocation_id', 'dbt_invocation_id', 'model_id', 'target_name', 'portal_id', 'object_type', 'mode'] %}

with changes as (

  {{ backhaul.audit_rows('changes') }}

),

runs as (

  {{ backhaul.audit_rows('runs') }}

)

select
  {%- for name in backhaul.audit_columns()['changes'] %}
  changes.{{ name }},
  {%- endfor %}
  {%- for name in of_run %}
  runs.{{ name }}{{ ',' if not loop.last }}
  {%- endfor %}
from changes
left join runs on runs.run_id = changes.run_id
where {{ backhaul.is_chosen_sync('changes.sync_name') }}
