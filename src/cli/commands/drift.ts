import { DestinationError, formatProblem, printable, UserError } from '../../errors.ts'
import { asRowId } from '../../plan/asked-rows.ts'
import { retried } from '../../run/asking.ts'
import type { RunContext } from '../../run/context.ts'
import { canDrift, driftSync } from '../../run/drift/drift.ts'
import { type DriftReport, maxRememberedRows } from '../../run/drift/drift-tally.ts'
import { schemaReader } from '../../run/prepare/schema-reader.ts'
import type { Sync } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import { type Arguments, argumentList } from '../command-line/option.ts'
import { connectHubspot } from '../connect-hubspot.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { describeFailure } from '../failure.ts'
import { type LoadedSyncs, loadSyncs, stopOnGeneralProblems } from '../load-syncs.ts'
import { asksForJson } from '../options.ts'
import { type AskedDrift, createDriftPrinter } from '../render/drift-printer.ts'
import { differencesOf } from '../render/render-drift.ts'
import { keyWord, shellWord } from '../render/shell-word.ts'
import { askingOf, readWritableAccount } from '../run/asking.ts'
import { runContext } from '../run/run-context.ts'
import { readRunOptions } from '../run/run-options.ts'
import { keepHeapSmall } from '../run/small-heap.ts'
import { whyNothing } from '../run/why-nothing.ts'
import { openSession, type Session } from '../session.ts'
import { handle as run } from './run.ts'

/** Compares what was sent with what HubSpot holds. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  keepHeapSmall()
  try {
    return await drift(args, io)
  } catch (error) {
    const { exitCode: _, ...failure } = describeFailure(error, io)
    if (asksForJson(args)) io.stdout(`${JSON.stringify({ kind: 'error', ...failure })}\n`)
    throw error
  }
}

async function drift(args: Arguments, io: Io): Promise<number> {
  const asked = readAsked(args)
  const session = openSession(args, io)
  const loaded = await loadSyncs(session, args)
  stopOnGeneralProblems(loaded.problems)
  const nothing = whyNothing(loaded)
  if (nothing !== undefined) session.log.warn(nothing)
  for (const problem of loaded.problems) {
    if (asksForJson(args)) io.stdout(`${JSON.stringify({ kind: 'problem', ...problem })}\n`)
    session.log.error(formatProblem(problem))
  }
  const syncs = loaded.selected.filter(canDrift)
  for (const { name } of loaded.selected.filter((sync) => !canDrift(sync))) {
    session.log.info(`${name}: an event is sent once, and nothing of it is compared`)
  }
  if (syncs.length === 0) return loaded.problems.length > 0 ? 1 : 0
  const reports = await compareAll(session, args, loaded, syncs, asked)
  if (session.drain.aborted) return 2
  const isAnyUnmet = tellUnmet(session, syncs, reports, asked.rows)
  const isFailed = reports.some(({ status }) => status !== 'succeeded')
  const sent = asked.mending === 'fix' ? await sendAgain(session, args, reports) : 0
  if (sent === 2) return 2
  const open = reports.some(
    (report) =>
      report.unknownRows + report.unknownLinks > 0 ||
      (asked.mending === undefined ? differencesOf(report) > 0 : report.unmended > 0),
  )
  return loaded.problems.length > 0 || isFailed || isAnyUnmet || open || sent !== 0 ? 1 : 0
}

/** A key that no sync has met is most likely wrong: that nothing differs says nothing about it. @returns whether there is one */
function tellUnmet(
  { log, say }: Session,
  syncs: readonly Sync[],
  reports: readonly DriftReport[],
  rows: readonly string[],
): boolean {
  const unmet = rows.filter((row) =>
    reports.every(({ scope }, index) =>
      scope.unmet.includes(asRowId(row, syncs[index]?.primaryKey.length ?? 1)),
    ),
  )
  for (const row of unmet) {
    const [first] = syncs
    log.error(
      `No row ${printable(row)} was ever met by ${syncs.map(({ name }) => name).join(', ')}: ${say(`show ${shellWord(first?.name ?? '')} ${keyWord(row)}`)}`,
    )
  }
  return unmet.length > 0
}

