{#-
  SQL for one target of an association as JSON text, with its own label: {"value": "4711", "label": "Buyer"}. NULL where the value is NULL.

  value: SQL for the key, record id or match value of the other record
  label: SQL for the label, or for a list of labels; without it the link is unlabelled, whatever the sync's `label:` says
-#}
{% macro association(value, label=none) %}
  {%- set label_sql = backhaul.as_text('null') if label is none else label -%}
  {{ return(adapter.dispatch('association', 'backhaul')(value, label_sql)) }}
{% endmacro %}

{% macro default__association(value, label) -%}
  case when {{ value }} is not null then cast(json_build_object('value', {{ backhaul.as_text(value) }}, 'label', {{ label }}) as text) end
{%- endmacro %}

{% macro duckdb__association(value, label) -%}
  case when {{ value }} is not null then cast(json_object('value', {{ backhaul.as_text(value) }}, 'label', {{ label }}) as varchar) end
{%- endmacro %}

{% macro snowflake__association(value, label) -%}
  case when {{ value }} is not null then to_json(object_construct_keep_null('value', {{ backhaul.as_text(value) }}, 'label', {{ label }})) end
{%- endmacro %}

{% macro bigquery__association(value, label) -%}
  case when {{ value }} is not null then to_json_string(struct({{ backhaul.as_text(value) }} as value, {{ label }} as label)) end
{%- endmacro %}
