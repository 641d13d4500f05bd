{%- set sums = [
  'rows_created', 'rows_updated', 'rows_rejected', 'rows_skipped', 'rows_left', 'links_added', 'links_removed', 'links_rejected',
  'calls_made', 'reads_made'
] %}

with runs as (

  {{ backhaul.audit_rows('runs') }}

)

select
  {{ backhaul.utc_day('started_at') }} as day,
  sync_name,
  count(*) as run_count,
  count(case when status = 'succeeded' then 1 end) as succeeded_count,
  {%- for sum in sums %}
  cast(coalesce(sum({{ sum }}), 0) as {{ backhaul.type_of('integer') }}) as {{ sum }},
  {%- endfor %}
  max(finished_at) as last_finished_at
from runs
where {{ backhaul.is_chosen_sync('sync_name') }}
group by {{ backhaul.utc_day('started_at') }}, sync_name
