import type { CallCounts } from '../destination/destination.ts'
import { linkTotals, type Plan } from '../plan/plan.ts'
import type { Holder } from '../record/hold-removals.ts'
import { readIdentities } from '../record/identity.ts'
import { asRun, type PreparedSync, type RunContext } from './context.ts'
import { planMovedLinks, resolveLinks } from './links/links.ts'
import { sendLinks } from './links/send-links.ts'
import { resolveContacts } from './members/event-contacts.ts'
import { carryOutMembers, changesMembers, mayBeRemade } from './members/list-members.ts'
import { recountCalls, recountEvents, recountLinks } from './planning/recount.ts'
import { createProperties } from './prepare/create-properties.ts'
import { sendRemovals } from './sending/removals.ts'
import { resolvePlan } from './sending/resolve-plan.ts'
import { sendKind, sendRecords } from './sending/send-plan.ts'
import type { SendProgress } from './sending/send-window.ts'
import { type Stop, stopOf } from './sending/stop.ts'

/** A sync whose plan is being carried out. It is recorded once, after the last phase that concerns it. */
export interface Underway {
  readonly prepared: PreparedSync
  /** Its operations and calls are counted anew once HubSpot has been asked. */
  plan: Plan
  readonly progress: SendProgress
  /** It may be sent: no guard and no earlier failure holds it. */
  isBegun: boolean
  /** False once the warehouse did not take what came of it. */
  isRecorded: boolean
  /** Why nothing more of it is sent; undefined while all is well. */
  stop: Stop
  /** Calls made for it so far, and the time spent on it: other syncs may have their turn in between. */
  calls: CallCounts
  activeMs: number
}

export const underway = (prepared: PreparedSync, plan: Plan): Underway => ({
  prepared,
  plan,
  progress: { sent: 0, rejected: 0, left: 0, unfound: 0 },
  isBegun: false,
  isRecorded: true,
  stop: undefined,
  calls: { writes: 0, reads: 0 },
  activeMs: 0,
})

/** Does work for a sync: its statements, its calls and its time are put down to it. */
export async function onBehalf<T>(
  context: RunContext,
  one: Underway,
  work: () => Promise<T>,
): Promise<T> {
  const startedMs = context.clock()
  const before = context.destination.counts()
  try {
    return await asRun(context, one.prepared, work)
  } finally {
    const now = context.destination.counts()
    one.calls = {
      writes: one.calls.writes + now.writes - before.writes,
      reads: one.calls.reads + now.reads - before.reads,
    }
    one.activeMs += context.clock() - startedMs
  }
}

/** One step of a run that all syncs take before the next one begins. */
export interface Phase {
  /** @param planned all syncs of this run */
  readonly isNeeded: (one: Underway, planned: readonly Underway[]) => boolean
  /** @param others syncs of this run that are not recorded yet */
  readonly carryOut: (
    context: RunContext,
    one: Underway,
    others: readonly Underway[],
  ) => Promise<Stop>
}

/**
 * In order, each over the whole run: records of all syncs come first, so that whatever refers to a record finds it, as links, events and members of lists do; removals come last,
 * when every record has found its row.
 */
export const phases: readonly Phase[] = [
  { isNeeded: () => true, carryOut: carryOutRecords },
  { isNeeded: ({ plan: { links } }) => links !== undefined, carryOut: carryOutLinks },
  {
    isNeeded: ({ plan: { type, operations, rows } }) =>
      type === 'event' && operations.send + rows.waiting > 0,
    carryOut: carryOutEvents,
  },
  {
    isNeeded: ({ plan, prepared }, planned) =>
      changesMembers(plan) || mayBeRemade(prepared, planned),
    carryOut: carryOutList,
  },
  {
    isNeeded: ({ plan: { operations, links } }) =>
      operations.clear + operations.archive + linkTotals(links).remove > 0,
    carryOut: carryOutRemovals,
  },
]

async function carryOutRecords(context: RunContext, one: Underway): Promise<Stop> {
  const { prepared, progress } = one
  const { schema, lacking } = prepared
  try {
    await context.follow.step('resolve', async () => {
      await createProperties(context, schema, lacking, context.madeProperties)
      if (sendsRecords(one.plan)) await resolvePlan(context, prepared)
    })
  } catch (error) {
    return stopOf(error, context.drain.aborted)
  }
  if (!sendsRecords(one.plan)) return undefined
  one.plan = await recountCalls(context, prepared, one.plan)
  context.passing('plan-resolved')
  return context.follow.step('send', () => sendRecords(context, prepared, one.plan, progress))
}

const sendsRecords = ({ type, operations, rows }: Plan): boolean =>
  type === undefined && operations.create + operations.upsert + operations.update + rows.waiting > 0

