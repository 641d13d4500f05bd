import { nextMidnight } from './account-time.ts'
import type { Answer } from './answers.ts'

/** Requests an account may send. `Infinity` switches a limit off. */
export interface Limits {
  /** Per token and rolling ten seconds. */
  readonly perTenSeconds: number
  /** Per account and day of its time zone. */
  readonly daily: number
  /** Searches per account and second. */
  readonly searchPerSecond: number
  /** Requests that send events, per account and second. */
  readonly eventsPerSecond: number
}

/** Limits by subscription. https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines (2026-11-23) */
export const TIERS = {
  starter: { perTenSeconds: 100, daily: 250_000, searchPerSecond: 5, eventsPerSecond: 1250 },
  professional: { perTenSeconds: 190, daily: 625_000, searchPerSecond: 5, eventsPerSecond: 1250 },
  enterprise: { perTenSeconds: 190, daily: 1_000_000, searchPerSecond: 5, eventsPerSecond: 1250 },
  unlimited: {
    perTenSeconds: Infinity,
    daily: Infinity,
    searchPerSecond: Infinity,
    eventsPerSecond: Infinity,
  },
} as const satisfies Readonly<Record<string, Limits>>

/** A subscription level whose limits are known. */
export type Tier = keyof typeof TIERS

/** Which limit a request ran into, as HubSpot's bodies name it. */
export type LimitPolicy = 'TEN_SECONDLY_ROLLING' | 'DAILY' | 'SECONDLY'

/** Counts requests against the limits. */
export interface RateLimits {
  /** Counts one request; answers the limit it ran into, in which case it was not let through. */
  readonly take: (token: string, isSearch: boolean, now: number) => LimitPolicy | undefined
  /** The same of a request that sends events, which counts against nothing else. */
  readonly takeEvents: (now: number) => LimitPolicy | undefined
  /** The headers of an answer; searches and sent events carry none. */
  readonly headers: (token: string, now: number) => Readonly<Record<string, string>>
  /** Requests since the account's midnight, and when the next one is. */
  readonly daily: (now: number) => {
    readonly used: number
    readonly limit: number
    readonly resetsAt: number
  }
  readonly reset: () => void
}

const TEN_SECONDS_MS = 10_000
const SECOND_MS = 1000

/** Forgotten times a window keeps before it is made shorter. */
const COMPACT_AFTER = 1024

/** Starts counting. Searches are exempt from the ten-second limit, not from the daily one. */
export function createRateLimits(limits: Limits, timeZone: string): RateLimits {
  const bursts = new Map<string, Window>()
  const searches = createWindow(limits.searchPerSecond, SECOND_MS)
  const events = createWindow(limits.eventsPerSecond, SECOND_MS)
  let used = 0
  let resetsAt = 0
  const roll = (now: number) => {
    if (now < resetsAt) return
    used = 0
    resetsAt = nextMidnight(now, timeZone)
  }
  const burstOf = (token: string) => {
    const burst = bursts.get(token) ?? createWindow(limits.perTenSeconds, TEN_SECONDS_MS)
    bursts.set(token, burst)
    return burst
  }
  return {
    take: (token, isSearch, now) => {
      roll(now)
      if (used >= limits.daily) return 'DAILY'
      const window = isSearch ? searches : burstOf(token)
      if (!window.take(now)) return isSearch ? 'SECONDLY' : 'TEN_SECONDLY_ROLLING'
      used += 1
      return undefined
    },
    takeEvents: (now) => (events.take(now) ? undefined : 'SECONDLY'),
    headers: (token, now) => {
      if (limits.perTenSeconds === Infinity) return {}
      roll(now)
      return {
        'X-HubSpot-RateLimit-Max': String(limits.perTenSeconds),
        'X-HubSpot-RateLimit-Remaining': String(burstOf(token).remaining(now)),
        'X-HubSpot-RateLimit-Interval-Milliseconds': String(TEN_SECONDS_MS),
        'X-HubSpot-RateLimit-Daily': String(limits.daily),
        'X-HubSpot-RateLimit-Daily-Remaining': String(Math.max(0, limits.daily - used)),
      }
    },
    daily: (now) => {
      roll(now)
      return { used, limit: limits.daily, resetsAt }
    },
    reset: () => {
      bursts.clear()
      searches.clear()
      events.clear()
      used = 0
    },
  }
}

/** The answer to a request over a limit; it lacks the `category` that HubSpot's spec calls required (observed). */
export function refuseLimit(policy: LimitPolicy, portalId: number): Answer {
  const body = {
    status: 'error',
    message: `You have reached your ${policy.toLowerCase()} limit.`,
    errorType: 'RATE_LIMIT',
  }
  if (policy === 'SECONDLY') return { status: 429, body }
  const groupName = `publicapi:private-apps-api-calls${policy === 'DAILY' ? '-daily' : ''}:${portalId}`
  return { status: 429, body: { ...body, policyName: policy, groupName } }
}

interface Window {
  readonly take: (now: number) => boolean
  readonly remaining: (now: number) => number
  readonly clear: () => void
}

/** A rolling window over the times of the requests let through. */
function createWindow(limit: number, lengthMs: number): Window {
  const times: number[] = []
  let oldest = 0
  const expire = (now: number) => {
    while (oldest < times.length && (times[oldest] ?? 0) <= now - lengthMs) oldest += 1
    if (oldest > COMPACT_AFTER) {
      times.splice(0, oldest)
      oldest = 0
    }
  }
  return {
    take: (now) => {
      if (limit === Infinity) return true
      expire(now)
      if (times.length - oldest >= limit) return false
      times.push(now)
      return true
    },
    remaining: (now) => {
      expire(now)
      return Math.max(0, limit - (times.length - oldest))
    },
    clear: () => {
      times.length = 0
      oldest = 0
    },
  }
}
