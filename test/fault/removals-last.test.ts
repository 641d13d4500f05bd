import { describe, expect, test } from 'vitest'
import { whyNoPostgres } from '../support/postgres.ts'
import type { TestProject } from '../support/project.ts'
import type { SyncSpec } from '../support/project-files.ts'
import { strictSandbox } from '../support/sandbox.ts'
import {
  createPeople,
  type Engine,
  engines,
  expectBooksClosed,
  expectExactly,
  expectExit,
  expectNothingToDo,
  lastRun,
  peopleSync,
  setPeople,
  somePeople,
} from './people-project.ts'

const missing = whyNoPostgres()

type Keys = Readonly<Record<string, unknown>>

/** A second sync of contacts, which runs after `contacts`. */
const vips = (keys: Keys = {}): SyncSpec => ({
  model: 'vips',
  hubspot: {
    sync: 'vips',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: { city: 'city' },
    ...keys,
  },
})

const setVips = (
  project: TestProject,
  ...rows: readonly (readonly [email: string, city: string])[]
) =>
  project.sql(
    'drop table if exists vips',
    'create table vips (id integer, email varchar, city varchar)',
    ...rows.map(
      ([email, city], index) => `insert into vips values (${index + 1}, '${email}', '${city}')`,
    ),
  )

/** Contacts of eight people and one vip have been sent; then two people leave and the vip moves. */
async function start(engine: Engine, keys: Keys = {}, more: Keys = {}) {
  const sandbox = await strictSandbox()
  const syncs = [peopleSync('upsert', { on_delete: 'delete', ...keys }), vips(more)]
  const project = await createPeople(engine, sandbox, syncs[0] ?? vips())
  await setVips(project, ['vip@shop.example', 'Rome'])
  project.setSyncs(syncs)
  project.setResults()
  const people = somePeople(1, 8)
  await setPeople(project, people)
  expectExit(await project.run(['run']), 0)
  await setPeople(
    project,
    people.slice(2).map((person) => (person.id === 8 ? { ...person, firstName: 'New' } : person)),
  )
  await setVips(project, ['vip@shop.example', 'Paris'])
  const written = sandbox.written().length
  const calls = () =>
    sandbox
      .written()
      .slice(written)
      .map(({ path }) => path.split('/').at(-1))
  return { sandbox, project, people, calls }
}

const runOf = async (project: TestProject, sync: string) => {
  const [row] = await project.rows(
    `select * from runs where run_id = (select max(run_id) from runs where sync_name = '${sync}')`,
  )
  return row
}

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(engine === 'postgres' && missing !== undefined)

  here(
    'records of all syncs are sent before anything is removed; each sync keeps its number',
    async () => {
      const { project, calls } = await start(engine)
      const { exitCode, stderr } = await project.run(['run'])
      expect(exitCode, stderr).toBe(0)
      expect(calls()).toEqual(['update', 'update', 'archive'])
      const lines = stderr
        .split('\n')
        .flatMap((line) => /\d of \d [A-Z]+ sync \w+/.exec(line) ?? [])
      expect(lines).toEqual([
        '1 of 2 START sync contacts',
        '2 of 2 START sync vips',
        '2 of 2 OK sync vips',
        '1 of 2 OK sync contacts',
      ])
      expect(await runOf(project, 'contacts')).toMatchObject({
        calls_planned: 2,
        calls_made: 2,
        rows_left: 2,
      })
      expect(await runOf(project, 'vips')).toMatchObject({ calls_planned: 1, calls_made: 1 })
      await expectBooksClosed(project)
    },
  )

  here('with --fail-fast a failure keeps removals back, and the next run makes them', async () => {
    const { sandbox, project, calls } = await start(engine)
    await setVips(project, ['', 'Paris'])
    const failed = await project.run(['run', '--fail-fast'])
    expectExit(failed, 1)
    expect(calls()).toEqual(['update'])
    expect(await runOf(project, 'contacts')).toMatchObject({
      status: 'partial',
      rows_pending: 2,
      rows_left: 0,
    })
    expect(sandbox.countRecords('contacts')).toBe(9)
    await setVips(project, ['vip@shop.example', 'Paris'])
    expectExit(await project.run(['run', '--fail-fast']), 0)
    expect(sandbox.countRecords('contacts')).toBe(7)
  })

  here(
    'with --fail-fast a sync with rejected rows is sent, and the next does not begin',
    async () => {
      const { project, people, calls } = await start(engine, { on_delete: 'nothing' })
      await setPeople(project, [
        ...people.slice(1).map((person) => ({ ...person, firstName: 'New' })),
        { id: 99, email: '', firstName: 'Nobody', nickname: null, revenue: null },
      ])
      expectExit(await project.run(['run', '--fail-fast']), 1)
      expect(calls()).toEqual(['update'])
      expect(await runOf(project, 'contacts')).toMatchObject({ status: 'partial', rows_updated: 7 })
      expect(await runOf(project, 'vips')).toMatchObject({
        status: 'aborted',
        error_category: 'NOT_STARTED',
      })
    },
  )

  here('a kill before the removals leaves both syncs to the next run', async () => {
    const { sandbox, project } = await start(engine)
    const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: 'removals-held' })
    expect(killed.signal).toBe('SIGKILL')
    expect(sandbox.countRecords('contacts')).toBe(9)
    expectExit(await project.run(['run']), 0)
    expect(sandbox.countRecords('contacts')).toBe(7)
    await expectBooksClosed(project)
    await expectNothingToDo(project, sandbox)
  })

  here('a record waits when the sync that was to let it go is stopped by a guard', async () => {
    const { sandbox, project, people } = await start(engine)
    // Row 3 goes to the other sync first, then leaves both, and the other one may not run.
    await setVips(project, ['vip@shop.example', 'Paris'], ['p3@shop.example', 'Rome'])
    expectExit(await project.run(['run']), 0)
    project.setSyncs([
      peopleSync('upsert', { on_delete: 'delete' }),
      vips({ guards: { min_rows: 2 } }),
    ])
    await setPeople(project, people.slice(3))
    await setVips(project, ['vip@shop.example', 'Paris'])
    expectExit(await project.run(['run']), 1)
    expect(await runOf(project, 'vips')).toMatchObject({ status: 'guarded' })
    expect(await runOf(project, 'contacts')).toMatchObject({ status: 'partial', rows_pending: 1 })
    expect(
      await project.rows(
        "select error_category from changes where operation = 'archive' and outcome = 'pending'",
      ),
    ).toEqual([{ error_category: 'HELD_BY_SYNC' }])
    expect(sandbox.findRecord('contacts', 'email', 'p3@shop.example')).toBeDefined()
    expectExit(await project.run(['run', '--force-guard', 'min_rows']), 0)
    expect(sandbox.findRecord('contacts', 'email', 'p3@shop.example')).toBeUndefined()
  })
})

