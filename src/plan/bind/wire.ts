import type { As, PropertySchema } from '../../types.ts'
import type { TypeFamily, WireForm } from '../../warehouse/dialect.ts'

type WireKind = WireForm['kind']

/** Which families of column types can be given each wire form; text is checked row by row. */
const readableFrom: Readonly<Record<WireKind, readonly TypeFamily[]>> = {
  text: [
    'text',
    'integer',
    'decimal',
    'float',
    'boolean',
    'date',
    'timestamp',
    'timestamptz',
    'time',
    'uuid',
    'json',
    'other',
  ],
  number: ['integer', 'decimal', 'float', 'text'],
  boolean: ['boolean', 'text', 'integer'],
  date: ['date', 'timestamp', 'timestamptz', 'text'],
  datetime: ['date', 'timestamp', 'timestamptz', 'text'],
  multi: ['array', 'json', 'text', 'integer', 'boolean'],
}

const epochFamilies: readonly TypeFamily[] = ['integer', 'decimal', 'float']

/** The wire form HubSpot wants for a property, unless `as` says otherwise. */
function kindOf(schema: PropertySchema): WireKind | undefined {
  switch (schema.type) {
    case 'string':
    case 'phone_number':
      return 'text'
    case 'number':
      return 'number'
    case 'bool':
      return 'boolean'
    case 'date':
      return 'date'
    case 'datetime':
      return 'datetime'
    case 'enumeration':
      if (schema.fieldType === 'checkbox') return 'multi'
      return 'text'
    default:
      return undefined
  }
}

/** Labels are read as the property holds options, one or several; addresses of owners as text. */
function kindFor(as: Exclude<As, 'epoch_s' | 'epoch_ms'> | undefined, wanted: WireKind): WireKind {
  if (as === 'owner_email') return 'text'
  if (as === 'option_label') return wanted === 'multi' ? 'multi' : 'text'
  return as ?? wanted
}

/**
 * How a column's values travel to a property.
 *
 * @returns the wire form, or why there is none
 */
export function wireForm(
  schema: PropertySchema,
  family: TypeFamily,
  as: As | undefined,
  timezone: string | undefined,
): WireForm | { readonly message: string; readonly hint: string } {
  const wanted = kindOf(schema)
  if (wanted === undefined) {
    return {
      message: `Properties of type ${schema.type} cannot be written`,
      hint: 'Remove this line from the mapping.',
    }
  }
  const zone = timezone === undefined ? {} : { timezone }
  if (as === 'epoch_s' || as === 'epoch_ms') {
    if (!epochFamilies.includes(family) || (wanted !== 'date' && wanted !== 'datetime')) {
      return {
        message: `as: ${as} needs a number column and a date or datetime property; the column is ${family}, the property ${schema.type}`,
        hint: 'Remove `as:` or map another column.',
      }
    }
    return { kind: wanted, epoch: as === 'epoch_s' ? 's' : 'ms' }
  }
  const kind = kindFor(as, wanted)
  if (readableFrom[kind].includes(family)) return { kind, ...zone }
  const hint =
    epochFamilies.includes(family) && (kind === 'date' || kind === 'datetime')
      ? 'If the column counts seconds or milliseconds since 1970, say `as: epoch_s` or `as: epoch_ms`.'
      : 'Cast the column in the model, or map another one.'
  return {
    message: `A ${family} column cannot be sent to a ${schema.type} property${kind === wanted ? '' : ` as ${kind}`}`,
    hint,
  }
}
