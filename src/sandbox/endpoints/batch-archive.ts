import { NO_CONTENT } from '../answers.ts'
import { archiveRecord } from '../store/records.ts'
import { readInputs } from './batch-input.ts'
import { onType } from './request.ts'

/**
 * `POST …/batch/archive`: 204, also for ids that name no record. What the id of a merged record does is not published; reads by it
 * lead to the record that survived, so the sandbox takes the worse of the possibilities.
 */
export const batchArchive = onType((type, request) => {
  const inputs = readInputs(request.body, { needsId: true, needsProperties: false })
  if ('status' in inputs) return inputs
  for (const { id } of inputs) archiveRecord(type, type.merged.get(id) ?? id, request.now)
  return NO_CONTENT
})
