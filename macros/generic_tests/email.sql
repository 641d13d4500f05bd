{#- Every value looks like an e-mail address, by the rule that Backhaul checks before the first call. NULL and '' are no value. -#}
{% test email(model, column_name) %}
  {{ return(adapter.dispatch('test_email', 'backhaul')(model, column_name)) }}
{% endtest %}

{% macro default__test_email(model, column_name) %}
{%- set address = backhaul.key_text(column_name, ignore_case=true) %}
select *
from {{ model }}
where not ({{ backhaul.matches(address, backhaul.email_pattern()) }})
{% endmacro %}

{#- As in src/plan/event-rows.ts. -#}
{% macro email_pattern() %}{{ return('^[^@ ]+@[^@ ]+[.][^@ ]+$') }}{% endmacro %}
