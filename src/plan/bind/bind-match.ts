import type { Problem } from '../../errors.ts'
import type { Mapping, ObjectSchema, PropertySchema, Sync } from '../../types.ts'
import type { Column, TypeFamily } from '../../warehouse/dialect.ts'
import type { DiffMatch, DiffProperty } from '../diff-spec.ts'

export type Report = (
  key: string,
  problem: Omit<Problem, 'where'>,
  where?: Mapping['origin'],
) => void
export type Resolve = (name: string, key: string, where?: Mapping['origin']) => Column | undefined

/** The record id, as a property. */
export const recordIdProperty = 'hs_object_id'

export const isContactEmail = (
  schema: Pick<ObjectSchema, 'objectTypeId'>,
  property: string,
): boolean => schema.objectTypeId === '0-1' && property === 'email'

/** Types of properties whose values HubSpot's search compares as they are written. */
export const searchable: readonly string[] = ['string', 'number', 'enumeration']

/**
 * How rows find their records.
 *
 * @param properties the mapped ones, the match property among them
 */
export function bindMatch(
  sync: Sync,
  schema: ObjectSchema,
  properties: readonly (DiffProperty | undefined)[],
  resolve: Resolve,
  report: Report,
): DiffMatch | undefined {
  if (sync.match === undefined) return undefined
  const { property: name } = sync.match
  if (name === recordIdProperty) return bindRecordId(sync, sync.match.column, resolve, report)
  const property = schema.properties.get(name)
  const mapped = properties.find((each) => each?.name === name)
  // That the property or the column does not exist, or do not fit, is told of its mapping.
  if (property === undefined || mapped?.source.kind !== 'column') return undefined
  const { column, wire, lookup } = mapped.source
  if (lookup !== undefined) {
    const problem = {
      message: `records are found by the values that HubSpot has, and \`as:\` of ${name} translates those of column ${column.name}`,
      hint: 'Give the values of HubSpot in the model, or match by another property.',
    }
    report('match', problem, sync.keyOrigins.match)
    return undefined
  }
  if (isUnique(schema, property)) {
    return { by: 'unique', property: name, column, wire, foldsCase: isContactEmail(schema, name) }
  }
  if (searchable.includes(property.type) && wire.kind !== 'multi') {
    return {
      by: 'search',
      property: name,
      column,
      wire,
      foldsCase: property.type === 'string',
      ...(schema.objectTypeId === '0-2' && name === 'domain' ? { isDomain: true } : {}),
    }
  }
  const problem = {
    message: `HubSpot does not treat ${schema.name} property ${name} as unique, and records cannot be searched by a property of type ${property.type}`,
    hint: uniqueNames(schema),
  }
  report('match', problem, sync.keyOrigins.match)
  return undefined
}

const idFamilies: readonly TypeFamily[] = ['text', 'integer', 'decimal']

function bindRecordId(
  sync: Sync,
  columnName: string,
  resolve: Resolve,
  report: Report,
): DiffMatch | undefined {
  const column = resolve(columnName, 'match', sync.keyOrigins.match)
  if (column === undefined) return undefined
  if (!idFamilies.includes(column.family)) {
    const problem = {
      message: `Record ids are whole numbers; column ${column.name} is ${column.type}`,
      hint: 'Map a column of text or whole numbers.',
    }
    report('match', problem, sync.keyOrigins.match)
    return undefined
  }
  const wire = { kind: column.family === 'text' ? 'text' : 'number' } as const
  return { by: 'record_id', property: recordIdProperty, column, wire, foldsCase: false }
}

export const isUnique = (
  schema: Pick<ObjectSchema, 'objectTypeId'>,
  property: PropertySchema,
): boolean => property.isUnique || isContactEmail(schema, property.name)

function uniqueNames(schema: ObjectSchema): string {
  const names = [...schema.properties.values()]
    .filter((property) => isUnique(schema, property))
    .map(({ name }) => name)
    .sort()
  return names.length === 0
    ? `Create a property of ${schema.name} with "Require unique values" in HubSpot and map the model's key to it.`
    : `Unique properties of ${schema.name}: ${names.join(', ')}.`
}

/** Matching by a search works, and costs. */
export function costsOf(
  sync: Sync,
  schema: ObjectSchema,
  match: DiffMatch | undefined,
): readonly Problem[] {
  if (match?.by !== 'search') return []
  const doubles =
    sync.mode === 'update' || sync.trackingProperty !== undefined
      ? ''
      : ' With `tracking_property`, too, a record whose answer was lost is never made twice.'
  return [
    {
      message: `HubSpot does not treat ${schema.name} property ${match.property} as unique: records are found by search, 5 searches a second, and a row that finds several is rejected`,
      hint: `${uniqueNames(schema)}${doubles}`,
      sync: sync.name,
      key: 'match',
      where: sync.keyOrigins.match,
    },
  ]
}
