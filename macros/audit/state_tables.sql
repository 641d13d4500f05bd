{#-
  The state tables that there are, as {sync, table}, each as `audit_relation` gives it. Their names come from `syncs`, where Backhaul enters each sync at its first run; the variable
  `backhaul_syncs` chooses among them.
-#}
{% macro state_tables() %}
  {%- set tables = [] -%}
  {%- set syncs = backhaul.audit_relation('syncs') -%}
  {%- if not execute or syncs is none -%}
    {{ return(tables) }}
  {%- endif -%}
  {%- if backhaul.may_ask() -%}
    {%- set query -%}
      select sync_name, state_table from {{ syncs.relation }} where {{ backhaul.is_chosen_sync('sync_name') }} order by sync_name
    {%- endset -%}
    {%- for row in run_query(query).rows -%}
      {%- set table = backhaul.audit_relation('syncs', row[1]) -%}
      {%- if table is not none -%}
        {%- do tables.append({'sync': row[0], 'table': table}) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- else -%}
    {%- for sync in backhaul.chosen_syncs() -%}
      {%- do tables.append({'sync': sync, 'table': backhaul.audit_relation('syncs', 'state__' ~ sync)}) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(tables) }}
{% endmacro %}
