import type { CallCounts } from '../destination/destination.ts'
import { DestinationError, Interrupted, WarehouseError } from '../errors.ts'
import type { Plan } from '../plan/plan.ts'
import { removeOldAudit } from '../record/cleaning.ts'
import { ensureSchema, planOf, resolutionsOf } from '../record/ledger.ts'
import { mergeRun, type RunEnd } from '../record/merge-run.ts'
import { discardPlan } from '../record/plan-rows.ts'
import { endRun, noOutcomes, type OutcomeCounts, updateRun } from '../record/runs.ts'
import { openSpool } from '../record/spool.ts'
import type { RunStatus, Sync } from '../types.ts'
import { asRun, type PreparedSync, type RunContext, type SyncReport } from './context.ts'
import { flushRequests } from './flush-requests.ts'
import { type Leases, openLeases } from './leases.ts'
import { planSync } from './plan-sync.ts'
import { pinSync, prepareSync, schemaReader } from './prepare.ts'
import { mergeRequest, removeStaleSpools } from './recover.ts'
import {
  callsSince,
  described,
  endsInvocation,
  failure,
  notReached,
  planFacts,
  statusOf,
  whyNotSucceeded,
} from './reports.ts'
import { resolvePlan, sendPlan } from './send-plan.ts'
import { interrupted, type Stop } from './stop.ts'
import { blameWhere } from './where-check.ts'

/** A sync that made it to a plan. */
interface Planned {
  readonly prepared: PreparedSync
  readonly plan: Plan
}

/**
 * Runs syncs: plan → resolve → send → record. All syncs are planned, each from one snapshot, before anything is sent.
 * What is wrong with one sync holds only that one.
 *
 * Each sync is reported once, as it ends.
 *
 * @throws WarehouseError when the schema cannot be used at all
 */
export async function runSyncs(
  context: RunContext,
  syncs: readonly Sync[],
  definedNames: ReadonlySet<string>,
): Promise<void> {
  await ensureSchema(context.ledger)
  const leases = await openLeases(context)
  const reports = new Map<string, SyncReport>()
  const report = (entry: SyncReport) => {
    reports.set(entry.sync, entry)
    context.progress.finished(entry)
  }
  try {
    await removeStaleSpools(context)
    const prepared = await prepareAll(context, syncs, definedNames, leases, report)
    const planned = await planAll(context, prepared, report)
    let isRecorded = true
    for (const one of planned) {
      const isTaken = await asRun(context.ledger, one.prepared, () =>
        carryOut(context, one, leases, report, reports),
      )
      isRecorded = isTaken && isRecorded
    }
    for (const sync of syncs) if (!reports.has(sync.name)) report(notReached(sync))
    // A warehouse that does not take results is not asked to tidy up: Snowflake's driver waits two minutes for each answer.
    if (isRecorded) {
      await tidily(context, 'Could not remove old audit rows', () =>
        removeOldAudit(context.ledger, context.settings.retentionDays),
      )
    }
  } finally {
    await tidily(context, 'Could not record the last API requests', () =>
      flushRequests(context, null, true),
    )
    await leases.release()
  }
}

/** Housekeeping that the warehouse refuses is worth a warning: how the syncs ended is the news. */
async function tidily(
  context: RunContext,
  warning: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error
    if (!context.abort.aborted) context.log.warn(warning)
  }
}

async function prepareAll(
  context: RunContext,
  syncs: readonly Sync[],
  definedNames: ReadonlySet<string>,
  leases: Leases,
  report: (entry: SyncReport) => void,
): Promise<readonly PreparedSync[]> {
  const readSchema = schemaReader(context)
  const prepared: PreparedSync[] = []
  for (const sync of syncs) {
    const startedMs = context.clock()
    try {
      if (context.drain.aborted) throw new Interrupted()
      const schema = await readSchema(sync)
      await leases.take(sync.name)
      prepared.push(await prepareSync(context, sync, schema, definedNames))
    } catch (error) {
      report(failure(context, sync, error, context.clock() - startedMs))
      if (endsInvocation(error)) break
    }
  }
  return prepared
}

async function planAll(
  context: RunContext,
  prepared: readonly PreparedSync[],
  report: (entry: SyncReport) => void,
): Promise<readonly Planned[]> {
  const { ledger } = context
  const planned: Planned[] = []
  const failed: { one: PreparedSync; error: unknown }[] = []
  for (const one of prepared) {
    try {
      planned.push(await asRun(ledger, one, () => planOne(context, one)))
    } catch (error) {
      failed.push({ one, error })
    }
  }
  context.passing('plan-written')
  for (const { one, error } of failed) {
    const ended = failure(context, one.sync, error, 0)
    await asRun(ledger, one, async () => {
      await discardPlan(ledger, one.sync.name, one.runId)
      await endRun(ledger, one.runId, ended.status, {
        error_category: ended.error?.category ?? null,
        error_message: ended.error?.message ?? null,
      })
    })
    report({ ...ended, runId: one.runId })
  }
  return planned
}

