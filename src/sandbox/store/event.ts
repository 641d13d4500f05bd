import type { StoredProperty } from './stored-property.ts'

/** A kind of behavioural event. */
export interface EventDefinition {
  readonly id: string
  readonly name: string
  readonly fullyQualifiedName: string
  readonly label: string
  readonly description: string
  /** Name of the object whose records the event is about. */
  readonly primaryObject: string
  readonly primaryObjectId: string
  readonly objectTypeId: string
  readonly trackingType: string
  readonly properties: Map<string, StoredProperty>
  readonly createdAt: number
}

/** Something that happened to a record. */
export interface EventOccurrence {
  readonly uuid: string
  readonly eventName: string
  /** Undefined where HubSpot could not tell: of a user token of nobody that is known. */
  readonly objectId: string | undefined
  readonly utk: string | undefined
  /** ISO 8601. */
  readonly occurredAt: string
  readonly properties: Readonly<Record<string, string>>
}

/** All that a portal knows of events. */
export interface Events {
  /** By internal name. */
  readonly definitions: Map<string, EventDefinition>
  readonly occurrences: EventOccurrence[]
  /** Event and uuid → when it came first. */
  readonly received: Map<string, number>
}

export const noEvents = (): Events => ({
  definitions: new Map(),
  occurrences: [],
  received: new Map(),
})
