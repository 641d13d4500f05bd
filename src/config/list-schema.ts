import { z } from 'zod'
import { common, contact } from './common-schema.ts'
import { columnName, flag, key, nonEmpty, primaryKey } from './values-schema.ts'

/** A record of the object whose records the list holds. */
const member = z.strictObject({
  object: key(nonEmpty.optional(), {
    description: 'HubSpot object, the same as `object` of the sync.',
    defaultText: '`object` of the sync',
    examples: ['companies'],
  }),
  id: key(columnName.optional(), {
    description: 'Column that holds the record id.',
    defaultText: 'none; either `id` or `sync` is given',
    examples: ['company_id'],
  }),
  sync: key(nonEmpty.optional(), {
    description: 'The sync that wrote the records.',
    defaultText: 'none',
    examples: ['companies'],
  }),
  key: key(primaryKey.optional(), {
    description: "Column that holds that sync's primary key.",
    defaultText: 'none; needed with `sync`',
    examples: ['account_id'],
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
  object: key(nonEmpty.optional(), {
    description: 'Object whose records are the members.',
    defaultText: 'that of `record`, else contacts',
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
  record: key(member.optional(), {
    description: 'How a row finds its record of another object.',
    defaultText: 'none',
    examples: [{ id: 'company_id' }, { sync: 'companies', key: 'account_id' }],
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

export type ListSync = z.infer<typeof listSync>
