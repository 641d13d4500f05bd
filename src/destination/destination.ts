import type {
  Account,
  Batch,
  EventSchema,
  HubspotList,
  Link,
  LinkType,
  ObjectSchema,
  Owner,
  Pipelines,
  PropertyDefinition,
  RecordResult,
} from '../types.ts'

/** Look-up of records by a property with unique values, or by `hs_object_id`; at most `maxBatchSize` values. */
export interface FindRequest {
  readonly objectType: string
  readonly property: string
  readonly values: readonly string[]
  /** Properties to return beside the ids. */
  readonly properties: readonly string[]
  /** Records in the recycling bin, and no others. */
  readonly isArchived?: true
}

export interface FoundRecord {
  readonly recordId: string
  /** Which of the asked values found it, in the spelling that was asked. */
  readonly value: string
  readonly properties: Readonly<Record<string, string | null>>
  readonly createdAtMs: number
  /** Only of archived records. */
  readonly archivedAtMs?: number
}

/** Records whose properties' latest values are read with who wrote them; at most `maxHistoryBatchSize`. */
export interface HistoryRequest {
  readonly objectType: string
  readonly recordIds: readonly string[]
  readonly properties: readonly string[]
}

/** The latest entry of a property's history. */
export interface LatestWrite {
  readonly value: string
  readonly atMs: number
  /** HubSpot's word, e.g. `CRM_UI`, `INTEGRATION`, `AUTOMATION_PLATFORM`, `IMPORT`. */
  readonly sourceType: string
  /** E.g. `userId:28604240`, the id of an app, or of a workflow. */
  readonly sourceId?: string
  readonly sourceLabel?: string
  readonly userId?: string
}

/** By record id and property. What HubSpot says nothing of is absent. */
export type Histories = ReadonlyMap<string, ReadonlyMap<string, LatestWrite>>

/** Records that have one of some values in a property that need not be unique. */
export interface SearchRequest {
  readonly objectType: string
  readonly property: string
  /** In lower case where the property is text. No more than `searchRoom` takes. */
  readonly values: readonly string[]
  /** Where the page before ended. */
  readonly after?: string
}

export interface SearchPage {
  /** Several may have the same `value`. */
  readonly records: readonly FoundRecord[]
  /** There are more of them than all pages together give. */
  readonly isCut: boolean
  /** Absent on the last page. */
  readonly next?: string
}

/** What one search takes: the values as a JSON list without its brackets, a comma behind each. */
export interface SearchRoom {
  readonly characters: number
  readonly values: number
  readonly perSecond: number
}

/** A kind of event to make. */
export interface EventDraft {
  /** Internal name. */
  readonly name: string
  /** Object type id of the records that it is about. */
  readonly about: string
  readonly properties: readonly PropertyDefinition[]
}

/** Records whose links to one other object are read: at most `maxLinkReadSize`. */
export interface LinksRequest {
  readonly from: string
  readonly to: string
  /** `after` where a record has more links than the page before gave. */
  readonly records: readonly { readonly id: string; readonly after?: string }[]
}

export interface LinksPage {
  readonly links: readonly Link[]
  /** Records with more links than this page has. */
  readonly next: LinksRequest['records']
  /** Records of which the answer does not say what they are linked to. None of their links is among `links`. */
  readonly unread: readonly string[]
}

/** A list by its id, or by its name among those of an object type. */
export type ListReference =
  | { readonly listId: string }
  | { readonly name: string; readonly objectTypeId: string }

export interface MembersPage {
  readonly recordIds: readonly string[]
  /** Absent on the last page. */
  readonly next?: string
}

/** Requests made so far, counted per attempt. */
export interface CallCounts {
  readonly writes: number
  readonly reads: number
}

/**
 * Where records go. Each method makes one attempt of one request (paged reads: one per page); repeating is the
 * caller's business. A whole-request failure throws `DestinationError`; what happens to one record is a value.
 */
