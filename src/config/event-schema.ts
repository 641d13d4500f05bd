import { z } from 'zod'
import { common, contact, recordReference, start } from './common-schema.ts'
import { property } from './property-schema.ts'
import { columnName, flag, key, nonEmpty, timeZone } from './values-schema.ts'

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
  occurred_at: key(
    z
      .union([
        columnName,
        z.strictObject({
          column: key(columnName, {
            description: 'Column that says when it happened.',
            examples: ['occurred_at'],
          }),
          as: key(z.enum(['datetime', 'epoch_s', 'epoch_ms']).optional(), {
            description:
              'How a column of numbers is read: as seconds or milliseconds since 1970. Never guessed.',
            defaultText: "the column's type decides",
            examples: ['epoch_ms'],
          }),
          timezone: key(timeZone.optional(), {
            description: 'IANA time zone of timestamps without a zone.',
            defaultText: '`timezone` of the sync, else UTC',
            examples: ['Europe/Berlin'],
          }),
        }),
      ])
      .optional(),
    {
      description:
        'Column that says when it happened: a timestamp, a date, or ISO 8601 text; the long form for seconds or milliseconds since 1970.',
      defaultText:
        'the moment at which the row is first sent, which also stands for NULL and is kept',
      examples: ['occurred_at', { column: 'occurred_ms', as: 'epoch_ms' }],
    },
  ),
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
  create_missing: key(flag.default(false), {
    description:
      'Creates the event in HubSpot when it does not exist, and properties that it lacks. For one event by name.',
    examples: [true],
  }),
  start: key(start.default('all'), {
    description: "Which of today's rows the first run sends.",
    examples: ['now'],
  }),
  on_missing_contact: key(z.enum(['reject', 'create']).default('reject'), {
    description:
      'What happens to an event whose contact HubSpot does not know. `create` goes with `contact: {email: …}`: HubSpot makes the contact.',
    examples: ['create'],
  }),
})

export type EventSync = z.infer<typeof eventSync>
