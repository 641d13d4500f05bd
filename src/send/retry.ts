import { DestinationError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Clock, Sleep } from '../types.ts'

/** How long to wait before repeating after one kind of failure, and how often. */
interface RetryRule {
  /** `DestinationError.category`; first match wins. */
  readonly category?: string
  readonly status?: number
  readonly minMs: number
  readonly maxMs: number
  /** Attempts in all, the first included. */
  readonly maxAttempts: number
}

const BASE_DELAY_MS = 1000
const MAX_DELAY_MS = 30_000
const MAX_ATTEMPTS = 5
/** A limit only asks for patience, and nothing was written: worth more attempts than a fault. */
const MAX_LIMITED_ATTEMPTS = 10
/** A longer `Retry-After` is left to the next run. */
export const MAX_RETRY_AFTER_MS = 300_000

const rule = (
  match: { category?: string; status?: number },
  bounds: Partial<RetryRule> = {},
): RetryRule => ({
  minMs: 0,
  maxMs: MAX_DELAY_MS,
  maxAttempts: MAX_ATTEMPTS,
  ...bounds,
  ...match,
})

/**
 * Everything that is ever repeated. What is not here is not: refusals, a used-up daily limit (429 by DAILY), a
 * migrating account (477), 401, 403, and errors that are no `DestinationError`. Delays: HubSpot's usage guidelines
 * (developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines, checked 2026-11-23): "pause a few seconds" for
 * 502–504, 2 s for 423, the interval for a burst.
 */
const RETRY_RULES: readonly RetryRule[] = [
  rule({ category: 'RATE_LIMIT_BURST' }, { minMs: 10_000, maxAttempts: MAX_LIMITED_ATTEMPTS }),
  rule({ category: 'RATE_LIMIT_SEARCH' }, { minMs: 1000, maxAttempts: MAX_LIMITED_ATTEMPTS }),
  rule({ category: 'NETWORK_REFUSED' }),
  rule({ category: 'NETWORK_DNS' }),
  rule({ category: 'NETWORK_LOST' }),
  rule({ category: 'TIMEOUT' }),
  rule({ category: 'INCOMPLETE_ANSWER' }),
  rule({ category: 'UNREADABLE_ANSWER' }, { maxAttempts: 3 }),
  rule({ status: 408 }),
  rule({ status: 423 }, { minMs: 2000 }),
  rule({ status: 500 }),
  rule({ status: 502 }, { minMs: 2000 }),
  rule({ status: 503 }, { minMs: 2000 }),
  rule({ status: 504 }, { minMs: 2000 }),
  rule({ status: 521 }, { minMs: 2000 }),
  rule({ status: 523 }, { minMs: 2000 }),
  rule({ status: 524 }, { minMs: 2000 }),
  rule({ status: 520 }, { minMs: 5000, maxAttempts: 2 }),
  rule({ status: 522 }, { minMs: 5000, maxAttempts: 2 }),
  rule({ status: 525 }, { minMs: 5000, maxAttempts: 2 }),
  rule({ status: 526 }, { minMs: 5000, maxAttempts: 2 }),
]

export interface FailedAttempt {
  readonly error: unknown
  /** Counts from 1. */
  readonly attempt: number
  readonly elapsedMs: number
}

export interface RetryPolicy {
  /** Whether a repeat is harmless when the first attempt may have been carried out. Creates: false. Default true. */
  readonly isSafeToRepeat?: boolean
  /** No further attempt starts after this long; default 15 minutes. */
  readonly maxElapsedMs?: number
}

const MAX_ELAPSED_MS = 900_000

/**
 * Decides on a repeat: full jitter from 1 s doubling to 30 s, within the rule's bounds; `Retry-After` wins.
 *
 * @param random 0 ≤ n < 1
 * @returns milliseconds to wait, or undefined: do not repeat
 */
export function retryDelayMs(
  failed: FailedAttempt,
  policy: RetryPolicy,
  random: () => number,
): number | undefined {
  const { error, attempt } = failed
  if (!(error instanceof DestinationError) || error.endsRun) return undefined
  if (error.disposition === 'terminal') return undefined
  if (error.disposition === 'unknown' && policy.isSafeToRepeat === false) return undefined
  const found = RETRY_RULES.find(
    (each) =>
      each.category === error.category ||
      (each.status !== undefined && each.status === error.status),
  )
  if (found === undefined || attempt >= found.maxAttempts) return undefined
  const ceiling = Math.min(found.maxMs, BASE_DELAY_MS * 2 ** (attempt - 1))
  const delay = error.retryAfterMs ?? Math.max(found.minMs, random() * ceiling)
  if (delay > MAX_RETRY_AFTER_MS) return undefined
  return failed.elapsedMs + delay > (policy.maxElapsedMs ?? MAX_ELAPSED_MS) ? undefined : delay
}

export interface RetryOptions extends RetryPolicy {
  readonly clock: Clock
  readonly sleep: Sleep
  readonly random: () => number
  /** Once aborted there is no further attempt; the last error is thrown. It does not reach into a running attempt. */
  readonly signal: AbortSignal
  readonly log: Logger
  /** Told of each failed attempt that will be repeated. */
  readonly onRetry?: (failed: FailedAttempt) => void
}

/**
 * Attempts until it succeeds, is not worth repeating, or is told to stop.
 *
 * @param attempt gets its number, from 1
 * @throws what the last attempt threw
 */
export async function withRetry<T>(
  attempt: (number: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const startedAtMs = options.clock()
  for (let number = 1; ; number += 1) {
    try {
      return await attempt(number)
    } catch (error) {
      const failed = { error, attempt: number, elapsedMs: options.clock() - startedAtMs }
      const delayMs = options.signal.aborted
        ? undefined
        : retryDelayMs(failed, options, options.random)
      if (delayMs === undefined) throw error
      options.onRetry?.(failed)
      options.log.debug('HubSpot request is repeated', retryFields(failed, delayMs))
      const isCut = await options.sleep(delayMs, options.signal).then(
        () => false,
        () => options.signal.aborted,
      )
      if (isCut) throw error
    }
  }
}

function retryFields(failed: FailedAttempt, delayMs: number) {
  const error = failed.error instanceof DestinationError ? failed.error : undefined
  return {
    attempt: failed.attempt,
    delayMs: Math.round(delayMs),
    category: error?.category,
    status: error?.status,
    correlationId: error?.correlationId,
  }
}
