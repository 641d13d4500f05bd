import type { Plan } from '../../plan/plan.ts'
import { storeResults } from '../../record/checkpoint.ts'
import { type Holder, holdRemovals } from '../../record/hold-removals.ts'
import type { PlannedOperation } from '../../record/plan-rows.ts'
import { findMerged } from '../../resolve/whereabouts.ts'
import { findOnce } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { mergedAway } from './decide.ts'
import { sendKind } from './send-plan.ts'
import type { SendProgress } from './send-window.ts'
import { type Stop, stopOf } from './stop.ts'

/**
 * Clears and archives records whose row left the model. Called when the records of all syncs have been sent: a row that moved
 * from one sync to another has its record there by now.
 *
 * @param holders other syncs of the same object type
 */
export async function sendRemovals(
  context: RunContext,
  prepared: PreparedSync,
  plan: Pick<Plan, 'operations'>,
  holders: readonly Holder[],
  progress: SendProgress,
): Promise<Stop> {
  await holdRemovals(context.ledger, prepared.sync.name, prepared.runId, holders)
  context.passing('removals-held')
  try {
    const stopped =
      plan.operations.clear > 0 ? await sendKind(context, prepared, 'clear', progress) : undefined
    if (stopped !== undefined || plan.operations.archive === 0) return stopped
    return await sendKind(context, prepared, 'archive', progress, (operations) =>
      leaveMerged(context, prepared, operations, progress),
    )
  } catch (error) {
    return stopOf(error, context.drain.aborted)
  }
}

/** Settles archives whose record is part of another one by now. @returns the others */
async function leaveMerged(
  context: RunContext,
  { sync, schema, runId }: PreparedSync,
  operations: readonly PlannedOperation[],
  progress: SendProgress,
): Promise<readonly PlannedOperation[]> {
  const target = { objectType: schema.name, batchSize: context.destination.maxBatchSize }
  const merged = await findMerged(operations, target, findOnce(context))
  const settled = operations.flatMap((operation) => {
    const into = merged.get(operation.sequence)
    return into === undefined ? [] : [mergedAway(operation, into)]
  })
  await storeResults(context.ledger, sync.name, runId, settled)
  progress.sent += settled.length
  return operations.filter(({ sequence }) => !merged.has(sequence))
}
