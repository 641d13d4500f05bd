create table if not exists "marts_backhaul"."schema_version" (
  version bigint,
  applied_at timestamptz,
  backhaul_version varchar
);

comment on table "marts_backhaul"."schema_version" is 'Version of these tables.';
comment on column "marts_backhaul"."schema_version".version is 'Highest version applied.';
comment on column "marts_backhaul"."schema_version".applied_at is 'When.';
comment on column "marts_backhaul"."schema_version".backhaul_version is 'By which release.';

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
  definition varchar,
  updated_at timestamptz
);

comment on table "marts_backhaul"."syncs" is 'Identity of each sync, pinned at its first run.';
comment on column "marts_backhaul"."syncs".sync_name is 'The sync.';
comment on column "marts_backhaul"."syncs".sync_type is 'object, event or list.';
comment on column "marts_backhaul"."syncs".portal_id is 'HubSpot account that the state speaks of.';
comment on column "marts_backhaul"."syncs".object_type is 'HubSpot objectTypeId, of a list that of its members; of events their full name, or `events` where it is in a column.';
comment on column "marts_backhaul"."syncs".primary_key is 'JSON list of key columns.';
comment on column "marts_backhaul"."syncs".match_property is 'Property that finds the record.';
comment on column "marts_backhaul"."syncs".state_table is 'Name of the state table.';
comment on column "marts_backhaul"."syncs".model_id is 'unique_id of the dbt node at the last run.';
comment on column "marts_backhaul"."syncs".first_run_id is 'Run that pinned the identity.';
comment on column "marts_backhaul"."syncs".list_id is 'HubSpot list of a sync of members; pinned at the first run like the rest of the identity.';
comment on column "marts_backhaul"."syncs".list_made_here is 'True when this sync made the list, or is about to; NULL when it was adopted.';
comment on column "marts_backhaul"."syncs".definition is 'JSON object of what the sync said when it last began to send, by the keys of its YAML.';
comment on column "marts_backhaul"."syncs".updated_at is 'When this row was written.';

create table if not exists "marts_backhaul"."leases" (
  sync_name varchar,
  portal_id varchar,
  holder varchar,
  expires_at timestamptz
);

comment on table "marts_backhaul"."leases" is 'Who may run a sync now.';
comment on column "marts_backhaul"."leases".sync_name is 'The sync.';
comment on column "marts_backhaul"."leases".portal_id is 'HubSpot account.';
comment on column "marts_backhaul"."leases".holder is 'Host, process and invocation that hold the lease.';
comment on column "marts_backhaul"."leases".expires_at is 'Held until then, unless renewed; includes the request time-out.';

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
  rows_waiting bigint,
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

