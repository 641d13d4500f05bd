import { standardObject } from '../object-types.ts'
import { recordIdProperty } from '../plan/bind/bind-match.ts'
import type { Association, Mapping, Sync } from '../types.ts'
import { absent, type LockedPortal } from './locked-portal.ts'

/** A sync that uses a property, and what for. */
export interface PropertyUse {
  readonly sync: Sync
  /** Absent where it only finds the records that links lead to. */
  readonly mapping?: Mapping
  /** Records are found by it, so that its values have to be unique. */
  readonly isKey: boolean
}

/** Who uses what of a portal. */
export interface Uses {
  ofObject(name: string): readonly Sync[]
  ofProperty(object: string, property: string): readonly PropertyUse[]
  ofLinks(from: string, to: string): readonly (readonly [Sync, Association])[]
  ofEvent(name: string, fullName: string): readonly Sync[]
  ofEventProperty(name: string, fullName: string, property: string): readonly PropertyUse[]
  ofList(listId: string, name: string): readonly Sync[]
}

/** @param portals that say which names mean one object */
export function usesOf(syncs: readonly Sync[], portals: readonly LockedPortal[]): Uses {
  const nameOf = (asked: string): string =>
    portals.map((portal) => objectName(portal, asked)).find((name) => name !== undefined) ?? asked
  const aboutOf = ({ event, list }: Sync): readonly string[] => {
    const about = (event ?? list)?.about
    return about?.kind === 'id' ? [about.object] : []
  }
  const objectsOf = (sync: Sync): readonly string[] => [
    ...(sync.event === undefined ? [sync.object] : []),
    ...aboutOf(sync),
    ...sync.associations.map(({ to }) => to),
  ]
  const ofEvent: Uses['ofEvent'] = (name, fullName) =>
    syncs.filter(
      ({ event }) =>
        event !== undefined &&
        (event.name.kind === 'column' || [name, fullName].includes(event.name.name)),
    )
  return {
    ofObject: (name) => syncs.filter((sync) => objectsOf(sync).map(nameOf).includes(name)),
    ofProperty: (object, property) =>
      syncs.flatMap((sync) => [
        ...(sync.event === undefined && nameOf(sync.object) === object
          ? mappingsOf(sync, property)
          : []),
        ...sync.associations
          .filter(
            ({ to, target }) =>
              nameOf(to) === object && target.kind === 'match' && target.property === property,
          )
          .map(() => ({ sync, isKey: true })),
      ]),
    ofLinks: (from, to) =>
      syncs.flatMap((sync) =>
        nameOf(sync.object) === from
          ? sync.associations
              .filter((association) => nameOf(association.to) === to)
              .map((association) => [sync, association] as const)
          : [],
      ),
    ofEvent,
    ofEventProperty: (name, fullName, property) =>
      ofEvent(name, fullName).flatMap((sync) => mappingsOf(sync, property)),
    ofList: (listId, name) =>
      syncs.filter(
        ({ list }) =>
          list !== undefined &&
          (list.target.kind === 'id'
            ? list.target.listId === listId
            : list.target.name.toLowerCase() === name.toLowerCase()),
      ),
  }
}

const mappingsOf = (sync: Sync, property: string): readonly PropertyUse[] =>
  sync.mappings
    .filter((mapping) => mapping.property === property)
    .map((mapping) => ({
      sync,
      mapping,
      isKey:
        sync.trackingProperty === property ||
        (sync.match?.property === property && property !== recordIdProperty),
    }))

/** What a portal calls the object that a sync calls so. */
export function objectName(portal: LockedPortal, asked: string): string | undefined {
  const standard = standardObject(asked)?.name
  for (const [name, object] of portal.objects) {
    if ([asked, standard].includes(name)) return name
    if (object === absent) continue
    if (object.objectTypeId === asked || object.askedAs.includes(asked)) return name
  }
  return undefined
}
