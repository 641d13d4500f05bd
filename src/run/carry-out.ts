import { mergeRun, type RunEnd } from '../record/merge-run.ts'
import { noOutcomes, type OutcomeCounts } from '../record/runs.ts'
import { openSpool } from '../record/spool.ts'
import type { RunStatus } from '../types.ts'
import { beginRun } from './begin-run.ts'
import type { RunContext, SyncReport } from './context.ts'
import { discardRun } from './discard-run.ts'
import type { Leases } from './leases.ts'
import { onBehalf, type Phase, phases, type Underway } from './phases.ts'
import { mergeRequest } from './recover.ts'
import {
  callsOf,
  described,
  failure,
  guardedBy,
  planFacts,
  statusOf,
  whyNotSucceeded,
} from './reports.ts'
import type { RunReports } from './run-reports.ts'

/** What the syncs of a run share while they are carried out. */
interface Course {
  readonly planned: readonly Underway[]
  readonly leases: Leases
  readonly reports: RunReports
}

/** Where a sync is in it. */
interface Turn extends Course {
  readonly phase: Phase
  readonly later: readonly Phase[]
  /** Syncs that are not recorded yet. */
  readonly open: readonly Underway[]
  /** With `--fail-fast`, nothing has gone wrong so far. */
  readonly mayBegin: boolean
}

/**
 * Carries out all plans, phase by phase over the whole run. A sync is recorded as soon as no later phase concerns it.
 *
 * @returns whether the warehouse took what came of it
 */
export async function carryOut(context: RunContext, course: Course): Promise<boolean> {
  const { planned, reports } = course
  let open = planned
  const isFailed = () => reports.hasTrouble() || open.some(isTroubled)
  for (const [index, phase] of phases.entries()) {
    const later = phases.slice(index + 1)
    for (const one of open) {
      const mayBegin = !(context.options.isFailFast && isFailed())
      const turn = { ...course, phase, later, open, mayBegin }
      const isOpen = index > 0 || (await onBehalf(context, one, () => begin(context, one, turn)))
      const isWaiting = isOpen && (await step(context, one, turn))
      if (!isWaiting) open = open.filter((other) => other !== one)
    }
  }
  return planned.every((one) => one.isRecorded)
}

/** With `--fail-fast`, what has gone wrong so far in a sync that is not recorded yet. */
const isTroubled = ({ isBegun, stop, progress, plan, prepared }: Underway): boolean =>
  isBegun &&
  (stop !== undefined ||
    progress.left > 0 ||
    progress.rejected + plan.operations.reject > prepared.sync.maxRejected)

/** Whether a sync may be sent; what may not is reported. */
async function begin(
  context: RunContext,
  one: Underway,
  { mayBegin, reports }: Turn,
): Promise<boolean> {
  const { prepared, plan } = one
  const end = async (status: 'aborted' | 'guarded', error: NonNullable<SyncReport['error']>) => {
    await discardRun(context.ledger, prepared, status, error, planFacts(plan))
    reports.add(ended(one, status, noOutcomes, error))
    return false
  }
  if (context.drain.aborted || !mayBegin) return end('aborted', notStarted)
  if (plan.guards.length > 0) {
    const hint = (flags: string) =>
      `Nothing was written. If this is right, once: ${context.say(`run --select ${prepared.sync.name} ${flags}`)}`
    return end('guarded', guardedBy(plan, hint))
  }
  context.progress.planned(plan)
  if (plan.backwards !== undefined && plan.backwards.clearingCalls === 0) {
    context.log.warn(
      'HubSpot ignores a lifecyclestage that moves backwards; `allow_backwards: true` clears it first',
      { sync: prepared.sync.name, rows: plan.backwards.rows },
    )
  }
  one.isBegun = true
  return true
}

const notStarted = { category: 'NOT_STARTED', message: 'Stopped before it was sent.' }

const ended = (
  { prepared, plan, calls, activeMs }: Underway,
  status: RunStatus,
  counts: OutcomeCounts,
  error: SyncReport['error'],
): SyncReport => ({
  ...described(prepared.sync),
  runId: prepared.runId,
  status,
  plan,
  counts,
  calls: callsOf(calls, plan),
  problems: [],
  error,
  durationMs: activeMs,
})

/** Takes a sync through one phase, and records it when that was its last. @returns true when more is to come */
async function step(context: RunContext, one: Underway, turn: Turn): Promise<boolean> {
  const { prepared } = one
  const { planned, later, reports } = turn
  try {
    await onBehalf(context, one, () => takeTurn(context, one, turn))
    if (one.stop === undefined && later.some((next) => next.isNeeded(one, planned))) return true
    const { counts, status } = await onBehalf(context, one, () =>
      context.follow.step('record', () => record(context, one)),
    )
    const why = whyNotSucceeded(counts, one.stop, prepared.sync, one.plan) ?? null
    reports.add(ended(one, status, counts, why))
  } catch (error) {
    one.isRecorded = false
    // The run stays `running`: what was sent is in intents, results and spool, and the next start finishes it.
    if (!context.abort.aborted) {
      context.log.warn('The run could not be recorded; the next one will', {
        sync: prepared.sync.name,
        run: prepared.runId,
      })
    }
    reports.add({
      ...failure(context, prepared.sync, error, one.activeMs),
      runId: prepared.runId,
      plan: one.plan,
      calls: callsOf(one.calls, one.plan),
    })
  }
  return false
}

async function takeTurn(
  context: RunContext,
  one: Underway,
  { phase, planned, open, leases, mayBegin }: Turn,
): Promise<void> {
  leases.check()
  if (phase === phases[0]) {
    await beginRun(context, one.prepared, planFacts(one.plan))
    context.passing('run-started')
  }
  const drain = AbortSignal.any([context.drain, leases.lost])
  if (!mayBegin) one.stop = notStarted
  else if (phase.isNeeded(one, planned)) {
    one.stop = await phase.carryOut({ ...context, drain }, one, open)
  }
  leases.check()
}

async function record(
  context: RunContext,
  { prepared, plan, stop, calls }: Underway,
): Promise<{ counts: OutcomeCounts; status: RunStatus }> {
  context.passing('before-merge')
  const request = mergeRequest(
    context,
    prepared.sync,
    prepared.runId,
    prepared.bound.links !== undefined,
  )
  const end = (counts: OutcomeCounts): RunEnd => {
    const why = whyNotSucceeded(counts, stop, prepared.sync, plan)
    return {
      status: statusOf(why),
      facts: {
        ...planFacts(plan),
        calls_made: calls.writes,
        reads_made: calls.reads,
        error_category: why?.category ?? null,
        error_message: why?.message ?? null,
      },
    }
  }
  const merged = await mergeRun(context.ledger, request, end, () => context.passing('slice-merged'))
  context.passing('run-merged')
  openSpool(context.spoolFolder, prepared.runId).remove()
  return merged
}
