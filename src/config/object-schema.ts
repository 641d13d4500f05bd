import { z } from 'zod'
import { common, start } from './common-schema.ts'
import { property } from './property-schema.ts'
import { columnName, flag, key, match, nonEmpty, primaryKey } from './values-schema.ts'

const association = z.strictObject({
  to: key(nonEmpty, {
    description: 'The other object, named as in `object`.',
    examples: ['companies'],
  }),
  sync: key(nonEmpty.optional(), {
    description:
      "The sync whose rows are the other side; resolved from that sync's state without a call.",
    defaultText: 'none; exactly one of `sync`, `match` and `id` is given',
    examples: ['companies'],
  }),
  key: key(primaryKey.optional(), {
    description:
      "Column that holds the other sync's primary key; a list of columns for a key of several.",
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
  split: key(z.string().min(1, 'must not be empty').optional(), {
    description: 'Separator when one text holds several targets or labels.',
    defaultText: 'text is one target, and one label',
    examples: [','],
  }),
  label: key(
    z
      .union([
        nonEmpty,
        z.array(nonEmpty).min(1),
        z.strictObject({
          column: key(columnName.optional(), {
            description: 'Column that holds the label of each link, or a list of them.',
            defaultText: 'none; exactly one of `column` and `value` is given',
            examples: ['role'],
          }),
          value: key(z.union([nonEmpty, z.array(nonEmpty).min(1)]).optional(), {
            description: 'A label for all links, or several.',
            defaultText: 'none',
            examples: ['Decision maker', ['Decision maker', 'Billing contact']],
          }),
        }),
      ])
      .optional(),
    {
      description:
        'Label of the links: the name of a column that holds it, a label for all links, a list of labels, or the long form where a column and a label have one name.',
      defaultText: 'the unlabelled link',
      examples: ['role', ['Decision maker', 'Billing contact'], { value: 'role' }],
    },
  ),
  type: key(z.union([nonEmpty, z.int().min(1)]).optional(), {
    description:
      'Association type in place of a label, by id or label: `backhaul inspect associations` lists them.',
    defaultText: "HubSpot's default type for the two objects",
    examples: [279, 'Primary'],
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
      'HubSpot object: plural name, object type id, or name, label or fully qualified name of a custom object.',
    examples: ['contacts', '0-2', 'p12345678_machine'],
  }),
  mode: key(z.enum(['upsert', 'update', 'insert']).default('upsert'), {
    description:
      '`upsert` creates and updates, `update` touches only records that exist, `insert` only creates.',
    examples: ['update'],
  }),
  match: key(match.optional(), {
    description:
      'HubSpot property that finds the record, and the column that holds its value: one with unique values, `id` for the record id (mode `update`), or any other, which costs searches.',
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

export type ObjectSync = z.infer<typeof objectSync>

export type AssociationInput = z.infer<typeof association>
