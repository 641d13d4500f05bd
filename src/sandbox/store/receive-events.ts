import { type Answer, refuseInvalid } from '../answers.ts'
import type { EventDefinition, EventOccurrence } from './event.ts'
import { findEvent } from './event-definitions.ts'
import { findObjectType, nextRecordId, type Portal } from './portal.ts'
import { findRecord, insertRecord } from './records.ts'

/** Characters of a value; addresses of pages may be longer. https://developers.hubspot.com/docs/api-reference/legacy/events/send-event-completions/guide */
const MAX_VALUE_LENGTH = 256
const MAX_ADDRESS_LENGTH = 1024
const ADDRESSES: ReadonlySet<string> = new Set(['hs_page_url', 'hs_referrer'])
const MAX_PROPERTIES = 50
/** For so long a uuid stands for one event of its kind. */
const YEAR_MS = 365 * 86_400_000

type Fields = Readonly<Record<string, unknown>>

/** One event, checked and not stored yet. */
interface Received {
  readonly definition: EventDefinition
  readonly input: Fields
  readonly properties: Readonly<Record<string, string>>
}

/**
 * Takes events as HubSpot does: it refuses the whole request for one that cannot be read at all, and says nothing of those that
 * it accepts and has no use for: of a record that is not there, or with a uuid that came before.
 *
 * @returns the refusal; undefined when all were accepted
 */
export function receiveEvents(
  portal: Portal,
  inputs: readonly Fields[],
  now: number,
): Answer | undefined {
  const received: Received[] = []
  for (const input of inputs) {
    const read = readEvent(portal, input)
    if ('status' in read) return read
    if (portal.quirks.refusesRepeatedEvents && isRepeated(portal, read, now))
      return refuseInvalid(`An event with uuid ${textOf(input['uuid'])} already exists`)
    received.push(read)
  }
  for (const each of received) store(portal, each, now)
  return undefined
}

function readEvent(portal: Portal, input: Fields): Received | Answer {
  const name = textOf(input['eventName']) ?? ''
  const definition = findEvent(portal, name)
  if (definition === undefined || definition.fullyQualifiedName !== name)
    return refuseInvalid(`Event type with name ${name} does not exist`)
  if (definition.trackingType !== 'MANUAL')
    return refuseInvalid(`Event type ${name} does not take events from the API`)
  if (['objectId', 'email', 'utk'].every((field) => textOf(input[field]) === undefined))
    return refuseInvalid('One of objectId, email and utk must be set')
  const occurredAt = textOf(input['occurredAt'])
  if (occurredAt !== undefined && Number.isNaN(Date.parse(occurredAt)))
    return refuseInvalid(`occurredAt ${occurredAt} is no date-time`)
  const given = Object.entries((input['properties'] ?? {}) as Fields)
  if (given.length > MAX_PROPERTIES)
    return refuseInvalid(`An event can have at most ${MAX_PROPERTIES} properties`)
  const properties: Record<string, string> = {}
  for (const [property, value] of given) {
    const accepted = acceptProperty(definition, property, String(value))
    if (typeof accepted !== 'string') return accepted
    properties[property] = accepted
  }
  return { definition, input, properties }
}

function acceptProperty(
  { fullyQualifiedName, properties }: EventDefinition,
  name: string,
  value: string,
): string | Answer {
  const property = properties.get(name)
  if (property === undefined)
    return refuseInvalid(`Property ${name} does not exist on event type ${fullyQualifiedName}`)
  const limit = ADDRESSES.has(name) ? MAX_ADDRESS_LENGTH : MAX_VALUE_LENGTH
  if (value.length > limit)
    return refuseInvalid(`Property ${name} is longer than ${limit} characters`)
  const accepted = property.accept(value, undefined)
  return typeof accepted === 'string' ? accepted : refuseInvalid(accepted.message)
}

const keyOf = (eventName: string, uuid: string): string => `${eventName} ${uuid}`

/** A uuid stands for one event of its kind. */
function isRepeated({ events }: Portal, { definition, input }: Received, now: number): boolean {
  const uuid = textOf(input['uuid'])
  if (uuid === undefined) return false
  const before = events.received.get(keyOf(definition.fullyQualifiedName, uuid))
  return before !== undefined && now - before < YEAR_MS
}

function store(portal: Portal, received: Received, now: number): void {
  const { definition, input, properties } = received
  const { events, random } = portal
  const eventName = definition.fullyQualifiedName
  const uuid = textOf(input['uuid']) ?? random.uuid()
  if (isRepeated(portal, received, now)) return
  events.received.set(keyOf(eventName, uuid), now)
  const objectId = recordOf(portal, definition, input, now)
  const utk = textOf(input['utk'])
  if (objectId === undefined && utk === undefined) return
  const occurredAt = textOf(input['occurredAt'])
  const occurrence: EventOccurrence = {
    uuid,
    eventName,
    objectId,
    utk,
    occurredAt: new Date(occurredAt === undefined ? now : Date.parse(occurredAt)).toISOString(),
    properties,
  }
  events.occurrences.push(occurrence)
}

/** By id, then by e-mail address; a contact of an unknown address is made. */
function recordOf(
  portal: Portal,
  { primaryObjectId }: EventDefinition,
  input: Fields,
  now: number,
): string | undefined {
  const type = findObjectType(portal, primaryObjectId)
  if (type === undefined) return undefined
  const objectId = textOf(input['objectId'])
  if (objectId !== undefined) return findRecord(type, objectId)?.id
  const email = textOf(input['email'])
  if (email === undefined || primaryObjectId !== '0-1') return undefined
  const accepted = type.properties.get('email')?.accept(email, undefined)
  if (typeof accepted !== 'string') return undefined
  const known = findRecord(type, accepted, 'email')
  return (known ?? insertRecord(type, nextRecordId(type), { email: accepted }, now, portal.writer))
    .id
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
