import { z } from 'zod'
import { common, contact, recordReference, start } from './common-schema.ts'
import { property } from './property-schema.ts'
import { columnName, key, nonEmpty } from './values-schema.ts'

/** A sync of behavioural events. */
export const eventSync = z.strictObject({
  ...common,
  type: key(z.literal('event'), {
    description: 'What the sync writes: behavioural events.',
    examples: ['event'],
  }),
  event: key(
    z.union([
      nonEmpty,
      z.strictObject({
        column: key(columnName, {
          description: "Column that holds the event's name.",
          examples: ['event_name'],
        }),
      }),
    ]),
    {
      description: 'Name of the event: one for all rows, or a column.',
      examples: ['pe12345678_job_scheduled', { column: 'event_name' }],
    },
  ),
  mode: key(z.literal('insert').default('insert'), {
    description: 'Events are only ever added.',
    examples: ['insert'],
  }),
  occurred_at: key(columnName.optional(), {
    description: 'Timestamp column that says when it happened.',
    defaultText: 'the moment of the first attempt',
    examples: ['occurred_at'],
  }),
  contact: key(contact.optional(), {
    description: 'The contact that the event belongs to.',
    defaultText: 'none; exactly one of `contact` and `record` is given',
    examples: [{ email: 'email' }],
  }),
  record: key(recordReference.optional(), {
    description: 'The record of another object that the event belongs to.',
    defaultText: 'none',
    examples: [{ object: 'deals', id: 'deal_id' }],
  }),
  properties: key(z.record(z.string().min(1), property).default({}), {
    description: 'Property of the event and where its value comes from.',
    examples: [{ quantity: 'quantity' }],
  }),
  start: key(start.default('all'), {
    description: "Which of today's rows the first run sends.",
    examples: ['now'],
  }),
  on_missing_contact: key(z.enum(['reject', 'create']).default('reject'), {
    description: 'What happens to an event whose contact HubSpot does not know.',
    examples: ['create'],
  }),
})
