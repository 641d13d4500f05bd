import type { Origin, Sync } from '../types.ts'
import type { Attributed } from './declaration.ts'

/** A sync with what only the rules across syncs ask about it. */
export interface Candidate {
  readonly sync: Sync
  /** False when the sync itself has problems; it still takes part in the rules. */
  readonly isValid: boolean
  /** Properties that may be written by other syncs, too; `all` when the sync says so as a whole. */
  readonly shared: ReadonlySet<string> | 'all'
  /** Where the sync says under which name it went before. */
  readonly previousNameOrigin: Origin
}

/** What several syncs do to each other. */
export interface Clashes {
  readonly problems: readonly Attributed[]
  /** Names of all parties: none of them may run, for nobody knows which one is meant. */
  readonly refused: ReadonlySet<string>
}

/** Rules that concern several syncs. Disabled syncs only have to have a name of their own. */
export function checkTogether(candidates: readonly Candidate[]): Clashes {
  const enabled = candidates.filter(({ sync }) => sync.enabled)
  const refused = new Set<string>()
  const refuse = (...syncs: readonly Sync[]) => {
    for (const { name } of syncs) refused.add(name)
  }
  const names = duplicateNames(
    candidates.map(({ sync }) => sync),
    refuse,
  )
  const previous = previousNames(candidates, refuse)
  return { problems: [...names, ...previous, ...sharedProperties(enabled, refuse)], refused }
}

type Refuse = (...syncs: readonly Sync[]) => void

/** Names are parts of table names, which some engines fold to one case. */
function duplicateNames(syncs: readonly Sync[], refuse: Refuse): readonly Attributed[] {
  const first = new Map<string, Sync>()
  return syncs.flatMap((sync): readonly Attributed[] => {
    const folded = sync.name.toLowerCase().replaceAll('-', '_')
    const earlier = first.get(folded)
    if (earlier === undefined) {
      first.set(folded, sync)
      return []
    }
    refuse(earlier, sync)
    const other = earlier.name === sync.name ? 'another sync' : `the sync ${earlier.name}`
    const problem = {
      message: `the name is taken by ${other} (${place(earlier)})`,
      where: sync.origin,
      sync: sync.name,
      otherSync: earlier.name,
      key: 'sync',
      hint: 'Give one of them another `sync:` name; names may not differ only in case or in `-` and `_`.',
    }
    return [{ problem, about: [earlier, sync] }]
  })
}

/**
 * A state goes to one sync. Taken from a sync that is still defined, or claimed twice, it would leave one of them without: all its rows
 * would be sent again.
 */
function previousNames(candidates: readonly Candidate[], refuse: Refuse): readonly Attributed[] {
  const defined = new Map(candidates.map(({ sync }) => [sync.name, sync]))
  const claimed = new Map<string, Sync>()
  return candidates.flatMap(({ sync, previousNameOrigin }): readonly Attributed[] => {
    const { previousName } = sync
    if (!sync.enabled || previousName === undefined) return []
    const owner = defined.get(previousName)
    const earlier = claimed.get(previousName)
    claimed.set(previousName, sync)
    const other = owner ?? earlier
    if (other === undefined || other === sync) return []
    refuse(sync)
    if (owner === undefined) refuse(other)
    const problem = {
      message:
        owner === undefined
          ? `the sync ${other.name} says that it was ${previousName}, too (${place(other)})`
          : `the sync ${previousName} is still defined (${place(other)}): its state is its own`,
      where: previousNameOrigin,
      sync: sync.name,
      otherSync: other.name,
      key: 'previous_name',
      hint:
        owner === undefined
          ? 'Only one sync can go on with a state: leave `previous_name` to that one.'
          : `Rename ${previousName} instead of copying it, or leave \`previous_name\` out: it has done its work once the sync has run under its new name on every target.`,
    }
    return [{ problem, about: owner === undefined ? [other, sync] : [sync] }]
  })
}

function sharedProperties(candidates: readonly Candidate[], refuse: Refuse): readonly Attributed[] {
  const writers = new Map<string, Candidate[]>()
  const problems: Attributed[] = []
  for (const candidate of candidates) {
    for (const mapping of candidate.sync.mappings) {
      const id = `${objectName(candidate.sync.object)}\n${mapping.property}`
      const earlier = writers.get(id) ?? []
      const rival = earlier.find((other) => !mayShare(mapping.property, candidate, other))
      if (rival !== undefined) {
        refuse(rival.sync, candidate.sync)
        const problem = {
          message: `the sync ${rival.sync.name} writes this property of ${candidate.sync.object}, too (${place(rival.sync)})`,
          where: mapping.origin,
          sync: candidate.sync.name,
          otherSync: rival.sync.name,
          key: mapping.key,
          hint: 'Map it in one sync only, or say `shared: true` when both may write it: the last one wins.',
        }
        problems.push({ problem, about: [rival.sync, candidate.sync] })
      }
      writers.set(id, [...earlier, candidate])
    }
  }
  return problems
}

/** Two syncs that find records by the same property write the same value to it. */
function mayShare(property: string, one: Candidate, other: Candidate): boolean {
  const acknowledges = ({ shared }: Candidate) => shared === 'all' || shared.has(property)
  const isMatchOfBoth =
    one.sync.match?.property === property && other.sync.match?.property === property
  return isMatchOfBoth || acknowledges(one) || acknowledges(other)
}

/** Object type ids of HubSpot's own objects that have several names. */
const OBJECT_NAMES: Readonly<Record<string, string>> = {
  '0-1': 'contacts',
  contact: 'contacts',
  '0-2': 'companies',
  company: 'companies',
  '0-3': 'deals',
  deal: 'deals',
  '0-5': 'tickets',
  ticket: 'tickets',
  '0-7': 'products',
  product: 'products',
  '0-8': 'line_items',
  line_item: 'line_items',
}

function objectName(object: string): string {
  const folded = object.toLowerCase()
  return OBJECT_NAMES[folded] ?? folded
}

function place({ origin }: Sync): string {
  return origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`
}
