{#- SQL for a date or timestamp as milliseconds since 1970. Without a zone it is UTC. -#}
{% macro epoch_ms(moment) %}{{ return(adapter.dispatch('epoch_ms', 'backhaul')(moment)) }}{% endmacro %}

{% macro default__epoch_ms(moment) %}cast(floor(extract(epoch from {{ moment }}) * 1000) as bigint){% endmacro %}

{% macro duckdb__epoch_ms(moment) %}epoch_ms({{ moment }}){% endmacro %}

{% macro snowflake__epoch_ms(moment) %}date_part(epoch_millisecond, {{ moment }}){% endmacro %}

{% macro bigquery__epoch_ms(moment) %}unix_millis(timestamp({{ moment }})){% endmacro %}
