import { type Ledger, sharedTable } from '../../record/ledger.ts'
import { outcomeConditions, readReasons } from '../../record/rejects.ts'
import type { RunOptions, SyncReport } from '../../run/context.ts'
import { runSyncs } from '../../run/run.ts'
import type { Sync } from '../../types.ts'
import { tableName } from '../../warehouse/dialect.ts'
import { readWritableAccount } from '../asking.ts'
import { secondsFor } from '../expected-time.ts'
import { buildCommand, gateMode, gateSyncs, type HeldSync } from '../gate-syncs.ts'
import type { Io } from '../io.ts'
import type { Arguments } from '../option.ts'
import { warnOfParked } from '../parked.ts'
import { barMaker, createProgress } from '../progress.ts'
import { runContext } from '../run-context.ts'
import { createEnding, type RunEnding } from '../run-ending.ts'
import { readRunOptions, readRunSettings, refuseRefresh } from '../run-options.ts'
import { createRunReporter, invalidSyncs, type RunReporter, unbegun } from '../run-reporter.ts'
import {
  connectHubspot,
  connectWarehouse,
  type LoadedSyncs,
  ledgerOf,
  loadSyncs,
  openSession,
  type Session,
  stopOnGeneralProblems,
} from '../session.ts'
import { keepHeapSmall } from '../small-heap.ts'
import { tellUnknownRows } from '../unknown-rows.ts'
import { version } from '../version.ts'
import { whyNothing } from '../why-nothing.ts'
import { countOf } from '../words.ts'

/** Sends what changed to HubSpot. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  keepHeapSmall()
  const ending = createEnding(args, io)
  try {
    const exitCode = await carryOut(args, io, ending)
    await ending.finish(exitCode)
    return exitCode
  } catch (error) {
    await ending.fail(error)
    throw error
  }
}

async function carryOut(args: Arguments, io: Io, ending: RunEnding): Promise<number> {
  const options = readRunOptions(args)
  const session = openSession(args, io)
  const { log } = session
  ending.facts.session = session
  log.event('RunStart', 'info', `Running with backhaul=${version()}`, { version: version() })
  const loaded = await loadSyncs(session, args)
  ending.facts.loaded = loaded
  stopOnGeneralProblems(loaded.problems)
  refuseRefresh(options, loaded.selected)
  const gated = await gateSyncs(session, loaded.manifest, loaded.selected, gateMode(args['gate']))
  const invalid = invalidSyncs(loaded)
  const total = invalid.length + gated.open.length + gated.held.length
  const reporter = createRunReporter(log, session.paint, total)
  ending.facts.reporter = reporter
  ending.facts.open = gated.open
  const build = buildCommand(session.project, gated.held)
  for (const report of invalid) reporter.ended(report)
  for (const held of gated.held) reporter.ended(heldReport(held, build), held.exitCode === 0)
  if (build !== undefined) log.warn(`To build what is held: ${build}`)
  const nothing = whyNothing(loaded)
  if (nothing !== undefined) log.warn(nothing)
  if (gated.open.length > 0) {
    await runOpen(session, loaded, gated.open, options, reporter, ending)
  }
  const plans = reporter.reports.flatMap(({ plan }) => plan ?? [])
  const isAnyUnknown = tellUnknownRows(log, plans)
  if (session.drain.aborted) return 2
  return isAnyUnknown ? 1 : exitCodeOf(reporter.reports, gated.held)
}

/** Runs the syncs that nothing holds. */
async function runOpen(
  session: Session,
  loaded: LoadedSyncs,
  syncs: readonly Sync[],
  options: RunOptions,
  reporter: RunReporter,
  ending: RunEnding,
): Promise<void> {
  const { io, log, project } = session
  const hubspot = await connectHubspot(session)
  const account = await readWritableAccount(session, hubspot.destination)
  ending.facts.portalId = account.portalId
  const warehouse = await connectWarehouse(session)
  try {
    log.info(
      `Found ${countOf(syncs.length, 'sync')}; target ${project.targetName} (${warehouse.description}), portal ${account.portalId} (${account.accountType})`,
    )
    const settings = readRunSettings(session)
    const { destination } = hubspot
    const ledger = ledgerOf(session, warehouse)
    const context = runContext(session, {
      hubspot,
      ledger,
      account,
      manifest: loaded.manifest,
      options,
      progress: createProgress({
        io,
        log,
        makeBar: await barMaker(io, log),
        started: (plan) =>
          reporter.started(plan, secondsFor(plan.calls, destination, settings.concurrency)),
        finished: reporter.ended,
      }),
    })
    await runSyncs(context, syncs, loaded.definedNames)
    if (session.abort.aborted) return
    await ending.recordUnrun(ledger)
    await reportReasons(ledger, reporter)
    for (const { sync, plan, counts } of reporter.reports) {
      const rows = Math.max(counts.parked, plan?.rows.parked ?? 0)
      warnOfParked(log, session.paint, ledger, { sync, stateOf: sync }, rows)
    }
  } finally {
    ending.facts.usage = warehouse.usage()
    await warehouse.close()
  }
}

/** Tells from the audit why rows were rejected, and why they wait where nothing ended the sync early. */
async function reportReasons(ledger: Ledger, reporter: RunReporter): Promise<void> {
  const changes = tableName(ledger.warehouse.dialect, sharedTable(ledger, 'changes'))
  const queryOf = (runId: string, outcome: keyof typeof outcomeConditions) =>
    `select row_id, error_category, error_message from ${changes} where run_id = '${runId}' and ${outcomeConditions[outcome]} order by row_id`
  for (const { sync, runId, counts, error } of reporter.reports) {
    if (runId === null) continue
    if (counts.rejected + counts.linksRejected > 0) {
      const groups = await readReasons(ledger, runId, 'rejected')
      reporter.rejected(sync, groups, queryOf(runId, 'rejected'))
    }
    if (['ROWS_LEFT', 'LINKS_LEFT'].includes(error?.category ?? '') || counts.linksWaiting > 0) {
      const groups = await readReasons(ledger, runId, 'waiting')
      reporter.left(sync, groups, queryOf(runId, 'waiting'))
    }
  }
}

function heldReport({ sync, why, exitCode }: HeldSync, build: string | undefined): SyncReport {
  const { model, name, object } = sync
  return unbegun({
    sync: name,
    model: model.uniqueId,
    object,
    status: 'held',
    error: {
      category: 'HELD',
      message: why,
      ...(exitCode === 0 || build === undefined ? {} : { hint: `Build it again: ${build}` }),
    },
  })
}

function exitCodeOf(reports: readonly SyncReport[], held: readonly HeldSync[]): number {
  const isFailed = reports.some(({ status }) => status !== 'succeeded' && status !== 'held')
  return isFailed || held.some((entry) => entry.exitCode === 1) ? 1 : 0
}