export interface Destination {
  /** Largest batch, in operations. */
  readonly maxBatchSize: number
  /** Records of which one request reads the history of properties. */
  readonly maxHistoryBatchSize: number
  /** The same of events (`send`). */
  readonly maxEventBatchSize: number
  /** The same of links (`associate`, `dissociate`), and of records whose links are read. */
  readonly maxLinkBatchSize: number
  readonly maxLinkReadSize: number
  /** The same of members of a list (`add`, `remove`). */
  readonly maxListBatchSize: number
  /** Members per page. */
  readonly membersPerPage: number
  account(signal: AbortSignal): Promise<Account>
  /** The app that the token belongs to, as histories name it; undefined where HubSpot does not say. */
  appId(signal: AbortSignal): Promise<string | undefined>
  /** Properties included. Unknown object types are a `DestinationError` of category `OBJECT_TYPE_UNKNOWN`. */
  describe(objectType: string, signal: AbortSignal): Promise<ObjectSchema>
  /**
   * Makes at most `maxBatchSize` properties. One that exists counts as made.
   *
   * @returns those that HubSpot refused, and why
   */
  createProperties(
    objectType: string,
    definitions: readonly PropertyDefinition[],
    signal: AbortSignal,
  ): Promise<readonly { readonly name: string; readonly message: string }[]>
  /** Makes a group of properties; one that exists counts as made. */
  createGroup(
    objectType: string,
    group: { readonly name: string; readonly label: string },
    signal: AbortSignal,
  ): Promise<void>
  /** Undefined where the token may not know, or the object type has no such thing. */
  pipelines(objectType: string, signal: AbortSignal): Promise<Pipelines | undefined>
  /** Everybody who owns records, or did before being deactivated. */
  owners(signal: AbortSignal): Promise<readonly Owner[]>
  /** A kind of event by its internal or full name; undefined when there is none. */
  describeEvent(name: string, signal: AbortSignal): Promise<EventSchema | undefined>
  /** All kinds of events. */
  listEvents(signal: AbortSignal): Promise<readonly EventSchema[]>
  /** Makes a kind of event; one that exists counts as made. */
  createEvent(draft: EventDraft, signal: AbortSignal): Promise<void>
  /** Adds a property to a kind of event; one that exists counts as made. */
  createEventProperty(
    event: string,
    definition: PropertyDefinition,
    signal: AbortSignal,
  ): Promise<void>
  /** Types of links from one object type to another. */
  linkTypes(from: string, to: string, signal: AbortSignal): Promise<readonly LinkType[]>
  /** One page of the links of some records; HubSpot has none of a record that does not exist. `attempt` counts from 1 and is only recorded. */
  readLinks(request: LinksRequest, signal: AbortSignal, attempt?: number): Promise<LinksPage>
  /** Undefined when there is none, or none any more. */
  findList(reference: ListReference, signal: AbortSignal): Promise<HubspotList | undefined>
  /** A list of whatever object type that has the name, in whatever case. */
  findNamesake(name: string, signal: AbortSignal): Promise<HubspotList | undefined>
  /** Makes a list whose members are added by hand; undefined when a list of any object type has the name. */
  createList(
    draft: { readonly name: string; readonly objectTypeId: string },
    signal: AbortSignal,
  ): Promise<HubspotList | undefined>
  /** @param after where the page before ended */
  readMembers(listId: string, after: string | undefined, signal: AbortSignal): Promise<MembersPage>
  /**
   * Records found; what is not returned does not exist. An answer that leaves a value unaccounted for is thrown as a
   * transient `INCOMPLETE_ANSWER`. `attempt` counts from 1 and is only recorded.
   */
  find(request: FindRequest, signal: AbortSignal, attempt?: number): Promise<readonly FoundRecord[]>
  /** A record that is not there has no history. */
  histories(request: HistoryRequest, signal: AbortSignal, attempt?: number): Promise<Histories>
  /**
   * One page of a search; archived records are not found, and what was written a moment ago need not be found yet, or is found
   * as it was.
   */
  search(request: SearchRequest, signal: AbortSignal, attempt?: number): Promise<SearchPage>
  searchRoom(property: string): SearchRoom
  /**
   * One result per operation, in order. An operation that HubSpot's answer does not account for is `unknown`.
   * `attempt` counts from 1 and is only recorded. Once `stop` is aborted a request that still waits for its turn is not sent
   * any more: a transient `ABORTED` is thrown.
   */
  write(
    batch: Batch,
    signal: AbortSignal,
    attempt?: number,
    stop?: AbortSignal,
  ): Promise<readonly RecordResult[]>
  counts(): CallCounts
}
