import { z } from 'zod'
import { common, contact, recordReference } from './common-schema.ts'
import { flag, key, nonEmpty } from './values-schema.ts'

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
