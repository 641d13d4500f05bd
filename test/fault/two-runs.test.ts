import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { root } from '../../scripts/process.mjs'
import { whyNoPostgres } from '../support/postgres.ts'
import { strictSandbox } from '../support/sandbox.ts'
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
  statuses,
} from './people-project.ts'

const missing = whyNoPostgres()
const people = somePeople(1, 300)

async function prepared(engine: 'duckdb' | 'postgres', latencyMs: number, timeoutSeconds = 4) {
  const sandbox = await strictSandbox({ tier: 'unlimited', latencyMs })
  const project = await createPeople(engine, sandbox, peopleSync('upsert'), {
    lease_seconds: 10,
    hubspot: { request_timeout_seconds: timeoutSeconds, concurrency: 1 },
  })
  await setPeople(project, people)
  return { sandbox, project }
}

describe.skipIf(missing !== undefined)('on PostgreSQL', () => {
  test('the second of two runs waits for the first, and finds nothing to do', async () => {
    const { sandbox, project } = await prepared('postgres', 0, 60)
    const slow = { kind: 'slow', delayMs: 12_000 } as const
    sandbox.addFault({ ...slow, match: { path: '/batch/upsert$', nth: 2 } })
    const first = project.start(['run'])
    await first.waitFor(/Found 1 sync/)
    while (sandbox.writeCalls() < 2) await setTimeout(20)
    const second = project.start(['run'])
    const [line] = await second.waitFor(/Waiting: sync contacts is held by .*/)
    expect(line).toMatch(new RegExp(`process ${first.pid} on .*; its lease ends in \\d+ s`))
    expectExit(await first.finished, 0)
    expectExit(await second.finished, 0)
    expect(sandbox.writeCalls()).toBe(3)
    expectExactly(sandbox, people)
    await expectBooksClosed(project)
  })

  test('a killed run on another machine is taken over when its lease has run out, not before', async () => {
    const { sandbox, project } = await prepared('postgres', 0)
    const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: 'answer-received' })
    expect(killed.signal).toBe('SIGKILL')
    // As another machine sees it: nobody can tell whether the process lives.
    await project.sql(
      `update ${project.schema}_backhaul.leases set holder = 'elsewhere/1/x', expires_at = clock_timestamp() + interval '5 seconds'`,
    )
    const started = Date.now()
    const next = await project.run(['run'])
    expectExit(next, 0)
    expect(Date.now() - started).toBeGreaterThan(4500)
    expect(next.stderr).toMatch(
      /process 1 on elsewhere; its lease ends in [45] s if it is not renewed/,
    )
    expectExactly(sandbox, people)
    await expectNothingDoubled(project, sandbox)
    await expectBooksClosed(project)
  })

  test('a killed run of this machine: the next says that its process has ended, and how long it waits', async () => {
    const { sandbox, project } = await prepared('postgres', 0, 3)
    const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: 'answer-received' })
    expect(killed.signal).toBe('SIGKILL')
    const started = Date.now()
    const next = await project.run(['run'])
    expectExit(next, 0)
    expect(Date.now() - started).toBeLessThan(15_000)
    expect(next.stderr).toMatch(
      /held by process \d+ on \S+, which has ended; its requests may run for another [123] s/,
    )
    expectExactly(sandbox, people)
  })

  test('a run whose lease stays taken stops with a clear message', async () => {
    const { sandbox, project } = await prepared('postgres', 0)
    expectExit(await project.run(['run', '--limit', '1']), 0)
    await project.sql(
      `insert into ${project.schema}_backhaul.leases values ('contacts', '4242424', 'elsewhere/1/x', clock_timestamp() + interval '1 hour')`,
    )
    const before = sandbox.writeCalls()
    const stopped = await project.run(['run'])
    expectExit(stopped, 1)
    expect(stopped.stderr).toContain('Sync contacts is being run by process 1 on elsewhere')
    expect(sandbox.writeCalls()).toBe(before)
  })

  test('a run that loses its lease stops, records nothing, and is completed by the next', async () => {
    const { sandbox, project } = await prepared('postgres', 2500)
    const run = project.start(['run'])
    await run.waitFor(/Found 1 sync/)
    while (sandbox.writeCalls() === 0) await setTimeout(20)
    await project.sql(
      `update ${project.schema}_backhaul.leases set holder = 'elsewhere/1/x', expires_at = clock_timestamp() + interval '8 seconds'`,
    )
    const stopped = await run.finished
    expectExit(stopped, 1)
    expect(stopped.stderr).toContain('process 1 on elsewhere has taken sync contacts over')
    expect(sandbox.writeCalls()).toBeLessThan(3)
    const open = await project.rows('select status from runs where finished_at is null')
    expect(open).toEqual([{ status: 'running' }])
    expectExit(await project.run(['run']), 0)
    expectExactly(sandbox, people)
    await expectNothingDoubled(project, sandbox)
    await expectBooksClosed(project)
  })

  test('connections to the warehouse that break in mid-run cost nothing, or a repeat', async () => {
    const { sandbox, project } = await prepared('postgres', 1000)
    const profiles = join(project.dir, 'profiles.yml')
    const named = readFileSync(profiles, 'utf8').replace(
      '"type": "postgres"',
      `"type": "postgres", "application_name": "${project.schema}"`,
    )
    writeFileSync(profiles, named)
    const run = project.start(['run'])
    await run.waitFor(/Found 1 sync/)
    while (sandbox.writeCalls() === 0) await setTimeout(20)
    const ended = await project.rows(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${project.schema}'`,
    )
    expect(ended, 'the session and the one of the lease').toHaveLength(2)
    const broken = await run.finished
    expect([0, 1]).toContain(broken.exitCode)
    expect(broken.stderr).not.toContain('Defect')
    expectExit(await project.run(['run']), 0)
    expectExactly(sandbox, people)
    await expectNothingDoubled(project, sandbox)
    await expectBooksClosed(project)
  })
})

