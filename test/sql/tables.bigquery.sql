create table if not exists `marts_backhaul`.`schema_version` (
  version int64 options (description = 'Highest version applied.'),
  applied_at timestamp options (description = 'When.'),
  backhaul_version string options (description = 'By which release.')
)
options (description = 'Version of these tables.');

create table if not exists `marts_backhaul`.`syncs` (
  sync_name string options (description = 'The sync.'),
  sync_type string options (description = 'object, event or list.'),
  portal_id string options (description = 'HubSpot account that the state speaks of.'),
  object_type string options (description = 'HubSpot objectTypeId, of a list that of its members; of events their full name, or `events` where it is in a column.'),
  primary_key string options (description = 'JSON list of key columns.'),
  match_property string options (description = 'Property that finds the record.'),
  state_table string options (description = 'Name of the state table.'),
  model_id string options (description = 'unique_id of the dbt node at the last run.'),
  first_run_id string options (description = 'Run that pinned the identity.'),
  list_id string options (description = 'HubSpot list of a sync of members; pinned at the first run like the rest of the identity.'),
  list_made_here bool options (description = 'True when this sync made the list, or is about to; NULL when it was adopted.'),
  definition string options (description = 'JSON object of what the sync said when it last began to send, by the keys of its YAML.'),
  updated_at timestamp options (description = 'When this row was written.')
)
cluster by sync_name
options (description = 'Identity of each sync, pinned at its first run.');

create table if not exists `marts_backhaul`.`leases` (
  sync_name string options (description = 'The sync.'),
  portal_id string options (description = 'HubSpot account.'),
  holder string options (description = 'Host, process and invocation that hold the lease.'),
  expires_at timestamp options (description = 'Held until then, unless renewed; includes the request time-out.')
)
cluster by sync_name
options (description = 'Who may run a sync now.');

create table if not exists `marts_backhaul`.`runs` (
  run_id string options (description = 'Identifies the run of one sync; sorts by time.'),
  invocation_id string options (description = 'All syncs of one `backhaul run` share it.'),
  dbt_invocation_id string options (description = 'Invocation of dbt that wrote the manifest.'),
  sync_name string options (description = 'The sync.'),
  model_id string options (description = 'unique_id of the dbt node.'),
  target_name string options (description = 'dbt target.'),
  portal_id string options (description = 'HubSpot account.'),
  object_type string options (description = 'HubSpot objectTypeId.'),
  mode string options (description = 'upsert, update or insert.'),
  is_limited bool options (description = 'The run says nothing about the whole sync: `--row` or `--limit` kept it to some rows, or it was an adoption, which sends nothing.'),
  status string options (description = 'planned, running, succeeded, partial, failed, aborted, guarded, or held by a failed build. A sync whose model was not in the build has no row.'),
  rows_in_model int64 options (description = 'Rows that the model held, after `where`.'),
  rows_unchanged int64 options (description = 'Rows with nothing to send.'),
  planned_creates int64 options (description = 'Operations that can only create, and events.'),
  planned_upserts int64 options (description = 'Operations where HubSpot decides between create and update.'),
  planned_updates int64 options (description = 'Operations on records that are known.'),
  planned_removals int64 options (description = 'Records to clear or archive because their row left the model.'),
  rows_created int64 options (description = 'Records that HubSpot says were made, and events that were sent.'),
  rows_updated int64 options (description = 'Records that were changed.'),
  rows_rejected int64 options (description = 'Rows refused by a check of ours or by HubSpot.'),
  rows_parked int64 options (description = 'Rows that are parked at its end, whichever run parked them.'),
  rows_skipped int64 options (description = 'Rows that the mode leaves alone.'),
  rows_waiting int64 options (description = 'Events and members of lists whose record, of a row of another sync, is not there yet.'),
  rows_pending int64 options (description = 'Rows not written for a reason outside them; the next run does.'),
  rows_unknown int64 options (description = 'Rows whose outcome HubSpot has to be asked for.'),
  rows_left int64 options (description = 'Rows that left the model.'),
  rows_returned int64 options (description = 'Rows that came back.'),
  values_dropped int64 options (description = 'Bad values that were left out of what was planned (`on_invalid: drop_property`).'),
  links_added int64 options (description = 'Links that were made or relabelled.'),
  links_removed int64 options (description = 'Links that were taken off, or of which only what others ask for is left.'),
  links_waiting int64 options (description = 'Links that were planned and whose record, at either end, is not there yet.'),
  links_pending int64 options (description = 'Links not written for a reason outside them; the next run does.'),
  links_rejected int64 options (description = 'Links refused by HubSpot, or whose target is several records.'),
  calls_planned int64 options (description = 'Write calls the plan needs.'),
  calls_made int64 options (description = 'Write calls made, repeats included.'),
  reads_made int64 options (description = 'Read calls made.'),
  started_at timestamp options (description = 'Start.'),
  finished_at timestamp options (description = 'End; NULL while running or after a kill.'),
  error_category string options (description = 'Why the run did not succeed.'),
  error_message string options (description = 'The same in words; never values.'),
  backhaul_version string options (description = 'Version that ran.')
)
cluster by run_id
options (description = 'One row per sync and run.');

