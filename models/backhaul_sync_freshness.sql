{#- A sync is late when it has not succeeded for more hours than this; `backhaul_max_hours_by_sync` says it for some. -#}
{%- set max_hours = var('backhaul_max_hours', 24) -%}
{%- set max_hours_by_sync = var('backhaul_max_hours_by_sync', {}) %}

with syncs as (

  {{ backhaul.audit_rows('syncs') }}

),

runs as (

  {{ backhaul.audit_rows('runs') }}

),

numbered as (

  select
    runs.*,
    row_number() over (partition by sync_name order by run_id desc) as number_from_last
  from runs

),

{#- A run that `--row` or `--limit` kept to some rows is no success of the sync, nor is an adoption, which sends nothing. -#}
successes as (

  select
    sync_name,
    max(run_id) as run_id,
    max(finished_at) as finished_at
  from runs
  where status = 'succeeded' and not coalesce(is_limited, 1 = 0)
  group by sync_name

),

first_runs as (

  select
    sync_name,
    min(started_at) as started_at
  from runs
  group by sync_name

),

since_success as (

  select
    runs.sync_name,
    count(*) as run_count
  from runs
  left join successes on successes.sync_name = runs.sync_name
  where successes.run_id is null or runs.run_id > successes.run_id
  group by runs.sync_name

),

measured as (

  select
    syncs.sync_name,
    syncs.sync_type,
    syncs.portal_id,
    syncs.object_type,
    syncs.model_id,
    numbered.run_id as last_run_id,
    numbered.status as last_status,
    numbered.started_at as last_started_at,
    numbered.finished_at as last_finished_at,
    numbered.error_category as last_error_category,
    successes.finished_at as last_success_at,
    coalesce(since_success.run_count, 0) as runs_since_success,
    ({{ backhaul.epoch_ms(dbt.current_timestamp()) }} - {{ backhaul.epoch_ms('successes.finished_at') }}) / 3600000.0 as hours_since_success,
    ({{ backhaul.epoch_ms(dbt.current_timestamp()) }} - {{ backhaul.epoch_ms('first_runs.started_at') }}) / 3600000.0 as hours_since_first_run,
    {#- Each run enters its sync anew; what `runs` says is deleted in time. #}
    ({{ backhaul.epoch_ms(dbt.current_timestamp()) }} - {{ backhaul.epoch_ms('syncs.updated_at') }}) / 3600000.0 as hours_since_entry,
    case
      {%- for sync, hours in max_hours_by_sync.items() %}
      when syncs.sync_name = {{ backhaul.text_literal(sync) }} then {{ hours }}
      {%- endfor %}
      when 1 = 1 then {{ max_hours }}
    end as max_hours
  from syncs
  left join numbered on numbered.sync_name = syncs.sync_name and numbered.number_from_last = 1
  left join successes on successes.sync_name = syncs.sync_name
  left join first_runs on first_runs.sync_name = syncs.sync_name
  left join since_success on since_success.sync_name = syncs.sync_name
  where {{ backhaul.is_chosen_sync('syncs.sync_name') }}

)

select
  sync_name,
  sync_type,
  portal_id,
  object_type,
  model_id,
  last_run_id,
  last_status,
  last_started_at,
  last_finished_at,
  last_error_category,
  last_success_at,
  runs_since_success,
  hours_since_success,
  max_hours,
  coalesce(hours_since_success, hours_since_first_run, hours_since_entry, 0) > max_hours as is_late
from measured
