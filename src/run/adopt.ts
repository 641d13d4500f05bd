import { Interrupted, UserError } from '../errors.ts'
import { allProperties } from '../plan/diff-spec.ts'
import type { Plan } from '../plan/plan.ts'
import { type AdoptedRow, adoptRows, keepAdopted } from '../record/adopt-rows.ts'
import { completePlan } from '../record/complete-plan.ts'
import { ensureSchema, planOf, resolutionsOf } from '../record/ledger.ts'
import { mergeRun, type RunEnd } from '../record/merge-run.ts'
import { isUnresolved, type PlannedOperation } from '../record/plan-rows.ts'
import { noOutcomes, type OutcomeCounts } from '../record/runs.ts'
import { adoptValues, type ComparedProperty } from '../resolve/adopt-values.ts'
import { readHeld } from '../resolve/held-records.ts'
import { findMatches, type MatchTarget } from '../resolve/matches.ts'
import type { RunStatus, Sync } from '../types.ts'
import { raw } from '../warehouse/sql.ts'
import { findOnce, matchTarget, retriedFind, searchTarget } from './asking.ts'
import { asRun, type PreparedSync, type RunContext, type SyncReport } from './context.ts'
import { discardRun } from './discard-run.ts'
import { flushRequests } from './flush-requests.ts'
import { openLeases } from './leases.ts'
import { planSync } from './plan-sync.ts'
import { beginRun, prepareSync, schemaReader } from './prepare.ts'
import { mergeRequest } from './recover.ts'
import { callsOf, described, failure, guardedBy, statusOf, whyNotSucceeded } from './reports.ts'
import { resolveBySearch, unresolved } from './resolve-plan.ts'
import { tidily } from './run.ts'
import { interrupted, type Stop, stopOf } from './stop.ts'
import { blameWhere } from './where-check.ts'

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
  const leases = await openLeases(context)
  try {
    refuseInsert(sync)
    const schema = await schemaReader(context)(sync)
    await leases.take(sync.name)
    const prepared = await prepareSync(context, sync, schema, definedNames)
    return await asRun(context.ledger, prepared, () =>
      carryOut(context, prepared, leases.check, startedMs),
    )
  } catch (error) {
    const report = failure(context, sync, error, context.clock() - startedMs)
    return { ...report, rows: nothingAdopted }
  } finally {
    await tidily(context, 'Could not record the last API requests', () =>
      flushRequests(context, null, true),
    )
    await leases.release()
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

/** Looks for the records of all rows of the plan, as far as HubSpot can be asked. @returns why not all were looked for */
async function findRecords(context: RunContext, prepared: PreparedSync): Promise<Stop> {
  const target = matchTarget(context, prepared)
  const searched = searchTarget(context, prepared)
  try {
    if (target !== undefined) await adoptByLookup(context, prepared, target)
    else {
      if (searched !== undefined) await resolveBySearch(context, prepared, searched)
      await adoptById(context, prepared)
    }
    return context.drain.aborted ? interrupted : undefined
  } catch (error) {
    return stopOf(error, context.drain.aborted)
  }
}

/** Asks for rows batch by batch, as many at once as a run sends; answers come in order. */
async function byBatches<Row, Answer>(
  { destination, settings }: Pick<RunContext, 'destination' | 'settings'>,
  rows: readonly Row[],
  ask: (some: readonly Row[]) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const { maxBatchSize } = destination
  const answers: Answer[] = []
  for (let from = 0; from < rows.length; from += maxBatchSize * settings.concurrency) {
    const starts = Array.from(
      { length: settings.concurrency },
      (_, index) => from + index * maxBatchSize,
    ).filter((start) => start < rows.length)
    answers.push(...(await Promise.all(starts.map((at) => ask(rows.slice(at, at + maxBatchSize))))))
  }
  return answers
}

async function adoptByLookup(
  context: RunContext,
  prepared: PreparedSync,
  target: MatchTarget,
): Promise<void> {
  const { sync, runId } = prepared
  const properties = comparedProperties(prepared)
  const names = properties.map(({ name }) => name)
  for await (const rows of unresolved(context, prepared, isUnresolved(true), false)) {
    const answers = await byBatches(context, rows, (some) =>
      findMatches(some, target, names, retriedFind(context)),
    )
    const askedAt = new Date(context.clock()).toISOString()
    const found = answers.flat().map((match) => match.found)
    await completePlan(
      context.ledger,
      sync.name,
      runId,
      rows.map(({ sequence }, index) => {
        const recordId = found[index]?.recordId
        return { sequence, recordIds: recordId === undefined ? [] : [recordId], askedAt }
      }),
    )
    const adopted = rows.flatMap((row, index): readonly AdoptedRow[] => {
      const record = found[index]
      return record === undefined ? [] : [adoptedRow(row, record, properties)]
    })
    await adoptRows(context.ledger, sync.name, runId, adopted)
    await flushRequests(context, runId)
  }
}

/** Reads records that the model names, or a search has found. One that was merged away meanwhile is left to the next run. */
async function adoptById(context: RunContext, prepared: PreparedSync): Promise<void> {
  const { sync, runId, schema } = prepared
  const properties = comparedProperties(prepared)
  const names = properties.map(({ name }) => name)
  const target = { objectType: schema.name, batchSize: context.destination.maxBatchSize }
  const condition = raw("record_id is not null and operation = 'update'")
  for await (const rows of unresolved(context, prepared, condition, false)) {
    const answers = await byBatches(context, rows, (some) =>
      readHeld(some, target, names, findOnce(context)),
    )
    const held = new Map(answers.flatMap((answer) => [...answer]))
    const adopted = rows.flatMap((row): readonly AdoptedRow[] => {
      const record = held.get(row.sequence)
      return record?.recordId === row.recordId && record !== undefined
        ? [adoptedRow(row, record, properties)]
        : []
    })
    await adoptRows(context.ledger, sync.name, runId, adopted)
    await flushRequests(context, runId)
  }
}

const adoptedRow = (
  { sequence, newValues }: PlannedOperation,
  record: {
    readonly recordId: string
    readonly properties: Readonly<Record<string, string | null>>
  },
  properties: readonly ComparedProperty[],
): AdoptedRow => ({
  sequence,
  recordId: record.recordId,
  ...adoptValues(newValues, record.properties, properties),
})

function comparedProperties({ bound, schema }: PreparedSync): readonly ComparedProperty[] {
  const { match } = bound
  return allProperties(bound).map(({ name, write, isEmail }): ComparedProperty => {
    const property = schema.properties.get(name)
    return {
      name,
      type: property?.type ?? 'string',
      isMulti: property?.type === 'enumeration' && property.fieldType === 'checkbox',
      foldsCase: isEmail === true || (match?.isDomain === true && match.property === name),
      write: write ?? 'always',
    }
  })
}
