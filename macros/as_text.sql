{#- SQL for the text of an expression. -#}
{% macro as_text(expression) %}cast({{ expression }} as {{ backhaul.type_of('text') }}){% endmacro %}
