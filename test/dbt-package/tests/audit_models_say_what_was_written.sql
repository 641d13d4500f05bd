{# Over the tables of make_audit_tables; without them every model is there and empty. #}
{%- set has_audit = env_var('BACKHAUL_HAS_AUDIT', 'no') == 'yes' -%}
{%- set checks = [
  ['three rows of contacts, and one of deals', "select count(*) from " ~ ref('backhaul_rows') ~ " where row_key in ('contacts/a', 'contacts/b', 'contacts/c', 'deals/a')", 4],
  ['two of them share a reason', "select sum(row_count) from " ~ ref('backhaul_errors') ~ " where sync_name = 'contacts' and status = 'rejected' and error_category = 'INVALID_VALUE' and example_row_id = 'b' and example_message = 'x'", 2],
  ['three runs today', "select sum(run_count) from " ~ ref('backhaul_daily_activity') ~ " where sync_name = 'contacts' and rows_created = 3 and calls_made = 3 and links_rejected = 0", 3],
  ['one run on the UTC day', "select count(*) from " ~ ref('backhaul_daily_activity') ~ " where day = cast('2026-01-02' as date) and sync_name = 'deals' and succeeded_count = 0", 1],
  ['every change, also of a run that is gone', "select count(*) from " ~ ref('backhaul_changes') ~ " where sync_name = 'contacts'", 3],
  ['changes know their run', "select count(*) from " ~ ref('backhaul_changes') ~ " where object_type = '0-1'", 2],
  ['a run that was kept to some rows is no success', "select count(*) from " ~ ref('backhaul_sync_freshness') ~ " where sync_name = 'contacts' and last_run_id = 'r3' and runs_since_success = 2 and not is_late and max_hours = 24 and hours_since_success between 0 and 1", 1],
  ['a sync that never succeeded is as old as its first run', "select count(*) from " ~ ref('backhaul_sync_freshness') ~ " where sync_name = 'deals' and hours_since_success is null and max_hours = 10000000 and not is_late", 1],
  ['a sync whose runs are deleted', "select count(*) from " ~ ref('backhaul_sync_freshness') ~ " where sync_name = 'quiet' and last_run_id is null and is_late", 1],
  ['a sync that has not run', "select count(*) from " ~ ref('backhaul_sync_freshness') ~ " where sync_name = 'gone' and last_run_id is null and not is_late", 1]
] -%}
{%- for name, query, expected in checks %}
select {{ backhaul.text_literal(name) }} as what
from (select 1 as one) as nothing
where coalesce(({{ query }}), 0) <> {{ expected if has_audit else 0 }}
{{ 'union all' if not loop.last }}
{%- endfor %}
