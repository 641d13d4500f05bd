import { STANDARD_LINK_TYPES, type StandardLinkType } from '../portal/link-types.ts'
import type { LinkDefinition } from './link.ts'
import type { ObjectType } from './object-type.ts'
import type { Portal } from './portal.ts'

/** One record as an end of a link. */
export interface End {
  readonly type: ObjectType
  readonly id: string
}

/** A link as its first end sees it. */
export interface StoredLink {
  readonly toId: string
  readonly types: readonly LinkDefinition[]
}

/** Types of links from one object to another, the unlabelled one first; none where the two cannot be linked. */
export function definitionsOf(portal: Portal, from: ObjectType, to: ObjectType): LinkDefinition[] {
  const { definitions } = portal.links
  const known = definitions.get(pairKey(from, to))
  if (known !== undefined) return known
  const [there, back] =
    from.isCustom || to.isCustom
      ? ownDefinitions(portal, from, to)
      : standardDefinitions(portal, from, to)
  definitions.set(pairKey(from, to), there)
  if (from !== to) definitions.set(pairKey(to, from), back)
  return there
}

const pairKey = (from: ObjectType, to: ObjectType): string =>
  `${from.objectTypeId} ${to.objectTypeId}`

type BothWays = readonly [there: LinkDefinition[], back: LinkDefinition[]]

function standardDefinitions(portal: Portal, from: ObjectType, to: ObjectType): BothWays {
  const there: LinkDefinition[] = []
  const back: LinkDefinition[] = []
  for (const type of STANDARD_LINK_TYPES) {
    const isThere = type.from === from.objectTypeId && type.to === to.objectTypeId
    const isBack = type.to === from.objectTypeId && type.from === to.objectTypeId
    if (!isThere && !isBack) continue
    const ways = directions(type)
    if (from === to) {
      there.push(...(type.typeId === type.backId ? ways.slice(0, 1) : ways))
      continue
    }
    const [forth, reverse] = ways
    there.push(isThere ? forth : reverse)
    back.push(isThere ? reverse : forth)
  }
  if (there.length === 0) {
    const [forth, reverse] = directions(unlisted(portal, from, to))
    there.push(forth)
    back.push(reverse)
  }
  return [there, from === to ? there : back]
}

function directions({
  typeId,
  backId,
  labels,
  isPrimary,
}: StandardLinkType): [LinkDefinition, LinkDefinition] {
  const shared = { category: 'HUBSPOT_DEFINED', name: undefined } as const
  return [
    {
      ...shared,
      typeId,
      backId,
      label: labels?.[0] ?? null,
      ...(isPrimary ? { primaryOf: 'from' } : {}),
    },
    {
      ...shared,
      typeId: backId,
      backId: typeId,
      label: labels?.[1] ?? null,
      ...(isPrimary ? { primaryOf: 'to' } : {}),
    },
  ]
}

/** Above every published id. */
const FIRST_UNLISTED = 10_000

/** Pairs of standard objects whose ids are not in our table: the same at every start. */
function unlisted({ objectTypes }: Portal, from: ObjectType, to: ObjectType): StandardLinkType {
  const number = (one: ObjectType, other: ObjectType) =>
    FIRST_UNLISTED + objectTypes.indexOf(one) * 100 + objectTypes.indexOf(other)
  return {
    from: from.objectTypeId,
    to: to.objectTypeId,
    typeId: number(from, to),
    backId: number(to, from),
  }
}

/** Custom objects are linked only with those that a schema names. */
function ownDefinitions(portal: Portal, from: ObjectType, to: ObjectType): BothWays {
  const names = (one: ObjectType, other: ObjectType) =>
    one.associations.some(({ toObjectTypeId }) => toObjectTypeId === other.objectTypeId)
  if (!names(from, to) && !names(to, from)) return [[], []]
  const [there, back] = makeTypes(portal, null, null, undefined, from === to)
  return [[there], [back]]
}

/** Adds a label; both directions. */
export function addLabel(
  portal: Portal,
  from: ObjectType,
  to: ObjectType,
  labels: {
    readonly name: string
    readonly label: string
    readonly inverseLabel: string | undefined
  },
): readonly LinkDefinition[] {
  const { name, label, inverseLabel } = labels
  const isMutual = from === to && inverseLabel === undefined
  const [there, back] = makeTypes(portal, label, inverseLabel ?? label, name, isMutual)
  definitionsOf(portal, from, to).push(there)
  if (!isMutual) definitionsOf(portal, to, from).push(back)
  return isMutual ? [there] : [there, back]
}

function makeTypes(
  { links }: Portal,
  label: string | null,
  inverseLabel: string | null,
  name: string | undefined,
  isMutual: boolean,
): readonly [LinkDefinition, LinkDefinition] {
  const typeId = ++links.lastTypeId
  const backId = isMutual ? typeId : ++links.lastTypeId
  const shared = { category: 'USER_DEFINED', name } as const
  const there = { ...shared, typeId, backId, label }
  return [
    there,
    isMutual ? there : { ...shared, typeId: backId, backId: typeId, label: inverseLabel },
  ]
}

