import type { LinkType } from '../types.ts'
import { typeText } from './pair-types.ts'

/** Which types of one direction are the same as types of the other. */
export interface InverseTypes {
  /** What these types of the way back are on the way there. A type that cannot be told may be any of those that cannot be told there. */
  there(types: readonly string[]): readonly string[]
  /** Only those that can be told for certain. */
  surely(types: readonly string[]): readonly string[]
}

/**
 * Pairs the types of links between two objects. HubSpot lists each direction by itself and does not say which types belong together: those of
 * one internal name do, labels that read the same from both ends, and the last that is left in either direction. All others are left open.
 *
 * @param there types of links from the one object to the other
 * @param back types of links from the other object to the one
 */
export function pairTypes(there: readonly LinkType[], back: readonly LinkType[]): InverseTypes {
  const labelled = (types: readonly LinkType[]) => types.filter(({ label }) => label !== null)
  const [forth, reverse] = [labelled(there), labelled(back)]
  const isOneObject = there === back
  const known = new Map<string, string>()
  for (const type of reverse) {
    const same = sameAs(type, forth, reverse, isOneObject)
    if (same !== undefined) known.set(typeText(type), typeText(same))
  }
  // Each type has its way back: where one is left in either direction, these two are it.
  const rest = {
    forth: forth.filter((type) => ![...known.values()].includes(typeText(type))),
    back: reverse.filter((type) => !known.has(typeText(type))),
  }
  const [last, lastBack] = [rest.forth[0], rest.back[0]]
  if (
    rest.forth.length === 1 &&
    rest.back.length === 1 &&
    last !== undefined &&
    lastBack !== undefined
  )
    known.set(typeText(lastBack), typeText(last))
  const told = new Set(known.values())
  const open = forth.map(typeText).filter((type) => !told.has(type))
  const isLabel = new Set(reverse.map(typeText))
  return {
    there: (types) => [
      ...new Set(
        types.filter((type) => isLabel.has(type)).flatMap((type) => known.get(type) ?? open),
      ),
    ],
    surely: (types) => types.flatMap((type) => known.get(type) ?? []),
  }
}

function sameAs(
  type: LinkType,
  forth: readonly LinkType[],
  reverse: readonly LinkType[],
  isOneObject: boolean,
): LinkType | undefined {
  if (type.name !== undefined) {
    const named = (types: readonly LinkType[]) => types.filter(({ name }) => name === type.name)
    const [first, ...others] = named(forth)
    if (!isOneObject) return others.length === 0 && named(reverse).length === 1 ? first : undefined
    // Of one object both directions are in one list: two of a name are each other's way back, one alone is its own.
    if (first === undefined || others.length > 1) return undefined
    return others[0] === undefined ? first : first === type ? others[0] : first
  }
  // Two labels of one object that read alike would be one.
  if (isOneObject) return undefined
  const alike = (types: readonly LinkType[]) =>
    types.filter(({ label, category }) => label === type.label && category === type.category)
  const [first, ...others] = alike(forth)
  return others.length === 0 && alike(reverse).length === 1 ? first : undefined
}
