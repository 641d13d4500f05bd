{#-
  SQL for the rows of a table of Backhaul's: no rows where the table is not there yet, and NULL for a column that it lacks because an
  older release made it.

  found: as `audit_relation` gives it
  table: its kind, a key of `audit_columns`
-#}
{% macro audit_select(found, table) -%}
  select
  {%- for name, kind in backhaul.audit_columns()[table].items() %}
    {% if found is not none and (found.columns is none or name in found.columns) -%}
      {{ name }}
    {%- else -%}
      cast(null as {{ backhaul.type_of(kind) }}) as {{ name }}
    {%- endif -%}
    {{ ',' if not loop.last }}
  {%- endfor %}
  {% if found is none %}limit 0{% else %}from {{ found.relation }}{% endif %}
{%- endmacro %}
