import { UserError } from '../../errors.ts'
import type { AskedRow } from '../../plan/asked-rows.ts'
import { rowsToFind } from '../../plan/call-counts.ts'
import type { Plan } from '../../plan/plan.ts'
import { sharedTable } from '../../record/ledger.ts'
import { outcomeConditions, type RejectGroup, readReasons } from '../../record/rejects.ts'
import { type AdoptionReport, adoptSync, refuseInsert } from '../../run/adopt/adopt.ts'
import { retried } from '../../run/asking.ts'
import type { RunOptions } from '../../run/context.ts'
import { prepareReading } from '../../run/prepare/prepare-reading.ts'
import { schemaReader } from '../../run/prepare/schema-reader.ts'
import type { Say, Sync } from '../../types.ts'
import { tableName } from '../../warehouse/dialect.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectHubspot } from '../connect-hubspot.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { describeFailure } from '../failure.ts'
import { type LoadedSyncs, loadSyncs, stopOnGeneralProblems } from '../load-syncs.ts'
import { asksForJson } from '../options.ts'
import { secondsFor } from '../render/expected-time.ts'
import { createReadingProgress } from '../render/reading-progress.ts'
import { describeReason } from '../render/reasons.ts'
import { renderReasons } from '../render/render-run.ts'
import { shellWord } from '../render/shell-word.ts'
import { countOf, durationOf, numberOf } from '../render/words.ts'
import { askingOf, readWritableAccount } from '../run/asking.ts'
import { gateOptions, gateSyncs } from '../run/gate-syncs.ts'
import { planOne } from '../run/plan-one.ts'
import { runContext } from '../run/run-context.ts'
import { readRunOptions, readRunSettings } from '../run/run-options.ts'
import { keepHeapSmall } from '../run/small-heap.ts'
import { openSession, type Session } from '../session.ts'
import { syncNamed } from '../state/state-access.ts'
import { uuidv7 } from '../uuid.ts'

/** Binds rows to the records that HubSpot already has for them. Writes nothing to HubSpot. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  keepHeapSmall()
  try {
    return await adopt(args, io)
  } catch (error) {
    const { exitCode: _, ...failure } = describeFailure(error, io)
    if (asksForJson(args)) io.stdout(`${JSON.stringify({ kind: 'error', ...failure })}\n`)
    throw error
  }
}

async function adopt(args: Arguments, io: Io): Promise<number> {
  const options: RunOptions = { ...readRunOptions(args), isAdopting: true }
  const session = openSession(args, io)
  const loaded = await loadSyncs(session)
  const sync = syncNamed(loaded, String(args['SYNC']))
  stopOnGeneralProblems(loaded.problems)
  if (!sync.enabled) {
    throw new UserError({
      message: `the sync is not enabled for target ${session.project.targetName}`,
      hint: 'Choose another --target, or enable it in backhaul.yml.',
      sync: sync.name,
      where: sync.origin,
    })
  }
  refuseInsert(sync)
  const { held } = await gateSyncs(session, loaded.manifest, [sync], gateOptions(args))
  const [only] = held
  if (only !== undefined) {
    session.log.warn(`${sync.name} is held: ${only.why}`)
    return only.exitCode
  }
  return args['dry-run'] === true
    ? await planAdoption(session, args, loaded, sync, options)
    : await carryOut(session, args, loaded, sync, options)
}

/** Says what an adoption looks up. Leaves nothing in the warehouse. */
async function planAdoption(
  session: Session,
  args: Arguments,
  loaded: LoadedSyncs,
  sync: Sync,
  options: RunOptions,
): Promise<number> {
  const { io } = session
  const { destination } = await connectHubspot(session)
  const asking = askingOf(session, destination)
  const account = await retried(asking, () => destination.account(session.drain))
  const schema = await schemaReader(asking)(sync)
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const settings = readRunSettings(session)
    const newId = () => uuidv7(io.clock(), io.random)
    const prepared = await prepareReading(
      { ...asking, ledger, account, newId },
      sync,
      schema,
      loaded.definedNames,
    )
    const plan = await planOne(
      { ledger, destination, options, settings },
      prepared,
      [],
      false,
      silent,
    )
    const seconds = secondsFor(plan.calls, destination, settings.concurrency)
    if (asksForJson(args)) printJson(io, { isDryRun: true, status: 'planned', ...planned(plan) })
    else io.stdout(`${[describePlan(plan, seconds), ...describeRejects(plan)].join('\n')}\n`)
    return plan.guards.length > 0 ? 1 : 0
  } finally {
    await warehouse.close()
  }
}

const silent = { plan: () => {}, more: () => {}, end: () => {} }

