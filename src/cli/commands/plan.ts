import type { Problem } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { SealedPlan } from '../../plan/plan-digest.ts'
import { writePermission } from '../../project/write-permission.ts'
import { readIdentities } from '../../record/identity.ts'
import { retried } from '../../run/asking.ts'
import type { PlanContext, RunOptions } from '../../run/context.ts'
import { sealPlan } from '../../run/planning/sealed-plan.ts'
import type { Account, Say, Sync } from '../../types.ts'
import { createPlanRecorder, type PlanRecorder } from '../artifacts/plan-artifact.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { describeFailure } from '../failure.ts'
import { annotatePlan, type PlanFindings } from '../github/annotate-plan.ts'
import { workspaceOf } from '../github/annotations.ts'
import { annotationLine } from '../github/workflow-commands.ts'
import { type LoadedSyncs, loadSyncs, stopOnGeneralProblems } from '../load-syncs.ts'
import { refuseLookups } from '../lock/offline-plan.ts'
import { portalSource } from '../lock/portal-source.ts'
import { secondsFor } from '../render/expected-time.ts'
import { failureMarkdown } from '../render/plan-markdown.ts'
import { createPlanOutput, type PlanOutput, sayRun } from '../render/plan-output.ts'
import { countsOnly, printedAs, printedOffline, printedWithEdits } from '../render/plan-printers.ts'
import {
  type Against,
  editsAgainst,
  ledgerAgainst,
  openAgainst,
  removedSyncs,
} from '../run/against.ts'
import { askingOf } from '../run/asking.ts'
import {
  buildCommand,
  gateOptions,
  gateSyncs,
  type HeldSync,
  ungateHint,
} from '../run/gate-syncs.ts'
import { outFile, writeOut } from '../run/plan-out.ts'
import { newSeal } from '../run/plan-seal.ts'
import { planSyncs } from '../run/plan-syncs.ts'
import { readRunOptions, readRunSettings, refuseRefresh } from '../run/run-options.ts'
import { tellUnknownRows } from '../run/unknown-rows.ts'
import { whyNothing } from '../run/why-nothing.ts'
import { openSession, type Session } from '../session.ts'

/** Shows what a run would do. Writes nothing to HubSpot and leaves nothing in the warehouse. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const recorder = createPlanRecorder(io)
  try {
    const exitCode = await planSelected(args, io, recorder)
    recorder.write(null)
    return exitCode
  } catch (error) {
    const { exitCode: _, ...failure } = describeFailure(error, io)
    recorder.write(failure)
    if (args['output'] === 'json') io.stdout(`${JSON.stringify({ kind: 'error', ...failure })}\n`)
    if (args['output'] === 'markdown') io.stdout(failureMarkdown(failure))
    throw error
  }
}

async function planSelected(args: Arguments, io: Io, recorder: PlanRecorder): Promise<number> {
  const { facts } = recorder
  const options = readRunOptions(args)
  const { session, against } =
    args['against'] === undefined
      ? { session: openSession(args, io), against: undefined }
      : await openAgainst(args, io)
  const { log } = session
  facts.session = session
  facts.against = against?.targetName ?? null
  if (against !== undefined) log.info(describeAgainst(session, against))
  const out = outFile(args, io)
  const seal = newSeal(io)
  const loaded = await loadSyncs(session, args)
  facts.manifest = loaded.manifest
  const problems = [...loaded.problems]
  facts.problems = problems
  stopOnGeneralProblems(loaded.problems)
  refuseRefresh(options, loaded.selected)
  const nothing = whyNothing(loaded)
  if (nothing !== undefined) log.warn(nothing)
  const gated = await gateSyncs(session, loaded.manifest, loaded.selected, gateOptions(args))
  facts.held = gated.held
  tellHeld(session, gated.held)
  const output = createPlanOutput(args['output'], session, against?.targetName)
  const planned =
    gated.open.length === 0
      ? { plans: [], sealed: [], portalId: undefined, lock: undefined }
      : await planOpen(
          { args, options, session, against, loaded, problems, output, recorder, seal: seal.seal },
          gated.open,
        )
  const { plans, sealed, portalId, lock } = planned
  const isInterrupted = session.drain.aborted
  if (out !== undefined && !isInterrupted) {
    const unwritten = writeOut(session, out, {
      args,
      portalId,
      options,
      seal,
      sealed,
      plans,
      problems,
    })
    if (unwritten !== undefined) problems.push(unwritten)
  }
  const { held, removed } = facts
  output.end({ portalId, lock, held, removed, problems, nothing })
  annotate({ plans, held, problems }, loaded.all, session, sayRun(session, against?.targetName))
  const isAnyUnknown = tellUnknownRows(session, plans)
  if (isInterrupted) return 2
  const isGuarded = plans.some((plan) => plan.guards.length > 0)
  const isHeld = held.some(({ exitCode }) => exitCode === 1)
  return problems.length > 0 || isGuarded || isHeld || isAnyUnknown ? 1 : 0
}

/** What `planSelected` has found out before the first sync is looked at. */
interface Opened {
  readonly args: Arguments
  readonly options: RunOptions
  readonly session: Session
  readonly against: Against | undefined
  readonly loaded: LoadedSyncs
  readonly problems: Problem[]
  readonly output: PlanOutput
  readonly recorder: PlanRecorder
  readonly seal: string
}

