import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JobEvent } from '../../../src/hook/delivery.ts'
import { openQueue, type QueueOptions } from '../../../src/hook/queue.ts'
import { lockQueue } from '../../../src/hook/queue-lock.ts'
import { silentLogger } from '../../../src/log.ts'
import { atTestEnd } from '../../support/at-test-end.ts'

const hourMs = 3_600_000

function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-queue-'))
  atTestEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const event = (runId: string, changes: Partial<JobEvent> = {}): JobEvent => ({
  eventId: `wev_${runId}`,
  type: 'job.run.completed',
  accountId: '1',
  jobId: '10',
  jobName: 'Daily',
  runId,
  environmentId: '100',
  finishedAt: new Date(Number(runId) * 1000).toISOString(),
  ...changes,
})

const succeeded = { outcome: 'succeeded', why: null, syncs: [], posted: 'not asked' } as const

function open(folder: string, changes: Partial<QueueOptions> = {}) {
  const warnings: string[] = []
  const log = { ...silentLogger, warn: (message: string) => void warnings.push(message) }
  return openQueue({
    folder,
    rememberMs: 48 * hourMs,
    maxQueued: 100,
    isOwner: true,
    clock: Date.now,
    log,
    ...changes,
  }).then((queue) => Object.assign(queue, { warnings }))
}

test('a job is on disk when it was added, once, and there again after a restart', async () => {
  const folder = folderOfTest()
  const queue = await open(folder)
  const answers = await Promise.all(['7', '7', '7', '8'].map((id) => queue.add(event(id))))
  expect(answers).toEqual(['queued', 'duplicate', 'duplicate', 'queued'])
  expect(readdirSync(join(folder, 'queued')).sort()).toEqual(['7.json', '8.json'])
  const again = await open(folder)
  expect(again.queued().map(({ runId }) => runId)).toEqual(['7', '8'])
  expect(await again.add(event('8'))).toBe('duplicate')
})

test('the run that ended first is next, and one that has to wait lets others go first', async () => {
  const queue = await open(folderOfTest())
  for (const id of ['9', '7', '8']) await queue.add(event(id))
  const first = queue.next()
  expect(first?.runId).toBe('7')
  if (first === undefined) return
  await queue.update({ ...first, notBefore: new Date(Date.now() + hourMs).toISOString() })
  expect(queue.next()?.runId).toBe('8')
})

test('a job that ended is known until its event cannot come again', async () => {
  const folder = folderOfTest()
  let now = Date.now()
  const queue = await open(folder, { clock: () => now })
  await queue.add(event('7'))
  const job = queue.next()
  if (job !== undefined) await queue.finish(job, succeeded)
  expect(await queue.add(event('7'))).toBe('duplicate')
  now += 47 * hourMs
  await queue.prune()
  expect(await (await open(folder, { clock: () => now })).add(event('7'))).toBe('duplicate')
  now += 2 * hourMs
  await queue.prune()
  expect(readdirSync(join(folder, 'done'))).toEqual([])
})

test('a kill between the end of a job and its leaving the queue leaves it ended', async () => {
  const folder = folderOfTest()
  const queue = await open(folder)
  await queue.add(event('7'))
  const file = readFileSync(join(folder, 'queued', '7.json'))
  const job = queue.next()
  if (job !== undefined) await queue.finish(job, succeeded)
  writeFileSync(join(folder, 'queued', '7.json'), file)
  const again = await open(folder)
  expect(again.queued()).toEqual([])
  expect(readdirSync(join(folder, 'queued'))).toEqual([])
  expect(again.done()).toMatchObject([{ runId: '7', outcome: 'succeeded' }])
})

test('what was being written when the process was killed is no job, and a damaged file is set aside', async () => {
  const folder = folderOfTest()
  await (await open(folder)).add(event('7'))
  writeFileSync(join(folder, 'queued', '8.json.part'), '{"runId": "8"')
  writeFileSync(join(folder, 'queued', '9.json'), '{"runId": "9"')
  writeFileSync(
    join(folder, 'queued', '../queued/6.json'),
    readFileSync(join(folder, 'queued', '7.json')),
  )
  const queue = await open(folder)
  expect(queue.queued().map(({ runId }) => runId)).toEqual(['7'])
  expect(readdirSync(join(folder, 'queued')).sort()).toEqual([
    '6.json.damaged',
    '7.json',
    '9.json.damaged',
  ])
  expect(queue.warnings).toHaveLength(2)
  expect(await queue.add(event('9'))).toBe('queued')
})

test('a full queue takes no more', async () => {
  const queue = await open(folderOfTest(), { maxQueued: 2 })
  const answers = await Promise.all(['1', '2', '3'].map((id) => queue.add(event(id))))
  expect(answers.sort()).toEqual(['full', 'queued', 'queued'])
  expect(await queue.add(event('1'))).toBe('duplicate')
})

test('a job whose file cannot be written is not taken, and may be sent again', async () => {
  const folder = folderOfTest()
  const queue = await open(folder)
  rmSync(join(folder, 'queued'), { recursive: true })
  await expect(queue.add(event('7'))).rejects.toThrow(/ENOENT/)
  expect(queue.queued()).toEqual([])
  await open(folder)
  expect(await queue.add(event('7'))).toBe('queued')
})

