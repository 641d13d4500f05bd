import { type Answer, refuse, refuseInvalid } from '../answers.ts'
import { isoTime, type ObjectType } from './object-type.ts'
import type { Portal } from './portal.ts'
import type { Property, PropertyOption } from './property.ts'
import { addUniqueIndex } from './records.ts'
import { storedProperty } from './stored-property.ts'

/** Unique properties an object type may have. https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide */
const MAX_UNIQUE_PROPERTIES = 10

/** Field types that go with each type. https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide */
const FIELD_TYPES: Readonly<Record<string, readonly string[]>> = {
  bool: ['booleancheckbox', 'calculation_equation'],
  enumeration: ['booleancheckbox', 'checkbox', 'radio', 'select', 'calculation_equation'],
  date: ['date'],
  datetime: ['date'],
  string: ['file', 'text', 'textarea', 'html', 'phonenumber', 'calculation_equation'],
  number: ['number', 'calculation_equation'],
  phone_number: ['phonenumber', 'text'],
}

/** A definition that was stored, or why it was not. */
export type Defined = { readonly property: Property } | { readonly refusal: Answer }

/** Creates a property; posting the name of an archived one restores it. */
export function createProperty(
  portal: Portal,
  type: ObjectType,
  body: unknown,
  now: number,
): Defined {
  if (!isFields(body))
    return { refusal: refuseInvalid('Invalid input JSON: an object was expected.') }
  const refusal = refuseFields(body) ?? refuseState(type, body)
  if (refusal !== undefined) return { refusal }
  const property = propertyFrom(body, type, now)
  store(portal, type, property)
  if (property.hasUniqueValue) addUniqueIndex(type, property.name)
  else type.unique.delete(property.name)
  return { property }
}

/** Changes a definition. `hasUniqueValue` is set at creation only and ignored here. */
export function changeProperty(
  portal: Portal,
  type: ObjectType,
  property: Property,
  body: unknown,
  now: number,
): Defined {
  if (!isFields(body))
    return { refusal: refuseInvalid('Invalid input JSON: an object was expected.') }
  const { name: _name, hasUniqueValue: _unique, dataSensitivity: _sensitivity, ...fields } = body
  const merged = { ...property, ...fields, updatedAt: isoTime(now) } as Property
  const changed = { ...merged, options: optionsFrom(fields['options']) ?? property.options }
  if (!isPair(changed.type, changed.fieldType)) return { refusal: refusePair(changed) }
  if (changed.groupName !== property.groupName && !type.groups.has(changed.groupName)) {
    return { refusal: refuseGroup(changed.groupName) }
  }
  store(portal, type, changed)
  return { property: changed }
}

/** Archives a property; its values stay out of sight until it is restored. */
export function archiveProperty(portal: Portal, type: ObjectType, name: string, now: number): void {
  const property = type.properties.get(name)?.definition
  if (property === undefined || property.archived) return
  store(portal, type, { ...property, archived: true, archivedAt: isoTime(now) })
}

/** Changes what HubSpot itself may change of a definition. */
export function replaceProperty(
  portal: Portal,
  type: ObjectType,
  name: string,
  changes: Partial<Property>,
): void {
  const property = type.properties.get(name)?.definition
  if (property !== undefined) store(portal, type, { ...property, ...changes })
}

function store(portal: Portal, type: ObjectType, property: Property): void {
  type.properties.set(
    property.name,
    storedProperty(property, portal.externalOptions(type.objectTypeId)),
  )
}

type Fields = Readonly<Record<string, unknown>>

const REQUIRED = ['name', 'label', 'type', 'fieldType', 'groupName']

function refuseFields(body: Fields): Answer | undefined {
  const unset = REQUIRED.filter((field) => typeof body[field] !== 'string' || body[field] === '')
  if (unset.length > 0)
    return refuseInvalid(`Some required fields were not set: [${unset.join(', ')}]`)
  if (!/^[a-z][a-z0-9_]*$/.test(String(body['name']))) {
    return refuseInvalid(
      `Property name "${body['name']}" is invalid: it must begin with a letter and contain only lowercase letters, numbers and underscores.`,
    )
  }
  const type = String(body['type'])
  const fieldType = String(body['fieldType'])
  return isPair(type, fieldType) ? undefined : refusePair({ type, fieldType })
}

function refuseState(type: ObjectType, body: Fields): Answer | undefined {
  const name = String(body['name'])
  if (type.properties.get(name)?.definition.archived === false) {
    return refuse(409, 'OBJECT_ALREADY_EXISTS', `A property named '${name}' already exists.`, {
      subCategory: 'Properties.PROPERTY_WITH_NAME_EXISTS',
    })
  }
  if (!type.groups.has(String(body['groupName']))) return refuseGroup(String(body['groupName']))
  if (body['hasUniqueValue'] === true && type.unique.size >= MAX_UNIQUE_PROPERTIES) {
    return refuseInvalid(
      `An object type can have at most ${MAX_UNIQUE_PROPERTIES} unique properties.`,
    )
  }
  return undefined
}

function refuseGroup(groupName: string): Answer {
  return refuseInvalid(`Property group "${groupName}" does not exist`)
}

function refusePair(property: { readonly type: string; readonly fieldType: string }): Answer {
  return refuseInvalid(`fieldType ${property.fieldType} does not go with type ${property.type}`)
}

function isPair(type: string, fieldType: string): boolean {
  return FIELD_TYPES[type]?.includes(fieldType) ?? false
}

function propertyFrom(body: Fields, type: ObjectType, now: number): Property {
  const isCalculated = body['fieldType'] === 'calculation_equation'
  return {
    description: '',
    displayOrder: -1,
    hasUniqueValue: false,
    hidden: false,
    formField: false,
    externalOptions: false,
    dataSensitivity: 'non_sensitive',
    ...(body as Partial<Property> &
      Pick<Property, 'name' | 'label' | 'type' | 'fieldType' | 'groupName'>),
    options: optionsFrom(body['options']) ?? [],
    calculated: isCalculated,
    hubspotDefined: false,
    archived: false,
    createdAt: type.properties.get(String(body['name']))?.definition.createdAt ?? isoTime(now),
    updatedAt: isoTime(now),
    modificationMetadata: {
      archivable: true,
      readOnlyDefinition: false,
      readOnlyOptions: false,
      readOnlyValue: isCalculated,
    },
  }
}

function optionsFrom(options: unknown): readonly PropertyOption[] | undefined {
  if (!Array.isArray(options)) return undefined
  return options.filter(isFields).map((option, place) => ({
    ...option,
    label: String(option['label'] ?? option['value'] ?? ''),
    value: String(option['value'] ?? ''),
    hidden: option['hidden'] === true,
    displayOrder: typeof option['displayOrder'] === 'number' ? option['displayOrder'] : place,
  }))
}

function isFields(body: unknown): body is Fields {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
}
