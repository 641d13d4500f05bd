import { createSchema } from '../portal/custom-object.ts'
import type { SandboxState } from '../state.ts'
import type { Pipeline } from '../store/pipeline.ts'
import type { Property } from '../store/property.ts'
import { archiveProperty, createProperty, replaceProperty } from '../store/property-definitions.ts'
import { setRule } from '../store/validation-rules.ts'
import { SandboxUsageError } from '../usage-error.ts'
import { foundType } from './found.ts'

/** What object types are made of. */
export interface DefinitionControl {
  readonly property: (objectType: string, name: string) => Property | undefined
  /** Creates a property from the body its endpoint takes; the group defaults to the type's first. */
  readonly createProperty: (
    objectType: string,
    definition: Readonly<Record<string, unknown>>,
  ) => Property
  /** Creates properties that outlive a reset, by object type. */
  readonly defineProperties: (
    definitions: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>,
  ) => void
  /** Creates a custom object type from the body its endpoint takes; answers its type id. */
  readonly createObjectType: (schema: Readonly<Record<string, unknown>>) => string
  /** Archives a property as a HubSpot user would. */
  readonly archiveProperty: (objectType: string, name: string) => void
  /** Changes a property's definition, also what its endpoint does not let change. */
  readonly changeProperty: (objectType: string, name: string, changes: Partial<Property>) => void
  /** Sets a validation rule of a property. */
  readonly setRule: (
    objectType: string,
    property: string,
    ruleType: string,
    ...ruleArguments: readonly string[]
  ) => void
  /** Adds a pipeline behind those that an object type has. */
  readonly addPipeline: (objectType: string, pipeline: Pipeline) => void
}

export function definitionControl(state: SandboxState): DefinitionControl {
  const typeOf = (name: string) => foundType(state, name)
  return {
    property: (name, property) => typeOf(name).properties.get(property)?.definition,
    createProperty: (name, definition) => defineProperty(state, name, definition),
    defineProperties: (byObject) => {
      for (const [name, definitions] of Object.entries(byObject)) {
        for (const definition of definitions) {
          defineProperty(state, name, definition)
          state.keptProperties.push([name, definition])
        }
      }
    },
    createObjectType: (schema) => {
      const created = createSchema(state.portal, schema, state.options.clock())
      if ('refusal' in created) throw new SandboxUsageError(JSON.stringify(created.refusal.body))
      return created.type.objectTypeId
    },
    archiveProperty: (name, property) =>
      archiveProperty(state.portal, typeOf(name), property, state.options.clock()),
    changeProperty: (name, property, changes) =>
      replaceProperty(state.portal, typeOf(name), property, changes),
    setRule: (name, property, ruleType, ...ruleArguments) =>
      setRule(typeOf(name), property, {
        ruleType,
        ruleArguments,
        shouldApplyNormalization: false,
      }),
    addPipeline: (objectType, pipeline) => {
      const { objectTypeId } = typeOf(objectType)
      const { pipelines } = state.portal
      pipelines.set(objectTypeId, [...(pipelines.get(objectTypeId) ?? []), pipeline])
    },
  }
}

/** Creates a property from the body its endpoint takes. */
export function defineProperty(
  state: SandboxState,
  name: string,
  definition: Readonly<Record<string, unknown>>,
): Property {
  const type = foundType(state, name)
  const groupName = type.groups.keys().next().value
  const body = { groupName, label: definition['name'], ...definition }
  const created = createProperty(state.portal, type, body, state.options.clock())
  if ('refusal' in created) throw new SandboxUsageError(JSON.stringify(created.refusal.body))
  return created.property
}
