import { z } from 'zod'
import { property } from './property-schema.ts'
import {
  columnName,
  count,
  flag,
  guards,
  invalidPolicy,
  key,
  match,
  nonEmpty,
  nullPolicy,
  primaryKey,
  sqlPredicate,
  timeZone,
} from './values-schema.ts'

/** Sync names are parts of table names. */
const syncName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_-]{0,49}$/,
    'must be 1 to 50 letters, digits, `_` or `-`, and begin with a letter or `_`',
  )

const start = z.union([
  z.enum(['all', 'now']),
  z.strictObject({
    column: key(columnName, {
      description: 'Timestamp column that says when the row came to be.',
      examples: ['created_at'],
    }),
    from: key(nonEmpty, {
      description: 'Rows before this moment are taken as known without being sent.',
      examples: ['2026-01-01'],
    }),
  }),
])

/** Keys of every type of sync. */
const common = {
  sync: key(syncName.optional(), {
    description:
      'Stable name of the sync, unique in the project. It names the tables that hold its state.',
    defaultText: "the model's (or exposure's) name",
    examples: ['contacts'],
  }),
  enabled: key(flag.default(true), {
    description: 'False leaves the sync out of every command.',
    examples: [false],
  }),
  primary_key: key(primaryKey.optional(), {
    description: 'Column, or list of columns, that identifies a row of the model.',
    defaultText: 'the primary key that dbt inferred from tests and constraints (dbt 1.9 and later)',
    examples: ['customer_id', ['account_id', 'region']],
  }),
  where: key(sqlPredicate.optional(), {
    description:
      "SQL predicate over the model's columns; rows for which it is not true are no rows of the sync.",
    defaultText: 'all rows',
    examples: ['is_test = false'],
  }),
  guards: key(guards.optional(), {
    description:
      'Limits that stop a run before anything is written; `--force-guard` passes one once.',
    defaultText: 'see its keys',
    examples: [{ max_deletes: '10%', min_rows: 1, max_changes: 50000 }],
  }),
  timezone: key(timeZone.optional(), {
    description: 'IANA time zone of timestamps without a zone, for all properties of the sync.',
    defaultText: 'UTC',
    examples: ['Europe/Berlin'],
  }),
  nulls: key(nullPolicy.default('clear'), {
    description: 'What NULL does, for all properties that do not say it themselves.',
    examples: ['keep'],
  }),
  on_invalid: key(invalidPolicy.default('reject_row'), {
    description: 'What one bad value costs, for all properties that do not say it themselves.',
    examples: ['drop_property'],
  }),
  max_attempts: key(z.int().min(1).default(3), {
    description:
      'How often HubSpot may reject the same values of a row before the row is parked until it changes.',
    examples: [3],
  }),
  max_rejected: key(count.default(0), {
    description: 'Rejected rows that a run may have before it exits 1.',
    examples: [20],
  }),
  previous_name: key(syncName.optional(), {
    description: 'The name that the sync had before it was renamed, so that its state is kept.',
    defaultText: 'none',
    examples: ['customers'],
  }),
  tests: key(z.enum(['block', 'warn', 'ignore']).default('block'), {
    description: 'What failed dbt tests of the model do: hold the sync, warn, or nothing.',
    examples: ['warn'],
  }),
} as const

const association = z.strictObject({
  to: key(nonEmpty, { description: 'The other object.', examples: ['companies'] }),
  sync: key(nonEmpty.optional(), {
    description:
      "The sync whose rows are the other side; resolved from that sync's state without a call.",
    defaultText: 'none; exactly one of `sync`, `match` and `id` is given',
    examples: ['companies'],
  }),
  key: key(primaryKey.optional(), {
    description: "Column that holds the other sync's primary key.",
    defaultText: 'none; needed with `sync`',
    examples: ['account_id'],
  }),
  match: key(match.optional(), {
    description:
      'Property of the other object and the column that holds its value; looked up in HubSpot.',
    defaultText: 'none',
    examples: [{ domain: 'company_domain' }],
  }),
  id: key(columnName.optional(), {
    description: 'Column that holds record ids of the other object.',
    defaultText: 'none',
    examples: ['deal_ids'],
  }),
  split: key(z.string().min(1).optional(), {
    description: 'Separator when one text holds several targets.',
    defaultText: 'text is one target',
    examples: [','],
  }),
  label: key(nonEmpty.optional(), {
    description: 'Column that holds the label, or a label for all.',
    defaultText: 'the unlabelled link',
    examples: ['role'],
  }),
  type: key(z.union([nonEmpty, z.int().min(1)]).optional(), {
    description: 'Association type by name or id.',
    defaultText: "HubSpot's default type for the two objects",
    examples: [279],
  }),
  on_removed: key(z.enum(['keep', 'remove']).default('keep'), {
    description:
      'What happens to a link that left the model: `remove` takes off links that Backhaul made.',
    examples: ['remove'],
  }),
})

