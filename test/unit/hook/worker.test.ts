import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PlatformError } from '../../../src/hook/platform-error.ts'
import { openQueue, type Queue } from '../../../src/hook/queue.ts'
import { judgeRun, type RunEnd } from '../../../src/hook/run-end.ts'
import { startWorker, type WorkerOptions } from '../../../src/hook/worker.ts'
import { silentLogger } from '../../../src/log.ts'
import { atTestEnd } from '../../support/at-test-end.ts'

const sync = (status: string, error: object | null = null, counts = {}) => ({
  sync: 'contacts',
  status,
  counts,
  error,
})
const ended = (exitCode: number | null, ...results: object[]): RunEnd => ({
  exitCode,
  results: { results, error: null },
})
const well = ended(0, sync('succeeded', null, { created: 2, updated: 1, rejected: 0 }))

/** A worker with one job, whose time flies. */
async function working(
  parts: Partial<WorkerOptions>,
  before: (queue: Queue) => Promise<unknown> = async () => {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-worker-'))
  atTestEnd(() => rmSync(folder, { recursive: true, force: true }))
  let skippedMs = 0
  const clock = () => Date.now() + skippedMs
  const queue = await openQueue({
    folder,
    rememberMs: 1e10,
    maxQueued: 10,
    isOwner: true,
    clock,
    log: silentLogger,
  })
  await queue.add({
    eventId: 'wev',
    type: 'job.run.completed',
    accountId: '1',
    jobId: '10',
    jobName: 'Daily',
    runId: '500',
    environmentId: '100',
    finishedAt: new Date().toISOString(),
  })
  await before(queue)
  const stop = new AbortController()
  const lines: string[] = []
  const write = (message: string) => void lines.push(message)
  const worker = startWorker({
    queue,
    fetch: async () => ({ kind: 'built', targetPath: folder }),
    runSyncs: async () => well,
    post: undefined,
    isToldAbout: () => true,
    maxAttempts: 3,
    retryAfterMs: 60_000,
    stop: stop.signal,
    log: { ...silentLogger, info: write, warn: write, error: write },
    clock,
    sleep: async (ms, signal) => {
      skippedMs += ms
      await new Promise((done) => setTimeout(done, 1))
      signal?.throwIfAborted()
    },
    ...parts,
  })
  atTestEnd(async () => {
    stop.abort()
    await worker.ended
  })
  return { queue, folder, stop, worker, lines, skipped: () => skippedMs }
}

const end = async ({ queue }: Awaited<ReturnType<typeof working>>) => {
  await expect.poll(() => queue.done().length, { timeout: 10_000 }).toBe(1)
  return queue.done()[0]
}

const notThere = (retryAfterMs?: number) =>
  new PlatformError({ action: 'fetch', detail: 'not there', isTransient: true, retryAfterMs })

describe('a job', () => {
  test('that is carried out leaves the queue, and nothing in the folder of work', async () => {
    const setup = await working({})
    expect(await end(setup)).toMatchObject({
      outcome: 'succeeded',
      attempts: 1,
      syncs: [{ sync: 'contacts', sent: 3, rejected: 0 }],
      posted: 'not asked',
    })
  })

  test('whose artifacts are not there is tried again, later each time, and given up in the end', async () => {
    const begun: number[] = []
    const setup: Awaited<ReturnType<typeof working>> = await working({
      fetch: async () => {
        begun.push(setup === undefined ? 0 : setup.skipped())
        throw notThere()
      },
    })
    expect(await end(setup)).toMatchObject({
      outcome: 'failed',
      attempts: 3,
      why: 'could not fetch: not there',
    })
    expect(begun).toHaveLength(3)
    expect((begun[1] ?? 0) - (begun[0] ?? 0)).toBeGreaterThanOrEqual(60_000)
    expect((begun[2] ?? 0) - (begun[1] ?? 0)).toBeGreaterThanOrEqual(120_000)
    expect(setup.lines.join('\n')).toMatch(
      /Attempt 2 of 3 in 60 s[\s\S]*Attempt 3 of 3 in 120 s[\s\S]*backhaul hook --again 500/,
    )
  })

  test('waits for as long as the dbt platform asks', async () => {
    let times = 0
    const setup = await working({
      fetch: async () => {
        times += 1
        if (times === 1) throw notThere(300_000)
        return { kind: 'nothing', why: 'it was cancelled' }
      },
    })
    expect(await end(setup)).toMatchObject({
      outcome: 'skipped',
      why: 'it was cancelled',
      attempts: 2,
    })
    expect(setup.skipped()).toBeGreaterThanOrEqual(300_000)
  })

  test('that ends this process each time is given up, too', async () => {
    const setup = await working({ maxAttempts: 0 })
    expect(await end(setup)).toMatchObject({ outcome: 'failed', why: 'it was cut short each time' })
  })

  test('that is cut short by a stop stays in the queue, with all its attempts', async () => {
    const setup: Awaited<ReturnType<typeof working>> = await working({
      runSyncs: (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(ended(2, sync('aborted'))))
          setTimeout(() => setup.stop.abort(), 20)
        }),
    })
    await setup.worker.ended
    expect(setup.queue.done()).toEqual([])
    expect(setup.queue.queued()).toMatchObject([{ runId: '500', attempts: 0 }])
  })

  test('that ended although a stop came is ended', async () => {
    const setup: Awaited<ReturnType<typeof working>> = await working({
      runSyncs: async () => {
        setup.stop.abort()
        return well
      },
    })
    await setup.worker.ended
    expect(setup.queue.done()).toHaveLength(1)
  })

  test('stays when the disk refuses, and trouble is told until it does not', async () => {
    let times = 0
    const setup = await working({
      maxAttempts: 2,
      fetch: async () => {
        times += 1
        if (times < 5) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
        return { kind: 'built', targetPath: '' }
      },
    })
    await expect.poll(() => setup.lines.join('\n')).toMatch(/cannot be carried out: no space left/)
    expect(await end(setup)).toMatchObject({ outcome: 'succeeded', attempts: 1 })
    await expect.poll(() => setup.worker.trouble()).toBe(undefined)
  })
})