comment on table "marts_backhaul"."runs" is 'One row per sync and run.';
comment on column "marts_backhaul"."runs".run_id is 'Identifies the run of one sync; sorts by time.';
comment on column "marts_backhaul"."runs".invocation_id is 'All syncs of one `backhaul run` share it.';
comment on column "marts_backhaul"."runs".dbt_invocation_id is 'Invocation of dbt that wrote the manifest.';
comment on column "marts_backhaul"."runs".sync_name is 'The sync.';
comment on column "marts_backhaul"."runs".model_id is 'unique_id of the dbt node.';
comment on column "marts_backhaul"."runs".target_name is 'dbt target.';
comment on column "marts_backhaul"."runs".portal_id is 'HubSpot account.';
comment on column "marts_backhaul"."runs".object_type is 'HubSpot objectTypeId.';
comment on column "marts_backhaul"."runs".mode is 'upsert, update or insert.';
comment on column "marts_backhaul"."runs".is_limited is 'The run says nothing about the whole sync: `--row` or `--limit` kept it to some rows, or it was an adoption, which sends nothing.';
comment on column "marts_backhaul"."runs".status is 'planned, running, succeeded, partial, failed, aborted, guarded, or held by a failed build. A sync whose model was not in the build has no row.';
comment on column "marts_backhaul"."runs".rows_in_model is 'Rows that the model held, after `where`.';
comment on column "marts_backhaul"."runs".rows_unchanged is 'Rows with nothing to send.';
comment on column "marts_backhaul"."runs".planned_creates is 'Operations that can only create, and events.';
comment on column "marts_backhaul"."runs".planned_upserts is 'Operations where HubSpot decides between create and update.';
comment on column "marts_backhaul"."runs".planned_updates is 'Operations on records that are known.';
comment on column "marts_backhaul"."runs".planned_removals is 'Records to clear or archive because their row left the model.';
comment on column "marts_backhaul"."runs".rows_created is 'Records that HubSpot says were made, and events that were sent.';
comment on column "marts_backhaul"."runs".rows_updated is 'Records that were changed.';
comment on column "marts_backhaul"."runs".rows_rejected is 'Rows refused by a check of ours or by HubSpot.';
comment on column "marts_backhaul"."runs".rows_parked is 'Rows that are parked at its end, whichever run parked them.';
comment on column "marts_backhaul"."runs".rows_skipped is 'Rows that the mode leaves alone.';
comment on column "marts_backhaul"."runs".rows_waiting is 'Events and members of lists whose record, of a row of another sync, is not there yet.';
comment on column "marts_backhaul"."runs".rows_pending is 'Rows not written for a reason outside them; the next run does.';
comment on column "marts_backhaul"."runs".rows_unknown is 'Rows whose outcome HubSpot has to be asked for.';
comment on column "marts_backhaul"."runs".rows_left is 'Rows that left the model.';
comment on column "marts_backhaul"."runs".rows_returned is 'Rows that came back.';
comment on column "marts_backhaul"."runs".values_dropped is 'Bad values that were left out of what was planned (`on_invalid: drop_property`).';
comment on column "marts_backhaul"."runs".links_added is 'Links that were made or relabelled.';
comment on column "marts_backhaul"."runs".links_removed is 'Links that were taken off, or of which only what others ask for is left.';
comment on column "marts_backhaul"."runs".links_waiting is 'Links that were planned and whose record, at either end, is not there yet.';
comment on column "marts_backhaul"."runs".links_pending is 'Links not written for a reason outside them; the next run does.';
comment on column "marts_backhaul"."runs".links_rejected is 'Links refused by HubSpot, or whose target is several records.';
comment on column "marts_backhaul"."runs".calls_planned is 'Write calls the plan needs.';
comment on column "marts_backhaul"."runs".calls_made is 'Write calls made, repeats included.';
comment on column "marts_backhaul"."runs".reads_made is 'Read calls made.';
comment on column "marts_backhaul"."runs".started_at is 'Start.';
comment on column "marts_backhaul"."runs".finished_at is 'End; NULL while running or after a kill.';
comment on column "marts_backhaul"."runs".error_category is 'Why the run did not succeed.';
comment on column "marts_backhaul"."runs".error_message is 'The same in words; never values.';
comment on column "marts_backhaul"."runs".backhaul_version is 'Version that ran.';

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

comment on table "marts_backhaul"."changes" is 'Append-only: one row per operation, with its outcome, and one per row that had nothing left to send once bad values were dropped.';
comment on column "marts_backhaul"."changes".run_id is 'The run.';
comment on column "marts_backhaul"."changes".sync_name is 'The sync.';
comment on column "marts_backhaul"."changes".seq is 'Position in the run.';
comment on column "marts_backhaul"."changes".row_id is 'The primary key as text.';
comment on column "marts_backhaul"."changes".record_id is 'HubSpot record id, when known.';
comment on column "marts_backhaul"."changes".operation is 'As in the plan; `rekey` where a row got another primary key, `rematch` where another match property led it to another record, `fix` or `accept` where drift was marked to be sent again, or taken as it is.';
comment on column "marts_backhaul"."changes".outcome is 'succeeded, rejected, skipped, pending, unknown or left.';
comment on column "marts_backhaul"."changes".is_created is 'The operation made the record; NULL when HubSpot did not say.';
comment on column "marts_backhaul"."changes".changed_properties is 'JSON list of the properties sent; of an adopted row those that differ from it.';
comment on column "marts_backhaul"."changes".dropped_properties is 'JSON list of the properties left out because of a bad value (`on_invalid: drop_property`); NULL for none.';
comment on column "marts_backhaul"."changes".old_values is 'JSON object of those before, as audit.values allows.';
comment on column "marts_backhaul"."changes".new_values is 'JSON object of those after, as audit.values allows; of an adopted row what its record holds, with audit.values full.';
comment on column "marts_backhaul"."changes".error_category is 'Our reason or HubSpot''s category.';
comment on column "marts_backhaul"."changes".error_message is 'The reason in words; of a bad value the value itself, too, with audit.values full.';
comment on column "marts_backhaul"."changes".error_property is 'Property at fault, when known; several are parted by commas.';
comment on column "marts_backhaul"."changes".correlation_id is 'HubSpot''s correlation id.';
comment on column "marts_backhaul"."changes".request_id is 'The call in `requests`.';
comment on column "marts_backhaul"."changes".recorded_at is 'When the outcome was recorded.';
comment on column "marts_backhaul"."changes".association is 'Of a link: as in `links__<sync>`. NULL for all others.';
comment on column "marts_backhaul"."changes".target_key is 'Of a link: as in `links__<sync>`; what a record is looked up by is a value, which `audit.values` hashes or leaves out.';
comment on column "marts_backhaul"."changes".target_record_id is 'Of a link: the record at the other end, when known.';
comment on column "marts_backhaul"."changes".labels is 'Of a link: the types that it got of this sync, or lost.';

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
  started_at timestamptz,
  window_max bigint,
  window_remaining bigint,
  daily_remaining bigint
);

