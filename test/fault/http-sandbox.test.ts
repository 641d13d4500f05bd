import { afterEach, describe, expect, it } from 'vitest'
import { type HubspotOptions, openHubspot } from '../../src/destination/hubspot/open.ts'
import { silentLogger } from '../../src/log.ts'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import type { SandboxOptions } from '../../src/sandbox/options.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { type SendOptions, send } from '../../src/send/send.ts'
import type { Operation, OperationKind, RecordResult } from '../../src/types.ts'

const open: Sandbox[] = []

afterEach(async () => {
  for (const sandbox of open.splice(0)) await sandbox.close()
})

/** One time for the sandbox and for us; sleeping moves it, so that no waiting takes real time. */
function sharedTime() {
  let now = Date.UTC(2026, 10, 23)
  const slept: number[] = []
  let wakeUps: { atMs: number; wake: () => void }[] = []
  /** Moves on to the next wake-up once everything else has had its chance to happen. */
  const advance = async (): Promise<void> => {
    while (wakeUps.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 15))
      const [next] = wakeUps.sort((a, b) => a.atMs - b.atMs)
      if (next === undefined) return
      wakeUps = wakeUps.filter((each) => each !== next)
      now = Math.max(now, next.atMs)
      next.wake()
    }
  }
  return {
    slept,
    clock: () => now,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const wakeUp = { atMs: now + ms, wake: resolve }
        slept.push(ms)
        wakeUps.push(wakeUp)
        if (wakeUps.length === 1) void advance()
        signal?.addEventListener('abort', () => {
          wakeUps = wakeUps.filter((each) => each !== wakeUp)
          reject(signal.reason)
        })
      }),
  }
}

async function start(options: SandboxOptions = {}) {
  const time = sharedTime()
  const sandbox = await startSandbox({ ...options, clock: time.clock })
  open.push(sandbox)
  const connect = (extra: Partial<HubspotOptions> = {}) =>
    openHubspot({
      token: sandbox.token,
      baseUrl: sandbox.url,
      requestTimeoutMs: 300,
      clock: time.clock,
      sleep: time.sleep,
      log: silentLogger,
      keepBodies: false,
      ...extra,
    })
  const hubspot = connect()
  const run = async (operations: readonly Operation[], extra: Partial<SendOptions> = {}) => {
    const results: RecordResult[] = []
    const summary = await send(operations, {
      destination: hubspot,
      objectType: 'contacts',
      matchProperty: 'email',
      clock: time.clock,
      sleep: time.sleep,
      random: () => 0.5,
      log: silentLogger,
      onResults: (each) => {
        results.push(...each)
      },
      ...extra,
    })
    results.sort((a, b) => a.sequence - b.sequence)
    return { summary, results, outcomes: results.map((each) => each.outcome) }
  }
  return { time, sandbox, hubspot, connect, run }
}

function contacts(count: number, kind: OperationKind = 'upsert', from = 0): Operation[] {
  return Array.from({ length: count }, (_, i) => ({
    sequence: from + i + 1,
    rowId: `row-${from + i + 1}`,
    kind,
    matchValue: `u${from + i}@example.com`,
    properties: { email: `u${from + i}@example.com`, firstname: `n${from + i}` },
  }))
}

const onWrites = { path: '/batch/(upsert|create|update)' }
const once = (rule: Omit<FaultRule, 'match'>): FaultRule => ({
  ...rule,
  match: { ...onWrites, nth: 1 },
})
const always = (rule: Omit<FaultRule, 'match'>): FaultRule => ({ ...rule, match: onWrites })
const all = (count: number, outcome: string) => Array.from({ length: count }, () => outcome)

