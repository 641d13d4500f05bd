import { join } from 'node:path'
import { UserError, WarehouseError } from '../../errors.ts'
import { silentLogger } from '../../log.ts'
import { examineProject } from '../../project/find-project.ts'
import type { Ledger } from '../../record/ledger.ts'
import type { SyncReport } from '../../run/context.ts'
import { recordUnrun } from '../../run/record-unrun.ts'
import type { Sync } from '../../types.ts'
import type { Usage, Warehouse } from '../../warehouse/warehouse.ts'
import { newsOfRun } from '../alerts/run-news.ts'
import { hasAlerts, tellAlerts, watchedSyncs } from '../alerts/tell-alerts.ts'
import type { RunResults } from '../artifacts/artifacts.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { describeFailure, type Failure } from '../failure.ts'
import { annotateRun } from '../github/annotate-run.ts'
import { workspaceOf } from '../github/annotations.ts'
import { annotationLine } from '../github/workflow-commands.ts'
import type { LoadedSyncs } from '../load-syncs.ts'
import type { LiveRun } from '../report/live-run.ts'
import { findOptions, outputFolder, type Session } from '../session.ts'
import { sleep } from '../sleep.ts'
import { uuidv7 } from '../uuid.ts'
import { type RunReporter, unbegun } from './run-reporter.ts'
import { runResults, writeRunResults } from './run-results.ts'

/** What is known of a run so far. */
interface RunFacts {
  session?: Session
  loaded?: LoadedSyncs
  reporter?: RunReporter
  /** Tells whoever watches, once there is anything to watch. */
  live?: LiveRun
  /** Syncs that the run set out to send. */
  open: readonly Sync[]
  portalId: string | null
  /** Syncs that are held because dbt's build of their model failed. */
  heldByFailure: ReadonlySet<string>
  usage: Usage
}

/** The end of a run, however it comes: results are written and printed, and what never got to a run is entered as failed. */
export interface RunEnding {
  readonly facts: RunFacts
  /** Enters what ended before it had a run. */
  recordUnrun(ledger: Ledger): Promise<void>
  /** Tells alerts how the run went, while the warehouse is at hand. */
  tellAlerts(ledger: Ledger): Promise<void>
  finish(exitCode: number): Promise<void>
  /** The run is ended by an error, which the caller reports. */
  fail(error: unknown): Promise<void>
}

export function createEnding(args: Arguments, io: Io): RunEnding {
  const startedMs = io.clock()
  const facts: RunFacts = {
    open: [],
    portalId: null,
    heldByFailure: new Set(),
    usage: { statements: 0 },
  }
  const runIds = new Map<string, string>()
  /** Where nobody was told yet. */
  const unreached: SyncReport[] = []
  const reports = () => [...(facts.reporter?.reports ?? []), ...unreached]
  const unrun = () =>
    reports().filter(
      ({ sync, runId, status }) =>
        runId === null &&
        !runIds.has(sync) &&
        // That a model was not in the build is no news, and may be so ten times a day.
        (status !== 'held' || facts.heldByFailure.has(sync)),
    )
  const write = (exitCode: number, error: Failure | null): RunResults => {
    const results = runResults({
      invocationId: io.invocationId,
      dbtInvocationId: facts.loaded?.manifest.invocationId ?? null,
      target: facts.session?.project.targetName ?? null,
      portalId: facts.portalId,
      usage: facts.usage,
      reports: reports(),
      rejects: facts.reporter?.rejects ?? new Map(),
      waiting: facts.reporter?.waiting ?? new Map(),
      runIds,
      error,
      elapsedMs: io.clock() - startedMs,
      exitCode,
      nowMs: io.clock(),
    })
    const folder = resultsFolder(facts.session, args, io)
    if (folder !== undefined) writeRunResults(folder, results, facts.session?.log ?? silentLogger)
    annotate(results, facts, io)
    io.telemetry.ran(results, facts.loaded?.manifest.generatedAt)
    if (args['output'] === 'json') io.stdout(`${JSON.stringify(results)}\n`)
    return results
  }
  const enter = async (ledger: Ledger) => {
    const { session, loaded } = facts
    if (session === undefined) return
    const run = {
      invocationId: io.invocationId,
      dbtInvocationId: loaded?.manifest.invocationId ?? null,
      targetName: session.project.targetName,
      portalId: facts.portalId,
      isLimited: args['limit'] !== undefined || args['row'] !== undefined,
      newId: () => uuidv7(io.clock(), io.random),
      log: session.log,
    }
    const entered = await recordUnrun(ledger, run, unrun(), loaded?.selected ?? [])
    for (const [sync, runId] of entered) runIds.set(sync, runId)
  }
  let isTold = false
  const tell = async (ledger: Ledger | undefined, failure: Failure | undefined) => {
    const { session, loaded, reporter, portalId, heldByFailure } = facts
    // Whoever tries some rows, or ends a run, looks at it.
    const isWatched = args['limit'] !== undefined || args['row'] !== undefined
    if (session === undefined || isTold || isWatched || io.isInterrupted()) return
    if (!hasAlerts(session.project) || failure?.category === 'USAGE') return
    isTold = true
    const news = newsOfRun(
      {
        reports: reporter?.reports ?? [],
        heldByFailure,
        rejects: reporter?.rejects ?? new Map(),
        failure,
        isReached: portalId !== null,
      },
      { target: session.project.targetName, secrets: session.project.secrets },
    )
    const syncs = loaded === undefined ? undefined : watchedSyncs(loaded)
    await tellAlerts({ session, news, portalId, syncs }, async (work) => {
      if (ledger === undefined) return withLedger(quick(session), work, connectMs)
      await work(ledger)
      return true
    })
  }
  const enterAlone = async () => {
    if (facts.session === undefined || unrun().length === 0 || io.isInterrupted()) return
    await withLedger(facts.session, enter)
  }
  return {
    facts,
    recordUnrun: enter,
    tellAlerts: (ledger) => tell(ledger, undefined),
    async finish(exitCode) {
      await enterAlone()
      await tell(undefined, undefined)
      const results = write(exitCode, null)
      facts.reporter?.close(exitCode, io.clock() - startedMs, results.warehouse)
    },
    async fail(error) {
      const { exitCode, ...failure } = describeFailure(error, io)
      const told = new Set(facts.reporter?.reports.map(({ sync }) => sync))
      const left = facts.open.filter(({ name }) => !told.has(name))
      unreached.push(...left.map((sync) => unreachedReport(sync, failure)))
      // What failed for want of the warehouse cannot be entered there.
      if (!(error instanceof WarehouseError)) await enterAlone()
      await tell(undefined, failure)
      write(exitCode, failure)
    },
  }
}

