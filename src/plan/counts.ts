import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText, type Row, type Warehouse } from '../warehouse/warehouse.ts'
import { parkedRemoval } from './diff/candidates.ts'
import { plannedRows } from './diff/diff.ts'
import { hasStages } from './diff/stages.ts'
import { allProperties, type DiffSpec, waitReasons } from './diff-spec.ts'
import type { Diff } from './plan.ts'
import { lookedUp, policiesOf } from './write-policies.ts'

/** A number of a row; 0 where it is missing or NULL. */
export const count = (row: Row | undefined, column: string) => Number(row?.[column] ?? 0)

/** A JSON list of a cell; empty for NULL. */
export const jsonList = (value: unknown): readonly string[] =>
  value === null || value === undefined ? [] : (JSON.parse(String(value)) as string[])

const waits: readonly string[] = waitReasons

/** Rows per operation, and per reason those that are rejected, or tried without being counted on. */
export async function countOperations(
  warehouse: Warehouse,
  spec: DiffSpec,
): Promise<
  Pick<Diff, 'operations' | 'rejects' | 'kept' | 'waits' | 'returned' | 'unboundUpdates'>
> {
  const rows = await warehouse.query(
    sql`select operation, reason, is_return, case when record_id is null then 1 else 0 end as is_unbound, count(*) as total
from ${plannedRows(warehouse.dialect, spec)} group by operation, reason, is_return, case when record_id is null then 1 else 0 end`,
  )
  const sum = (test: (row: Row) => boolean) =>
    rows.filter(test).reduce((total, row) => total + count(row, 'total'), 0)
  const isWaiting = (row: Row) => waits.includes(cellText(row['reason']) ?? '')
  const of = (operation: string) =>
    sum((row) => row['operation'] === operation && (operation === 'reject' || !isWaiting(row)))
  const waiting = rows.filter((row) => row['operation'] !== 'reject' && isWaiting(row))
  const byReason = (own: readonly Row[]) => {
    const reasons = [...new Set(own.map((row) => cellText(row['reason'])))]
    return reasons
      .filter((reason) => reason !== null)
      .map((reason) => ({
        reason,
        rows: own.reduce(
          (total, row) => total + (row['reason'] === reason ? count(row, 'total') : 0),
          0,
        ),
      }))
      .sort((a, b) => b.rows - a.rows || (a.reason < b.reason ? -1 : 1))
  }
  return {
    operations: {
      create: of('create'),
      upsert: of('upsert'),
      update: of('update'),
      send: of('send'),
      add: of('add'),
      remove: of('remove'),
      clear: of('clear'),
      archive: of('archive'),
      leave: of('leave'),
      skip: of('skip'),
      reject: of('reject'),
      refresh: of('refresh'),
    },
    unboundUpdates: sum((row) => row['operation'] === 'update' && count(row, 'is_unbound') === 1),
    rejects: byReason(rows.filter((row) => row['operation'] === 'reject')),
    kept: byReason(rows.filter((row) => row['operation'] === 'leave')),
    waits: byReason(waiting),
    returned: sum((row) => row['is_return'] === true),
  }
}

/**
 * Rows that move to an earlier stage, and those of which it is not known; the calls that read the records of the latter, and that clear
 * stages first, at most. A batch holds rows of one kind and window only.
 *
 * @param windowRows operations that are sent between two checkpoints
 */
