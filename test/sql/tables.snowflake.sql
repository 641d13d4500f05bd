create table if not exists "marts_backhaul"."schema_version" (
  version number(38, 0) comment 'Highest version applied.',
  applied_at timestamp_ltz comment 'When.',
  backhaul_version varchar comment 'By which release.'
)
comment = 'Version of these tables.';

create table if not exists "marts_backhaul"."syncs" (
  sync_name varchar comment 'The sync.',
  sync_type varchar comment 'object, event or list.',
  portal_id varchar comment 'HubSpot account that the state speaks of.',
  object_type varchar comment 'HubSpot objectTypeId, of a list that of its members; of events their full name, or `events` where it is in a column.',
  primary_key varchar comment 'JSON list of key columns.',
  match_property varchar comment 'Property that finds the record.',
  state_table varchar comment 'Name of the state table.',
  model_id varchar comment 'unique_id of the dbt node at the last run.',
  first_run_id varchar comment 'Run that pinned the identity.',
  list_id varchar comment 'HubSpot list of a sync of members; pinned at the first run like the rest of the identity.',
  list_made_here boolean comment 'True when this sync made the list, or is about to; NULL when it was adopted.',
  definition varchar comment 'JSON object of what the sync said when it last began to send, by the keys of its YAML.',
  updated_at timestamp_ltz comment 'When this row was written.'
)
comment = 'Identity of each sync, pinned at its first run.';

create table if not exists "marts_backhaul"."leases" (
  sync_name varchar comment 'The sync.',
  portal_id varchar comment 'HubSpot account.',
  holder varchar comment 'Host, process and invocation that hold the lease.',
  expires_at timestamp_ltz comment 'Held until then, unless renewed; includes the request time-out.'
)
comment = 'Who may run a sync now.';

create table if not exists "marts_backhaul"."runs" (
  run_id varchar comment 'Identifies the run of one sync; sorts by time.',
  invocation_id varchar comment 'All syncs of one `backhaul run` share it.',
  dbt_invocation_id varchar comment 'Invocation of dbt that wrote the manifest.',
  sync_name varchar comment 'The sync.',
  model_id varchar comment 'unique_id of the dbt node.',
  target_name varchar comment 'dbt target.',
  portal_id varchar comment 'HubSpot account.',
  object_type varchar comment 'HubSpot objectTypeId.',
  mode varchar comment 'upsert, update or insert.',
  is_limited boolean comment 'The run says nothing about the whole sync: `--row` or `--limit` kept it to some rows, or it was an adoption, which sends nothing.',
  status varchar comment 'planned, running, succeeded, partial, failed, aborted, guarded, or held by a failed build. A sync whose model was not in the build has no row.',
  rows_in_model number(38, 0) comment 'Rows that the model held, after `where`.',
  rows_unchanged number(38, 0) comment 'Rows with nothing to send.',
  planned_creates number(38, 0) comment 'Operations that can only create, and events.',
  planned_upserts number(38, 0) comment 'Operations where HubSpot decides between create and update.',
  planned_updates number(38, 0) comment 'Operations on records that are known.',
  planned_removals number(38, 0) comment 'Records to clear or archive because their row left the model.',
  rows_created number(38, 0) comment 'Records that HubSpot says were made, and events that were sent.',
  rows_updated number(38, 0) comment 'Records that were changed.',
  rows_rejected number(38, 0) comment 'Rows refused by a check of ours or by HubSpot.',
  rows_parked number(38, 0) comment 'Rows that are parked at its end, whichever run parked them.',
  rows_skipped number(38, 0) comment 'Rows that the mode leaves alone.',
  rows_waiting number(38, 0) comment 'Events and members of lists whose record, of a row of another sync, is not there yet.',
  rows_pending number(38, 0) comment 'Rows not written for a reason outside them; the next run does.',
  rows_unknown number(38, 0) comment 'Rows whose outcome HubSpot has to be asked for.',
  rows_left number(38, 0) comment 'Rows that left the model.',
  rows_returned number(38, 0) comment 'Rows that came back.',
  values_dropped number(38, 0) comment 'Bad values that were left out of what was planned (`on_invalid: drop_property`).',
  links_added number(38, 0) comment 'Links that were made or relabelled.',
  links_removed number(38, 0) comment 'Links that were taken off, or of which only what others ask for is left.',
  links_waiting number(38, 0) comment 'Links that were planned and whose record, at either end, is not there yet.',
  links_pending number(38, 0) comment 'Links not written for a reason outside them; the next run does.',
  links_rejected number(38, 0) comment 'Links refused by HubSpot, or whose target is several records.',
  calls_planned number(38, 0) comment 'Write calls the plan needs.',
  calls_made number(38, 0) comment 'Write calls made, repeats included.',
  reads_made number(38, 0) comment 'Read calls made.',
  started_at timestamp_ltz comment 'Start.',
  finished_at timestamp_ltz comment 'End; NULL while running or after a kill.',
  error_category varchar comment 'Why the run did not succeed.',
  error_message varchar comment 'The same in words; never values.',
  backhaul_version varchar comment 'Version that ran.'
)
comment = 'One row per sync and run.';

