import type { Mode } from '../types.ts'
import { type Dialect, type TableRef, tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText, type Row, type Warehouse } from '../warehouse/warehouse.ts'
import type { AskedRow } from './asked-rows.ts'
import {
  type DiffSpec,
  diffStatement,
  type KeySlice,
  preflightStatement,
  sliceStatement,
} from './diff.ts'
import type { TrippedGuard } from './guards.ts'

/** What a run of one sync would do. Versioned plain data: `plan --output json` prints it. */
export interface Plan {
  readonly version: 1
  readonly sync: string
  readonly runId: string
  readonly model: string
  readonly object: string
  readonly mode: Mode
  readonly isFirstRun: boolean
  readonly rows: {
    readonly inModel: number
    readonly known: number
    readonly unchanged: number
    /** Left alone because HubSpot refused them too often; they are tried again when they change. */
    readonly parked: number
    /** Rows that may have been written and cannot be repeated safely: nothing is done about them. */
    readonly unknown: number
    readonly returned: number
    /** Rows that have nothing left to send once their bad values are dropped; they count as unchanged. */
    readonly onlyDropped: number
  }
  readonly operations: OperationCounts
  readonly rejects: readonly { readonly reason: string; readonly rows: number }[]
  /** Bad values that are left out of the rows looked at (`on_invalid: drop_property`), most frequent first. */
  readonly dropped: readonly DroppedValues[]
  readonly calls: Calls
  readonly guards: readonly TrippedGuard[]
  /** One per row that `--row` asked for. */
  readonly asked?: readonly AskedRow[]
  /** Bytes that the warehouse bills for a run of this plan; only where it bills bytes and was asked. */
  readonly bytesBilled?: number
}

export interface DroppedValues {
  readonly property: string
  readonly values: number
}

/** Rows per operation. `upsert` is "create or update": HubSpot decides. */
export interface OperationCounts {
  readonly create: number
  readonly upsert: number
  readonly update: number
  readonly clear: number
  readonly archive: number
  /** Left the model, nothing is done in HubSpot. */
  readonly leave: number
  readonly skip: number
  readonly reject: number
  /** Only the state is brought up to date: HubSpot already has these values. */
  readonly refresh: number
}

export interface Calls {
  readonly writes: number
  /** Look-ups before writing. */
  readonly lookups: number
}

/** One row of a plan, for people. Values as `audit.values` allows. */
export interface PlannedChange {
  readonly sequence: number
  readonly rowId: string | null
  readonly recordId: string | null
  readonly operation: keyof OperationCounts
  readonly old: Readonly<Record<string, string>>
  readonly new: Readonly<Record<string, string>>
  readonly reason: string | null
  readonly detail: string | null
  /** What is wrong with each bad value of a rejected row. */
  readonly message: string | null
  /** Properties that are left out because of a bad value. */
  readonly dropped: readonly string[]
}

/** What planning found out; `Plan` without the words around it. */
export interface Diff {
  readonly rowsInModel: number
  readonly knownRows: number
  readonly parked: number
  readonly unknown: number
  readonly returned: number
  readonly operations: OperationCounts
  readonly unboundUpdates: number
  readonly rejects: readonly { readonly reason: string; readonly rows: number }[]
  readonly dropped: readonly DroppedValues[]
  readonly onlyDropped: number
}

/** The statements that read the model, for asking what they would bill. */
export function readingStatements(
  dialect: Dialect,
  spec: Omit<DiffSpec, 'hasRepeatedKeys' | 'hasRepeatedMatches'>,
): readonly Sql[] {
  const whole = {
    ...spec,
    hasRepeatedKeys: !dialect.capabilities.hasSnapshots,
    hasRepeatedMatches: spec.match !== undefined && !dialect.capabilities.hasSnapshots,
  }
  return [preflightStatement(dialect, whole), diffStatement(dialect, whole)]
}

const count = (row: Row | undefined, column: string) => Number(row?.[column] ?? 0)

/**
 * Looks at the model and writes the change set into the plan table. Call inside `withSnapshot`.
 * The model is scanned twice: once for keys and match values, once for the diff.
 */