/** Plans the syncs that nothing holds, and prints the plans as they come. */
async function planOpen(opened: Opened, syncs: readonly Sync[]) {
  const { args, options, session, against, loaded, problems, output, recorder, seal } = opened
  const { facts, record } = recorder
  const { destination, offline } = await portalSource(session, args)
  if (offline !== undefined) refuseLookups(options.isRematching)
  const asking = askingOf(session, destination)
  const account = await retried(asking, () => destination.account(session.drain))
  facts.portalId = account.portalId
  if (against === undefined) warnOfRefusal(session, account)
  const warehouse = await connectWarehouse(session)
  try {
    const ledger =
      against === undefined
        ? ledgerOf(session, warehouse)
        : ledgerAgainst(session, warehouse, against)
    const pinned = await readIdentities(ledger)
    if (against !== undefined) {
      const previous = loaded.all.flatMap(({ previousName }) => previousName ?? [])
      facts.removed = removedSyncs(pinned, loaded.definedNames, new Set(previous))
    }
    const settings = readRunSettings(session)
    const context: PlanContext = { ledger, destination, options, settings }
    const sealed: SealedPlan[] = []
    const time = (plan: Plan) => secondsFor(plan.calls, destination, settings.concurrency)
    const plans = await planSyncs(
      {
        session,
        context,
        asking,
        account,
        offline,
        pinned,
        definedNames: loaded.definedNames,
        problems,
        seal:
          args['out'] === undefined
            ? undefined
            : async (prepared, plan, changes) => {
                sealed.push(await sealPlan(ledger, prepared, plan, changes, seal))
              },
        isAll: args['all'] === true,
        printer(sync) {
          const recorded = record(output.printer(sync, time), time)
          const edited = printedWithEdits(
            against === undefined ? undefined : editsAgainst(sync, pinned),
            recorded,
          )
          const shown = offline === undefined ? edited : printedOffline(edited)
          return printedAs(sync.name, args['counts-only'] === true ? countsOnly(shown) : shown)
        },
      },
      syncs,
    )
    return { plans, sealed, portalId: account.portalId, lock: offline?.file }
  } finally {
    await warehouse.close()
  }
}

/** Shows on GitHub, at the syncs' YAML, what is wrong or would not go well. */
function annotate(
  findings: PlanFindings,
  syncs: readonly Sync[],
  { io, project }: Session,
  say: Say,
): void {
  if (io.workflowCommand === undefined) return
  const origins = new Map(syncs.map(({ name, origin }) => [name, origin]))
  const workspace = workspaceOf(io, project.projectDir)
  for (const one of annotatePlan(findings, (sync) => origins.get(sync), workspace, say))
    io.workflowCommand(annotationLine(one))
}

/** What the gate keeps from a run, and how to change that. */
function tellHeld({ project, log }: Session, held: readonly HeldSync[]): void {
  for (const { sync, why } of held) log.warn(`A run would hold ${sync.name}: ${why}`)
  const build = buildCommand(project, held)
  if (build !== undefined) log.warn(`To build what is held: ${build}`)
  const ungate = ungateHint(held)
  if (ungate !== undefined) log.info(ungate)
}

/** Any target may plan; that a run would be refused is worth knowing before. */
function warnOfRefusal({ project, log }: Session, account: Account): void {
  const { settings, targetName } = project
  const permission = writePermission(targetName, settings, settings.baseUrl, account)
  if (!permission.allowed) log.warn(`A run would be refused: ${permission.why}`)
}

const describeAgainst = ({ project }: Session, { targetName }: Against): string =>
  `What a run of target ${targetName} would do with the models of target ${project.targetName}; reads only`
