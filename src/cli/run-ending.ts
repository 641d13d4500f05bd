import { join } from 'node:path'
import { UserError, WarehouseError } from '../errors.ts'
import { silentLogger } from '../log.ts'
import { examineProject } from '../project/find-project.ts'
import type { Ledger } from '../record/ledger.ts'
import type { SyncReport } from '../run/context.ts'
import { recordUnrun } from '../run/record-unrun.ts'
import type { Sync } from '../types.ts'
import type { Usage } from '../warehouse/warehouse.ts'
import { describeFailure, type Failure } from './failure.ts'
import type { Io } from './io.ts'
import type { Arguments } from './option.ts'
import { type RunReporter, unbegun } from './run-reporter.ts'
import { type RunResults, runResults, writeRunResults } from './run-results.ts'
import {
  connectWarehouse,
  findOptions,
  type LoadedSyncs,
  ledgerOf,
  outputFolder,
  type Session,
} from './session.ts'
import { uuidv7 } from './uuid.ts'

/** What is known of a run so far. */
interface RunFacts {
  session?: Session
  loaded?: LoadedSyncs
  reporter?: RunReporter
  /** Syncs that the run set out to send. */
  open: readonly Sync[]
  portalId: string | null
  usage: Usage
}

/** The end of a run, however it comes: results are written and printed, and what never got to a run is entered as failed. */
export interface RunEnding {
  readonly facts: RunFacts
  /** Enters what ended before it had a run. */
  recordUnrun(ledger: Ledger): Promise<void>
  finish(exitCode: number): Promise<void>
  /** The run is ended by an error, which the caller reports. */
  fail(error: unknown): Promise<void>
}

export function createEnding(args: Arguments, io: Io): RunEnding {
  const startedMs = io.clock()
  const facts: RunFacts = { open: [], portalId: null, usage: { statements: 0 } }
  const runIds = new Map<string, string>()
  /** Where nobody was told yet. */
  const unreached: SyncReport[] = []
  const reports = () => [...(facts.reporter?.reports ?? []), ...unreached]
  const unrun = () =>
    reports().filter(
      ({ sync, runId, status }) => runId === null && status !== 'held' && !runIds.has(sync),
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
    const entered = await recordUnrun(ledger, run, unrun(), facts.open)
    for (const [sync, runId] of entered) runIds.set(sync, runId)
  }
  const enterAlone = async () => {
    if (facts.session === undefined || unrun().length === 0 || io.isInterrupted()) return
    await withLedger(facts.session, enter)
  }
  return {
    facts,
    recordUnrun: enter,
    async finish(exitCode) {
      await enterAlone()
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
      write(exitCode, failure)
    },
  }
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

/** A session of the warehouse for one thing; where it cannot be had, nothing is done. */
async function withLedger(
  session: Session,
  work: (ledger: Ledger) => Promise<void>,
): Promise<void> {
  try {
    const warehouse = await connectWarehouse(session)
    try {
      await work(ledgerOf(session, warehouse))
    } finally {
      await warehouse.close()
    }
  } catch (error) {
    if (!(error instanceof WarehouseError || error instanceof UserError)) throw error
    session.log.debug('The warehouse cannot be reached to enter what failed')
  }
}

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
