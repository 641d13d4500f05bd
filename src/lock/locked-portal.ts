import type { LinkType, Pipelines, PropertySchema } from '../types.ts'

/** What a lock says of a thing that was asked for and that the portal does not have. */
export const absent = 'absent'
export type Absent = typeof absent

/** What to do about a lock that does not say enough. @param command with what names the file, and the target where that matters */
export const renewLock = (command = 'backhaul lock'): string =>
  `Run \`${command}\` where there is a token, and commit the file.`

/** Where a portal that is not asked is read. */
export interface LockPlace {
  /** As messages name it. */
  readonly file: string
  /** What to do when it does not say enough. */
  readonly renew: string
}

/** What the syncs of a project need to know of one portal, as it was when the lock was made. */
export interface LockedPortal {
  readonly portalId: string
  readonly accountType: string
  /** Targets whose token belongs to it, sorted. */
  readonly targets: readonly string[]
  /** By the name in paths and messages; those that are absent by the name that a sync says. */
  readonly objects: ReadonlyMap<string, LockedObject | Absent>
  /** Types of links by the object that they lead from, and to; names as in `objects`. */
  readonly links: ReadonlyMap<string, ReadonlyMap<string, readonly LinkType[]>>
  /** By internal name; those that are absent by the name that a sync says. */
  readonly events: ReadonlyMap<string, LockedEvent | Absent>
  /** Properties that were looked for in every event; undefined where no sync has its events in a column. */
  readonly listedFor?: readonly string[]
  /** By id. */
  readonly lists: ReadonlyMap<string, LockedList | Absent>
  /** Names that no list of an object type has. */
  readonly absentLists: readonly { readonly name: string; readonly objectTypeId: string }[]
}

export type LockedProperties = ReadonlyMap<string, PropertySchema | Absent>

export interface LockedObject {
  readonly objectTypeId: string
  /** Other names that syncs call it by. */
  readonly askedAs: readonly string[]
  /** Of custom objects; what HubSpot's own want is known without asking. */
  readonly requiredProperties: readonly string[]
  /** Where new properties go; only where one is absent. */
  readonly group?: string
  /** Only those that syncs use. */
  readonly properties: LockedProperties
  /** Only where a mapped property holds one; `untold` where HubSpot did not say. */
  readonly pipelines?: Pipelines | 'untold'
}

export interface LockedEvent {
  readonly fullName: string
  readonly label: string
  readonly about?: string
  readonly trackingType?: string
  readonly group?: string
  readonly properties: LockedProperties
}

export interface LockedList {
  readonly name: string
  readonly objectTypeId: string
  readonly processingType: string
}

/** The properties that are there. */
export const present = (properties: LockedProperties): ReadonlyMap<string, PropertySchema> =>
  new Map(
    [...properties].flatMap(([name, property]) =>
      property === absent ? [] : [[name, property] as const],
    ),
  )

/** The names of those that are not. */
export const absentIn = (properties: LockedProperties): ReadonlySet<string> =>
  new Set([...properties].flatMap(([name, property]) => (property === absent ? [name] : [])))
