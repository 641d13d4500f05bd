{#- SQL for the UTC day of a timestamp with a zone. -#}
{% macro utc_day(moment) %}{{ return(adapter.dispatch('utc_day', 'backhaul')(moment)) }}{% endmacro %}

{% macro default__utc_day(moment) %}cast(({{ moment }} at time zone 'UTC') as date){% endmacro %}

{% macro snowflake__utc_day(moment) %}cast(convert_timezone('UTC', {{ moment }}) as date){% endmacro %}

{% macro bigquery__utc_day(moment) %}date({{ moment }}, 'UTC'){% endmacro %}
