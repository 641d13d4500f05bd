import { describe, expect, test } from 'vitest'
import { whyNoPostgres } from '../support/postgres.ts'
import type { TestProject } from '../support/project.ts'
import { type StrictSandbox, strictSandbox } from '../support/sandbox.ts'
import { sentSince } from '../support/sent-properties.ts'
import {
  createPeople,
  type Engine,
  engines,
  expectBooksClosed,
  expectExit,
  expectNothingToDo,
  peopleSync,
} from './people-project.ts'

const missing = whyNoPostgres()
const sync = peopleSync('upsert', { properties: { firstname: 'first_name' } })
const rematched = (keys: Readonly<Record<string, unknown>> = {}) =>
  peopleSync('upsert', {
    match: { ext_id: 'ext' },
    properties: { firstname: 'first_name' },
    ...keys,
  })

/** Each person's `ext` is the first letter of the name. */
const build = (project: TestProject, ...names: readonly string[]) =>
  project.sql(
    'drop table if exists people',
    `create table people as select * from (values ${names
      .map((name, at) => `(${at + 1}, '${name}@shop.example', '${name}', '${name.slice(0, 1)}')`)
      .join(', ')}) as t (id, email, first_name, ext)`,
  )

const records = async (project: TestProject) =>
  (await project.state('contacts')).map((row) => String(row['record_id']))

async function start(engine: Engine, isUnique = true) {
  const sandbox = await strictSandbox()
  sandbox.createProperty('contacts', {
    name: 'ext_id',
    label: 'ext_id',
    type: 'string',
    fieldType: 'text',
    hasUniqueValue: isUnique,
  })
  const project = await createPeople(engine, sandbox, sync)
  await build(project, 'ada', 'bob', 'cleo', 'dan')
  expectExit(await project.run(['run']), 0)
  const [ada = '', bob = '', cleo = '', dan = ''] = await records(project)
  return { sandbox, project, ada, bob, cleo, dan, writes: sandbox.writeCalls() }
}

/** Ada's record has her `ext`, Bob's is on a record that somebody made, Cleo's nowhere, and Dan's on Cleo's record. */
function spread(sandbox: StrictSandbox, ada: string, cleo: string): string {
  sandbox.changeRecord('contacts', ada, { ext_id: 'a' })
  sandbox.changeRecord('contacts', cleo, { ext_id: 'd' })
  const [other = ''] = sandbox.seedRecords('contacts', [{ email: 'b@other.example', ext_id: 'b' }])
  return other
}

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(engine === 'postgres' && missing !== undefined)

  here('another match property is refused until it is said, and then decides', async () => {
    const { sandbox, project, ada, bob, cleo, dan, writes } = await start(engine)
    const other = spread(sandbox, ada, cleo)
    const sent = sentSince(sandbox)
    project.setSyncs([rematched()])
    const refused = await project.run(['run'])
    expectExit(refused, 1)
    expect(refused.stderr).toContain('say once with --rematch that the new property is meant')
    expect((await project.run(['adopt', 'contacts'])).stderr).toContain('--rematch')

    const plan = await project.run(['plan', '--rematch', '--output', 'json'])
    expectExit(plan, 0)
    expect(JSON.parse(plan.stdout.split('\n')[0] ?? '')).toMatchObject({
      rows: { known: 4 },
      operations: { update: 4, upsert: 0 },
      calls: { writes: 1 },
    })
    expect(await records(project), 'a plan re-binds nothing').toEqual([ada, bob, cleo, dan])

    const killed = await project.run(['run', '--rematch'], { BACKHAUL_CRASH_AT: 'known-found' })
    expect(killed.signal).toBe('SIGKILL')
    expect(await records(project), 'nor does half of it').toEqual([ada, bob, cleo, dan])
    expectExit(await project.run(['run']), 1)

    const run = await project.run(['run', '--rematch'])
    // Dan's value is still on Cleo's record when his own is to get it.
    expectExit(run, 1)
    expect(run.stderr).toMatch(/they keep the one they have/)
    expect(sandbox.writeCalls() - writes, 'as planned').toBe(1)
    expect(await records(project)).toEqual([ada, other, cleo, dan])
    expectExit(await project.run(['run']), 0)
    expect(sent()).toEqual([
      { ext_id: 'a' },
      { ext_id: 'b', firstname: 'bob' },
      { ext_id: 'c' },
      { ext_id: 'd' },
      { ext_id: 'd' },
    ])
    const state = await project.state('contacts')
    expect(state.map((row) => [row['match_value'], row['created_here']])).toEqual([
      ['a', true],
      ['b', false],
      ['c', true],
      ['d', true],
    ])
    expect(
      await project.rows(
        "select row_id, record_id, old_values from changes where operation = 'rematch'",
      ),
    ).toEqual([{ row_id: '2', record_id: other, old_values: `{"record_id":"${bob}"}` }])
    expect(await project.rows('select match_property from syncs')).toEqual([
      { match_property: 'ext_id' },
    ])
    await expectNothingToDo(project, sandbox)
    await expectBooksClosed(project)
  })

  here(
    'rows that swap their records do, and a kill right after leaves nothing to say again',
    async () => {
      const { sandbox, project, ada, bob, cleo, dan } = await start(engine)
      for (const [record, ext_id] of [
        [ada, 'b'],
        [bob, 'c'],
        [cleo, 'a'],
      ] as const) {
        sandbox.changeRecord('contacts', record, { ext_id })
      }
      project.setSyncs([rematched()])
      const killed = await project.run(['run', '--rematch'], { BACKHAUL_CRASH_AT: 'plan-written' })
      expect(killed.signal).toBe('SIGKILL')
      expect(await records(project)).toEqual([cleo, ada, bob, dan])
      expectExit(await project.run(['run']), 0)
      expect(sandbox.record('contacts', cleo)?.properties).toMatchObject({
        firstname: 'ada',
        ext_id: 'a',
      })
      const state = await project.state('contacts')
      expect(
        state.map((row) => row['created_here']),
        'whoever has it',
      ).toEqual([true, true, true, true])
      expect(sandbox.countRecords('contacts')).toBe(4)
      await expectNothingToDo(project, sandbox)
      await expectBooksClosed(project)
    },
  )
})

test('by search one record is the row’s, and several are nobody’s', async () => {
  const { sandbox, project, ada, bob, cleo, dan } = await start('duckdb', false)
  const [other = ''] = sandbox.seedRecords('contacts', [{ email: 'a@other.example', ext_id: 'a' }])
  sandbox.seedRecords('contacts', [
    { email: 'b1@other.example', ext_id: 'b' },
    { email: 'b2@other.example', ext_id: 'b' },
  ])
  project.setSyncs([rematched()])
  expectExit(await project.run(['run', '--rematch']), 0)
  expect(await records(project)).toEqual([other, bob, cleo, dan])
  expect(sandbox.record('contacts', ada)?.properties['firstname'], 'left alone').toBe('ada')
  await expectNothingToDo(project, sandbox)
})

test('one thing at a time', async () => {
  const { project } = await start('duckdb')
  project.setSyncs([rematched({ primary_key: 'email' })])
  const refused = await project.run(['run', '--rematch', '--rekey'])
  expectExit(refused, 1)
  expect(refused.stderr).toContain('has another primary key and matches by another property')
})
