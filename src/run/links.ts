import type { DiffLink } from '../plan/diff-spec.ts'
import { storeResults } from '../record/checkpoint.ts'
import { linksOf } from '../record/ledger.ts'
import {
  completeTargets,
  type FoundTarget,
  keepTargets,
  markAbsent,
  readRivals,
  readSoughtTargets,
  takeEnds,
  waitForRows,
} from '../record/link-ends.ts'
import type { PlannedOperation } from '../record/plan-rows.ts'
import { findMatches } from '../resolve/matches.ts'
import { typeRef, typesToSet, typesToTakeOff } from '../resolve/pair-types.ts'
import { pairKey, readStanding, type StandingLinks } from '../resolve/read-links.ts'
import { packSearches, searchMatches } from '../resolve/search.ts'
import { sql } from '../warehouse/sql.ts'
import { retried, retriedFind, retriedSearch } from './asking.ts'
import type { PreparedSync, RunContext } from './context.ts'
import { foreignSync } from './event-contacts.ts'
import { sendKind } from './send-plan.ts'
import type { SendProgress } from './send-window.ts'
import { interrupted, type Stop } from './stop.ts'

/**
 * Finds the records at both ends of planned links: by the state and what this run has done, or by look-up. What has none waits.
 *
 * @param openRun of a sync that links lead to, where it is not in its state yet
 * @returns why none of them may be sent
 */
export async function resolveLinks(
  context: RunContext,
  { sync, bound, runId }: PreparedSync,
  openRun: (syncName: string) => string | undefined,
): Promise<Stop> {
  const { ledger } = context
  const links = bound.links ?? []
  const targets = links.flatMap(({ association, target }) => {
    if (target.kind !== 'sync') return []
    const runId = openRun(target.sync)
    return [{ association, syncName: target.sync, ...(runId === undefined ? {} : { runId }) }]
  })
  for (const { target, object, objectTypeId } of links) {
    const foreign =
      target.kind === 'sync'
        ? await foreignSync(context, target.sync, { name: object, objectTypeId })
        : undefined
    if (foreign !== undefined) return foreign
  }
  await takeEnds(ledger, sync.name, runId, targets)
  for (const { association, target } of links) {
    if (target.kind === 'sync')
      await waitForRows(ledger, sync.name, runId, association, target.sync)
  }
  for (const link of links) {
    if (link.target.kind === 'match') await findTargets(context, sync.name, runId, link)
    if (context.drain.aborted) return interrupted
  }
  return undefined
}

/** Looks up the records of one entry, each key once. */
async function findTargets(
  context: RunContext,
  syncName: string,
  runId: string,
  { association, object, target }: DiffLink,
): Promise<void> {
  if (target.kind !== 'match') return
  const { ledger } = context
  const limit = ledger.warehouse.dialect.capabilities.windowRows
  let after = ''
  while (!context.drain.aborted) {
    const sought = await readSoughtTargets(ledger, syncName, runId, association, after, limit)
    const last = sought.at(-1)
    if (last === undefined) break
    after = last.value
    const rows = sought.map(({ value, sequence }) => ({ sequence, matchValue: value }))
    const found =
      target.by === 'unique'
        ? await findUnique(context, object, target.property, rows)
        : await findBySearch(context, object, target.property, rows)
    const askedAt = new Date(context.clock()).toISOString()
    await keepTargets(ledger, syncName, runId, found, askedAt)
  }
  if (context.drain.aborted) return
  const isTold = context.settings.auditValues === 'full'
  await completeTargets(ledger, syncName, runId, association, {
    missing: isTold
      ? sql`${`HubSpot has no record of ${object} with ${target.property} `} || target_key || '.'`
      : sql`${`HubSpot has no record of ${object} with this ${target.property}.`}`,
    several: `HubSpot has several records of ${object} with this ${target.property}: `,
  })
}

interface SoughtRow {
  readonly sequence: number
  readonly matchValue: string
}

async function findUnique(
  context: RunContext,
  objectType: string,
  property: string,
  rows: readonly SoughtRow[],
): Promise<readonly FoundTarget[]> {
  const target = { objectType, property, batchSize: context.destination.maxBatchSize }
  const matches = await findMatches(rows, target, [], retriedFind(context))
  return matches.flatMap(({ sequence, found }) =>
    found === undefined ? [] : [{ sequence, recordIds: [found.recordId] }],
  )
}

async function findBySearch(
  context: RunContext,
  objectType: string,
  property: string,
  rows: readonly SoughtRow[],
): Promise<readonly FoundTarget[]> {
  const room = context.destination.searchRoom(property)
  const target = { objectType, property, room }
  const found: FoundTarget[] = []
  for await (const group of packSearches(inOne(rows), room)) {
    if (context.drain.aborted) break
    const matches = await searchMatches(group.values, target, retriedSearch(context))
    for (const { sequence, matchValue = '' } of group.rows) {
      const recordIds = (matches.get(matchValue) ?? []).map(({ recordId }) => recordId)
      if (recordIds.length > 0) found.push({ sequence, recordIds })
    }
  }
  return found
}

async function* inOne<T>(rows: readonly T[]) {
  yield rows
}

