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

const members: TableSpec = {
  meaning:
    'List members keep `state__<sync>` as it is: record_id is the member, created_here says that this sync added it, sent_values is `{}`. The list stands in `syncs`, with these columns more.',
  columns: [
    column(
      'list_id',
      'text',
      'HubSpot list; pinned at the first run like the rest of the identity.',
    ),
    column(
      'list_made_here',
      'boolean',
      'True when this sync made the list; NULL when it was adopted.',
    ),
  ],
}

export const comingTables: readonly ComingTable[] = [
  {
    name: 'syncs of lists',
    spec: members,
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
