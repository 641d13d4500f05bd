import { DestinationError, Interrupted } from '../../errors.ts'
import { applyMarks, type DriftMark, type Mending, storeMarks } from '../../record/drift-marks.ts'
import { endRun } from '../../record/runs.ts'
import { ensureSchema } from '../../record/schema/ensure-tables.ts'
import type { ObjectSchema, Sync } from '../../types.ts'
import { asRun, type RunContext } from '../context.ts'
import { discardRun } from '../discard-run.ts'
import { prepareSync } from '../prepare/prepare.ts'
import { identify, prepareReading } from '../prepare/prepare-reading.ts'
import { endsInvocation, failure } from '../reports.ts'
import { underLease } from '../under-lease.ts'
import { type CompareOptions, compareAll } from './drift-compare.ts'
import {
  beforeFirst,
  createTally,
  type DriftListener,
  type DriftReport,
  noCalls,
  type Tally,
} from './drift-tally.ts'

export interface DriftOptions extends CompareOptions {
  /** Only said, where absent. */
  readonly mending?: Mending
}

/** A sync that is compared, and who is told. */
interface Asked {
  readonly sync: Sync
  readonly schema: ObjectSchema
  readonly definedNames: ReadonlySet<string>
  readonly options: DriftOptions
  readonly listener: DriftListener
  readonly tally: Tally
}

/** What was mended, and what ended it early. */
interface Ended {
  readonly runId?: string
  readonly budget?: DestinationError
}

/** Whether anything of a sync can drift: an event is sent, and never compared. */
export const canDrift = ({ type }: Pick<Sync, 'type'>): boolean => type !== 'event'

/**
 * Compares what a sync sent with what HubSpot holds. Reads only, unless it is to be mended: then it takes the sync's lease, and what is
 * found becomes one entry of the audit and of the state when all of it is known, or the calls that the command may make are used up. A
 * kill before leaves nothing.
 */
export async function driftSync(
  context: RunContext,
  sync: Sync,
  readSchema: (sync: Sync) => Promise<ObjectSchema>,
  definedNames: ReadonlySet<string>,
  options: DriftOptions,
  listener: DriftListener,
): Promise<DriftReport> {
  const startedMs = context.clock()
  const tally = createTally(() => context.destination.counts().reads)
  try {
    if (context.drain.aborted) throw new Interrupted()
    const schema = await readSchema(sync)
    const asked = { sync, schema, definedNames, options, listener, tally }
    const { runId, budget } =
      options.mending === undefined || options.isDryRun
        ? await comparing(context, asked)
        : await mending(context, asked, options.mending)
    const report = tally.report(sync, runId ?? null)
    if (budget === undefined) return report
    return { ...report, status: 'partial', error: outOfCalls(budget), endsAll: true }
  } catch (error) {
    const {
      status,
      error: why,
      problems,
    } = failure(context, sync, error, context.clock() - startedMs)
    return {
      ...tally.report(sync, null),
      status: status === 'aborted' ? 'aborted' : 'failed',
      mended: 0,
      mendedRows: [],
      error: why,
      problems,
      endsAll: endsInvocation(error),
    }
  }
}

const outOfCalls = ({ category, message }: DestinationError) => ({
  category,
  message,
  hint: 'What was compared until then counts. Compare a part of the rows (--sample, --row), or raise max_calls_per_run.',
})

/** Does a part of a comparison. @returns the error that says that all calls are used up, if they are */
async function withinBudget(work: () => Promise<void>): Promise<DestinationError | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (error instanceof DestinationError && error.category === 'CALL_BUDGET') return error
    throw error
  }
}

/** Reads only, and leaves the warehouse as it was. */
async function comparing(
  context: RunContext,
  { sync, schema, definedNames, options, listener, tally }: Asked,
): Promise<Ended> {
  const prepared = await prepareReading(context, sync, schema, definedNames)
  if (prepared.isFirstRun) {
    tally.state(listener, sync, beforeFirst(options.selection.rowIds), noCalls)
    return {}
  }
  const findings = tally.findings(listener, undefined, context, () => Promise.resolve())
  const budget = await withinBudget(() =>
    asRun(context, prepared, () =>
      compareAll(
        context,
        prepared,
        options,
        (...facts) => tally.state(listener, prepared.sync, ...facts),
        findings,
      ),
    ),
  )
  return budget === undefined ? {} : { budget }
}

/** Marks what differs, under the lease. */
async function mending(
  context: RunContext,
  { sync, schema, definedNames, options, listener, tally }: Asked,
  kind: Mending,
): Promise<Ended> {
  const { ledger, settings } = context
  await ensureSchema(ledger)
  const { verdict } = await identify(context, sync, schema, definedNames)
  if (verdict.kind === 'first') {
    tally.state(listener, sync, beforeFirst(options.selection.rowIds), noCalls)
    return {}
  }
  return underLease(context, sync.name, async (checkLease) => {
    const before = context.destination.counts().reads
    const prepared = await prepareSync(context, sync, schema, definedNames)
    const { runId } = prepared
    let stored = 0
    const keep = async (marks: readonly DriftMark[]) => {
      await storeMarks(ledger, { syncName: sync.name, runId }, kind, stored + 1, marks)
      stored += marks.length
    }
    const findings = tally.findings(listener, kind, context, keep)
    let budget: DestinationError | undefined
    try {
      budget = await withinBudget(() =>
        asRun(context, prepared, () =>
          compareAll(
            context,
            prepared,
            options,
            (...facts) => tally.state(listener, sync, ...facts),
            findings,
          ),
        ),
      )
      if (budget !== undefined) await findings.keep({})
      checkLease()
      context.passing('plan-written')
    } catch (error) {
      const ended = failure(context, sync, error, 0)
      await discardRun(ledger, prepared, ended.status, ended.error)
      throw error
    }
    const facts = {
      syncName: sync.name,
      runId,
      auditValues: settings.auditValues,
      hasLinks: sync.associations.length > 0,
    }
    await applyMarks(ledger, facts, stored)
    context.passing('run-merged')
    await endRun(ledger, runId, budget === undefined ? 'succeeded' : 'partial', {
      calls_planned: 0,
      calls_made: 0,
      reads_made: context.destination.counts().reads - before,
      error_category: budget?.category ?? null,
      error_message: budget?.message ?? null,
    })
    return { runId, ...(budget === undefined ? {} : { budget }) }
  })
}