test('a daily limit during the records leaves the removals to the next run', async () => {
  const { sandbox, project } = await start('duckdb')
  sandbox.addFault({
    kind: 'status',
    status: 429,
    policy: 'DAILY',
    match: { path: '/batch/update$' },
  })
  expectExit(await project.run(['run']), 1)
  expect(sandbox.countRecords('contacts')).toBe(9)
  sandbox.clearFaults()
  expectExit(await project.run(['run']), 0)
  expect(sandbox.countRecords('contacts')).toBe(7)
})

test('look-ups that fail keep archives back', async () => {
  const { sandbox, project } = await start('duckdb')
  sandbox.addFault({ kind: 'status', status: 403, match: { path: '/batch/read$' } })
  expectExit(await project.run(['run']), 1)
  expect(sandbox.countRecords('contacts')).toBe(9)
  sandbox.clearFaults()
  expectExit(await project.run(['run']), 0)
  expect(sandbox.countRecords('contacts')).toBe(7)
})

test('several merged records are told apart from those that are not', async () => {
  const sandbox = await strictSandbox()
  const project = await createPeople(
    'duckdb',
    sandbox,
    peopleSync('upsert', { on_delete: 'delete' }),
  )
  const people = somePeople(1, 12)
  await setPeople(project, people)
  expectExit(await project.run(['run']), 0)
  const idOf = (id: number) =>
    sandbox.findRecord('contacts', 'email', `p${id}@shop.example`)?.id ?? ''
  const [survivor = ''] = sandbox.seedRecords('contacts', [{ email: 'other@shop.example' }])
  for (const id of [1, 3, 5]) sandbox.mergeRecords('contacts', survivor, idOf(id))
  sandbox.mergeRecords('contacts', idOf(12), idOf(6))
  await setPeople(project, people.slice(7))
  expectExit(await project.run(['run']), 0)
  expect(
    await project.rows(
      "select row_id, outcome from changes where operation = 'archive' order by row_id",
    ),
  ).toEqual(
    ['skipped', 'succeeded', 'skipped', 'succeeded', 'skipped', 'skipped', 'succeeded'].map(
      (outcome, index) => ({ row_id: String(index + 1), outcome }),
    ),
  )
  expect(sandbox.countRecords('contacts')).toBe(6)
  expect(sandbox.record('contacts', survivor)?.archived).toBe(false)
})

test('mode update clears what it sent, and gives it back', async () => {
  const sandbox = await strictSandbox()
  const people = somePeople(1, 4)
  sandbox.seedRecords(
    'contacts',
    people.map(({ email }) => ({ email, firstname: 'Old' })),
  )
  const project = await createPeople(
    'duckdb',
    sandbox,
    peopleSync('update', { on_delete: 'clear' }),
  )
  await setPeople(project, people)
  expectExit(await project.run(['run']), 0)
  await setPeople(project, people.slice(1))
  expectExit(await project.run(['run']), 0)
  expect(await lastRun(project)).toMatchObject({ rows_left: 1, calls_made: 1 })
  expect(sandbox.records('contacts')[0]?.properties['firstname']).toBeUndefined()
  await setPeople(project, people)
  expectExit(await project.run(['run']), 0)
  expectExactly(sandbox, people)
})
