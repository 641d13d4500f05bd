create table if not exists "marts_backhaul"."schema_version" (
  version bigint,
  applied_at timestamptz,
  backhaul_version text
);

create table if not exists "marts_backhaul"."syncs" (
  sync_name text,
  sync_type text,
  portal_id text,
  object_type text,
  primary_key text,
  match_property text,
  state_table text,
  model_id text,
  first_run_id text,
  list_id text,
  list_made_here boolean,
  updated_at timestamptz,
  primary key (sync_name)
);

create table if not exists "marts_backhaul"."leases" (
  sync_name text,
  portal_id text,
  holder text,
  expires_at timestamptz,
  primary key (sync_name)
);

create table if not exists "marts_backhaul"."runs" (
  run_id text,
  invocation_id text,
  dbt_invocation_id text,
  sync_name text,
  model_id text,
  target_name text,
  portal_id text,
  object_type text,
  mode text,
  is_limited boolean,
  status text,
  rows_in_model bigint,
  rows_unchanged bigint,
  planned_creates bigint,
  planned_upserts bigint,
  planned_updates bigint,
  planned_removals bigint,
  rows_created bigint,
  rows_updated bigint,
  rows_rejected bigint,
  rows_parked bigint,
  rows_skipped bigint,
  rows_pending bigint,
  rows_unknown bigint,
  rows_left bigint,
  rows_returned bigint,
  values_dropped bigint,
  links_added bigint,
  links_removed bigint,
  links_waiting bigint,
  links_pending bigint,
  links_rejected bigint,
  calls_planned bigint,
  calls_made bigint,
  reads_made bigint,
  started_at timestamptz,
  finished_at timestamptz,
  error_category text,
  error_message text,
  backhaul_version text,
  primary key (run_id)
);

create table if not exists "marts_backhaul"."changes" (
  run_id text,
  sync_name text,
  seq bigint,
  row_id text,
  record_id text,
  operation text,
  outcome text,
  is_created boolean,
  changed_properties text,
  dropped_properties text,
  old_values text,
  new_values text,
  error_category text,
  error_message text,
  error_property text,
  correlation_id text,
  request_id text,
  recorded_at timestamptz,
  association text,
  target_key text,
  target_record_id text,
  labels text
);

create table if not exists "marts_backhaul"."requests" (
  request_id text,
  invocation_id text,
  run_id text,
  method text,
  path text,
  status_code bigint,
  attempt bigint,
  batch_size bigint,
  duration_ms bigint,
  correlation_id text,
  error_category text,
  request_body text,
  response_body text,
  started_at timestamptz
);

create table if not exists "marts_backhaul"."intents" (
  run_id text,
  operation text,
  from_seq bigint,
  to_seq bigint,
  opened_at timestamptz,
  closed_at timestamptz
);

create table if not exists "marts_backhaul"."state__contacts" (
  row_id text,
  record_id text,
  status text,
  fingerprint bigint,
  tried_fingerprint bigint,
  sent_values text,
  match_value text,
  created_here boolean,
  attempts bigint,
  next_attempt_at timestamptz,
  error_category text,
  error_message text,
  first_run_id text,
  last_run_id text,
  first_synced_at timestamptz,
  last_synced_at timestamptz,
  updated_at timestamptz,
  primary key (row_id)
);

create table if not exists "marts_backhaul"."plan__contacts" (
  run_id text,
  seq bigint,
  row_id text,
  operation text,
  is_return boolean,
  record_id text,
  match_value text,
  new_values text,
  changed_properties text,
  dropped_properties text,
  doubtful_values text,
  audit_old text,
  audit_new text,
  steps_back boolean,
  fingerprint bigint,
  known_status text,
  reason text,
  reason_detail text,
  reason_message text,
  absent_at timestamptz,
  template_values text,
  association text,
  target_object text,
  target_key text,
  target_record_id text,
  labels text
);

create table if not exists "marts_backhaul"."results__contacts" (
  run_id text,
  seq bigint,
  outcome text,
  record_id text,
  is_created boolean,
  is_doubtful boolean,
  error_category text,
  error_message text,
  error_property text,
  correlation_id text,
  request_id text
);

create table if not exists "marts_backhaul"."resolutions__contacts" (
  run_id text,
  seq bigint,
  record_id text,
  asked_at timestamptz,
  new_values text,
  changed_properties text,
  doubtful_values text,
  audit_old text,
  audit_new text
);

create table if not exists "marts_backhaul"."links__contacts" (
  row_id text,
  association text,
  target_object text,
  target_key text,
  record_id text,
  target_record_id text,
  labels text,
  added_here boolean,
  status text,
  attempts bigint,
  next_attempt_at timestamptz,
  error_category text,
  error_message text,
  first_run_id text,
  last_run_id text,
  last_synced_at timestamptz,
  updated_at timestamptz,
  primary key (row_id, association, target_key)
);