comment on table "marts_backhaul"."requests" is 'API calls, as far as audit.requests keeps them.';
comment on column "marts_backhaul"."requests".request_id is 'One attempt of one call.';
comment on column "marts_backhaul"."requests".invocation_id is 'The invocation that made it.';
comment on column "marts_backhaul"."requests".run_id is 'The run that was served, when there is just one.';
comment on column "marts_backhaul"."requests".method is 'HTTP method.';
comment on column "marts_backhaul"."requests".path is 'Path without host and query.';
comment on column "marts_backhaul"."requests".status_code is 'HTTP status; NULL when no answer came.';
comment on column "marts_backhaul"."requests".attempt is 'From 1.';
comment on column "marts_backhaul"."requests".batch_size is 'Inputs in the body.';
comment on column "marts_backhaul"."requests".duration_ms is 'Milliseconds to the end of the answer.';
comment on column "marts_backhaul"."requests".correlation_id is 'HubSpot''s correlation id.';
comment on column "marts_backhaul"."requests".error_category is 'Category of the failure.';
comment on column "marts_backhaul"."requests".request_body is 'Body sent, with audit.requests full.';
comment on column "marts_backhaul"."requests".response_body is 'Body received, with audit.requests full.';
comment on column "marts_backhaul"."requests".started_at is 'Start of the attempt.';
comment on column "marts_backhaul"."requests".window_max is 'Calls that the account allows in ten seconds, as the headers of the answer tell; NULL where they do not, as those of searches.';
comment on column "marts_backhaul"."requests".window_remaining is 'Of those, how many were left, as the headers tell.';
comment on column "marts_backhaul"."requests".daily_remaining is 'Calls left of the day, as the headers tell.';

create table if not exists "marts_backhaul"."alerts" (
  dedup_key varchar,
  alert_name varchar,
  target_name varchar,
  sync_name varchar,
  trouble varchar,
  status varchar,
  since timestamptz,
  message varchar,
  told_status varchar,
  told_at timestamptz,
  attempts bigint,
  last_error varchar,
  claimed_by varchar,
  claimed_until timestamptz,
  updated_at timestamptz
);

