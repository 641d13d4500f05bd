import { join } from 'node:path'
import { scrubMessage } from '../../destination/hubspot/scrub.ts'
import { formatProblem, UserError } from '../../errors.ts'
import { writePermission } from '../../project/write-permission.ts'
import { noOutcomes } from '../../record/runs.ts'
import { retried } from '../../run/asking.ts'
import {
  type CrashPoint,
  crashPoints,
  type RunContext,
  type SyncReport,
} from '../../run/context.ts'
import { runSyncs } from '../../run/run.ts'
import type { Account } from '../../types.ts'
import { gateMode, gateSyncs, type HeldSync } from '../gate-syncs.ts'
import type { Io } from '../io.ts'
import type { Arguments } from '../option.ts'
import { paintFor } from '../paint.ts'
import { createProgress } from '../progress.ts'
import { renderReport, renderTotals, renderTrouble } from '../render-run.ts'
import { readRunOptions, readRunSettings } from '../run-options.ts'
import { runResults, writeRunResults } from '../run-results.ts'
import {
  connectHubspot,
  connectWarehouse,
  type Hubspot,
  holderName,
  isHolderGone,
  ledgerOf,
  loadSyncs,
  openSession,
  outputFolder,
  type Session,
  sleep,
  stopOnGeneralProblems,
} from '../session.ts'
import { keepHeapSmall } from '../small-heap.ts'
import { uuidv7 } from '../uuid.ts'
import { version } from '../version.ts'

/** Sends what changed to HubSpot. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  keepHeapSmall()
  const startedMs = io.clock()
  const options = readRunOptions(args)
  const session = openSession(args, io)
  const { log, project } = session
  log.info(`Running with backhaul=${version()}`)
  const loaded = await loadSyncs(session, args)
  stopOnGeneralProblems(loaded.problems)
  for (const problem of loaded.problems) log.error(formatProblem(problem))
  const gated = await gateSyncs(session, loaded.manifest, loaded.selected, gateMode(args['gate']))
  const dbtInvocationId = loaded.manifest.invocationId ?? null
  const paint = paintFor(io.usesColours)
  const total = gated.open.length + gated.held.length
  const reports: SyncReport[] = []
  const show = (report: SyncReport) => {
    reports.push(report)
    log.info(renderReport(report, { index: reports.length, total }, paint))
    for (const problem of report.problems) log.error(formatProblem(problem))
    for (const line of renderTrouble(report, paint)) log.info(line)
  }
  for (const held of gated.held) show(heldReport(held))
  let portalId: string | null = null
  if (gated.open.length === 0) {
    const isInvalid = loaded.problems.length > 0
    const none = isInvalid ? 'No valid sync is selected.' : 'No sync is selected; nothing to do.'
    log.info(total === 0 ? none : 'Every selected sync is held.')
  } else {
    const hubspot = await connectHubspot(session)
    const account = await readAccount(session, hubspot)
    portalId = account.portalId
    const warehouse = await connectWarehouse(session)
    try {
      log.info(
        `Found ${total} ${total === 1 ? 'sync' : 'syncs'}; target ${project.targetName} (${warehouse.description}), portal ${portalId} (${account.accountType})`,
      )
      const context: RunContext = {
        ...session,
        ...io,
        destination: hubspot.destination,
        takeRequests: hubspot.takeRequests,
        ledger: ledgerOf(session, warehouse),
        account,
        dbtInvocationId,
        targetName: project.targetName,
        settings: readRunSettings(session),
        options,
        scrub: scrubMessage,
        spoolFolder: join(outputFolder(project), 'spool'),
        holder: holderName(session),
        isHolderGone,
        sleep,
        newId: () => uuidv7(io.clock(), io.random),
        passing: crashAt(io),
        progress: createProgress(io, log, args['quiet'] === true, show),
      }
      await runSyncs(context, gated.open, loaded.definedNames)
    } finally {
      await warehouse.close()
    }
  }
  const exitCode = session.drain.aborted
    ? 2
    : exitCodeOf(reports, gated.held, loaded.problems.length)
  const results = runResults({
    invocationId: session.invocationId,
    dbtInvocationId,
    target: project.targetName,
    portalId,
    reports,
    elapsedMs: io.clock() - startedMs,
    exitCode,
    nowMs: io.clock(),
  })
  writeRunResults(outputFolder(project), results)
  if (args['output'] === 'json') io.stdout(`${JSON.stringify(results)}\n`)
  log.info(renderTotals(reports))
  return exitCode
}

/** Asks whose token it is, and refuses to go on where the target may not write. */
async function readAccount(session: Session, { destination }: Hubspot): Promise<Account> {
  const account = await retried(
    { ...session, clock: session.io.clock, random: session.io.random, sleep },
    () => destination.account(session.abort),
  )
  const { settings, targetName } = session.project
  const permission = writePermission(targetName, settings, settings.baseUrl, account)
  if (permission.allowed) return account
  throw new UserError({ message: permission.why, hint: permission.hint })
}

function heldReport({ sync, why }: HeldSync): SyncReport {
  return {
    sync: sync.name,
    runId: null,
    model: sync.model.uniqueId,
    object: sync.object,
    status: 'held',
    plan: null,
    counts: noOutcomes,
    calls: { planned: 0, made: 0, reads: 0 },
    problems: [],
    error: { category: 'HELD', message: why },
    durationMs: 0,
  }
}

function exitCodeOf(
  reports: readonly SyncReport[],
  held: readonly HeldSync[],
  problems: number,
): number {
  const isFailed = reports.some(
    (report) => report.status !== 'succeeded' && report.status !== 'held',
  )
  return isFailed || problems > 0 || held.some((entry) => entry.exitCode === 1) ? 1 : 0
}

/** `BACKHAUL_CRASH_AT=point[:n]` ends the process when it passes that point for the n-th time. For tests. */
function crashAt(io: Io): (point: CrashPoint) => void {
  const asked = io.env['BACKHAUL_CRASH_AT']
  if (asked === undefined || asked === '') return () => {}
  const [point, nth] = asked.split(':')
  if (!(crashPoints as readonly string[]).includes(point ?? '')) {
    throw new UserError(
      {
        message: `BACKHAUL_CRASH_AT: no point ${point}`,
        hint: `Points: ${crashPoints.join(', ')}`,
      },
      { exitCode: 2 },
    )
  }
  let left = Number(nth ?? 1)
  return (passed) => {
    if (passed !== point) return
    left -= 1
    if (left === 0) io.kill()
  }
}
