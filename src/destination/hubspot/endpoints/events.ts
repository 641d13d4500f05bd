import { type CallContext, type Calls, pageAfter } from '../calls.ts'
import type { Reply } from '../exchange.ts'

/** An event, as it is sent. */
export interface EventInput {
  readonly eventName: string
  readonly uuid: string
  readonly occurredAt: string
  readonly objectId?: string
  readonly email?: string
  readonly utk?: string
  readonly properties: Readonly<Record<string, string>>
}

/** Behavioural events: their definitions, and what happened. */
export interface EventEndpoints {
  /** By internal or full name. */
  getEvent(name: string, context: CallContext): Promise<Reply>
  /** Properties included. @param after where the page begins */
  listEvents(after: string | undefined, context: CallContext): Promise<Reply>
  createEvent(body: unknown, context: CallContext): Promise<Reply>
  createEventProperty(event: string, body: unknown, context: CallContext): Promise<Reply>
  sendEvents(inputs: readonly EventInput[], context: CallContext): Promise<Reply>
}

const EVENTS = '/events/v3/event-definitions'

export const eventEndpoints = ({ read, write, define, get, post }: Calls): EventEndpoints => ({
  getEvent: (name, context) =>
    read({ action: 'read an event' }, context, get(`${EVENTS}/${encodeURIComponent(name)}`)),
  listEvents: (after, context) =>
    read(
      { action: 'list the events' },
      context,
      get(`${EVENTS}?limit=100&includeProperties=true${pageAfter(after)}`),
    ),
  createEvent: (body, context) =>
    define({ action: 'create an event', size: 1 }, context, EVENTS, body),
  createEventProperty: (event, body, context) =>
    define(
      { action: `create a property of ${event}`, size: 1 },
      context,
      `${EVENTS}/${encodeURIComponent(event)}/property`,
      body,
    ),
  sendEvents: (inputs, context) => {
    const size = inputs.length
    return write(
      { action: `send ${size} events`, size, lane: 'events' },
      context,
      post('/events/v3/send/batch', { inputs }),
    )
  },
})