comment on table "marts_backhaul"."alerts" is 'What each alert of backhaul.yml was told of: one row per trouble of a sync that it met. No values.';
comment on column "marts_backhaul"."alerts".dedup_key is 'Identifies the row, and the trouble for whoever is told.';
comment on column "marts_backhaul"."alerts".alert_name is 'Entry of `alerts:` in backhaul.yml.';
comment on column "marts_backhaul"."alerts".target_name is 'dbt target.';
comment on column "marts_backhaul"."alerts".sync_name is 'The sync; NULL where the run as a whole failed.';
comment on column "marts_backhaul"."alerts".trouble is 'failure, rejected, guard or stale.';
comment on column "marts_backhaul"."alerts".status is 'open while the trouble lasts, else closed.';
comment on column "marts_backhaul"."alerts".since is 'Since when status holds.';
comment on column "marts_backhaul"."alerts".message is 'JSON object: what is said about it.';
comment on column "marts_backhaul"."alerts".told_status is 'What the channel was told last; NULL: nothing yet.';
comment on column "marts_backhaul"."alerts".told_at is 'When it was told that.';
comment on column "marts_backhaul"."alerts".attempts is 'Attempts to tell it that failed, in a row.';
comment on column "marts_backhaul"."alerts".last_error is 'Why the last one did.';
comment on column "marts_backhaul"."alerts".claimed_by is 'Invocation that tells it now.';
comment on column "marts_backhaul"."alerts".claimed_until is 'Others leave it alone until then.';
comment on column "marts_backhaul"."alerts".updated_at is 'When this row was written.';

create table if not exists "marts_backhaul"."intents" (
  run_id varchar,
  operation varchar,
  from_seq bigint,
  to_seq bigint,
  opened_at timestamptz,
  closed_at timestamptz
);

comment on table "marts_backhaul"."intents" is 'Windows of a plan that may have been sent; closed when their results are recorded.';
comment on column "marts_backhaul"."intents".run_id is 'The run.';
comment on column "marts_backhaul"."intents".operation is 'Kind of its operations; others between its ends are not in it.';
comment on column "marts_backhaul"."intents".from_seq is 'First position of the window.';
comment on column "marts_backhaul"."intents".to_seq is 'Last position of the window.';
comment on column "marts_backhaul"."intents".opened_at is 'Before the first request of the window.';
comment on column "marts_backhaul"."intents".closed_at is 'After its results were stored.';

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

comment on table "marts_backhaul"."state__contacts" is 'One row per primary key that the sync has met: what HubSpot was last sent, and how it stands.';
comment on column "marts_backhaul"."state__contacts".row_id is 'The primary key as text; a JSON list when it has several columns.';
comment on column "marts_backhaul"."state__contacts".record_id is 'HubSpot record id. The row is bound to that record while it is set.';
comment on column "marts_backhaul"."state__contacts".status is 'succeeded, rejected, parked, skipped, pending, sending, unknown or left.';
comment on column "marts_backhaul"."state__contacts".fingerprint is 'Fingerprint of the raw mapped columns at the last success.';
comment on column "marts_backhaul"."state__contacts".tried_fingerprint is 'Fingerprint of the last attempt that did not succeed.';
comment on column "marts_backhaul"."state__contacts".sent_values is 'JSON object: property → value HubSpot was last sent ("" = cleared), or held when the row was adopted.';
comment on column "marts_backhaul"."state__contacts".match_value is 'Value of the match property that HubSpot was last sent.';
comment on column "marts_backhaul"."state__contacts".created_here is 'True when this sync made the record; NULL when nobody can know.';
comment on column "marts_backhaul"."state__contacts".attempts is 'Rejections by HubSpot of the values in tried_fingerprint.';
comment on column "marts_backhaul"."state__contacts".next_attempt_at is 'A skipped or parked row is looked up again from this moment on.';
comment on column "marts_backhaul"."state__contacts".error_category is 'Why the row did not succeed; NULL when it did.';
comment on column "marts_backhaul"."state__contacts".error_message is 'The reason in words, scrubbed of values unless audit.values is full.';
comment on column "marts_backhaul"."state__contacts".first_run_id is 'Run that met the row first.';
comment on column "marts_backhaul"."state__contacts".last_run_id is 'Run that changed this row of the state last.';
comment on column "marts_backhaul"."state__contacts".first_synced_at is 'First success; NULL while a row is only adopted.';
comment on column "marts_backhaul"."state__contacts".last_synced_at is 'Last success.';
comment on column "marts_backhaul"."state__contacts".updated_at is 'When this row of the state was written.';

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
  labels varchar,
  labels_added varchar,
  added_here boolean
);

