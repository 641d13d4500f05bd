import type { StoredResult } from '../record/checkpoint.ts'
import { storeResults } from '../record/checkpoint.ts'
import {
  type DoubtfulOperation,
  readDoubtful,
  readFinishedRuns,
  readStoredSequences,
  readUnmergedRuns,
  readUnsettled,
  type UnmergedRun,
} from '../record/leftovers.ts'
import { mergeLeftovers, mergeRun } from '../record/merge-run.ts'
import { discardPlan } from '../record/plan-rows.ts'
import { endRun } from '../record/runs.ts'
import { openSpool, spooledRuns } from '../record/spool.ts'
import type { MatchTarget } from '../resolve/matches.ts'
import { settle } from '../resolve/settle.ts'
import type { ObjectSchema, Sync } from '../types.ts'
import { matchTarget, retriedFind } from './asking.ts'
import type { RunContext } from './context.ts'

/**
 * Finishes what an earlier run of a sync left behind: its stored and spooled results are merged, and what may have
 * been written without an answer is looked up. Called under the lease, before the next diff.
 */
export async function recoverSync(
  context: RunContext,
  sync: Sync,
  schema: ObjectSchema,
): Promise<void> {
  const target = matchTarget(context, sync, schema)
  for (const run of await readUnmergedRuns(context.ledger, [sync.name])) {
    if (run.status === 'running') await finishRun(context, sync, run, target)
    else {
      await discardPlan(context.ledger, sync.name, run.runId)
      await endRun(context.ledger, run.runId, 'aborted', {
        error_category: 'ENDED_EARLY',
        error_message: 'The process ended before anything was sent.',
      })
    }
  }
  await settleLeftovers(context, sync, target)
}

async function finishRun(
  context: RunContext,
  sync: Sync,
  run: UnmergedRun,
  target: MatchTarget | undefined,
): Promise<void> {
  const { ledger } = context
  const spool = openSpool(context.spoolFolder, run.runId)
  const spooled = spool.read()
  const sequences = spooled.map((result) => result.sequence)
  const stored = await readStoredSequences(ledger, sync.name, run.runId, sequences)
  const missing = spooled.filter((result) => !stored.has(result.sequence))
  await storeResults(ledger, sync.name, run.runId, missing)
  const doubtful = await readDoubtful(ledger, sync.name, run.runId)
  if (doubtful.length > 0) {
    const settled =
      target === undefined
        ? doubtful.map(unfindable)
        : await settle(doubtful, target, retriedFind(context), sync.mode)
    await storeResults(ledger, sync.name, run.runId, settled)
  }
  const facts = {
    error_category: 'ENDED_EARLY',
    error_message:
      'The process ended before the run was recorded; the next run finished its books.',
  }
  const { counts } = await mergeRun(
    ledger,
    mergeRequest(context, sync, run.runId),
    () => ({ status: 'aborted', facts }),
    () => context.passing('slice-merged'),
  )
  spool.remove()
  context.log.warn('Recorded what an interrupted run had done', {
    sync: sync.name,
    run: run.runId,
    written: counts.created + counts.updated,
    lookedUp: doubtful.length,
    unknown: counts.unknown,
  })
}

/** A sync that matches by nothing cannot look: sending the row again could make a second record. */
const unfindable = ({ sequence }: DoubtfulOperation): StoredResult => ({
  sequence,
  outcome: 'unknown',
  error: {
    category: 'MAYBE_CREATED',
    message:
      'The answer was lost, and without `match` the record cannot be looked for: somebody has to say whether HubSpot has it.',
  },
})

/** Removes what a run that was recorded left on the disk when it was killed right after. */
export async function removeStaleSpools(
  context: Pick<RunContext, 'ledger' | 'spoolFolder'>,
): Promise<void> {
  const { ledger, spoolFolder } = context
  for (const runId of await readFinishedRuns(ledger, spooledRuns(spoolFolder))) {
    openSpool(spoolFolder, runId).remove()
  }
}

/** Rows that stayed unknown are looked up again at each start. */
async function settleLeftovers(
  context: RunContext,
  sync: Sync,
  target: MatchTarget | undefined,
): Promise<void> {
  if (target === undefined) return
  for (const [runId, operations] of await readUnsettled(context.ledger, sync.name)) {
    const settled = await settle(operations, target, retriedFind(context), sync.mode)
    const decided: readonly StoredResult[] = settled.filter(
      (result) => result.outcome !== 'unknown',
    )
    if (decided.length === 0) continue
    await storeResults(context.ledger, sync.name, runId, decided)
    await mergeLeftovers(context.ledger, mergeRequest(context, sync, runId))
  }
}

export function mergeRequest(context: RunContext, sync: Sync, runId: string) {
  return {
    runId,
    syncName: sync.name,
    maxAttempts: sync.maxAttempts,
    mode: sync.mode,
    auditValues: context.settings.auditValues,
  }
}
