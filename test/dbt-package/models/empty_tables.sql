{# Tables that no run has made yet, on an engine that is not asked. #}
{%- for table in backhaul.audit_columns() %}
select '{{ table }}' as name, count(*) as row_count
from ({{ backhaul.audit_select(none, table) }}) as {{ table }}
{{ 'union all' if not loop.last }}
{%- endfor %}