export async function countBackwards(
  warehouse: Warehouse,
  spec: DiffSpec,
  windowRows: number,
  batchSize: number,
): Promise<Pick<Diff, 'backwards'>> {
  // Templates are not rendered where changes are only counted, and an adoption sends nothing.
  const properties = spec.plan === undefined ? spec.properties : allProperties(spec)
  if (!hasStages(properties) || spec.isAdoption === true) return {}
  const isCleared = properties.some(({ clearsFirst }) => clearsFirst === true)
  // Without clearing, a row that does nothing else is only brought up to date.
  const counted = raw(isCleared ? "('update', 'upsert')" : "('update', 'refresh')")
  const rows = await warehouse.query(
    sql`select sum(case when steps_back then 1 else 0 end) as backwards, sum(case when steps_back is null then 1 else 0 end) as unknown_rows
from (select operation, steps_back, row_number() over (partition by operation order by seq) as place from ${plannedRows(warehouse.dialect, spec)} where operation in ${counted}) as sent
group by operation, floor((place - 1) / ${raw(`${windowRows}.0`)})`,
  )
  const parts = rows.map((row) => ({
    backwards: count(row, 'backwards'),
    unknown: isCleared ? count(row, 'unknown_rows') : 0,
  }))
  const sum = (of: (part: (typeof parts)[number]) => number) =>
    parts.reduce((total, part) => total + of(part), 0)
  const calls = (size: number) => Math.ceil(size / batchSize)
  const backwards = {
    rows: sum((part) => part.backwards),
    unknownRows: sum(({ unknown }) => unknown),
    clearingCalls: isCleared ? sum((part) => calls(part.backwards + part.unknown)) : 0,
    lookups: sum(({ unknown }) => calls(unknown)),
  }
  return backwards.rows + backwards.unknownRows === 0 ? {} : { backwards }
}

/** Rows that have to be looked up for the sake of `write:`. Asked only where a property is not always written. */
export async function countPolicyRows(
  warehouse: Warehouse,
  spec: DiffSpec,
): Promise<Diff['policyRows']> {
  const policies = policiesOf(spec)
  if (policies === undefined) return { byMatch: 0, byId: 0 }
  const { byMatch, byId } = lookedUp(policies, spec.match?.by)
  const sum = (condition: Sql) => sql`sum(case when ${condition} then 1 else 0 end)`
  const [row] = await warehouse.query(
    sql`select ${sum(byMatch)} as by_match, ${sum(byId)} as by_id from ${plannedRows(warehouse.dialect, spec)}`,
  )
  return { byMatch: count(row, 'by_match'), byId: count(row, 'by_id') }
}

/** Parked rows that the plan does nothing about, and how many of them have left the model. */
export async function countParked(
  warehouse: Warehouse,
  spec: DiffSpec,
): Promise<Pick<Diff, 'parked' | 'parkedRemovals'>> {
  const { state, onlyRows } = spec
  if (state === undefined) return { parked: 0, parkedRemovals: 0 }
  const asked =
    onlyRows === undefined
      ? raw('')
      : sql` and row_id in (${join(onlyRows.map((row) => sql`${row}`))})`
  const rows =
    await warehouse.query(sql`select count(*) as total, sum(case when ${parkedRemoval('s')} then 1 else 0 end) as departed
from ${raw(tableName(warehouse.dialect, state))} as s where status = 'parked'${asked}
  and row_id not in (select row_id from ${plannedRows(warehouse.dialect, spec)} where row_id is not null)`)
  return { parked: count(rows[0], 'total'), parkedRemovals: count(rows[0], 'departed') }
}

/** Values that are left out, per property. Asked only where a mapping may drop values at all. */
export async function countDropped(
  warehouse: Warehouse,
  spec: DiffSpec,
): Promise<Pick<Diff, 'dropped' | 'onlyDropped'>> {
  if (allProperties(spec).every(({ onInvalid }) => onInvalid !== 'drop_property')) {
    return { dropped: [], onlyDropped: 0 }
  }
  const rows = await warehouse.query(
    sql`select operation, dropped_properties, count(*) as total from ${plannedRows(warehouse.dialect, spec)}
where dropped_properties is not null group by operation, dropped_properties`,
  )
  const values = new Map<string, number>()
  let onlyDropped = 0
  for (const row of rows) {
    const total = count(row, 'total')
    if (row['operation'] === 'refresh') onlyDropped += total
    for (const property of jsonList(row['dropped_properties'])) {
      values.set(property, (values.get(property) ?? 0) + total)
    }
  }
  const dropped = [...values]
    .map(([property, total]) => ({ property, values: total }))
    .sort((a, b) => b.values - a.values || (a.property < b.property ? -1 : 1))
  return { dropped, onlyDropped }
}
