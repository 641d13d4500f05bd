import type { Plan } from '../plan/plan.ts'
import {
  completePlan,
  holdBlocked,
  type PlannedOperation,
  type Resolution,
  readUnresolved,
  readWindow,
} from '../record/plan-rows.ts'
import { openSpool } from '../record/spool.ts'
import { findMatches } from '../resolve/matches.ts'
import type { OperationKind } from '../types.ts'
import { matchTarget, retriedFind } from './asking.ts'
import type { PreparedSync, RunContext } from './context.ts'
import { type SendProgress, sendWindow } from './send-window.ts'
import { interrupted, type Stop } from './stop.ts'

/** Kinds in the order they are sent: known records first, then those that HubSpot has to find or make. */
const recordKinds: readonly OperationKind[] = ['update', 'upsert', 'create']

/** Asks HubSpot what must be known before anything is written, and completes the plan with it. */
export async function resolvePlan(context: RunContext, prepared: PreparedSync): Promise<void> {
  const { sync, schema, runId } = prepared
  const target = matchTarget(context, sync, schema)
  if (target === undefined) return
  const limit = context.ledger.warehouse.dialect.capabilities.windowRows
  let after = 0
  while (!context.drain.aborted) {
    const rows = await readUnresolved(context.ledger, sync.name, runId, after, limit)
    const last = rows.at(-1)
    if (last === undefined) break
    after = last.sequence
    const matches = await findMatches(rows, target, [], retriedFind(context))
    const askedAt = new Date(context.clock()).toISOString()
    const resolutions = matches.map(
      ({ sequence, found }): Resolution => ({
        sequence,
        recordId: found?.recordId ?? null,
        askedAt,
      }),
    )
    await completePlan(context.ledger, sync.name, runId, resolutions)
  }
}

/** Sends the records that are in the model. */
export async function sendRecords(
  context: RunContext,
  prepared: PreparedSync,
  plan: Pick<Plan, 'operations' | 'rows'>,
  progress: SendProgress,
): Promise<Stop> {
  const mayMeetOwners = plan.rows.known > 0 && plan.operations.upsert > 0
  for (const kind of recordKinds) {
    if (kind === 'upsert' && mayMeetOwners)
      await holdBlocked(context.ledger, prepared.sync.name, prepared.runId)
    const stopped = await sendKind(context, prepared, kind, progress)
    if (stopped !== undefined) return stopped
  }
  return undefined
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
    const [first, last] = [operations[0], operations.at(-1)]
    if (first === undefined || last === undefined) continue
    const window = { kind, fromSeq: first.sequence, toSeq: last.sequence }
    const stopped = await sendWindow(context, prepared, operations, window, spool, progress)
    if (stopped !== undefined) return stopped
  }
}

/**
 * Rows of a window. A kill leaves a whole window in doubt: where looking cannot settle it, no more rows than are under
 * way in one request.
 */
function windowRows(context: RunContext, { sync }: PreparedSync, kind: OperationKind): number {
  const { windowRows: all } = context.ledger.warehouse.dialect.capabilities
  const isUnsafe = kind === 'create' && sync.match === undefined
  return isUnsafe ? context.destination.maxBatchSize : all
}
