{#-
  SQL for the value of a multi-checkbox: its options, joined by `;`. NULL where there are none.

  options: a list of SQL expressions, each an option, NULL or ''; or a mapping of options to SQL conditions
-#}
{% macro multi_checkbox(options) -%}
  {%- set parts = [] -%}
  {%- if options is string or options | length == 0 -%}
    {{ exceptions.raise_compiler_error("backhaul.multi_checkbox needs a list of SQL expressions, or a mapping of options to SQL conditions") }}
  {%- endif -%}
  {%- if options is mapping -%}
    {%- for option, condition in options.items() -%}
      {%- if ';' in option | string -%}
        {{ exceptions.raise_compiler_error("backhaul.multi_checkbox: the option '" ~ option ~ "' holds a `;`, which separates options") }}
      {%- endif -%}
      {%- do parts.append("case when " ~ condition ~ " then " ~ backhaul.text_literal(";" ~ option) ~ " else '' end") -%}
    {%- endfor -%}
  {%- else -%}
    {%- for option in options -%}
      {%- do parts.append("coalesce(';' || nullif(" ~ backhaul.as_text(option) ~ ", ''), '')") -%}
    {%- endfor -%}
  {%- endif -%}
  nullif(substr({{ parts | join(' || ') }}, 2), '')
{%- endmacro %}
