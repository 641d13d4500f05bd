import type { Destination, ListReference } from '../destination/destination.ts'
import { DestinationError } from '../errors.ts'
import { standardObject } from '../object-types.ts'
import { groupOf } from '../plan/bind/property-definition.ts'
import type {
  Account,
  EventSchema,
  HubspotList,
  LinkType,
  ObjectSchema,
  Pipelines,
  PropertySchema,
} from '../types.ts'
import {
  type Absent,
  absent,
  type LockedEvent,
  type LockedList,
  type LockedObject,
  type LockedPortal,
  type LockedProperties,
} from './locked-portal.ts'
import type { Used } from './used.ts'

/** HubSpot, with its answers about its schema kept. */
export interface Recording {
  readonly destination: Destination
  /** What a lock says of all that was answered so far, as far as it is used. */
  portal(account: Account, targets: readonly string[], used: Used): LockedPortal
}

/** Keeps what HubSpot says of objects, pipelines, events, links and lists. Nothing else is kept, owners least of all. */
export function recording(hubspot: Destination): Recording {
  const objects = new Map<string, ObjectSchema | undefined>()
  const pipelines = new Map<string, Pipelines | undefined>()
  const links = new Map<string, Map<string, readonly LinkType[]>>()
  const events = new Map<string, EventSchema | undefined>()
  let listed: readonly EventSchema[] | undefined
  const lists: { readonly asked: ListReference; readonly found: HubspotList | undefined }[] = []
  return {
    destination: {
      ...hubspot,
      async describe(object, signal) {
        const described = await hubspot.describe(object, signal).catch((error: unknown) => {
          if (error instanceof DestinationError && error.category === 'OBJECT_TYPE_UNKNOWN')
            objects.set(object, undefined)
          throw error
        })
        objects.set(object, described)
        return described
      },
      async pipelines(object, signal) {
        const told = await hubspot.pipelines(object, signal)
        pipelines.set(object, told)
        return told
      },
      async linkTypes(from, to, signal) {
        const keep = (types: readonly LinkType[]) =>
          links.set(from, (links.get(from) ?? new Map()).set(to, types))
        const types = await hubspot.linkTypes(from, to, signal).catch((error: unknown) => {
          // Of objects that cannot be linked HubSpot need not say that there is nothing.
          if (error instanceof DestinationError && [400, 404].includes(error.status ?? 0)) keep([])
          throw error
        })
        keep(types)
        return types
      },
      async describeEvent(name, signal) {
        const event = await hubspot.describeEvent(name, signal)
        events.set(name, event)
        return event
      },
      async listEvents(signal) {
        listed = await hubspot.listEvents(signal)
        return listed
      },
      async findList(asked, signal) {
        const found = await hubspot.findList(asked, signal)
        lists.push({ asked, found })
        return found
      },
      async findNamesake(name, signal) {
        const found = await hubspot.findNamesake(name, signal)
        if (found !== undefined) lists.push({ asked: { listId: found.listId }, found })
        return found
      },
    },
    portal(account, targets, used) {
      const known = [...events.values(), ...(listed ?? [])].filter((event) => event !== undefined)
      return {
        portalId: account.portalId,
        accountType: account.accountType,
        targets: [...targets].sort(),
        objects: lockedObjects(objects, pipelines, used),
        links,
        events: new Map<string, LockedEvent | Absent>([
          ...[...events].flatMap(([name, event]) =>
            event === undefined ? [[name, absent] as const] : [],
          ),
          ...known.map((event) => [event.name, lockedEvent(event, used)] as const),
        ]),
        ...(listed === undefined ? {} : { listedFor: [...used.events].sort() }),
        ...lockedLists(lists),
      }
    },
  }
}

function lockedObjects(
  asked: ReadonlyMap<string, ObjectSchema | undefined>,
  pipelines: ReadonlyMap<string, Pipelines | undefined>,
  used: Used,
): LockedPortal['objects'] {
  const objects = new Map<string, LockedObject | Absent>()
  for (const [name, schema] of asked) {
    if (schema === undefined) {
      objects.set(name, absent)
      continue
    }
    const known = objects.get(schema.name)
    const askedAs = known === undefined || known === absent ? [] : known.askedAs
    const isAlias = name !== schema.name && standardObject(name) === undefined
    objects.set(schema.name, {
      ...lockedObject(schema, used.objects.get(schema.objectTypeId) ?? new Set()),
      askedAs: isAlias ? [...new Set([...askedAs, name])].sort() : askedAs,
      ...(pipelines.has(schema.name)
        ? { pipelines: pipelines.get(schema.name) ?? ('untold' as const) }
        : {}),
    })
  }
  return objects
}

function lockedObject(schema: ObjectSchema, names: ReadonlySet<string>): LockedObject {
  const properties = lockedProperties(schema.properties, names)
  return {
    objectTypeId: schema.objectTypeId,
    askedAs: [],
    requiredProperties:
      standardObject(schema.name) === undefined ? [...schema.requiredProperties].sort() : [],
    ...groupFor(schema, properties),
    properties,
  }
}

/** Where absent properties would be made, unless that is a group that has to be made, too. */
function groupFor(schema: ObjectSchema, properties: LockedProperties): Pick<LockedObject, 'group'> {
  if (![...properties.values()].includes(absent)) return {}
  const group = groupOf(schema)
  const isThere = [...schema.properties.values()].some(({ groupName }) => groupName === group)
  return isThere ? { group } : {}
}

const lockedProperties = (
  properties: ReadonlyMap<string, PropertySchema>,
  names: ReadonlySet<string>,
): LockedProperties =>
  new Map([...names].sort().map((name) => [name, properties.get(name) ?? absent] as const))

function lockedEvent(event: EventSchema, used: Used): LockedEvent {
  const { fullName, label, about, trackingType } = event
  const properties = lockedProperties(event.properties, used.events)
  const schema = { ...event, objectTypeId: fullName, requiredProperties: [] }
  return {
    fullName,
    label,
    ...(about === undefined ? {} : { about }),
    ...(trackingType === undefined ? {} : { trackingType }),
    ...groupFor(schema, properties),
    properties,
  }
}

function lockedLists(
  asked: readonly { readonly asked: ListReference; readonly found: HubspotList | undefined }[],
): Pick<LockedPortal, 'lists' | 'absentLists'> {
  const lists = new Map<string, LockedList | Absent>()
  const absentLists = new Map<string, LockedPortal['absentLists'][number]>()
  for (const { asked: reference, found } of asked) {
    if (found !== undefined) {
      const { listId, name, objectTypeId, processingType } = found
      lists.set(listId, { name, objectTypeId, processingType })
    } else if ('listId' in reference) lists.set(reference.listId, absent)
    else absentLists.set(`${reference.objectTypeId} ${reference.name}`, reference)
  }
  return { lists, absentLists: [...absentLists.values()] }
}
