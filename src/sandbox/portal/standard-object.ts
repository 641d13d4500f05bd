import type { ObjectType } from '../store/object-type.ts'
import { addObjectType, type Portal } from '../store/portal.ts'
import { addUniqueIndex } from '../store/records.ts'
import { storedProperty } from '../store/stored-property.ts'
import { complete, type Definition } from './definitions.ts'
import { sharedProperties } from './shared-properties.ts'

/** A standard object type as data. */
export interface StandardObject {
  readonly objectTypeId: string
  readonly name: string
  readonly singular: string
  /** Of each group at least one property must have a value. */
  readonly requiredToCreate: readonly (readonly string[])[]
  readonly properties: readonly Definition[]
  readonly createdProperty: string
  readonly modifiedProperty: string
  /** Returned by reads that name no properties, beside id and times. */
  readonly defaultProperties: readonly string[]
  readonly primaryDisplayProperty: string
}

/** Ids start well above zero, at the same number for every type: HubSpot promises uniqueness within a type only. */
export const FIRST_RECORD_ID = 1001

/** Adds a standard object type with its default properties to a portal. */
export function addStandardObject(portal: Portal, standard: StandardObject): ObjectType {
  const { createdProperty, modifiedProperty, name, singular } = standard
  const groupName = `${singular.replaceAll('_', '')}information`
  const type: ObjectType = {
    ...standard,
    singular: singular.toUpperCase(),
    fullyQualifiedName: singular.toUpperCase(),
    isCustom: false,
    labels: { singular: titleOf(singular), plural: titleOf(name) },
    secondaryDisplayProperties: [],
    searchableProperties: standard.defaultProperties,
    defaultProperties: [
      ...standard.defaultProperties,
      createdProperty,
      modifiedProperty,
      'hs_object_id',
    ],
    createdAt: portal.createdAt,
    lastId: FIRST_RECORD_ID - 1,
    properties: new Map(),
    groups: new Map([
      [
        groupName,
        {
          name: groupName,
          label: `${titleOf(singular)} information`,
          displayOrder: 0,
          archived: false,
        },
      ],
    ]),
    rules: new Map(),
    associations: [],
    records: new Map(),
    archived: new Map(),
    merged: new Map(),
    unique: new Map(),
  }
  const definitions = [
    ...standard.properties,
    ...sharedProperties(createdProperty, modifiedProperty),
  ]
  definitions.forEach((definition, place) => {
    const property = complete(definition, groupName, place)
    type.properties.set(
      property.name,
      storedProperty(property, portal.externalOptions(type.objectTypeId)),
    )
    if (property.hasUniqueValue) addUniqueIndex(type, property.name)
  })
  addObjectType(portal, type)
  return type
}

function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
