{#-
  No text is longer than HubSpot takes.

  characters: the most there may be; HubSpot's own limit for text is 65,536
-#}
{% test max_length(model, column_name, characters=65536) %}
  {{ return(adapter.dispatch('test_max_length', 'backhaul')(model, column_name, characters)) }}
{% endtest %}

{% macro default__test_max_length(model, column_name, characters) %}
select *
from {{ model }}
where length({{ backhaul.as_text(column_name) }}) > {{ characters }}
{% endmacro %}
