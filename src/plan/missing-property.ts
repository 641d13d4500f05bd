import type { Problem } from '../errors.ts'
import { suggest } from '../suggest.ts'
import type { As, Mapping, ObjectSchema, Sync } from '../types.ts'
import type { Column, TypeFamily } from '../warehouse/dialect.ts'

/** What HubSpot calls the type of a property that can hold a column (developers.hubspot.com/docs/api-reference/crm-properties-v3/guide). */
interface Shape {
  readonly type: string
  readonly fieldType: string
  readonly options?: readonly { readonly label: string; readonly value: string }[]
}

const text: Shape = { type: 'string', fieldType: 'text' }
const number: Shape = { type: 'number', fieldType: 'number' }
const boolean: Shape = {
  type: 'bool',
  fieldType: 'booleancheckbox',
  options: [
    { label: 'Yes', value: 'true' },
    { label: 'No', value: 'false' },
  ],
}
const date: Shape = { type: 'date', fieldType: 'date' }
const datetime: Shape = { type: 'datetime', fieldType: 'date' }
const chosen = (fieldType: string): Shape => ({
  type: 'enumeration',
  fieldType,
  options: [{ label: '…', value: '…' }],
})

const byAs: Readonly<Record<As, Shape>> = {
  text,
  number,
  boolean,
  date,
  datetime,
  epoch_s: datetime,
  epoch_ms: datetime,
  option_label: chosen('select'),
  owner_email: text,
  multi: chosen('checkbox'),
}

const byFamily: Partial<Readonly<Record<TypeFamily, Shape>>> = {
  integer: number,
  decimal: number,
  float: number,
  boolean,
  date,
  timestamp: datetime,
  timestamptz: datetime,
  array: chosen('checkbox'),
}

/**
 * What to say of a property that the portal does not have: the name that was meant, else how to make it.
 *
 * @param column that fills it, when there is one
 */
export function missingProperty(
  mapping: Mapping,
  sync: Sync,
  schema: ObjectSchema,
  column: Column | undefined,
): Omit<Problem, 'where'> {
  const { property: name } = mapping
  const labelled = [...schema.properties.values()].find(
    (property) => property.label.toLowerCase() === name.toLowerCase(),
  )
  if (labelled !== undefined) {
    return {
      message: `${name} is the label of a ${schema.name} property; its internal name is ${labelled.name}`,
      hint: `Write ${labelled.name}.`,
    }
  }
  const near = suggest(name, schema.properties.keys())
  const definition = definitionOf(mapping, isKeyOf(sync, name), schema, column)
  return {
    message: `HubSpot has no ${schema.name} property ${name}`,
    hint: near === undefined ? request(schema, definition) : `Did you mean \`${near}\`?`,
  }
}

/** Properties that are made with unique values. */
const isKeyOf = ({ match, trackingProperty }: Sync, name: string): boolean =>
  match?.property === name || trackingProperty === name

const request = ({ name }: ObjectSchema, definition: string): string =>
  `Create it in HubSpot first, e.g. POST /crm/v3/properties/${name} ${definition}`

/** How to make a property for text, with unique values. */
export const uniqueTextProperty = (name: string, schema: ObjectSchema): string =>
  request(
    schema,
    spaced({ name, label: name, ...text, groupName: groupOf(schema), hasUniqueValue: true }),
  )

/** The body of the request that makes the property. */
function definitionOf(
  { property, source }: Mapping,
  isMatch: boolean,
  schema: ObjectSchema,
  column: Column | undefined,
): string {
  const as = source.kind === 'column' ? source.as : undefined
  const { type, fieldType, options } =
    as === undefined ? ((column && byFamily[column.family]) ?? text) : byAs[as]
  return spaced({
    name: property,
    label: property,
    type,
    fieldType,
    groupName: groupOf(schema),
    ...(options === undefined
      ? {}
      : { options: options.map((option) => ({ ...option, hidden: false })) }),
    ...(isMatch ? { hasUniqueValue: true } : {}),
  })
}

/** The group that holds most of the properties one can write: on HubSpot's own objects `contactinformation` and its like. */
function groupOf(schema: ObjectSchema): string {
  const sizes = new Map<string, number>()
  for (const { groupName, isReadOnly, isArchived } of schema.properties.values()) {
    if (groupName === undefined || isReadOnly || isArchived) continue
    sizes.set(groupName, (sizes.get(groupName) ?? 0) + 1)
  }
  const [largest] = [...sizes].sort((a, b) => b[1] - a[1])
  return largest?.[0] ?? '…'
}

/** JSON with a space after commas and colons, as people write it on one line. */
function spaced(value: unknown): string {
  return JSON.stringify(value, undefined, 1)
    .replaceAll(/\n\s*/g, ' ')
    .replaceAll(/([{[]) | ([}\]])/g, '$1$2')
}
