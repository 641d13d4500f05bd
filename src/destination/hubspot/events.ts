import { DestinationError } from '../../errors.ts'
import type {
  Batch,
  EventSchema,
  Operation,
  PropertyDefinition,
  RecordResult,
} from '../../types.ts'
import type { EventDraft } from '../destination.ts'
import type { CallContext } from './calls.ts'
import type { EventEndpoints, EventInput } from './endpoints/events.ts'
import { asArray, asRecord, asText } from './json.ts'
import { listOf, readPages, unreadable } from './listed.ts'
import { readProperty } from './properties.ts'

/** Events per request (developers.hubspot.com/docs/api-reference/legacy/events/send-event-completions/guide, checked 2026-11-23). */
export const MAX_EVENTS = 500

/** A kind of event by its internal or full name; undefined when there is none. */
export async function describeEvent(
  client: EventEndpoints,
  name: string,
  context: CallContext,
): Promise<EventSchema | undefined> {
  try {
    const reply = await client.getEvent(name, context)
    const action = `read the event ${name}`
    if (asText(reply.body['fullyQualifiedName']) === undefined) throw unreadable(reply, action)
    listOf(reply, action, 'properties')
    return readEvent(reply.body)
  } catch (error) {
    if (error instanceof DestinationError && error.status === 404) return undefined
    throw error
  }
}

/** All kinds of events, with their properties: a call per hundred, and at least one. */
export async function listEvents(
  client: EventEndpoints,
  context: CallContext,
): Promise<readonly EventSchema[]> {
  const events = await readPages((after) => client.listEvents(after, context), 'list the events')
  return events.flatMap((value) => readEvent(value) ?? [])
}

function readEvent(value: unknown): EventSchema | undefined {
  const event = asRecord(value)
  const fullName = asText(event['fullyQualifiedName'])
  if (fullName === undefined || event['archived'] === true) return undefined
  const name = asText(event['name']) ?? fullName
  const properties = asArray(event['properties']).flatMap((each) => readProperty(each, false) ?? [])
  return {
    name,
    fullName,
    label: asText(asRecord(event['labels'])['singular']) ?? name,
    about: aboutOf(event),
    trackingType: asText(event['trackingType']),
    properties: new Map(properties.map((property) => [property.name, property])),
  }
}

const PRIMARY_OBJECTS: Readonly<Record<string, string>> = {
  CONTACT: '0-1',
  COMPANY: '0-2',
  DEAL: '0-3',
  TICKET: '0-5',
}

/** HubSpot gives the object's id, its name, or both. */
function aboutOf(event: Readonly<Record<string, unknown>>): string | undefined {
  const id = asText(event['primaryObjectId'])
  if (id !== undefined && id !== '') return id
  return PRIMARY_OBJECTS[asText(event['primaryObject']) ?? '']
}

/** What the object of a kind of event is called where it is made; undefined for one that has no events. */
const primaryObjectOf = (objectTypeId: string): string | undefined =>
  Object.entries(PRIMARY_OBJECTS).find(([, id]) => id === objectTypeId)?.[0]

/** Makes a kind of event with its properties; one that exists counts as made. */
export async function createEvent(
  client: EventEndpoints,
  { name, about, properties }: EventDraft,
  context: CallContext,
): Promise<void> {
  const primaryObject = primaryObjectOf(about)
  const body = {
    name,
    label: name,
    ...(primaryObject === undefined ? {} : { primaryObject }),
    includeDefaultProperties: true,
    propertyDefinitions: properties.map(propertyBody),
  }
  await client.createEvent(body, context).catch(unlessTaken)
}

/** Adds a property to a kind of event; one that exists counts as made. */
export async function createEventProperty(
  client: EventEndpoints,
  event: string,
  definition: PropertyDefinition,
  context: CallContext,
): Promise<void> {
  await client.createEventProperty(event, propertyBody(definition), context).catch(unlessTaken)
}

const propertyBody = ({ name, label, type, options }: PropertyDefinition) => ({
  name,
  label,
  type,
  ...(options === undefined ? {} : { options }),
})

function unlessTaken(error: unknown): void {
  if (!(error instanceof DestinationError) || error.status !== 409) throw error
}

/**
 * Sends events in one request. HubSpot says of a whole request that it is accepted, or not.
 *
 * @returns one result per operation, in order
 */
export async function sendEvents(
  client: EventEndpoints,
  batch: Batch,
  context: CallContext,
): Promise<readonly RecordResult[]> {
  const inputs = batch.operations.map((operation) => eventInput(operation, batch.matchProperty))
  const { requestId, correlationId } = await client.sendEvents(inputs, context)
  return batch.operations.map(({ sequence }) => ({
    sequence,
    outcome: 'succeeded',
    requestId,
    ...(correlationId === undefined ? {} : { correlationId }),
  }))
}

/** A record's id says whom the event is about; without one the match value does, and the property what that is. */
function eventInput(
  { sequence, recordId, matchValue, properties, event }: Operation,
  matchProperty: string | undefined,
): EventInput {
  if (event === undefined) throw new TypeError(`operation ${sequence}: no event to send`)
  const { name, uuid, occurredAt } = event
  const value = matchValue ?? ''
  return {
    eventName: name,
    uuid,
    occurredAt,
    ...(recordId !== undefined
      ? { objectId: recordId }
      : matchProperty === 'email'
        ? { email: value }
        : matchProperty === 'utk'
          ? { utk: value }
          : { objectId: value }),
    properties,
  }
}

/**
 * HubSpot keeps the first event of a uuid and turns the others away. Whether it says so is not documented: where it does, the event is
 * there.
 */
export const isRepeated = (error: DestinationError): boolean =>
  /\buuid\b/i.test(error.vendorMessage ?? '') &&
  /\b(already|duplicate|duplicated|exists|unique)\b/i.test(error.vendorMessage ?? '')
