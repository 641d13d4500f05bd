import type { Problem } from '../../errors.ts'
import { suggest } from '../../suggest.ts'
import type { Mapping, ObjectSchema, PropertyDefinition, Sync } from '../../types.ts'
import type { Column } from '../../warehouse/dialect.ts'
import { definitionOf } from './property-definition.ts'

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
  if (isUntold(schema, name)) return untoldProperty(schema, name)
  const labelled = labelledProperty(name, schema)
  if (labelled !== undefined) {
    return {
      message: `${name} is the label of a ${schema.name} property; its internal name is ${labelled.name}`,
      hint: `Write ${labelled.name}.`,
    }
  }
  const near = suggest(name, schema.properties.keys())
  return {
    message: `HubSpot has no ${schema.name} property ${name}`,
    hint:
      near === undefined ? creationOf(mapping, sync, schema, column) : `Did you mean \`${near}\`?`,
  }
}

/** The schema is that of a lock, which was made before anything asked for the property. */
export const isUntold = (
  { properties, told }: Pick<ObjectSchema, 'properties' | 'told'>,
  name: string,
): boolean => told !== undefined && !told.absent.has(name) && !properties.has(name)

/** What to say of such a property. */
export const untoldProperty = (
  { name: object, told }: Pick<ObjectSchema, 'name' | 'told'>,
  name: string,
): Omit<Problem, 'where'> => ({
  message: `${told?.by} says nothing of the ${object} property ${name}`,
  ...(told === undefined ? {} : { hint: told.hint }),
})

/** Properties that are made with unique values. */
export const isKeyOf = ({ match, trackingProperty }: Sync, name: string): boolean =>
  match?.property === name || trackingProperty === name

/** The ways to make the property of a mapping. */
export function creationOf(
  mapping: Mapping,
  sync: Sync,
  schema: ObjectSchema,
  column: Column | undefined,
): string {
  if (sync.event !== undefined) return creationOfEvent(mapping, sync, schema, column)
  const isTracking = mapping.source.kind === 'row_id'
  const isKey = isTracking || isKeyOf(sync, mapping.property)
  const request = `POST /crm/v3/properties/${schema.name} ${spaced(definitionOf(mapping, isKey, schema, column))}`
  return isTracking
    ? `Run \`backhaul properties create\`, or create it in HubSpot: ${request}`
    : `Say \`create_missing: true\` in the mapping, run \`backhaul properties create\`, or create it in HubSpot: ${request}`
}

function creationOfEvent(
  mapping: Mapping,
  sync: Sync,
  schema: ObjectSchema,
  column: Column | undefined,
): string {
  if (sync.event?.name.kind === 'column') return 'Add it to the event in HubSpot.'
  const { name, label, type, options } = eventProperty(definitionOf(mapping, false, schema, column))
  const request = spaced({ name, label, type, ...(options === undefined ? {} : { options }) })
  return `Say \`create_missing: true\`, run \`backhaul properties create\`, or create it in HubSpot: POST /events/v3/event-definitions/${schema.name}/property ${request}`
}

/** Events have four types of properties: text, numbers, options and moments. */
export function eventProperty(definition: PropertyDefinition): PropertyDefinition {
  if (definition.type === 'bool') {
    return { ...definition, type: 'enumeration', fieldType: 'select' }
  }
  return definition.type === 'date' ? { ...definition, type: 'datetime' } : definition
}

/** JSON with a space after commas and colons, as people write it on one line. */
function spaced(value: unknown): string {
  return JSON.stringify(value, undefined, 1)
    .replaceAll(/\n\s*/g, ' ')
    .replaceAll(/([{[]) | ([}\]])/g, '$1$2')
}

/** The existing property that a name most likely means, by its label or its spelling. */
export function meantProperty(name: string, schema: ObjectSchema): string | undefined {
  const labelled = labelledProperty(name, schema)
  return labelled?.name ?? suggest(name, schema.properties.keys())
}

const labelledProperty = (name: string, schema: ObjectSchema) =>
  [...schema.properties.values()].find(
    (property) => property.label.toLowerCase() === name.toLowerCase(),
  )
