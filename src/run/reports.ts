import type { CallCounts } from '../destination/destination.ts'
import {
  DestinationError,
  Interrupted,
  type Problem,
  UserError,
  WarehouseError,
} from '../errors.ts'
import type { Plan } from '../plan/plan.ts'
import { noOutcomes, type OutcomeCounts } from '../record/runs.ts'
import type { RunStatus, Sync } from '../types.ts'
import type { RunContext, SyncReport } from './context.ts'
import { interrupted, type Stop } from './sending/stop.ts'

/** What stopped the run, else what is left for the next one, else that more rows were rejected than the sync allows. */
export function whyNotSucceeded(counts: OutcomeCounts, stop: Stop, sync: Sync, plan: Plan): Stop {
  if (stop !== undefined) return stop
  if (plan.rows.unknown > 0) {
    return {
      category: 'ROWS_UNKNOWN',
      message: `${rowsOf(plan.rows.unknown)} that may be in HubSpot already: not sent again until it is known`,
    }
  }
  const left = counts.pending + counts.unknown
  if (left > 0) return { category: 'ROWS_LEFT', message: `${rowsOf(left)} left for the next run` }
  if (counts.linksPending > 0) {
    return {
      category: 'LINKS_LEFT',
      message: `${linksOf(counts.linksPending)} left for the next run`,
    }
  }
  if (counts.rejected + counts.linksRejected <= sync.maxRejected) return undefined
  return counts.rejected > 0
    ? { category: 'ROWS_REJECTED', message: `${rowsOf(counts.rejected)} rejected` }
    : { category: 'LINKS_REJECTED', message: `${linksOf(counts.linksRejected)} rejected` }
}

const rowsOf = (count: number): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? 'row' : 'rows'}`

const linksOf = (count: number): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? 'link' : 'links'}`
const GUARDED = 'GUARDED'

export const statusOf = (why: Stop): RunStatus =>
  why === undefined
    ? 'succeeded'
    : why.category === interrupted.category
      ? 'aborted'
      : why.category === GUARDED
        ? 'guarded'
        : 'partial'

/** That guards tripped. @param hint what to do, by the flags that force them */
export const guardedBy = (
  { guards }: Plan,
  hint: (flags: string) => string,
): NonNullable<SyncReport['error']> => ({
  category: GUARDED,
  message: guards.map(({ guard, message }) => `${guard}: ${message}`).join('; '),
  hint: hint(guards.map(({ guard }) => `--force-guard ${guard}`).join(' ')),
})

/** What `runs` says about a plan. */
export function planFacts(plan: Plan) {
  const { operations, rows, dropped } = plan
  return {
    rows_in_model: rows.inModel,
    rows_unchanged: rows.unchanged,
    planned_creates: operations.create + operations.send + operations.add,
    planned_upserts: operations.upsert,
    planned_updates: operations.update,
    planned_removals: operations.clear + operations.archive + operations.remove,
    values_dropped: dropped.reduce((sum, { values }) => sum + values, 0),
    calls_planned: plan.calls.writes,
  }
}

/** Calls of a sync: planned, and made. */
export const callsOf = (made: CallCounts, plan: Plan): SyncReport['calls'] => ({
  planned: plan.calls.writes,
  made: made.writes,
  reads: made.reads,
})

export const described = (sync: Sync) => ({
  sync: sync.name,
  model: sync.model.uniqueId,
  object: sync.object,
})

/** A token that is refused for one sync is refused for all. */
export const endsInvocation = (error: unknown): boolean =>
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
export function failure(
  context: RunContext,
  sync: Sync,
  error: unknown,
  durationMs: number,
): SyncReport {
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

/** Report of a sync whose turn never came. */
export function notReached(sync: Sync): SyncReport {
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
