import { DestinationError, type Disposition } from '../../errors.ts'
import { ERROR_TABLE, type ErrorEntry, type ErrorFacts, UNLISTED } from './error-table.ts'
import { asArray, asRecord, asText, asTexts } from './json.ts'
import { existingId, isTakenValue, namedProperty } from './record-errors.ts'
import { type Answer, isTlsCode, type LostAnswer } from './transport.ts'

/** What was being done when it failed. */
export interface CallFacts {
  /** For the message: `upsert 100 contacts`. */
  readonly action: string
  /** A read is safe to repeat, whatever became of its answer. */
  readonly effect: 'read' | 'write'
  readonly lane: 'default' | 'search' | 'events'
  readonly requestId: string
  /** How long a burst 429 without `Retry-After` pauses. */
  readonly intervalMs: number
  /** Where the token comes from: `HUBSPOT_ACCESS_TOKEN`. */
  readonly tokenPlace?: string | undefined
}

/** Waiting time of a search 429 without `Retry-After`: the limit is per second. */
const SEARCH_PAUSE_MS = 1000

/** The error of an answer whose status (or missing body) refuses the whole request. */
export function answerError(answer: Answer, call: CallFacts): DestinationError {
  const facts = factsOf(answer, call)
  const entry = entryFor(facts)
  const scopes = entry.category === 'MISSING_SCOPES' ? missingScopes(answer.json) : []
  return new DestinationError({
    action: call.action,
    detail: scopes.length > 0 ? lacking(scopes) : detailOf(entry, answer),
    category: entry.category,
    disposition: dispositionFor(entry.disposition, call.effect),
    status: answer.status,
    correlationId: correlationId(answer),
    retryAfterMs: pauseMs(answer, entry, call),
    endsRun: entry.endsRun,
    isContent: entry.isContent,
    vendorMessage: facts.message === '' ? undefined : facts.message,
    property: entry.isContent ? namedProperty(asRecord(answer.json)) : undefined,
    existingId: entry.isContent ? existingId(asRecord(answer.json)) : undefined,
    hint:
      entry.category === 'UNAUTHORIZED'
        ? entry.hint.replace('the access token', call.tokenPlace ?? 'the access token')
        : entry.hint,
    requestId: call.requestId,
  })
}

/** HubSpot names every scope of which any one would do. */
function lacking(scopes: readonly string[]): string {
  return scopes.length === 1
    ? `the access token lacks the scope ${scopes[0]}`
    : `the access token needs one of the scopes ${scopes.join(', ')}`
}

/** The error of a request without an answer. */
export function lostAnswerError(lost: LostAnswer, call: CallFacts): DestinationError {
  const entry = entryFor({
    ...NO_FACTS,
    lost: lost.kind,
    networkCode: lost.code,
    isTls: isTlsCode(lost.code),
    lane: call.lane,
  })
  return new DestinationError({
    action: call.action,
    detail: `${entry.detail} (${lost.code})`,
    category: entry.category,
    disposition: dispositionFor(entry.disposition, call.effect),
    endsRun: entry.endsRun,
    hint: entry.hint,
    requestId: call.requestId,
    cause: lost,
  })
}

/** The first entry of the table that matches. */
function entryFor(facts: ErrorFacts): ErrorEntry {
  return ERROR_TABLE.find((entry) => entry.test(facts)) ?? UNLISTED
}

/** HubSpot's id of the answer: in errors in the body, always in the headers. */
export function correlationId(answer: Answer): string | undefined {
  return (
    asText(asRecord(answer.json)['correlationId']) ?? answer.headers['x-hubspot-correlation-id']
  )
}

/** Scopes named by a 403, in the documented shape and in the older one with a top-level `context`. */
export function missingScopes(json: unknown): readonly string[] {
  const body = asRecord(json)
  const contexts = [body['context'], ...asArray(body['errors']).map((e) => asRecord(e)['context'])]
  const named = contexts.flatMap((context) =>
    ['requiredGranularScopes', 'requiredScopes'].flatMap((key) => asTexts(asRecord(context)[key])),
  )
  return [...new Set(named)]
}

/** `Retry-After` in milliseconds, given as seconds or as a date; undefined when absent or unreadable. */
function retryAfterMs(answer: Answer): number | undefined {
  const value = answer.headers['retry-after']
  if (value === undefined || value === '') return undefined
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const atMs = Date.parse(value)
  const nowMs = Date.parse(answer.headers['date'] ?? '')
  return Number.isNaN(atMs) || Number.isNaN(nowMs) ? undefined : Math.max(0, atMs - nowMs)
}

const NO_FACTS: ErrorFacts = {
  status: undefined,
  category: '',
  subCategory: '',
  policyName: '',
  message: '',
  isTakenValue: false,
  lost: undefined,
  networkCode: '',
  isTls: false,
  lane: 'default',
}

function factsOf(answer: Answer, call: CallFacts): ErrorFacts {
  const body = asRecord(answer.json)
  return {
    ...NO_FACTS,
    status: answer.status,
    category: (asText(body['category']) ?? '').toUpperCase(),
    subCategory: (asText(body['subCategory']) ?? '').toUpperCase(),
    policyName: (asText(body['policyName']) ?? '').toUpperCase(),
    message: asText(body['message']) ?? '',
    isTakenValue: isTakenValue(body),
    lane: call.lane,
  }
}

function detailOf(entry: ErrorEntry, answer: Answer): string {
  return `${entry.detail} (HTTP ${answer.status})`
}

function dispositionFor(afterWrite: Disposition, effect: 'read' | 'write'): Disposition {
  return afterWrite === 'unknown' && effect === 'read' ? 'transient' : afterWrite
}

function pauseMs(answer: Answer, entry: ErrorEntry, call: CallFacts): number | undefined {
  const asked = retryAfterMs(answer)
  if (asked !== undefined) return asked
  if (entry.category === 'RATE_LIMIT_BURST') return call.intervalMs
  return entry.category === 'RATE_LIMIT_SEARCH' ? SEARCH_PAUSE_MS : undefined
}