/** Sends links of one kind, window by window: what stands between their records is read right before. */
export async function sendLinks(
  context: RunContext,
  prepared: PreparedSync,
  kind: 'associate' | 'dissociate',
  progress: SendProgress,
): Promise<Stop> {
  const { sync, runId } = prepared
  const rivals =
    kind === 'dissociate'
      ? await readRivals(context.ledger, sync.name, runId, linksOf(context.ledger, sync.name))
      : new Set<number>()
  return sendKind(context, prepared, kind, progress, (operations) =>
    kind === 'associate'
      ? prepareAssociates(context, prepared, operations)
      : prepareDissociates(context, prepared, operations, rivals, progress),
  )
}

interface Pair {
  readonly operation: PlannedOperation
  readonly link: DiffLink
  readonly recordId: string
  readonly toId: string
  readonly labels: readonly string[]
  readonly oldLabels: readonly string[]
  readonly isAbsent: boolean
}

function pairsOf(
  { bound }: PreparedSync,
  operations: readonly PlannedOperation[],
): readonly Pair[] {
  const links = new Map((bound.links ?? []).map((link) => [link.association, link]))
  return operations.flatMap((operation): readonly Pair[] => {
    const { plannedLink, recordId } = operation
    const link = links.get(plannedLink?.association ?? '')
    if (plannedLink === undefined || recordId === undefined || link === undefined) return []
    const { targetRecordId: toId, labels, oldLabels = [], isAbsent } = plannedLink
    return [{ operation, link, recordId, toId, labels, oldLabels, isAbsent }]
  })
}

/** Reads what stands between the records of some pairs, object by object. @returns types by object and pair */
async function readPairs(
  context: RunContext,
  { schema }: PreparedSync,
  pairs: readonly Pair[],
): Promise<ReadonlyMap<string, StandingLinks>> {
  const { destination, drain } = context
  const standing = new Map<string, StandingLinks>()
  for (const object of new Set(pairs.map(({ link }) => link.object))) {
    const ids = pairs.flatMap(({ link, recordId }) => (link.object === object ? [recordId] : []))
    const found = await readStanding(
      { from: schema.name, to: object, ids },
      destination.maxLinkReadSize,
      (request) => retried(context, (attempt) => destination.readLinks(request, drain, attempt)),
    )
    standing.set(object, found)
  }
  return standing
}

const currentOf = (
  standing: ReadonlyMap<string, StandingLinks>,
  { link, recordId, toId }: Pair,
): readonly string[] | undefined => standing.get(link.object)?.get(pairKey(recordId, toId))

/** A link without labels is added to whatever stands there; it matters who made it where it may be taken off again. */
const isReadFirst = ({ labels, oldLabels, link, isAbsent }: Pair): boolean =>
  labels.length > 0 || oldLabels.length > 0 || (link.onRemoved === 'remove' && !isAbsent)

async function prepareAssociates(
  context: RunContext,
  prepared: PreparedSync,
  operations: readonly PlannedOperation[],
): Promise<readonly PlannedOperation[]> {
  const { ledger } = context
  const pairs = pairsOf(prepared, operations)
  const read = pairs.filter(isReadFirst)
  const standing = await readPairs(context, prepared, read)
  const absent = read.filter((pair) => !pair.isAbsent && currentOf(standing, pair) === undefined)
  await markAbsent(
    ledger,
    prepared.sync.name,
    prepared.runId,
    absent.map(({ operation }) => operation.sequence),
  )
  // Several keys may stand for one record: none of their links loses the labels of another.
  const wanted = new Map<string, readonly string[]>()
  const placeOf = ({ link, recordId, toId }: Pair) => `${link.object} ${pairKey(recordId, toId)}`
  for (const pair of pairs) {
    wanted.set(placeOf(pair), [...(wanted.get(placeOf(pair)) ?? []), ...pair.labels])
  }
  return pairs.map((pair) => {
    const labels = [...new Set(wanted.get(placeOf(pair)))]
    const types = typesToSet({
      labels,
      oldLabels: pair.oldLabels,
      current: currentOf(standing, pair),
      plainType: pair.link.plainType,
    })
    return asLink(pair, types)
  })
}

const asLink = ({ operation, link, toId }: Pair, types: readonly string[]): PlannedOperation => ({
  ...operation,
  link: { toObject: link.object, toId, types: types.map(typeRef) },
})

async function prepareDissociates(
  context: RunContext,
  prepared: PreparedSync,
  operations: readonly PlannedOperation[],
  rivals: ReadonlySet<number>,
  progress: SendProgress,
): Promise<readonly PlannedOperation[]> {
  const pairs = pairsOf(prepared, operations)
  const standing = await readPairs(context, prepared, pairs)
  const settled: number[] = []
  const open = pairs.flatMap((pair) => {
    const { sequence } = pair.operation
    const change = {
      labels: pair.labels,
      oldLabels: pair.oldLabels,
      current: currentOf(standing, pair),
      plainType: pair.link.plainType,
    }
    const types = typesToTakeOff(change, rivals.has(sequence))
    if (types === 'nothing') settled.push(sequence)
    return types === 'nothing' ? [] : [asLink(pair, types === 'all' ? [] : types)]
  })
  // What is not there any more, or is somebody else's by now, is off as far as we are concerned.
  await storeResults(
    context.ledger,
    prepared.sync.name,
    prepared.runId,
    settled.map((sequence) => ({ sequence, outcome: 'succeeded' })),
  )
  progress.sent += settled.length
  return open
}
