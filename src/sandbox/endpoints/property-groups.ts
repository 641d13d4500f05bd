import { answer, NO_CONTENT, refuse, refuseInvalid, refuseMissing } from '../answers.ts'
import { isObject, onType, param } from './request.ts'

/** `GET /crm/v3/properties/{type}/groups`. */
export const listGroups = onType((type) => answer(200, { results: [...type.groups.values()] }))

/** `GET …/groups/{groupName}`. */
export const getGroup = onType((type, request) => {
  const group = type.groups.get(param(request, 'groupName'))
  return group === undefined ? refuseMissing('Property group does not exist') : answer(200, group)
})

/** `POST …/groups`: 201, 409 where the name is taken. */
export const postGroup = onType((type, request) => {
  const body = isObject(request.body) ? request.body : {}
  const { name, label, displayOrder } = body
  if (typeof name !== 'string' || typeof label !== 'string') {
    return refuseInvalid('Some required fields were not set: [name, label]')
  }
  if (type.groups.has(name)) {
    return refuse(409, 'OBJECT_ALREADY_EXISTS', `A property group named '${name}' already exists.`)
  }
  const order = typeof displayOrder === 'number' ? displayOrder : -1
  const group = { name, label, displayOrder: order, archived: false }
  type.groups.set(name, group)
  return answer(201, group)
})

/** `PATCH …/groups/{groupName}`. */
export const patchGroup = onType((type, request) => {
  const group = type.groups.get(param(request, 'groupName'))
  if (group === undefined) return refuseMissing('Property group does not exist')
  const { label, displayOrder } = isObject(request.body) ? request.body : {}
  const changed = {
    ...group,
    ...(typeof label === 'string' ? { label } : {}),
    ...(typeof displayOrder === 'number' ? { displayOrder } : {}),
  }
  type.groups.set(group.name, changed)
  return answer(200, changed)
})

/** `DELETE …/groups/{groupName}`. */
export const deleteGroup = onType((type, request) => {
  type.groups.delete(param(request, 'groupName'))
  return NO_CONTENT
})
