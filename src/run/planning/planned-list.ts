import { plannedRows } from '../../plan/diff/diff.ts'
import { type ModelSpec, withRepeats } from '../../plan/diff-model.ts'
import type { Plan, PlannedList } from '../../plan/plan.ts'
import { tableName } from '../../warehouse/dialect.ts'
import { raw, sql } from '../../warehouse/sql.ts'
import { meetsAllRows, type PlanContext, type PreparedSync } from '../context.ts'

/** The list whose members change; undefined for other syncs. */
export function plannedList(
  { destination, options }: Pick<PlanContext, 'destination' | 'options'>,
  { list, bound }: PreparedSync,
  knownRows: number,
): PlannedList | undefined {
  if (list === undefined) return undefined
  const isExact = bound.list?.isExact === true
  // Members that no row wants, and rows whose member is gone.
  const corrections = [list.size ?? 0, knownRows].reduce(
    (calls, members) => calls + Math.ceil(members / destination.maxListBatchSize),
    0,
  )
  return {
    id: list.listId ?? null,
    name: list.name,
    size: list.size ?? null,
    isExact,
    ...(isExact && list.listId !== undefined && meetsAllRows(options) ? { corrections } : {}),
  }
}

/** Calls that add and remove members. @param moved rows that may be another record now, whose old one is removed */
export const memberCalls = (
  { add, remove }: Plan['operations'],
  moved: number,
  { destination }: Pick<PlanContext, 'destination'>,
): number =>
  Math.ceil(add / destination.maxListBatchSize) +
  Math.ceil((remove + moved) / destination.maxListBatchSize)

/** Calls that read the members of an exact list. */
export function memberReads(
  { destination, options }: Pick<PlanContext, 'destination' | 'options'>,
  list: PlannedList | undefined,
): number {
  if (list?.isExact !== true || !meetsAllRows(options)) return 0
  return Math.max(1, Math.ceil((list.size ?? 0) / destination.membersPerPage))
}

/** Rows on the list that are looked at again: they may be other records by now. On rows that wait nothing is counted. */
export async function movedRows(
  { ledger, options }: Pick<PlanContext, 'ledger' | 'options'>,
  { sync }: PreparedSync,
  spec: ModelSpec,
): Promise<number> {
  const { state } = spec
  if (sync.mode !== 'mirror' || spec.list === undefined || state === undefined) return 0
  if (!meetsAllRows(options)) return 0
  const { warehouse } = ledger
  const planned = plannedRows(warehouse.dialect, withRepeats(spec))
  const [row] = await warehouse.query(
    sql`select count(*) as total from ${planned}
join ${raw(tableName(warehouse.dialect, state))} as s on s.row_id = planned.row_id and s.status <> 'left' and s.record_id is not null
where planned.operation = 'add' and planned.reason is null and (planned.record_id is null or planned.record_id <> s.record_id)`,
  )
  return Number(row?.['total'] ?? 0)
}