create table if not exists `marts_backhaul`.`changes` (
  run_id string options (description = 'The run.'),
  sync_name string options (description = 'The sync.'),
  seq int64 options (description = 'Position in the run.'),
  row_id string options (description = 'The primary key as text.'),
  record_id string options (description = 'HubSpot record id, when known.'),
  operation string options (description = 'As in the plan; `rekey` where a row got another primary key, `rematch` where another match property led it to another record, `fix` or `accept` where drift was marked to be sent again, or taken as it is.'),
  outcome string options (description = 'succeeded, rejected, skipped, pending, unknown or left.'),
  is_created bool options (description = 'The operation made the record; NULL when HubSpot did not say.'),
  changed_properties string options (description = 'JSON list of the properties sent; of an adopted row those that differ from it.'),
  dropped_properties string options (description = 'JSON list of the properties left out because of a bad value (`on_invalid: drop_property`); NULL for none.'),
  old_values string options (description = 'JSON object of those before, as audit.values allows.'),
  new_values string options (description = 'JSON object of those after, as audit.values allows; of an adopted row what its record holds, with audit.values full.'),
  error_category string options (description = 'Our reason or HubSpot\'s category.'),
  error_message string options (description = 'The reason in words; of a bad value the value itself, too, with audit.values full.'),
  error_property string options (description = 'Property at fault, when known; several are parted by commas.'),
  correlation_id string options (description = 'HubSpot\'s correlation id.'),
  request_id string options (description = 'The call in `requests`.'),
  recorded_at timestamp options (description = 'When the outcome was recorded.'),
  association string options (description = 'Of a link: as in `links__<sync>`. NULL for all others.'),
  target_key string options (description = 'Of a link: as in `links__<sync>`; what a record is looked up by is a value, which `audit.values` hashes or leaves out.'),
  target_record_id string options (description = 'Of a link: the record at the other end, when known.'),
  labels string options (description = 'Of a link: the types that it got of this sync, or lost.')
)
options (description = 'Append-only: one row per operation, with its outcome, and one per row that had nothing left to send once bad values were dropped.');

create table if not exists `marts_backhaul`.`requests` (
  request_id string options (description = 'One attempt of one call.'),
  invocation_id string options (description = 'The invocation that made it.'),
  run_id string options (description = 'The run that was served, when there is just one.'),
  method string options (description = 'HTTP method.'),
  path string options (description = 'Path without host and query.'),
  status_code int64 options (description = 'HTTP status; NULL when no answer came.'),
  attempt int64 options (description = 'From 1.'),
  batch_size int64 options (description = 'Inputs in the body.'),
  duration_ms int64 options (description = 'Milliseconds to the end of the answer.'),
  correlation_id string options (description = 'HubSpot\'s correlation id.'),
  error_category string options (description = 'Category of the failure.'),
  request_body string options (description = 'Body sent, with audit.requests full.'),
  response_body string options (description = 'Body received, with audit.requests full.'),
  started_at timestamp options (description = 'Start of the attempt.'),
  window_max int64 options (description = 'Calls that the account allows in ten seconds, as the headers of the answer tell; NULL where they do not, as those of searches.'),
  window_remaining int64 options (description = 'Of those, how many were left, as the headers tell.'),
  daily_remaining int64 options (description = 'Calls left of the day, as the headers tell.')
)
options (description = 'API calls, as far as audit.requests keeps them.');

