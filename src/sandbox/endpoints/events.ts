import { type Answer, answer, NO_CONTENT, refuseInvalid, refuseMissing } from '../answers.ts'
import type { EventDefinition } from '../store/event.ts'
import { addEventProperty, defineEvent, findEvent } from '../store/event-definitions.ts'
import { isoTime } from '../store/object-type.ts'
import type { Portal } from '../store/portal.ts'
import { receiveEvents } from '../store/receive-events.ts'
import { type ApiRequest, type Endpoint, isObject, param } from './request.ts'

/** Events per batch. https://developers.hubspot.com/docs/api-reference/legacy/events/send-event-completions/guide */
const MAX_BATCH_EVENTS = 500
const DEFAULT_PAGE = 100

/** `GET /events/v3/event-definitions`: pages of definitions by name. */
export const listEvents: Endpoint = ({ query }, { portal }) => {
  const sought = query.get('searchString')?.toLowerCase() ?? ''
  const hasProperties = query.get('includeProperties') === 'true'
  const start = Number(query.get('after') ?? 0)
  const limit = Number(query.get('limit') ?? DEFAULT_PAGE)
  const found = [...portal.events.definitions.values()]
    .filter(({ name, label }) => `${name} ${label.toLowerCase()}`.includes(sought))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  const end = start + limit
  return answer(200, {
    total: found.length,
    results: found.slice(start, end).map((each) => render(each, hasProperties)),
    ...(end < found.length ? { paging: { next: { after: String(end) } } } : {}),
  })
}

/** `GET …/{eventName}`, by internal or full name. */
export const getEvent: Endpoint = (request, { portal }) =>
  onEvent(request, portal, (definition) => answer(200, render(definition, true)))

/** `POST /events/v3/event-definitions`. */
export const postEvent: Endpoint = (request, { portal }) => {
  const made = defineEvent(portal, request.body, request.now)
  return 'refusal' in made ? made.refusal : answer(201, render(made.definition, true))
}

/** `DELETE …/{eventName}`. */
export const deleteEvent: Endpoint = (request, { portal }) =>
  onEvent(request, portal, ({ name }) => {
    portal.events.definitions.delete(name)
    return NO_CONTENT
  })

/** `POST …/{eventName}/property`. */
export const postEventProperty: Endpoint = (request, { portal }) =>
  onEvent(request, portal, (definition) => {
    const made = addEventProperty(portal, definition, request.body, request.now)
    return 'refusal' in made ? made.refusal : answer(201, made.property.definition)
  })

/** `POST /events/v3/send`. */
export const sendEvent: Endpoint = ({ body, now }, { portal }) => {
  if (!isObject(body)) return refuseInvalid('Invalid input JSON: an object was expected.')
  return receiveEvents(portal, [body], now) ?? NO_CONTENT
}

/** `POST /events/v3/send/batch`: 204 for all of them, or a refusal of all of them. */
export const sendEvents: Endpoint = ({ body, now }, { portal }) => {
  const inputs = isObject(body) ? body['inputs'] : undefined
  if (!Array.isArray(inputs) || !inputs.every(isObject))
    return refuseInvalid('Some required fields were not set: [inputs]')
  if (inputs.length > MAX_BATCH_EVENTS) {
    return refuseInvalid(
      `The maximum number of events in a batch request is ${MAX_BATCH_EVENTS}. Received ${inputs.length}.`,
    )
  }
  return receiveEvents(portal, inputs, now) ?? NO_CONTENT
}

function onEvent(
  request: ApiRequest,
  portal: Portal,
  run: (definition: EventDefinition) => Answer,
): Answer {
  const name = param(request, 'eventName')
  const definition = findEvent(portal, name)
  return definition === undefined
    ? refuseMissing(`Event definition ${name} does not exist`)
    : run(definition)
}

function render(definition: EventDefinition, hasProperties: boolean) {
  const { label, properties, createdAt, ...rest } = definition
  return {
    ...rest,
    labels: { singular: label, plural: label },
    archived: false,
    associations: [],
    properties: hasProperties
      ? [...properties.values()].map((property) => property.definition)
      : [],
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(createdAt),
  }
}
