import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import type { Row, Warehouse } from '../warehouse/warehouse.ts'
import { plannedRows } from './diff.ts'
import type { DiffSpec } from './diff-spec.ts'
import type { Diff } from './plan.ts'
import { lookedUp, policiesOf } from './write-policies.ts'

/** A number of a row; 0 where it is missing or NULL. */
export const count = (row: Row | undefined, column: string) => Number(row?.[column] ?? 0)

/** A JSON list of a cell; empty for NULL. */
export const jsonList = (value: unknown): readonly string[] =>
  value === null || value === undefined ? [] : (JSON.parse(String(value)) as string[])

/** Rows per operation, and rejected rows per reason. */
export async function countOperations(
  warehouse: Warehouse,
  spec: DiffSpec,
): Promise<Pick<Diff, 'operations' | 'rejects' | 'returned' | 'unboundUpdates'>> {
  const rows = await warehouse.query(
    sql`select operation, reason, is_return, case when record_id is null then 1 else 0 end as is_unbound, count(*) as total
from ${plannedRows(warehouse.dialect, spec)} group by operation, reason, is_return, case when record_id is null then 1 else 0 end`,
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

/** Rows that have to be looked up for the sake of `write:`. Asked only where a property is not always written. */
export async function countPolicyRows(
  warehouse: Warehouse,
  spec: DiffSpec,
): Promise<Diff['policyRows']> {
  const policies = policiesOf(spec)
  if (policies === undefined) return { byMatch: 0, byId: 0 }
  const { byMatch, byId } = lookedUp(policies)
  const sum = (condition: Sql) => sql`sum(case when ${condition} then 1 else 0 end)`
  const [row] = await warehouse.query(
    sql`select ${sum(byMatch)} as by_match, ${sum(byId)} as by_id from ${plannedRows(warehouse.dialect, spec)}`,
  )
  return { byMatch: count(row, 'by_match'), byId: count(row, 'by_id') }
}

/** Parked rows that the plan does nothing about. */
export async function countParked(warehouse: Warehouse, spec: DiffSpec): Promise<number> {
  const { state, onlyRows } = spec
  if (state === undefined) return 0
  const asked =
    onlyRows === undefined
      ? raw('')
      : sql` and row_id in (${join(onlyRows.map((row) => sql`${row}`))})`
  const rows =
    await warehouse.query(sql`select count(*) as total from ${raw(tableName(warehouse.dialect, state))} where status = 'parked'${asked}
  and row_id not in (select row_id from ${plannedRows(warehouse.dialect, spec)} where row_id is not null)`)
  return count(rows[0], 'total')
}

/** Values that are left out, per property. Asked only where a mapping may drop values at all. */
export async function countDropped(
  warehouse: Warehouse,
  spec: DiffSpec,
): Promise<Pick<Diff, 'dropped' | 'onlyDropped'>> {
  const properties = [...spec.properties, ...(spec.templates ?? []).map(({ property }) => property)]
  if (properties.every(({ onInvalid }) => onInvalid !== 'drop_property')) {
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
