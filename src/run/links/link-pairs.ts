import type { DiffLink } from '../../plan/diff-spec.ts'
import { planOf } from '../../record/ledger.ts'
import { type Claim, type ClaimSource, readClaims } from '../../record/links/link-claims.ts'
import type { PlannedOperation } from '../../record/plan-rows.ts'
import { type InverseTypes, pairTypes } from '../../resolve/inverse-types.ts'
import { pairKey, readStanding, type StandingLinks } from '../../resolve/read-links.ts'
import { askedOnce } from '../asked-once.ts'
import { retried, retriedLinks } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'

/** What a sync's links are sent with. */
export interface Sending {
  readonly context: RunContext
  readonly prepared: PreparedSync
  readonly kind: 'associate' | 'dissociate'
  readonly sources: readonly ClaimSource[]
  /** Types of the other direction, by the other object; asked only where a link leads the other way, too. */
  readonly inverse: (object: string) => Promise<InverseTypes>
}

/** Reads the types of the way back, once per object. */
export function inverseReader(
  context: RunContext,
  { schema }: PreparedSync,
): (object: string) => Promise<InverseTypes> {
  const { destination, drain } = context
  const typesOf = (object: string) =>
    [...(schema.linked?.values() ?? [])].find(({ name }) => name === object)?.types ?? []
  return askedOnce(async (object: string): Promise<InverseTypes> => {
    const there = typesOf(object)
    if (object === schema.name) return pairTypes(there, there)
    const back = await retried(context, () => destination.linkTypes(object, schema.name, drain))
    return pairTypes(there, back)
  })
}

/** A planned link, and what stands between its two records. */
export interface Planned {
  readonly operation: PlannedOperation
  readonly link: DiffLink
  readonly recordId: string
  readonly toId: string
  readonly labels: readonly string[]
  readonly hadLabels: boolean
  readonly isAbsent: boolean
}

/** Two records, and all that is planned and known of them. */
export interface Pair {
  readonly planned: LinkGroup
  /** It was asked what stands there. */
  readonly isRead: boolean
  /** It was asked, and HubSpot did not say: labels of others could be lost by setting, and a link left by not taking it off. */
  readonly isUnknown: boolean
  readonly current: readonly string[] | undefined
  /** Types that Backhaul added for the links that are planned. */
  readonly own: readonly string[]
  /** Those that it added for whatever link of the two. */
  readonly added: readonly string[]
  readonly isMadeHere: boolean
  /** Types that whoever else asks for; undefined where nobody else does. */
  readonly kept: readonly string[] | undefined
}

function plannedLinks(
  { prepared: { bound } }: Sending,
  operations: readonly PlannedOperation[],
): readonly Planned[] {
  const links = new Map((bound.links ?? []).map((link) => [link.association, link]))
  return operations.flatMap((operation): readonly Planned[] => {
    const { plannedLink, recordId } = operation
    const link = links.get(plannedLink?.association ?? '')
    if (plannedLink === undefined || recordId === undefined || link === undefined) return []
    const { targetRecordId: toId, ...facts } = plannedLink
    return [{ operation, link, recordId, toId, ...facts }]
  })
}

const placeOf = ({ link, recordId, toId }: Planned) => `${link.object} ${pairKey(recordId, toId)}`

/** All links from one record to another, whatever keys stand for them. */
export type LinkGroup = readonly [Planned, ...Planned[]]

/** Several keys may stand for one record: all links of two records are one pair. */
function groupsOf(sending: Sending, operations: readonly PlannedOperation[]): readonly LinkGroup[] {
  const groups = new Map<string, [Planned, ...Planned[]]>()
  for (const planned of plannedLinks(sending, operations)) {
    const group = groups.get(placeOf(planned))
    if (group === undefined) groups.set(placeOf(planned), [planned])
    else group.push(planned)
  }
  return [...groups.values()]
}

/**
 * Two records of one object may be linked from either end. What is set from the one replaces what was set from the other, and one request
 * takes a pair once: the way back is sent afterwards, when it can be read what stands there by then.
 */
