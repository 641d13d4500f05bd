{#- Tables as Backhaul makes them, with a few rows: `deals` once failed and is late where a day is, `contacts` succeeded just now, and the runs of `quiet` were so long ago that none is left. -#}
{% macro make_audit_tables() %}
  {%- set home = source('backhaul', 'syncs') -%}
  {%- do adapter.create_schema(api.Relation.create(database=home.database, schema=home.schema)) -%}
  {%- set tables = {
    'runs': 'runs', 'changes': 'changes', 'requests': 'requests', 'syncs': 'syncs',
    'state__contacts': 'state', 'state__deals': 'state'
  } -%}
  {%- for name, kind in tables.items() -%}
    {%- set table = api.Relation.create(database=home.database, schema=home.schema, identifier=name) -%}
    {%- set columns = [] -%}
    {%- for column, type in backhaul.audit_columns()[kind].items() -%}
      {#- As an older release made it. -#}
      {%- if column not in ['links_rejected', 'list_made_here'] -%}
        {%- do columns.append(column ~ ' ' ~ backhaul.type_of(type)) -%}
      {%- endif -%}
    {%- endfor -%}
    {%- do run_query('drop table if exists ' ~ table) -%}
    {%- do run_query('create table ' ~ table ~ ' (' ~ columns | join(', ') ~ ')') -%}
  {%- endfor -%}
  {%- set rows = {
    'syncs': ['sync_name, sync_type, state_table, updated_at', [
      "'contacts', 'object', 'state__contacts', " ~ dbt.current_timestamp(),
      "'deals', 'object', 'state__deals', " ~ audit_moment(),
      "'gone', 'object', 'state__gone', " ~ dbt.current_timestamp(),
      "'quiet', 'object', 'state__quiet', " ~ audit_moment()
    ]],
    'runs': ['run_id, sync_name, status, is_limited, rows_created, calls_made, object_type, started_at, finished_at', [
      "'r1', 'contacts', 'succeeded', null, 2, 1, '0-1', " ~ dbt.current_timestamp() ~ ", " ~ dbt.current_timestamp(),
      "'r2', 'contacts', 'partial', false, 0, 1, '0-1', " ~ dbt.current_timestamp() ~ ", " ~ dbt.current_timestamp(),
      "'r3', 'contacts', 'succeeded', true, 1, 1, '0-1', " ~ dbt.current_timestamp() ~ ", " ~ dbt.current_timestamp(),
      "'r0', 'deals', 'failed', false, 0, 0, '0-3', " ~ audit_moment() ~ ", null"
    ]],
    'changes': ['run_id, sync_name, seq, row_id, operation, outcome, recorded_at', [
      "'r1', 'contacts', 1, 'a', 'upsert', 'succeeded', " ~ dbt.current_timestamp(),
      "'r1', 'contacts', 2, 'b', 'upsert', 'rejected', " ~ dbt.current_timestamp(),
      "'gone', 'contacts', 1, 'c', 'upsert', 'succeeded', " ~ dbt.current_timestamp()
    ]],
    'state__contacts': ['row_id, status, sent_values, error_category, error_message, updated_at', [
      "'a', 'succeeded', '{}', null, null, " ~ dbt.current_timestamp(),
      "'b', 'rejected', null, 'INVALID_VALUE', 'x', " ~ dbt.current_timestamp(),
      "'c', 'rejected', null, 'INVALID_VALUE', 'y', " ~ dbt.current_timestamp()
    ]],
    'state__deals': ['row_id, status', ["'a', 'pending'"]]
  } -%}
  {%- for name, content in rows.items() -%}
    {%- set table = api.Relation.create(database=home.database, schema=home.schema, identifier=name) -%}
    {%- for row in content[1] -%}
      {%- do run_query('insert into ' ~ table ~ ' (' ~ content[0] ~ ') select ' ~ row) -%}
    {%- endfor -%}
  {%- endfor -%}
{% endmacro %}

{% macro audit_moment() %}{{ return("cast('2026-01-02 23:30:00+00:00' as " ~ backhaul.type_of('timestamp') ~ ")") }}{% endmacro %}
