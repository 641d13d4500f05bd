{#- SQL that is true where a text matches a regular expression, which has neither quotes nor backslashes. -#}
{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches', 'backhaul')(text, pattern)) }}{% endmacro %}

{% macro default__matches(text, pattern) %}{{ text }} ~ '{{ pattern }}'{% endmacro %}

{% macro duckdb__matches(text, pattern) %}regexp_matches({{ text }}, '{{ pattern }}'){% endmacro %}

{% macro snowflake__matches(text, pattern) %}regexp_like({{ text }}, '{{ pattern }}'){% endmacro %}

{% macro bigquery__matches(text, pattern) %}regexp_contains({{ text }}, r'{{ pattern }}'){% endmacro %}
