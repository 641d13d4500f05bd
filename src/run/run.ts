import type { CallCounts } from '../destination/destination.ts'
import {
  DestinationError,
  Interrupted,
  type Problem,
  UserError,
  WarehouseError,
} from '../errors.ts'
import type { Plan } from '../plan/plan.ts'
import { removeOldAudit } from '../record/cleaning.ts'
import { ensureSchema } from '../record/ledger.ts'
import { mergeRun } from '../record/merge-run.ts'
import { discardPlan } from '../record/plan-rows.ts'
import { endRun, noOutcomes, type OutcomeCounts, updateRun } from '../record/runs.ts'
import { openSpool } from '../record/spool.ts'
import type { RunStatus, Sync } from '../types.ts'
import type { PreparedSync, RunContext, SyncReport } from './context.ts'
import { type Leases, openLeases } from './leases.ts'
import { planSync } from './plan-sync.ts'
import { pinSync, prepareSync, schemaReader } from './prepare.ts'
import { mergeRequest, removeStaleSpools } from './recover.ts'
import { flushRequests, interrupted, resolvePlan, type Stop, sendPlan } from './send-plan.ts'
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
      isRecorded = (await carryOut(context, one, leases, report, reports)) && isRecorded
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
  const planned: Planned[] = []
  const failed: { one: PreparedSync; error: unknown }[] = []
  for (const one of prepared) {
    try {
      if (context.drain.aborted) throw new Interrupted()
      const plan = await context.ledger.warehouse.withSnapshot(() => planSync(context, one))
      planned.push({ prepared: one, plan })
    } catch (error) {
      const cause = context.drain.aborted
        ? error
        : await blameWhere(context.ledger.warehouse, one.sync, error)
      failed.push({ one, error: cause })
    }
  }
  context.passing('plan-written')
  for (const { one, error } of failed) {
    const ended = failure(context, one.sync, error, 0)
    await discardPlan(context.ledger, one.sync.name, one.runId)
    await endRun(context.ledger, one.runId, ended.status, {
      error_category: ended.error?.category ?? null,
      error_message: ended.error?.message ?? null,
    })
    report({ ...ended, runId: one.runId })
  }
  return planned
}

/** @returns whether the warehouse took what came of it */
async function carryOut(
  context: RunContext,
  { prepared, plan }: Planned,
  leases: Leases,
  report: (entry: SyncReport) => void,
  reports: ReadonlyMap<string, SyncReport>,
): Promise<boolean> {
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
    const stop = await resolveAndSend({ ...context, drain }, prepared, plan)
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
  plan: Plan,
): Promise<Stop> {
  try {
    await resolvePlan(context, prepared)
  } catch (error) {
    if (!(error instanceof DestinationError)) throw error
    if (context.drain.aborted) return interrupted
    return {
      category: error.category,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    }
  }
  context.passing('plan-resolved')
  return sendPlan(context, prepared, plan)
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
  const merged = await mergeRun(context.ledger, request, (counts) => {
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
  })
  context.passing('run-merged')
  openSpool(context.spoolFolder, prepared.runId).remove()
  return merged
}

/** What stopped the run, else what is left for the next one, else that more rows were rejected than the sync allows. */
function whyNotSucceeded(counts: OutcomeCounts, stop: Stop, sync: Sync, plan: Plan): Stop {
  if (stop !== undefined) return stop
  if (plan.rows.unknown > 0) {
    return {
      category: 'ROWS_UNKNOWN',
      message: `${rowsOf(plan.rows.unknown)} that may be in HubSpot already, and cannot be looked up: not sent again`,
    }
  }
  const left = counts.pending + counts.unknown
  if (left > 0) return { category: 'ROWS_LEFT', message: `${rowsOf(left)} left for the next run` }
  return counts.rejected > sync.maxRejected
    ? { category: 'ROWS_REJECTED', message: `${rowsOf(counts.rejected)} rejected` }
    : undefined
}

const rowsOf = (count: number): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? 'row' : 'rows'}`

const statusOf = (why: Stop): RunStatus =>
  why === undefined ? 'succeeded' : why.category === interrupted.category ? 'aborted' : 'partial'

function planFacts(plan: Plan) {
  const { operations, rows, dropped } = plan
  return {
    rows_in_model: rows.inModel,
    rows_unchanged: rows.unchanged,
    planned_creates: operations.create,
    planned_upserts: operations.upsert,
    planned_updates: operations.update,
    planned_removals: operations.clear + operations.archive,
    values_dropped: dropped.reduce((sum, { values }) => sum + values, 0),
    calls_planned: plan.calls.writes,
  }
}

function callsSince(context: RunContext, before: CallCounts, plan: Plan): SyncReport['calls'] {
  const now = context.destination.counts()
  return {
    planned: plan.calls.writes,
    made: now.writes - before.writes,
    reads: now.reads - before.reads,
  }
}

const described = (sync: Sync) => ({
  sync: sync.name,
  model: sync.model.uniqueId,
  object: sync.object,
})

/** A token that is refused for one sync is refused for all. */
const endsInvocation = (error: unknown): boolean =>
  error instanceof DestinationError && error.endsRun && error.category !== 'MISSING_SCOPES'

/** What the user ended is no failure, whatever it broke off. */
const isInterrupt = ({ drain, abort }: RunContext, error: unknown): boolean =>
  error instanceof Interrupted ||
  (drain.aborted && error instanceof DestinationError && error.category === 'ABORTED') ||
  (abort.aborted && error instanceof WarehouseError)

function describeForAudit(error: unknown) {
  if (error instanceof WarehouseError) {
    return { error_category: `WAREHOUSE_${error.code ?? 'ERROR'}`, error_message: error.message }
  }
  if (error instanceof DestinationError) {
    return { error_category: error.category, error_message: error.message }
  }
  if (error instanceof UserError) {
    return { error_category: 'CONFIGURATION', error_message: error.message }
  }
  return { error_category: 'DEFECT', error_message: 'A defect of Backhaul.' }
}

/** Report of a sync that failed before or while it was sent. Defects are thrown on. */
function failure(context: RunContext, sync: Sync, error: unknown, durationMs: number): SyncReport {
  if (isInterrupt(context, error)) {
    return { ...notReached(sync), durationMs, error: { ...interrupted } }
  }
  const known =
    error instanceof UserError ||
    error instanceof WarehouseError ||
    error instanceof DestinationError
  if (!known) throw error
  const problems: readonly Problem[] = error instanceof UserError ? error.problems : []
  const { error_category: category, error_message: message } = describeForAudit(error)
  const hint = error instanceof UserError ? undefined : error.hint
  return {
    ...described(sync),
    runId: null,
    status: 'failed',
    plan: null,
    counts: noOutcomes,
    calls: { planned: 0, made: 0, reads: 0 },
    problems,
    error: { category, message, ...(hint === undefined ? {} : { hint }) },
    durationMs,
  }
}

function notReached(sync: Sync): SyncReport {
  return {
    ...described(sync),
    runId: null,
    status: 'aborted',
    plan: null,
    counts: noOutcomes,
    calls: { planned: 0, made: 0, reads: 0 },
    problems: [],
    error: {
      category: 'NOT_STARTED',
      message: 'Not reached: an earlier failure ends the whole run.',
    },
    durationMs: 0,
  }
}