create table if not exists "marts_backhaul"."changes" (
  run_id varchar comment 'The run.',
  sync_name varchar comment 'The sync.',
  seq number(38, 0) comment 'Position in the run.',
  row_id varchar comment 'The primary key as text.',
  record_id varchar comment 'HubSpot record id, when known.',
  operation varchar comment 'As in the plan; `rekey` where a row got another primary key, `rematch` where another match property led it to another record, `fix` or `accept` where drift was marked to be sent again, or taken as it is.',
  outcome varchar comment 'succeeded, rejected, skipped, pending, unknown or left.',
  is_created boolean comment 'The operation made the record; NULL when HubSpot did not say.',
  changed_properties varchar comment 'JSON list of the properties sent; of an adopted row those that differ from it.',
  dropped_properties varchar comment 'JSON list of the properties left out because of a bad value (`on_invalid: drop_property`); NULL for none.',
  old_values varchar comment 'JSON object of those before, as audit.values allows.',
  new_values varchar comment 'JSON object of those after, as audit.values allows; of an adopted row what its record holds, with audit.values full.',
  error_category varchar comment 'Our reason or HubSpot''s category.',
  error_message varchar comment 'The reason in words; of a bad value the value itself, too, with audit.values full.',
  error_property varchar comment 'Property at fault, when known; several are parted by commas.',
  correlation_id varchar comment 'HubSpot''s correlation id.',
  request_id varchar comment 'The call in `requests`.',
  recorded_at timestamp_ltz comment 'When the outcome was recorded.',
  association varchar comment 'Of a link: as in `links__<sync>`. NULL for all others.',
  target_key varchar comment 'Of a link: as in `links__<sync>`; what a record is looked up by is a value, which `audit.values` hashes or leaves out.',
  target_record_id varchar comment 'Of a link: the record at the other end, when known.',
  labels varchar comment 'Of a link: the types that it got of this sync, or lost.'
)
comment = 'Append-only: one row per operation, with its outcome, and one per row that had nothing left to send once bad values were dropped.';

create table if not exists "marts_backhaul"."requests" (
  request_id varchar comment 'One attempt of one call.',
  invocation_id varchar comment 'The invocation that made it.',
  run_id varchar comment 'The run that was served, when there is just one.',
  method varchar comment 'HTTP method.',
  path varchar comment 'Path without host and query.',
  status_code number(38, 0) comment 'HTTP status; NULL when no answer came.',
  attempt number(38, 0) comment 'From 1.',
  batch_size number(38, 0) comment 'Inputs in the body.',
  duration_ms number(38, 0) comment 'Milliseconds to the end of the answer.',
  correlation_id varchar comment 'HubSpot''s correlation id.',
  error_category varchar comment 'Category of the failure.',
  request_body varchar comment 'Body sent, with audit.requests full.',
  response_body varchar comment 'Body received, with audit.requests full.',
  started_at timestamp_ltz comment 'Start of the attempt.',
  window_max number(38, 0) comment 'Calls that the account allows in ten seconds, as the headers of the answer tell; NULL where they do not, as those of searches.',
  window_remaining number(38, 0) comment 'Of those, how many were left, as the headers tell.',
  daily_remaining number(38, 0) comment 'Calls left of the day, as the headers tell.'
)
comment = 'API calls, as far as audit.requests keeps them.';

