import type { PropertyDefinition } from '../../../types.ts'
import type { CallContext, Calls } from '../calls.ts'
import type { Reply } from '../exchange.ts'
import { propertiesApi, schemasApi } from '../sdk.ts'

/** What object types are made of: properties and their groups and rules, pipelines, custom objects. */
export interface DefinitionEndpoints {
  listProperties(type: string, isArchived: boolean, context: CallContext): Promise<Reply>
  listSchemas(context: CallContext): Promise<Reply>
  listPipelines(type: string, context: CallContext): Promise<Reply>
  createProperties(
    type: string,
    definitions: readonly PropertyDefinition[],
    context: CallContext,
  ): Promise<Reply>
  createGroup(
    type: string,
    group: { readonly name: string; readonly label: string },
    context: CallContext,
  ): Promise<Reply>
  /** Validation rules of all properties of an object type; takes its id only. */
  listRules(objectTypeId: string, context: CallContext): Promise<Reply>
}

export const definitionEndpoints = ({ server, read, define, get }: Calls): DefinitionEndpoints => ({
  listProperties: (type, isArchived, context) =>
    read({ action: `list the properties of ${type}` }, context, async (send) =>
      (await propertiesApi(server, send)).getAll(type, isArchived),
    ),
  listSchemas: (context) =>
    read({ action: 'list the custom objects' }, context, async (send) =>
      (await schemasApi(server, send)).getAll(false),
    ),
  listPipelines: (type, context) =>
    read(
      { action: `list the pipelines of ${type}` },
      context,
      get(`/crm/v3/pipelines/${encodeURIComponent(type)}`),
    ),
  createProperties: (type, definitions, context) => {
    const size = definitions.length
    return define(
      { action: `create ${size} properties of ${type}`, size },
      context,
      `/crm/v3/properties/${encodeURIComponent(type)}/batch/create`,
      { inputs: definitions },
    )
  },
  createGroup: (type, group, context) =>
    define(
      { action: `create a group of properties of ${type}`, size: 1 },
      context,
      `/crm/v3/properties/${encodeURIComponent(type)}/groups`,
      group,
    ),
  listRules: (objectTypeId, context) =>
    read(
      { action: `read the validation rules of ${objectTypeId}` },
      context,
      get(`/crm/v3/property-validations/${encodeURIComponent(objectTypeId)}`),
    ),
})
