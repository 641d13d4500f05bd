import { formatProblem, Interrupted, type Problem, UserError } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { PlannedChange } from '../../plan/planned-changes.ts'
import { writePermission } from '../../project/write-permission.ts'
import { readIdentities } from '../../record/identity.ts'
import { retried } from '../../run/asking.ts'
import { asRun, type PreparedSync } from '../../run/context.ts'
import { Promised } from '../../run/create-properties.ts'
import { checkIdentity, type IdentityVerdict } from '../../run/identity-check.ts'
import { findTargetList } from '../../run/list.ts'
import type { PlanContext } from '../../run/plan-sync.ts'
import { checkSync, historyOf, ownOf, schemaReader } from '../../run/prepare.ts'
import type { Account, Sync } from '../../types.ts'
import { askingOf } from '../asking.ts'
import { secondsFor } from '../expected-time.ts'
import { describeFailure } from '../failure.ts'
import { buildCommand, gateMode, gateSyncs } from '../gate-syncs.ts'
import type { Io } from '../io.ts'
import type { Arguments } from '../option.ts'
import { paintFor } from '../paint.ts'
import { warnOfParked } from '../parked.ts'
import { planOne, planRekeyed, planRematched } from '../plan-one.ts'
import { jsonPrinter, printedAs, textPrinter } from '../plan-printers.ts'
import { renderLegend } from '../render-plan.ts'
import { readRunOptions, readRunSettings, refuseRefresh } from '../run-options.ts'
import {
  connectHubspot,
  connectWarehouse,
  ledgerOf,
  loadSyncs,
  openSession,
  type Session,
  stopOnGeneralProblems,
} from '../session.ts'
import { tellUnknownRows } from '../unknown-rows.ts'
import { uuidv7 } from '../uuid.ts'
import { whyNothing } from '../why-nothing.ts'

/** Shows what a run would do. Writes nothing to HubSpot and leaves nothing in the warehouse. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  try {
    return await planSelected(args, io)
  } catch (error) {
    const { exitCode: _, ...failure } = describeFailure(error, io)
    if (args['output'] === 'json') io.stdout(`${JSON.stringify({ kind: 'error', ...failure })}\n`)
    throw error
  }
}

async function planSelected(args: Arguments, io: Io): Promise<number> {
  const options = readRunOptions(args)
  const session = openSession(args, io)
  const { log } = session
  const loaded = await loadSyncs(session, args)
  stopOnGeneralProblems(loaded.problems)
  refuseRefresh(options, loaded.selected)
  const nothing = whyNothing(loaded)
  if (nothing !== undefined) log.warn(nothing)
  const gated = await gateSyncs(session, loaded.manifest, loaded.selected, gateMode(args['gate']))
  for (const held of gated.held) log.warn(`A run would hold ${held.sync.name}: ${held.why}`)
  const build = buildCommand(session.project, gated.held)
  if (build !== undefined) log.warn(`To build what is held: ${build}`)
  const problems: Problem[] = [...loaded.problems]
  const plans: Plan[] = []
  const isJson = args['output'] === 'json'
  const operations = new Set<PlannedChange['operation']>()
  if (gated.open.length > 0) {
    const { destination } = await connectHubspot(session)
    const asking = askingOf(session, destination)
    const account = await retried(asking, () => destination.account(session.drain))
    warnOfRefusal(session, account)
    const warehouse = await connectWarehouse(session)
    try {
      const ledger = ledgerOf(session, warehouse)
      const context: PlanContext = {
        ledger,
        destination,
        options,
        settings: readRunSettings(session),
      }
      const readSchema = schemaReader(asking, gated.open)
      const promised = new Promised()
      const pinned = await readIdentities(ledger)
      const checked: {
        readonly sync: Sync
        readonly prepared: PreparedSync
        readonly verdict: IdentityVerdict['kind']
      }[] = []
      for (const sync of gated.open) {
        if (session.drain.aborted) throw new Interrupted()
        try {
          const schema = await readSchema(sync)
          const { bound, missing, warnings, advice, costs } = await checkSync(context, sync, schema)
          const verdict = checkIdentity({
            sync,
            schema,
            account,
            pinned,
            definedNames: loaded.definedNames,
            isRekeying: options.isRekeying,
            isRematching: options.isRematching,
          })
          if (verdict.kind === 'refused') throw new UserError(verdict.problem)
          const list =
            sync.list === undefined
              ? undefined
              : await findTargetList(asking, sync, sync.list, schema, ownOf(sync, pinned, verdict))
          const runId = uuidv7(io.clock(), io.random)
          const known = verdict.kind === 'renamed' ? { ...sync, name: verdict.from } : sync
          const prepared = {
            sync: known,
            schema: promised.schemaFor(schema),
            bound,
            lacking: missing,
            missing: promised.claim(schema, missing),
            runId,
            warnings: [...warnings, ...advice, ...costs, ...(list?.warnings ?? [])],
            ...(list === undefined ? {} : { list }),
            ...historyOf(sync, pinned, verdict),
          }
          checked.push({ sync, prepared, verdict: verdict.kind })
        } catch (error) {
          if (!(error instanceof UserError)) throw error
          problems.push(...error.problems)
        }
      }
      const peers = checked.map(({ prepared }) => prepared)
      for (const { sync, prepared, verdict } of checked) {
        if (session.drain.aborted) throw new Interrupted()
        try {
          const time = (plan: Plan) =>
            secondsFor(plan.calls, destination, context.settings.concurrency)
          const printer = isJson ? jsonPrinter(io, time) : textPrinter(io, sync, time, operations)
          const show = printedAs(sync.name, printer)
          const isAll = args['all'] === true
          const plan = await asRun(ledger, prepared, () =>
            verdict === 'rekeyed'
              ? planRekeyed(context, prepared, peers, isAll, show)
              : verdict === 'rematched'
                ? planRematched({ ...asking, ...context }, prepared, peers, isAll, show)
                : planOne(context, prepared, peers, isAll, show),
          )
          plans.push({ ...plan, sync: sync.name })
          const names = { sync: sync.name, stateOf: prepared.sync.name }
          warnOfParked(log, session.paint, ledger, names, plan.rows.parked)
        } catch (error) {
          if (!(error instanceof UserError)) throw error
          problems.push(
            ...error.problems.map((problem) =>
              problem.sync === prepared.sync.name ? { ...problem, sync: sync.name } : problem,
            ),
          )
        }
      }
    } finally {
      await warehouse.close()
    }
  }
  if (!isJson) io.stdout(renderLegend(operations, paintFor(io.usesColours)))
  for (const problem of problems) {
    if (isJson) io.stdout(`${JSON.stringify({ kind: 'problem', ...problem })}\n`)
    log.error(formatProblem(problem))
  }
  const isAnyUnknown = tellUnknownRows(log, plans)
  if (session.drain.aborted) return 2
  const isGuarded = plans.some((plan) => plan.guards.length > 0)
  const isHeld = gated.held.some((held) => held.exitCode === 1)
  return problems.length > 0 || isGuarded || isHeld || isAnyUnknown ? 1 : 0
}

/** Any target may plan; that a run would be refused is worth knowing before. */
function warnOfRefusal({ project, log }: Session, account: Account): void {
  const { settings, targetName } = project
  const permission = writePermission(targetName, settings, settings.baseUrl, account)
  if (!permission.allowed) log.warn(`A run would be refused: ${permission.why}`)
}
