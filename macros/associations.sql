{#-
  SQL that aggregates the rows of a group to all targets of an association, as a JSON list with a label each. NULL where there are none.
  The order is always the same, so that an unchanged group is no change.

  value, label: as in `association`
-#}
{% macro associations(value, label=none) %}
  {{ return(adapter.dispatch('associations', 'backhaul')(backhaul.association(value, label))) }}
{% endmacro %}

{% macro default__associations(target) -%}
  {#- JSON texts joined by hand: every engine orders texts, and not every one orders objects. -#}
  '[' || string_agg({{ target }}, ',' order by {{ target }}) || ']'
{%- endmacro %}

{% macro snowflake__associations(target) -%}
  '[' || nullif(listagg({{ target }}, ',') within group (order by {{ target }}), '') || ']'
{%- endmacro %}