export async function diffModel(
  warehouse: Warehouse,
  spec: Omit<DiffSpec, 'hasRepeatedKeys' | 'hasRepeatedMatches'>,
): Promise<Diff> {
  const { dialect } = warehouse
  const unchecked = { ...spec, hasRepeatedKeys: false, hasRepeatedMatches: false }
  const [preflight] = await warehouse.query(preflightStatement(dialect, unchecked))
  // Without a snapshot the model may have changed since: then the diff looks for itself.
  const mayDiffer = !dialect.capabilities.hasSnapshots
  const checked = {
    ...spec,
    hasRepeatedKeys: mayDiffer || count(preflight, 'keyed') > count(preflight, 'distinct_keys'),
    hasRepeatedMatches:
      spec.match !== undefined &&
      (mayDiffer || count(preflight, 'matches') > count(preflight, 'distinct_matches')),
  }
  let seqOffset = 0
  for (const slice of await slicesOf(warehouse, checked)) {
    seqOffset += await warehouse.execute(
      diffStatement(
        dialect,
        slice === undefined ? checked : { ...checked, slice: { ...slice, seqOffset } },
      ),
    )
  }
  const statistics = dialect.refreshStatistics(spec.plan)
  if (statistics !== undefined) await warehouse.execute(statistics)
  const known =
    spec.state === undefined
      ? []
      : await warehouse.query(
          sql`select count(*) as total, sum(case when status = 'parked' then 1 else 0 end) as parked,
  sum(case when status = 'unknown' then 1 else 0 end) as unknown_rows
from ${raw(tableName(dialect, spec.state))} where status <> 'left'`,
        )
  const mayStay = count(known[0], 'parked')
  return {
    rowsInModel: count(preflight, 'total'),
    knownRows: count(known[0], 'total'),
    parked: mayStay === 0 ? 0 : await countParked(warehouse, spec),
    unknown: spec.onlyRows === undefined ? count(known[0], 'unknown_rows') : 0,
    ...(await countPlan(warehouse, spec)),
    ...(await countDropped(warehouse, spec)),
  }
}

/** Parked rows that the plan does nothing about. */
async function countParked(
  warehouse: Warehouse,
  { state, plan, runId, onlyRows }: Pick<DiffSpec, 'state' | 'plan' | 'runId' | 'onlyRows'>,
): Promise<number> {
  if (state === undefined) return 0
  const name = (table: TableRef) => raw(tableName(warehouse.dialect, table))
  const asked =
    onlyRows === undefined
      ? raw('')
      : sql` and row_id in (${join(onlyRows.map((row) => sql`${row}`))})`
  const rows =
    await warehouse.query(sql`select count(*) as total from ${name(state)} where status = 'parked'${asked}
  and row_id not in (select row_id from ${name(plan)} where run_id = ${runId} and row_id is not null)`)
  return count(rows[0], 'total')
}

/** How the change set is cut up; one undefined slice is all of it. */
async function slicesOf(
  warehouse: Warehouse,
  spec: DiffSpec,
): Promise<readonly (Omit<KeySlice, 'seqOffset'> | undefined)[]> {
  const { sliceRows } = warehouse.dialect.capabilities
  if (sliceRows === undefined || spec.limit !== undefined || spec.onlyRows !== undefined) {
    return [undefined]
  }
  const rows = await warehouse.query(sliceStatement(warehouse.dialect, spec, sliceRows))
  const ends = [...new Set(rows.map((row) => String(row['up_to'])))].slice(0, -1)
  if (ends.length === 0) return [undefined]
  const middle = ends.slice(1).map((upTo, index) => ({ after: ends[index] ?? '', upTo }))
  return [{ upTo: ends[0] ?? '' }, ...middle, { after: ends.at(-1) ?? '' }]
}

async function countPlan(
  warehouse: Warehouse,
  spec: Pick<DiffSpec, 'plan' | 'runId'>,
): Promise<Pick<Diff, 'operations' | 'rejects' | 'returned' | 'unboundUpdates'>> {
  const plan = raw(tableName(warehouse.dialect, spec.plan))
  const rows = await warehouse.query(
    sql`select operation, reason, is_return, case when record_id is null then 1 else 0 end as is_unbound, count(*) as total
from ${plan} where run_id = ${spec.runId} group by operation, reason, is_return, case when record_id is null then 1 else 0 end`,
  )
  const sum = (test: (row: Row) => boolean) =>
    rows.filter(test).reduce((total, row) => total + count(row, 'total'), 0)
  const of = (operation: string) => sum((row) => row['operation'] === operation)
  const reasons = [...new Set(rows.map((row) => row['reason']))].filter(
    (reason) => reason !== null && reason !== undefined,
  )
  return {
    operations: {
      create: of('create'),
      upsert: of('upsert'),
      update: of('update'),
      clear: of('clear'),
      archive: of('archive'),
      leave: of('leave'),
      skip: of('skip'),
      reject: of('reject'),
      refresh: of('refresh'),
    },
    unboundUpdates: sum((row) => row['operation'] === 'update' && count(row, 'is_unbound') === 1),
    rejects: reasons
      .map((reason) => ({
        reason: String(reason),
        rows: sum((row) => row['operation'] === 'reject' && row['reason'] === reason),
      }))
      .sort((a, b) => b.rows - a.rows || (a.reason < b.reason ? -1 : 1)),
    returned: sum((row) => row['is_return'] === true),
  }
}

