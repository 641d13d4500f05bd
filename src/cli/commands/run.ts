import { type Ledger, sharedTable } from '../../record/ledger.ts'
import { outcomeConditions, readReasons } from '../../record/rejects.ts'
import type { RunOptions, SyncReport } from '../../run/context.ts'
import { runSyncs } from '../../run/run.ts'
import type { Sync } from '../../types.ts'
import { tableName } from '../../warehouse/dialect.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectHubspot } from '../connect-hubspot.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { describeFailure } from '../failure.ts'
import { type LoadedSyncs, loadSyncs, stopOnGeneralProblems } from '../load-syncs.ts'
import { secondsFor } from '../render/expected-time.ts'
import { createProgress } from '../render/progress.ts'
import { countOf } from '../render/words.ts'
import { openLiveRun } from '../report/live-run.ts'
import { readWritableAccount } from '../run/asking.ts'
import { every } from '../run/every.ts'
import {
  buildCommand,
  gateOptions,
  gateSyncs,
  type HeldSync,
  ungateHint,
} from '../run/gate-syncs.ts'
import { warnOfParked } from '../run/parked.ts'
import { checkPlanPortal, plansBySync } from '../run/plan-file.ts'
import { type OpenPlanFile, onlyPlanned, openPlanFile } from '../run/planned-syncs.ts'
import { runContext } from '../run/run-context.ts'
import { createEnding, type RunEnding } from '../run/run-ending.ts'
import { readRunOptions, readRunSettings, refuseRefresh } from '../run/run-options.ts'
import { createRunReporter, invalidSyncs, type RunReporter, unbegun } from '../run/run-reporter.ts'
import { keepHeapSmall } from '../run/small-heap.ts'
import { tellUnknownRows } from '../run/unknown-rows.ts'
import { whyNothing } from '../run/why-nothing.ts'
import { openSession, type Session } from '../session.ts'
import { version } from '../version.ts'

/** Sends what changed to HubSpot. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  keepHeapSmall()
  const ending = createEnding(args, io)
  try {
    const exitCode = await carryOut(args, io, ending)
    await ending.finish(exitCode)
    ending.facts.live?.ended(exitCode)
    return exitCode
  } catch (error) {
    await ending.fail(error)
    ending.facts.live?.ended(describeFailure(error, io).exitCode)
    throw error
  }
}

async function carryOut(args: Arguments, io: Io, ending: RunEnding): Promise<number> {
  const options = readRunOptions(args)
  const session = openSession(args, io)
  const { log } = session
  ending.facts.session = session
  log.event('RunStart', 'info', `Running with backhaul=${version()}`, { version: version() })
  const held = openPlanFile(args, session, options)
  const everything = await loadSyncs(session, args)
  ending.facts.loaded = everything
  stopOnGeneralProblems(everything.problems)
  const loaded = held === undefined ? everything : onlyPlanned(everything, held)
  ending.facts.loaded = loaded
  refuseRefresh(options, loaded.selected)
  const gated = await gateSyncs(session, loaded.manifest, loaded.selected, gateOptions(args))
  const invalid = invalidSyncs(loaded)
  const total = invalid.length + gated.open.length + gated.held.length
  const reporter = createRunReporter(log, session.paint, total, session.say)
  ending.facts.reporter = reporter
  ending.facts.open = gated.open
  ending.facts.heldByFailure = new Set(
    gated.held.flatMap(({ sync, exitCode }) => (exitCode === 1 ? [sync.name] : [])),
  )
  const build = buildCommand(session.project, gated.held)
  for (const report of invalid) reporter.ended(report)
  for (const one of gated.held) reporter.ended(heldReport(one, build), one.exitCode === 0)
  if (build !== undefined) log.warn(`To build what is held: ${build}`)
  const ungate = ungateHint(gated.held)
  if (ungate !== undefined) log.info(ungate)
  const nothing = whyNothing(loaded)
  if (nothing !== undefined) log.warn(nothing)
  if (gated.open.length > 0) {
    const lineEveryMs = Number(args['progress-interval']) * 1000
    await runOpen(session, loaded, gated.open, { options, held, lineEveryMs }, reporter, ending)
  }
  const plans = reporter.reports.flatMap(({ plan }) => plan ?? [])
  const isAnyUnknown = tellUnknownRows(session, plans)
  if (session.drain.aborted) return 2
  return isAnyUnknown ? 1 : exitCodeOf(reporter.reports, gated.held)
}

interface RunRequest {
  readonly options: RunOptions
  /** The plan file that the run is held to. */
  readonly held: OpenPlanFile | undefined
  readonly lineEveryMs: number
}

