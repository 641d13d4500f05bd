import type { ObjectType, StoredRecord } from '../store/object-type.ts'
import { findRecord } from '../store/records.ts'
import { batchAnswer, missingProblem } from './batch-answer.ts'
import { isUnique, readInputs, refuseNonUnique } from './batch-input.ts'
import { renderRequested, withHistory } from './render-record.ts'
import { isObject, onType, stringsOf } from './request.ts'

/** `POST …/batch/read`: 200; ids without a record come together in one error of a 207. */
export const batchRead = onType((type, request, { portal }) => {
  const inputs = readInputs(request.body, { needsId: true, needsProperties: false })
  if ('status' in inputs) return inputs
  const body = isObject(request.body) ? request.body : {}
  const idProperty = typeof body['idProperty'] === 'string' ? body['idProperty'] : undefined
  if (idProperty !== undefined && !isUnique(type, idProperty)) {
    return refuseNonUnique(type, idProperty, 'read')
  }
  const names = stringsOf(body['properties'])
  const histories = stringsOf(body['propertiesWithHistory'])
  const isArchived = request.query.get('archived') === 'true'
  const results = new Map<StoredRecord, unknown>()
  const missingIds: string[] = []
  for (const { id } of inputs) {
    const record = findForRead(type, id, idProperty, isArchived)
    if (record === undefined) missingIds.push(id)
    else
      results.set(
        record,
        withHistory(renderRequested(portal, type, record, names), type, record, histories),
      )
  }
  const problems = missingIds.length > 0 ? [missingProblem(type.singular, missingIds)] : []
  return batchAnswer(portal, 200, [...results.values()], problems, request.now)
})

/** Finds a record for reading; a merged id leads to the record that survived. */
export function findForRead(
  type: ObjectType,
  id: string,
  idProperty: string | undefined,
  isArchived: boolean,
): StoredRecord | undefined {
  if (!isArchived) {
    const found = findRecord(type, id, idProperty)
    if (found !== undefined || idProperty !== undefined) return found
    const survivor = type.merged.get(id)
    return survivor === undefined ? undefined : type.records.get(survivor)
  }
  if (idProperty === undefined) return type.archived.get(id)
  for (const record of type.archived.values()) if (record.values[idProperty] === id) return record
  return undefined
}