create table if not exists "marts_backhaul"."alerts" (
  dedup_key varchar comment 'Identifies the row, and the trouble for whoever is told.',
  alert_name varchar comment 'Entry of `alerts:` in backhaul.yml.',
  target_name varchar comment 'dbt target.',
  sync_name varchar comment 'The sync; NULL where the run as a whole failed.',
  trouble varchar comment 'failure, rejected, guard or stale.',
  status varchar comment 'open while the trouble lasts, else closed.',
  since timestamp_ltz comment 'Since when status holds.',
  message varchar comment 'JSON object: what is said about it.',
  told_status varchar comment 'What the channel was told last; NULL: nothing yet.',
  told_at timestamp_ltz comment 'When it was told that.',
  attempts number(38, 0) comment 'Attempts to tell it that failed, in a row.',
  last_error varchar comment 'Why the last one did.',
  claimed_by varchar comment 'Invocation that tells it now.',
  claimed_until timestamp_ltz comment 'Others leave it alone until then.',
  updated_at timestamp_ltz comment 'When this row was written.'
)
comment = 'What each alert of backhaul.yml was told of: one row per trouble of a sync that it met. No values.';

create transient table if not exists "marts_backhaul"."intents" (
  run_id varchar comment 'The run.',
  operation varchar comment 'Kind of its operations; others between its ends are not in it.',
  from_seq number(38, 0) comment 'First position of the window.',
  to_seq number(38, 0) comment 'Last position of the window.',
  opened_at timestamp_ltz comment 'Before the first request of the window.',
  closed_at timestamp_ltz comment 'After its results were stored.'
)
comment = 'Windows of a plan that may have been sent; closed when their results are recorded.';

create table if not exists "marts_backhaul"."state__contacts" (
  row_id varchar comment 'The primary key as text; a JSON list when it has several columns.',
  record_id varchar comment 'HubSpot record id. The row is bound to that record while it is set.',
  status varchar comment 'succeeded, rejected, parked, skipped, pending, sending, unknown or left.',
  fingerprint number(19, 0) comment 'Fingerprint of the raw mapped columns at the last success.',
  tried_fingerprint number(19, 0) comment 'Fingerprint of the last attempt that did not succeed.',
  sent_values varchar comment 'JSON object: property → value HubSpot was last sent ("" = cleared), or held when the row was adopted.',
  match_value varchar comment 'Value of the match property that HubSpot was last sent.',
  created_here boolean comment 'True when this sync made the record; NULL when nobody can know.',
  attempts number(38, 0) comment 'Rejections by HubSpot of the values in tried_fingerprint.',
  next_attempt_at timestamp_ltz comment 'A skipped or parked row is looked up again from this moment on.',
  error_category varchar comment 'Why the row did not succeed; NULL when it did.',
  error_message varchar comment 'The reason in words, scrubbed of values unless audit.values is full.',
  first_run_id varchar comment 'Run that met the row first.',
  last_run_id varchar comment 'Run that changed this row of the state last.',
  first_synced_at timestamp_ltz comment 'First success; NULL while a row is only adopted.',
  last_synced_at timestamp_ltz comment 'Last success.',
  updated_at timestamp_ltz comment 'When this row of the state was written.'
)
comment = 'One row per primary key that the sync has met: what HubSpot was last sent, and how it stands.';

create transient table if not exists "marts_backhaul"."plan__contacts" (
  run_id varchar comment 'The run that this change set belongs to.',
  seq number(38, 0) comment 'Position in the change set, from 1, by operation and primary key.',
  row_id varchar comment 'The primary key as text; NULL when the model has none for the row.',
  operation varchar comment 'create, update, upsert, send, add, remove, refresh, adopt, leave, clear, archive, skip or reject; of links associate, dissociate, wait or release; fix or accept while drift is dealt with.',
  is_return boolean comment 'The row had left the model and is back.',
  record_id varchar comment 'Record that the row is bound to, or that the event is about; NULL when HubSpot decides.',
  match_value varchar comment 'Value that finds the record; of an event the e-mail address, record id, user token or row that it is about.',
  new_values varchar comment 'JSON object: every mapped property after the operation.',
  changed_properties varchar comment 'JSON list of the properties that are sent.',
  dropped_properties varchar comment 'JSON list of the properties left out because of a bad value; NULL for none.',
  doubtful_values varchar comment 'sent_values to assume when nobody knows whether the write happened.',
  audit_old varchar comment 'JSON object of the changed properties before, as audit.values allows.',
  audit_new varchar comment 'The same after; NULL when new_values says it.',
  steps_back boolean comment 'The record moves to an earlier lifecycle stage than it was sent; NULL where nobody knows, or the sync has none.',
  fingerprint number(19, 0) comment 'Fingerprint of the raw mapped columns.',
  known_status varchar comment 'Status in the state when the plan was made; NULL for a new row.',
  reason varchar comment 'Why the row is rejected or skipped, or the record of one that left stays.',
  reason_detail varchar comment 'JSON list of properties, the other row, or the sync that holds the record.',
  reason_message varchar comment 'What is wrong with bad values, in words; holds the values with audit.values full.',
  absent_at timestamp_ltz comment 'HubSpot had no matching record at this moment.',
  template_values varchar comment 'JSON object: the columns that templates read, and what was sent before; NULL once they are rendered.',
  association varchar comment 'Of a link: as in `links__<sync>`. NULL for all others.',
  target_object varchar comment 'As in `links__<sync>`.',
  target_key varchar comment 'As in `links__<sync>`.',
  target_record_id varchar comment 'Record at the other end, as soon as it is known.',
  labels varchar comment 'Of a link: the types it is to have of this sync, as in `links__<sync>`.',
  labels_added varchar comment 'As in `links__<sync>`, as soon as it is known.',
  added_here boolean comment 'Of a link that was there right before it is set: true when Backhaul made it.'
)
comment = 'What a run is about to do, one row per changed, rejected or departed row.';

