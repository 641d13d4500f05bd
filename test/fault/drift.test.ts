import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { CrashPoint } from '../../src/run/context.ts'
import type { TestProject } from '../support/project.ts'
import { type StrictSandbox, strictSandbox } from '../support/sandbox.ts'
import {
  createPeople,
  expectBooksClosed,
  expectExactly,
  expectExit,
  expectNothingDoubled,
  expectNothingToDo,
  peopleSync,
  setPeople,
  somePeople,
} from './people-project.ts'

interface Place {
  readonly sandbox: StrictSandbox
  readonly project: TestProject
  /** People whose records somebody changes by hand, all at once. */
  change(word: string): void
}

/** A sync that is settled. */
async function settled(
  count: number,
  { latencyMs = 0, ...hubspot }: Readonly<Record<string, number>> = {},
): Promise<Place> {
  const sandbox = await strictSandbox({ tier: 'unlimited', latencyMs })
  const project = await createPeople('duckdb', sandbox, peopleSync('upsert'), {
    lease_seconds: 10,
    hubspot: { request_timeout_seconds: 1, ...hubspot },
  })
  await setPeople(project, somePeople(1, count))
  expectExit(await project.run(['run']), 0)
  const ids = sandbox.records('contacts').map(({ id }) => id)
  const change = (word: string) => {
    for (const id of ids) sandbox.changeRecord('contacts', id, { jobtitle: word })
  }
  return { sandbox, project, change }
}

/** Everything is as the model says, once each. */
async function expectFixed({ sandbox, project }: Place, count: number): Promise<void> {
  expectExactly(sandbox, somePeople(1, count))
  await expectNothingDoubled(project, sandbox)
  await expectBooksClosed(project)
}

const marksOf = async (project: TestProject, operation: 'fix' | 'accept') => {
  const rows = await project.rows(
    `select row_id, count(*) as total from changes where operation = '${operation}' group by row_id`,
  )
  return { rows: rows.length, times: [...new Set(rows.map(({ total }) => Number(total)))] }
}

const driftOf = async (project: TestProject, ...flags: readonly string[]) => {
  const { stdout, stderr, exitCode } = await project.run(['drift', '--json', ...flags])
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"kind":"drift"'))
  return { exitCode, stderr, ...JSON.parse(lines.at(-1) ?? '{}') }
}

const many = 520
const killedAt: readonly CrashPoint[] = ['run-merged', 'answer-received']

test('a --fix of more rows than are remembered, killed anywhere, sends and tells each once', async () => {
  const place = await settled(many)
  const { sandbox, project, change } = place
  for (const [round, point] of killedAt.entries()) {
    change(`Boss ${round}`)
    const killed = await project.run(['drift', '--fix'], { BACKHAUL_CRASH_AT: point })
    expect(killed.exitCode, `${point}: ${killed.stderr}`).not.toBe(0)
    // What is marked is the next run's, and is told.
    if (point === 'run-merged') {
      const again = await driftOf(project, '--fix')
      expect(again).toMatchObject({ mended: 0, compared: { rows: many, open: many } })
    }
    expectExit(await project.run(['run']), 0)
    await expectFixed(place, many)
    expect(await marksOf(project, 'fix'), point).toEqual({ rows: many, times: [round + 1] })
  }
  await expectNothingToDo(project, sandbox)
})

test('an --accept that is killed leaves all as it was, or accepts all', async () => {
  const place = await settled(30)
  const { sandbox, project, change } = place
  change('Boss')
  for (const point of ['plan-written', 'run-merged'] as const) {
    const before = await project.state('contacts')
    const killed = await project.run(['drift', '--accept'], { BACKHAUL_CRASH_AT: point })
    expect(killed.exitCode).not.toBe(0)
    const after = await project.state('contacts')
    if (point === 'plan-written') expect(after).toEqual(before)
    else expect(after).not.toEqual(before)
  }
  expect(await driftOf(project)).toMatchObject({ exitCode: 0, counts: { changed: 0 } })
  await expectNothingToDo(project, sandbox)
  expect(await marksOf(project, 'accept')).toEqual({ rows: 30, times: [1] })
  await expectBooksClosed(project)
})

test('SIGKILL while it compares leaves no trace', async () => {
  const place = await settled(300, { latencyMs: 300, concurrency: 1 })
  const { project, change } = place
  change('Boss')
  const before = await project.state('contacts')
  const drift = project.start(['drift', '--fix'])
  await drift.waitFor(/rows to compare/)
  await delay(400)
  drift.signal('SIGKILL')
  await drift.finished
  expect(await project.state('contacts')).toEqual(before)
  expectExit(await project.run(['drift', '--fix']), 0)
  await expectFixed(place, 300)
  expect(await marksOf(project, 'fix')).toEqual({ rows: 300, times: [1] })
})

