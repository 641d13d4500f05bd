import { type Answer, answer, NO_CONTENT, refuseInvalid, refuseMissing } from '../answers.ts'
import { commitLinks, prepareLinks } from '../store/create-links.ts'
import type { ObjectType, StoredRecord } from '../store/object-type.ts'
import { commit, prepareChange, prepareCreate } from '../store/prepare-write.ts'
import { archiveRecord, findRecord } from '../store/records.ts'
import { refuseFor } from '../store/rejection.ts'
import { isUnique, refuseNonUnique } from './batch-input.ts'
import { findForRead } from './batch-read.ts'
import { renderRequested, renderWhole, renderWritten, withHistory } from './render-record.ts'
import { type ApiRequest, isObject, listParam, onType, param } from './request.ts'

/** `GET /crm/v3/objects/{type}/{id}`. */
export const getRecord = onType((type, request, { portal }) => {
  const { query } = request
  const found = findAddressed(type, request, 'read', query.get('archived') === 'true')
  if ('refusal' in found) return found.refusal
  const body = renderRequested(portal, type, found.record, listParam(query, 'properties'))
  const histories = listParam(query, 'propertiesWithHistory')
  return answer(200, withHistory(body, type, found.record, histories))
})

/** `POST /crm/v3/objects/{type}`: 201. */
export const postRecord = onType((type, request, backend) => {
  const properties = propertiesOf(request)
  if (properties === undefined)
    return refuseInvalid('Some required fields were not set: [properties]')
  const { portal } = backend
  const links = prepareLinks(portal, type, associationsOf(request))
  if ('kind' in links) return refuseFor(links, true)
  const prepared = prepareCreate(portal, type, properties, new Map())
  if ('kind' in prepared) return refuseFor(prepared, true)
  const record = commit(portal, type, prepared, request.now)
  commitLinks(portal, { type, id: record.id }, links)
  return answer(201, renderWhole(portal, type, record))
})

/** `PATCH /crm/v3/objects/{type}/{id}`: 200, 404 for an unknown id. */
export const patchRecord = onType((type, request, backend) => {
  const properties = propertiesOf(request)
  if (properties === undefined)
    return refuseInvalid('Some required fields were not set: [properties]')
  const found = findAddressed(type, request, 'update/upsert', false)
  if ('refusal' in found) return found.refusal
  const { portal } = backend
  const prepared = prepareChange(portal, type, found.record, properties, new Map())
  if ('kind' in prepared) return refuseFor(prepared, true)
  const record = commit(portal, type, prepared, request.now)
  return answer(200, renderWritten(portal, type, record, prepared.values))
})

/** `DELETE /crm/v3/objects/{type}/{id}`: 204, also for a missing record (https://github.com/n8n-io/n8n/issues/3219). */
export const deleteRecord = onType((type, request) => {
  archiveRecord(type, param(request, 'objectId'), request.now)
  return NO_CONTENT
})

/** Longest page of a record list. */
const MAX_PAGE = 100

/** `GET /crm/v3/objects/{type}`: records in the order of their ids. */
export const listRecords = onType((type, { query }, { portal }) => {
  const limit = Math.min(Number(query.get('limit') ?? 10), MAX_PAGE)
  const after = Number(query.get('after') ?? 0)
  const names = listParam(query, 'properties')
  const source = query.get('archived') === 'true' ? type.archived : type.records
  const rest = [...source.values()].filter(({ id }) => Number(id) > after)
  const page = rest.slice(0, limit)
  const results = page.map((record) => renderRequested(portal, type, record, names))
  const last = page.at(-1)
  if (rest.length <= limit || last === undefined) return answer(200, { results })
  return answer(200, { results, paging: { next: { after: last.id } } })
})

function findAddressed(
  type: ObjectType,
  request: ApiRequest,
  action: 'read' | 'update/upsert',
  isArchived: boolean,
): { readonly record: StoredRecord } | { readonly refusal: Answer } {
  const id = param(request, 'objectId')
  const idProperty = request.query.get('idProperty') ?? undefined
  if (idProperty !== undefined && !isUnique(type, idProperty)) {
    return { refusal: refuseNonUnique(type, idProperty, action) }
  }
  const record =
    action === 'read'
      ? findForRead(type, id, idProperty, isArchived)
      : findRecord(type, id, idProperty)
  return record === undefined ? { refusal: MISSING } : { record }
}

const MISSING = refuseMissing('Object not found.  objectId are usually numeric.')

function propertiesOf(request: ApiRequest): Readonly<Record<string, unknown>> | undefined {
  const properties = isObject(request.body) ? request.body['properties'] : undefined
  return isObject(properties) ? properties : undefined
}

function associationsOf({ body }: ApiRequest): readonly unknown[] {
  const associations = isObject(body) ? body['associations'] : undefined
  return Array.isArray(associations) ? associations : []
}