test('an errored run that came to nothing is queued again when it is completed, with its artifacts', async () => {
  const folder = folderOfTest()
  const queue = await open(folder)
  await queue.add(event('7', { type: 'job.run.errored' }))
  const job = queue.next()
  if (job === undefined) throw new Error('no job')
  await queue.finish(job, { ...succeeded, outcome: 'skipped' })
  expect(await queue.add(event('7', { type: 'job.run.errored' }))).toBe('duplicate')
  expect(await queue.add(event('7'))).toBe('queued')
  expect((await open(folder)).queued()).toHaveLength(1)
})

test('an errored run that comes to nothing while its completion is told is carried out again', async () => {
  const folder = folderOfTest()
  const queue = await open(folder)
  await queue.add(event('7', { type: 'job.run.errored' }))
  const job = queue.next()
  if (job === undefined) throw new Error('no job')
  expect(await queue.add(event('7'))).toBe('duplicate')
  await queue.finish({ ...job, attempts: 1 }, { ...succeeded, outcome: 'skipped' })
  const expected = { runId: '7', type: 'job.run.completed', attempts: 0 }
  expect((await open(folder, { isOwner: false })).queued()).toMatchObject([expected])
  const again = queue.next()
  expect(again).toMatchObject(expected)
  if (again !== undefined) await queue.finish(again, { ...succeeded, outcome: 'skipped' })
  expect(queue.queued()).toEqual([])
  expect(queue.done()).toHaveLength(1)
})

test('another process looks, and queues an ended job again, which the owner takes in', async () => {
  const folder = folderOfTest()
  const owner = await open(folder)
  await owner.add(event('7'))
  const job = owner.next()
  if (job !== undefined) await owner.finish(job, { ...succeeded, outcome: 'failed' })
  writeFileSync(join(folder, 'queued', '8.json.part'), '{')
  const other = await open(folder, { isOwner: false })
  expect(await other.again('9')).toBe(false)
  expect(await other.again('7')).toBe(true)
  expect(readdirSync(join(folder, 'queued')).sort()).toEqual(['7.json', '8.json.part'])
  await owner.refresh()
  expect(owner.next()).toMatchObject({ runId: '7', attempts: 0 })
  expect(owner.done()).toEqual([])
})

test('a job that is queued again while its result is being told is not lost by a restart', async () => {
  const folder = folderOfTest()
  let now = Date.now()
  const clock = () => now
  const owner = await open(folder, { clock })
  await owner.add(event('7'))
  const job = owner.next()
  if (job === undefined) throw new Error('no job')
  const ended = await owner.finish(job, { ...succeeded, outcome: 'failed', posted: 'waiting' })
  now += 1000
  await (await open(folder, { isOwner: false, clock })).again('7')
  await owner.setPosted(ended, 'sent')
  const restarted = await open(folder, { clock })
  expect(restarted.queued()).toMatchObject([{ runId: '7', attempts: 0 }])
  expect(readdirSync(join(folder, 'done'))).toEqual([])
})

test('a folder that is not for the queue alone keeps its files', async () => {
  const folder = folderOfTest()
  writeFileSync(join(folder, '.gitignore'), 'target/\n')
  await open(folder)
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('target/\n')
  const other = folderOfTest()
  mkdirSync(join(other, 'work'))
  writeFileSync(join(other, 'work', 'mine'), '')
  await expect(open(other)).rejects.toThrow(/holds a folder work/)
  expect(readdirSync(join(other, 'work'))).toEqual(['mine'])
})

test('a lock keeps a second process out, until its holder is gone', async () => {
  const folder = folderOfTest()
  const isHolderGone = (holder: string) => holder === 'gone'
  let now = Date.now()
  const clock = () => now
  const sleep = async (ms: number) => {
    now += ms
  }
  const with_ = { clock, sleep, isHolderGone }
  await lockQueue(folder, 'gone', { ...with_, clock: Date.now })
  const lock = await lockQueue(folder, 'first', { ...with_, clock: Date.now })
  // Its file is touched by a timer, which runs while the second waits in earnest only.
  const beats = {
    ...with_,
    clock: Date.now,
    sleep: () => new Promise<void>((done) => setTimeout(done, 1)),
  }
  const second = lockQueue(folder, 'second', { ...beats, clock: () => Date.now() - 1 })
  await new Promise((done) => setTimeout(done, 20))
  await lock.release()
  const taken = await second
  expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe('second')
  await lock.release()
  expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe('second')
  // No life for ten seconds, in a container where nobody can be asked.
  now = Date.now() + 11_000
  await lockQueue(folder, 'third', with_)
  expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe('third')
  await taken.release()
  expect(readdirSync(folder)).toContain('lock')
})

test('a lock whose holder shows life is not waited for', async () => {
  const folder = folderOfTest()
  const parts = { clock: Date.now, isHolderGone: () => false }
  const sleep = async () => {
    const later = new Date(Date.now() + 2_000)
    utimesSync(join(folder, 'lock'), later, later)
  }
  const lock = await lockQueue(folder, 'first', { ...parts, sleep: async () => {} })
  await expect(lockQueue(folder, 'second', { ...parts, sleep })).rejects.toThrow(
    /Another backhaul hook works on the queue in .* \(first\)/,
  )
  await lock.release()
})
