import { z } from 'zod'
import { syncGate } from './sync-gate.ts'
import {
  columnName,
  count,
  flag,
  guards,
  invalidPolicy,
  key,
  nonEmpty,
  nullPolicy,
  primaryKey,
  timeZone,
} from './values-schema.ts'

/** Sync names are parts of table names. */
const syncName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_-]{0,49}$/,
    'must be 1 to 50 letters, digits, `_` or `-`, and begin with a letter or `_`',
  )

/** Which rows the first run of an insert sends. */
export const start = z.union([
  z.enum(['all', 'now']),
  z.strictObject({
    column: key(columnName, {
      description: 'Timestamp column that says when the row came to be.',
      examples: ['created_at'],
    }),
    from: key(nonEmpty, {
      description:
        'Rows before this moment (UTC without a zone), and rows whose column is NULL, are taken as known without being sent.',
      examples: ['2026-01-01'],
    }),
  }),
])

/** Keys of every type of sync. */
export const common = {
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
  where: key(nonEmpty.optional(), {
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
    description:
      'The name that the sync had before it was renamed, so that its state is kept. No sync of the project may have the old name any more. Take the key out once every target has run under the new name.',
    defaultText: 'none',
    examples: ['customers'],
  }),
  gate: key(syncGate.optional(), {
    description:
      "What dbt's results have to say of the model before the sync may run: `tests` (it was built, and no test of it failed or was skipped), `build` (it was built; such tests warn), or `off` (nothing).",
    defaultText: '`tests`',
    examples: ['build', { upstream: ['stg_customers'] }],
  }),
} as const

/** How an event or a list finds the contact. */
export const contact = z.strictObject({
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

/** A record of any object by its id. */
export const recordReference = z.strictObject({
  object: key(nonEmpty, { description: 'HubSpot object.', examples: ['deals'] }),
  id: key(columnName, { description: 'Column that holds the record id.', examples: ['deal_id'] }),
})
