import type { Problem } from '../errors.ts'
import { suggest } from '../suggest.ts'
import type { Mapping, ObjectSchema, Sync } from '../types.ts'
import type { Column } from '../warehouse/dialect.ts'
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
  const labelled = labelledProperty(name, schema)
  if (labelled !== undefined) {
    return {
      message: `${name} is the label of a ${schema.name} property; its internal name is ${labelled.name}`,
      hint: `Write ${labelled.name}.`,
    }
  }
  const near = suggest(name, schema.properties.keys())
  const definition = spaced(definitionOf(mapping, isKeyOf(sync, name), schema, column))
  return {
    message: `HubSpot has no ${schema.name} property ${name}`,
    hint:
      near === undefined
        ? `${mapping.key === 'tracking_property' ? 'Run' : 'Say `create_missing: true` in the mapping, run'} \`backhaul properties create\`, or create it in HubSpot: POST /crm/v3/properties/${schema.name} ${definition}`
        : `Did you mean \`${near}\`?`,
  }
}

/** Properties that are made with unique values. */
export const isKeyOf = ({ match, trackingProperty }: Sync, name: string): boolean =>
  match?.property === name || trackingProperty === name

/** How to make a property for text, with unique values. */
export function uniqueTextProperty(mapping: Mapping, name: string, schema: ObjectSchema): string {
  const definition = definitionOf({ ...mapping, property: name }, true, schema, undefined)
  return `Create one in HubSpot: POST /crm/v3/properties/${schema.name} ${spaced(definition)}`
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
