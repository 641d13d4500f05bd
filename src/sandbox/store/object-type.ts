import type { Property, PropertyGroup, ValidationRule } from './property.ts'
import type { StoredProperty } from './stored-property.ts'

/** Property values of one record; unset properties are absent. */
export type Values = Readonly<Record<string, string>>

/** Who wrote values, in the words of HubSpot's property history. */
export interface Writer {
  /** E.g. `CRM_UI`, `INTEGRATION`, `IMPORT`, `MERGE_OBJECTS`. */
  readonly sourceType: string
  readonly sourceId?: string
  readonly updatedByUserId?: number
}

/** One write to a record; cleared values are empty. */
export interface RecordWrite {
  readonly at: number
  readonly by: Writer
  readonly values: Values
}

/** A record as the sandbox keeps it. `values` is replaced, never changed, by a write. */
export interface StoredRecord {
  readonly id: string
  /** Milliseconds since the epoch, like every time in the store. */
  readonly createdAt: number
  updatedAt: number
  archivedAt: number | undefined
  values: Values
  /** What search still sees while its index lags; `undefined` before the record is indexed. */
  indexed: Values | undefined
  /** The newest last; only as many as `MAX_WRITES`. */
  writes: readonly RecordWrite[]
}

/** An association definition of a custom object's schema. */
export interface AssociationDefinition {
  readonly id: string
  readonly fromObjectTypeId: string
  readonly toObjectTypeId: string
  readonly name?: string
}

/** One object type of the portal with everything that belongs to it. */
export interface ObjectType {
  readonly objectTypeId: string
  /** The plural path segment of a standard object, the schema name of a custom one. */
  readonly name: string
  /** As it stands in messages: `CONTACT`. */
  readonly singular: string
  readonly fullyQualifiedName: string
  readonly isCustom: boolean
  readonly labels: { readonly singular: string; readonly plural: string }
  readonly primaryDisplayProperty: string
  readonly secondaryDisplayProperties: readonly string[]
  readonly searchableProperties: readonly string[]
  /** Of each group at least one property must have a value when a record is created. */
  readonly requiredToCreate: readonly (readonly string[])[]
  /** Returned by reads that name no properties. */
  readonly defaultProperties: readonly string[]
  readonly createdProperty: string
  readonly modifiedProperty: string
  readonly createdAt: number
  /** The id given last; the next record gets one more. */
  lastId: number
  readonly properties: Map<string, StoredProperty>
  readonly groups: Map<string, PropertyGroup>
  /** Validation rules by property. */
  readonly rules: Map<string, readonly ValidationRule[]>
  readonly associations: AssociationDefinition[]
  readonly records: Map<string, StoredRecord>
  readonly archived: Map<string, StoredRecord>
  /** Ids merged away → the surviving record's id. */
  readonly merged: Map<string, string>
  /** Unique property → value → record. */
  readonly unique: Map<string, Map<string, StoredRecord>>
}

/** Properties derived from the record itself rather than stored. */
export function systemValue(
  type: ObjectType,
  record: StoredRecord,
  name: string,
): string | undefined {
  if (name === 'hs_object_id') return record.id
  if (name === type.createdProperty || name === 'hs_createdate') return isoTime(record.createdAt)
  if (name === type.modifiedProperty) return isoTime(record.updatedAt)
  return undefined
}

/** A property's definition unless it is unknown or archived. */
export function liveProperty(type: ObjectType, name: string): Property | undefined {
  const definition = type.properties.get(name)?.definition
  return definition === undefined || definition.archived ? undefined : definition
}

let lastTime = Number.NaN
let lastIso = ''

/** Formats a time as HubSpot does. The last answer is kept: a batch shares one time. */
export function isoTime(time: number): string {
  if (time !== lastTime) {
    lastIso = new Date(time).toISOString()
    lastTime = time
  }
  return lastIso
}