export function partByWay(
  sending: Sending,
  operations: readonly PlannedOperation[],
): { readonly there: readonly LinkGroup[]; readonly back: readonly LinkGroup[] } {
  const { objectTypeId } = sending.prepared.schema
  const groups = groupsOf(sending, operations)
  const taken = new Set<string>()
  const isBack = ([{ link, recordId, toId }]: LinkGroup) => {
    if (link.objectTypeId !== objectTypeId || recordId === toId) return false
    if (taken.has(pairKey(toId, recordId))) return true
    taken.add(pairKey(recordId, toId))
    return false
  }
  const back = new Set(groups.filter(isBack))
  return { there: groups.filter((group) => !back.has(group)), back: [...back] }
}

/** What is planned of some pairs, with all that is known of them. */
export async function pairsOf(
  sending: Sending,
  groups: readonly LinkGroup[],
): Promise<readonly Pair[]> {
  const isRead = (group: readonly Planned[]) =>
    sending.kind === 'dissociate' || group.some(isReadFirst)
  const read = groups.filter(isRead)
  const standing = await readPairs(
    sending,
    read.map(([first]) => first),
  )
  const claims = await claimsOf(sending, read.flat())
  const pairs: Pair[] = []
  for (const planned of groups) {
    const [{ link, recordId, toId }] = planned
    const found = standing.get(link.object)
    const current = found?.types.get(pairKey(recordId, toId))
    const known = planned.flatMap(({ operation }) => claims.get(operation.sequence) ?? [])
    pairs.push({
      planned,
      isRead: isRead(planned),
      isUnknown: found?.unread.has(recordId) === true && isRead(planned),
      current,
      ...(await weigh(sending, link, known)),
    })
  }
  return pairs
}

/** A link without labels is added to whatever stands there; it matters who made it where it may be taken off again. */
const isReadFirst = ({ labels, hadLabels, link, isAbsent }: Planned): boolean =>
  labels.length > 0 || hadLabels || (link.onRemoved === 'remove' && !isAbsent)

/** Reads what stands between the records of some pairs, object by object. */
async function readPairs(
  { context, prepared: { schema } }: Sending,
  pairs: readonly Planned[],
): Promise<ReadonlyMap<string, StandingLinks>> {
  const standing = new Map<string, StandingLinks>()
  for (const object of new Set(pairs.map(({ link }) => link.object))) {
    const ids = pairs.flatMap(({ link, recordId }) => (link.object === object ? [recordId] : []))
    const found = await readStanding(
      { from: schema.name, to: object, ids },
      context.destination.maxLinkReadSize,
      retriedLinks(context),
    )
    standing.set(object, found)
  }
  return standing
}

async function claimsOf(
  { context: { ledger }, prepared, kind, sources }: Sending,
  planned: readonly Planned[],
): Promise<ReadonlyMap<number, readonly Claim[]>> {
  const sequences = planned.map(({ operation }) => operation.sequence).sort((a, b) => a - b)
  const [fromSeq, toSeq] = [sequences[0], sequences.at(-1)]
  if (fromSeq === undefined || toSeq === undefined) return new Map()
  const { sync, runId, schema } = prepared
  const plan = planOf(ledger, sync.name)
  const { objectTypeId } = schema
  return readClaims(ledger, sources, { plan, runId, kind, fromSeq, toSeq, objectTypeId })
}

/** What claims come to, in types of the planned direction. */
async function weigh(
  { inverse }: Sending,
  { object }: DiffLink,
  claims: readonly Claim[],
): Promise<Pick<Pair, 'own' | 'added' | 'isMadeHere' | 'kept'>> {
  const isLabelledBack = claims.some(({ isBack, labels }) => isBack && labels.length > 0)
  const types = isLabelledBack ? await inverse(object) : undefined
  const wanted = claims.filter(({ isWanted, isSame }) => isWanted && !isSame)
  const kept = wanted.flatMap(({ isBack, labels }) =>
    isBack ? (types?.there(labels) ?? []) : labels,
  )
  const added = claims.flatMap(({ isBack, added: theirs }) =>
    isBack ? (types?.surely(theirs) ?? []) : theirs,
  )
  return {
    own: [...new Set(claims.flatMap(({ isSame, added: theirs }) => (isSame ? theirs : [])))],
    added: [...new Set(added)],
    isMadeHere: claims.some(({ isMadeHere }) => isMadeHere),
    kept: wanted.length === 0 ? undefined : kept,
  }
}
