import type { RequestRecord } from '../../types.ts'
import type { EventLogger } from '../command-line/log-writer.ts'
import { redactBody } from './redact-body.ts'
import { countOf } from './words.ts'

type Facts = Pick<
  RequestRecord,
  'method' | 'path' | 'status' | 'attempt' | 'batchSize' | 'durationMs' | 'errorCategory'
>

/** `POST /crm/v3/objects/contacts/batch/create → 201 in 231 ms (100 inputs)`. */
export function requestLine(request: Facts): string {
  const { method, path, status, attempt, batchSize, durationMs, errorCategory } = request
  const facts = [
    ...(batchSize > 0 ? [countOf(batchSize, 'input')] : []),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(errorCategory === null ? [] : [errorCategory]),
  ]
  const outcome = status === null ? 'no answer' : String(status)
  const detail = facts.length === 0 ? '' : ` (${facts.join(', ')})`
  return `${method} ${path} → ${outcome} in ${Math.round(durationMs)} ms${detail}`
}

/** Tells of a call as it happens, its bodies without values. */
export function tellRequest(log: EventLogger, request: RequestRecord): void {
  const { requestBody, responseBody, ...facts } = request
  const bodies = {
    requestBody: requestBody === undefined ? null : redactBody(requestBody),
    responseBody: responseBody === undefined ? null : redactBody(responseBody),
  }
  const lines = [
    requestLine(request),
    ...(bodies.requestBody === null ? [] : [`  > ${bodies.requestBody}`]),
    ...(bodies.responseBody === null ? [] : [`  < ${bodies.responseBody}`]),
  ]
  log.event('Request', 'info', lines.join('\n'), { ...facts, ...bodies })
}