async function planOne(context: RunContext, prepared: PreparedSync): Promise<Planned> {
  if (context.drain.aborted) throw new Interrupted()
  const { warehouse } = context.ledger
  try {
    const plan = await planSync(context, prepared, {
      plan: planOf(context.ledger, prepared.sync.name),
      rendered: resolutionsOf(context.ledger, prepared.sync.name),
    })
    return { prepared, plan }
  } catch (error) {
    throw context.drain.aborted ? error : await blameWhere(warehouse, prepared.sync, error)
  }
}

/** @returns whether the warehouse took what came of it */
async function carryOut(
  context: RunContext,
  { prepared, plan: planned }: Planned,
  leases: Leases,
  report: (entry: SyncReport) => void,
  reports: ReadonlyMap<string, SyncReport>,
): Promise<boolean> {
  // Look-ups may leave fewer calls of it.
  let plan = planned
  const startedMs = context.clock()
  const before = context.destination.counts()
  const finish = (status: RunStatus, counts: OutcomeCounts, error: SyncReport['error']) =>
    report({
      ...described(prepared.sync),
      runId: prepared.runId,
      status,
      plan,
      counts,
      calls: callsSince(context, before, plan),
      problems: [],
      error,
      durationMs: context.clock() - startedMs,
    })
  const isStopped =
    context.drain.aborted ||
    (context.options.isFailFast &&
      [...reports.values()].some((entry) => entry.status !== 'succeeded'))
  if (isStopped) {
    await discardPlan(context.ledger, prepared.sync.name, prepared.runId)
    const error = { category: 'NOT_STARTED', message: 'Stopped before it was sent.' }
    await endRun(context.ledger, prepared.runId, 'aborted', {
      ...planFacts(plan),
      error_category: error.category,
      error_message: error.message,
    })
    finish('aborted', noOutcomes, error)
    return true
  }
  if (plan.guards.length > 0) {
    const message = plan.guards.map((guard) => `${guard.guard}: ${guard.message}`).join('; ')
    await discardPlan(context.ledger, prepared.sync.name, prepared.runId)
    await endRun(context.ledger, prepared.runId, 'guarded', {
      ...planFacts(plan),
      error_category: 'GUARDED',
      error_message: message,
    })
    const names = plan.guards.map((guard) => `--force-guard ${guard.guard}`).join(' ')
    finish('guarded', noOutcomes, {
      category: 'GUARDED',
      message,
      hint: `Nothing was written. If this is right, pass it once: ${names}`,
    })
    return true
  }
  context.progress.planned(plan)
  try {
    leases.check()
    await pinSync(context, prepared)
    await updateRun(context.ledger, prepared.runId, { ...planFacts(plan), status: 'running' })
    context.passing('run-started')
    const drain = AbortSignal.any([context.drain, leases.lost])
    const { stop, plan: sent } = await resolveAndSend({ ...context, drain }, prepared, planned)
    plan = sent
    leases.check()
    const { counts, status } = await record(context, prepared, plan, stop, before)
    finish(status, counts, whyNotSucceeded(counts, stop, prepared.sync, plan) ?? null)
    return true
  } catch (error) {
    // The run stays `running`: what was sent is in intents, results and spool, and the next start finishes it.
    if (!context.abort.aborted) {
      context.log.warn('The run could not be recorded; the next one will', {
        sync: prepared.sync.name,
        run: prepared.runId,
      })
    }
    report({
      ...failure(context, prepared.sync, error, context.clock() - startedMs),
      runId: prepared.runId,
      plan,
      calls: callsSince(context, before, plan),
    })
    return false
  }
}

async function resolveAndSend(
  context: RunContext,
  prepared: PreparedSync,
  planned: Plan,
): Promise<{ readonly stop: Stop; readonly plan: Plan }> {
  let plan = planned
  try {
    plan = await resolvePlan(context, prepared, planned)
  } catch (error) {
    if (!(error instanceof DestinationError)) throw error
    if (context.drain.aborted) return { stop: interrupted, plan }
    const stop = {
      category: error.category,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    }
    return { stop, plan }
  }
  context.passing('plan-resolved')
  return { stop: await sendPlan(context, prepared, plan), plan }
}

async function record(
  context: RunContext,
  prepared: PreparedSync,
  plan: Plan,
  stop: Stop,
  before: CallCounts,
): Promise<{ counts: OutcomeCounts; status: RunStatus }> {
  context.passing('before-merge')
  const calls = callsSince(context, before, plan)
  const request = mergeRequest(context, prepared.sync, prepared.runId)
  const end = (counts: OutcomeCounts): RunEnd => {
    const why = whyNotSucceeded(counts, stop, prepared.sync, plan)
    return {
      status: statusOf(why),
      facts: {
        ...planFacts(plan),
        calls_made: calls.made,
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
