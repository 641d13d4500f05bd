import { type StoredResult, storeResults } from '../../record/checkpoint.ts'
import { claimSources, type LinkOrigin, storeOrigins } from '../../record/links/link-claims.ts'
import type { PlannedOperation } from '../../record/plan-rows.ts'
import { typeRef, typesToSet, typesToTakeOff } from '../../resolve/pair-types.ts'
import { batchOperations } from '../../send/batch.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { sendKind } from '../sending/send-plan.ts'
import type { SendProgress } from '../sending/send-window.ts'
import type { Stop } from '../sending/stop.ts'
import {
  inverseReader,
  type LinkGroup,
  type Pair,
  pairsOf,
  partByWay,
  type Sending,
} from './link-pairs.ts'
import { findMergedEnds } from './merged-ends.ts'

/**
 * Sends links of one kind, window by window: what stands between their records, and who else asks for it, is read right before.
 *
 * @param openRun of a sync whose run is not merged yet
 * @param countMore is told how many calls more, or fewer, a window takes than the plan could know
 */
export async function sendLinks(
  context: RunContext,
  prepared: PreparedSync,
  kind: 'associate' | 'dissociate',
  progress: SendProgress,
  openRun: (syncName: string) => string | undefined,
  countMore: (calls: number) => void,
): Promise<Stop> {
  const { sync, schema, bound, runId } = prepared
  const links = bound.links ?? []
  const sources = await claimSources(
    context.ledger,
    {
      syncName: sync.name,
      portalId: context.account.portalId,
      objectTypeIds: [schema.objectTypeId, ...links.map(({ objectTypeId }) => objectTypeId)],
      associations: links.map(({ association }) => association),
    },
    (name) => (name === sync.name ? runId : openRun(name)),
  )
  const sending = { context, prepared, kind, sources, inverse: inverseReader(context, prepared) }
  let hasWayBack = false
  const there = await sendKind(context, prepared, kind, progress, (operations) => {
    const parts = partByWay(sending, operations)
    hasWayBack ||= parts.back.length > 0
    return prepareLinks(sending, parts.there, [...parts.there, ...parts.back], progress, countMore)
  })
  if (there !== undefined || !hasWayBack) return there
  return sendKind(context, prepared, kind, progress, (operations) =>
    prepareLinks(sending, partByWay(sending, operations).there, [], progress, countMore),
  )
}

/**
 * Settles links that need no request.
 *
 * @param counted pairs that the plan counts with this window
 * @returns a request for each pair that needs one
 */
async function prepareLinks(
  sending: Sending,
  groups: readonly LinkGroup[],
  counted: readonly LinkGroup[],
  progress: SendProgress,
  countMore: (calls: number) => void,
): Promise<readonly PlannedOperation[]> {
  const { ledger } = sending.context
  const { sync, runId } = sending.prepared
  const all = await pairsOf(sending, groups)
  const pairs = all.filter(({ isUnknown }) => !isUnknown)
  const unknown = all.filter(({ isUnknown }) => isUnknown)
  await leaveUnknown(sending, unknown, progress)
  const left = new Set(unknown.map(({ planned }) => planned))
  const plannedCalls = callsOf(sending, counted.filter((group) => !left.has(group)).map(asCounted))
  if (sending.kind === 'associate') {
    const refused = pairs.filter((pair) => isToItself(sending, pair)).flatMap(refusedLinks)
    await storeResults(ledger, sync.name, runId, refused)
    progress.sent += refused.length
    progress.rejected += refused.length
    const toSet = await prepareAssociates(
      sending,
      pairs.filter((pair) => !isToItself(sending, pair)),
    )
    countMore(callsOf(sending, toSet) - plannedCalls)
    return toSet
  }
  const { open, settled } = prepareDissociates(pairs)
  countMore(callsOf(sending, open) - plannedCalls)
  await storeResults(ledger, sync.name, runId, await settle(sending, settled))
  progress.sent += settled.reduce((sum, { planned }) => sum + planned.length, 0)
  return open
}

/** Links of which HubSpot does not say what stands there stay for the next run. */
async function leaveUnknown(
  { context: { ledger }, prepared: { sync, runId } }: Sending,
  pairs: readonly Pair[],
  progress: SendProgress,
): Promise<void> {
  const error = {
    category: 'LINKS_UNREAD',
    message: 'HubSpot did not say how the two records are linked: nothing was done.',
  }
  const left = pairs.flatMap(({ planned }) =>
    planned.map(
      ({ operation: { sequence } }): StoredResult => ({ sequence, outcome: 'pending', error }),
    ),
  )
  if (left.length === 0) return
  await storeResults(ledger, sync.name, runId, left)
  progress.sent += left.length
  progress.left += left.length
}