test('what no one foresaw is tried again like anything else, and told', async () => {
  const setup = await working({
    maxAttempts: 2,
    runSyncs: async () => {
      throw Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' })
    },
  })
  expect(await end(setup)).toMatchObject({ outcome: 'failed', attempts: 2, why: 'spawn EAGAIN' })
  expect(setup.skipped()).toBeGreaterThanOrEqual(60_000)
})

describe('the result', () => {
  test.each([
    ['when the job ends', undefined],
    [
      'at the next start, when it could not be before',
      async (queue: Queue) => {
        const [job] = queue.queued()
        const told = { outcome: 'succeeded', why: null, syncs: [], posted: 'waiting' } as const
        if (job !== undefined) await queue.finish(job, told)
      },
    ],
  ])('is told once, %s', async (_, before) => {
    const told: string[] = []
    const post = async ({ runId }: { runId: string }) => {
      told.push(runId)
      return true
    }
    const setup = await working({ post }, before)
    await end(setup)
    await expect.poll(() => setup.queue.done()[0]?.posted).toBe('sent')
    expect(told).toEqual(['500'])
  })

  test('that nobody takes is given up, and changes nothing about the job', async () => {
    const setup = await working({ post: async () => false })
    expect(await end(setup)).toMatchObject({ outcome: 'succeeded' })
    await expect.poll(() => setup.queue.done()[0]?.posted).toBe('given up')
  })

  test('of kinds that nobody asked for is not told', async () => {
    const setup = await working({ post: async () => true, isToldAbout: () => false })
    expect(await end(setup)).toMatchObject({ posted: 'not asked' })
  })
})

test('artifacts are gone after each attempt', async () => {
  const setup: Awaited<ReturnType<typeof working>> = await working({
    fetch: async () => {
      writeFileSync(join(setup.queue.workFolder, 'manifest.json'), '{}')
      throw notThere()
    },
  })
  await end(setup)
  expect(existsSync(join(setup.queue.workFolder, 'manifest.json'))).toBe(false)
})

describe('a run of the syncs', () => {
  const rejected = { category: 'ROWS_REJECTED', message: '2 rows rejected' }
  const left = { category: 'ROWS_LEFT', message: '2 rows left for the next run' }
  const failing = {
    category: 'HELD',
    message: 'failed dbt test',
    hint: 'Build it again: dbt build',
  }
  const unbuilt = { category: 'HELD', message: 'the model was not part of the last dbt build' }

  test.each<[string, RunEnd, object]>([
    ['succeeded', well, { outcome: 'succeeded' }],
    [
      'left other jobs’ syncs alone',
      ended(0, sync('held', unbuilt)),
      { outcome: 'succeeded', syncs: [] },
    ],
    [
      'held a sync',
      ended(1, sync('held', failing), sync('succeeded')),
      { outcome: 'partial', why: 'contacts: failed dbt test' },
    ],
    [
      'was guarded',
      ended(1, sync('guarded', { category: 'GUARDED', message: 'empty_model: …' })),
      { outcome: 'partial' },
    ],
    ['had rows rejected', ended(1, sync('partial', rejected)), { outcome: 'partial' }],
    [
      'has a sync that is not valid',
      ended(1, sync('failed', { category: 'CONFIGURATION', message: 'x' })),
      { outcome: 'partial' },
    ],
  ])('that %s is at its end', (_, run, expected) => {
    expect(judgeRun(run)).toMatchObject({ kind: 'end', ...expected })
  })

  test.each<[string, RunEnd, RegExp]>([
    ['left rows', ended(1, sync('partial', left), sync('held', failing)), /2 rows left/],
    [
      'failed',
      ended(1, sync('failed', { category: 'WAREHOUSE_X', message: 'gone\nfar' })),
      /^contacts: gone$/,
    ],
    ['was killed', ended(null), /killed/],
    ['wrote no results', { exitCode: 2, results: undefined }, /exit code 2/],
    ['wrote something else', { exitCode: 1, results: { results: 7 } }, /exit code 1/],
    ['was interrupted', ended(2, sync('succeeded')), /exit code 2/],
    [
      'could not begin',
      {
        exitCode: 1,
        results: { results: [], error: { category: 'UNREACHABLE', message: 'no HubSpot' } },
      },
      /no HubSpot/,
    ],
  ])('that %s is tried again', (_, run, why) => {
    expect(judgeRun(run)).toMatchObject({ kind: 'again', why: expect.stringMatching(why) })
  })
})
