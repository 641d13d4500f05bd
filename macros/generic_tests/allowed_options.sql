{#-
  Every value is an internal value of one of the property's options. NULL and '' are no value.

  options: the internal values
  multi: true for a multi-checkbox, whose text holds several, joined by `;`
-#}
{% test allowed_options(model, column_name, options, multi=false) %}
  {{ return(adapter.dispatch('test_allowed_options', 'backhaul')(model, column_name, options, multi)) }}
{% endtest %}

{% macro default__test_allowed_options(model, column_name, options, multi) %}
{%- if options is string or options | length == 0 -%}
  {{ exceptions.raise_compiler_error("The test backhaul.allowed_options of " ~ column_name ~ " needs a list of options with at least one") }}
{%- endif -%}
{%- set text = backhaul.as_text(column_name) -%}
{%- set literals = [] -%}
{%- for option in options -%}
  {#- YAML reads true and false as booleans; the options of a checkbox are in small letters. -#}
  {%- set value = (option | string | lower) if option is boolean else (option | string) -%}
  {%- do literals.append(value) -%}
{%- endfor %}
select *
from {{ model }}
{%- if multi %}
{#- Each element gets a separator on either side of its own; what is left without the options is none. -#}
{%- set rest = namespace(sql="';' || replace(" ~ text ~ ", ';', ';;') || ';'") -%}
{%- for value in literals -%}
  {%- set rest.sql = "replace(" ~ rest.sql ~ ", " ~ backhaul.text_literal(";" ~ value ~ ";") ~ ", '')" -%}
{%- endfor %}
where nullif(replace({{ rest.sql }}, ';;', ''), '') is not null
{%- else %}
where nullif({{ text }}, '') is not null
  and {{ text }} not in (
    {%- for value in literals -%}
      {{ backhaul.text_literal(value) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
  )
{%- endif %}
{% endmacro %}