create table if not exists `marts_backhaul`.`alerts` (
  dedup_key string options (description = 'Identifies the row, and the trouble for whoever is told.'),
  alert_name string options (description = 'Entry of `alerts:` in backhaul.yml.'),
  target_name string options (description = 'dbt target.'),
  sync_name string options (description = 'The sync; NULL where the run as a whole failed.'),
  trouble string options (description = 'failure, rejected, guard or stale.'),
  status string options (description = 'open while the trouble lasts, else closed.'),
  since timestamp options (description = 'Since when status holds.'),
  message string options (description = 'JSON object: what is said about it.'),
  told_status string options (description = 'What the channel was told last; NULL: nothing yet.'),
  told_at timestamp options (description = 'When it was told that.'),
  attempts int64 options (description = 'Attempts to tell it that failed, in a row.'),
  last_error string options (description = 'Why the last one did.'),
  claimed_by string options (description = 'Invocation that tells it now.'),
  claimed_until timestamp options (description = 'Others leave it alone until then.'),
  updated_at timestamp options (description = 'When this row was written.')
)
cluster by dedup_key
options (description = 'What each alert of backhaul.yml was told of: one row per trouble of a sync that it met. No values.');

create table if not exists `marts_backhaul`.`intents` (
  run_id string options (description = 'The run.'),
  operation string options (description = 'Kind of its operations; others between its ends are not in it.'),
  from_seq int64 options (description = 'First position of the window.'),
  to_seq int64 options (description = 'Last position of the window.'),
  opened_at timestamp options (description = 'Before the first request of the window.'),
  closed_at timestamp options (description = 'After its results were stored.')
)
options (description = 'Windows of a plan that may have been sent; closed when their results are recorded.');

create table if not exists `marts_backhaul`.`state__contacts` (
  row_id string options (description = 'The primary key as text; a JSON list when it has several columns.'),
  record_id string options (description = 'HubSpot record id. The row is bound to that record while it is set.'),
  status string options (description = 'succeeded, rejected, parked, skipped, pending, sending, unknown or left.'),
  fingerprint int64 options (description = 'Fingerprint of the raw mapped columns at the last success.'),
  tried_fingerprint int64 options (description = 'Fingerprint of the last attempt that did not succeed.'),
  sent_values string options (description = 'JSON object: property → value HubSpot was last sent ("" = cleared), or held when the row was adopted.'),
  match_value string options (description = 'Value of the match property that HubSpot was last sent.'),
  created_here bool options (description = 'True when this sync made the record; NULL when nobody can know.'),
  attempts int64 options (description = 'Rejections by HubSpot of the values in tried_fingerprint.'),
  next_attempt_at timestamp options (description = 'A skipped or parked row is looked up again from this moment on.'),
  error_category string options (description = 'Why the row did not succeed; NULL when it did.'),
  error_message string options (description = 'The reason in words, scrubbed of values unless audit.values is full.'),
  first_run_id string options (description = 'Run that met the row first.'),
  last_run_id string options (description = 'Run that changed this row of the state last.'),
  first_synced_at timestamp options (description = 'First success; NULL while a row is only adopted.'),
  last_synced_at timestamp options (description = 'Last success.'),
  updated_at timestamp options (description = 'When this row of the state was written.')
)
cluster by row_id
options (description = 'One row per primary key that the sync has met: what HubSpot was last sent, and how it stands.');

create table if not exists `marts_backhaul`.`plan__contacts` (
  run_id string options (description = 'The run that this change set belongs to.'),
  seq int64 options (description = 'Position in the change set, from 1, by operation and primary key.'),
  row_id string options (description = 'The primary key as text; NULL when the model has none for the row.'),
  operation string options (description = 'create, update, upsert, send, add, remove, refresh, adopt, leave, clear, archive, skip or reject; of links associate, dissociate, wait or release; fix or accept while drift is dealt with.'),
  is_return bool options (description = 'The row had left the model and is back.'),
  record_id string options (description = 'Record that the row is bound to, or that the event is about; NULL when HubSpot decides.'),
  match_value string options (description = 'Value that finds the record; of an event the e-mail address, record id, user token or row that it is about.'),
  new_values string options (description = 'JSON object: every mapped property after the operation.'),
  changed_properties string options (description = 'JSON list of the properties that are sent.'),
  dropped_properties string options (description = 'JSON list of the properties left out because of a bad value; NULL for none.'),
  doubtful_values string options (description = 'sent_values to assume when nobody knows whether the write happened.'),
  audit_old string options (description = 'JSON object of the changed properties before, as audit.values allows.'),
  audit_new string options (description = 'The same after; NULL when new_values says it.'),
  steps_back bool options (description = 'The record moves to an earlier lifecycle stage than it was sent; NULL where nobody knows, or the sync has none.'),
  fingerprint int64 options (description = 'Fingerprint of the raw mapped columns.'),
  known_status string options (description = 'Status in the state when the plan was made; NULL for a new row.'),
  reason string options (description = 'Why the row is rejected or skipped, or the record of one that left stays.'),
  reason_detail string options (description = 'JSON list of properties, the other row, or the sync that holds the record.'),
  reason_message string options (description = 'What is wrong with bad values, in words; holds the values with audit.values full.'),
  absent_at timestamp options (description = 'HubSpot had no matching record at this moment.'),
  template_values string options (description = 'JSON object: the columns that templates read, and what was sent before; NULL once they are rendered.'),
  association string options (description = 'Of a link: as in `links__<sync>`. NULL for all others.'),
  target_object string options (description = 'As in `links__<sync>`.'),
  target_key string options (description = 'As in `links__<sync>`.'),
  target_record_id string options (description = 'Record at the other end, as soon as it is known.'),
  labels string options (description = 'Of a link: the types it is to have of this sync, as in `links__<sync>`.'),
  labels_added string options (description = 'As in `links__<sync>`, as soon as it is known.'),
  added_here bool options (description = 'Of a link that was there right before it is set: true when Backhaul made it.')
)
options (description = 'What a run is about to do, one row per changed, rejected or departed row.');

