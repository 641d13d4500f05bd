import { doubt } from '../plan/diff-spec.ts'
import type { StoredResult } from '../record/checkpoint.ts'
import { storeResults } from '../record/checkpoint.ts'
import {
  readDoubtful,
  readFinishedRuns,
  readStoredSequences,
  readUnmergedRuns,
  readUnsettled,
  type UnmergedRun,
} from '../record/leftovers.ts'
import { hasPlannedLinks } from '../record/links/link-ends.ts'
import { mergeLeftovers, mergeRun } from '../record/merge-run.ts'
import { openSpool, spooledRuns } from '../record/spool.ts'
import type { Sync } from '../types.ts'
import { isTracked, type Matched, settleAll } from './asking.ts'
import type { RunContext } from './context.ts'
import { discardRun } from './discard-run.ts'

/**
 * Finishes what an earlier run of a sync left behind: its stored and spooled results are merged, and what may have
 * been written without an answer is looked up. Called under the lease, before the next diff.
 */
export async function recoverSync(context: RunContext, matched: Matched): Promise<void> {
  const { sync } = matched
  for (const run of await readUnmergedRuns(context.ledger, [sync.name])) {
    if (run.status === 'running') await finishRun(context, matched, run)
    else {
      await discardRun(context.ledger, { sync, runId: run.runId }, 'aborted', {
        category: 'ENDED_EARLY',
        message: 'The process ended before anything was sent.',
      })
    }
  }
  await settleLeftovers(context, matched)
}

async function finishRun(context: RunContext, matched: Matched, run: UnmergedRun): Promise<void> {
  const { ledger } = context
  const { sync, bound } = matched
  const spool = openSpool(context.spoolFolder, run.runId)
  const spooled = spool.read()
  const sequences = spooled.map((result) => result.sequence)
  const stored = await readStoredSequences(ledger, sync.name, run.runId, sequences)
  const missing = spooled.filter((result) => !stored.has(result.sequence))
  await storeResults(ledger, sync.name, run.runId, missing)
  const bySearch = bound.match?.by === 'search'
  const doubtful = await readDoubtful(ledger, sync.name, run.runId, bySearch)
  if (doubtful.length > 0) {
    const settled = await settleAll(context, matched, doubtful)
    await storeResults(ledger, sync.name, run.runId, settled)
  }
  const facts = {
    error_category: 'ENDED_EARLY',
    error_message:
      'The process ended before the run was recorded; the next run finished its books.',
  }
  const { counts } = await mergeRun(
    ledger,
    mergeRequest(context, sync, run.runId, await hasPlannedLinks(ledger, sync.name, run.runId)),
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
async function settleLeftovers(context: RunContext, matched: Matched): Promise<void> {
  const { sync, bound } = matched
  const delay = context.settings.searchDelaySeconds
  for (const [runId, all] of await readUnsettled(context.ledger, sync.name, delay)) {
    const operations = all.filter(({ kind }) => bound.match !== undefined || isTracked(sync, kind))
    if (operations.length === 0) continue
    const settled = await settleAll(context, matched, operations)
    const decided: readonly StoredResult[] = settled.filter(
      (result) => result.outcome !== 'unknown',
    )
    if (decided.length === 0) continue
    await storeResults(context.ledger, sync.name, runId, decided)
    await mergeLeftovers(context.ledger, mergeRequest(context, sync, runId))
  }
}

/** @param hasLinks the plan has links */
export function mergeRequest(
  context: Pick<RunContext, 'settings'>,
  sync: Sync,
  runId: string,
  hasLinks = false,
) {
  return {
    runId,
    syncName: sync.name,
    properties: sync.mappings.map(({ property }) => property),
    doubt,
    maxAttempts: sync.maxAttempts,
    mode: sync.mode,
    auditValues: context.settings.auditValues,
    hasLinks,
    ...(sync.type === 'list' ? { isList: true } : {}),
  }
}