/** Asked only where a mapping may drop values at all. */
async function countDropped(
  warehouse: Warehouse,
  spec: Pick<DiffSpec, 'plan' | 'runId' | 'properties'>,
): Promise<Pick<Diff, 'dropped' | 'onlyDropped'>> {
  if (spec.properties.every(({ onInvalid }) => onInvalid !== 'drop_property')) {
    return { dropped: [], onlyDropped: 0 }
  }
  const rows = await warehouse.query(
    sql`select operation, dropped_properties, count(*) as total from ${raw(tableName(warehouse.dialect, spec.plan))}
where run_id = ${spec.runId} and dropped_properties is not null group by operation, dropped_properties`,
  )
  const values = new Map<string, number>()
  let onlyDropped = 0
  for (const row of rows) {
    const total = count(row, 'total')
    if (row['operation'] === 'refresh') onlyDropped += total
    for (const property of list(row['dropped_properties'])) {
      values.set(property, (values.get(property) ?? 0) + total)
    }
  }
  const dropped = [...values]
    .map(([property, total]) => ({ property, values: total }))
    .sort((a, b) => b.values - a.values || (a.property < b.property ? -1 : 1))
  return { dropped, onlyDropped }
}

/**
 * Calls that a diff needs when nothing goes wrong. In update and insert mode rows without a known record are
 * looked up first, so writes are the most there can be.
 */
export function callsOf(
  diff: Pick<Diff, 'operations' | 'unboundUpdates'>,
  batchSize: number,
  hasMatch: boolean,
): Calls {
  const batches = (rows: number) => Math.ceil(rows / batchSize)
  const { operations } = diff
  return {
    writes:
      batches(operations.create) +
      batches(operations.upsert) +
      batches(operations.update) +
      batches(operations.clear) +
      batches(operations.archive),
    lookups: hasMatch ? batches(operations.create + diff.unboundUpdates) : 0,
  }
}

/** Rows of a plan for people, in order; refreshed rows are left out, unless a bad value of theirs was dropped. */
export function changesStatement(
  warehouse: Warehouse,
  spec: Pick<DiffSpec, 'plan' | 'runId'> & { readonly hidesValues: boolean },
  limit: number | undefined,
): Sql {
  const plan = raw(tableName(warehouse.dialect, spec.plan))
  // A first run's audit_new is NULL where values may be shown: new_values says it.
  const shown = raw(spec.hidesValues ? 'audit_new' : 'coalesce(audit_new, new_values) as audit_new')
  const bound = limit === undefined ? raw('') : raw(` limit ${limit}`)
  return sql`select seq, row_id, record_id, operation, audit_old, ${shown}, reason, reason_detail, reason_message, dropped_properties
from ${plan} where run_id = ${spec.runId} and (operation <> 'refresh' or dropped_properties is not null) order by seq${bound}`
}

const values = (value: unknown): Record<string, string> =>
  value === null || value === undefined ? {} : (JSON.parse(String(value)) as Record<string, string>)

const list = (value: unknown): readonly string[] =>
  value === null || value === undefined ? [] : (JSON.parse(String(value)) as string[])

export function toPlannedChange(row: Row): PlannedChange {
  return {
    sequence: Number(row['seq']),
    rowId: cellText(row['row_id']),
    recordId: cellText(row['record_id']),
    operation: String(row['operation']) as keyof OperationCounts,
    old: values(row['audit_old']),
    new: values(row['audit_new']),
    reason: cellText(row['reason']),
    detail: cellText(row['reason_detail']),
    message: cellText(row['reason_message']),
    dropped: list(row['dropped_properties']),
  }
}
