{#- SQL for a key as Backhaul compares it: without spaces around it, an empty text for NULL, and e-mail addresses without case. -#}
{% macro key_text(expression, ignore_case=false) %}
  {%- set trimmed = "trim(" ~ backhaul.as_text(expression) ~ ", ' ')" -%}
  {%- if ignore_case -%} nullif(lower({{ trimmed }}), '') {%- else -%} nullif({{ trimmed }}, '') {%- endif -%}
{% endmacro %}