/** Shows on GitHub, at the syncs' YAML, what did not go well. */
function annotate(results: RunResults, { loaded, session }: RunFacts, io: Io): void {
  if (io.workflowCommand === undefined || session === undefined) return
  const origins = new Map(loaded?.all.map(({ name, origin }) => [name, origin]))
  const workspace = workspaceOf(io, session.project.projectDir)
  for (const one of annotateRun(results, (sync) => origins.get(sync), workspace))
    io.workflowCommand(annotationLine(one))
}

function unreachedReport({ name, model, object }: Sync, failure: Failure): SyncReport {
  const { category, message, hint } = failure
  return unbegun({
    sync: name,
    model: model.uniqueId,
    object,
    status: category === 'INTERRUPTED' ? 'aborted' : 'failed',
    error: { category, message, ...(hint === undefined ? {} : { hint }) },
  })
}

/**
 * A session of the warehouse for one thing; where it cannot be had, nothing is done.
 *
 * @returns false when it cannot be had
 */
async function withLedger(
  session: Session,
  work: (ledger: Ledger) => Promise<void>,
  limitMs?: number,
): Promise<boolean> {
  let warehouse: Warehouse | undefined
  try {
    warehouse = await connectWithin(session, limitMs)
  } catch (error) {
    if (!(error instanceof WarehouseError || error instanceof UserError)) throw error
  }
  if (warehouse === undefined) {
    session.log.debug('The warehouse cannot be reached to enter what failed')
    return false
  }
  try {
    await work(ledgerOf(session, warehouse))
    return true
  } finally {
    await warehouse.close()
  }
}

/** @returns undefined when it takes longer; a session that comes late is closed */
async function connectWithin(
  session: Session,
  limitMs: number | undefined,
): Promise<Warehouse | undefined> {
  const connecting = connectWarehouse(session)
  if (limitMs === undefined) return connecting
  const stop = new AbortController()
  const late = sleep(limitMs, stop.signal).then(
    () => 'late' as const,
    () => 'late' as const,
  )
  try {
    const first = await Promise.race([connecting, late])
    if (first !== 'late') return first
    connecting.then(
      (warehouse) => warehouse.close(),
      () => {},
    )
    return undefined
  } finally {
    stop.abort()
  }
}

/** Alerts have no time to wait for a warehouse that does not answer. */
const connectMs = 4_000

const quick = (session: Session): Session => ({
  ...session,
  abort: AbortSignal.any([session.abort, AbortSignal.timeout(connectMs)]),
})

/** Where results go; undefined when there is no dbt project at all. */
function resultsFolder(session: Session | undefined, args: Arguments, io: Io): string | undefined {
  if (session !== undefined) return outputFolder(session.project)
  try {
    return join(examineProject(findOptions(args, io)).targetPath, 'backhaul')
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}
