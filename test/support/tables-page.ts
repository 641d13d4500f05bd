import { sharedTables, syncTables, type TableSpec } from '../../src/record/tables.ts'
import type { RowStatus, RunStatus } from '../../src/types.ts'
import { bigqueryDialect } from '../../src/warehouse/bigquery/dialect.ts'
import type { ColumnKind, Dialect } from '../../src/warehouse/dialect.ts'
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.ts'
import { postgresDialect } from '../../src/warehouse/postgres/dialect.ts'
import { snowflakeDialect } from '../../src/warehouse/snowflake/dialect.ts'

const rowStatuses: readonly RowStatus[] = [
  'succeeded',
  'rejected',
  'parked',
  'skipped',
  'pending',
  'sending',
  'unknown',
  'left',
]

const runStatuses: Readonly<Record<RunStatus, string>> = {
  planned:
    'Entered; nothing has been sent. A run that ended here is thrown away by the next start.',
  running:
    'May have sent something. Seen after its end only when the process died: the next start finishes its books.',
  succeeded:
    'Every row has its outcome, and no more rows were rejected than `max_rejected` allows.',
  partial: 'Rows are left for the next run (`pending`, `unknown`), or too many were rejected.',
  failed: 'Ended by an error before anything was sent; `error_message` says which.',
  aborted:
    'Stopped by Ctrl-C (what was sent until then is recorded, the rest is `pending`), by the failure of another sync, or by the end of the process.',
  guarded: 'A guard stopped it; nothing was written to HubSpot.',
  held: 'Not run, because dbt failed to build the model, or a test of it failed; `error_message` says which. A sync whose model was only not in the build is told in the log and in `run_results.json`, and leaves no row here.',
}

const operations: Readonly<Record<string, string>> = {
  create: 'Makes a record (mode `insert`).',
  upsert: 'HubSpot finds the record by the match property, or makes it.',
  update: 'Changes the record that the row is bound to.',
  send: 'Sends an event, once; HubSpot keeps the first of a uuid.',
  add: 'Adds a record to a list.',
  remove:
    'Takes a record off a list. `error_category` says why, where its row has not left the model: `MOVED`, `NOT_IN_MODEL`.',
  refresh:
    'Nothing to send: raw values differ and wire values do not. In `changes` only when a bad value was dropped.',
  skip: 'The mode leaves the row alone.',
  reject: 'A check refused the row before the first call; `reason` says which.',
  leave:
    'The row is gone from the model; nothing is done to its record. `reason` says why, where `on_delete` asks for more.',
  clear: 'Empties what the sync sent: the row has left the model.',
  archive: 'Archives the record: the row has left the model.',
  associate: 'Makes a link, or gives it other labels.',
  dissociate:
    'Takes a link off that this sync made and the row asks for no more (`on_removed: remove`).',
  wait: 'The record at the other end of a link is not there yet.',
  release: 'The row asks for a link no more; nothing is done to it.',
}

const kinds: readonly ColumnKind[] = ['text', 'integer', 'boolean', 'timestamp', 'fingerprint']

/**
 * `docs/tables.md`: the state and audit tables column by column.
 *
 * @param transitions text of `src/record/transitions.ts`, whose opening comment tells what each status means
 */
export function tablesPage(transitions: string): string {
  const { runs, changes, requests, syncs, leases, schema_version, ...working } = sharedTables
  const { state, plan, results, resolutions, links } = syncTables
  return [
    ...opening,
    ...table('state__<sync>', state),
    ...definitions('Statuses of a row', statusProse(transitions)),
    ...eventsText,
    ...table('links__<sync>', links),
    ...linksText,
    ...listsText,
    ...table('runs', runs),
    ...definitions('Statuses of a run', Object.entries(runStatuses)),
    ...table('changes', changes),
    ...definitions('Operations', Object.entries(operations)),
    ...table('requests', requests),
    ...table('syncs', syncs),
    ...table('leases', leases),
    ...table('schema_version', schema_version),
    '## Working tables',
    '',
    'Filled and emptied by each run; between runs they hold only what an interrupted run left, and the plan rows of `unknown` operations.',
    '',
    ...Object.entries({ plan, results, resolutions }).flatMap(([name, spec]) =>
      table(`${name}__<sync>`, spec, '###'),
    ),
    ...Object.entries(working).flatMap(([name, spec]) => table(name, spec, '###')),
    ...types(),
    ...enginesText,
  ].join('\n')
}

const eventsText = [
  '**Events** (`type: event`) have the same table. `record_id` is the record that the event is about, where it is known; nothing is bound to it. `match_value` is what finds it. `sent_values` holds three parts beside the properties, from the first time that the event may have left:',
  '',
  '- `_event`: The full name of the event.',
  '- `_uuid`: Derived from the name of the sync, the event and the row, and kept: a repeat within a year is no second event.',
  '- `_occurred_at`: When it happened. NULL in the model becomes the moment of the first plan to send it, and stays.',
  '',
]

const linksText = [
  'Only syncs with `associations:` have it. Records of all syncs are written before any link, so a link finds its target in `state__<other sync>`, or in what the run has learnt of it.',
  '',
  ...definitions('Statuses of a link', [
    [
      'succeeded',
      'It is there, with `labels`. Left when the row, or what is known of either record, says something else.',
    ],
    [
      'pending',
      'Not written: a record at one end is not there yet, or for a reason outside the link (limits, an interrupt, a fault).',
    ],
    ['rejected', 'HubSpot refused it, or several records have what the row says.'],
    [
      'parked',
      'HubSpot refused it `max_attempts` times. Left alone until the row or the record at the other end changes.',
    ],
    [
      'left',
      'The row asks for it no more: it was taken off (`labels` is NULL), or stays (`on_removed: keep`).',
    ],
  ]),
]

