import { DestinationError } from '../../errors.ts'
import type { Clock, Sleep } from '../../types.ts'

/**
 * Requests per interval until HubSpot's headers say otherwise: the lowest tier
 * (developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines, checked 2026-11-23).
 */
const UNLEARNT_REQUESTS = 100
const UNLEARNT_INTERVAL_MS = 10_000
/** All searches of an account together; search answers carry no headers (same page). */
const SEARCHES_PER_SECOND = 5
/** Requests that send events count against nothing else (developers.hubspot.com, "Send custom event data", checked 2026-11-23). */
const EVENT_REQUESTS_PER_SECOND = 1250
const DEFAULT_CONCURRENCY = 10

export type Lane = 'default' | 'search' | 'events'

const perSecond: Partial<Readonly<Record<Lane, number>>> = {
  search: SEARCHES_PER_SECOND,
  events: EVENT_REQUESTS_PER_SECOND,
}

/** What the answers' headers have said so far. */
export interface LearntLimits {
  readonly maxPerInterval: number
  readonly intervalMs: number
  /** False while `maxPerInterval` is the default. */
  readonly isLearnt: boolean
  readonly dailyMax: number | undefined
  readonly dailyRemaining: number | undefined
}

/** How much of a lane's limit is in use. */
export interface LimitLoad {
  readonly what: 'calls' | 'searches' | 'events'
  /** Requests that count against the limit now. */
  readonly used: number
  /** Those that may, by HubSpot's limit, ours, and what other processes take. */
  readonly allowed: number
  readonly intervalMs: number
  /** No request starts for so long, because HubSpot refused one for a limit; 0: it did not. */
  readonly pausedMs: number
}

/** A lane that may not start is nearer to its limit than any that may. */
const nearness = ({ pausedMs, used, allowed }: LimitLoad): number =>
  pausedMs > 0 ? Number.POSITIVE_INFINITY : used / allowed

const whatGoesBy = { default: 'calls', search: 'searches', events: 'events' } as const

export interface LimiterOptions {
  readonly clock: Clock
  readonly sleep: Sleep
  /** Requests under way at once. */
  readonly concurrency?: number
  /** Bound of ours: alone until HubSpot's is learnt, then the lower of the two. */
  readonly requestsPerTenSeconds?: number
  /** Requests in all; the next one is refused. */
  readonly maxCalls?: number
  /** Those of them that were made before. */
  readonly callsBefore?: number
}

export interface Limiter {
  /**
   * Waits for a turn, first come first served.
   *
   * @returns ends the turn; to be called once, when the answer is there
   * @throws DestinationError `CALL_BUDGET` when `maxCalls` requests were made; the signal's reason when it is aborted first
   */
  acquire(lane: Lane, signal: AbortSignal): Promise<() => void>
  /** Learns from an answer's headers (lower-case names). */
  observe(lane: Lane, headers: Readonly<Record<string, string>>): void
  /** Nobody of the lane starts for so long: after a 429. */
  pause(lane: Lane, ms: number): void
  learnt(): LearntLimits
  /** Of the lane that is nearest to its limit. */
  load(): LimitLoad
}

interface LaneState {
  /**
   * When each finished request leaves the window. A request counts from its start until one interval after its answer:
   * HubSpot saw it somewhere in between, so its own rolling window can never hold more of ours than this one.
   */
  readonly leavesAtMs: number[]
  inFlight: number
  pausedUntilMs: number
  /** Requests of others seen in the current window, and until when that is believed. */
  foreign: number
  foreignUntilMs: number
}

interface Waiter {
  readonly start: (release: () => void) => void
  readonly fail: (reason: unknown) => void
}

/**
 * One limiter for all requests of a process: a rolling window per lane, a bound on requests under way, and pauses.
 * Other processes that use the same app show in `X-HubSpot-RateLimit-Remaining`; what they take is left to them.
 * One long function: everything in it closes over the same few counters.
 */
