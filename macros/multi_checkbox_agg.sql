{#- SQL that aggregates the rows of a group to the value of a multi-checkbox: the different options, in order, joined by `;`. -#}
{% macro multi_checkbox_agg(option) %}
  {{ return(adapter.dispatch('multi_checkbox_agg', 'backhaul')("nullif(" ~ backhaul.as_text(option) ~ ", '')")) }}
{% endmacro %}

{% macro default__multi_checkbox_agg(option) -%}
  string_agg(distinct {{ option }}, ';' order by {{ option }})
{%- endmacro %}

{% macro snowflake__multi_checkbox_agg(option) -%}
  nullif(listagg(distinct {{ option }}, ';') within group (order by {{ option }}), '')
{%- endmacro %}