const passing: readonly (readonly [string, FaultRule])[] = [
  ['429 without Retry-After', once({ kind: 'status', status: 429 })],
  ['429 with Retry-After', once({ kind: 'status', status: 429, retryAfterSeconds: 3 })],
  ['423', once({ kind: 'status', status: 423 })],
  ['500 before the write', once({ kind: 'status', status: 500 })],
  ['500 after the write', once({ kind: 'status_after_commit', status: 500 })],
  [
    '502 after the write, as HTML',
    once({ kind: 'status_after_commit', status: 502, body: '<html>' }),
  ],
  ['503', once({ kind: 'status', status: 503 })],
  ['504 after the write', once({ kind: 'status_after_commit', status: 504 })],
  ['524 after the write', once({ kind: 'status_after_commit', status: 524 })],
  ['a reset before the write', once({ kind: 'reset_before' })],
  ['a reset after the write', once({ kind: 'reset_after' })],
  ['no answer', once({ kind: 'hang' })],
  ['a result left out', once({ kind: 'drop_result' })],
  ['all results left out', once({ kind: 'empty_results' })],
]

describe('upserts through a passing fault', () => {
  it.each(passing)('%s: all are written, none twice', async (_name, fault) => {
    const { sandbox, run } = await start({ faults: [fault] })
    const { outcomes, results } = await run(contacts(30))
    expect(outcomes).toEqual(all(30, 'succeeded'))
    expect(sandbox.countRecords('contacts')).toBe(30)
    for (const [at, result] of results.entries()) {
      const stored = sandbox.findRecord('contacts', 'email', `u${at}@example.com`)
      expect(result.recordId).toBe(stored?.id)
    }
    expect(sandbox.writeCalls()).toBe(2)
  })

  it('after which nobody knows who created the records', async () => {
    const { run } = await start({ faults: [once({ kind: 'reset_after' })] })
    const { results } = await run(contacts(2))
    for (const result of results) expect(result).not.toHaveProperty('isCreated')
  })

  it('waits as long as Retry-After says, and the interval when it says nothing', async () => {
    for (const [retryAfterSeconds, waitedMs] of [
      [3, 3000],
      [undefined, 10_000],
    ] as const) {
      const rule = once({
        kind: 'status',
        status: 429,
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      })
      const { run, time } = await start({ faults: [rule] })
      const startedAt = time.clock()
      await run(contacts(1))
      expect(time.clock() - startedAt).toBe(waitedMs)
    }
  })
})

describe('upserts through a lasting fault', () => {
  it.each<[string, FaultRule, boolean]>([
    ['503', always({ kind: 'status', status: 503 }), false],
    ['500 after the write', always({ kind: 'status_after_commit', status: 500 }), true],
    ['a reset before the write', always({ kind: 'reset_before' }), true],
  ])('%s: all stay pending', async (_name, fault, isDoubtful) => {
    const { run } = await start({ faults: [fault] })
    const { outcomes, results, summary } = await run(contacts(3))
    expect(outcomes).toEqual(all(3, 'pending'))
    expect(results.every((each) => (each.isDoubtful === true) === isDoubtful)).toBe(true)
    expect(summary.attempts).toBe(5)
  })

  it('results left out for good: unknown, asked twice', async () => {
    const { sandbox, run } = await start({ faults: [always({ kind: 'empty_results' })] })
    const { outcomes } = await run(contacts(3))
    expect(outcomes).toEqual(all(3, 'unknown'))
    expect(sandbox.writeCalls()).toBe(2)
  })
})

describe('creates', () => {
  it.each(passing.filter(([name]) => /^(429|423|503)/.test(name)))(
    'are repeated after %s: nothing was written',
    async (_name, fault) => {
      const { sandbox, run } = await start({ faults: [fault] })
      const { outcomes } = await run(contacts(3, 'create'))
      expect(outcomes).toEqual(all(3, 'succeeded'))
      expect(sandbox.countRecords('contacts')).toBe(3)
    },
  )

  it.each(passing.filter(([name]) => /^(50[0-9] |524|a reset|no answer|all results)/.test(name)))(
    'are not repeated after %s: unknown',
    async (_name, fault) => {
      const { sandbox, run } = await start({ faults: [fault] })
      const { outcomes } = await run(contacts(3, 'create'))
      expect(outcomes).toEqual(all(3, 'unknown'))
      expect(sandbox.writeCalls()).toBe(1)
    },
  )
})