/** Takes a label off the account and off every link. */
export function removeLabel(
  portal: Portal,
  from: ObjectType,
  to: ObjectType,
  definition: LinkDefinition,
): void {
  const gone = [definition, backOf(portal, from, to, definition)]
  for (const list of [definitionsOf(portal, from, to), definitionsOf(portal, to, from)])
    for (const each of gone) if (list.includes(each)) list.splice(list.indexOf(each), 1)
  for (const others of portal.links.ends.values())
    for (const types of others.values()) for (const each of gone) types.delete(each)
}

/** The same type seen from the other end. */
export function backOf(
  portal: Portal,
  from: ObjectType,
  to: ObjectType,
  { typeId, backId, category }: LinkDefinition,
): LinkDefinition {
  const back = definitionsOf(portal, to, from).find(
    (each) => each.typeId === backId && each.category === category,
  )
  if (back === undefined) throw new TypeError(`the type ${typeId} has no way back`)
  return back
}

/** Whether the record is there: links of archived records are kept, but nobody sees them. */
export const isLive = ({ type, id }: End): boolean => type.records.has(id)

/** Links of a record to the records of one type, in the order in which they were made. */
export function linksOf(portal: Portal, from: End, to: ObjectType): readonly StoredLink[] {
  if (!isLive(from)) return []
  const prefix = `${to.objectTypeId}/`
  const others = portal.links.ends.get(endKey(from)) ?? NO_ENDS
  return [...others].flatMap(([key, types]) => {
    const toId = key.slice(prefix.length)
    return key.startsWith(prefix) && to.records.has(toId) ? [{ toId, types: [...types] }] : []
  })
}

const NO_ENDS: ReadonlyMap<string, ReadonlySet<LinkDefinition>> = new Map()

const endKey = ({ type, id }: End): string => `${type.objectTypeId}/${id}`

/**
 * Sets the types of a link in place of those that it has. The unlabelled one is always among them.
 *
 * @param keeps whether types that it has stay
 */
export function setLink(
  portal: Portal,
  from: End,
  to: End,
  types: readonly LinkDefinition[],
  keeps = false,
): void {
  const plainType = definitionsOf(portal, from.type, to.type).find(({ label }) => label === null)
  const before = keeps ? (typesOf(portal, from, to) ?? []) : []
  const next = new Set([...(plainType === undefined ? [] : [plainType]), ...before, ...types])
  for (const type of next) {
    if (type.primaryOf === 'from') unsetOthers(portal, from, to, type)
    if (type.primaryOf === 'to')
      unsetOthers(portal, to, from, backOf(portal, from.type, to.type, type))
  }
  // A mutual link of one object to itself would be written over by its own way back.
  put(portal, from, to, next)
  put(portal, to, from, new Set([...next].map((type) => backOf(portal, from.type, to.type, type))))
}

function put({ links }: Portal, from: End, to: End, types: Set<LinkDefinition>): void {
  const others = links.ends.get(endKey(from)) ?? new Map<string, Set<LinkDefinition>>()
  links.ends.set(endKey(from), others)
  others.set(endKey(to), types)
}

/** A primary company takes the place of the one before. */
function unsetOthers(portal: Portal, from: End, to: End, type: LinkDefinition): void {
  const back = backOf(portal, from.type, to.type, type)
  for (const { toId } of linksOf(portal, from, to.type)) {
    if (toId === to.id) continue
    const other = { type: to.type, id: toId }
    typesOf(portal, from, other)?.delete(type)
    typesOf(portal, other, from)?.delete(back)
  }
}

export const typesOf = ({ links }: Portal, from: End, to: End): Set<LinkDefinition> | undefined =>
  links.ends.get(endKey(from))?.get(endKey(to))

/** Takes a link off, seen from either end. */
export function removeLink({ links }: Portal, from: End, to: End): void {
  links.ends.get(endKey(from))?.delete(endKey(to))
  links.ends.get(endKey(to))?.delete(endKey(from))
}

/** Takes single types off a link; without the unlabelled one nothing is left of it. */
export function removeTypes(
  portal: Portal,
  from: End,
  to: End,
  types: readonly LinkDefinition[],
): void {
  const own = typesOf(portal, from, to)
  const others = typesOf(portal, to, from)
  if (own === undefined || others === undefined) return
  const isWhole = types.some(({ label }) => label === null)
  for (const type of types) {
    own.delete(type)
    others.delete(backOf(portal, from.type, to.type, type))
  }
  if (isWhole || own.size === 0) removeLink(portal, from, to)
}

const hasType = ({ links }: Portal, end: End, type: LinkDefinition): boolean =>
  [...(links.ends.get(endKey(end)) ?? NO_ENDS).values()].some((types) => types.has(type))

/** Links to whatever object: an upper bound that is cheap. */
export const countLinks = ({ links }: Portal, end: End): number =>
  links.ends.get(endKey(end))?.size ?? 0

/** The survivor of a merge gets the other's links beside its own. */
export function moveLinks(portal: Portal, other: End, survivor: End): void {
  const moved = portal.links.ends.get(endKey(other)) ?? NO_ENDS
  for (const [key, types] of [...moved]) {
    const [typeId = '', id = ''] = key.split('/')
    const type = portal.objectTypes.find(({ objectTypeId }) => objectTypeId === typeId)
    if (type === undefined) continue
    const to = { type, id }
    removeLink(portal, other, to)
    if (key === endKey(survivor)) continue
    const kept = [...types].filter(
      (each) => each.primaryOf !== 'from' || !hasType(portal, survivor, each),
    )
    setLink(portal, survivor, to, kept, true)
  }
}
