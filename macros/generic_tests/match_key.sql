{#-
  Every row has a value, and no two rows have the same: what finds a HubSpot record has to find one for each row, and another one.
  Compared as Backhaul does, without spaces around the value.

  ignore_case: true for e-mail addresses of contacts, which HubSpot keeps in lower case
-#}
{% test match_key(model, column_name, ignore_case=false) %}
  {{ return(adapter.dispatch('test_match_key', 'backhaul')(model, column_name, ignore_case)) }}
{% endtest %}

{% macro default__test_match_key(model, column_name, ignore_case) %}
select match_key, count(*) as row_count
from (select {{ backhaul.key_text(column_name, ignore_case) }} as match_key from {{ model }}) as keys
group by match_key
having match_key is null or count(*) > 1
{% endmacro %}