test('on DuckDB the second of two runs is told which process has the file', async () => {
  const { sandbox, project } = await prepared('duckdb', 0, 90)
  sandbox.addFault({ kind: 'slow', delayMs: 60_000, match: { path: '/batch/upsert$' } })
  const first = project.start(['run'])
  await first.waitFor(/Found 1 sync/)
  while (sandbox.writeCalls() === 0) await setTimeout(20)
  const second = await project.run(['run'])
  expectExit(second, 1)
  expect(second.stderr).toMatch(new RegExp(`\\b${first.pid}\\b`))
  first.signal('SIGKILL')
  await first.finished
})

test('on DuckDB another process may write the models while HubSpot is talked to', async () => {
  const { sandbox, project } = await prepared('duckdb', 800)
  const run = project.start(['run'])
  await run.waitFor(/Found 1 sync/)
  while (sandbox.writeCalls() === 0) await setTimeout(20)
  // Opens the file for writing, as a dbt build would.
  await project.sql('update people set revenue = revenue + 1')
  expectExit(await run.finished, 0)
  expectExactly(sandbox, people)
  expectExit(await project.run(['run']), 0)
  expectExactly(
    sandbox,
    people.map((person) => ({ ...person, revenue: (person.revenue ?? 0) + 1 })),
  )
})

test.each(['SIGTERM', 'SIGHUP'] as const)('%s lets requests under way end, too', async (signal) => {
  const { sandbox, project } = await prepared('duckdb', 700)
  const run = project.start(['run'])
  await run.waitFor(/Found 1 sync/)
  while (sandbox.writeCalls() === 0) await setTimeout(20)
  run.signal(signal)
  expectExit(await run.finished, 2)
  expect(await statuses(project)).toEqual({ succeeded: 100, pending: 200 })
  await expectBooksClosed(project)
})

test('a log that nobody reads any more does not end the run', async () => {
  const { sandbox, project } = await prepared('duckdb', 100)
  const script = 'set -o pipefail; "$0" "$1" run 2>&1 >/dev/null | head -n 1'
  const shell = spawn('bash', ['-c', script, process.execPath, join(root, 'dist/cli/main.js')], {
    cwd: project.dir,
    env: { ...process.env, ...project.env },
    stdio: 'ignore',
  })
  const [exitCode] = await once(shell, 'close')
  expect(exitCode).toBe(0)
  expectExactly(sandbox, people)
  await expectBooksClosed(project)
})

describe.each(['duckdb', 'postgres'] as const)('Ctrl-C on %s', (engine) => {
  const isMissing = engine === 'postgres' && missing !== undefined

  test.skipIf(isMissing)('lets requests under way end and records them', async () => {
    const { sandbox, project } = await prepared(engine, 700)
    const run = project.start(['run'])
    await run.waitFor(/Found 1 sync/)
    while (sandbox.writeCalls() === 0) await setTimeout(20)
    run.signal('SIGINT')
    expectExit(await run.finished, 2)
    expect(sandbox.writeCalls()).toBe(1)
    expect(await statuses(project)).toEqual({ succeeded: 100, pending: 200 })
    await expectBooksClosed(project)
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(3)
    expectExactly(sandbox, people)
    await expectNothingToDo(project, sandbox)
  })

  test.skipIf(isMissing)('twice stops at once, and the next run recovers', async () => {
    const { sandbox, project } = await prepared(engine, 0)
    sandbox.addFault({ kind: 'slow', delayMs: 3500, match: { path: '/batch/upsert$', times: 1 } })
    const run = project.start(['run'])
    await run.waitFor(/Found 1 sync/)
    while (sandbox.writeCalls() === 0) await setTimeout(20)
    run.signal('SIGINT')
    await run.waitFor(/Interrupted/)
    const stoppedMs = Date.now()
    run.signal('SIGINT')
    expectExit(await run.finished, 2)
    expect(Date.now() - stoppedMs).toBeLessThan(3000)
    const moved = people.map((person) => ({ ...person, email: `moved${person.id}@shop.example` }))
    await setPeople(project, moved)
    expectExit(await project.run(['run']), 0)
    expectExactly(sandbox, moved)
    await expectNothingDoubled(project, sandbox)
    await expectBooksClosed(project)
  })
})
