import { type Answer, refuse } from './answers.ts'
import type { FaultRule } from './faults.ts'
import type { Random } from './random.ts'
import { refuseLimit } from './rate-limits.ts'

/** Seconds a migrating account asks to wait: HubSpot names up to 24 hours. */
const MIGRATION_RETRY_AFTER_SECONDS = 86_400

/** The error answer of a fault, with the body HubSpot or its gateway gives for that status. */
export function faultAnswer(rule: FaultRule, portalId: number): Answer {
  const status = rule.status ?? 503
  const usual =
    rule.body === undefined ? usualAnswer(status, rule, portalId) : { status, body: rule.body }
  const after =
    rule.retryAfterSeconds ?? (status === 477 ? MIGRATION_RETRY_AFTER_SECONDS : undefined)
  if (after === undefined) return usual
  return { ...usual, headers: { ...usual.headers, 'Retry-After': String(after) } }
}

/** A batch answer with one or all of its results left out. Other answers stay as they are. */
export function withoutResults(
  answer: Answer,
  kind: 'drop_result' | 'empty_results',
  random: Random,
): Answer {
  const { body } = answer
  if (typeof body !== 'object' || body === null || !('results' in body)) return answer
  if (!Array.isArray(body.results)) return answer
  const dropped = random.below(Math.max(1, body.results.length))
  const results =
    kind === 'empty_results' ? [] : body.results.filter((_, place) => place !== dropped)
  return { ...answer, body: { ...body, results } }
}

function usualAnswer(status: number, rule: FaultRule, portalId: number): Answer {
  switch (status) {
    case 429:
      return refuseLimit(rule.policy ?? 'TEN_SECONDLY_ROLLING', portalId)
    case 423:
      return refuse(423, 'LOCKED', 'The record is locked by another operation. Try again later.')
    case 477:
      return refuse(
        477,
        'MIGRATION_IN_PROGRESS',
        'This account is being migrated to another data hosting location.',
      )
    case 500:
      return refuse(500, 'INTERNAL_ERROR', 'internal error')
    case 502:
    case 504:
    case 521:
    case 522:
    case 523:
    case 524:
    case 525:
    case 526:
      return { status, body: gatewayPage(status), headers: { 'content-type': 'text/html' } }
    case 503:
      return refuse(503, 'SERVICE_UNAVAILABLE', 'The service is temporarily unavailable.')
    default:
      return refuse(status, 'INTERNAL_ERROR', `Injected fault with status ${status}`)
  }
}

function gatewayPage(status: number): string {
  return `<html><head><title>api.hubapi.com | ${status}</title></head><body><h1>Error ${status}</h1></body></html>`
}
