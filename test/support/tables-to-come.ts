import type { ColumnSpec, TableSpec } from '../../src/record/tables.ts'
import type { ColumnKind } from '../../src/warehouse/dialect.ts'

/** Tables that later types of sync need, on paper: `docs/tables.md` shows them, nothing creates them. */

interface ComingTable {
  readonly name: string
  readonly spec: TableSpec
  readonly notes: readonly string[]
}

const column = (name: string, kind: ColumnKind, meaning: string): ColumnSpec => ({
  name,
  kind,
  meaning,
})

const links: TableSpec = {
  meaning:
    'One row per link that a row of the sync asks for: to which record, with which labels, and how it stands.',
  key: ['row_id', 'association', 'target_key'],
  columns: [
    column('row_id', 'text', 'The row that asks for the link; as in `state__<sync>`.'),
    column(
      'association',
      'text',
      'The entry of `associations:`: the other object and how its record is found, e.g. `companies/sync:companies`. Two entries of a sync never share it.',
    ),
    column('target_object', 'text', 'HubSpot objectTypeId of the other record.'),
    column(
      'target_key',
      'text',
      "What the row says: the other sync's row_id, a match value, or a record id.",
    ),
    column(
      'target_record_id',
      'text',
      'Record that target_key stands for; NULL while there is none.',
    ),
    column(
      'labels',
      'text',
      'JSON list of the association types that this sync set last, as `category:id`, sorted; `[]` is the unlabelled link.',
    ),
    column(
      'added_here',
      'boolean',
      'True when this sync made the link; NULL when nobody can know.',
    ),
    column(
      'status',
      'text',
      'As in `state__<sync>`; `pending` also while the target does not exist.',
    ),
    column('attempts', 'integer', 'Rejections by HubSpot of the link as it is asked for.'),
    column(
      'next_attempt_at',
      'timestamp',
      'A target that was not found is looked up again from then on.',
    ),
    column('error_category', 'text', 'Why the link is not there; NULL when it is.'),
    column('error_message', 'text', 'The reason in words.'),
    column('first_run_id', 'text', 'Run that met the link first.'),
    column('last_run_id', 'text', 'Run that changed this row last.'),
    column('last_synced_at', 'timestamp', 'Last success.'),
    column('updated_at', 'timestamp', 'When this row was written.'),
  ],
}

const planned: TableSpec = {
  meaning:
    '`plan__<sync>` and `changes` get these columns for links; they are NULL for records, events and members. Operations to come: `associate`, `dissociate`.',
  columns: [
    column('association', 'text', 'As in `links__<sync>`.'),
    column('target_key', 'text', 'As in `links__<sync>`.'),
    column('target_record_id', 'text', 'As in `links__<sync>`.'),
    column('labels', 'text', 'Labels after the operation, foreign ones included.'),
  ],
}

export const comingTables: readonly ComingTable[] = [
  {
    name: 'links__<sync>',
    spec: links,
    notes: [
      'Records of all syncs are written before any link, so a link finds its target in `state__<other sync>` by a join. A link whose target has no record yet stays `pending`, and costs no call. Links of one run have positions of their own after all records, so windows, intents and results need no change.',
      '',
    ],
  },
  {
    name: 'plan__<sync> and changes of links',
    spec: planned,
    notes: [
      'New columns come with a new version in `schema_version`, by `alter table … add column`: the one change of a table that all four engines make without rewriting it.',
      '',
    ],
  },
]

/** What each engine does with the same tables. */
export const enginesText: readonly string[] = [
  '## One shape, four engines',
  '',
  'Names, columns and statements are the same everywhere. What differs:',
  '',
  '| | DuckDB | PostgreSQL | Snowflake | BigQuery |',
  '| --- | --- | --- | --- | --- |',
  '| Names | as written | as written | in capitals | as written |',
  '| Keys | not declared: MERGE is many times faster without an index | primary key | not declared: not enforced | not declared: not enforced |',
  '| `state__<sync>` | table | table | permanent table | table clustered by `row_id` |',
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
