import { stringify } from 'yaml'
import { sharedTables, stateTable, type TableSpec } from '../../src/record/tables.ts'

/** Tables that the dbt package reads. Each sync has a state of its own, so that is no source with a fixed name. */
const { runs, changes, requests, syncs } = sharedTables
const sources: Readonly<Record<string, TableSpec>> = { runs, changes, requests, syncs }

/** Columns of a state that no model passes on: values of properties, and what only a run can use. */
const keptBack = ['fingerprint', 'tried_fingerprint', 'sent_values', 'match_value']

/** Columns of `runs` that `backhaul_changes` has beside those of `changes`. */
const ofRun = [
  'invocation_id',
  'dbt_invocation_id',
  'model_id',
  'target_name',
  'portal_id',
  'object_type',
  'mode',
]

const header = 'Made from src/record/tables.ts; edit that file, not this one.'

interface Column {
  readonly name: string
  readonly description: string
  readonly data_tests?: readonly string[]
}

const columnsOf = (spec: TableSpec, isWanted: (name: string) => boolean): readonly Column[] =>
  spec.columns
    .filter(({ name }) => isWanted(name))
    .map(({ name, meaning }) => ({ name, description: meaning }))

/** `models/_tables.yml`: the audit tables as dbt sources, and the models that pass their columns on. */
export function tablesFile(): string {
  const content = {
    sources: [
      {
        name: 'backhaul',
        description:
          'Tables that Backhaul writes, described in docs/tables.md. There is one state table per sync beside them, which `backhaul_rows` reads.',
        database:
          "{{ var('backhaul_database', (target.database ~ '_backhaul') if target.type == 'duckdb' else target.database) }}",
        schema: "{{ var('backhaul_schema', target.schema ~ '_backhaul') }}",
        tables: Object.entries(sources).map(([name, spec]) => ({
          name,
          description: spec.meaning,
          columns: columnsOf(spec, () => true),
        })),
      },
    ],
    models: [
      {
        name: 'backhaul_rows',
        description:
          'How each row of each sync stands: one row per primary key, from the state tables. Without the values of properties. Always a table, so it is as old as its last build.',
        columns: [
          {
            name: 'row_key',
            description: '`sync_name/row_id`, which identifies the row among those of all syncs.',
            data_tests: ['not_null', 'unique'],
          },
          { name: 'sync_name', description: 'The sync.', data_tests: ['not_null'] },
          ...columnsOf(stateTable, (name) => !keptBack.includes(name)),
        ],
      },
      {
        name: 'backhaul_changes',
        description:
          'Every operation with its outcome, and what is known of its run: what changed in HubSpot, when, and after which build. Old and new values as far as audit.values of backhaul.yml allows.',
        columns: [
          ...columnsOf(changes, () => true),
          ...columnsOf(runs, (name) => ofRun.includes(name)),
        ],
      },
    ],
  }
  // Without line breaks of its own a description stays one paragraph.
  return `# ${header}\n${stringify(content, { lineWidth: 0 })}`
}

/** `macros/audit/audit_columns.sql`: the columns of the tables, for selects that name them all. */
export function columnsMacro(): string {
  const tables = Object.entries({ ...sources, state: stateTable }).map(([name, { columns }]) => {
    const kinds = columns.map((column) => `      '${column.name}': '${column.kind}'`)
    return `    '${name}': {\n${kinds.join(',\n')}\n    }`
  })
  return `{#-
  Columns of Backhaul's tables, each with its type for \`type_of\`.
  ${header}
-#}
{% macro audit_columns() %}
  {{ return({
${tables.join(',\n')}
  }) }}
{% endmacro %}
`
}
