import { Interrupted, UserError } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import { keepAdopted } from '../../record/adopt-rows.ts'
import { planOf, resolutionsOf } from '../../record/ledger.ts'
import { mergeRun, type RunEnd } from '../../record/merge-run.ts'
import { noOutcomes, type OutcomeCounts } from '../../record/runs.ts'
import { ensureSchema } from '../../record/schema/ensure-tables.ts'
import type { RunStatus, Sync } from '../../types.ts'
import { beginRun } from '../begin-run.ts'
import { asRun, type PreparedSync, type RunContext, type SyncReport } from '../context.ts'
import { discardRun } from '../discard-run.ts'
import { planSync } from '../planning/plan-sync.ts'
import { prepareSync } from '../prepare/prepare.ts'
import { schemaReader } from '../prepare/schema-reader.ts'
import { blameWhere } from '../prepare/where-check.ts'
import { mergeRequest } from '../recover.ts'
import { callsOf, described, failure, guardedBy, statusOf, whyNotSucceeded } from '../reports.ts'
import type { Stop } from '../sending/stop.ts'
import { underLease } from '../under-lease.ts'
import { findRecords } from './adopt-records.ts'

/** How an adoption ended. */
export interface AdoptionReport extends SyncReport {
  readonly rows: AdoptedCounts
}

export interface AdoptedCounts {
  readonly adopted: number
  /** Those of them whose record holds something else than the row says. */
  readonly differing: number
}

const nothingAdopted: AdoptedCounts = { adopted: 0, differing: 0 }

/** @throws UserError when a sync of this mode has nothing to adopt */
export function refuseInsert(sync: Sync): void {
  if (sync.type === 'list') {
    throw new UserError({
      message: 'members of a list have no values to adopt',
      hint: 'A run finds their records and adds those that are no members yet. `adopt: true` in the sync takes over a list of its name.',
      sync: sync.name,
      where: sync.origin,
    })
  }
  if (sync.mode !== 'insert') return
  throw new UserError({
    message: 'mode insert never changes a record that exists, so there is nothing to adopt',
    hint: 'A run looks its rows up and leaves those alone that have a record. To keep records up to date, use mode upsert or update.',
    sync: sync.name,
    key: 'mode',
    where: sync.origin,
  })
}

/**
 * Finds the records of rows that have none yet, and takes what they hold for what they were sent: the next run sends what differs. Reads
 * only. Nothing of it counts until everything is known, and then it is one run, merged like any other: a kill before that
 * leaves nothing, and after that the next start finishes it.
 *
 * @throws WarehouseError when the schema cannot be used at all
 */
export async function adoptSync(
  context: RunContext,
  sync: Sync,
  definedNames: ReadonlySet<string>,
): Promise<AdoptionReport> {
  const startedMs = context.clock()
  await ensureSchema(context.ledger)
  try {
    refuseInsert(sync)
    const schema = await schemaReader(context)(sync)
    return await underLease(context, sync.name, async (checkLease) => {
      const prepared = await prepareSync(context, sync, schema, definedNames)
      return asRun(context, prepared, () => carryOut(context, prepared, checkLease, startedMs))
    })
  } catch (error) {
    const report = failure(context, sync, error, context.clock() - startedMs)
    return { ...report, rows: nothingAdopted }
  }
}

async function carryOut(
  context: RunContext,
  prepared: PreparedSync,
  checkLease: () => void,
  startedMs: number,
): Promise<AdoptionReport> {
  const { ledger, passing } = context
  const { sync, runId } = prepared
  const before = context.destination.counts()
  const plan = await planned(context, prepared)
  passing('plan-written')
  const report = (
    status: RunStatus,
    counts: OutcomeCounts,
    error: SyncReport['error'],
    rows: AdoptedCounts,
  ): AdoptionReport => ({
    ...described(sync),
    runId,
    status,
    plan,
    counts,
    calls: callsOf(made(), plan),
    problems: [],
    error,
    durationMs: context.clock() - startedMs,
    rows,
  })
  const made = () => {
    const { writes, reads } = context.destination.counts()
    return { writes: writes - before.writes, reads: reads - before.reads }
  }
  if (plan.guards.length > 0) {
    const error = guardedBy(
      plan,
      (flags) => `Nothing was adopted. If this is right, pass it once: ${flags}`,
    )
    await discardRun(context.ledger, prepared, 'guarded', error)
    return report('guarded', noOutcomes, error, nothingAdopted)
  }
  context.progress.planned(plan)
  const { stop, rows } = await onlyWhole(context, prepared, async () => {
    const stopped = await findRecords(context, prepared)
    return { stop: stopped, rows: await keepAdopted(ledger, sync.name, runId) }
  })
  passing('plan-resolved')
  checkLease()
  await beginRun(context, prepared, facts(plan))
  passing('run-started')
  passing('before-merge')
  const why = (counts: OutcomeCounts): Stop => whyNotSucceeded(counts, stop, sync, plan)
  const end = (counts: OutcomeCounts): RunEnd => ({
    status: statusOf(why(counts)),
    facts: {
      calls_made: made().writes,
      reads_made: made().reads,
      error_category: why(counts)?.category ?? null,
      error_message: why(counts)?.message ?? null,
    },
  })
  const request = mergeRequest(context, sync, runId)
  const { counts, status } = await mergeRun(ledger, request, end, () => passing('slice-merged'))
  passing('run-merged')
  return report(status, counts, why(counts) ?? null, rows)
}

const planned = (context: RunContext, prepared: PreparedSync): Promise<Plan> =>
  onlyWhole(context, prepared, async () => {
    if (context.drain.aborted) throw new Interrupted()
    const { ledger } = context
    const { name } = prepared.sync
    const tables = { plan: planOf(ledger, name), rendered: resolutionsOf(ledger, name) }
    try {
      return await planSync(context, prepared, tables)
    } catch (error) {
      throw await blameWhere(ledger.warehouse, prepared.sync, error)
    }
  })

/** Work before the run counts: when it fails, nothing of the run stays. */
async function onlyWhole<T>(
  context: RunContext,
  prepared: PreparedSync,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const ended = failure(context, prepared.sync, error, 0)
    await discardRun(context.ledger, prepared, ended.status, ended.error)
    throw error
  }
}

const facts = ({ rows }: Plan) => ({
  rows_in_model: rows.inModel,
  planned_creates: 0,
  planned_upserts: 0,
  planned_updates: 0,
  planned_removals: 0,
  calls_planned: 0,
})
