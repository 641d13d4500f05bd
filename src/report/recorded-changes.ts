import { columnNames, type Ledger, named, selected, sharedTable } from '../record/ledger.ts'
import { isAskedRun, type RunFilter } from '../record/status.ts'
import { changesTable } from '../record/tables.ts'
import type { AuditValues } from '../types.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText, type Row } from '../warehouse/warehouse.ts'
import type { ChangedValues, CollectedChanges, ReportProblem } from './payload.ts'

/** How far values and words of the audit may be shown. */
export interface Showing {
  readonly values: AuditValues
  /** HubSpot's words without the values that they quote. */
  readonly scrub: (message: string) => string
}

/** What went wrong, in our words. */
export type Describe = (
  category: string,
  property: string | null,
) => { readonly meaning: string; readonly advice: string }

/** Outcomes whose reason is a problem; that of rows that left says why a record stays. */
const isProblem =
  "error_category is not null and outcome in ('rejected', 'skipped', 'pending', 'unknown')"

const inAskedRuns = (ledger: Ledger, filter: RunFilter): Sql =>
  sql`run_id in (select run_id from ${named(ledger, sharedTable(ledger, 'runs'))} where ${isAskedRun(filter)})`

const problemKey = (sync: string, category: string, property: string | null): string =>
  JSON.stringify([sync, category, property])

/** Problems of the runs, by sync, reason and property, and where each is in the list. */
export interface Problems {
  readonly list: readonly ReportProblem[]
  indexOf(sync: string, category: string, property: string | null): number | null
}

/** What went wrong in the runs, grouped; most rows first. Rows without a key count once per run: as its newest run met them. */
export async function readProblems(
  ledger: Ledger,
  filter: RunFilter,
  { scrub, values }: Showing,
  describe: Describe,
): Promise<Problems> {
  const changes = named(ledger, sharedTable(ledger, 'changes'))
  const where = sql`${raw(isProblem)} and ${inAskedRuns(ledger, filter)}`
  const keyless = new Map<string, number>()
  for (const row of await ledger.warehouse.query(
    sql`select sync_name, error_category, error_property, run_id, count(*) as total from ${changes}
where ${where} and row_id is null group by sync_name, error_category, error_property, run_id order by run_id`,
  )) {
    keyless.set(keyOf(row), Number(row['total']))
  }
  const rows = await ledger.warehouse.query(
    sql`select sync_name, error_category, error_property, count(distinct row_id) as keyed, max(run_id) as last_run, min(error_message) as message
from ${changes} where ${where} group by sync_name, error_category, error_property`,
  )
  const list = rows
    .map((row) => {
      const category = String(row['error_category'])
      const property = cellText(row['error_property'])
      const { meaning, advice } = describe(category, property)
      const message = cellText(row['message'])
      return {
        sync: String(row['sync_name']),
        category,
        property,
        rows: Number(row['keyed']) + (keyless.get(keyOf(row)) ?? 0),
        message: message === null ? meaning : values === 'full' ? message : scrub(message),
        advice: `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}. ${advice}`,
        lastRunId: String(row['last_run']),
      }
    })
    .sort((one, other) => other.rows - one.rows || (one.lastRunId < other.lastRunId ? 1 : -1))
  const places = new Map(
    list.map(({ sync, category, property }, index) => [
      problemKey(sync, category, property),
      index,
    ]),
  )
  return {
    list,
    indexOf: (sync, category, property) => places.get(problemKey(sync, category, property)) ?? null,
  }
}

const keyOf = (row: Row): string =>
  problemKey(
    String(row['sync_name']),
    String(row['error_category']),
    cellText(row['error_property']),
  )

const columns = [
  'run_id',
  'sync_name',
  'row_id',
  'record_id',
  'operation',
  'outcome',
  'error_category',
  'error_message',
  'error_property',
  'request_id',
  'changed_properties',
  'old_values',
  'new_values',
  'association',
  'target_key',
  'target_record_id',
  'labels',
]