function readAsked(args: Arguments): AskedDrift {
  const [isFix, isAccept] = [args['fix'] === true, args['accept'] === true]
  const wrong = (message: string, hint: string) => new UserError({ message, hint }, { exitCode: 2 })
  if (isFix && isAccept) {
    throw wrong(
      '--fix and --accept contradict each other',
      'One sends again what was sent, the other leaves what HubSpot holds.',
    )
  }
  const sample = args['sample']
  if (sample !== undefined && !(Number.isInteger(sample) && Number(sample) > 0)) {
    throw wrong(
      `--sample needs a whole number above 0, not ${sample}`,
      'For example --sample 1000; leave it out for every row.',
    )
  }
  const isDryRun = args['dry-run'] === true
  return {
    mending: isFix ? 'fix' : isAccept ? 'accept' : undefined,
    isDryRun,
    isAll: args['all'] === true,
    sample: sample === undefined ? undefined : Number(sample),
    rows: argumentList(args['row']),
  }
}

async function compareAll(
  session: Session,
  args: Arguments,
  loaded: LoadedSyncs,
  syncs: readonly Sync[],
  asked: AskedDrift,
): Promise<readonly DriftReport[]> {
  const { log, project } = session
  const hubspot = await connectHubspot(session)
  const { destination } = hubspot
  const asking = askingOf(session, destination)
  const writes = asked.mending !== undefined && !asked.isDryRun
  const account = writes
    ? await readWritableAccount(session, destination)
    : await retried(asking, () => destination.account(session.drain))
  const warehouse = await connectWarehouse(session)
  const reports: DriftReport[] = []
  try {
    const context = runContext(session, {
      hubspot,
      ledger: ledgerOf(session, warehouse),
      account,
      manifest: loaded.manifest,
      // What is looked at here is never a whole run of the sync.
      options: { ...readRunOptions({}), onlyRows: asked.rows },
      progress: { planned: () => {}, sent: () => {}, finished: () => {} },
    })
    const readSchema = schemaReader(asking, syncs)
    const users = userReader(session, context)
    for (const sync of syncs) {
      const printer = createDriftPrinter(session, args, asked, users)
      const report = await driftSync(
        context,
        sync,
        readSchema,
        loaded.definedNames,
        {
          selection: {
            ...(asked.rows.length === 0
              ? {}
              : { rowIds: asked.rows.map((row) => asRowId(row, sync.primaryKey.length)) }),
            ...(asked.sample === undefined
              ? {}
              : { sample: { rows: asked.sample, seed: context.newId() } }),
          },
          ...(asked.mending === undefined ? {} : { mending: asked.mending }),
          isDryRun: asked.isDryRun,
          maxCalls: project.settings.maxCallsPerRun,
        },
        printer.listener,
      )
      reports.push(report)
      await printer.end(report)
      if (report.error !== null) {
        const { message, hint } = report.error
        for (const problem of report.problems) log.error(formatProblem(problem))
        if (report.problems.length === 0) {
          log.error(
            [`${report.sync}: ${message}`, ...(hint === undefined ? [] : [hint])].join('\n    '),
          )
        }
      }
      if (session.drain.aborted || report.endsAll) break
    }
    return reports
  } finally {
    await warehouse.close()
  }
}

/** E-mail addresses of users, read once, and only when somebody is to be named. */
function userReader(
  session: Session,
  context: RunContext,
): () => Promise<ReadonlyMap<string, string>> {
  let read: Promise<ReadonlyMap<string, string>> | undefined
  const ask = async () => {
    try {
      const owners = await retried(context, () => context.destination.owners(session.drain))
      return new Map(
        owners.flatMap(({ userId, email }) =>
          userId === undefined ? [] : [[userId, email] as const],
        ),
      )
    } catch (error) {
      // Without the scope for owners, users go by their ids.
      if (!(error instanceof DestinationError)) throw error
      return new Map<string, string>()
    }
  }
  return () => {
    read ??= ask()
    return read
  }
}

/** Sends what was marked, as any run does. A run is kept to the rows that were marked where they are few. */
async function sendAgain(
  { io, log, project, say }: Session,
  args: Arguments,
  reports: readonly DriftReport[],
): Promise<number> {
  let worst = 0
  const { select: _s, exclude: _e, selector: _r, row: _w, json: _j, sample: _m, ...others } = args
  for (const { sync, mended, mendedRows } of reports) {
    if (mended === 0) continue
    if (io.isInterrupted()) return 2
    if (io.calls.made >= project.settings.maxCallsPerRun) {
      log.error(
        `${sync}: max_calls_per_run leaves no call to send what is marked: the next run does, ${say(`run --select ${shellWord(sync)}`)}`,
      )
      worst = 1
      continue
    }
    const isFew = mendedRows.length <= maxRememberedRows
    const exitCode = await run(
      {
        ...others,
        output: 'text',
        select: [`sync:${sync}`],
        ...(isFew ? { row: mendedRows } : {}),
      },
      io,
    )
    worst = Math.max(worst, exitCode)
    if (exitCode === 2) return exitCode
  }
  return worst
}