comment on table "marts_backhaul"."plan__contacts" is 'What a run is about to do, one row per changed, rejected or departed row.';
comment on column "marts_backhaul"."plan__contacts".run_id is 'The run that this change set belongs to.';
comment on column "marts_backhaul"."plan__contacts".seq is 'Position in the change set, from 1, by operation and primary key.';
comment on column "marts_backhaul"."plan__contacts".row_id is 'The primary key as text; NULL when the model has none for the row.';
comment on column "marts_backhaul"."plan__contacts".operation is 'create, update, upsert, send, add, remove, refresh, adopt, leave, clear, archive, skip or reject; of links associate, dissociate, wait or release; fix or accept while drift is dealt with.';
comment on column "marts_backhaul"."plan__contacts".is_return is 'The row had left the model and is back.';
comment on column "marts_backhaul"."plan__contacts".record_id is 'Record that the row is bound to, or that the event is about; NULL when HubSpot decides.';
comment on column "marts_backhaul"."plan__contacts".match_value is 'Value that finds the record; of an event the e-mail address, record id, user token or row that it is about.';
comment on column "marts_backhaul"."plan__contacts".new_values is 'JSON object: every mapped property after the operation.';
comment on column "marts_backhaul"."plan__contacts".changed_properties is 'JSON list of the properties that are sent.';
comment on column "marts_backhaul"."plan__contacts".dropped_properties is 'JSON list of the properties left out because of a bad value; NULL for none.';
comment on column "marts_backhaul"."plan__contacts".doubtful_values is 'sent_values to assume when nobody knows whether the write happened.';
comment on column "marts_backhaul"."plan__contacts".audit_old is 'JSON object of the changed properties before, as audit.values allows.';
comment on column "marts_backhaul"."plan__contacts".audit_new is 'The same after; NULL when new_values says it.';
comment on column "marts_backhaul"."plan__contacts".steps_back is 'The record moves to an earlier lifecycle stage than it was sent; NULL where nobody knows, or the sync has none.';
comment on column "marts_backhaul"."plan__contacts".fingerprint is 'Fingerprint of the raw mapped columns.';
comment on column "marts_backhaul"."plan__contacts".known_status is 'Status in the state when the plan was made; NULL for a new row.';
comment on column "marts_backhaul"."plan__contacts".reason is 'Why the row is rejected or skipped, or the record of one that left stays.';
comment on column "marts_backhaul"."plan__contacts".reason_detail is 'JSON list of properties, the other row, or the sync that holds the record.';
comment on column "marts_backhaul"."plan__contacts".reason_message is 'What is wrong with bad values, in words; holds the values with audit.values full.';
comment on column "marts_backhaul"."plan__contacts".absent_at is 'HubSpot had no matching record at this moment.';
comment on column "marts_backhaul"."plan__contacts".template_values is 'JSON object: the columns that templates read, and what was sent before; NULL once they are rendered.';
comment on column "marts_backhaul"."plan__contacts".association is 'Of a link: as in `links__<sync>`. NULL for all others.';
comment on column "marts_backhaul"."plan__contacts".target_object is 'As in `links__<sync>`.';
comment on column "marts_backhaul"."plan__contacts".target_key is 'As in `links__<sync>`.';
comment on column "marts_backhaul"."plan__contacts".target_record_id is 'Record at the other end, as soon as it is known.';
comment on column "marts_backhaul"."plan__contacts".labels is 'Of a link: the types it is to have of this sync, as in `links__<sync>`.';
comment on column "marts_backhaul"."plan__contacts".labels_added is 'As in `links__<sync>`, as soon as it is known.';
comment on column "marts_backhaul"."plan__contacts".added_here is 'Of a link that was there right before it is set: true when Backhaul made it.';

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

comment on table "marts_backhaul"."results__contacts" is 'Outcomes stored at checkpoints and not yet merged into the state.';
comment on column "marts_backhaul"."results__contacts".run_id is 'The run.';
comment on column "marts_backhaul"."results__contacts".seq is 'Position in the plan.';
comment on column "marts_backhaul"."results__contacts".outcome is 'succeeded, rejected, skipped, pending or unknown.';
comment on column "marts_backhaul"."results__contacts".record_id is 'HubSpot record id, when known.';
comment on column "marts_backhaul"."results__contacts".is_created is 'The operation made the record.';
comment on column "marts_backhaul"."results__contacts".is_doubtful is 'Not recorded as written, but it may have been.';
comment on column "marts_backhaul"."results__contacts".error_category is 'Why not.';
comment on column "marts_backhaul"."results__contacts".error_message is 'Why not, in words.';
comment on column "marts_backhaul"."results__contacts".error_property is 'Property at fault.';
comment on column "marts_backhaul"."results__contacts".correlation_id is 'HubSpot''s correlation id.';
comment on column "marts_backhaul"."results__contacts".request_id is 'The call that decided.';

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

