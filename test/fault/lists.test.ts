import { describe, expect, test } from 'vitest'
import type { CrashPoint } from '../../src/run/context.ts'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import type { SandboxOptions } from '../../src/sandbox/options.ts'
import {
  emailOf,
  engines,
  fans,
  isMissing,
  listsProject,
  membersOf,
  setFans,
} from '../support/lists-project.ts'
import type { TestProject } from '../support/project.ts'
import type { StrictSandbox } from '../support/sandbox.ts'
import { deleteSpool, expectExit } from './people-project.ts'
import { isSoak } from './soak.ts'

/** Contacts 1001, 1002, …; the list begins with the first rows, and goes on with others. */
const contacts = 2600
const recordOf = (id: number): string => String(1001 + id)
const fansOf = (ids: readonly number[]) => ids.map((id) => ({ id, record: recordOf(id) }))
const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index)

const before = range(0, 1300)
/** 1,200 rows leave, 100 are another record now, 1,200 come. */
const after = [
  ...range(1200, 1300).map((id) => ({ id, record: recordOf(id + 1300) })),
  ...fansOf(range(1300, 2500)),
]
const members = [...range(1300, 2500), ...range(2500, 2600)].map(recordOf)

const sync = fans({ contact: { id: 'record' }, guards: { max_deletes: '100%' } })

async function prepared(engine: (typeof engines)[number], options: SandboxOptions = {}) {
  const made = await listsProject(
    engine,
    [sync],
    Array.from({ length: contacts }, (_, id) => emailOf(id)),
    { tier: 'unlimited', ...options },
  )
  await setFans(made.project, fansOf(before))
  expectExit(await made.project.run(['run']), 0)
  await setFans(made.project, after)
  return made
}

/** The list has exactly the members of the model, the state knows it, and nothing is left to do. */
async function expectExact(project: TestProject, sandbox: StrictSandbox): Promise<void> {
  expect(membersOf(sandbox)).toEqual(members)
  const state = await project.rows(
    'select status, count(*) as total, sum(case when created_here then 1 else 0 end) as ours from state__vip group by status order by status',
  )
  expect(state.map(({ status, total }) => [status, Number(total)])).toEqual([
    ['left', 1200],
    ['succeeded', 1300],
  ])
  for (const table of ['results__vip', 'plan__vip', 'resolutions__vip', 'intents', 'leases']) {
    const [row] = await project.rows(`select count(*) as total from ${table}`)
    expect(row?.['total'], `rows left in ${table}`).toBe(0)
  }
  const writes = sandbox.writeCalls()
  expectExit(await project.run(['run']), 0)
  expect(sandbox.writeCalls(), 'nothing is sent again').toBe(writes)
  // Whatever became of an answer, what Backhaul added it takes off again.
  await setFans(project, fansOf([1300]))
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual([recordOf(1300)])
}

const points: readonly CrashPoint[] = [
  'run-entered',
  'plan-written',
  'run-started',
  'members-resolved',
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

  here.for(chosen)('killed at %s, the list is exact after the next run', async (point) => {
    const { sandbox, project } = await prepared(engine)
    const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: point })
    expect(killed.signal, killed.stderr).toBe('SIGKILL')
    if (point === 'result-spooled') deleteSpool(project)
    expectExit(await project.run(['run']), 0)
    await expectExact(project, sandbox)
  })

  const path = '/memberships/'
  const faults: readonly (readonly [string, FaultRule])[] = [
    ['the connection breaks after the write', { kind: 'reset_after', match: { path, nth: 2 } }],
    ['502 after the write', { kind: 'status_after_commit', status: 502, match: { path, nth: 1 } }],
    ['the answer never comes', { kind: 'hang', match: { path, nth: 3 } }],
    ['503', { kind: 'status', status: 503, match: { path, nth: 2 } }],
    ['the body is too large', { kind: 'status', status: 413, match: { path, nth: 3 } }],
  ]

  here.for(faults.filter((_, index) => isSoak || (index % 2 === 0) === (engine === 'duckdb')))(
    'after one fault the list is exact: %s',
    async ([_, fault]) => {
      const { sandbox, project } = await prepared(engine)
      sandbox.addFault(fault)
      expectExit(await project.run(['run']), 0)
      await expectExact(project, sandbox)
    },
  )
})

test('a first run that is killed right after its list was made goes on with that list', async () => {
  const { sandbox, project } = await listsProject('duckdb', [fans()], [emailOf(1)])
  await setFans(project, [{ id: 1, email: emailOf(1) }])
  const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: 'list-made' })
  expect(killed.signal, killed.stderr).toBe('SIGKILL')
  expect(sandbox.lists()).toHaveLength(1)
  expectExit(await project.run(['run']), 0)
  expect(sandbox.lists()).toMatchObject([{ members: ['1001'] }])
  const [pinned] = await project.rows('select list_id, list_made_here from syncs')
  expect(pinned).toEqual({ list_id: '1', list_made_here: true })
})

test('where the answer to making the list is lost, there is one list', async () => {
  const { sandbox, project } = await listsProject('duckdb', [fans()], [emailOf(1)])
  await setFans(project, [{ id: 1, email: emailOf(1) }])
  sandbox.addFault({
    kind: 'reset_after',
    match: { method: 'POST', path: '/crm/v3/lists', nth: 2 },
  })
  expectExit(await project.run(['run']), 0)
  expect(sandbox.lists()).toMatchObject([{ members: ['1001'] }])
})

test('what HubSpot never answers is left to the next run, and is still ours to take off', async () => {
  const { sandbox, project } = await listsProject(
    'duckdb',
    [fans({ contact: { id: 'record' } })],
    [1, 2, 3].map(emailOf),
  )
  await setFans(project, fansOf([0, 1]))
  sandbox.addFault({ kind: 'status_after_commit', status: 500, match: { path: '/memberships/' } })
  expectExit(await project.run(['run']), 1)
  expect(membersOf(sandbox)).toEqual(['1001', '1002'])
  sandbox.clearFaults()
  // Nobody knows whether it is a member; its row has left by now.
  await setFans(project, fansOf([1, 2]))
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual(['1002', '1003'])
  await setFans(project, fansOf([2]))
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual(['1003'])
})

test('a list that takes fewer ids at once gets them in more calls', async () => {
  const { sandbox, project } = await listsProject(
    'duckdb',
    [fans({ contact: { id: 'record' } })],
    Array.from({ length: 1000 }, (_, id) => emailOf(id)),
    { tier: 'unlimited', quirks: { maxListInputs: 300, spellsAddedTheOldWay: true } },
  )
  await setFans(project, fansOf(range(0, 1000)))
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toHaveLength(1000)
  expect(sandbox.counts().byOperation['lists.members.add']).toBe(1 + 2 + 4)
  const [row] = await project.rows('select count(*) as total from state__vip where created_here')
  expect(Number(row?.['total'])).toBe(1000)
})

test('where a request is refused and the list is not to blame, its halves are tried', async () => {
  const { sandbox, project } = await listsProject(
    'duckdb',
    [fans({ contact: { id: 'record' } })],
    Array.from({ length: 100 }, (_, id) => emailOf(id)),
  )
  await setFans(project, fansOf([0]))
  expectExit(await project.run(['run']), 0)
  await setFans(project, fansOf(range(0, 100)))
  sandbox.addFault({
    kind: 'status',
    status: 400,
    body: { status: 'error', category: 'VALIDATION_ERROR', message: 'no' },
    match: { path: '/memberships/', times: 1 },
  })
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toHaveLength(100)
})
