import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDbtPlatform } from '../../../src/hook/dbt-platform.ts'
import { queueMissed, readSince } from '../../../src/hook/missed-runs.ts'
import { openQueue } from '../../../src/hook/queue.ts'
import { silentLogger } from '../../../src/log.ts'
import { atTestEnd } from '../../support/at-test-end.ts'
import { type DbtPlatform, startDbtPlatform } from '../../support/dbt-platform.ts'

const hourMs = 3_600_000
const signal = new AbortController().signal
const ago = (hours: number) => new Date(Date.now() - hours * hourMs).toISOString()

async function queueOfTest() {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-missed-'))
  atTestEnd(() => rmSync(folder, { recursive: true, force: true }))
  const options = { rememberMs: 48 * hourMs, maxQueued: 5_000, isOwner: true, clock: Date.now }
  return { folder, queue: await openQueue({ folder, ...options, log: silentLogger }) }
}

const clientOf = (platform: DbtPlatform) =>
  openDbtPlatform({
    baseUrl: platform.url,
    accountId: platform.accountId,
    token: platform.token,
    maxBytes: 1_000_000,
    log: silentLogger,
    clock: Date.now,
    sleep: async () => {},
  })

const filter = { accountId: '1', jobs: ['10'], environments: [], maxAgeMs: 24 * hourMs }

test('what ended while nothing listened is queued, once, and what is not to be synced is not', async () => {
  const { queue } = await queueOfTest()
  const platform = await startDbtPlatform()
  platform.setRun({ runId: '1', finishedAt: ago(30), steps: [] })
  platform.setRun({ runId: '2', finishedAt: ago(3), steps: [] })
  platform.setRun({ runId: '3', finishedAt: ago(2), status: 20, steps: [] })
  platform.setRun({ runId: '4', finishedAt: ago(1), status: 30, steps: [] })
  platform.setRun({ runId: '5', finishedAt: ago(1), steps: [], jobType: 'ci' })
  platform.setRun({ runId: '6', status: 3, steps: [] })
  platform.setRun({ runId: '7', finishedAt: ago(1), jobId: '11', steps: [] })
  platform.setRun({ runId: '8', finishedAt: ago(1), jobId: '11', environmentId: '5', steps: [] })
  const context = {
    platform: clientOf(platform),
    queue,
    filter: { ...filter, environments: ['5', '100'] },
    sinceMs: Date.parse(ago(24)),
    log: silentLogger,
  }
  const only = { ...context, filter }
  expect(await queueMissed(only, signal)).toBe(2)
  expect(queue.queued().map(({ runId }) => runId)).toEqual(['2', '3'])
  expect(queue.next()).toMatchObject({
    jobId: '10',
    jobName: 'Daily Job (dbt build)',
    environmentId: '100',
  })
  expect(await queueMissed(context, signal)).toBe(2)
  expect(await queueMissed(context, signal)).toBe(0)
})

test('many runs are read page by page, and not without end', async () => {
  const platform = await startDbtPlatform()
  for (let run = 1; run <= 1_050; run++)
    platform.setRun({ runId: String(run), finishedAt: ago(run / 100), steps: [] })
  const listed = async (hours: number) => {
    const { runs, isCut } = await clientOf(platform).listEnded(
      { jobId: '10' },
      Date.parse(ago(hours)),
      signal,
    )
    return [runs.length, isCut]
  }
  expect(await listed(1.505)).toEqual([150, false])
  expect(platform.requests()).toHaveLength(2)
  expect(await listed(24)).toEqual([1_000, true])
  expect(platform.requests()).toHaveLength(12)
})

test('nothing from before the first start is missed, nor what no webhook would be taken for', async () => {
  const { folder, queue } = await queueOfTest()
  let now = Date.now()
  const since = () => readSince(folder, queue, 24 * hourMs, () => now)
  const first = now
  expect(await since()).toBe(first)
  now += 10 * hourMs
  expect(await since()).toBe(first)
  now += 20 * hourMs
  expect(await since()).toBe(first + 6 * hourMs)
})

test('a dbt platform that does not answer is told of', async () => {
  const { queue } = await queueOfTest()
  const platform = await startDbtPlatform()
  platform.fault(/runs\/\?/, { status: 503 }, 9)
  const context = { platform: clientOf(platform), queue, filter, sinceMs: 0, log: silentLogger }
  await expect(queueMissed(context, signal)).rejects.toMatchObject({
    message: 'could not list the runs of job 10 of the dbt platform: HTTP 503',
    isTransient: true,
  })
})
