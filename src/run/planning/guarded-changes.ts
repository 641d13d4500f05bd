import { type TrippedGuard, trippedGuards } from '../../plan/guards.ts'
import { linkTotals, type OperationCounts, type Plan } from '../../plan/plan.ts'
import type { Sync } from '../../types.ts'
import type { PlanContext, PreparedSync, RunOptions } from '../context.ts'

/** Guards that stop the plan of a sync. */
export function planGuards(
  { options }: Pick<PlanContext, 'options'>,
  { sync }: PreparedSync,
  { rows, operations, links }: Pick<Plan, 'rows' | 'operations' | 'links'>,
): readonly TrippedGuard[] {
  const { add, remove } = linkTotals(links)
  const changes = {
    ...guardedRows(sync, rows.inModel, rows.known),
    removals: removalsOf(sync, operations) + remove,
    changes: writtenRows(options, operations) + add + remove,
  }
  return trippedGuards(sync.guards, changes, options.forcedGuards)
}

/** The guards once more: rows that are other records now, and an exact list, remove members that no plan could count. */
export function membersGuarded(
  { options }: Pick<PlanContext, 'options'>,
  { sync }: PreparedSync,
  plan: Plan,
): Plan {
  const { rows, operations } = plan
  const changes = {
    ...guardedRows(sync, rows.inModel, Math.max(rows.known, plan.list?.size ?? 0)),
    removals: removalsOf(sync, operations),
    changes: operations.add + operations.remove,
  }
  return { ...plan, guards: trippedGuards(sync.guards, changes, options.forcedGuards) }
}

/** Rows that something is written of; an adoption writes nothing. */
export const writtenRows = (
  { isAdopting }: Pick<RunOptions, 'isAdopting'>,
  { create, upsert, update, send, add, remove, clear, archive }: OperationCounts,
): number =>
  isAdopting === true ? 0 : create + upsert + update + send + add + remove + clear + archive

/** Removals that are guarded. To take rows off a list is what mode `remove` is for: only a guard that the sync sets counts them. */
const removalsOf = ({ mode, guards }: Sync, operations: OperationCounts): number =>
  operations.clear +
  operations.archive +
  (mode === 'remove' && guards.maxDeletes === undefined ? 0 : operations.remove)

/** In mode `remove` it is the model that says how many members there are to take off. */
const guardedRows = ({ mode }: Sync, rowsInModel: number, knownRows: number) => ({
  rowsInModel,
  knownRows: mode === 'remove' ? Math.max(rowsInModel, knownRows) : knownRows,
})
