import type { As, Mapping, ObjectSchema, PropertyDefinition, PropertySchema } from '../../types.ts'
import type { Column, TypeFamily } from '../../warehouse/dialect.ts'

/** What HubSpot calls the type of a property that can hold a column (developers.hubspot.com/docs/api-reference/crm-properties-v3/guide). */
interface Shape {
  readonly type: string
  readonly fieldType: string
  readonly options?: readonly { readonly label: string; readonly value: string }[]
  /** Its values are the ids of owners. */
  readonly holdsOwner?: true
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
const chosen = (fieldType: string): Shape => ({ type: 'enumeration', fieldType })

const byAs: Readonly<Record<As, Shape>> = {
  text,
  number,
  boolean,
  date,
  datetime,
  epoch_s: datetime,
  epoch_ms: datetime,
  option_label: chosen('select'),
  owner_email: { type: 'enumeration', fieldType: 'select', holdsOwner: true },
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

const byType: Readonly<Record<string, Shape>> = {
  string: text,
  number,
  bool: boolean,
  enumeration: chosen('select'),
  date,
  datetime,
}

/** What stands where options would have to be given. */
const unknownOptions = [{ label: '…', value: '…' }]

/** The group of new properties on an object that has none to write. */
export const ownGroup = { name: 'backhaul', label: 'Backhaul' } as const

/** What a property would be made as. @param column that fills it, when there is one */
export function definitionOf(
  { property, source, definition: draft }: Mapping,
  isMatch: boolean,
  schema: ObjectSchema,
  column: Column | undefined,
): PropertyDefinition {
  const as = source.kind === 'column' ? source.as : undefined
  const shape = shapeOf(as, draft, column)
  const options = draft?.options ?? shape.options
  const isLacking = shape.type === 'enumeration' && shape.holdsOwner !== true
  const listed = options ?? (isLacking ? unknownOptions : undefined)
  return {
    name: property,
    label: property,
    type: shape.type,
    fieldType: shape.fieldType,
    groupName: groupOf(schema),
    ...(listed === undefined
      ? {}
      : {
          options: listed.map((option, displayOrder) => ({
            label: option.label,
            value: option.value,
            hidden: false,
            displayOrder,
          })),
        }),
    ...(isMatch || draft?.isUnique === true ? { hasUniqueValue: true as const } : {}),
    ...(shape.holdsOwner === true
      ? { externalOptions: true as const, referencedObjectType: 'OWNER' as const }
      : {}),
  }
}

function shapeOf(
  as: As | undefined,
  draft: Mapping['definition'],
  column: Column | undefined,
): Shape {
  const cast = as === undefined ? undefined : byAs[as]
  const type = draft?.type ?? (draft?.options === undefined ? undefined : 'enumeration')
  if (type === undefined) return cast ?? (column && byFamily[column.family]) ?? text
  if (type !== 'enumeration') return byType[type] ?? text
  const isSeveral = as === 'multi' || (as === undefined && column?.family === 'array')
  return isSeveral ? chosen('checkbox') : cast?.type === 'enumeration' ? cast : chosen('select')
}

/** Why a property cannot be made so; undefined when it can. */
export function whyNotDefinable({
  name,
  type,
  options,
  hasUniqueValue,
}: PropertyDefinition): { readonly message: string; readonly hint: string } | undefined {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    return {
      message: `${name} can be no internal name of a property`,
      hint: 'It begins with a letter and has small letters, digits and underscores only.',
    }
  }
  if (options?.some(({ value }) => value === unknownOptions[0]?.value)) {
    return {
      message: `${name} would hold one of several options, and the sync does not say which`,
      hint: 'Give `options: [...]` in the mapping, or another `type:`.',
    }
  }
  if (hasUniqueValue && type !== 'string' && type !== 'number') {
    return {
      message: `${name} would be of type ${type}, which cannot have unique values`,
      hint: 'Say `type: string` or `type: number`, or leave `unique` out.',
    }
  }
  return undefined
}

/** The property as HubSpot will describe it once it is made; parts of an event stand in no group. */
export function propertyOf(
  definition: Omit<PropertyDefinition, 'groupName'> & Partial<PropertyDefinition>,
): PropertySchema {
  const { name, label, type, fieldType, groupName, options = [] } = definition
  return {
    name,
    label,
    type,
    fieldType,
    ...(groupName === undefined ? {} : { groupName }),
    options: options.map(({ value, label: of }) => ({ value, label: of, isHidden: false })),
    hasExternalOptions: definition.externalOptions === true,
    isUnique: definition.hasUniqueValue === true,
    isReadOnly: false,
    isCalculated: false,
    isArchived: false,
    isHidden: false,
  }
}

/** The group that holds most of the properties one can write: on HubSpot's own objects `contactinformation` and its like. */
export function groupOf(schema: ObjectSchema): string {
  if (schema.told !== undefined) return schema.told.group ?? ownGroup.name
  const sizes = new Map<string, number>()
  for (const { groupName, isReadOnly, isArchived } of schema.properties.values()) {
    if (groupName === undefined || isReadOnly || isArchived) continue
    sizes.set(groupName, (sizes.get(groupName) ?? 0) + 1)
  }
  const [largest] = [...sizes].sort((a, b) => b[1] - a[1])
  return largest?.[0] ?? ownGroup.name
}
