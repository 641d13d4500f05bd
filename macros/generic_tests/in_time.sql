{#- No sync is late. For `backhaul_sync_freshness`, which knows how late each may be. -#}
{% test in_time(model) %}
select sync_name, last_status, last_success_at, hours_since_success, max_hours
from {{ model }}
where is_late
{% endtest %}
