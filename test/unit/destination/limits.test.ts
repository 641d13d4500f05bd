import { describe, expect, it } from 'vitest'
import {
  createLimiter,
  type Lane,
  type LimiterOptions,
} from '../../../src/destination/hubspot/limits.ts'

/** Time that only moves when told; sleepers wake in order. */
function fakeTime() {
  let now = 0
  let sleepers: { atMs: number; wake: () => void }[] = []
  const settle = async () => {
    for (let i = 0; i < 20; i += 1) await Promise.resolve()
  }
  return {
    clock: () => now,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const sleeper = { atMs: now + ms, wake: resolve }
        sleepers.push(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((each) => each !== sleeper)
          reject(signal.reason)
        })
      }),
    sleeping: () => sleepers.length,
    async advance(ms: number) {
      const until = now + ms
      await settle()
      while (true) {
        const [next] = sleepers.filter((each) => each.atMs <= until).sort((a, b) => a.atMs - b.atMs)
        if (next === undefined) break
        now = Math.max(now, next.atMs)
        sleepers = sleepers.filter((each) => each !== next)
        next.wake()
        await settle()
      }
      now = until
    },
  }
}

const forever = new AbortController().signal

function setUp(options: Partial<LimiterOptions> = {}) {
  const time = fakeTime()
  const limiter = createLimiter({
    clock: time.clock,
    sleep: time.sleep,
    concurrency: 1000,
    ...options,
  })
  const startedAt: number[] = []
  /** Requests that are answered at once. */
  const ask = (count: number, lane: Lane = 'default') => {
    for (let i = 0; i < count; i += 1) {
      void limiter.acquire(lane, forever).then((release) => {
        startedAt.push(time.clock())
        release()
      })
    }
  }
  return { time, limiter, startedAt, ask }
}

function headers(max: number, remaining: number) {
  return {
    'x-hubspot-ratelimit-max': String(max),
    'x-hubspot-ratelimit-remaining': String(remaining),
    'x-hubspot-ratelimit-interval-milliseconds': '10000',
    'x-hubspot-ratelimit-daily': '250000',
    'x-hubspot-ratelimit-daily-remaining': '249000',
  }
}

describe('the limiter', () => {
  it('starts with the lowest tier: 100 requests in ten seconds', async () => {
    const { time, startedAt, ask } = setUp()
    ask(150)
    await time.advance(9999)
    expect(startedAt).toHaveLength(100)
    await time.advance(1)
    expect(startedAt).toHaveLength(150)
  })

  it('learns a higher limit from the headers', async () => {
    const { time, limiter, startedAt, ask } = setUp()
    limiter.observe('default', headers(190, 190))
    ask(250)
    await time.advance(0)
    expect(startedAt).toHaveLength(190)
    expect(limiter.learnt()).toMatchObject({
      isLearnt: true,
      maxPerInterval: 190,
      dailyRemaining: 249_000,
    })
  })

  it('never has more in any ten seconds than allowed, counted until the answer', async () => {
    const { time, limiter, startedAt } = setUp()
    for (let i = 0; i < 500; i += 1) {
      void limiter.acquire('default', forever).then((release) => {
        startedAt.push(time.clock())
        void time.sleep(100 + ((i * 37) % 900)).then(release)
      })
    }
    await time.advance(120_000)
    expect(startedAt).toHaveLength(500)
    for (const from of startedAt) {
      const inWindow = startedAt.filter((at) => at >= from && at < from + 10_000).length
      expect(inWindow).toBeLessThanOrEqual(100)
    }
  })

  it("keeps to the user's bound when HubSpot allows more", async () => {
    const { time, limiter, startedAt, ask } = setUp({ requestsPerTenSeconds: 20 })
    limiter.observe('default', headers(190, 190))
    ask(50)
    await time.advance(0)
    expect(startedAt).toHaveLength(20)
  })

  it("takes the user's bound until HubSpot's is learnt", async () => {
    const { time, startedAt, ask } = setUp({ requestsPerTenSeconds: 400 })
    ask(500)
    await time.advance(0)
    expect(startedAt).toHaveLength(400)
  })

  it('leaves to others what they take', async () => {
    const { time, limiter, startedAt, ask } = setUp()
    limiter.observe('default', headers(100, 30))
    ask(100)
    await time.advance(0)
    expect(startedAt).toHaveLength(30)
    await time.advance(10_000)
    expect(startedAt).toHaveLength(100)
  })

  it('does not take its own requests for those of others', async () => {
    const { time, limiter, startedAt, ask } = setUp()
    ask(60)
    await time.advance(0)
    limiter.observe('default', headers(100, 40))
    ask(60)
    await time.advance(0)
    expect(startedAt).toHaveLength(100)
  })

  it('bounds the requests under way', async () => {
    const { time, limiter } = setUp({ concurrency: 3 })
    const releases: (() => void)[] = []
    for (let i = 0; i < 5; i += 1) {
      void limiter.acquire('default', forever).then((release) => releases.push(release))
    }
    await time.advance(0)
    expect(releases).toHaveLength(3)
    releases[0]?.()
    releases[0]?.()
    await time.advance(0)
    expect(releases).toHaveLength(4)
  })

  it('pauses everybody after a 429', async () => {
    const { time, limiter, startedAt, ask } = setUp()
    limiter.pause('default', 4000)
    expect(limiter.load()).toMatchObject({ what: 'calls', pausedMs: 4000 })
    ask(2)
    await time.advance(3999)
    expect(startedAt).toEqual([])
    await time.advance(1)
    expect(startedAt).toEqual([4000, 4000])
  })

  it('gives searches a lane of their own, five a second', async () => {
    const { time, limiter, startedAt, ask } = setUp()
    limiter.pause('default', 60_000)
    ask(12, 'search')
    await time.advance(2500)
    expect(startedAt).toEqual([0, 0, 0, 0, 0, 1000, 1000, 1000, 1000, 1000, 2000, 2000])
  })

  it('refuses the request after the last one of the budget', async () => {
    const { limiter } = setUp({ maxCalls: 2 })
    await Promise.all([limiter.acquire('default', forever), limiter.acquire('default', forever)])
    await expect(limiter.acquire('default', forever)).rejects.toMatchObject({
      category: 'CALL_BUDGET',
      endsRun: true,
    })
  })

  it('lets a waiting request be cancelled and leaves no timer behind', async () => {
    const { time, limiter } = setUp()
    limiter.pause('default', 5000)
    const cancel = new AbortController()
    const waiting = limiter.acquire('default', cancel.signal)
    await time.advance(0)
    expect(time.sleeping()).toBe(1)
    cancel.abort(new Error('stop'))
    await expect(waiting).rejects.toThrow('stop')
    expect(time.sleeping()).toBe(0)
  })
})
