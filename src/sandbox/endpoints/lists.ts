import { type Answer, answer, NO_CONTENT, refuseInvalid, refuseMissing } from '../answers.ts'
import type { ProcessingType, StoredList } from '../store/list.ts'
import {
  addList,
  changeMembers,
  findDeletedList,
  findList,
  findListByName,
  membersOf,
} from '../store/list-members.ts'
import { isoTime } from '../store/object-type.ts'
import { findObjectType, type Portal } from '../store/portal.ts'
import { type ApiRequest, type Endpoint, isObject, listParam, param, stringsOf } from './request.ts'

/** https://developers.hubspot.com/docs/api-reference/legacy/crm/lists/guide */
const SEARCH_DEFAULT = 20
const SEARCH_MAX = 500
const MEMBERS_DEFAULT = 100
const MEMBERS_MAX = 250

/** `POST /crm/v3/lists`. */
export const postList: Endpoint = ({ body, now }, { portal }) => {
  const { name, objectTypeId, processingType } = isObject(body) ? body : {}
  if (typeof name !== 'string' || name.trim() === '')
    return refuseInvalid('Some required fields were not set: [name]')
  const type = findObjectType(portal, String(objectTypeId))
  if (type === undefined || type.objectTypeId !== objectTypeId)
    return refuseInvalid(`Object type ${String(objectTypeId)} does not exist`)
  if (!isProcessingType(processingType))
    return refuseInvalid(`Processing type ${String(processingType)} is not supported`)
  const taken = nameTaken(portal, name)
  if (taken !== undefined) return taken
  const list = addList(portal, { name, objectTypeId, processingType }, now)
  return answer(200, { list: render(portal, list) })
}

/** `GET /crm/v3/lists?listIds=1&listIds=2`. */
export const getLists: Endpoint = ({ query }, { portal }) =>
  answer(200, {
    lists: listParam(query, 'listIds').flatMap((id) => {
      const list = findList(portal, id)
      return list === undefined ? [] : [render(portal, list)]
    }),
  })

/** `GET …/{listId}`. */
export const getList: Endpoint = (request, { portal }) =>
  onList(request, portal, (list) => answer(200, { list: render(portal, list) }))

/** `GET …/object-type-id/{objectTypeId}/name/{listName}`: of that object type only. */
export const getListByName: Endpoint = (request, { portal }) => {
  const name = param(request, 'listName')
  const objectTypeId = param(request, 'objectTypeId')
  const list = findListByName(portal, name)
  return list?.objectTypeId === objectTypeId
    ? answer(200, { list: render(portal, list) })
    : refuseMissing(`List does not exist with name ${name} and object type id ${objectTypeId}`)
}

/** `POST …/search`. */
export const searchLists: Endpoint = ({ body }, { portal }) => {
  const asked = isObject(body) ? body : {}
  const query = String(asked['query'] ?? '').toLowerCase()
  const offset = Number(asked['offset'] ?? 0)
  const count = Number(asked['count'] ?? SEARCH_DEFAULT)
  if (count > SEARCH_MAX) return refuseInvalid(`count must be at most ${SEARCH_MAX}`)
  const types = stringsOf(asked['processingTypes'])
  const ids = stringsOf(asked['listIds'])
  const found = [...portal.lists.values()].filter(
    (list) =>
      list.deletedAt === undefined &&
      list.name.toLowerCase().includes(query) &&
      (types.length === 0 || types.includes(list.processingType)) &&
      (ids.length === 0 || ids.includes(list.listId)) &&
      [undefined, list.objectTypeId].includes(asked['objectTypeId'] as string | undefined),
  )
  const page = found.slice(offset, offset + count)
  return answer(200, {
    lists: page.map((list) => {
      const { size, ...rest } = render(portal, list)
      return { ...rest, additionalProperties: { hs_list_size: String(size) } }
    }),
    hasMore: offset + count < found.length,
    offset: offset + page.length,
    total: found.length,
  })
}

/** `PUT …/{listId}/update-list-name?listName=…`. */
export const renameList: Endpoint = (request, { portal }) =>
  onList(request, portal, (list) => {
    const name = request.query.get('listName') ?? ''
    const taken = nameTaken(portal, name, list)
    if (name.trim() === '') return refuseInvalid('A list name is required')
    if (taken !== undefined) return taken
    list.name = name
    list.version += 1
    list.updatedAt = request.now
    return answer(200, { updatedList: render(portal, list) })
  })

/** `DELETE …/{listId}`. */
export const deleteList: Endpoint = (request, { portal }) =>
  onList(request, portal, (list) => {
    list.deletedAt = request.now
    return NO_CONTENT
  })

