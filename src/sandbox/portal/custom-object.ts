import { type Answer, refuse, refuseInvalid } from '../answers.ts'
import type { ObjectType } from '../store/object-type.ts'
import { addObjectType, findObjectType, type Portal } from '../store/portal.ts'
import { createProperty } from '../store/property-definitions.ts'
import { storedProperty } from '../store/stored-property.ts'
import { complete } from './definitions.ts'
import { sharedProperties } from './shared-properties.ts'
import { FIRST_RECORD_ID } from './standard-object.ts'

/** The first custom type is `2-1000001`; numbers are given in order. */
const FIRST_CUSTOM_TYPE = 1_000_001

type Fields = Readonly<Record<string, unknown>>

/** Creates a custom object type, with the properties its schema brings. */
export function createSchema(
  portal: Portal,
  body: unknown,
  now: number,
): { readonly type: ObjectType } | { readonly refusal: Answer } {
  const schema = fieldsOf(body)
  const unset = ['name', 'labels', 'properties', 'requiredProperties'].filter(
    (field) => !schema[field],
  )
  if (unset.length > 0) {
    return { refusal: refuseInvalid(`Some required fields were not set: [${unset.join(', ')}]`) }
  }
  const name = String(schema['name'])
  if (!/^[a-zA-Z][a-zA-Z0-9_]*$/.test(name)) {
    return { refusal: refuseInvalid(`Object type name "${name}" is invalid`) }
  }
  if (findObjectType(portal, `p${portal.portalId}_${name}`) !== undefined) {
    return {
      refusal: refuse(
        409,
        'OBJECT_ALREADY_EXISTS',
        `An object type named '${name}' already exists.`,
      ),
    }
  }
  const type = emptyType(portal, name, schema, now)
  const refusal = addProperties(portal, type, schema['properties'], now)
  if (refusal !== undefined) return { refusal }
  const unknown = type.requiredToCreate.flat().find((property) => !type.properties.has(property))
  if (unknown !== undefined) {
    return { refusal: refuseInvalid(`Required property "${unknown}" does not exist`) }
  }
  addObjectType(portal, type)
  return { type }
}

function addProperties(
  portal: Portal,
  type: ObjectType,
  properties: unknown,
  now: number,
): Answer | undefined {
  const groupName = `${type.name.toLowerCase()}_information`
  type.groups.set(groupName, {
    name: groupName,
    label: `${type.labels.singular} information`,
    displayOrder: 0,
    archived: false,
  })
  sharedProperties(type.createdProperty, type.modifiedProperty).forEach((definition, place) => {
    const property = complete(definition, groupName, place)
    const external = portal.externalOptions(type.objectTypeId)
    type.properties.set(property.name, storedProperty(property, external))
  })
  for (const property of Array.isArray(properties) ? properties : []) {
    const created = createProperty(portal, type, { groupName, ...fieldsOf(property) }, now)
    if ('refusal' in created) return created.refusal
  }
  return undefined
}

function emptyType(portal: Portal, name: string, schema: Fields, now: number): ObjectType {
  const number = FIRST_CUSTOM_TYPE + portal.objectTypes.filter((type) => type.isCustom).length
  const objectTypeId = `2-${number}`
  const labels = fieldsOf(schema['labels'])
  const list = (field: string) => (Array.isArray(schema[field]) ? schema[field].map(String) : [])
  const required = list('requiredProperties')
  return {
    objectTypeId,
    name,
    singular: name.toUpperCase(),
    fullyQualifiedName: `p${portal.portalId}_${name}`,
    isCustom: true,
    labels: {
      singular: String(labels['singular'] ?? name),
      plural: String(labels['plural'] ?? name),
    },
    primaryDisplayProperty: String(
      schema['primaryDisplayProperty'] ?? required[0] ?? 'hs_object_id',
    ),
    secondaryDisplayProperties: list('secondaryDisplayProperties'),
    searchableProperties: list('searchableProperties'),
    requiredToCreate: required.map((property) => [property]),
    defaultProperties: ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id'],
    createdProperty: 'hs_createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    createdAt: now,
    lastId: FIRST_RECORD_ID - 1,
    properties: new Map(),
    groups: new Map(),
    rules: new Map(),
    associations: list('associatedObjects').map((target, place) => ({
      id: String(place + 1),
      fromObjectTypeId: objectTypeId,
      toObjectTypeId: findObjectType(portal, target)?.objectTypeId ?? target,
      name: `${name}_to_${target}`.toLowerCase(),
    })),
    records: new Map(),
    archived: new Map(),
    merged: new Map(),
    unique: new Map(),
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {}
}