const listsText = [
  '**Lists** (`type: list`) have it, too. `record_id` is the member, of mode `remove` the record that was taken off; several rows may be one. `created_here` says that this sync added it; NULL where an answer was lost. `match_value` is what finds it. `sent_values` holds one part, `_list`: what the sync calls the list, empty where the record was taken off. The list itself stands in `syncs`.',
  '',
]

/** What each engine does with the same tables. */
const enginesText: readonly string[] = [
  '## One shape, four engines',
  '',
  'Names, columns and statements are the same everywhere. What differs:',
  '',
  '| | DuckDB | PostgreSQL | Snowflake | BigQuery |',
  '| --- | --- | --- | --- | --- |',
  '| Names | as written | as written | in capitals | as written |',
  '| Keys | not declared: MERGE is many times faster without an index | primary key | not declared: not enforced | not declared: not enforced |',
  '| `state__<sync>` | table | table | permanent table | table clustered by `row_id` |',
  '| Comments | `comment on`, one batch per table | `comment on`, one batch per table | in `create table` | `description` in `create table` |',
  '| Working tables | emptied by DELETE | emptied by DELETE | transient tables, emptied by DELETE | tables, emptied by DELETE |',
  '| `results__<sync>`, `resolutions__<sync>` | appended | appended by COPY | appended by array binding | appended by load jobs |',
  '| Scratch of `backhaul plan` | temporary table | temporary table | temporary table | table that expires, dropped at the end |',
  '| `requests` | appended at checkpoints | appended at checkpoints | once per invocation | one load per invocation |',
  '| MERGE | one per sync and run, in slices when large | one per sync and run | one per sync and run | one per sync and run |',
  '| Lease | row, and the lock of the file | row | row, renewed every 100 s | row, renewed every 100 s |',
  '',
  'For BigQuery this means: a MERGE reads all columns of the state, so there is one per run and never one per checkpoint; results come by load job, which costs nothing; and no row is ever streamed in (`insertAll`), since such rows cannot be changed for half an hour. For Snowflake: a statement wakes the virtual warehouse for a minute, so a window is large there; DDL commits, so tables are made before the transaction of the merge starts.',
  '',
]

const opening = [
  '# State and audit tables',
  '',
  'Generated from `src/record/tables.ts`; edit that file, not this one.',
  '',
  'Backhaul creates these tables in a schema of its own, `<target schema>_backhaul` unless `schema:` in backhaul.yml says otherwise. On DuckDB the schema is in a file beside the database, `<name>_backhaul.duckdb`. Read them as you like; write to them never. `<sync>` is the name of the sync; where the engine limits or folds names, a digest at the end keeps two syncs apart.',
  '',
  'Stable across versions: names and meaning of tables and columns. New columns may appear, with a new version in `schema_version`, so name the columns you select.',
  '',
  'The meanings below are in the database, too, as comments of the tables and their columns (descriptions on BigQuery), so that catalogs and SQL clients show them. They are written when a table is made, and with the columns that a new release adds. Questions that these tables answer, as SQL: [queries.md](queries.md).',
  '',
]

function table(name: string, spec: TableSpec, level = '##'): readonly string[] {
  const key = spec.key === undefined ? '' : ` Key: \`${spec.key.join('`, `')}\`.`
  return [
    `${level} ${name.replace(/\S*<\S+>/g, '`$&`')}`,
    '',
    `${spec.meaning}${key}`,
    '',
    '| Column | Type | Meaning |',
    '| --- | --- | --- |',
    ...spec.columns.map(({ name: column, kind, meaning }) => row(`\`${column}\``, kind, meaning)),
    '',
  ]
}

function definitions(
  title: string,
  entries: readonly (readonly [string, string])[],
): readonly string[] {
  return [`**${title}**`, '', ...entries.map(([word, meaning]) => `- \`${word}\`: ${meaning}`), '']
}

/** The list in the opening comment of the file: `* - \`status\`: prose`, with continuation lines. */
function statusProse(text: string): readonly (readonly [string, string])[] {
  const comment = /\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? ''
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
  const entries = new Map<string, string>()
  let current: string | undefined
  for (const line of lines) {
    const [, status, prose] = /^- `(\w+)`: (.*)$/.exec(line) ?? []
    if (status !== undefined) {
      current = status
      entries.set(status, prose ?? '')
    } else if (current !== undefined && line.startsWith('  ')) {
      entries.set(current, `${entries.get(current)} ${line.trim()}`)
    } else current = undefined
  }
  return rowStatuses.map((status) => {
    const prose = entries.get(status)
    if (prose === undefined) throw new Error(`transitions.ts does not say what ${status} means`)
    return [status, prose] as const
  })
}

function types(): readonly string[] {
  const dialects: readonly Dialect[] = [
    duckdbDialect,
    postgresDialect,
    snowflakeDialect,
    bigqueryDialect,
  ]
  return [
    '## Types',
    '',
    '| Here | DuckDB | PostgreSQL | Snowflake | BigQuery |',
    '| --- | --- | --- | --- | --- |',
    ...kinds.map((kind) => row(kind, ...dialects.map((dialect) => `\`${dialect.type(kind)}\``))),
    '',
    'JSON is kept as text, because the JSON types of the engines reformat it. Moments are instants; sessions of Backhaul read them in UTC. A fingerprint says "this row may have changed" within one engine version; it is compared, never shown.',
    '',
  ]
}

const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
