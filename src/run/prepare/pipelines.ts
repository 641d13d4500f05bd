import type { ObjectSchema, Pipelines, PropertySchema } from '../../types.ts'

/** Which of an object's pipelines and stages a property holds (developers.hubspot.com, "Pipelines", checked 2026-11-26). */
const KINDS: Readonly<Record<string, keyof Pipelines>> = {
  pipeline: 'pipelines',
  hs_pipeline: 'pipelines',
  dealstage: 'stages',
  hs_pipeline_stage: 'stages',
}

/** Whether a property's values are pipelines or stages, which HubSpot does not list with the property. */
export const holdsPipeline = ({ name, hasExternalOptions }: PropertySchema): boolean =>
  hasExternalOptions && Object.hasOwn(KINDS, name)

/** The schema with pipelines and stages as options. A property for which there are none stays as it is. */
export function withPipelines(schema: ObjectSchema, pipelines: Pipelines): ObjectSchema {
  const properties = new Map(schema.properties)
  for (const property of schema.properties.values()) {
    const kind = KINDS[property.name]
    const options = kind === undefined || !holdsPipeline(property) ? [] : pipelines[kind]
    if (options.length > 0)
      properties.set(property.name, { ...property, options, hasExternalOptions: false })
  }
  return { ...schema, properties }
}
