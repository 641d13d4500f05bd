import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { startDbtPlatform, type Webhook } from '../support/dbt-platform.ts'
import { builtStep, preparingSteps, startHook } from '../support/hook-project.ts'
import type { SyncSpec } from '../support/project-files.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { people, smallShop } from '../support/small-shop.ts'

const jobs = Array.from({ length: 6 }, (_, index) => index)
const rowsOf = (job: number) => [1, 2, 3].map((row) => `p${job}r${row}@shop.example`)

const syncOf = (job: number): SyncSpec => ({
  model: `m${job}`,
  hubspot: {
    sync: `s${job}`,
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: { firstname: { column: 'first_name', shared: true } },
  },
})

const tableOf = (job: number) =>
  `create table m${job} as select * from (values ${rowsOf(job)
    .map((email, row) => `(${row}, '${email}', 'P${row}')`)
    .join(', ')}) as t (id, email, first_name)`

const stale = new Date(Date.now() - 25 * 3_600_000).toISOString()

/** In an order that looks like none, and is the same each time. */
const shuffled = <T>(all: readonly T[]): readonly T[] =>
  all
    .map((one, index) => ({ one, key: createHash('sha256').update(`${index}`).digest('hex') }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ one }) => one)

/** 100 webhooks: each of 6 jobs three times, and 82 that must do nothing. */
function webhooks(): readonly (Webhook & { readonly isReal: boolean })[] {
  const of = (count: number, make: (index: number) => Webhook) =>
    Array.from({ length: count }, (_, index) => ({ ...make(index), isReal: false }))
  const real = jobs
    .flatMap((job) =>
      of(3, (copy) => ({ runId: `${700 + job}`, ...(copy === 2 ? { eventId: 'wev_again' } : {}) })),
    )
    .map((webhook) => ({ ...webhook, isReal: true }))
  return shuffled([
    ...real,
    ...of(34, (index) => ({ runId: `${900 + index}`, secret: 'forged' })),
    ...of(6, (index) => ({ runId: `${700 + index}`, secret: 'forged', eventId: 'wev_forged' })),
    ...of(20, (index) => ({ runId: `${900 + index}`, timestamp: stale })),
    ...of(10, (index) => ({ runId: `${900 + index}`, jobId: '11' })),
    ...of(6, (index) => ({ runId: `${900 + index}`, eventType: 'job.run.started' })),
    ...of(6, (index) => ({ runId: `${900 + index}`, status: 'Cancelled' })),
  ])
}

/** The processes that a process started. */
function childrenOf(pid: number): readonly number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  return table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child = 0, parent]) => (parent === pid ? [child] : []))
}

test('of 100 webhooks, some forged, doubled, stale or out of order, with the process killed twice, each job is carried out, with effects once', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({
    sandbox,
    syncs: jobs.map(syncOf),
    tables: [people('Ada'), ...jobs.map(tableOf)],
    settings: { hook: { jobs: [10], retry_after_seconds: 1, max_attempts: 30 }, lease_seconds: 10 },
    results: false,
  })
  const platform = await startDbtPlatform()
  for (const job of jobs) {
    const finishedAt = new Date(Date.now() - (10 - job) * 60_000).toISOString()
    const step = builtStep(project, { [`m${job}`]: 'success' })
    platform.setRun({ runId: `${700 + job}`, finishedAt, steps: [...preparingSteps, step] })
  }
  const all = webhooks()
  expect(all).toHaveLength(100)
  const accepted = new Set<string>()
  let hook = await startHook(project, platform)

  /** As the dbt platform does: again, until it is answered. */
  const deliver = async (webhook: (typeof all)[number]) => {
    const status = await platform.deliver(hook.url, webhook)
    if (webhook.isReal) expect([0, 200]).toContain(status)
    if (webhook.isReal && status === 200) accepted.add(webhook.runId)
    if (webhook.secret !== undefined && status !== 0) expect(status).toBe(401)
  }
  const kill = async (withChildren: boolean) => {
    const children = childrenOf(hook.cli.pid)
    hook.cli.signal('SIGKILL')
    if (withChildren) for (const child of children) process.kill(child, 'SIGKILL')
    await hook.cli.finished
    return children.length
  }

  const third = Math.floor(all.length / 3)
  await Promise.all(all.slice(0, third).map(deliver))
  await hook.cli.waitFor(/START sync/)
  expect(await kill(false)).toBe(1)
  hook = await startHook(project, platform)
  await Promise.all(all.slice(third, 2 * third).map(deliver))
  await hook.cli.waitFor(/START sync/)
  await kill(true)
  hook = await startHook(project, platform)
  // In the middle of them.
  const last = Promise.all(all.slice(2 * third).map(deliver))
  await kill(true)
  await last
  hook = await startHook(project, platform)
  await Promise.all(all.slice(2 * third).map(deliver))
  expect([...accepted].sort()).toEqual(jobs.map((job) => `${700 + job}`))

  await expect
    .poll(
      async () => {
        const list = await project.run(['hook', '--list', '--json'])
        const { queued, done } = JSON.parse(list.stdout)
        return [
          queued.length,
          done.filter((job: { outcome: string }) => job.outcome === 'succeeded').length,
        ]
      },
      { timeout: 120_000, interval: 2_000 },
    )
    .toEqual([0, jobs.length])
  hook.cli.signal('SIGTERM')
  expect((await hook.cli.finished).exitCode).toBe(0)

  const emails = sandbox.records('contacts').map(({ properties }) => properties['email'])
  expect([...emails].sort()).toEqual(jobs.flatMap(rowsOf).sort())
  const written = sandbox
    .written()
    .flatMap(
      ({ body }) => (body as { inputs: { id?: string; properties: { email?: string } }[] }).inputs,
    )
    .map(({ id, properties }) => properties.email ?? id)
  // A kill costs at most a repeat of a call that is safe to repeat.
  expect([...new Set(written)].sort()).toEqual(jobs.flatMap(rowsOf).sort())
  expect(written.length).toBeLessThanOrEqual(jobs.flatMap(rowsOf).length + 3 * 3)
}, 300_000)
