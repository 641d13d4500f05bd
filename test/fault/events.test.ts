import { describe, expect, test } from 'vitest'
import type { CrashPoint } from '../../src/run/context.ts'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import type { SandboxOptions } from '../../src/sandbox/options.ts'
import {
  engines,
  eventsProject,
  isMissing,
  type Job,
  jobs,
  setJobs,
} from '../support/events-project.ts'
import type { TestProject } from '../support/project.ts'
import type { StrictSandbox } from '../support/sandbox.ts'
import { deleteSpool, expectExit } from './people-project.ts'
import { isSoak } from './soak.ts'

const rows = 1100
const addresses = ['a@shop.example', 'b@shop.example']
const all: readonly Job[] = Array.from({ length: rows }, (_, id) => ({
  id,
  email: addresses[id % 2] ?? '',
  at: id % 3 === 0 ? null : '2026-01-02 03:04:05',
  quantity: id,
}))

const prepared = async (engine: (typeof engines)[number], options: SandboxOptions = {}) => {
  const made = await eventsProject(engine, [jobs()], addresses, undefined, options)
  await setJobs(made.project, all)
  return made
}

/** Each row is one event, with its values, and the state says so. */
async function expectEachOnce(project: TestProject, sandbox: StrictSandbox): Promise<void> {
  const sent = sandbox.events()
  expect(sent).toHaveLength(rows)
  expect(new Set(sent.map(({ properties }) => properties['quantity'])).size).toBe(rows)
  const state = await project.state('jobs')
  expect(state.map(({ status }) => status)).toEqual(all.map(() => 'succeeded'))
  const known = new Map(
    state.map((row) => {
      const { _uuid, _occurred_at } = JSON.parse(String(row['sent_values']))
      return [_uuid, _occurred_at]
    }),
  )
  expect(sent.map(({ uuid, occurredAt }) => [uuid, occurredAt])).toEqual(
    sent.map(({ uuid }) => [uuid, known.get(uuid)]),
  )
  for (const table of ['results__jobs', 'plan__jobs', 'resolutions__jobs', 'intents', 'leases']) {
    const [row] = await project.rows(`select count(*) as total from ${table}`)
    expect(row?.['total'], `rows left in ${table}`).toBe(0)
  }
  const open = await project.rows('select run_id from runs where finished_at is null')
  expect(open).toEqual([])
  const before = sandbox.writeCalls()
  expectExit(await project.run(['run']), 0)
  expect(sandbox.writeCalls(), 'nothing is sent again').toBe(before)
}

const points: readonly CrashPoint[] = [
  'run-entered',
  'plan-written',
  'run-started',
  'events-resolved',
  'window-opened',
  'answer-received',
  'result-spooled',
  'window-sent',
  'results-stored',
  'window-closed',
  'before-merge',
  'run-merged',
]

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(isMissing(engine))
  const chosen = points.filter((_, index) => isSoak || (index % 2 === 0) === (engine === 'duckdb'))

  here.for(chosen)('killed at %s, every event is there once', async (point) => {
    const { sandbox, project } = await prepared(engine)
    const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: point })
    expect(killed.signal, killed.stderr).toBe('SIGKILL')
    if (point === 'result-spooled') deleteSpool(project)
    expectExit(await project.run(['run']), 0)
    await expectEachOnce(project, sandbox)
  })

  const path = '/events/v3/send'
  const faults: readonly (readonly [string, FaultRule])[] = [
    ['the connection breaks after the write', { kind: 'reset_after', match: { path, nth: 2 } }],
    ['502 after the write', { kind: 'status_after_commit', status: 502, match: { path, nth: 1 } }],
    ['the answer never comes', { kind: 'hang', match: { path, nth: 2 } }],
    ['503', { kind: 'status', status: 503, match: { path, nth: 3 } }],
    ['429', { kind: 'status', status: 429, retryAfterSeconds: 1, match: { path, nth: 1 } }],
  ]

  here.for(faults.filter((_, index) => isSoak || (index % 2 === 0) === (engine === 'duckdb')))(
    'after one fault every event is there once: %s',
    async ([_, fault]) => {
      const { sandbox, project } = await prepared(engine)
      sandbox.addFault(fault)
      expectExit(await project.run(['run']), 0)
      await expectEachOnce(project, sandbox)
    },
  )

  here('what HubSpot never answers is left to the next run, with uuid and moment', async () => {
    const { sandbox, project } = await prepared(engine)
    sandbox.addFault({ kind: 'status_after_commit', status: 500, match: { path } })
    expectExit(await project.run(['run', '--limit', '400']), 1)
    const first = [...sandbox.events()]
    expect(first).toHaveLength(400)
    const kept = await project.rows(
      "select sent_values from state__jobs where status = 'pending' and first_synced_at is null",
    )
    expect(kept).toHaveLength(400)
    sandbox.clearFaults()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.events().slice(0, 400)).toEqual(first)
    await expectEachOnce(project, sandbox)
  })
})

test('the limit of events is waited for, and is none of the searches', async () => {
  const { sandbox, project } = await prepared('duckdb', { limits: { eventsPerSecond: 1 } })
  expectExit(await project.run(['run']), 0)
  expect(sandbox.counts().byStatus['429']).toBeGreaterThan(0)
  await expectEachOnce(project, sandbox)
})

test('where HubSpot refuses what it has already, it is there', async () => {
  const { sandbox, project } = await prepared('duckdb', {
    tier: 'unlimited',
    quirks: { refusesRepeatedEvents: true },
  })
  await setJobs(project, all.slice(0, 6))
  sandbox.addFault({ kind: 'reset_after', match: { path: '/events/v3/send', nth: 1 } })
  expectExit(await project.run(['run']), 0)
  expect(sandbox.events()).toHaveLength(6)
  const state = await project.state('jobs')
  expect(state.map(({ status }) => status)).toEqual(Array(6).fill('succeeded'))
})

test('an event that HubSpot alone refuses is parked in the end, and its neighbours go', async () => {
  const { sandbox, project } = await prepared('duckdb')
  const known = { name: 'known', label: 'Known', type: 'string' }
  // What the definition says when it is read is not what HubSpot takes a moment later.
  sandbox.defineEvents([{ name: 'strict', propertyDefinitions: [known] }])
  project.setSyncs([
    jobs({ event: 'strict', on_missing_contact: 'create', properties: { known: 'note' } }),
  ])
  sandbox.refuseEventValue('pe4242424_strict', 'known', 'bad')
  await setJobs(
    project,
    all.slice(0, 20).map((job) => ({ ...job, note: job.id === 7 ? 'bad' : 'good' })),
  )
  for (const exitCode of [1, 1, 1]) {
    const result = await project.run(['run'])
    expectExit(result, exitCode)
  }
  expect(sandbox.events()).toHaveLength(19)
  const [parked] = await project.rows("select * from state__jobs where status = 'parked'")
  expect(parked).toMatchObject({ row_id: '7', attempts: 3, error_category: 'VALIDATION_ERROR' })
  const calls = sandbox.writeCalls()
  expectExit(await project.run(['run']), 0)
  expect(sandbox.writeCalls()).toBe(calls)
  await project.sql("update jobs set note = 'good' where id = 7")
  expectExit(await project.run(['run']), 0)
  expect(sandbox.events()).toHaveLength(20)
})
