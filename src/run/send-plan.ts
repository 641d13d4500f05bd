import type { Plan } from '../plan/plan.ts'
import { lookedUp, policiesOf } from '../plan/write-policies.ts'
import {
  completePlan,
  countToSend,
  holdBlocked,
  modeAsks,
  type Resolution,
  readUnresolved,
  readWindow,
  type UnresolvedOperation,
} from '../record/plan-rows.ts'
import { openSpool } from '../record/spool.ts'
import { findMatches, type MatchTarget } from '../resolve/matches.ts'
import { withhold } from '../resolve/withhold.ts'
import type { OperationKind } from '../types.ts'
import { type Sql, sql } from '../warehouse/sql.ts'
import { matchTarget, retriedFind } from './asking.ts'
import type { PreparedSync, RunContext } from './context.ts'
import { sendWindow } from './send-window.ts'
import { interrupted, type Stop } from './stop.ts'

/** Kinds in the order they are sent: known records first, then those that HubSpot has to find or make. */
const kinds: readonly OperationKind[] = ['update', 'upsert', 'create']

/**
 * Asks HubSpot what must be known before anything is written, and completes the plan with it.
 *
 * @returns the plan, with the calls that are left of it where rows were looked up for the sake of `write:`
 */
export async function resolvePlan(
  context: RunContext,
  prepared: PreparedSync,
  plan: Plan,
): Promise<Plan> {
  const { sync, schema, runId, bound } = prepared
  const target = matchTarget(context, sync, schema)
  if (target === undefined) return plan
  const policies = policiesOf(bound)
  const { byMatch, byId } = lookedUp(policies)
  // First the rows that are bound: by match value more become so, and those have been looked at.
  if (policies !== undefined && plan.operations.update > 0) {
    await lookUp(context, prepared, byId, {
      ...target,
      property: 'hs_object_id',
      valueOf: ({ recordId }) => recordId,
    })
  }
  const asked = policies === undefined ? modeAsks : sql`(${modeAsks} or ${byMatch})`
  await lookUp(context, prepared, asked, {
    ...target,
    valueOf: ({ matchValue }) => matchValue,
  })
  if (policies === undefined || context.drain.aborted) return plan
  const rows = await countToSend(context.ledger, sync.name, runId)
  const writes = [...kinds].reduce(
    (sum, kind) => sum + Math.ceil((rows.get(kind) ?? 0) / context.destination.maxBatchSize),
    0,
  )
  return { ...plan, calls: { ...plan.calls, writes } }
}

/** Looks up the rows of a plan that a condition chooses, window by window. */
async function lookUp(
  context: RunContext,
  { sync, runId, bound }: PreparedSync,
  condition: Sql,
  target: MatchTarget & {
    readonly valueOf: (operation: UnresolvedOperation) => string | undefined
  },
): Promise<void> {
  const policies = policiesOf(bound)
  const limit = context.ledger.warehouse.dialect.capabilities.windowRows
  let after = 0
  while (!context.drain.aborted) {
    const rows = await readUnresolved(context.ledger, sync.name, runId, {
      condition,
      hasTexts: policies !== undefined,
      after,
      limit,
    })
    const last = rows.at(-1)
    if (last === undefined) break
    after = last.sequence
    const sought = rows.map((row) => {
      const matchValue = target.valueOf(row)
      return { sequence: row.sequence, ...(matchValue === undefined ? {} : { matchValue }) }
    })
    const matches = await findMatches(sought, target, policies?.ifEmpty ?? [], retriedFind(context))
    const askedAt = new Date(context.clock()).toISOString()
    const resolutions = matches.map(({ sequence, found }, index): Resolution => {
      const planned = rows[index]?.texts
      const texts = planned && policies ? withhold(planned, found, policies) : undefined
      return {
        sequence,
        recordId: found?.recordId ?? null,
        askedAt,
        ...(texts === undefined ? {} : { texts }),
      }
    })
    await completePlan(context.ledger, sync.name, runId, resolutions)
  }
}

/**
 * Sends a plan window by window. Before a window its intent is stored, after it its results are: what a kill
 * leaves is one window that may have been sent.
 */
export async function sendPlan(
  context: RunContext,
  prepared: PreparedSync,
  plan: Pick<Plan, 'operations' | 'rows'>,
): Promise<Stop> {
  const { sync, runId } = prepared
  const spool = openSpool(context.spoolFolder, runId, (code) =>
    context.log.warn(
      'The spool cannot be written; the run goes on without it, and a start after a kill looks up more',
      { code, folder: context.spoolFolder },
    ),
  )
  const mayMeetOwners = plan.rows.known > 0 && plan.operations.upsert > 0
  const progress = { sent: 0, rejected: 0 }
  for (const kind of kinds) {
    if (kind === 'upsert' && mayMeetOwners) await holdBlocked(context.ledger, sync.name, runId)
    const limit = windowRows(context, prepared, kind)
    let after = 0
    while (true) {
      if (context.drain.aborted) return interrupted
      const operations = await readWindow(context.ledger, sync.name, runId, kind, after, limit)
      const [first, last] = [operations[0], operations.at(-1)]
      if (first === undefined || last === undefined) break
      after = last.sequence
      const window = { kind, fromSeq: first.sequence, toSeq: last.sequence }
      const stopped = await sendWindow(context, prepared, operations, window, spool, progress)
      if (stopped !== undefined) return stopped
    }
  }
  return undefined
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
