import { DestinationError, UserError } from '../../errors.ts'
import {
  absent,
  absentIn,
  type LockedEvent,
  type LockedObject,
  type LockedPortal,
  type LockPlace,
  present,
} from '../../lock/locked-portal.ts'
import { standardObject } from '../../object-types.ts'
import type { EventSchema, HubspotList, ObjectSchema } from '../../types.ts'
import type { Destination } from '../destination.ts'
import { MAX_LINK_READS, MAX_LINKS } from './associations.ts'
import { MAX_EVENTS } from './events.ts'
import { MAX_HISTORIES } from './histories.ts'
import { createLimiter, type LearntLimits, type LimiterOptions } from './limits.ts'
import { MAX_LIST_INPUTS, MAX_MEMBERS_PAGE, whyNotWritable } from './lists.ts'
import { MAX_BATCH_SIZE } from './open.ts'
import { searchRoom } from './search-body.ts'

/** A portal as a lock has it: its schema, and nothing that is in it. Owners are not told: there seem to be none. */
export interface LockedHubspot extends Destination {
  limits(): LearntLimits
}

/**
 * Answers as HubSpot did when the lock was made.
 *
 * @returns a destination whose methods throw `UserError` for what the lock says nothing of; those that read or write records are never to be called
 */
export function lockedHubspot(
  portal: LockedPortal,
  place: LockPlace,
  options: LimiterOptions,
): LockedHubspot {
  const limits = createLimiter(options).learnt
  const untold = (what: string): UserError =>
    new UserError({ message: `${place.file} says nothing of ${what}`, hint: place.renew })
  const event = (name: string, locked: LockedEvent) => eventSchema(name, locked, place)
  return {
    maxBatchSize: MAX_BATCH_SIZE,
    maxEventBatchSize: MAX_EVENTS,
    maxLinkBatchSize: MAX_LINKS,
    maxLinkReadSize: MAX_LINK_READS,
    maxHistoryBatchSize: MAX_HISTORIES,
    maxListBatchSize: MAX_LIST_INPUTS,
    membersPerPage: MAX_MEMBERS_PAGE,
    searchRoom,
    limits,
    counts: () => ({ writes: 0, reads: 0 }),
    account: async () => ({ portalId: portal.portalId, accountType: portal.accountType }),
    async describe(objectType) {
      const found = findObject(portal, objectType)
      if (found === undefined) throw untold(`the object ${objectType}`)
      if (found === absent) throw unknownObject(objectType)
      return objectSchema(...found, place)
    },
    async pipelines(objectType) {
      const found = findObject(portal, objectType)
      const told = found === undefined || found === absent ? undefined : found[1].pipelines
      if (told === undefined) throw untold(`the pipelines of ${objectType}`)
      return told === 'untold' ? undefined : told
    },
    appId: async () => undefined,
    owners: async () => [],
    async describeEvent(name) {
      const found = [...portal.events].find(
        ([internal, each]) => internal === name || (each !== absent && each.fullName === name),
      )
      if (found === undefined) throw untold(`the event ${name}`)
      const [internal, each] = found
      return each === absent ? undefined : event(internal, each)
    },
    async listEvents() {
      if (portal.listedFor === undefined) throw untold('which events there are')
      return [...portal.events].flatMap(([name, each]) =>
        each === absent ? [] : [event(name, each)],
      )
    },
    async linkTypes(from, to) {
      const types = portal.links.get(from)?.get(to)
      if (types === undefined) throw untold(`associations from ${from} to ${to}`)
      return types
    },
    async findList(reference) {
      const lists = [...portal.lists].flatMap(([listId, each]) =>
        each === absent ? [] : [hubspotList(listId, each)],
      )
      if ('listId' in reference) {
        const { listId } = reference
        if (portal.lists.get(listId) === absent) return undefined
        const found = lists.find((each) => each.listId === listId)
        if (found === undefined) throw untold(`the list ${listId}`)
        return found
      }
      const { name, objectTypeId } = reference
      const found = lists.find(
        (each) => isSame(each.name, name) && each.objectTypeId === objectTypeId,
      )
      const isAbsent = portal.absentLists.some(
        (each) => each.name === name && each.objectTypeId === objectTypeId,
      )
      if (found === undefined && !isAbsent) throw untold(`a list called ${name}`)
      return found
    },
    async findNamesake(name) {
      const found = [...portal.lists].flatMap(([listId, each]) =>
        each !== absent && isSame(each.name, name) ? [hubspotList(listId, each)] : [],
      )
      return found[0]
    },
    createProperties: notAsked,
    createGroup: notAsked,
    createEvent: notAsked,
    createEventProperty: notAsked,
    createList: notAsked,
    histories: notAsked,
    readLinks: notAsked,
    readMembers: notAsked,
    find: notAsked,
    search: notAsked,
    write: notAsked,
  }
}

/** A lock has no records: whoever asks for one has a defect. */
const notAsked = (): never => {
  throw new TypeError('HubSpot was asked for records, and there is only a lock')
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

/** By whatever name: `0-1` is contacts, and a custom object has those that syncs called it by. */
function findObject(
  { objects }: LockedPortal,
  asked: string,
): readonly [string, LockedObject] | typeof absent | undefined {
  const standard = standardObject(asked)?.name
  for (const [name, object] of objects) {
    if (object === absent) {
      if (name === asked) return absent
    } else if (
      [asked, standard].includes(name) ||
      object.objectTypeId === asked ||
      object.askedAs.includes(asked)
    )
      return [name, object]
  }
  return undefined
}

function objectSchema(name: string, object: LockedObject, place: LockPlace): ObjectSchema {
  const own = standardObject(name)
  const { objectTypeId, group, properties } = object
  return {
    name,
    objectTypeId,
    requiredProperties: own?.requiredProperties ?? object.requiredProperties,
    ...(own?.requiredOneOf === undefined ? {} : { requiredOneOf: own.requiredOneOf }),
    properties: present(properties),
    told: { by: place.file, absent: absentIn(properties), group, hint: place.renew },
  }
}

function eventSchema(name: string, locked: LockedEvent, place: LockPlace): EventSchema {
  const { fullName, label, about, trackingType, group, properties } = locked
  return {
    name,
    fullName,
    label,
    about,
    trackingType,
    properties: present(properties),
    told: { by: place.file, absent: absentIn(properties), group, hint: place.renew },
  }
}

function hubspotList(
  listId: string,
  {
    name,
    objectTypeId,
    processingType,
  }: Pick<HubspotList, 'name' | 'objectTypeId' | 'processingType'>,
): HubspotList {
  const whyFixed = whyNotWritable(processingType)
  return {
    listId,
    name,
    objectTypeId,
    processingType,
    ...(whyFixed === undefined ? {} : { whyFixed }),
  }
}

const unknownObject = (objectType: string): DestinationError =>
  new DestinationError({
    action: `look up the object type ${objectType}`,
    detail: 'HubSpot has no such object type',
    category: 'OBJECT_TYPE_UNKNOWN',
    disposition: 'terminal',
  })
