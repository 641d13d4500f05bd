import { Interrupted, WarehouseError } from '../errors.ts'
import { removeOldAudit } from '../record/cleaning.ts'
import { ensureSchema, planOf, resolutionsOf } from '../record/ledger.ts'
import { mergeRun, type RunEnd } from '../record/merge-run.ts'
import { noOutcomes, type OutcomeCounts } from '../record/runs.ts'
import { openSpool } from '../record/spool.ts'
import type { RunStatus, Sync } from '../types.ts'
import { asRun, type PreparedSync, type RunContext, type SyncReport } from './context.ts'
import { Promised } from './create-properties.ts'
import { discardRun } from './discard-run.ts'
import { flushRequests } from './flush-requests.ts'
import { type Leases, openLeases } from './leases.ts'
import { onBehalf, type Phase, phases, type Underway, underway } from './phases.ts'
import { planSync } from './plan-sync.ts'
import { beginRun, prepareSync, schemaReader } from './prepare.ts'
import { mergeRequest, removeStaleSpools } from './recover.ts'
import {
  callsOf,
  described,
  endsInvocation,
  failure,
  guardedBy,
  notReached,
  planFacts,
  statusOf,
  whyNotSucceeded,
} from './reports.ts'
import { blameWhere } from './where-check.ts'

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
    const isRecorded = await carryOut(context, planned, leases, report, reports)
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
export async function tidily(
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
  const readSchema = schemaReader(context, syncs)
  const promised = new Promised()
  const prepared: PreparedSync[] = []
  for (const sync of syncs) {
    const startedMs = context.clock()
    try {
      if (context.drain.aborted) throw new Interrupted()
      const schema = await readSchema(sync)
      await leases.take(sync.name)
      const one = await prepareSync(context, sync, schema, definedNames)
      prepared.push({
        ...one,
        schema: promised.schemaFor(schema),
        missing: promised.claim(schema, one.lacking),
      })
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
): Promise<readonly Underway[]> {
  const { ledger } = context
  const planned: Underway[] = []
  const failed: { one: PreparedSync; error: unknown }[] = []
  for (const one of prepared) {
    try {
      planned.push(await asRun(ledger, one, () => planOne(context, one, prepared)))
    } catch (error) {
      failed.push({ one, error })
    }
  }
  context.passing('plan-written')
  for (const { one, error } of failed) {
    const ended = failure(context, one.sync, error, 0)
    await tidily(context, `Could not enter that sync ${one.sync.name} failed`, () =>
      asRun(ledger, one, () => discardRun(ledger, one, ended.status, ended.error)),
    )
    report({ ...ended, runId: one.runId })
  }
  return planned
}

async function planOne(
  context: RunContext,
  prepared: PreparedSync,
  peers: readonly PreparedSync[],
): Promise<Underway> {
  if (context.drain.aborted) throw new Interrupted()
  const { warehouse } = context.ledger
  try {
    const plan = await planSync(
      context,
      prepared,
      {
        plan: planOf(context.ledger, prepared.sync.name),
        rendered: resolutionsOf(context.ledger, prepared.sync.name),
      },
      peers,
    )
    return underway(prepared, plan)
  } catch (error) {
    throw context.drain.aborted ? error : await blameWhere(warehouse, prepared.sync, error)
  }
}

/**
 * Carries out all plans, phase by phase over the whole run. A sync is recorded as soon as no later phase concerns it.
 *
 * @returns whether the warehouse took what came of it
 */
async function carryOut(
  context: RunContext,
  planned: readonly Underway[],
  leases: Leases,
  report: (entry: SyncReport) => void,
  reports: ReadonlyMap<string, SyncReport>,
): Promise<boolean> {
  let open = planned
  const isFailed = () =>
    [...reports.values()].some(({ status }) => status !== 'succeeded') || open.some(isTroubled)
  for (const [index, phase] of phases.entries()) {
    const later = phases.slice(index + 1)
    for (const one of open) {
      const mayBegin = !(context.options.isFailFast && isFailed())
      const isOpen =
        index > 0 || (await onBehalf(context, one, () => begin(context, one, mayBegin, report)))
      const isWaiting =
        isOpen && (await step(context, one, phase, { open, later, mayBegin }, leases, report))
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
  mayBegin: boolean,
  report: (entry: SyncReport) => void,
): Promise<boolean> {
  const { prepared, plan } = one
  const end = async (status: 'aborted' | 'guarded', error: NonNullable<SyncReport['error']>) => {
    await discardRun(context.ledger, prepared, status, error, planFacts(plan))
    report(ended(one, status, noOutcomes, error))
    return false
  }
  if (context.drain.aborted || !mayBegin) return end('aborted', notStarted)
  if (plan.guards.length > 0) {
    const hint = (flags: string) =>
      `Nothing was written. If this is right, once: backhaul run --select ${prepared.sync.name} ${flags}`
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
async function step(
  context: RunContext,
  one: Underway,
  phase: Phase,
  course: {
    readonly open: readonly Underway[]
    readonly later: readonly Phase[]
    readonly mayBegin: boolean
  },
  leases: Leases,
  report: (entry: SyncReport) => void,
): Promise<boolean> {
  const { prepared } = one
  try {
    await onBehalf(context, one, async () => {
      leases.check()
      if (phase === phases[0]) {
        await beginRun(context, prepared, planFacts(one.plan))
        context.passing('run-started')
      }
      const drain = AbortSignal.any([context.drain, leases.lost])
      if (!course.mayBegin) one.stop = notStarted
      else if (phase.isNeeded(one.plan))
        one.stop = await phase.carryOut({ ...context, drain }, one, course.open)
      leases.check()
    })
    if (one.stop === undefined && course.later.some((next) => next.isNeeded(one.plan))) return true
    const { counts, status } = await onBehalf(context, one, () => record(context, one))
    const why = whyNotSucceeded(counts, one.stop, prepared.sync, one.plan) ?? null
    report(ended(one, status, counts, why))
  } catch (error) {
    one.isRecorded = false
    // The run stays `running`: what was sent is in intents, results and spool, and the next start finishes it.
    if (!context.abort.aborted) {
      context.log.warn('The run could not be recorded; the next one will', {
        sync: prepared.sync.name,
        run: prepared.runId,
      })
    }
    report({
      ...failure(context, prepared.sync, error, one.activeMs),
      runId: prepared.runId,
      plan: one.plan,
      calls: callsOf(one.calls, one.plan),
    })
  }
  return false
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