/** Changes of the runs, newest run first and at most so many, and how many there are in all. */
export async function readChanges(
  ledger: Ledger,
  filter: RunFilter,
  facts: {
    readonly limit: number
    /** Where a run is in the report's list. */
    readonly runIndex: ReadonlyMap<string, number>
    readonly problems: Problems
    readonly showing: Showing
  },
): Promise<{ readonly changes: CollectedChanges; readonly total: number }> {
  const { limit, runIndex, problems, showing } = facts
  const ref = sharedTable(ledger, 'changes')
  const table = named(ledger, ref)
  const asked = inAskedRuns(ledger, filter)
  const [counted] = await ledger.warehouse.query(
    sql`select count(*) as total from ${table} where ${asked}`,
  )
  const present = (await columnNames(ledger, ref)) ?? new Set()
  const chosen = selected(ledger, columns, changesTable, present)
  const kept = noChanges()
  for await (const rows of ledger.warehouse.stream(
    sql`select ${chosen} from ${table} where ${asked} order by run_id desc, seq limit ${raw(String(limit))}`,
  )) {
    for (const row of rows) {
      const run = runIndex.get(String(row['run_id']))
      // A run that is not in the list any more, because there are so many, takes its changes along.
      if (run !== undefined) keep(kept, row, run, problems, showing)
    }
  }
  return { changes: kept, total: Number(counted?.['total'] ?? 0) }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer E)[] ? E[] : T[Key] }

export const noChanges = (): Mutable<CollectedChanges> => ({
  run: [],
  rowId: [],
  recordId: [],
  operation: [],
  outcome: [],
  values: [],
  link: [],
  problem: [],
  message: [],
  requestId: [],
})

function keep(
  kept: Mutable<CollectedChanges>,
  row: Row,
  run: number,
  problems: Problems,
  { values, scrub }: Showing,
): void {
  const category = cellText(row['error_category'])
  const found = cellText(row['error_message'])
  const message = found === null || values === 'full' ? found : scrub(found)
  const problem =
    category === null
      ? null
      : problems.indexOf(String(row['sync_name']), category, cellText(row['error_property']))
  const association = cellText(row['association'])
  kept.run.push(run)
  // A person who was forgotten has no key any more.
  kept.rowId.push(cellText(row['row_id']) ?? '')
  kept.recordId.push(cellText(row['record_id']))
  kept.operation.push(String(row['operation']))
  kept.outcome.push(String(row['outcome']))
  kept.values.push(
    association === null
      ? JSON.stringify(
          changedValues(
            list(row['changed_properties']),
            object(row['old_values']),
            object(row['new_values']),
            values,
          ),
        )
      : '{}',
  )
  kept.link.push(
    association === null
      ? null
      : {
          association,
          target: linkTarget(association, cellText(row['target_key']), values),
          targetRecordId: cellText(row['target_record_id']),
          labels: cellText(row['labels']),
        },
  )
  kept.problem.push(problem)
  kept.message.push(
    problem !== null && problems.list[problem]?.message === message ? null : message,
  )
  kept.requestId.push(cellText(row['request_id']))
}

/** Each property with its old and new value. The audit may hold more than is allowed by now: from before `audit.values` was changed. */
export function changedValues(
  properties: readonly string[],
  old: Readonly<Record<string, unknown>>,
  next: Readonly<Record<string, unknown>>,
  allowed: AuditValues,
): ChangedValues {
  const names = new Set([...properties, ...Object.keys(old), ...Object.keys(next)])
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      [shown(ownOf(old, name), allowed), shown(ownOf(next, name), allowed)],
    ]),
  )
}

/** Those of the values that may be shown. The audit may hold more than is allowed by now. */
export const allowedValues = (
  held: Readonly<Record<string, string>>,
  allowed: AuditValues,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(held).filter(([, value]) => shown(value, allowed) !== null))

/** `constructor` is a name that a property can have. */
const ownOf = (values: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(values, name) ? values[name] : undefined

const digest = /^[0-9a-f]{64}$/

function shown(value: unknown, allowed: AuditValues): string | null {
  if (value === undefined || value === null || allowed === 'none') return null
  const text = String(value)
  return allowed === 'full' || digest.test(text) ? text : null
}

/** Rows and record ids are no values; what a record is looked up by is one. */
export function linkTarget(
  association: string,
  target: string | null,
  allowed: AuditValues,
): string | null {
  return /^[^/]*\/(sync|id):/.test(association) ? target : shown(target, allowed)
}

type Cell = Row[string] | undefined

const object = (cell: Cell): Readonly<Record<string, unknown>> =>
  cell === null || cell === undefined ? {} : JSON.parse(String(cell))

const list = (cell: Cell): readonly string[] =>
  cell === null || cell === undefined ? [] : JSON.parse(String(cell))
