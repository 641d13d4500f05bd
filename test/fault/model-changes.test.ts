import { describe, expect, test } from 'vitest'
import { whyNoPostgres } from '../support/postgres.ts'
import { strictSandbox } from '../support/sandbox.ts'
import {
  contacts,
  contactsByEmail,
  createPeople,
  type Engine,
  engines,
  expectBooksClosed,
  expectExactly,
  expectExit,
  expectNothingDoubled,
  expectNothingToDo,
  lastRun,
  peopleSync,
  setPeople,
  somePeople,
  statuses,
} from './people-project.ts'

const missing = whyNoPostgres()

/** A project whose first run has gone well. */
async function synced(engine: Engine, rows: number) {
  const sandbox = await strictSandbox()
  const project = await createPeople(engine, sandbox, peopleSync('upsert'))
  const people = somePeople(1, rows)
  await setPeople(project, people)
  expectExit(await project.run(['run']), 0)
  return { sandbox, project, people }
}

describe.each(engines)('on %s', (engine) => {
  const isMissing = engine === 'postgres' && missing !== undefined

  test.skipIf(isMissing)(
    'a first run onto filled records changes only mapped values that are not NULL',
    async () => {
      const sandbox = await strictSandbox()
      const people = somePeople(1, 3).map((person) => ({ ...person, nickname: null }))
      sandbox.seedRecords(
        'contacts',
        people.map(({ email }) => ({
          email,
          firstname: 'Old',
          jobtitle: 'Kept',
          city: 'Kept',
          annualrevenue: '1',
        })),
      )
      const project = await createPeople(engine, sandbox, peopleSync('upsert'))
      await setPeople(project, people)
      expectExit(await project.run(['run']), 0)
      for (const [index, { properties }] of sandbox.records('contacts').entries()) {
        expect(properties).toMatchObject({
          firstname: `First${index + 1}`,
          jobtitle: 'Kept',
          city: 'Kept',
          annualrevenue: String(index + 1),
        })
      }
      const made = await project.rows(`select distinct created_here from "state__contacts"`)
      expect(made).toEqual([{ created_here: false }])
      await expectNothingToDo(project, sandbox)
    },
  )

  test.skipIf(isMissing)('a row that leaves and returns sends only what differs', async () => {
    const { sandbox, project, people } = await synced(engine, 30)
    await setPeople(project, people.slice(2))
    await expectNothingToDo(project, sandbox)
    expect(sandbox.countRecords('contacts')).toBe(30)
    expect(await statuses(project)).toEqual({ succeeded: 28, left: 2 })
    expect(await lastRun(project)).toMatchObject({ rows_left: 2, rows_unchanged: 28 })

    const back = people.map((person) =>
      person.id === 1 ? { ...person, firstName: 'Back' } : person,
    )
    await setPeople(project, back)
    expectExit(await project.run(['run']), 0)
    expect(await lastRun(project)).toMatchObject({ rows_returned: 2, rows_updated: 1 })
    const [sent] = await project.rows(
      `select changed_properties from changes where row_id = '1' and run_id = (select max(run_id) from runs)`,
    )
    expect(JSON.parse(String(sent?.['changed_properties']))).toEqual(['firstname'])
    expectExactly(sandbox, back)
    await expectNothingDoubled(project, sandbox)
  })

  test.skipIf(isMissing)('an empty model writes nothing until it is forced, once', async () => {
    const { sandbox, project, people } = await synced(engine, 12)
    await setPeople(project, [])
    const before = sandbox.writeCalls()
    for (const _ of [1, 2]) {
      const guarded = await project.run(['run'])
      expectExit(guarded, 1)
      expect(guarded.stderr).toContain('--force-guard empty_model')
      expect(await lastRun(project)).toMatchObject({ status: 'guarded' })
    }
    expect(await statuses(project)).toEqual({ succeeded: 12 })
    expectExit(await project.run(['run', '--force-guard', 'empty_model']), 0)
    expect(sandbox.writeCalls()).toBe(before)
    expect(await statuses(project)).toEqual({ left: 12 })
    await setPeople(project, people)
    await expectNothingToDo(project, sandbox)
    expect(await statuses(project)).toEqual({ succeeded: 12 })
    await setPeople(project, [])
    expectExit(await project.run(['run']), 1)
    await expectBooksClosed(project)
  })

  test.skipIf(isMissing)('a key that occurs twice costs both rows, not their record', async () => {
    const { sandbox, project, people } = await synced(engine, 12)
    const [first] = people
    if (first === undefined) throw new Error('no people')
    const twin = { ...first, firstName: 'Twin', email: 'twin@shop.example' }
    await setPeople(project, [...people, twin])
    const before = sandbox.writeCalls()
    expectExit(await project.run(['run']), 1)
    expect(await lastRun(project)).toMatchObject({ rows_rejected: 2, rows_left: 0 })
    expect(sandbox.writeCalls()).toBe(before)
    expect(await statuses(project)).toEqual({ succeeded: 12 })
    await setPeople(project, people)
    await expectNothingToDo(project, sandbox)
    expectExactly(sandbox, people)
  })

  test.skipIf(isMissing)('--limit and --row take no row for gone', async () => {
    const { sandbox, project, people } = await synced(engine, 12)
    await setPeople(
      project,
      people.slice(6).map((person) => ({ ...person, firstName: 'New' })),
    )
    expectExit(await project.run(['run', '--limit', '2']), 0)
    expect(await statuses(project)).toEqual({ succeeded: 12 })
    expectExit(await project.run(['run', '--row', '12', '--row', '1']), 0)
    expect(await statuses(project)).toEqual({ succeeded: 12 })
    const news = [...contacts(sandbox).values()].filter(({ firstname }) => firstname === 'New')
    expect(news).toHaveLength(3)
  })

  test.skipIf(isMissing)('a changed e-mail updates the same record', async () => {
    const { sandbox, project, people } = await synced(engine, 3)
    const before = [...contacts(sandbox).keys()]
    const moved = people.map((person) => ({ ...person, email: `MOVED${person.id}@Shop.example` }))
    await setPeople(project, moved)
    expectExit(await project.run(['run']), 0)
    expectExactly(sandbox, moved)
    expect([...contacts(sandbox).keys()].sort()).toEqual(before.sort())
    await expectNothingToDo(project, sandbox)
  })

  test.skipIf(isMissing)(
    'a renamed sync keeps its state once it says its previous name',
    async () => {
      const { sandbox, project, people } = await synced(engine, 3)
      const renamed = (keys: Readonly<Record<string, unknown>>) => [
        peopleSync('upsert', { sync: 'customers', ...keys }),
      ]
      project.setSyncs(renamed({}))
      const before = sandbox.writeCalls()
      const refused = await project.run(['run'])
      expectExit(refused, 1)
      expect(refused.stderr).toContain('previous_name: contacts')
      project.setSyncs(renamed({ previous_name: 'contacts' }))
      await project.sql("update people set first_name = 'New' where id = 1")
      const plan = await project.run(['plan'])
      expect(plan.stdout, 'it goes by its new name').toMatch(/^customers: people/)
      const { stdout } = await project.run(['plan', '--output', 'json'])
      const documents = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(documents).toMatchObject([
        { kind: 'plan', sync: 'customers', rows: { known: 3 }, operations: { update: 1 } },
        { kind: 'change', sync: 'customers' },
      ])
      await project.sql("update people set first_name = 'First1' where id = 1")
      expectExit(await project.run(['run']), 0)
      expectExit(await project.run(['run']), 0)
      expect(sandbox.writeCalls()).toBe(before)
      expect(await project.state('customers')).toHaveLength(3)
      expectExactly(sandbox, people)
    },
  )

  test.skipIf(isMissing)('a renamed model sends nothing again', async () => {
    const { sandbox, project } = await synced(engine, 3)
    await project.sql('alter table people rename to persons')
    project.setSyncs([{ ...peopleSync('upsert'), model: 'persons' }])
    project.setResults()
    await expectNothingToDo(project, sandbox)
    expect(await statuses(project)).toEqual({ succeeded: 3 })
  })

  test.skipIf(isMissing)('a key column that becomes a float sends nothing again', async () => {
    const { sandbox, project } = await synced(engine, 3)
    await project.sql('alter table people alter column id type double precision')
    await expectNothingToDo(project, sandbox)
    expect(await statuses(project)).toEqual({ succeeded: 3 })
    expect((await project.state('contacts')).map((row) => row['row_id']).sort()).toEqual([
      '1',
      '2',
      '3',
    ])
  })

  test.skipIf(isMissing)('another key, match or object is refused', async () => {
    const { sandbox, project } = await synced(engine, 3)
    const before = sandbox.writeCalls()
    project.setSyncs([peopleSync('upsert', { primary_key: 'email' })])
    const key = await project.run(['run'])
    expectExit(key, 1)
    expect(key.stderr).toContain('primary key was id')
    sandbox.createProperty('contacts', {
      name: 'shop_id',
      label: 'Shop id',
      type: 'string',
      fieldType: 'text',
      hasUniqueValue: true,
    })
    project.setSyncs([peopleSync('upsert', { match: { shop_id: 'first_name' } })])
    const match = await project.run(['run'])
    expectExit(match, 1)
    expect(match.stderr).toContain('matched by email')
    project.setSyncs([])
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(before)
    expect(sandbox.countRecords('contacts')).toBe(3)
  })

  test.skipIf(isMissing)(
    'a full refresh sends everything again and still clears what was sent before',
    async () => {
      const { sandbox, project, people } = await synced(engine, 3)
      for (const id of contacts(sandbox).keys()) {
        sandbox.changeRecord('contacts', id, { firstname: 'By hand', city: 'By hand' })
      }
      const changed = people.map((person) => ({ ...person, nickname: null }))
      await setPeople(project, changed)
      expectExit(await project.run(['run', '--full-refresh']), 0)
      expectExactly(sandbox, changed)
      expect(sandbox.records('contacts').map(({ properties }) => properties['city'])).toEqual([
        'By hand',
        'By hand',
        'By hand',
      ])
      await expectNothingToDo(project, sandbox)
      expect(contactsByEmail(sandbox).size).toBe(3)
    },
  )
})