/** Runs the syncs that nothing holds. */
async function runOpen(
  session: Session,
  loaded: LoadedSyncs,
  syncs: readonly Sync[],
  { options, held, lineEveryMs }: RunRequest,
  reporter: RunReporter,
  ending: RunEnding,
): Promise<void> {
  const { io, log, project } = session
  const live = openLiveRun(
    session,
    syncs.map(({ name }) => name),
  )
  ending.facts.live = live
  const hubspot = await connectHubspot(session, live.request)
  const account = await readWritableAccount(session, hubspot.destination)
  ending.facts.portalId = account.portalId
  live.account(account)
  if (held !== undefined) checkPlanPortal(held.file, held.shown, account.portalId)
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
      ...(held === undefined
        ? {}
        : { approved: { plans: plansBySync(held.file), seal: held.seal } }),
      progress: createProgress({
        io,
        log,
        paint: session.paint,
        drawsBars: io.isTerminal && log.format === 'text' && !['error', 'none'].includes(log.level),
        lineEveryMs,
        every,
        rate: destination.load,
        secondsFor: (plan) => secondsFor(plan.calls, destination, settings.concurrency),
        started: reporter.started,
        finished: reporter.ended,
      }),
    })
    const watched = live.watched(context.progress, destination, settings.concurrency)
    await runSyncs({ ...context, progress: watched }, syncs, loaded.definedNames)
    if (session.abort.aborted) return
    await ending.recordUnrun(ledger)
    await reportReasons(ledger, reporter)
    for (const { sync, plan, counts } of reporter.reports) {
      const rows = Math.max(counts.parked, plan?.rows.parked ?? 0)
      warnOfParked(log, session.paint, ledger, { sync, stateOf: sync }, rows, session.say)
    }
    await ending.tellAlerts(ledger)
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
    const isAnyWaiting = counts.waiting + counts.linksWaiting > 0
    if (['ROWS_LEFT', 'LINKS_LEFT'].includes(error?.category ?? '') || isAnyWaiting) {
      const all = await readReasons(ledger, runId, 'waiting')
      // What ended the sync early has been told with it, and no row waits for a record because of it.
      const groups = all.filter(({ category }) => category !== error?.category)
      // That a link still waits is in the audit of the run that said so first.
      if (groups.length > 0) reporter.left(sync, groups, queryOf(runId, 'waiting'))
    }
  }
}

function heldReport(
  { sync, why, exitCode, causes }: HeldSync,
  build: string | undefined,
): SyncReport {
  const { model, name, object } = sync
  return unbegun({
    sync: name,
    model: model.uniqueId,
    object,
    status: 'held',
    error: {
      category: 'HELD',
      message: why,
      ...(causes.length === 0 ? {} : { causes }),
      ...(exitCode === 0 || build === undefined ? {} : { hint: `Build it again: ${build}` }),
    },
  })
}

function exitCodeOf(reports: readonly SyncReport[], held: readonly HeldSync[]): number {
  const isFailed = reports.some(({ status }) => status !== 'succeeded' && status !== 'held')
  return isFailed || held.some((entry) => entry.exitCode === 1) ? 1 : 0
}
