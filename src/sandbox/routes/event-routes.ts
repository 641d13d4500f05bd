import {
  deleteEvent,
  getEvent,
  listEvents,
  postEvent,
  postEventProperty,
  sendEvent,
  sendEvents,
} from '../endpoints/events.ts'
import { otherScopes } from '../scopes.ts'
import { area, DATED_VERSION, type Route } from './route.ts'

const DEFINE = [otherScopes.defineEvents]

const definitions = area(
  '/events/v3/event-definitions',
  `/events/${DATED_VERSION}/event-definitions`,
  {
    read: DEFINE,
    write: DEFINE,
  },
)
const sending = area('/events/v3/send', `/events/${DATED_VERSION}/send`, {
  read: [],
  write: [otherScopes.sendEvents],
})

/** Kinds of behavioural events, and sending them: that counts against no limit but the one of its own. */
export const EVENT_ROUTES: readonly Route[] = [
  definitions('read', 'events.list', 'GET', listEvents),
  definitions('define', 'events.define', 'POST', postEvent),
  definitions('read', 'events.get', 'GET /{eventName}', getEvent),
  definitions('define', 'events.delete', 'DELETE /{eventName}', deleteEvent),
  definitions('define', 'events.property', 'POST /{eventName}/property', postEventProperty),
  { ...sending('write', 'events.send', 'POST', sendEvent), isExempt: true },
  { ...sending('write', 'events.send.batch', 'POST /batch', sendEvents), isExempt: true },
]
