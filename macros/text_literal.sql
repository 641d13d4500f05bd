{#- SQL for a text that stands in the project. -#}
{% macro text_literal(text) %}{{ return(adapter.dispatch('text_literal', 'backhaul')(text | string)) }}{% endmacro %}

{% macro default__text_literal(text) %}{{ return("'" ~ (text | replace("'", "''")) ~ "'") }}{% endmacro %}

{% macro snowflake__text_literal(text) %}
  {{ return("'" ~ (text | replace("\\", "\\\\") | replace("'", "''")) ~ "'") }}
{% endmacro %}

{% macro bigquery__text_literal(text) %}
  {{ return("'" ~ (text | replace("\\", "\\\\") | replace("'", "\\'")) ~ "'") }}
{% endmacro %}