/** HubSpot links no record to itself, and refuses the whole request that asks for it. */
const isToItself = ({ prepared: { schema } }: Sending, { planned: [first] }: Pair): boolean =>
  first.recordId === first.toId && first.link.objectTypeId === schema.objectTypeId

const refusedLinks = ({ planned }: Pair): readonly StoredResult[] =>
  planned.map(({ operation: { sequence }, recordId }) => ({
    sequence,
    recordId,
    outcome: 'rejected',
    error: { category: 'LINK_TO_ITSELF', message: 'The link leads from the record to itself.' },
  }))

async function prepareAssociates(
  { context, prepared: { sync, runId } }: Sending,
  pairs: readonly Pair[],
): Promise<readonly PlannedOperation[]> {
  const origins = pairs.filter(({ isRead }) => isRead).flatMap(originsOf)
  await storeOrigins(context.ledger, sync.name, runId, origins)
  return pairs.map((pair) => {
    const { planned, own, current, kept } = pair
    const [{ link }] = planned
    const labels = [...new Set(planned.flatMap((each) => each.labels))]
    const facts = { current, added: own, kept, plainType: link.plainType }
    return asLink(planned, typesToSet(labels, facts))
  })
}

/** Whose the links of a pair are, right before they are set. */
const originsOf = ({ planned, current, added, isMadeHere }: Pair): readonly LinkOrigin[] =>
  planned.map(({ operation, labels, isAbsent }) => ({
    sequence: operation.sequence,
    isAbsent: !isAbsent && current === undefined,
    isMadeHere: current !== undefined && isMadeHere,
    added: labels.filter((type) => added.includes(type) || current?.includes(type) !== true),
  }))

/** One request for a pair, whatever the number of its links. */
function asLink(group: LinkGroup, types: readonly string[]): PlannedOperation {
  const [{ operation, link, toId }, ...others] = group
  return {
    ...operation,
    link: { toObject: link.object, toId, types: types.map(typeRef) },
    ...(others.length === 0 ? {} : { twins: others.map((other) => other.operation.sequence) }),
  }
}

/** The request of a pair as a plan counts it, which does not know what stands there: a link to take off goes as a whole. */
function asCounted(group: LinkGroup): PlannedOperation {
  const [{ operation, link }] = group
  const isLabelled = group.some(({ labels, hadLabels }) => labels.length > 0 || hadLabels)
  return asLink(group, operation.kind === 'associate' && isLabelled ? [link.plainType] : [])
}

/** A plan counts both ways of a pair of one object in one request; what is sent at once has only one of them. */
const callsOf = (
  { context: { destination } }: Sending,
  operations: readonly PlannedOperation[],
): number =>
  batchOperations(operations, {
    objectType: '',
    maxSize: destination.maxBatchSize,
    maxLinkSize: destination.maxLinkBatchSize,
  }).length

/** @returns links to take off, and pairs of which nothing of us is there to be taken off */
function prepareDissociates(pairs: readonly Pair[]): {
  readonly open: readonly PlannedOperation[]
  readonly settled: readonly Pair[]
} {
  const open: PlannedOperation[] = []
  const settled: Pair[] = []
  for (const pair of pairs) {
    const { planned, current, own, kept } = pair
    const [{ link }] = planned
    const types = typesToTakeOff({ current, added: own, kept, plainType: link.plainType })
    if (types === 'nothing') settled.push(pair)
    else open.push(asLink(planned, types === 'all' ? [] : types))
  }
  return { open, settled }
}

/** What is not there any more, or is somebody else's by now, is off as far as we are concerned. */
async function settle(
  { context, prepared: { schema } }: Sending,
  settled: readonly Pair[],
): Promise<readonly StoredResult[]> {
  const absent = settled.flatMap(({ planned, current }) =>
    current === undefined
      ? planned.map((each) => ({ ...each, from: schema.name, to: each.link.object }))
      : [],
  )
  const merged = await findMergedEnds(context, absent)
  return settled.flatMap(({ planned }) =>
    planned.map(({ operation: { sequence } }): StoredResult => {
      const message = merged.get(sequence)
      const error = message === undefined ? undefined : { category: 'RECORD_MERGED', message }
      return { sequence, outcome: 'succeeded', ...(error === undefined ? {} : { error }) }
    }),
  )
}
