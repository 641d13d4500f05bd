{#-
  No option of a multi-checkbox holds a `;`, which separates its options: Backhaul rejects such rows.

  is_list: true for a column of lists (an array of texts)
-#}
{% test no_semicolon(model, column_name, is_list=false) %}
  {{ return(adapter.dispatch('test_no_semicolon', 'backhaul')(model, column_name, is_list)) }}
{% endtest %}

{% macro default__test_no_semicolon(model, column_name, is_list) %}
{%- set text = "array_to_string(" ~ column_name ~ ", ' ')" if is_list else backhaul.as_text(column_name) %}
select *
from {{ model }}
where {{ text }} like '%;%'
{% endmacro %}