export function createLimiter(options: LimiterOptions): Limiter {
  const { clock, sleep } = options
  const concurrency = Math.max(1, options.concurrency ?? DEFAULT_CONCURRENCY)
  const lanes: Record<Lane, LaneState> = {
    default: newLane(),
    search: newLane(),
    events: newLane(),
  }
  const waiting: Record<Lane, Waiter[]> = { default: [], search: [], events: [] }
  const timers: Record<Lane, AbortController | undefined> = {
    default: undefined,
    search: undefined,
    events: undefined,
  }
  let learnt: LearntLimits = {
    maxPerInterval: UNLEARNT_REQUESTS,
    intervalMs: UNLEARNT_INTERVAL_MS,
    isLearnt: false,
    dailyMax: undefined,
    dailyRemaining: undefined,
  }
  let calls = options.callsBefore ?? 0
  let inFlight = 0

  const intervalMs = (lane: Lane): number =>
    perSecond[lane] === undefined ? learnt.intervalMs : 1000

  const allowed = (lane: Lane): number => {
    const ownLimit = perSecond[lane]
    if (ownLimit !== undefined) return ownLimit
    const ours = ((options.requestsPerTenSeconds ?? Infinity) * learnt.intervalMs) / 10_000
    const state = lanes.default
    const foreign = clock() < state.foreignUntilMs ? state.foreign : 0
    const theirs = learnt.isLearnt || ours === Infinity ? learnt.maxPerInterval - foreign : Infinity
    return Math.max(1, Math.floor(Math.min(theirs, ours)))
  }

  /** Milliseconds until the lane may start another request; 0 = now, undefined = when a request ends. */
  const waitMs = (lane: Lane): number | undefined => {
    const state = lanes[lane]
    const now = clock()
    while ((state.leavesAtMs[0] ?? Number.POSITIVE_INFINITY) <= now) state.leavesAtMs.shift()
    if (inFlight >= concurrency) return undefined
    if (now < state.pausedUntilMs) return state.pausedUntilMs - now
    const used = state.leavesAtMs.length + state.inFlight
    if (used < allowed(lane)) return 0
    const next = state.leavesAtMs[0]
    return next === undefined ? undefined : Math.max(1, next - now)
  }

  const loadOf = (lane: Lane): LimitLoad => {
    const { leavesAtMs, inFlight: underWay, pausedUntilMs } = lanes[lane]
    const now = clock()
    return {
      what: whatGoesBy[lane],
      used: leavesAtMs.filter((leavesAt) => leavesAt > now).length + underWay,
      allowed: allowed(lane),
      intervalMs: intervalMs(lane),
      pausedMs: Math.max(0, pausedUntilMs - now),
    }
  }

  const pump = (lane: Lane): void => {
    timers[lane]?.abort()
    timers[lane] = undefined
    while (waiting[lane].length > 0) {
      const wait = waitMs(lane)
      if (wait === undefined) return
      if (wait > 0) {
        wakeLater(lane, wait)
        return
      }
      waiting[lane].shift()?.start(begin(lane))
    }
  }

  const wakeLater = (lane: Lane, ms: number): void => {
    const timer = new AbortController()
    timers[lane] = timer
    sleep(ms, timer.signal).then(
      () => pump(lane),
      () => {},
    )
  }

  const begin = (lane: Lane): (() => void) => {
    const state = lanes[lane]
    calls += 1
    inFlight += 1
    state.inFlight += 1
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      inFlight -= 1
      state.inFlight -= 1
      state.leavesAtMs.push(clock() + intervalMs(lane))
      pump('default')
      pump('search')
      pump('events')
    }
  }

  return {
    acquire(lane, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const planned =
          calls + waiting.default.length + waiting.search.length + waiting.events.length
        if (planned >= (options.maxCalls ?? Number.POSITIVE_INFINITY)) {
          return reject(callBudgetError(options.maxCalls ?? 0))
        }
        const onAbort = (): void => waiter.fail(signal.reason)
        const waiter: Waiter = {
          start: (release) => {
            signal.removeEventListener('abort', onAbort)
            resolve(release)
          },
          fail: (reason) => {
            waiting[lane] = waiting[lane].filter((each) => each !== waiter)
            reject(reason)
            pump(lane)
          },
        }
        signal.addEventListener('abort', onAbort, { once: true })
        waiting[lane].push(waiter)
        pump(lane)
      })
    },
    observe(lane, headers) {
      if (lane !== 'default') return
      const { max, remaining, intervalMs, dailyMax, dailyRemaining } = toldLimits(headers)
      learnt = {
        maxPerInterval: max ?? learnt.maxPerInterval,
        intervalMs: intervalMs ?? learnt.intervalMs,
        isLearnt: learnt.isLearnt || max !== undefined,
        dailyMax: dailyMax ?? learnt.dailyMax,
        dailyRemaining: dailyRemaining ?? learnt.dailyRemaining,
      }
      if (remaining !== undefined) noticeForeign(lanes.default, learnt, remaining, clock())
      pump('default')
    },
    pause(lane, ms) {
      const state = lanes[lane]
      state.pausedUntilMs = Math.max(state.pausedUntilMs, clock() + ms)
      pump(lane)
    },
    learnt: () => learnt,
    load: () =>
      [loadOf('default'), loadOf('search'), loadOf('events')].reduce((most, each) =>
        nearness(each) > nearness(most) ? each : most,
      ),
  }
}

/** What is gone from the window and cannot be ours was taken by others; the largest sighting of an interval counts. */
function noticeForeign(
  state: LaneState,
  learnt: LearntLimits,
  remaining: number,
  now: number,
): void {
  const ours = state.leavesAtMs.filter((leavesAt) => leavesAt > now).length + state.inFlight
  const foreign = Math.max(0, learnt.maxPerInterval - remaining - ours)
  if (foreign >= state.foreign || now >= state.foreignUntilMs) {
    state.foreign = foreign
    state.foreignUntilMs = now + learnt.intervalMs
  }
}

function newLane(): LaneState {
  return { leavesAtMs: [], inFlight: 0, pausedUntilMs: 0, foreign: 0, foreignUntilMs: 0 }
}

/** What the headers of one answer (lower-case names) tell of the account's limits. */
export interface ToldLimits {
  readonly max: number | undefined
  readonly remaining: number | undefined
  readonly intervalMs: number | undefined
  readonly dailyMax: number | undefined
  readonly dailyRemaining: number | undefined
}

export function toldLimits(headers: Readonly<Record<string, string>>): ToldLimits {
  const read = (name: string) => positive(headers[`x-hubspot-ratelimit-${name}`])
  return {
    max: read('max'),
    remaining: read('remaining'),
    intervalMs: read('interval-milliseconds'),
    dailyMax: read('daily'),
    dailyRemaining: read('daily-remaining'),
  }
}

function positive(value: string | undefined): number | undefined {
  if (value === undefined || value === '') return undefined
  const number = Number(value)
  return Number.isFinite(number) && number >= 0 ? number : undefined
}

function callBudgetError(maxCalls: number): DestinationError {
  return new DestinationError({
    action: 'call HubSpot',
    detail: `the budget of ${maxCalls} calls is used up`,
    category: 'CALL_BUDGET',
    disposition: 'transient',
    endsRun: true,
    hint: 'Run again to go on, or raise max_calls_per_run.',
  })
}