/** A sync of records of a standard or custom object. */
export const objectSync = z.strictObject({
  ...common,
  type: key(z.literal('object').default('object'), {
    description: 'What the sync writes: records of an object.',
    examples: ['object'],
  }),
  object: key(nonEmpty, {
    description:
      'HubSpot object: plural name, object type id, or fully qualified name of a custom object.',
    examples: ['contacts', '0-2', 'p12345678_machine'],
  }),
  mode: key(z.enum(['upsert', 'update', 'insert']).default('upsert'), {
    description:
      '`upsert` creates and updates, `update` touches only records that exist, `insert` only creates.',
    examples: ['update'],
  }),
  match: key(match.optional(), {
    description:
      'HubSpot property that finds the record, and the column that holds its value: a unique property, or `id` for the record id (mode `update`).',
    defaultText: 'none; needed unless the mode is `insert`',
    examples: [{ email: 'email' }],
  }),
  properties: key(z.record(z.string().min(1), property).default({}), {
    description:
      'HubSpot property (internal name) and where its value comes from: a column, or the long form.',
    examples: [{ firstname: 'first_name', signup_date: { column: 'signed_up_at', as: 'date' } }],
  }),
  associations: key(z.array(association).default([]), {
    description: 'Links from the record to records of other objects.',
    examples: [[{ to: 'companies', sync: 'companies', key: 'account_id' }]],
  }),
  on_delete: key(z.enum(['nothing', 'clear', 'delete']).default('nothing'), {
    description:
      'What happens to the record of a row that left the model: nothing, clear what the sync sent, or delete (restorable in HubSpot for 90 days).',
    examples: ['clear'],
  }),
  delete_adopted: key(flag.default(false), {
    description: 'With `on_delete: delete`: delete records that this sync did not create, too.',
    examples: [true],
  }),
  shared: key(flag.default(false), {
    description: 'Says that other syncs may write the same properties of the same object, too.',
    examples: [true],
  }),
  start: key(start.default('all'), {
    description:
      "For `mode: insert`: which of today's rows the first run sends. `now` takes them all as known without sending.",
    examples: ['now', { column: 'created_at', from: '2026-01-01' }],
  }),
  tracking_property: key(nonEmpty.optional(), {
    description:
      "A unique text property that holds the row's id, so that every create is safe to repeat.",
    defaultText: 'none',
    examples: ['backhaul_row_id'],
  }),
})

/** How an event or a list finds the contact. */
const contact = z.strictObject({
  email: key(columnName.optional(), {
    description: "Column that holds the contact's e-mail address.",
    defaultText: 'none; exactly one way is given',
    examples: ['email'],
  }),
  id: key(columnName.optional(), {
    description: "Column that holds the contact's record id.",
    defaultText: 'none',
    examples: ['hubspot_contact_id'],
  }),
  utk: key(columnName.optional(), {
    description: "Column that holds HubSpot's user token (events only).",
    defaultText: 'none',
    examples: ['hubspotutk'],
  }),
  sync: key(nonEmpty.optional(), {
    description: 'The sync that wrote the contacts.',
    defaultText: 'none',
    examples: ['contacts'],
  }),
  key: key(primaryKey.optional(), {
    description: "Column that holds that sync's primary key.",
    defaultText: 'none; needed with `sync`',
    examples: ['customer_id'],
  }),
})

const recordReference = z.strictObject({
  object: key(nonEmpty, { description: 'HubSpot object.', examples: ['deals'] }),
  id: key(columnName, { description: 'Column that holds the record id.', examples: ['deal_id'] }),
})

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

/** A sync of the members of a list ("segment"). */
export const listSync = z.strictObject({
  ...common,
  type: key(z.literal('list'), {
    description: 'What the sync writes: members of a list.',
    examples: ['list'],
  }),
  list: key(
    z
      .union([
        nonEmpty,
        z.strictObject({
          id: key(z.union([nonEmpty, z.int().min(1)]), {
            description: 'Id of a list that exists.',
            examples: [42],
          }),
        }),
      ])
      .optional(),
    {
      description: 'Name of the list, created when it is missing, or the id of a list to adopt.',
      defaultText: "the model's name",
      examples: ['Trial users', { id: 42 }],
    },
  ),
  object: key(nonEmpty.default('contacts'), {
    description: 'Object whose records are the members.',
    examples: ['companies'],
  }),
  mode: key(z.enum(['mirror', 'add', 'remove']).default('mirror'), {
    description:
      '`mirror` adds rows and removes rows that left, `add` only adds, `remove` takes the rows of the model off the list.',
    examples: ['add'],
  }),
  contact: key(contact.optional(), {
    description: 'How a row finds its contact.',
    defaultText: 'none; for other objects `record` is given',
    examples: [{ sync: 'contacts', key: 'customer_id' }],
  }),
  record: key(recordReference.optional(), {
    description: 'How a row finds its record of another object.',
    defaultText: 'none',
    examples: [{ object: 'companies', id: 'company_id' }],
  }),
  adopt: key(flag.default(false), {
    description: 'Takes over a list of that name that Backhaul did not make.',
    examples: [true],
  }),
  exact: key(flag.default(false), {
    description: 'Removes members that others added, too.',
    examples: [true],
  }),
})

export type ObjectSync = z.infer<typeof objectSync>

/** The schema for each `type:`. */
export const syncSchemas = { object: objectSync, event: eventSync, list: listSync } as const

export type SyncType = keyof typeof syncSchemas
