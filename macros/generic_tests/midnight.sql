{#-
  Every moment is midnight UTC: a date property of HubSpot holds the UTC day, and the time of any other moment is lost.

  unit: what numbers count since 1970, `epoch_ms` or `epoch_s`; without it the column is a date or a timestamp
-#}
{% test midnight(model, column_name, unit=none) %}
  {{ return(adapter.dispatch('test_midnight', 'backhaul')(model, column_name, unit)) }}
{% endtest %}

{% macro default__test_midnight(model, column_name, unit) %}
{%- if unit not in [none, 'epoch_ms', 'epoch_s'] -%}
  {{ exceptions.raise_compiler_error("The test backhaul.midnight knows no unit '" ~ unit ~ "': it is epoch_ms or epoch_s, or left out for dates and timestamps") }}
{%- endif -%}
{#- Some engines know no remainder of a double. -#}
{%- set exact = 'cast(' ~ column_name ~ ' as ' ~ dbt.type_numeric() ~ ')' -%}
{%- set number = backhaul.epoch_ms(column_name) if unit is none else exact -%}
{%- set day = 86400 if unit == 'epoch_s' else 86400000 %}
select *
from {{ model }}
where mod({{ number }}, {{ day }}) <> 0
{% endmacro %}
