import { describe, expect, test } from 'vitest'
import { whyNoPostgres } from '../support/postgres.ts'
import { strictSandbox } from '../support/sandbox.ts'
import {
  contacts,
  contactsByEmail,
  createPeople,
  deleteSpool,
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

describe.each(engines)('on %s', (engine) => {
  const isMissing = engine === 'postgres' && missing !== undefined

  test.skipIf(isMissing)('upsert makes an archived record again, in full', async () => {
    const sandbox = await strictSandbox()
    const project = await createPeople(engine, sandbox, peopleSync('upsert'))
    const people = somePeople(1, 5)
    await setPeople(project, people)
    expectExit(await project.run(['run']), 0)
    const [first, second] = [...contacts(sandbox).keys()]
    sandbox.archiveRecord('contacts', first ?? '')
    sandbox.archiveRecord('contacts', second ?? '')
    const changed = people.map((person) => ({ ...person, firstName: 'New', nickname: null }))
    await setPeople(project, changed)
    expectExit(await project.run(['run']), 0)
    expectExactly(sandbox, changed)
    await expectNothingDoubled(project, sandbox)
    await expectBooksClosed(project)
    expect(await lastRun(project)).toMatchObject({ rows_created: 2, rows_updated: 3 })
    const made = await project.rows(
      `select changed_properties, new_values from changes where is_created and operation = 'upsert' and run_id = (select max(run_id) from runs)`,
    )
    expect(made).toHaveLength(2)
    for (const row of made) {
      expect(JSON.parse(String(row['changed_properties']))).toContain('annualrevenue')
    }
    await expectNothingToDo(project, sandbox)
  })

  test.skipIf(isMissing)('update skips an archived record and forgets it', async () => {
    const sandbox = await strictSandbox()
    const people = somePeople(1, 3)
    sandbox.seedRecords(
      'contacts',
      people.map(({ email }) => ({ email })),
    )
    const project = await createPeople(engine, sandbox, peopleSync('update'))
    await setPeople(project, people)
    expectExit(await project.run(['run']), 0)
    const [first] = [...contacts(sandbox).keys()]
    sandbox.archiveRecord('contacts', first ?? '')
    await setPeople(
      project,
      people.map((person) => ({ ...person, firstName: 'New' })),
    )
    expectExit(await project.run(['run']), 0)
    expect(sandbox.countRecords('contacts')).toBe(2)
    expect(await statuses(project)).toEqual({ succeeded: 2, skipped: 1 })
    await expectNothingDoubled(project, sandbox)
    await expectNothingToDo(project, sandbox)
  })

  test.skipIf(isMissing)(
    'a kill after a record was made again does not double it when its e-mail changes',
    async () => {
      const sandbox = await strictSandbox()
      const project = await createPeople(engine, sandbox, peopleSync('upsert'))
      const people = somePeople(1, 5)
      await setPeople(project, people)
      expectExit(await project.run(['run']), 0)
      for (const id of contacts(sandbox).keys()) sandbox.archiveRecord('contacts', id)
      await setPeople(
        project,
        people.map((person) => ({ ...person, firstName: 'New' })),
      )
      // The first answer says that all are gone, the second that they were made again.
      const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: 'answer-received:2' })
      expect(killed.signal).toBe('SIGKILL')
      expect(sandbox.countRecords('contacts')).toBe(5)
      deleteSpool(project)
      const moved = people.map((person) => ({
        ...person,
        email: `moved${person.id}@shop.example`,
        nickname: null,
      }))
      await setPeople(project, moved)
      expectExit(await project.run(['run']), 0)
      expectExactly(sandbox, moved)
      await expectNothingDoubled(project, sandbox)
      await expectBooksClosed(project)
      await expectNothingToDo(project, sandbox)
    },
  )

  test.skipIf(isMissing)('a kill before a record is made again loses nothing', async () => {
    const sandbox = await strictSandbox()
    const project = await createPeople(engine, sandbox, peopleSync('upsert'))
    const people = somePeople(1, 5)
    await setPeople(project, people)
    expectExit(await project.run(['run']), 0)
    for (const id of contacts(sandbox).keys()) sandbox.archiveRecord('contacts', id)
    const changed = people.map((person) => ({ ...person, firstName: 'New' }))
    await setPeople(project, changed)
    const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: 'made-again' })
    expect(killed.signal).toBe('SIGKILL')
    expectExit(await project.run(['run']), 0)
    expectExactly(sandbox, changed)
    await expectNothingDoubled(project, sandbox)
    await expectBooksClosed(project)
  })

  test.skipIf(isMissing)('a conflict on a unique value names the other record', async () => {
    const sandbox = await strictSandbox()
    const project = await createPeople(engine, sandbox, peopleSync('upsert'))
    const people = somePeople(1, 4)
    await setPeople(project, people)
    expectExit(await project.run(['run']), 0)
    const [other] = sandbox.seedRecords('contacts', [{ email: 'taken@shop.example' }])
    const changed = people.map((person) =>
      person.id === 2
        ? { ...person, email: 'taken@shop.example' }
        : { ...person, email: `new${person.id}@shop.example` },
    )
    await setPeople(project, changed)
    expectExit(await project.run(['run']), 1)
    const [row] = await project.rows(
      `select record_id, error_category, error_message from changes where outcome = 'rejected'`,
    )
    expect(row).toMatchObject({ error_category: 'CONFLICT' })
    expect(row?.['error_message']).toContain(other)
    const emails = contactsByEmail(sandbox)
    for (const email of ['p2', 'new1', 'new3', 'new4']) {
      expect(emails.has(`${email}@shop.example`), email).toBe(true)
    }
    expect(emails.size).toBe(5)
  })
})
