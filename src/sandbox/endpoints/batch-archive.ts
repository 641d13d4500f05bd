import { NO_CONTENT } from '../answers.ts'
import { archiveRecord } from '../store/records.ts'
import { readInputs } from './batch-input.ts'
import { onType } from './request.ts'

/** `POST …/batch/archive`: 204, also for ids that name no record. */
export const batchArchive = onType((type, request) => {
  const inputs = readInputs(request.body, { needsId: true, needsProperties: false })
  if ('status' in inputs) return inputs
  for (const { id } of inputs) archiveRecord(type, id, request.now)
  return NO_CONTENT
})
