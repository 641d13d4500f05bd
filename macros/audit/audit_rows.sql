{#- SQL for the rows of `runs`, `changes`, `requests` or `syncs`. -#}
{% macro audit_rows(table) -%}
  {{ backhaul.audit_select(backhaul.audit_relation(table), table) }}
{%- endmacro %}

{#- SQL that is true for the syncs that the variable `backhaul_syncs` names, and for all where it names none. -#}
{% macro is_chosen_sync(column) -%}
  {%- set chosen = backhaul.chosen_syncs() -%}
  {%- if chosen | length == 0 -%}
    1 = 1
  {%- else -%}
    {{ column }} in (
    {%- for sync in chosen -%}{{ backhaul.text_literal(sync) }}{{ ', ' if not loop.last }}{%- endfor -%}
    )
  {%- endif -%}
{%- endmacro %}

{#- The variable `backhaul_syncs`: a list of names, or one. -#}
{% macro chosen_syncs() %}
  {%- set chosen = var('backhaul_syncs', []) -%}
  {{ return([chosen] if chosen is string else (chosen or [])) }}
{% endmacro %}