describe('limits', () => {
  const statuses = (sandbox: Sandbox) => sandbox.requests().map((each) => each.status)

  it('of the account are kept without a 429 once they are learnt', async () => {
    const { sandbox, hubspot, run, time } = await start({ limits: { perTenSeconds: 20 } })
    await hubspot.account(new AbortController().signal)
    const startedAt = time.clock()
    const { outcomes } = await run(contacts(60), {
      destination: { write: hubspot.write, maxBatchSize: 1 },
    })
    expect(outcomes).toEqual(all(60, 'succeeded'))
    expect(statuses(sandbox).filter((each) => each === 429)).toEqual([])
    // 30 s at best; an answer that comes while this time is moved on counts for the next window.
    expect((time.clock() - startedAt) / 1000).toBeLessThanOrEqual(50)
  })

  it('are shared by two processes', async () => {
    const { sandbox, connect, run } = await start({ limits: { perTenSeconds: 20 } })
    const halves = [connect(), connect()].map((hubspot, at) =>
      run(contacts(40, 'upsert', at * 40), {
        destination: { write: hubspot.write, maxBatchSize: 1 },
        concurrency: 2,
      }),
    )
    const outcomes = (await Promise.all(halves)).flatMap((each) => each.outcomes)
    expect(outcomes).toEqual(all(80, 'succeeded'))
    expect(sandbox.countRecords('contacts')).toBe(80)
    expect(statuses(sandbox).filter((each) => each === 429).length).toBeLessThanOrEqual(12)
  })

  it('of the day end the run; the rest is pending', async () => {
    const { sandbox, hubspot, run } = await start({ limits: { daily: 3 } })
    const { outcomes, summary } = await run(contacts(10), {
      destination: { write: hubspot.write, maxBatchSize: 1 },
      concurrency: 1,
    })
    expect(outcomes).toEqual([...all(3, 'succeeded'), ...all(7, 'pending')])
    expect(summary.stopped?.category).toBe('RATE_LIMIT_DAILY')
    expect(sandbox.requests()).toHaveLength(4)
  })

  it('of our own budget end the run', async () => {
    const { connect, run } = await start()
    const hubspot = connect({ maxCalls: 2 })
    const { outcomes, summary } = await run(contacts(5), {
      destination: { write: hubspot.write, maxBatchSize: 1 },
      concurrency: 1,
    })
    expect(outcomes).toEqual([...all(2, 'succeeded'), ...all(3, 'pending')])
    expect(summary.stopped?.category).toBe('CALL_BUDGET')
  })
})

describe('an interrupt', () => {
  it('by draining records what is under way', async () => {
    const drain = new AbortController()
    const { sandbox, hubspot, run } = await start({ latencyMs: 40 })
    setTimeout(() => drain.abort(), 60)
    const { outcomes } = await run(contacts(200), {
      destination: { write: hubspot.write, maxBatchSize: 10 },
      concurrency: 2,
      drain: drain.signal,
    })
    const succeeded = outcomes.filter((each) => each === 'succeeded').length
    expect(succeeded).toBeGreaterThan(0)
    expect(outcomes.filter((each) => each === 'pending').length).toBe(200 - succeeded)
    expect(sandbox.countRecords('contacts')).toBe(succeeded)
  })

  it.each<[OperationKind, object]>([
    ['create', { outcome: 'unknown' }],
    ['upsert', { outcome: 'pending', isDoubtful: true }],
  ])('by aborting cancels a %s under way', async (kind, expected) => {
    const abort = new AbortController()
    const { run } = await start({ faults: [once({ kind: 'hang' })] })
    setTimeout(() => abort.abort(), 30)
    const { results } = await run(contacts(1, kind), { abort: abort.signal })
    expect(results).toMatchObject([expected])
  })
})
