import { createLabel } from '../endpoints/link-labels.ts'
import type { LabelFacts, SandboxState } from '../state.ts'
import { definitionsOf, linksOf, removeLabel, removeLink, setLink } from '../store/links.ts'
import type { ObjectType } from '../store/object-type.ts'
import { SandboxUsageError } from '../usage-error.ts'
import { foundRecord, foundType } from './found.ts'

/** A link as one of its records sees it. */
export interface SandboxLink {
  readonly toId: string
  /** Labels in that direction, sorted; none of an unlabelled link. */
  readonly labels: readonly string[]
  /** All types in that direction as `category:id`, sorted. */
  readonly types: readonly string[]
}

/** One end of a link. */
type End = readonly [objectType: string, id: string]

/** Links, and their labels. */
export interface LinkControl {
  /** Makes a label of links from one object to another, and back, that outlives a reset; answers its type ids, there and back. */
  readonly defineLabel: (from: string, to: string, label: LabelFacts) => readonly number[]
  /** Takes a label off the account, as a HubSpot user would. */
  readonly removeLabel: (from: string, to: string, label: string) => void
  /** Links two records by hand; labels that they have stay. */
  readonly link: (from: End, to: End, ...labels: readonly string[]) => void
  readonly unlink: (from: End, to: End) => void
  /** Links of a record to the records of one object, in the order in which they were made. */
  readonly links: (objectType: string, id: string, to: string) => readonly SandboxLink[]
}

export function linkControl(state: SandboxState): LinkControl {
  const typeOf = (name: string) => foundType(state, name)
  const endOf = ([objectType, id]: End) => {
    const type = typeOf(objectType)
    return { type, id: foundRecord(type, id).id }
  }
  const labelled = (from: ObjectType, to: ObjectType, label: string) => {
    const type = definitionsOf(state.portal, from, to).find((each) => each.label === label)
    if (type !== undefined) return type
    throw new SandboxUsageError(`There is no label "${label}" from ${from.name} to ${to.name}.`)
  }
  return {
    defineLabel: (from, to, label) => {
      state.keptLabels.push([from, to, label])
      return defineLabel(state, from, to, label)
    },
    removeLabel: (from, to, label) => {
      const [own, other] = [typeOf(from), typeOf(to)]
      removeLabel(state.portal, own, other, labelled(own, other, label))
    },
    link: (from, to, ...labels) => {
      const [own, other] = [endOf(from), endOf(to)]
      const types = labels.map((label) => labelled(own.type, other.type, label))
      setLink(state.portal, own, other, types, true)
    },
    unlink: (from, to) => removeLink(state.portal, endOf(from), endOf(to)),
    links: (name, id, to) =>
      linksOf(state.portal, { type: typeOf(name), id }, typeOf(to)).map(({ toId, types }) => ({
        toId,
        labels: types.flatMap(({ label }) => label ?? []).sort(),
        types: types.map(({ category, typeId }) => `${category}:${typeId}`).sort(),
      })),
  }
}

/** Makes a label of links from one object to another, and back; answers its type ids, there and back. */
export function defineLabel(
  state: SandboxState,
  from: string,
  to: string,
  facts: LabelFacts,
): readonly number[] {
  const name = facts.label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^(?=\d)/, '_')
  const between = { from: foundType(state, from), to: foundType(state, to) }
  const made = createLabel(state.portal, between, { name, ...facts })
  if ('refusal' in made) throw new SandboxUsageError(JSON.stringify(made.refusal.body))
  return made.types.map(({ typeId }) => typeId)
}
