create table if not exists "marts_backhaul"."schema_version" (
  version bigint,
  applied_at timestamptz,
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
  updated_at timestamptz
);

create table if not exists "marts_backhaul"."leases" (
  sync_name varchar,
  portal_id varchar,
  holder varchar,
  expires_at timestamptz
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
  error_category varchar,
  error_message varchar,
  backhaul_version varchar
);

create table if not exists "marts_backhaul"."changes" (
  run_id varchar,
  sync_name varchar,
  seq bigint,
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
  recorded_at timestamptz,
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
  status_code bigint,
  attempt bigint,
  batch_size bigint,
  duration_ms bigint,
  correlation_id varchar,
  error_category varchar,
  request_body varchar,
  response_body varchar,
  started_at timestamptz
);

create table if not exists "marts_backhaul"."intents" (
  run_id varchar,
  operation varchar,
  from_seq bigint,
  to_seq bigint,
  opened_at timestamptz,
  closed_at timestamptz
);

create table if not exists "marts_backhaul"."state__contacts" (
  row_id varchar,
  record_id varchar,
  status varchar,
  fingerprint ubigint,
  tried_fingerprint ubigint,
  sent_values varchar,
  match_value varchar,
  created_here boolean,
  attempts bigint,
  next_attempt_at timestamptz,
  error_category varchar,
  error_message varchar,
  first_run_id varchar,
  last_run_id varchar,
  first_synced_at timestamptz,
  last_synced_at timestamptz,
  updated_at timestamptz
);

create table if not exists "marts_backhaul"."plan__contacts" (
  run_id varchar,
  seq bigint,
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
  fingerprint ubigint,
  known_status varchar,
  reason varchar,
  reason_detail varchar,
  reason_message varchar,
  absent_at timestamptz,
  template_values varchar,
  association varchar,
  target_object varchar,
  target_key varchar,
  target_record_id varchar,
  labels varchar
);

create table if not exists "marts_backhaul"."results__contacts" (
  run_id varchar,
  seq bigint,
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

create table if not exists "marts_backhaul"."resolutions__contacts" (
  run_id varchar,
  seq bigint,
  record_id varchar,
  asked_at timestamptz,
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
  attempts bigint,
  next_attempt_at timestamptz,
  error_category varchar,
  error_message varchar,
  first_run_id varchar,
  last_run_id varchar,
  last_synced_at timestamptz,
  updated_at timestamptz
);