comment on table "marts_backhaul"."resolutions__contacts" is 'Answers of look-ups, and rendered templates, waiting to complete a plan.';
comment on column "marts_backhaul"."resolutions__contacts".run_id is 'The run.';
comment on column "marts_backhaul"."resolutions__contacts".seq is 'Position in the plan.';
comment on column "marts_backhaul"."resolutions__contacts".record_id is 'Record found; NULL when there is none.';
comment on column "marts_backhaul"."resolutions__contacts".asked_at is 'When HubSpot answered.';
comment on column "marts_backhaul"."resolutions__contacts".new_values is 'JSON object: texts rendered from templates; or as in the plan, without what the record must not get.';
comment on column "marts_backhaul"."resolutions__contacts".changed_properties is 'As in the plan, without what the record must not get.';
comment on column "marts_backhaul"."resolutions__contacts".doubtful_values is 'The same.';
comment on column "marts_backhaul"."resolutions__contacts".audit_old is 'The same.';
comment on column "marts_backhaul"."resolutions__contacts".audit_new is 'The same.';

create table if not exists "marts_backhaul"."links__contacts" (
  row_id varchar,
  association varchar,
  target_object varchar,
  target_key varchar,
  record_id varchar,
  target_record_id varchar,
  labels varchar,
  labels_added varchar,
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

comment on table "marts_backhaul"."links__contacts" is 'One row per link that a row of the sync asks for: to which record, with which labels, and how it stands.';
comment on column "marts_backhaul"."links__contacts".row_id is 'The row that asks for the link; as in `state__<sync>`.';
comment on column "marts_backhaul"."links__contacts".association is 'The entry of `associations:`: the other object and how its record is found, e.g. `companies/sync:account_id` or `companies/domain:employer_domain`. Two entries of a sync never share it.';
comment on column "marts_backhaul"."links__contacts".target_object is 'HubSpot objectTypeId of the other record.';
comment on column "marts_backhaul"."links__contacts".target_key is 'What the row says: the other sync''s row_id, a match value, or a record id.';
comment on column "marts_backhaul"."links__contacts".record_id is 'Record of the row that the link was set at: when the row gets another one, the link is set again.';
comment on column "marts_backhaul"."links__contacts".target_record_id is 'Record that target_key stood for; NULL while there is none.';
comment on column "marts_backhaul"."links__contacts".labels is 'JSON list of the association types that this sync set last, as `category:id`, sorted; `[]` is the unlabelled link. NULL while none is set.';
comment on column "marts_backhaul"."links__contacts".labels_added is 'JSON list of those of `labels` that the two records did not have before Backhaul set them: only these are taken off again.';
comment on column "marts_backhaul"."links__contacts".added_here is 'True when this sync made the link, or another entry or sync did that it went over from; NULL when nobody can know, or somebody else did.';
comment on column "marts_backhaul"."links__contacts".status is 'succeeded, rejected, parked, pending or left.';
comment on column "marts_backhaul"."links__contacts".attempts is 'Rejections by HubSpot in a row.';
comment on column "marts_backhaul"."links__contacts".next_attempt_at is 'What a target stands for is asked again from then on; NULL: by each run.';
comment on column "marts_backhaul"."links__contacts".error_category is 'Why the link is not there; NULL when it is.';
comment on column "marts_backhaul"."links__contacts".error_message is 'The reason in words.';
comment on column "marts_backhaul"."links__contacts".first_run_id is 'Run that met the link first.';
comment on column "marts_backhaul"."links__contacts".last_run_id is 'Run that changed this row last.';
comment on column "marts_backhaul"."links__contacts".last_synced_at is 'Last success.';
comment on column "marts_backhaul"."links__contacts".updated_at is 'When this row was written.';
