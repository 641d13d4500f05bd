create table if not exists `marts_backhaul`.`schema_version` (
  version int64,
  applied_at timestamp,
  backhaul_version string
);

create table if not exists `marts_backhaul`.`syncs` (
  sync_name string,
  sync_type string,
  portal_id string,
  object_type string,
  primary_key string,
  match_property string,
  state_table string,
  model_id string,
  first_run_id string,
  list_id string,
  list_made_here bool,
  updated_at timestamp
)
cluster by sync_name;

create table if not exists `marts_backhaul`.`leases` (
  sync_name string,
  portal_id string,
  holder string,
  expires_at timestamp
)
cluster by sync_name;

create table if not exists `marts_backhaul`.`runs` (
  run_id string,
  invocation_id string,
  dbt_invocation_id string,
  sync_name string,
  model_id string,
  target_name string,
  portal_id string,
  object_type string,
  mode string,
  is_limited bool,
  status string,
  rows_in_model int64,
  rows_unchanged int64,
  planned_creates int64,
  planned_upserts int64,
  planned_updates int64,
  planned_removals int64,
  rows_created int64,
  rows_updated int64,
  rows_rejected int64,
  rows_parked int64,
  rows_skipped int64,
  rows_pending int64,
  rows_unknown int64,
  rows_left int64,
  rows_returned int64,
  values_dropped int64,
  links_added int64,
  links_removed int64,
  links_waiting int64,
  links_pending int64,
  links_rejected int64,
  calls_planned int64,
  calls_made int64,
  reads_made int64,
  started_at timestamp,
  finished_at timestamp,
  error_category string,
  error_message string,
  backhaul_version string
)
cluster by run_id;

create table if not exists `marts_backhaul`.`changes` (
  run_id string,
  sync_name string,
  seq int64,
  row_id string,
  record_id string,
  operation string,
  outcome string,
  is_created bool,
  changed_properties string,
  dropped_properties string,
  old_values string,
  new_values string,
  error_category string,
  error_message string,
  error_property string,
  correlation_id string,
  request_id string,
  recorded_at timestamp,
  association string,
  target_key string,
  target_record_id string,
  labels string
);

create table if not exists `marts_backhaul`.`requests` (
  request_id string,
  invocation_id string,
  run_id string,
  method string,
  path string,
  status_code int64,
  attempt int64,
  batch_size int64,
  duration_ms int64,
  correlation_id string,
  error_category string,
  request_body string,
  response_body string,
  started_at timestamp
);

create table if not exists `marts_backhaul`.`intents` (
  run_id string,
  operation string,
  from_seq int64,
  to_seq int64,
  opened_at timestamp,
  closed_at timestamp
);

create table if not exists `marts_backhaul`.`state__contacts` (
  row_id string,
  record_id string,
  status string,
  fingerprint int64,
  tried_fingerprint int64,
  sent_values string,
  match_value string,
  created_here bool,
  attempts int64,
  next_attempt_at timestamp,
  error_category string,
  error_message string,
  first_run_id string,
  last_run_id string,
  first_synced_at timestamp,
  last_synced_at timestamp,
  updated_at timestamp
)
cluster by row_id;

create table if not exists `marts_backhaul`.`plan__contacts` (
  run_id string,
  seq int64,
  row_id string,
  operation string,
  is_return bool,
  record_id string,
  match_value string,
  new_values string,
  changed_properties string,
  dropped_properties string,
  doubtful_values string,
  audit_old string,
  audit_new string,
  steps_back bool,
  fingerprint int64,
  known_status string,
  reason string,
  reason_detail string,
  reason_message string,
  absent_at timestamp,
  template_values string,
  association string,
  target_object string,
  target_key string,
  target_record_id string,
  labels string
);

create table if not exists `marts_backhaul`.`results__contacts` (
  run_id string,
  seq int64,
  outcome string,
  record_id string,
  is_created bool,
  is_doubtful bool,
  error_category string,
  error_message string,
  error_property string,
  correlation_id string,
  request_id string
);

create table if not exists `marts_backhaul`.`resolutions__contacts` (
  run_id string,
  seq int64,
  record_id string,
  asked_at timestamp,
  new_values string,
  changed_properties string,
  doubtful_values string,
  audit_old string,
  audit_new string
);

create table if not exists `marts_backhaul`.`links__contacts` (
  row_id string,
  association string,
  target_object string,
  target_key string,
  record_id string,
  target_record_id string,
  labels string,
  added_here bool,
  status string,
  attempts int64,
  next_attempt_at timestamp,
  error_category string,
  error_message string,
  first_run_id string,
  last_run_id string,
  last_synced_at timestamp,
  updated_at timestamp
)
cluster by row_id, association, target_key;