test('Ctrl-C: while it compares nothing is marked, while it sends what is under way is finished', async () => {
  const place = await settled(400, { latencyMs: 300, concurrency: 1 })
  const { sandbox, project, change } = place
  change('Boss')
  const before = await project.state('contacts')
  const comparing = project.start(['drift', '--fix'])
  await comparing.waitFor(/rows to compare/)
  await delay(300)
  comparing.signal('SIGINT')
  const stopped = await comparing.finished
  expectExit(stopped, 2)
  expect(await project.state('contacts')).toEqual(before)
  await expectBooksClosed(project)

  const writes = sandbox.writeCalls()
  const sending = project.start(['drift', '--fix'])
  while (sandbox.writeCalls() === writes) await delay(20)
  sending.signal('SIGINT')
  const ended = await sending.finished
  expectExit(ended, 2)
  expect(ended.stderr.match(/Interrupted: finishing what is under way/g)).toHaveLength(1)
  expect(ended.stderr).not.toContain('Stopped at once')
  const sent = sandbox.writeCalls() - writes
  expect(sent, 'requests of 100 rows').toBeLessThan(4)
  const fixed = sandbox
    .records('contacts')
    .filter(({ properties }) => properties['jobtitle'] !== 'Boss')
  expect(fixed).toHaveLength(sent * 100)
  await expectBooksClosed(project)
  expectExit(await project.run(['run']), 0)
  await expectFixed(place, 400)
})

test('5xx, limits and garbage in the middle are got over, or leave all as it was', async () => {
  const place = await settled(250, { concurrency: 1 })
  const { sandbox, project, change } = place
  const passing = [
    { kind: 'status', status: 502, match: { path: 'contacts/batch/read', nth: 2 } },
    { kind: 'reset_before', match: { path: 'contacts/batch/read', nth: 3 } },
    { kind: 'status_after_commit', status: 503, match: { path: 'contacts/batch/update', nth: 2 } },
  ] as const
  change('Boss')
  for (const fault of passing) sandbox.addFault(fault)
  expectExit(await project.run(['drift', '--fix']), 0)
  sandbox.clearFaults()
  await expectFixed(place, 250)
  expect(await marksOf(project, 'fix')).toEqual({ rows: 250, times: [1] })

  change('Chief')
  const before = await project.state('contacts')
  const path = 'contacts/batch/read'
  const lasting = [
    ['garbage', { kind: 'status', status: 200, body: { ok: true }, match: { path } }],
    [
      'the calls of the day',
      { kind: 'status', status: 429, policy: 'DAILY', match: { path, nth: 3 } },
    ],
  ] as const
  for (const [what, fault] of lasting) {
    sandbox.addFault(fault)
    const failed = await driftOf(project, '--fix')
    expect(failed, what).toMatchObject({ exitCode: 1, status: 'failed', mended: 0 })
    sandbox.clearFaults()
    expect(await project.state('contacts'), what).toEqual(before)
  }
  expectExit(await project.run(['drift', '--fix']), 0)
  await expectFixed(place, 250)
})

test('calls that are used up end it: what was compared until then is told and marked', async () => {
  const place = await settled(350, { concurrency: 1 })
  const { sandbox, project, change } = place
  change('Boss')
  const limitTo = (calls: number) => {
    const hubspot = { request_timeout_seconds: 1, concurrency: 1, max_calls_per_run: calls }
    writeFileSync(
      join(project.dir, 'backhaul.yml'),
      JSON.stringify({ version: 1, lease_seconds: 10, hubspot }),
    )
  }
  const made = () => sandbox.requests().length
  // 4 reads are stated; histories, the app and the schema come on top.
  for (const calls of [9, 12]) {
    limitTo(calls)
    const from = made()
    const found = await driftOf(project)
    expect(found, `${calls} calls`).toMatchObject({
      exitCode: 1,
      status: 'partial',
      error: { category: 'CALL_BUDGET', hint: expect.stringContaining('--sample') },
    })
    expect(found.done.rows).toBeLessThan(350)
    expect(made() - from).toBe(calls)
  }
  // Enough to compare, not to send.
  limitTo(20)
  const from = made()
  const writes = sandbox.writeCalls()
  const fixed = await project.run(['drift', '--fix'])
  expect(fixed.exitCode).toBe(1)
  expect(made() - from, fixed.stderr).toBeLessThanOrEqual(20)
  expect(sandbox.writeCalls() - writes).toBeLessThan(4)
  limitTo(1000)
  expectExit(await project.run(['run']), 0)
  await expectFixed(place, 350)
})
