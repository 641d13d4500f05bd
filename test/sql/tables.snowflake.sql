create table if not exists "marts_backhaul"."schema_version" (
  version number(38, 0),
  applied_at timestamp_ltz,
  backhaul_version varchar
);

create table if not exists "marts_backhaul"."syncs" (
  sync_name varchar,
  sync_type varchar,
  portal_id varchar,
  object_type varchar,
  primary_key varchar,
  match_property varchar,
  state_table varchar,
  model_id varchar,
  first_run_id varchar,
  list_id varchar,
  list_made_here boolean,
  updated_at timestamp_ltz
);

create table if not exists "marts_backhaul"."leases" (
  sync_name varchar,
  portal_id varchar,
  holder varchar,
  expires_at timestamp_ltz
);

create table if not exists "marts_backhaul"."runs" (
  run_id varchar,
  invocation_id varchar,
  dbt_invocation_id varchar,
  sync_name varchar,
  model_id varchar,
  target_name varchar,
  portal_id varchar,
  object_type varchar,
  mode varchar,
  is_limited boolean,
  status varchar,
  rows_in_model number(38, 0),
  rows_unchanged number(38, 0),
  planned_creates number(38, 0),
  planned_upserts number(38, 0),
  planned_updates number(38, 0),
  planned_removals number(38, 0),
  rows_created number(38, 0),
  rows_updated number(38, 0),
  rows_rejected number(38, 0),
  rows_parked number(38, 0),
  rows_skipped number(38, 0),
  rows_pending number(38, 0),
  rows_unknown number(38, 0),
  rows_left number(38, 0),
  rows_returned number(38, 0),
  values_dropped number(38, 0),
  links_added number(38, 0),
  links_removed number(38, 0),
  links_waiting number(38, 0),
  links_pending number(38, 0),
  links_rejected number(38, 0),
  calls_planned number(38, 0),
  calls_made number(38, 0),
  reads_made number(38, 0),
  started_at timestamp_ltz,
  finished_at timestamp_ltz,
  error_category varchar,
  error_message varchar,
  backhaul_version varchar
);

create table if not exists "marts_backhaul"."changes" (
  run_id varchar,
  sync_name varchar,
  seq number(38, 0),
  row_id varchar,
  record_id varchar,
  operation varchar,
  outcome varchar,
  is_created boolean,
  changed_properties varchar,
  dropped_properties varchar,
  old_values varchar,
  new_values varchar,
  error_category varchar,
  error_message varchar,
  error_property varchar,
  correlation_id varchar,
  request_id varchar,
  recorded_at timestamp_ltz,
  association varchar,
  target_key varchar,
  target_record_id varchar,
  labels varchar
);

create table if not exists "marts_backhaul"."requests" (
  request_id varchar,
  invocation_id varchar,
  run_id varchar,
  method varchar,
  path varchar,
  status_code number(38, 0),
  attempt number(38, 0),
  batch_size number(38, 0),
  duration_ms number(38, 0),
  correlation_id varchar,
  error_category varchar,
  request_body varchar,
  response_body varchar,
  started_at timestamp_ltz
);

create transient table if not exists "marts_backhaul"."intents" (
  run_id varchar,
  operation varchar,
  from_seq number(38, 0),
  to_seq number(38, 0),
  opened_at timestamp_ltz,
  closed_at timestamp_ltz
);

create table if not exists "marts_backhaul"."state__contacts" (
  row_id varchar,
  record_id varchar,
  status varchar,
  fingerprint number(19, 0),
  tried_fingerprint number(19, 0),
  sent_values varchar,
  match_value varchar,
  created_here boolean,
  attempts number(38, 0),
  next_attempt_at timestamp_ltz,
  error_category varchar,
  error_message varchar,
  first_run_id varchar,
  last_run_id varchar,
  first_synced_at timestamp_ltz,
  last_synced_at timestamp_ltz,
  updated_at timestamp_ltz
);

create transient table if not exists "marts_backhaul"."plan__contacts" (
  run_id varchar,
  seq number(38, 0),
  row_id varchar,
  operation varchar,
  is_return boolean,
  record_id varchar,
  match_value varchar,
  new_values varchar,
  changed_properties varchar,
  dropped_properties varchar,
  doubtful_values varchar,
  audit_old varchar,
  audit_new varchar,
  steps_back boolean,
  fingerprint number(19, 0),
  known_status varchar,
  reason varchar,
  reason_detail varchar,
  reason_message varchar,
  absent_at timestamp_ltz,
  template_values varchar,
  association varchar,
  target_object varchar,
  target_key varchar,
  target_record_id varchar,
  labels varchar
);

create transient table if not exists "marts_backhaul"."results__contacts" (
  run_id varchar,
  seq number(38, 0),
  outcome varchar,
  record_id varchar,
  is_created boolean,
  is_doubtful boolean,
  error_category varchar,
  error_message varchar,
  error_property varchar,
  correlation_id varchar,
  request_id varchar
);

create transient table if not exists "marts_backhaul"."resolutions__contacts" (
  run_id varchar,
  seq number(38, 0),
  record_id varchar,
  asked_at timestamp_ltz,
  new_values varchar,
  changed_properties varchar,
  doubtful_values varchar,
  audit_old varchar,
  audit_new varchar
);

create table if not exists "marts_backhaul"."links__contacts" (
  row_id varchar,
  association varchar,
  target_object varchar,
  target_key varchar,
  record_id varchar,
  target_record_id varchar,
  labels varchar,
  added_here boolean,
  status varchar,
  attempts number(38, 0),
  next_attempt_at timestamp_ltz,
  error_category varchar,
  error_message varchar,
  first_run_id varchar,
  last_run_id varchar,
  last_synced_at timestamp_ltz,
  updated_at timestamp_ltz
);
