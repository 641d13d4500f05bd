{#- A table on every engine: a view would keep Backhaul from dropping the state of a sync that is gone or was moved. -#}
{{ config(materialized='table') }}
{#- Values of properties stay in the state, where `backhaul forget` finds them. -#}
{%- set kept_back = ['fingerprint', 'tried_fingerprint', 'sent_values', 'match_value'] -%}
{%- set tables = backhaul.state_tables() %}

with states as (

{%- for state_table in tables %}

  select {{ backhaul.as_text(backhaul.text_literal(state_table.sync)) }} as sync_name, state.*
  from ({{ backhaul.audit_select(state_table.table, 'state') }}) as state
  {% if not loop.last %}union all{% endif %}

{%- else %}

  select {{ backhaul.as_text('null') }} as sync_name, state.*
  from ({{ backhaul.audit_select(none, 'state') }}) as state

{%- endfor %}

)

select
  sync_name || '/' || row_id as row_key,
  sync_name
  {%- for name in backhaul.audit_columns()['state'] if name not in kept_back %},
  {{ name }}
  {%- endfor %}
from states
