import { answer, refuseInvalid, refuseMissing } from '../answers.ts'
import { mergeRecords } from '../store/merge-records.ts'
import { renderWhole } from './render-record.ts'
import { isObject, onType } from './request.ts'

/** `POST …/merge`: the primary record survives and keeps its id. */
export const mergeEndpoint = onType((type, request, { portal }) => {
  const body = isObject(request.body) ? request.body : {}
  const primary = type.records.get(String(body['primaryObjectId']))
  const other = type.records.get(String(body['objectIdToMerge']))
  if (primary === undefined || other === undefined) return refuseMissing('Object not found')
  if (primary === other) return refuseInvalid('A record cannot be merged with itself')
  mergeRecords(portal, type, primary, other, request.now)
  return answer(200, renderWhole(portal, type, primary))
})
