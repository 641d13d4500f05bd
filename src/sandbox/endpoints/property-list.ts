import { type Answer, answer, NO_CONTENT, refuseMissing } from '../answers.ts'
import type { ObjectType } from '../store/object-type.ts'
import type { Property } from '../store/property.ts'
import { archiveProperty, changeProperty, createProperty } from '../store/property-definitions.ts'
import { listParam, onType, param } from './request.ts'

/** `GET /crm/v3/properties/{type}`: archived and sensitive ones only when asked for. */
export const listProperties = onType((type, { query }) => {
  const isArchived = query.get('archived') === 'true'
  const sensitivity = query.get('dataSensitivity') ?? 'non_sensitive'
  const names = listParam(query, 'properties')
  const results = [...type.properties.values()]
    .map(({ definition }) => definition)
    .filter((definition) => definition.archived === isArchived)
    .filter((definition) => (definition.dataSensitivity ?? 'non_sensitive') === sensitivity)
    .filter((definition) => names.length === 0 || names.includes(definition.name))
  return answer(200, { results })
})

/** `GET …/{propertyName}`. */
export const getProperty = onType((type, request) => {
  const isArchived = request.query.get('archived') === 'true'
  const definition = definitionOf(type, param(request, 'propertyName'))
  if (definition === undefined || definition.archived !== isArchived) return missing(request.params)
  return answer(200, definition)
})

/** `POST /crm/v3/properties/{type}`. */
export const postProperty = onType((type, request, { portal }) => {
  const created = createProperty(portal, type, request.body, request.now)
  return 'refusal' in created ? created.refusal : answer(201, created.property)
})

/** `PATCH …/{propertyName}`: what is sent replaces what was, options as a whole. */
export const patchProperty = onType((type, request, { portal }) => {
  const definition = definitionOf(type, param(request, 'propertyName'))
  if (definition === undefined || definition.archived) return missing(request.params)
  const changed = changeProperty(portal, type, definition, request.body, request.now)
  return 'refusal' in changed ? changed.refusal : answer(200, changed.property)
})

/** `DELETE …/{propertyName}`: 204 whatever the state. */
export const deleteProperty = onType((type, request, { portal }) => {
  archiveProperty(portal, type, param(request, 'propertyName'), request.now)
  return NO_CONTENT
})

function definitionOf(type: ObjectType, name: string): Property | undefined {
  return type.properties.get(name)?.definition
}

function missing(params: Readonly<Record<string, string>>): Answer {
  return refuseMissing(`Property "${params['propertyName']}" does not exist`)
}