/** `PUT …/{listId}/restore`. */
export const restoreList: Endpoint = (request, { portal }) => {
  const listId = param(request, 'listId')
  const list = findDeletedList(portal, listId, request.now)
  if (list === undefined)
    return findList(portal, listId) === undefined ? noList(listId) : NO_CONTENT
  const taken = nameTaken(portal, list.name)
  if (taken !== undefined) return taken
  list.deletedAt = undefined
  return NO_CONTENT
}

/** `GET …/{listId}/memberships`: pages by record id. */
export const getMembers: Endpoint = (request, { portal }) =>
  onList(request, portal, (list) => {
    const limit = Number(request.query.get('limit') ?? MEMBERS_DEFAULT)
    if (limit > MEMBERS_MAX) return refuseInvalid(`limit must be at most ${MEMBERS_MAX}`)
    const after = Number(request.query.get('after') ?? 0)
    const all = membersOf(portal, list)
    const rest = all.filter(([recordId]) => Number(recordId) > after)
    const page = rest.slice(0, limit)
    const last = page.at(-1)?.[0]
    return answer(200, {
      results: page.map(([recordId, since]) => ({ recordId, membershipTimestamp: isoTime(since) })),
      ...(rest.length > page.length && last !== undefined
        ? { paging: { next: { after: last } } }
        : {}),
      total: all.length,
    })
  })

/** `PUT …/{listId}/memberships/add`: a bare list of record ids. */
export const addMembers: Endpoint = (request, { portal }) =>
  onMembers(request, portal, stringsOf(request.body), [])

/** `PUT …/{listId}/memberships/remove`. */
export const removeMembers: Endpoint = (request, { portal }) =>
  onMembers(request, portal, [], stringsOf(request.body))

/** `PUT …/{listId}/memberships/add-and-remove`. */
export const addAndRemoveMembers: Endpoint = (request, { portal }) => {
  const body = isObject(request.body) ? request.body : {}
  return onMembers(
    request,
    portal,
    stringsOf(body['recordIdsToAdd']),
    stringsOf(body['recordIdsToRemove']),
  )
}

function onMembers(
  request: ApiRequest,
  portal: Portal,
  toAdd: readonly string[],
  toRemove: readonly string[],
): Answer {
  return onList(request, portal, (list) => {
    if (list.processingType === 'DYNAMIC') {
      return refuseInvalid(
        `List ${list.listId} has processing type DYNAMIC: its memberships cannot be changed`,
        { subCategory: 'ILS.INVALID_PROCESSING_TYPE' },
      )
    }
    const ids = [...toAdd, ...toRemove]
    const { maxListInputs } = portal.quirks
    if (ids.length > maxListInputs)
      return refuseInvalid(`Too many record ids: at most ${maxListInputs} are taken`)
    const odd = ids.find((id) => !/^\d+$/.test(id))
    if (odd !== undefined) return refuseInvalid(`${odd} is no record id`)
    const { added, removed, missing } = changeMembers(portal, list, toAdd, toRemove, request.now)
    return answer(200, {
      ...(portal.quirks.spellsAddedTheOldWay
        ? { recordIdsAdded: added }
        : { recordsIdsAdded: added }),
      recordIdsRemoved: removed,
      recordIdsMissing: missing,
    })
  })
}

function onList(request: ApiRequest, portal: Portal, run: (list: StoredList) => Answer): Answer {
  const listId = param(request, 'listId')
  const list = findList(portal, listId)
  return list === undefined ? noList(listId) : run(list)
}

const noList = (listId: string): Answer => refuseMissing(`List does not exist with ID ${listId}.`)

const isProcessingType = (value: unknown): value is ProcessingType =>
  value === 'MANUAL' || value === 'SNAPSHOT' || value === 'DYNAMIC'

function nameTaken(portal: Portal, name: string, own?: StoredList): Answer | undefined {
  const other = findListByName(portal, name)
  return other === undefined || other === own
    ? undefined
    : refuseInvalid(`List already exists with the name: ${name}`, {
        subCategory: 'ILS.DUPLICATE_LIST_NAMES',
        context: { listId: [other.listId] },
      })
}

function render(portal: Portal, list: StoredList) {
  const { listId, name, objectTypeId, processingType, createdAt, updatedAt, version } = list
  return {
    listId,
    listVersion: version,
    name,
    objectTypeId,
    processingType,
    processingStatus: 'COMPLETE',
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
    size: membersOf(portal, list).length,
  }
}
