import type { Outcome, RecordError } from '../../types.ts'
import { asArray, asRecord, asText, asTexts } from './json.ts'

/** One entry of an answer's `errors`: what became of the records it names, and which they are. */
export interface RecordRefusal {
  readonly outcome: Outcome
  readonly error: RecordError
  readonly existingId: string | undefined
  readonly traceIds: readonly string[]
  /** Record ids or match values. */
  readonly ids: readonly string[]
}

/**
 * Outcome by HubSpot's category; whatever is not here is the row's own fault (`rejected`). CONFLICT and
 * OBJECT_NOT_FOUND: captures of real accounts. The others are a precaution: a fault of HubSpot must not count as a
 * fault of the row.
 */
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  CONFLICT: 'conflict',
  OBJECT_ALREADY_EXISTS: 'conflict',
  OBJECT_NOT_FOUND: 'missing',
  RATE_LIMIT: 'pending',
  RATE_LIMITS: 'pending',
  LOCKED: 'pending',
  SERVICE_UNAVAILABLE: 'pending',
  INTERNAL_ERROR: 'unknown',
  TIMEOUT: 'unknown',
}

/** Reads one error of a 207 (or 200); every field may be absent. */
export function readRecordError(value: unknown): RecordRefusal {
  const error = asRecord(value)
  const context = asRecord(error['context'])
  const category = (asText(error['category']) ?? 'UNLISTED').toUpperCase()
  const message = asText(error['message']) ?? 'HubSpot gave no reason'
  const property = namedProperty(error)
  return {
    outcome: isTakenValue(error) ? 'conflict' : (OUTCOMES[category] ?? 'rejected'),
    error: { category, message, ...(property === undefined ? {} : { property }) },
    existingId: existingId(error),
    traceIds: asTexts(context['objectWriteTraceId']),
    ids: [...asTexts(context['ids']), ...asTexts(context['id'])],
  }
}

/**
 * Whether all that is wrong with the content is a unique value of another record: updates are told so under the category of any
 * wrong value. The code is documented; where the body carries it is not, so it is looked for in both places.
 */
export function isTakenValue(error: Readonly<Record<string, unknown>>): boolean {
  const nested = asArray(error['errors']).map((each) => asText(asRecord(each)['code']))
  const inMessage = (asText(error['message']) ?? '').matchAll(/"error"\s*:\s*"(\w+)"/g)
  const codes = new Set([...nested, ...[...inMessage].map(([, code]) => code)])
  return codes.size === 1 && codes.has('CONFLICTING_UNIQUE_VALUE')
}

/** Id of the record that holds a unique value: in the context, or only in the sentence. */
export function existingId(error: Readonly<Record<string, unknown>>): string | undefined {
  const [id] = asTexts(asRecord(error['context'])['existingId'])
  const message = asText(error['message']) ?? ''
  return (
    id ?? /existing id:\s*(\d+)|(\d+) already has that value/i.exec(message)?.slice(1).find(Boolean)
  )
}

/**
 * Property that HubSpot names, if it names exactly one: in the context, in the nested `errors`, or in the JSON that its
 * message carries (`Property values were not valid: [{"name":"x",…}]`).
 */
export function namedProperty(error: Readonly<Record<string, unknown>>): string | undefined {
  const contexts = [error, ...asArray(error['errors']).map(asRecord)].map((each) =>
    asRecord(each['context']),
  )
  const inContext = contexts.flatMap((context) => asTexts(context['propertyName']))
  const named = inContext.length > 0 ? inContext : namesInMessage(asText(error['message']) ?? '')
  const distinct = [...new Set(named)]
  return distinct.length === 1 ? distinct[0] : undefined
}

function namesInMessage(message: string): readonly string[] {
  return [...message.matchAll(/"name"\s*:\s*"([a-z0-9_]+)"/g)].flatMap((match) => match[1] ?? [])
}
