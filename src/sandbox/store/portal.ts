import type { Random } from '../random.ts'
import { type Events, noEvents } from './event.ts'
import { externalOptionsOf } from './external-options.ts'
import { type Links, noLinks } from './link.ts'
import type { Lists } from './list.ts'
import type { ObjectType, Writer } from './object-type.ts'
import type { Owner } from './owner.ts'
import type { Pipeline } from './pipeline.ts'
import type { ExternalOptions } from './property.ts'

/** HubSpot's account types, as `account-info` names them. */
export type AccountType = 'STANDARD' | 'DEVELOPER_TEST' | 'SANDBOX' | 'APP_DEVELOPER'

/** Behaviours of HubSpot that are seen sometimes, or whose rule is not known. */
export interface Quirks {
  /** Repeat `objectWriteTraceId` in results. HubSpot's spec has it, captured answers do not. Default false. */
  readonly echoTraceIds: boolean
  /** Answer results in another order than the inputs. Default true. */
  readonly shuffleResults: boolean
  /** Name the existing id in a whole-batch 409. Default true; both were observed. */
  readonly conflictNamesId: boolean
  /** How long search does not see a change, in milliseconds. Default 0. */
  readonly searchLagMs: number
  /** Refuse an event whose uuid came before, instead of saying nothing. Default false; HubSpot says "rejected", not how. */
  readonly refusesRepeatedEvents: boolean
  /**
   * What the error of a link to or from a record that is not there names: the end and its id (default), only the id, or nothing; or the
   * whole request is refused for one such record. Errors without a name were observed; what this one says is not published.
   */
  readonly linkErrorsName: 'end' | 'id' | 'nobody' | 'request'
  /** Links that a record may have with records of one object type. Default 50,000; HubSpot's number depends on the tier and is not published. */
  readonly maxLinks: number
  /** Links of one record in an answer to a batch read. Default 1,000. */
  readonly linkPageSize: number
  /** Record ids that a change of a list's members may name. HubSpot documents no number; default none. */
  readonly maxListInputs: number
  /** Answer `recordIdsAdded` for a list, as older documents have it, instead of `recordsIdsAdded`. Default false. */
  readonly spellsAddedTheOldWay: boolean
}

/** The whole state of the local HubSpot account. */
export interface Portal {
  readonly portalId: number
  readonly accountType: AccountType
  /** IANA name; the daily limit resets at its midnight. */
  readonly timeZone: string
  readonly quirks: Quirks
  readonly random: Random
  readonly clock: () => number
  readonly createdAt: number
  readonly objectTypes: ObjectType[]
  /** Every path segment that names a type (plural, singular, type id, qualified name), in lower case. */
  readonly typeByName: Map<string, ObjectType>
  readonly owners: Owner[]
  readonly events: Events
  readonly links: Links
  readonly lists: Lists
  /** Whose request is being answered. */
  writer: Writer
  /** By object type id. */
  readonly pipelines: Map<string, Pipeline[]>
  readonly externalOptions: (type: string) => ExternalOptions
}

/** What a portal is made from; its object types are added afterwards. */
export type PortalFacts = Pick<
  Portal,
  'portalId' | 'accountType' | 'timeZone' | 'quirks' | 'random' | 'clock'
>

/** Makes a portal without object types. */
export function emptyPortal(facts: PortalFacts): Portal {
  const owners: Owner[] = []
  const pipelines = new Map<string, Pipeline[]>()
  return {
    ...facts,
    createdAt: facts.clock(),
    objectTypes: [],
    typeByName: new Map(),
    owners,
    events: noEvents(),
    links: noLinks(facts.portalId),
    lists: new Map(),
    writer: { sourceType: 'INTEGRATION' },
    pipelines,
    externalOptions: (objectTypeId) => externalOptionsOf(owners, () => pipelines.get(objectTypeId)),
  }
}

/** Finds an object type by any of its names. */
export function findObjectType(portal: Portal, name: string): ObjectType | undefined {
  return portal.typeByName.get(name) ?? portal.typeByName.get(name.toLowerCase())
}

/** Makes a type known under all its names. */
export function addObjectType(portal: Portal, type: ObjectType): void {
  portal.objectTypes.push(type)
  const names = [type.objectTypeId, type.fullyQualifiedName]
  if (!type.isCustom) names.push(type.name, type.singular)
  for (const name of names) portal.typeByName.set(name.toLowerCase(), type)
}

/** Reserves the next record id of a type. Ids of different types overlap, as HubSpot's may. */
export function nextRecordId(type: ObjectType): string {
  type.lastId += 1
  return String(type.lastId)
}
