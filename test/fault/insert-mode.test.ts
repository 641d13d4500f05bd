import { describe, expect, test } from 'vitest'
import { whyNoPostgres } from '../support/postgres.ts'
import { strictSandbox } from '../support/sandbox.ts'
import {
  contacts,
  contactsByEmail,
  createPeople,
  engines,
  expectBooksClosed,
  expectExit,
  expectNothingToDo,
  impatient,
  peopleSync,
  setPeople,
  somePeople,
  statuses,
} from './people-project.ts'

const missing = whyNoPostgres()

describe.each(engines)('on %s', (engine) => {
  const isMissing = engine === 'postgres' && missing !== undefined

  test.skipIf(isMissing)(
    'a row that matches an existing record is skipped, and its later changes are not written there',
    async () => {
      const sandbox = await strictSandbox()
      const [first] = somePeople(1, 1)
      const [theirs] = sandbox.seedRecords('contacts', [
        { email: first?.email ?? '', firstname: 'Theirs' },
      ])
      const project = await createPeople(engine, sandbox, peopleSync('insert'))
      const people = somePeople(1, 3)
      await setPeople(project, people)
      expectExit(await project.run(['run']), 0)
      expect(await statuses(project)).toEqual({ succeeded: 2, skipped: 1 })
      await setPeople(
        project,
        people.map((person) => ({ ...person, firstName: 'Changed' })),
      )
      await expectNothingToDo(project, sandbox)
      expect(contacts(sandbox).get(theirs ?? '')).toMatchObject({ firstname: 'Theirs' })
      // With an e-mail of its own the row is new to HubSpot.
      const [, ...rest] = people
      await setPeople(project, [
        { ...somePeople(1, 1)[0], id: 1, email: 'own@shop.example' } as (typeof people)[number],
        ...rest,
      ])
      expectExit(await project.run(['run']), 0)
      expect(contactsByEmail(sandbox).get('own@shop.example')).toMatchObject({
        firstname: 'First1',
      })
      expect(contacts(sandbox).get(theirs ?? '')).toMatchObject({ firstname: 'Theirs' })
      await expectBooksClosed(project)
    },
  )

  test.skipIf(isMissing)('a row that left and returns changed is not sent again', async () => {
    const sandbox = await strictSandbox()
    const project = await createPeople(engine, sandbox, peopleSync('insert'))
    const people = somePeople(1, 20)
    await setPeople(project, people)
    expectExit(await project.run(['run']), 0)
    await setPeople(project, people.slice(1))
    await expectNothingToDo(project, sandbox)
    expect(await statuses(project)).toEqual({ succeeded: 19, left: 1 })
    await setPeople(
      project,
      people.map((person) => ({ ...person, firstName: 'Changed' })),
    )
    await expectNothingToDo(project, sandbox)
    expect(await statuses(project)).toEqual({ succeeded: 20 })
    const [row] = await project.rows(`select sent_values from "state__contacts" where row_id = '1'`)
    expect(JSON.parse(String(row?.['sent_values']))).toMatchObject({ firstname: 'First1' })
  })

  test.skipIf(isMissing)(
    'without a match, creates whose answer a kill lost are unknown and never sent again',
    async () => {
      const sandbox = await strictSandbox()
      const sync = {
        ...peopleSync('insert'),
        hubspot: {
          sync: 'contacts',
          object: 'companies',
          mode: 'insert',
          primary_key: 'id',
          properties: { name: 'first_name', city: 'nickname' },
        },
      }
      const project = await createPeople(engine, sandbox, sync, impatient)
      const people = somePeople(1, 20)
      await setPeople(project, people)
      const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: 'answer-received' })
      expect(killed.signal).toBe('SIGKILL')
      expect(sandbox.countRecords('companies')).toBe(20)
      const expectUnknown = async () => {
        const before = sandbox.writeCalls()
        const run = await project.run(['run'])
        expectExit(run, 1)
        expect(run.stderr).toContain('20 rows that may be in HubSpot already')
        expect(sandbox.writeCalls()).toBe(before)
        expect(sandbox.countRecords('companies')).toBe(20)
      }
      await expectUnknown()
      expect(await statuses(project)).toEqual({ unknown: 20 })
      expect((await project.run(['plan'])).stdout).toContain('20 unknown')
      // Not even when the rows leave and return.
      await setPeople(project, people.slice(0, 10))
      await expectUnknown()
      await setPeople(project, people)
      await expectUnknown()
    },
  )
})
