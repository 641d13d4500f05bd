import { isContacts, standardObject } from '../object-types.ts'
import { listProblem, listRivals, placeOf, rivalProblem, rivalries } from '../rivals.ts'
import { didYouMean } from '../suggest.ts'
import type { EventSource, ListSource, Origin, Sync } from '../types.ts'
import type { Attributed } from './declaration.ts'

/** A sync with what only the rules across syncs ask about it. */
export interface Candidate {
  readonly sync: Sync
  /** False when the sync itself has problems; it still takes part in the rules. */
  readonly isValid: boolean
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
  const syncs = candidates.map(({ sync }) => sync)
  const enabled = syncs.filter((sync) => sync.enabled)
  const refused = new Set<string>()
  const refuse = (...syncs: readonly Sync[]) => {
    for (const { name } of syncs) refused.add(name)
  }
  const names = duplicateNames(syncs, refuse)
  const previous = previousNames(candidates, refuse)
  const shared = sharedProperties(enabled, refuse)
  const contacts = contactsOfSyncs(enabled, syncs, refuse)
  const links = linkedSyncs(enabled, syncs, refuse)
  const lists = keptTwice(enabled, refuse)
  return { problems: [...names, ...previous, ...shared, ...contacts, ...links, ...lists], refused }
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
      message: `the name is taken by ${other} (${placeOf(earlier)})`,
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
          ? `the sync ${other.name} says that it was ${previousName}, too (${placeOf(other)})`
          : `the sync ${previousName} is still defined (${placeOf(other)}): its state is its own`,
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

function sharedProperties(syncs: readonly Sync[], refuse: Refuse): readonly Attributed[] {
  const earlier = new Map<string, Sync[]>()
  return syncs.flatMap((sync) => {
    const object = standardObject(sync.object.toLowerCase())?.name ?? sync.object.toLowerCase()
    const others = earlier.get(object) ?? []
    earlier.set(object, [...others, sync])
    return rivalries(sync, others).map((rivalry) => {
      refuse(rivalry.rival, sync)
      return { problem: rivalProblem(sync, rivalry), about: [rivalry.rival, sync] }
    })
  })
}

/** Events and members of lists that are the records of another sync: that there is one, and how its key looks. */
function contactsOfSyncs(
  enabled: readonly Sync[],
  all: readonly Sync[],
  refuse: Refuse,
): readonly Attributed[] {
  return enabled.flatMap((sync): readonly Attributed[] => {
    const source: EventSource | ListSource | undefined = sync.event ?? sync.list
    if (source?.about.kind !== 'sync') return []
    const { sync: name, key } = source.about
    const object = sync.list === undefined ? 'contacts' : sync.object
    const other = all.find((candidate) => candidate.name === name)
    const wrong =
      other === undefined
        ? noSync(name, all, (one) => isOf(one, object))
        : wrongRecords(key, other, object)
    if (wrong === undefined) return []
    refuse(sync)
    const where = source.origins.about
    const problem = { ...wrong, where, sync: sync.name, key: `${source.aboutKey}.sync` }
    return [{ problem, about: [sync] }]
  })
}

/** Two syncs that keep one list by the same name or id; that two names mean one list is known when HubSpot has been asked. */
function keptTwice(enabled: readonly Sync[], refuse: Refuse): readonly Attributed[] {
  return enabled.flatMap((sync, index): readonly Attributed[] => {
    const { list } = sync
    if (list === undefined) return []
    const earlier = enabled.slice(0, index)
    const rival = listRivals(sync, earlier).find(({ target }) => isOneList(target, list.target))
    const other = earlier.find(({ name }) => name === rival?.name)
    if (rival === undefined || other === undefined) return []
    refuse(other, sync)
    return [{ problem: listProblem(sync, list, rival), about: [other, sync] }]
  })
}

/** Syncs of lists with those that must not keep the same one. */
export const withListRivals = (sync: Sync, all: readonly Sync[]): Sync => {
  const rivals = listRivals(
    sync,
    all.filter(({ enabled }) => enabled),
  )
  return sync.list === undefined || rivals.length === 0
    ? sync
    : { ...sync, list: { ...sync.list, rivals } }
}

const isOneList = (one: ListSource['target'], other: ListSource['target']): boolean =>
  one.kind === 'id'
    ? other.kind === 'id' && one.listId === other.listId
    : other.kind === 'name' && one.name.toLowerCase() === other.name.toLowerCase()

const noSync = (name: string, all: readonly Sync[], isMeant: (sync: Sync) => boolean) => ({
  message: `there is no sync ${name}`,
  hint: didYouMean(
    name,
    all.filter(isMeant).map((sync) => sync.name),
  ),
})

/** A custom object may go by several names: whether they are one is seen when HubSpot is asked. */
const isOf = ({ type, object }: Sync, wanted: string): boolean => {
  const [one, other] = [object, wanted].map((name) => standardObject(name.toLowerCase())?.name)
  return type === 'object' && one === other
}

function wrongRecords(key: readonly string[], other: Sync, object: string): Wrong | undefined {
  const { name, primaryKey } = other
  if (!isOf(other, object)) {
    return {
      message: `the sync ${name} writes ${other.type === 'list' ? `the members of a list` : other.object}, not ${object}`,
      hint: isContacts(object.toLowerCase())
        ? 'Name a sync of contacts; of another object say `record: {object: …, id: …}`.'
        : `Name a sync of ${object}.`,
    }
  }
  return wrongKey(key, name, primaryKey)
}

type Wrong = { readonly message: string; readonly hint: string }

function wrongKey(
  key: readonly string[],
  name: string,
  primaryKey: readonly string[],
): Wrong | undefined {
  if (key.length === primaryKey.length || primaryKey.length === 0) return undefined
  return {
    message: `\`key\` names ${key.length === 1 ? 'one column' : `${key.length} columns`}, and the primary key of ${name} has ${primaryKey.length}`,
    hint: `Name the columns that hold ${primaryKey.join(', ')} of ${name}, in this order.`,
  }
}

/** Links to the records of another sync: that there is one, what it writes, and how its key looks. */
function linkedSyncs(
  enabled: readonly Sync[],
  all: readonly Sync[],
  refuse: Refuse,
): readonly Attributed[] {
  return enabled.flatMap((sync) =>
    sync.associations.flatMap(({ to, target, key, origin }): readonly Attributed[] => {
      if (target.kind !== 'sync') return []
      const other = all.find(({ name }) => name === target.sync)
      const wrong =
        other === undefined
          ? noSync(
              target.sync,
              all,
              (each) => each.type === 'object' && isSameObject(each.object, to),
            )
          : (wrongEnd(to, other) ?? wrongKey(target.key, other.name, other.primaryKey))
      if (wrong === undefined) return []
      refuse(sync)
      const problem = { ...wrong, where: origin, sync: sync.name, key: `${key}.sync` }
      return [{ problem, about: [sync] }]
    }),
  )
}

function wrongEnd(to: string, { name, type, object }: Sync): Wrong | undefined {
  if (type !== 'object') {
    return {
      message: `the sync ${name} writes ${type}s; links lead to records`,
      hint: 'Name a sync of records (`type: object`).',
    }
  }
  if (isSameObject(object, to)) return undefined
  return {
    message: `the sync ${name} writes ${object}, not ${to}`,
    hint: `Write \`to: ${object}\`, or name a sync of ${to}.`,
  }
}

/** Whether two names may mean one object: a custom object has several, which only HubSpot knows. */
function isSameObject(one: string, other: string): boolean {
  const [a, b] = [one, other].map((name) => standardObject(name.toLowerCase())?.objectTypeId)
  return a === b
}
