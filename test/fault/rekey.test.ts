import { describe, expect, test } from 'vitest'
import { whyNoPostgres } from '../support/postgres.ts'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import {
  createPeople,
  engines,
  expectBooksClosed,
  expectExit,
  expectNothingToDo,
  peopleSync,
} from './people-project.ts'

const missing = whyNoPostgres()
const sync = peopleSync('upsert', { properties: { firstname: 'first_name' } })
const rekeyed = peopleSync('upsert', {
  properties: { firstname: 'first_name' },
  primary_key: 'customer_no',
})

/** `id` and `customer_no` number the same people the other way round: old keys and new ones are the same texts. */
const build = (project: TestProject, ...names: readonly string[]) =>
  project.sql(
    'drop table if exists people',
    `create table people as select * from (values ${names
      .map((name, at) => `(${at + 1}, ${names.length - at}, '${name}@shop.example', '${name}')`)
      .join(', ')}) as t (id, customer_no, email, first_name)`,
  )

const bound = async (project: TestProject) =>
  new Map(
    (await project.rows('select row_id, record_id, status from state__contacts')).map((row) => [
      String(row['record_id']),
      [row['row_id'], row['status']],
    ]),
  )

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(engine === 'postgres' && missing !== undefined)

  async function start() {
    const sandbox = await strictSandbox()
    const project = await createPeople(engine, sandbox, sync)
    await build(project, 'ada', 'bob', 'cleo', 'dan')
    expectExit(await project.run(['run']), 0)
    const before = await bound(project)
    project.setSyncs([rekeyed])
    return { sandbox, project, before, writes: sandbox.writeCalls() }
  }

  here(
    'another primary key is refused until it is said, and then sends nothing again',
    async () => {
      const { sandbox, project, before, writes } = await start()
      const refused = await project.run(['run'])
      expectExit(refused, 1)
      expect(refused.stderr).toContain('say once with --rekey that the new key is meant')

      const plan = await project.run(['plan', '--rekey', '--output', 'json'])
      expectExit(plan, 0)
      expect(JSON.parse(plan.stdout.split('\n')[0] ?? '')).toMatchObject({
        rows: { known: 4, unchanged: 4 },
        calls: { writes: 0 },
      })
      expect(await bound(project), 'a plan changes no key').toEqual(before)

      expectExit(await project.run(['run', '--rekey']), 0)
      expect(sandbox.writeCalls()).toBe(writes)
      const swapped = [...before].map(([record, [row, status]]) => [
        record,
        [String(5 - Number(row)), status],
      ])
      expect([...(await bound(project))].sort()).toEqual(swapped.sort())
      const told = await project.rows(
        "select row_id, old_values from changes where operation = 'rekey' order by row_id",
      )
      expect(told).toHaveLength(4)
      expect(told[0]).toEqual({ row_id: '1', old_values: '{"primary_key":"4"}' })
      await expectNothingToDo(project, sandbox)
      await expectBooksClosed(project)
    },
  )

  here(
    'a row that the model has no more keeps its record and is gone, not taken for another',
    async () => {
      const { sandbox, project, writes } = await start()
      await build(project, 'ada', 'bob', 'cleo')
      const run = await project.run(['run', '--rekey'])
      expectExit(run, 0)
      expect(run.stderr).toMatch(/no row, or several, with the match value of known rows/)
      expect(sandbox.writeCalls()).toBe(writes)
      const rows = await project.rows(
        "select row_id, status from state__contacts where status = 'left'",
      )
      expect(rows).toEqual([{ row_id: 'rekeyed: 4', status: 'left' }])
      await expectNothingToDo(project, sandbox)
    },
  )

  here.each(['delete', 'clear'])(
    'on_delete: %s removes nothing of rows that find no new key',
    async (on_delete) => {
      const sandbox = await strictSandbox()
      const keys = { properties: { firstname: 'first_name' }, on_delete }
      const project = await createPeople(engine, sandbox, peopleSync('upsert', keys))
      await build(project, 'ada', 'bob', 'cleo', 'dan', 'eve')
      expectExit(await project.run(['run']), 0)
      project.setSyncs([peopleSync('upsert', { ...keys, primary_key: 'customer_no' })])
      // Another match value, none, and that of another row; the last one is gone indeed.
      await project.sql(
        "update people set email = 'new@shop.example' where id = 1",
        'update people set email = null where id = 2',
        "update people set email = 'dan@shop.example' where id = 3",
        'delete from people where id = 5',
      )
      const plan = await project.run(['plan', '--rekey', '--output', 'json'])
      expect(JSON.parse(plan.stdout.split('\n')[0] ?? '')).toMatchObject({
        operations: { archive: 0, clear: 0, leave: 5 },
        removals: {
          kept: [
            { reason: 'lost_key', rows: 4 },
            { reason: 'match_value_moved', rows: 1 },
          ],
        },
      })
      const names = () =>
        sandbox.records('contacts').map(({ properties }) => properties['firstname'] ?? '')
      await project.run(['run', '--rekey'])
      expect(names()).toEqual(['ada', 'bob', 'cleo', 'dan', 'eve', 'ada'])
      await project.run(['run'])
      expect(names(), 'nor later').toEqual(['ada', 'bob', 'cleo', 'dan', 'eve', 'ada'])
      // A row that left after that is one like any other.
      await project.sql('delete from people where id = 1')
      await project.run(['run'])
      expect(names()).toEqual(
        on_delete === 'delete'
          ? ['ada', 'bob', 'cleo', 'dan', 'eve']
          : ['ada', 'bob', 'cleo', 'dan', 'eve', ''],
      )
    },
  )

  here('a kill right after the keys were mapped leaves nothing to say again', async () => {
    const { sandbox, project, writes } = await start()
    const killed = await project.run(['run', '--rekey'], { BACKHAUL_CRASH_AT: 'plan-written' })
    expect(killed.signal).toBe('SIGKILL')
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
    await expectNothingToDo(project, sandbox)
    await expectBooksClosed(project)
  })
})

test('without a match nothing says which row is which', async () => {
  const sandbox = await strictSandbox()
  const unmatched = peopleSync('insert', {
    match: undefined,
    properties: { firstname: 'first_name' },
  })
  const project = await createPeople('duckdb', sandbox, unmatched)
  await build(project, 'ada', 'bob')
  expectExit(await project.run(['run']), 0)
  project.setSyncs([
    peopleSync('insert', {
      match: undefined,
      properties: { firstname: 'first_name' },
      primary_key: 'customer_no',
    }),
  ])
  const refused = await project.run(['run', '--rekey'])
  expectExit(refused, 1)
  expect(refused.stderr).toContain('without `match`, nothing says which row is which')
})