/** The run of a sync that is not in its state yet, by the sync's name. */
const openRuns =
  (others: readonly Underway[]) =>
  (name: string): string | undefined =>
    others.find(({ prepared }) => prepared.sync.name === name)?.prepared.runId

/** When it begins, every record of this run is there: links in a circle need nothing special. */
async function carryOutLinks(
  context: RunContext,
  one: Underway,
  others: readonly Underway[],
): Promise<Stop> {
  const { prepared, progress } = one
  try {
    await followMoved(context, one, openRuns(others))
    const { add, tried } = linkTotals(one.plan.links)
    if (add + tried === 0) return undefined
    const stopped = await context.follow.step('resolve', () =>
      resolveLinks(context, prepared, openRuns(others)),
    )
    if (stopped !== undefined) return stopped
    one.plan = await recountLinks(context, prepared, one.plan)
    context.passing('links-resolved')
    return await context.follow.step('send', () =>
      sendLinks(context, prepared, 'associate', progress, openRuns(others), countFor(one)),
    )
  } catch (error) {
    return stopOf(error, context.drain.aborted)
  }
}

/** Puts right what the plan says of calls for links, once it is known what stands between their records. */
const countFor = (one: Underway) => (calls: number) => {
  const { plan } = one
  if (calls === 0 || plan.links === undefined) return
  one.plan = {
    ...plan,
    calls: { ...plan.calls, writes: plan.calls.writes + calls },
    links: {
      ...plan.links,
      calls: { ...plan.links.calls, writes: plan.links.calls.writes + calls },
    },
  }
}

/** Records that this run made again have no links: those that were there are planned, too. */
async function followMoved(
  context: RunContext,
  one: Underway,
  openRun: (syncName: string) => string | undefined,
): Promise<void> {
  const { prepared } = one
  const ends = [
    prepared.sync.name,
    ...(prepared.bound.links ?? []).flatMap(({ target }) =>
      target.kind === 'sync' ? [target.sync] : [],
    ),
  ]
  if (!ends.some((name) => context.madeAgain.has(name))) return
  const added = await planMovedLinks(context, prepared, openRun)
  if (added > 0) one.plan = await recountLinks(context, prepared, one.plan, 'anew')
}

/** When it begins, every contact that this run makes is there. */
async function carryOutEvents(
  context: RunContext,
  one: Underway,
  others: readonly Underway[],
): Promise<Stop> {
  const { prepared, progress } = one
  try {
    const stopped = await context.follow.step('resolve', () =>
      resolveContacts(context, prepared, openRuns(others)),
    )
    if (stopped !== undefined) return stopped
  } catch (error) {
    return stopOf(error, context.drain.aborted)
  }
  one.plan = await recountEvents(context, prepared, one.plan)
  context.passing('events-resolved')
  return context.follow.step('send', () => sendKind(context, prepared, 'send', progress))
}

async function carryOutList(
  context: RunContext,
  one: Underway,
  others: readonly Underway[],
): Promise<Stop> {
  const { prepared, progress } = one
  const openRun = openRuns(others)
  const { plan, stop } = await context.follow.step('send', () =>
    carryOutMembers(context, prepared, one.plan, progress, openRun),
  )
  one.plan = plan
  return stop
}

async function carryOutRemovals(
  context: RunContext,
  one: Underway,
  others: readonly Underway[],
): Promise<Stop> {
  const { prepared, plan, progress } = one
  if (linkTotals(plan.links).remove > 0) {
    try {
      const openRun = openRuns(others)
      const counter = countFor(one)
      const stopped = await context.follow.step('send', () =>
        sendLinks(context, prepared, 'dissociate', progress, openRun, counter),
      )
      if (stopped !== undefined) return stopped
    } catch (error) {
      return stopOf(error, context.drain.aborted)
    }
    if (plan.operations.clear + plan.operations.archive === 0) return undefined
  }
  const holders = await holdersOf(context, prepared, others)
  return context.follow.step('send', () => sendRemovals(context, prepared, plan, holders, progress))
}

/** Other syncs of the same object type, with the run that is not in their state yet. */
async function holdersOf(
  { ledger, account }: RunContext,
  { sync, schema }: PreparedSync,
  others: readonly Underway[],
): Promise<readonly Holder[]> {
  const pinned = await readIdentities(ledger)
  const openRun = openRuns(others)
  return pinned.flatMap(({ syncName, syncType, portalId, objectType }): readonly Holder[] => {
    // A record may go whatever lists it is on.
    if (syncName === sync.name || syncType === 'list') return []
    if (portalId !== account.portalId || objectType !== schema.objectTypeId) return []
    const runId = openRun(syncName)
    return [{ syncName, ...(runId === undefined ? {} : { runId }) }]
  })
}