async function carryOut(
  session: Session,
  args: Arguments,
  loaded: LoadedSyncs,
  sync: Sync,
  options: RunOptions,
): Promise<number> {
  const { log } = session
  const hubspot = await connectHubspot(session)
  const account = await readWritableAccount(session, hubspot.destination)
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const { concurrency } = readRunSettings(session)
    const looking = createReadingProgress(session, sync.name, 'row', 'looked for')
    let sought = 0
    const context = runContext(session, {
      hubspot,
      ledger,
      account,
      manifest: loaded.manifest,
      options,
      progress: {
        planned(plan) {
          sought = rowsToFind(plan.operations)
          log.info(describePlan(plan, secondsFor(plan.calls, hubspot.destination, concurrency)))
        },
        sent: (_, looked) => looking.at(looked, sought),
        finished: () => {},
      },
    })
    const report = await adoptSync(context, sync, loaded.definedNames)
    looking.end()
    const { runId, counts } = report
    const rejects =
      counts.rejected === 0 || runId === null ? [] : await readReasons(ledger, runId, 'rejected')
    const changes = tableName(warehouse.dialect, sharedTable(ledger, 'changes'))
    const query = `select row_id, error_category, error_message from ${changes} where run_id = '${runId}' and ${outcomeConditions.rejected} order by row_id`
    tell(session, args, report, rejects, query)
    if (session.drain.aborted) return 2
    return report.status === 'succeeded' ? 0 : 1
  } finally {
    await warehouse.close()
  }
}

function tell(
  { io, log, paint, say }: Session,
  args: Arguments,
  report: AdoptionReport,
  rejects: readonly RejectGroup[],
  query: string,
): void {
  const { sync, status, plan, error, problems } = report
  if (asksForJson(args)) {
    printJson(io, {
      isDryRun: false,
      status,
      ...(plan === null ? { sync, runId: report.runId } : planned(plan)),
      ...(plan === null ? {} : { result: resultOf(report, plan) }),
      rejects,
      calls: report.calls,
      problems,
      error,
    })
  } else if (plan !== null && status !== 'guarded') {
    io.stdout(`${describeResult(report, plan, say)}\n`)
  }
  if (rejects.length > 0) {
    log.warn(renderReasons(sync, 'rejected', rejects, query, paint, say).join('\n'))
  }
  if (error === null || error.category === 'ROWS_REJECTED') return
  log.error([error.message, ...(error.hint === undefined ? [] : [error.hint])].join('\n    '))
}

const printJson = (io: Io, document: Readonly<Record<string, unknown>>): void =>
  io.stdout(`${JSON.stringify({ kind: 'adoption', version: 1, ...document })}\n`)

/** What a plan says of an adoption, for machines. */
const planned = (plan: Plan) => ({
  sync: plan.sync,
  runId: plan.runId,
  model: plan.model,
  object: plan.object,
  mode: plan.mode,
  matchedBy: plan.matchedBy,
  rows: { inModel: plan.rows.inModel, known: plan.rows.known, sought: rowsToFind(plan.operations) },
  planned: {
    lookups: plan.calls.lookups,
    searches: plan.calls.searches,
    rejects: plan.rejects,
    guards: plan.guards,
  },
})

/** Rows by what became of them; `left` found no record, or were not looked for any more. */
function resultOf({ rows, counts }: AdoptionReport, plan: Plan) {
  const { adopted, differing } = rows
  const refusedBefore = plan.operations.reject
  const left = rowsToFind(plan.operations) - adopted - Math.max(0, counts.rejected - refusedBefore)
  return { adopted, differing, rejected: counts.rejected, left }
}

function describePlan(plan: Plan, seconds: number): string {
  const { lookups, searches } = plan.calls
  const rows = rowsToFind(plan.operations)
  const asked = (plan.asked ?? []).map((row) => `\n  ${describeAsked(row)}`).join('')
  const head = `${plan.sync}: ${countOf(plan.rows.inModel, 'row')} in the model, ${numberOf(plan.rows.known)} known`
  if (rows === 0) return `${head}; nothing to look for${asked}`
  const calls = [
    ...(searches > 0 ? [countOf(searches, 'search', 'searches')] : []),
    `${countOf(lookups, 'look-up call')}${searches > 0 ? ' at most' : ''}`,
  ]
  const time = seconds > 0 ? `, about ${durationOf(seconds)}` : ''
  return `${head}; ${countOf(rows, 'row')} to look for in ${calls.join(' and ')}${time}${asked}`
}

/** What becomes of a row that `--row` asked for. */
function describeAsked({ row, isInModel, operation, reason, status }: AskedRow): string {
  if (!isInModel) return `no row ${row} in the model`
  if (operation === 'reject') return `row ${row}: rejected (${reason})`
  if (operation !== null) return `row ${row}: looked for`
  return status === null
    ? `row ${row}: left out by --limit`
    : `row ${row}: known (${status}), left as it is`
}

const describeRejects = ({ rejects, guards }: Plan): readonly string[] => [
  ...rejects.map(
    ({ reason, rows }) => `  ! ${countOf(rows, 'row')}: ${describeReason(reason).meaning}`,
  ),
  ...guards.map(({ guard, message }) => `  Guard ${guard}: ${message}. Nothing would be adopted.`),
]

function describeResult(report: AdoptionReport, plan: Plan, say: Say): string {
  const { adopted, differing, rejected, left } = resultOf(report, plan)
  const parts = [
    `${countOf(adopted, 'row')} of ${report.sync} adopted`,
    ...(adopted === 0
      ? []
      : [
          differing === 1
            ? '1 of them differs from its record'
            : `${numberOf(differing)} of them differ from their records`,
        ]),
    ...(left === 0 ? [] : [`${numberOf(left)} without a record`]),
    ...(rejected === 0 ? [] : [`${numberOf(rejected)} rejected`]),
  ]
  const next = `See what a run would send: ${say(`plan --select ${shellWord(report.sync)}`)}`
  return `${parts.join(', ')}; ${countOf(report.calls.reads, 'read call')}.\n${next}`
}
