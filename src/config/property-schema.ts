import { z } from 'zod'
import {
  columnName,
  flag,
  invalidPolicy,
  key,
  nonEmpty,
  nullPolicy,
  timeZone,
} from './values-schema.ts'

const AS = [
  'text',
  'number',
  'boolean',
  'date',
  'datetime',
  'epoch_s',
  'epoch_ms',
  'option_label',
  'owner_email',
  'multi',
] as const

const PROPERTY_TYPES = ['string', 'number', 'bool', 'enumeration', 'date', 'datetime'] as const

const option = z.union([
  nonEmpty,
  z.strictObject({
    value: key(nonEmpty, { description: 'Internal value of the option.', examples: ['gold'] }),
    label: key(nonEmpty.optional(), {
      description: 'What people see in HubSpot.',
      defaultText: 'the value',
      examples: ['Gold plan'],
    }),
  }),
])

/** How a value is written, wherever the mapping is declared. */
const treatment = {
  as: key(z.enum(AS).optional(), {
    description:
      "How the column is cast to HubSpot's wire form, where the column's own type does not say it: `epoch_s` and `epoch_ms` count seconds or milliseconds since 1970, `multi` joins an array for a multi-checkbox, `option_label` takes the label of an option, a pipeline or a stage for its internal value, `owner_email` an owner's e-mail address for the owner's id.",
    defaultText: "the property's type decides",
    examples: ['date'],
  }),
  timezone: key(timeZone.optional(), {
    description: 'IANA time zone of timestamps without a zone.',
    defaultText: '`timezone` of the sync, else UTC',
    examples: ['Europe/Berlin'],
  }),
  nulls: key(nullPolicy.optional(), {
    description:
      'What NULL does: `clear` clears what this sync sent before and leaves the property alone otherwise, `clear_always` clears in any case, `keep` never clears.',
    defaultText: '`nulls` of the sync, else `clear`',
    examples: ['keep'],
  }),
  write: key(z.enum(['always', 'create_only', 'if_empty']).default('always'), {
    description:
      'When the property is written: `always`, only when the record is created (`create_only`), or only when it is empty in HubSpot (`if_empty`). The last two read the record first.',
    examples: ['create_only'],
  }),
  on_invalid: key(invalidPolicy.optional(), {
    description:
      'What one bad value costs: the whole row (`reject_row`), or just this property (`drop_property`).',
    defaultText: '`on_invalid` of the sync, else `reject_row`',
    examples: ['drop_property'],
  }),
  shared: key(flag.default(false), {
    description: 'Says that another sync may write this property of the same object, too.',
    examples: [true],
  }),
  allow_backwards: key(flag.default(false), {
    description:
      'For `lifecyclestage`: HubSpot ignores a step backwards unless the property is cleared first; this clears it, and reads the records whose stage is not known.',
    examples: [true],
  }),
  create_missing: key(flag.default(false), {
    description: 'Creates the property in HubSpot when it does not exist.',
    examples: [true],
  }),
  type: key(z.enum(PROPERTY_TYPES).optional(), {
    description: 'Type of the property that `create_missing` creates.',
    defaultText: "derived from the column's type",
    examples: ['enumeration'],
  }),
  options: key(z.array(option).min(1).optional(), {
    description: 'Options of the property that `create_missing` creates.',
    defaultText: 'none',
    examples: [['gold', { value: 'silver', label: 'Silver plan' }]],
  }),
  unique: key(flag.default(false), {
    description:
      'Gives the property that `create_missing` creates unique values, so that records can be matched by it.',
    examples: [true],
  }),
}

/** The long form of one line in `properties`. */
export const propertyObject = z.strictObject({
  column: key(columnName.optional(), {
    description: 'Column that holds the value.',
    defaultText: 'none; exactly one of `column`, `value` and `template` is given',
    examples: ['signed_up_at'],
  }),
  value: key(z.union([nonEmpty, z.number(), flag]).optional(), {
    description: 'One value for all rows.',
    defaultText: 'none',
    examples: ['customer'],
  }),
  template: key(nonEmpty.optional(), {
    description:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the delimiters of our templates
      'Liquid template over the row, with `${ }` for output and `<% %>` for tags (see templates.md): rendered for rows that changed, and checked like a column of text.',
    defaultText: 'none',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the delimiters of our templates
    examples: ['Hi ${ row.first_name | capitalize }'],
  }),
  ...treatment,
})

/** One line in `properties`: a column's name, or the long form. */
export const property = z.union([columnName, propertyObject])

/** `config.meta.hubspot` of a column. */
export const columnMapping = z.strictObject({
  property: key(nonEmpty, {
    description: 'Internal name of the HubSpot property that this column fills.',
    examples: ['firstname'],
  }),
  sync: key(nonEmpty.optional(), {
    description: 'Which sync the mapping belongs to.',
    defaultText: "the model's only sync",
    examples: ['contacts'],
  }),
  ...treatment,
})

export type PropertyInput = z.infer<typeof property>
export type PropertyObject = z.infer<typeof propertyObject>
export type ColumnMapping = z.infer<typeof columnMapping>
