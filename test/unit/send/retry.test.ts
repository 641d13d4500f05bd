import { describe, expect, it } from 'vitest'
import { DestinationError, type Disposition } from '../../../src/errors.ts'
import { silentLogger } from '../../../src/log.ts'
import { MAX_RETRY_AFTER_MS, retryDelayMs, withRetry } from '../../../src/send/retry.ts'

function failure(
  category: string,
  status: number | undefined,
  disposition: Disposition,
  extra: { retryAfterMs?: number; endsRun?: boolean } = {},
) {
  return new DestinationError({ action: 'a', detail: 'd', category, status, disposition, ...extra })
}

const busy = failure('UNAVAILABLE', 503, 'transient')
const lost = failure('SERVER_ERROR', 500, 'unknown')
const first = (error: unknown, attempt = 1) => ({ error, attempt, elapsedMs: 0 })

describe('the delay before a repeat', () => {
  it('is spread over 1 s doubling to 30 s', () => {
    const ceilings = [1, 2, 3, 4].map((attempt) => retryDelayMs(first(lost, attempt), {}, () => 1))
    expect(ceilings).toEqual([1000, 2000, 4000, 8000])
    expect(retryDelayMs(first(lost, 4), {}, () => 0)).toBe(0)
  })

  it('is at least 2 s for a locked record', () => {
    expect(retryDelayMs(first(failure('LOCKED', 423, 'transient')), {}, () => 0)).toBe(2000)
  })

  it('is the interval for a burst limit', () => {
    const burst = failure('RATE_LIMIT_BURST', 429, 'transient')
    expect(retryDelayMs(first(burst), {}, () => 0)).toBe(10_000)
  })

  it('is what Retry-After says, when it says anything', () => {
    const asked = failure('UNAVAILABLE', 503, 'transient', { retryAfterMs: 17_000 })
    expect(retryDelayMs(first(asked), {}, () => 0.5)).toBe(17_000)
  })

  it('is none when Retry-After asks for more patience than a run has', () => {
    const asked = failure('UNAVAILABLE', 503, 'transient', { retryAfterMs: MAX_RETRY_AFTER_MS + 1 })
    expect(retryDelayMs(first(asked), {}, () => 0)).toBeUndefined()
  })
})

describe('a repeat', () => {
  it.each([
    ['the fifth attempt', first(busy, 5)],
    ['a refusal', first(failure('VALIDATION_ERROR', 400, 'terminal'))],
    ['the daily limit', first(failure('RATE_LIMIT_DAILY', 429, 'transient', { endsRun: true }))],
    ['a wrong token', first(failure('UNAUTHORIZED', 401, 'terminal', { endsRun: true }))],
    ['missing scopes', first(failure('MISSING_SCOPES', 403, 'terminal', { endsRun: true }))],
    ['a migrating account', first(failure('MIGRATING', 477, 'transient', { endsRun: true }))],
    [
      'a used-up call budget',
      first(failure('CALL_BUDGET', undefined, 'transient', { endsRun: true })),
    ],
    ['a cancelled request', first(failure('ABORTED', undefined, 'unknown'))],
    ['a status nobody knows', first(failure('UNLISTED', 418, 'unknown'))],
    ['a defect', first(new TypeError('x is not a function'))],
    ['a quarter of an hour', { error: busy, attempt: 1, elapsedMs: 900_000 }],
  ])('does not follow %s', (_what, failed) => {
    expect(retryDelayMs(failed, {}, () => 0)).toBeUndefined()
  })

  it('does not follow a lost answer when it could double something', () => {
    const policy = { isSafeToRepeat: false }
    expect(retryDelayMs(first(lost), policy, () => 0)).toBeUndefined()
    expect(
      retryDelayMs(first(failure('TIMEOUT', undefined, 'unknown')), policy, () => 0),
    ).toBeUndefined()
    expect(retryDelayMs(first(busy), policy, () => 0)).toBeDefined()
  })

  it.each([
    ['RATE_LIMIT_BURST', 429, 'transient'],
    ['RATE_LIMIT_SEARCH', 429, 'transient'],
    ['NETWORK_REFUSED', undefined, 'transient'],
    ['NETWORK_DNS', undefined, 'transient'],
    ['NETWORK_LOST', undefined, 'unknown'],
    ['TIMEOUT', undefined, 'unknown'],
    ['INCOMPLETE_ANSWER', 207, 'transient'],
    ['REQUEST_TIMEOUT', 408, 'unknown'],
    ['LOCKED', 423, 'transient'],
    ['SERVER_ERROR', 500, 'unknown'],
    ['GATEWAY_TIMEOUT', 502, 'unknown'],
    ['UNAVAILABLE', 503, 'transient'],
    ['GATEWAY_TIMEOUT', 504, 'unknown'],
    ['UNAVAILABLE', 521, 'transient'],
    ['ORIGIN_TIMEOUT', 522, 'unknown'],
    ['UNAVAILABLE', 523, 'transient'],
    ['GATEWAY_TIMEOUT', 524, 'unknown'],
    ['ORIGIN_TLS', 525, 'transient'],
    ['ORIGIN_TLS', 526, 'transient'],
  ] as const)('follows %s (%s)', (category, status, disposition) => {
    expect(retryDelayMs(first(failure(category, status, disposition)), {}, () => 0)).toBeDefined()
  })
})

describe('withRetry', () => {
  function options(signal = new AbortController().signal) {
    const slept: number[] = []
    const sleep = async (ms: number) => {
      slept.push(ms)
    }
    return { slept, clock: () => 0, sleep, random: () => 0.5, signal, log: silentLogger }
  }

  it('gives the first success and counts attempts from 1', async () => {
    const seen: number[] = []
    const given = options()
    const result = await withRetry(async (attempt) => {
      seen.push(attempt)
      if (attempt < 3) throw busy
      return 'done'
    }, given)
    expect(result).toBe('done')
    expect(seen).toEqual([1, 2, 3])
    expect(given.slept).toEqual([2000, 2000])
  })

  it('gives up with the last error', async () => {
    let attempts = 0
    const failing = withRetry(async () => {
      attempts += 1
      throw lost
    }, options())
    await expect(failing).rejects.toBe(lost)
    expect(attempts).toBe(5)
  })

  it('stops waiting when told to', async () => {
    const stop = new AbortController()
    let attempts = 0
    const failing = withRetry(
      async () => {
        attempts += 1
        throw busy
      },
      {
        ...options(stop.signal),
        sleep: (_ms, signal) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason))
            stop.abort()
          }),
      },
    )
    await expect(failing).rejects.toBe(busy)
    expect(attempts).toBe(1)
  })
})