create table if not exists `marts_backhaul`.`results__contacts` (
  run_id string options (description = 'The run.'),
  seq int64 options (description = 'Position in the plan.'),
  outcome string options (description = 'succeeded, rejected, skipped, pending or unknown.'),
  record_id string options (description = 'HubSpot record id, when known.'),
  is_created bool options (description = 'The operation made the record.'),
  is_doubtful bool options (description = 'Not recorded as written, but it may have been.'),
  error_category string options (description = 'Why not.'),
  error_message string options (description = 'Why not, in words.'),
  error_property string options (description = 'Property at fault.'),
  correlation_id string options (description = 'HubSpot\'s correlation id.'),
  request_id string options (description = 'The call that decided.')
)
options (description = 'Outcomes stored at checkpoints and not yet merged into the state.');

create table if not exists `marts_backhaul`.`resolutions__contacts` (
  run_id string options (description = 'The run.'),
  seq int64 options (description = 'Position in the plan.'),
  record_id string options (description = 'Record found; NULL when there is none.'),
  asked_at timestamp options (description = 'When HubSpot answered.'),
  new_values string options (description = 'JSON object: texts rendered from templates; or as in the plan, without what the record must not get.'),
  changed_properties string options (description = 'As in the plan, without what the record must not get.'),
  doubtful_values string options (description = 'The same.'),
  audit_old string options (description = 'The same.'),
  audit_new string options (description = 'The same.')
)
options (description = 'Answers of look-ups, and rendered templates, waiting to complete a plan.');

create table if not exists `marts_backhaul`.`links__contacts` (
  row_id string options (description = 'The row that asks for the link; as in `state__<sync>`.'),
  association string options (description = 'The entry of `associations:`: the other object and how its record is found, e.g. `companies/sync:account_id` or `companies/domain:employer_domain`. Two entries of a sync never share it.'),
  target_object string options (description = 'HubSpot objectTypeId of the other record.'),
  target_key string options (description = 'What the row says: the other sync\'s row_id, a match value, or a record id.'),
  record_id string options (description = 'Record of the row that the link was set at: when the row gets another one, the link is set again.'),
  target_record_id string options (description = 'Record that target_key stood for; NULL while there is none.'),
  labels string options (description = 'JSON list of the association types that this sync set last, as `category:id`, sorted; `[]` is the unlabelled link. NULL while none is set.'),
  labels_added string options (description = 'JSON list of those of `labels` that the two records did not have before Backhaul set them: only these are taken off again.'),
  added_here bool options (description = 'True when this sync made the link, or another entry or sync did that it went over from; NULL when nobody can know, or somebody else did.'),
  status string options (description = 'succeeded, rejected, parked, pending or left.'),
  attempts int64 options (description = 'Rejections by HubSpot in a row.'),
  next_attempt_at timestamp options (description = 'What a target stands for is asked again from then on; NULL: by each run.'),
  error_category string options (description = 'Why the link is not there; NULL when it is.'),
  error_message string options (description = 'The reason in words.'),
  first_run_id string options (description = 'Run that met the link first.'),
  last_run_id string options (description = 'Run that changed this row last.'),
  last_synced_at timestamp options (description = 'Last success.'),
  updated_at timestamp options (description = 'When this row was written.')
)
cluster by row_id, association, target_key
options (description = 'One row per link that a row of the sync asks for: to which record, with which labels, and how it stands.');
