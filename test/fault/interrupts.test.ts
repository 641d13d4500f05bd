import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { RunningCli } from '../support/cli.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { smallShop } from '../support/small-shop.ts'
import {
  createPeople,
  expectBooksClosed,
  expectExit,
  lastRun,
  peopleSync,
  setPeople,
  somePeople,
  statuses,
} from './people-project.ts'

/** Interrupts a command and says how long it took to end. */
async function interrupt(command: RunningCli) {
  const startedMs = Date.now()
  command.signal('SIGINT')
  const result = await command.finished
  return { ...result, tookMs: Date.now() - startedMs }
}

test('after Ctrl-C nothing starts that waits for its turn: those rows are pending', async () => {
  const sandbox = await strictSandbox({ tier: 'unlimited' })
  const project = await createPeople('duckdb', sandbox, peopleSync('upsert'), {
    hubspot: { concurrency: 10, requests_per_10_seconds: 6 },
  })
  await setPeople(project, somePeople(1, 1000))
  const run = project.start(['run', '--output', 'json'])
  while (sandbox.writeCalls() === 0) await setTimeout(20)
  await setTimeout(1000)
  const sent = sandbox.writeCalls()
  expect(sent).toBeLessThan(10)
  const ended = await interrupt(run)
  expectExit(ended, 2)
  expect(ended.tookMs).toBeLessThan(8000)
  expect(sandbox.writeCalls()).toBe(sent)
  expect(await statuses(project)).toEqual({ succeeded: sent * 100, pending: 1000 - sent * 100 })
  expect(await lastRun(project)).toMatchObject({
    status: 'aborted',
    error_category: 'INTERRUPTED',
    rows_pending: 1000 - sent * 100,
  })
  expect(JSON.parse(ended.stdout)).toMatchObject({
    exit_code: 2,
    results: [{ status: 'aborted', error: { category: 'INTERRUPTED' } }],
  })
  await expectBooksClosed(project)
})

const reading = [
  ['the account is being read', { kind: 'slow', delayMs: 20_000 }, '/account-info', undefined],
  ['a repeat is waited for', { kind: 'status', status: 502 }, '/account-info', /is repeated/],
  ['properties are being read', { kind: 'slow', delayMs: 20_000 }, '/properties', undefined],
] as const

for (const [when, fault, path, sign] of reading) {
  for (const command of ['run', 'plan', 'validate']) {
    if (command === 'validate' && path === '/account-info') continue
    test(`Ctrl-C while ${when} ends ${command} promptly`, async () => {
      const sandbox = await strictSandbox()
      sandbox.addFault({ ...fault, match: { path } })
      const project = await smallShop({ sandbox, settings: { hubspot: { concurrency: 1 } } })
      const args = ['--output', 'json', '--log-level', 'debug']
      const running = project.start([command, ...args])
      if (sign === undefined) await setTimeout(2500)
      else await running.waitFor(sign)
      const ended = await interrupt(running)
      expectExit(ended, 2)
      expect(ended.tookMs).toBeLessThan(10_000)
      expect(ended.stderr).not.toContain('Error: ')
      expect(ended.stdout).toContain('INTERRUPTED')
    })
  }
}

test('a second Ctrl-C while the warehouse works is told in one plain message', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({
    sandbox,
    tables: [
      `create view people as select id, email, first_name || slow.total as first_name
from (values (1, 'ada@shop.example', 'Ada')) as t (id, email, first_name),
  (select sum(hash(a.i + b.i)) as total from range(400000) as a(i), range(400000) as b(i)) as slow`,
    ],
  })
  const run = project.start(['run', '--output', 'json'])
  await run.waitFor(/Found 1 sync/)
  await setTimeout(1500)
  run.signal('SIGINT')
  await run.waitFor(/Interrupted/)
  const ended = await interrupt(run)
  expectExit(ended, 2)
  expect(ended.tookMs).toBeLessThan(10_000)
  expect(ended.stderr.match(/Stopped at once/g)).toHaveLength(1)
  expect(ended.stdout + ended.stderr).not.toMatch(/INTERRUPT |Interrupt Error|Running a statement/)
  expect(JSON.parse(ended.stdout)).toMatchObject({
    results: [{ status: 'aborted', error: { category: 'INTERRUPTED' } }],
  })
})
