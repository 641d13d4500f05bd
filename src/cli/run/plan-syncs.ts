import { Interrupted, type Problem, UserError } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { Identity } from '../../record/identity.ts'
import { asRun, type PlanContext, type PreparedSync } from '../../run/context.ts'
import { checkSync } from '../../run/prepare/check-sync.ts'
import { Promised } from '../../run/prepare/create-properties.ts'
import { checkIdentity, type IdentityVerdict } from '../../run/prepare/identity-check.ts'
import { schemaReader } from '../../run/prepare/schema-reader.ts'
import { historyOf, ownOf } from '../../run/prepare/sync-history.ts'
import type { Account, Sync } from '../../types.ts'
import type { TableRef } from '../../warehouse/dialect.ts'
import { findList } from '../lock/offline-list.ts'
import { plannedOffline } from '../lock/offline-plan.ts'
import type { Offline } from '../lock/portal-source.ts'
import type { Printer } from '../render/plan-printers.ts'
import type { Session } from '../session.ts'
import { uuidv7 } from '../uuid.ts'
import type { askingOf } from './asking.ts'
import { warnOfParked } from './parked.ts'
import { type Look, type Looking, planOne, planRekeyed, planRematched } from './plan-one.ts'

/** What all syncs of one `plan` share. */
export interface Planning {
  readonly session: Session
  readonly context: PlanContext
  readonly asking: ReturnType<typeof askingOf>
  readonly account: Account
  readonly offline: Offline | undefined
  readonly pinned: readonly Identity[]
  readonly definedNames: ReadonlySet<string>
  /** Gets what is wrong with a sync; the others are planned all the same. */
  readonly problems: Problem[]
  /** Present where the plans are kept for a run to be held to. */
  readonly seal: Look | undefined
  /** Print every change, not the first ones. */
  readonly isAll: boolean
  printer(sync: Sync): Printer
}

interface CheckedSync {
  readonly sync: Sync
  readonly prepared: PreparedSync
  readonly verdict: IdentityVerdict['kind']
}

/** Plans one sync after the other, in their order, each with what those before it would make. */
export async function planSyncs(
  planning: Planning,
  syncs: readonly Sync[],
): Promise<readonly Plan[]> {
  const checked = await eachOf(planning, syncs, syncChecker(planning, syncs))
  let peers = checked.map(({ prepared }) => prepared)
  const drops: (() => Promise<void>)[] = []
  const planOf = async (one: CheckedSync) => {
    const isAskedFor = peers.some((peer) => asksForRowsOf(peer.sync, one.sync.name))
    const keep = (planned: TableRef, drop: () => Promise<void>) => {
      drops.push(drop)
      const done = { ...one.prepared, planned }
      peers = peers.map((peer) => (peer === one.prepared ? done : peer))
    }
    const plan = await planChecked(planning, one, peers, isAskedFor ? keep : undefined)
    const names = { sync: one.sync.name, stateOf: one.prepared.sync.name }
    const { log, paint, say } = planning.session
    const { ledger } = planning.context
    warnOfParked(log, paint, ledger, names, plan.rows.parked, say)
    return { ...plan, sync: one.sync.name }
  }
  try {
    return await eachOf(planning, checked, planOf)
  } finally {
    // The first one may have made the schema of all.
    for (const drop of drops.toReversed()) await drop()
  }
}

/** Whether links, events or members of a sync go by rows of another. */
const asksForRowsOf = ({ associations, event, list }: Sync, name: string): boolean => {
  const about = (event ?? list)?.about
  return (
    associations.some(({ target }) => target.kind === 'sync' && target.sync === name) ||
    (about?.kind === 'sync' && about.sync === name)
  )
}

/** Works on one after the other, and keeps what is wrong with one from stopping the others. @throws Interrupted */
async function eachOf<One extends Sync | CheckedSync, Result>(
  { session, problems }: Planning,
  all: readonly One[],
  work: (one: One) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const one of all) {
    if (session.drain.aborted) throw new Interrupted()
    try {
      results.push(await work(one))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      // The state of a renamed sync still has the old name.
      const [name, stateName] =
        'prepared' in one ? [one.sync.name, one.prepared.sync.name] : [one.name, one.name]
      problems.push(
        ...error.problems.map((problem) => ({
          ...problem,
          sync: problem.sync === undefined || problem.sync === stateName ? name : problem.sync,
        })),
      )
    }
  }
  return results
}

/** Checks a sync against warehouse, HubSpot and what earlier runs knew it as. */
function syncChecker(planning: Planning, syncs: readonly Sync[]) {
  const { session, context, asking, account, offline, pinned, definedNames, seal } = planning
  const { isRekeying, isRematching } = context.options
  const { io } = session
  const readSchema = schemaReader(asking, syncs)
  const promised = new Promised()
  return async (sync: Sync): Promise<CheckedSync> => {
    const schema = await readSchema(sync)
    const { bound, missing, warnings, advice, costs } = await checkSync(context, sync, schema)
    const verdict = checkIdentity({
      sync,
      schema,
      account,
      pinned,
      definedNames,
      isRekeying,
      isRematching,
      say: session.say,
    })
    if (verdict.kind === 'refused') throw new UserError(verdict.problem)
    const own = ownOf(sync, pinned, verdict)
    const list =
      sync.list === undefined
        ? undefined
        : await findList({ asking, offline }, sync, sync.list, schema, own, pinned)
    const isRenamed = verdict.kind === 'renamed'
    const prepared = {
      sync: isRenamed ? { ...sync, name: verdict.from } : sync,
      ...(isRenamed ? { definedName: sync.name } : {}),
      schema: promised.schemaFor(schema),
      bound,
      lacking: missing,
      missing: promised.claim(schema, missing),
      runId: uuidv7(io.clock(), io.random),
      warnings: [...warnings, ...advice, ...costs, ...(list?.warnings ?? [])],
      ...(list === undefined ? {} : { list }),
      ...historyOf(sync, pinned, verdict),
    }
    return {
      sync,
      prepared: offline === undefined ? prepared : plannedOffline(prepared, seal !== undefined),
      verdict: verdict.kind,
    }
  }
}

function planChecked(
  planning: Planning,
  { sync, prepared, verdict }: CheckedSync,
  peers: readonly PreparedSync[],
  keep: Looking['keep'],
): Promise<Plan> {
  const { session, context, asking, isAll, seal } = planning
  const show = planning.printer(sync)
  const { ledger } = context
  return asRun({ ledger, follow: session.io.telemetry }, prepared, () => {
    if (verdict === 'rekeyed') return planRekeyed(context, prepared, peers, isAll, show)
    if (verdict === 'rematched')
      return planRematched({ ...asking, ...context }, prepared, peers, isAll, show)
    return planOne(context, prepared, peers, isAll, show, { look: seal, keep })
  })
}
