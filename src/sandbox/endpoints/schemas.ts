import { answer, NO_CONTENT, refuseInvalid, refuseMissing } from '../answers.ts'
import { createSchema } from '../portal/custom-object.ts'
import { isoTime, type ObjectType } from '../store/object-type.ts'
import { findObjectType } from '../store/portal.ts'
import { type Endpoint, param } from './request.ts'

/** `GET /crm-object-schemas/v3/schemas`: the custom object types. */
export const listSchemas: Endpoint = ({ query }, { portal }) => {
  const custom =
    query.get('archived') === 'true' ? [] : portal.objectTypes.filter((type) => type.isCustom)
  return answer(200, { results: custom.map(render) })
}

/** `GET …/schemas/{objectType}`, by type id or fully qualified name. */
export const getSchema: Endpoint = (request, { portal }) => {
  const type = findObjectType(portal, param(request, 'objectType'))
  return type === undefined ? MISSING : answer(200, render(type))
}

/** `POST …/schemas`: 201. */
export const postSchema: Endpoint = (request, { portal }) => {
  const created = createSchema(portal, request.body, request.now)
  return 'refusal' in created ? created.refusal : answer(201, render(created.type))
}

/** `DELETE …/schemas/{objectType}`: refused while the type has records. */
export const deleteSchema: Endpoint = (request, { portal }) => {
  const type = findObjectType(portal, param(request, 'objectType'))
  if (type === undefined || !type.isCustom) return MISSING
  if (type.records.size > 0) {
    return refuseInvalid(`Cannot delete ${type.fullyQualifiedName}: it still has records.`)
  }
  portal.objectTypes.splice(portal.objectTypes.indexOf(type), 1)
  for (const [name, known] of portal.typeByName) if (known === type) portal.typeByName.delete(name)
  return NO_CONTENT
}

const MISSING = refuseMissing('Unable to find the object type')

function render(type: ObjectType) {
  return {
    id: type.objectTypeId.split('-')[1] ?? type.objectTypeId,
    objectTypeId: type.objectTypeId,
    fullyQualifiedName: type.fullyQualifiedName,
    name: type.name,
    labels: type.labels,
    requiredProperties: type.requiredToCreate.flat(),
    searchableProperties: type.searchableProperties,
    primaryDisplayProperty: type.primaryDisplayProperty,
    secondaryDisplayProperties: type.secondaryDisplayProperties,
    properties: [...type.properties.values()].map(({ definition }) => definition),
    associations: type.associations,
    allowsSensitiveProperties: false,
    archived: false,
    createdAt: isoTime(type.createdAt),
    updatedAt: isoTime(type.createdAt),
  }
}
