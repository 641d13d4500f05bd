import type { Plan } from '../../plan/plan.ts'
import { holdBlocked, type PlannedOperation, readWindow } from '../../record/plan-rows.ts'
import { openSpool } from '../../record/spool.ts'
import type { OperationKind } from '../../types.ts'
import { isTracked } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { linkWindow } from '../links/link-window.ts'
import { resolvePlan } from './resolve-plan.ts'
import { type SendProgress, sendWindow } from './send-window.ts'
import { interrupted, type Stop, stopOf } from './stop.ts'

/** Kinds in the order they are sent: known records first, then those that HubSpot has to find or make. */
const recordKinds: readonly OperationKind[] = ['update', 'upsert', 'create']

/** Rows of a window of creates after a search: what a kill leaves of it has to be searched for. */
const searchedCreates = 1000

/** Sends the records that are in the model. */
export async function sendRecords(
  context: RunContext,
  prepared: PreparedSync,
  plan: Pick<Plan, 'operations' | 'rows'>,
  progress: SendProgress,
): Promise<Stop> {
  const mayMeetOwners = plan.rows.known > 0 && plan.operations.upsert > 0
  for (const kind of kindsOf(prepared)) {
    if (kind === 'upsert' && mayMeetOwners)
      await holdBlocked(context.ledger, prepared.sync.name, prepared.runId)
    const stopped =
      (await sendKind(context, prepared, kind, progress)) ??
      (await findAgain(context, prepared, progress))
    if (stopped !== undefined) return stopped
  }
  return undefined
}

/** After a search every row is an update or a create: what is still an upsert waits. */
const kindsOf = ({ bound }: PreparedSync): readonly OperationKind[] =>
  bound.match?.by === 'search' ? recordKinds.filter((kind) => kind !== 'upsert') : recordKinds

/** Rows whose record turned out to be gone are searched for once more: another record may have their match value. */
async function findAgain(
  context: RunContext,
  prepared: PreparedSync,
  progress: SendProgress,
): Promise<Stop> {
  if (progress.unfound === 0 || progress.isLastSearch === true) return undefined
  progress.isLastSearch = true
  try {
    await resolvePlan(context, prepared)
  } catch (error) {
    return stopOf(error, context.drain.aborted)
  }
  return sendKind(context, prepared, 'update', progress)
}

/**
 * Sends all operations of one kind, window by window. Before a window its intent is stored, after it its results are: what a kill
 * leaves is one window that may have been sent.
 *
 * @param settleFirst settles some operations of a window without sending them, and returns the others
 */
export async function sendKind(
  context: RunContext,
  prepared: PreparedSync,
  kind: OperationKind,
  progress: SendProgress,
  settleFirst?: (operations: readonly PlannedOperation[]) => Promise<readonly PlannedOperation[]>,
): Promise<Stop> {
  const { sync, runId } = prepared
  const limit = windowRows(context, prepared, kind)
  const spool = openSpool(context.spoolFolder, runId, (code) =>
    context.log.warn(
      'The spool cannot be written; the run goes on without it, and a start after a kill looks up more',
      { code, folder: context.spoolFolder },
    ),
  )
  let after = 0
  while (true) {
    if (context.drain.aborted) return interrupted
    const planned = await readWindow(context.ledger, sync.name, runId, kind, after, limit)
    const end = planned.at(-1)
    if (end === undefined) return undefined
    after = end.sequence
    const operations = settleFirst === undefined ? planned : await settleFirst(planned)
    if (operations.length === 0) continue
    const window = { kind, fromSeq: planned[0]?.sequence ?? end.sequence, toSeq: end.sequence }
    const stopped = await sendWindow(context, prepared, operations, window, spool, progress)
    if (stopped !== undefined) return stopped
  }
}

/**
 * Rows of a window. A kill leaves a whole window in doubt: where looking cannot settle it, no more rows than are under
 * way in one request.
 */
function windowRows(
  context: RunContext,
  { sync, bound }: PreparedSync,
  kind: OperationKind,
): number {
  const { windowRows: all } = context.ledger.warehouse.dialect.capabilities
  if (kind === 'associate' || kind === 'dissociate')
    return linkWindow(all, context.destination.maxLinkBatchSize)
  if (kind !== 'create' || isTracked(sync, kind)) return all
  if (bound.match === undefined) return context.destination.maxBatchSize
  return bound.match.by === 'search' ? Math.min(all, searchedCreates) : all
}
