{#- The engine's name for a type of docs/tables.md: text, integer, boolean, timestamp or fingerprint. -#}
{% macro type_of(kind) %}{{ return(adapter.dispatch('type_of', 'backhaul')(kind)) }}{% endmacro %}

{% macro default__type_of(kind) %}
  {%- set types = {
    'text': 'text',
    'integer': 'bigint',
    'boolean': 'boolean',
    'timestamp': 'timestamp with time zone',
    'fingerprint': 'bigint'
  } -%}
  {{ return(types[kind]) }}
{% endmacro %}

{% macro duckdb__type_of(kind) %}
  {%- set types = {
    'text': 'varchar',
    'integer': 'bigint',
    'boolean': 'boolean',
    'timestamp': 'timestamp with time zone',
    'fingerprint': 'ubigint'
  } -%}
  {{ return(types[kind]) }}
{% endmacro %}

{% macro snowflake__type_of(kind) %}
  {%- set types = {
    'text': 'varchar',
    'integer': 'number(38, 0)',
    'boolean': 'boolean',
    'timestamp': 'timestamp_ltz',
    'fingerprint': 'number(19, 0)'
  } -%}
  {{ return(types[kind]) }}
{% endmacro %}

{% macro bigquery__type_of(kind) %}
  {%- set types = {
    'text': 'string',
    'integer': 'int64',
    'boolean': 'bool',
    'timestamp': 'timestamp',
    'fingerprint': 'int64'
  } -%}
  {{ return(types[kind]) }}
{% endmacro %}
