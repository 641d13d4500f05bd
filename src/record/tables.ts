// One file although it is long: every table of ours, in the order in which docs/tables.md, made of it, tells them.
import type { ColumnKind, Dialect, TableForm, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'

/** A column of ours. `meaning` is the documentation: it goes to `docs/tables.md`, and with the table into the database. */
export interface ColumnSpec {
  readonly name: string
  readonly kind: ColumnKind
  readonly meaning: string
}

export interface TableSpec {
  readonly meaning: string
  readonly columns: readonly ColumnSpec[]
  /** Columns that identify a row; enforced where the engine enforces keys cheaply. */
  readonly key?: readonly string[]
  /** Filled and emptied by each run. */
  readonly isWorking?: true
}

const column = (name: string, kind: ColumnKind, meaning: string): ColumnSpec => ({
  name,
  kind,
  meaning,
})

/** `state__<sync>`: one row per primary key of the model. */
export const stateTable: TableSpec = {
  meaning:
    'One row per primary key that the sync has met: what HubSpot was last sent, and how it stands.',
  key: ['row_id'],
  columns: [
    column('row_id', 'text', 'The primary key as text; a JSON list when it has several columns.'),
    column(
      'record_id',
      'text',
      'HubSpot record id. The row is bound to that record while it is set.',
    ),
    column(
      'status',
      'text',
      'succeeded, rejected, parked, skipped, pending, sending, unknown or left.',
    ),
    column(
      'fingerprint',
      'fingerprint',
      'Fingerprint of the raw mapped columns at the last success.',
    ),
    column(
      'tried_fingerprint',
      'fingerprint',
      'Fingerprint of the last attempt that did not succeed.',
    ),
    column(
      'sent_values',
      'text',
      'JSON object: property → value HubSpot was last sent ("" = cleared), or held when the row was adopted.',
    ),
    column('match_value', 'text', 'Value of the match property that HubSpot was last sent.'),
    column(
      'created_here',
      'boolean',
      'True when this sync made the record; NULL when nobody can know.',
    ),
    column('attempts', 'integer', 'Rejections by HubSpot of the values in tried_fingerprint.'),
    column(
      'next_attempt_at',
      'timestamp',
      'A skipped or parked row is looked up again from this moment on.',
    ),
    column('error_category', 'text', 'Why the row did not succeed; NULL when it did.'),
    column(
      'error_message',
      'text',
      'The reason in words, scrubbed of values unless audit.values is full.',
    ),
    column('first_run_id', 'text', 'Run that met the row first.'),
    column('last_run_id', 'text', 'Run that changed this row of the state last.'),
    column('first_synced_at', 'timestamp', 'First success; NULL while a row is only adopted.'),
    column('last_synced_at', 'timestamp', 'Last success.'),
    column('updated_at', 'timestamp', 'When this row of the state was written.'),
  ],
}

/** `links__<sync>`: one row per link. Only syncs with `associations:` have it. */
export const linksTable: TableSpec = {
  meaning:
    'One row per link that a row of the sync asks for: to which record, with which labels, and how it stands.',
  key: ['row_id', 'association', 'target_key'],
  columns: [
    column('row_id', 'text', 'The row that asks for the link; as in `state__<sync>`.'),
    column(
      'association',
      'text',
      'The entry of `associations:`: the other object and how its record is found, e.g. `companies/sync:account_id` or `companies/domain:employer_domain`. Two entries of a sync never share it.',
    ),
    column('target_object', 'text', 'HubSpot objectTypeId of the other record.'),
    column(
      'target_key',
      'text',
      "What the row says: the other sync's row_id, a match value, or a record id.",
    ),
    column(
      'record_id',
      'text',
      'Record of the row that the link was set at: when the row gets another one, the link is set again.',
    ),
    column(
      'target_record_id',
      'text',
      'Record that target_key stood for; NULL while there is none.',
    ),
    column(
      'labels',
      'text',
      'JSON list of the association types that this sync set last, as `category:id`, sorted; `[]` is the unlabelled link. NULL while none is set.',
    ),
    column(
      'labels_added',
      'text',
      'JSON list of those of `labels` that the two records did not have before Backhaul set them: only these are taken off again.',
    ),
    column(
      'added_here',
      'boolean',
      'True when this sync made the link, or another entry or sync did that it went over from; NULL when nobody can know, or somebody else did.',
    ),
    column('status', 'text', 'succeeded, rejected, parked, pending or left.'),
    column('attempts', 'integer', 'Rejections by HubSpot in a row.'),
    column(
      'next_attempt_at',
      'timestamp',
      'What a target stands for is asked again from then on; NULL: by each run.',
    ),
    column('error_category', 'text', 'Why the link is not there; NULL when it is.'),
    column('error_message', 'text', 'The reason in words.'),
    column('first_run_id', 'text', 'Run that met the link first.'),
    column('last_run_id', 'text', 'Run that changed this row last.'),
    column('last_synced_at', 'timestamp', 'Last success.'),
    column('updated_at', 'timestamp', 'When this row was written.'),
  ],
}

/** `plan__<sync>`: change sets by run id. Holds values by nature; emptied when the run is recorded. */
export const planTable: TableSpec = {
  meaning: 'What a run is about to do, one row per changed, rejected or departed row.',
  isWorking: true,
  columns: [
    column('run_id', 'text', 'The run that this change set belongs to.'),
    column('seq', 'integer', 'Position in the change set, from 1, by operation and primary key.'),
    column('row_id', 'text', 'The primary key as text; NULL when the model has none for the row.'),
    column(
      'operation',
      'text',
      'create, update, upsert, send, add, remove, refresh, adopt, leave, clear, archive, skip or reject; of links associate, dissociate, wait or release; fix or accept while drift is dealt with.',
    ),
    column('is_return', 'boolean', 'The row had left the model and is back.'),
    column(
      'record_id',
      'text',
      'Record that the row is bound to, or that the event is about; NULL when HubSpot decides.',
    ),
    column(
      'match_value',
      'text',
      'Value that finds the record; of an event the e-mail address, record id, user token or row that it is about.',
    ),
    column('new_values', 'text', 'JSON object: every mapped property after the operation.'),
    column('changed_properties', 'text', 'JSON list of the properties that are sent.'),
    column(
      'dropped_properties',
      'text',
      'JSON list of the properties left out because of a bad value; NULL for none.',
    ),
    column(
      'doubtful_values',
      'text',
      'sent_values to assume when nobody knows whether the write happened.',
    ),
    column(
      'audit_old',
      'text',
      'JSON object of the changed properties before, as audit.values allows.',
    ),
    column('audit_new', 'text', 'The same after; NULL when new_values says it.'),
    column(
      'steps_back',
      'boolean',
      'The record moves to an earlier lifecycle stage than it was sent; NULL where nobody knows, or the sync has none.',
    ),
    column('fingerprint', 'fingerprint', 'Fingerprint of the raw mapped columns.'),
    column(
      'known_status',
      'text',
      'Status in the state when the plan was made; NULL for a new row.',
    ),
    column(
      'reason',
      'text',
      'Why the row is rejected or skipped, or the record of one that left stays.',
    ),
    column(
      'reason_detail',
      'text',
      'JSON list of properties, the other row, or the sync that holds the record.',
    ),
    column(
      'reason_message',
      'text',
      'What is wrong with bad values, in words; holds the values with audit.values full.',
    ),
    column('absent_at', 'timestamp', 'HubSpot had no matching record at this moment.'),
    column(
      'template_values',
      'text',
      'JSON object: the columns that templates read, and what was sent before; NULL once they are rendered.',
    ),
    column('association', 'text', 'Of a link: as in `links__<sync>`. NULL for all others.'),
    column('target_object', 'text', 'As in `links__<sync>`.'),
    column('target_key', 'text', 'As in `links__<sync>`.'),
    column('target_record_id', 'text', 'Record at the other end, as soon as it is known.'),
    column(
      'labels',
      'text',
      'Of a link: the types it is to have of this sync, as in `links__<sync>`.',
    ),
    column('labels_added', 'text', 'As in `links__<sync>`, as soon as it is known.'),
    column(
      'added_here',
      'boolean',
      'Of a link that was there right before it is set: true when Backhaul made it.',
    ),
  ],
}

const runsTable: TableSpec = {
  meaning: 'One row per sync and run.',
  key: ['run_id'],
  columns: [
    column('run_id', 'text', 'Identifies the run of one sync; sorts by time.'),
    column('invocation_id', 'text', 'All syncs of one `backhaul run` share it.'),
    column('dbt_invocation_id', 'text', 'Invocation of dbt that wrote the manifest.'),
    column('sync_name', 'text', 'The sync.'),
    column('model_id', 'text', 'unique_id of the dbt node.'),
    column('target_name', 'text', 'dbt target.'),
    column('portal_id', 'text', 'HubSpot account.'),
    column('object_type', 'text', 'HubSpot objectTypeId.'),
    column('mode', 'text', 'upsert, update or insert.'),
    column(
      'is_limited',
      'boolean',
      'The run says nothing about the whole sync: `--row` or `--limit` kept it to some rows, or it was an adoption, which sends nothing.',
    ),
    column(
      'status',
      'text',
      'planned, running, succeeded, partial, failed, aborted, guarded, or held by a failed build. A sync whose model was not in the build has no row.',
    ),
    column('rows_in_model', 'integer', 'Rows that the model held, after `where`.'),
    column('rows_unchanged', 'integer', 'Rows with nothing to send.'),
    column('planned_creates', 'integer', 'Operations that can only create, and events.'),
    column(
      'planned_upserts',
      'integer',
      'Operations where HubSpot decides between create and update.',
    ),
    column('planned_updates', 'integer', 'Operations on records that are known.'),
    column(
      'planned_removals',
      'integer',
      'Records to clear or archive because their row left the model.',
    ),
    column(
      'rows_created',
      'integer',
      'Records that HubSpot says were made, and events that were sent.',
    ),
    column('rows_updated', 'integer', 'Records that were changed.'),
    column('rows_rejected', 'integer', 'Rows refused by a check of ours or by HubSpot.'),
    column('rows_parked', 'integer', 'Rows that are parked at its end, whichever run parked them.'),
    column('rows_skipped', 'integer', 'Rows that the mode leaves alone.'),
    column(
      'rows_waiting',
      'integer',
      'Events and members of lists whose record, of a row of another sync, is not there yet.',
    ),
    column(
      'rows_pending',
      'integer',
      'Rows not written for a reason outside them; the next run does.',
    ),
    column('rows_unknown', 'integer', 'Rows whose outcome HubSpot has to be asked for.'),
    column('rows_left', 'integer', 'Rows that left the model.'),
    column('rows_returned', 'integer', 'Rows that came back.'),
    column(
      'values_dropped',
      'integer',
      'Bad values that were left out of what was planned (`on_invalid: drop_property`).',
    ),
    column('links_added', 'integer', 'Links that were made or relabelled.'),
    column(
      'links_removed',
      'integer',
      'Links that were taken off, or of which only what others ask for is left.',
    ),
    column(
      'links_waiting',
      'integer',
      'Links that were planned and whose record, at either end, is not there yet.',
    ),
    column(
      'links_pending',
      'integer',
      'Links not written for a reason outside them; the next run does.',
    ),
    column(
      'links_rejected',
      'integer',
      'Links refused by HubSpot, or whose target is several records.',
    ),
    column('calls_planned', 'integer', 'Write calls the plan needs.'),
    column('calls_made', 'integer', 'Write calls made, repeats included.'),
    column('reads_made', 'integer', 'Read calls made.'),
    column('started_at', 'timestamp', 'Start.'),
    column('finished_at', 'timestamp', 'End; NULL while running or after a kill.'),
    column('error_category', 'text', 'Why the run did not succeed.'),
    column('error_message', 'text', 'The same in words; never values.'),
    column('backhaul_version', 'text', 'Version that ran.'),
  ],
}

export const changesTable: TableSpec = {
  meaning:
    'Append-only: one row per operation, with its outcome, and one per row that had nothing left to send once bad values were dropped.',
  columns: [
    column('run_id', 'text', 'The run.'),
    column('sync_name', 'text', 'The sync.'),
    column('seq', 'integer', 'Position in the run.'),
    column('row_id', 'text', 'The primary key as text.'),
    column('record_id', 'text', 'HubSpot record id, when known.'),
    column(
      'operation',
      'text',
      'As in the plan; `rekey` where a row got another primary key, `rematch` where another match property led it to another record, `fix` or `accept` where drift was marked to be sent again, or taken as it is.',
    ),
    column('outcome', 'text', 'succeeded, rejected, skipped, pending, unknown or left.'),
    column(
      'is_created',
      'boolean',
      'The operation made the record; NULL when HubSpot did not say.',
    ),
    column(
      'changed_properties',
      'text',
      'JSON list of the properties sent; of an adopted row those that differ from it.',
    ),
    column(
      'dropped_properties',
      'text',
      'JSON list of the properties left out because of a bad value (`on_invalid: drop_property`); NULL for none.',
    ),
    column('old_values', 'text', 'JSON object of those before, as audit.values allows.'),
    column(
      'new_values',
      'text',
      'JSON object of those after, as audit.values allows; of an adopted row what its record holds, with audit.values full.',
    ),
    column('error_category', 'text', "Our reason or HubSpot's category."),
    column(
      'error_message',
      'text',
      'The reason in words; of a bad value the value itself, too, with audit.values full.',
    ),
    column(
      'error_property',
      'text',
      'Property at fault, when known; several are parted by commas.',
    ),
    column('correlation_id', 'text', "HubSpot's correlation id."),
    column('request_id', 'text', 'The call in `requests`.'),
    column('recorded_at', 'timestamp', 'When the outcome was recorded.'),
    column('association', 'text', 'Of a link: as in `links__<sync>`. NULL for all others.'),
    column(
      'target_key',
      'text',
      'Of a link: as in `links__<sync>`; what a record is looked up by is a value, which `audit.values` hashes or leaves out.',
    ),
    column('target_record_id', 'text', 'Of a link: the record at the other end, when known.'),
    column('labels', 'text', 'Of a link: the types that it got of this sync, or lost.'),
  ],
}

export const requestsTable: TableSpec = {
  meaning: 'API calls, as far as audit.requests keeps them.',
  columns: [
    column('request_id', 'text', 'One attempt of one call.'),
    column('invocation_id', 'text', 'The invocation that made it.'),
    column('run_id', 'text', 'The run that was served, when there is just one.'),
    column('method', 'text', 'HTTP method.'),
    column('path', 'text', 'Path without host and query.'),
    column('status_code', 'integer', 'HTTP status; NULL when no answer came.'),
    column('attempt', 'integer', 'From 1.'),
    column('batch_size', 'integer', 'Inputs in the body.'),
    column('duration_ms', 'integer', 'Milliseconds to the end of the answer.'),
    column('correlation_id', 'text', "HubSpot's correlation id."),
    column('error_category', 'text', 'Category of the failure.'),
    column('request_body', 'text', 'Body sent, with audit.requests full.'),
    column('response_body', 'text', 'Body received, with audit.requests full.'),
    column('started_at', 'timestamp', 'Start of the attempt.'),
    column(
      'window_max',
      'integer',
      'Calls that the account allows in ten seconds, as the headers of the answer tell; NULL where they do not, as those of searches.',
    ),
    column('window_remaining', 'integer', 'Of those, how many were left, as the headers tell.'),
    column('daily_remaining', 'integer', 'Calls left of the day, as the headers tell.'),
  ],
}

/** Identity of each sync: what may not change silently. */
const syncsTable: TableSpec = {
  meaning: 'Identity of each sync, pinned at its first run.',
  key: ['sync_name'],
  columns: [
    column('sync_name', 'text', 'The sync.'),
    column('sync_type', 'text', 'object, event or list.'),
    column('portal_id', 'text', 'HubSpot account that the state speaks of.'),
    column(
      'object_type',
      'text',
      'HubSpot objectTypeId, of a list that of its members; of events their full name, or `events` where it is in a column.',
    ),
    column('primary_key', 'text', 'JSON list of key columns.'),
    column('match_property', 'text', 'Property that finds the record.'),
    column('state_table', 'text', 'Name of the state table.'),
    column('model_id', 'text', 'unique_id of the dbt node at the last run.'),
    column('first_run_id', 'text', 'Run that pinned the identity.'),
    column(
      'list_id',
      'text',
      'HubSpot list of a sync of members; pinned at the first run like the rest of the identity.',
    ),
    column(
      'list_made_here',
      'boolean',
      'True when this sync made the list, or is about to; NULL when it was adopted.',
    ),
    column(
      'definition',
      'text',
      'JSON object of what the sync said when it last began to send, by the keys of its YAML.',
    ),
    column('updated_at', 'timestamp', 'When this row was written.'),
  ],
}

const leasesTable: TableSpec = {
  meaning: 'Who may run a sync now.',
  key: ['sync_name'],
  columns: [
    column('sync_name', 'text', 'The sync.'),
    column('portal_id', 'text', 'HubSpot account.'),
    column('holder', 'text', 'Host, process and invocation that hold the lease.'),
    column(
      'expires_at',
      'timestamp',
      'Held until then, unless renewed; includes the request time-out.',
    ),
  ],
}

const alertsTable: TableSpec = {
  meaning:
    'What each alert of backhaul.yml was told of: one row per trouble of a sync that it met. No values.',
  key: ['dedup_key'],
  columns: [
    column('dedup_key', 'text', 'Identifies the row, and the trouble for whoever is told.'),
    column('alert_name', 'text', 'Entry of `alerts:` in backhaul.yml.'),
    column('target_name', 'text', 'dbt target.'),
    column('sync_name', 'text', 'The sync; NULL where the run as a whole failed.'),
    column('trouble', 'text', 'failure, rejected, guard or stale.'),
    column('status', 'text', 'open while the trouble lasts, else closed.'),
    column('since', 'timestamp', 'Since when status holds.'),
    column('message', 'text', 'JSON object: what is said about it.'),
    column('told_status', 'text', 'What the channel was told last; NULL: nothing yet.'),
    column('told_at', 'timestamp', 'When it was told that.'),
    column('attempts', 'integer', 'Attempts to tell it that failed, in a row.'),
    column('last_error', 'text', 'Why the last one did.'),
    column('claimed_by', 'text', 'Invocation that tells it now.'),
    column('claimed_until', 'timestamp', 'Others leave it alone until then.'),
    column('updated_at', 'timestamp', 'When this row was written.'),
  ],
}

/** Windows of operations that have been allowed to leave. */
const intentsTable: TableSpec = {
  meaning: 'Windows of a plan that may have been sent; closed when their results are recorded.',
  isWorking: true,
  columns: [
    column('run_id', 'text', 'The run.'),
    column('operation', 'text', 'Kind of its operations; others between its ends are not in it.'),
    column('from_seq', 'integer', 'First position of the window.'),
    column('to_seq', 'integer', 'Last position of the window.'),
    column('opened_at', 'timestamp', 'Before the first request of the window.'),
    column('closed_at', 'timestamp', 'After its results were stored.'),
  ],
}

/** `results__<sync>`: what a run learnt, until it is merged. */
const resultsTable: TableSpec = {
  meaning: 'Outcomes stored at checkpoints and not yet merged into the state.',
  isWorking: true,
  columns: [
    column('run_id', 'text', 'The run.'),
    column('seq', 'integer', 'Position in the plan.'),
    column('outcome', 'text', 'succeeded, rejected, skipped, pending or unknown.'),
    column('record_id', 'text', 'HubSpot record id, when known.'),
    column('is_created', 'boolean', 'The operation made the record.'),
    column('is_doubtful', 'boolean', 'Not recorded as written, but it may have been.'),
    column('error_category', 'text', 'Why not.'),
    column('error_message', 'text', 'Why not, in words.'),
    column('error_property', 'text', 'Property at fault.'),
    column('correlation_id', 'text', "HubSpot's correlation id."),
    column('request_id', 'text', 'The call that decided.'),
  ],
}

/** `resolutions__<sync>`: what a look-up in HubSpot said about rows of a plan, before it is merged into the plan. */
export const resolutionsTable: TableSpec = {
  meaning: 'Answers of look-ups, and rendered templates, waiting to complete a plan.',
  isWorking: true,
  columns: [
    column('run_id', 'text', 'The run.'),
    column('seq', 'integer', 'Position in the plan.'),
    column('record_id', 'text', 'Record found; NULL when there is none.'),
    column('asked_at', 'timestamp', 'When HubSpot answered.'),
    column(
      'new_values',
      'text',
      'JSON object: texts rendered from templates; or as in the plan, without what the record must not get.',
    ),
    column('changed_properties', 'text', 'As in the plan, without what the record must not get.'),
    column('doubtful_values', 'text', 'The same.'),
    column('audit_old', 'text', 'The same.'),
    column('audit_new', 'text', 'The same.'),
  ],
}

const versionTable: TableSpec = {
  meaning: 'Version of these tables.',
  columns: [
    column('version', 'integer', 'Highest version applied.'),
    column('applied_at', 'timestamp', 'When.'),
    column('backhaul_version', 'text', 'By which release.'),
  ],
}

/** Tables that exist once per schema. */
export const sharedTables = {
  schema_version: versionTable,
  syncs: syncsTable,
  leases: leasesTable,
  runs: runsTable,
  changes: changesTable,
  requests: requestsTable,
  alerts: alertsTable,
  intents: intentsTable,
} as const satisfies Record<string, TableSpec>

/**
 * Tables that each sync has for itself, by the word before its name. Results are not shared: engines limit how often a day rows
 * are loaded into one table.
 */
export const syncTables = {
  state: stateTable,
  plan: planTable,
  results: resultsTable,
  resolutions: resolutionsTable,
  links: linksTable,
} as const satisfies Record<string, TableSpec>

/** Where the tables live. */
export interface StateLocation {
  readonly database: string | undefined
  readonly schema: string
}

/** Reference to a table of ours by its name. */
export function tableAt(location: StateLocation, name: string): TableRef {
  return {
    ...(location.database === undefined ? {} : { database: location.database }),
    schema: location.schema,
    name,
  }
}

/** `name type`, with what it means where the engine takes that there. */
function columnDdl(dialect: Dialect, { name, kind, meaning }: ColumnSpec): Sql {
  const plain = raw(`${name} ${dialect.type(kind)}`)
  const { comments } = dialect
  return comments.are === 'inline' ? sql`${plain} ${comments.ofColumn(meaning)}` : plain
}

/** DDL of one table of ours, documented where the engine takes that in the same statement. */
export function createTable(dialect: Dialect, table: TableRef, spec: TableSpec): Sql {
  const { comments } = dialect
  const columns = spec.columns.map((column) => columnDdl(dialect, column))
  const ddl = ddlOf(dialect, lastingForm(dialect, spec), table, spec, columns)
  return comments.are === 'inline' ? sql`${ddl}\n${comments.ofTable(spec.meaning)}` : ddl
}

/** The same without its documentation: for people to read and run. */
export const plainTable = (dialect: Dialect, table: TableRef, spec: TableSpec): Sql =>
  tableDdl(dialect, lastingForm(dialect, spec), table, spec)

function lastingForm(dialect: Dialect, spec: TableSpec): TableForm {
  const form = dialect.tableForm(spec.isWorking ? 'working' : 'lasting', spec.key)
  return { ...form, create: `${form.create} if not exists` }
}

/** What documents a table that is there; undefined where its DDL does. */
export function documentTable(dialect: Dialect, table: TableRef, spec: TableSpec): Sql | undefined {
  const { comments } = dialect
  return comments.are === 'apart' ? comments.statement(table, spec) : undefined
}

/** DDL of a column that a table of an earlier release lacks; NULL in the rows that are there. */
export const addColumnStatement = (dialect: Dialect, table: TableRef, column: ColumnSpec): Sql =>
  sql`alter table ${raw(tableName(dialect, table))} add column if not exists ${columnDdl(dialect, column)}`

/** DDL of a table by its form, e.g. a scratch table's. Keys are declared only where the engine enforces them cheaply. */
export function tableDdl(dialect: Dialect, form: TableForm, table: TableRef, spec: TableSpec): Sql {
  const columns = spec.columns.map(({ name, kind }) => raw(`${name} ${dialect.type(kind)}`))
  return ddlOf(dialect, form, table, spec, columns)
}

function ddlOf(
  dialect: Dialect,
  { create, options }: TableForm,
  table: TableRef,
  { key }: TableSpec,
  columns: readonly Sql[],
): Sql {
  const isKeyed = key !== undefined && dialect.capabilities.enforcesKeys
  const lines = [...columns, ...(isKeyed ? [raw(`primary key (${key.join(', ')})`)] : [])]
  const ddl = sql`${raw(`${create} ${tableName(dialect, table)}`)} (\n  ${join(lines, ',\n  ')}\n)`
  return options === '' ? ddl : sql`${ddl}\n${raw(options)}`
}