create transient table if not exists "marts_backhaul"."results__contacts" (
  run_id varchar comment 'The run.',
  seq number(38, 0) comment 'Position in the plan.',
  outcome varchar comment 'succeeded, rejected, skipped, pending or unknown.',
  record_id varchar comment 'HubSpot record id, when known.',
  is_created boolean comment 'The operation made the record.',
  is_doubtful boolean comment 'Not recorded as written, but it may have been.',
  error_category varchar comment 'Why not.',
  error_message varchar comment 'Why not, in words.',
  error_property varchar comment 'Property at fault.',
  correlation_id varchar comment 'HubSpot''s correlation id.',
  request_id varchar comment 'The call that decided.'
)
comment = 'Outcomes stored at checkpoints and not yet merged into the state.';

create transient table if not exists "marts_backhaul"."resolutions__contacts" (
  run_id varchar comment 'The run.',
  seq number(38, 0) comment 'Position in the plan.',
  record_id varchar comment 'Record found; NULL when there is none.',
  asked_at timestamp_ltz comment 'When HubSpot answered.',
  new_values varchar comment 'JSON object: texts rendered from templates; or as in the plan, without what the record must not get.',
  changed_properties varchar comment 'As in the plan, without what the record must not get.',
  doubtful_values varchar comment 'The same.',
  audit_old varchar comment 'The same.',
  audit_new varchar comment 'The same.'
)
comment = 'Answers of look-ups, and rendered templates, waiting to complete a plan.';

create table if not exists "marts_backhaul"."links__contacts" (
  row_id varchar comment 'The row that asks for the link; as in `state__<sync>`.',
  association varchar comment 'The entry of `associations:`: the other object and how its record is found, e.g. `companies/sync:account_id` or `companies/domain:employer_domain`. Two entries of a sync never share it.',
  target_object varchar comment 'HubSpot objectTypeId of the other record.',
  target_key varchar comment 'What the row says: the other sync''s row_id, a match value, or a record id.',
  record_id varchar comment 'Record of the row that the link was set at: when the row gets another one, the link is set again.',
  target_record_id varchar comment 'Record that target_key stood for; NULL while there is none.',
  labels varchar comment 'JSON list of the association types that this sync set last, as `category:id`, sorted; `[]` is the unlabelled link. NULL while none is set.',
  labels_added varchar comment 'JSON list of those of `labels` that the two records did not have before Backhaul set them: only these are taken off again.',
  added_here boolean comment 'True when this sync made the link, or another entry or sync did that it went over from; NULL when nobody can know, or somebody else did.',
  status varchar comment 'succeeded, rejected, parked, pending or left.',
  attempts number(38, 0) comment 'Rejections by HubSpot in a row.',
  next_attempt_at timestamp_ltz comment 'What a target stands for is asked again from then on; NULL: by each run.',
  error_category varchar comment 'Why the link is not there; NULL when it is.',
  error_message varchar comment 'The reason in words.',
  first_run_id varchar comment 'Run that met the link first.',
  last_run_id varchar comment 'Run that changed this row last.',
  last_synced_at timestamp_ltz comment 'Last success.',
  updated_at timestamp_ltz comment 'When this row was written.'
)
comment = 'One row per link that a row of the sync asks for: to which record, with which labels, and how it stands.';
