import { describe, expect, test } from 'vitest'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { whyNoPostgres } from '../support/postgres.ts'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import {
  contactsByEmail,
  createPeople,
  engines,
  expectBooksClosed,
  expectExit,
  expectNothingToDo,
  lastRun,
  type Person,
  peopleSync,
  setPeople,
  somePeople,
  statuses,
} from './people-project.ts'

const missing = whyNoPostgres()
const badIds = [7, 50, 93]

/** Only HubSpot can tell that these are no e-mail addresses. */
const withBadRows = (people: readonly Person[]) =>
  people.map((person) =>
    badIds.includes(person.id) ? { ...person, email: `p${person.id}@nowhere` } : person,
  )

/** Operations that were sent since the log had `from` requests. */
const sentSince = (sandbox: Sandbox, from: number) =>
  sandbox
    .requests()
    .slice(from)
    .filter(({ kind }) => kind === 'write')

async function expectThreeRejected(project: TestProject, sandbox: Sandbox): Promise<void> {
  expect(contactsByEmail(sandbox).size).toBe(97)
  const rejected = await project.rows(
    `select row_id, error_category, error_message, correlation_id from changes where outcome = 'rejected' and run_id = (select max(run_id) from runs)`,
  )
  expect(rejected.map((row) => Number(row['row_id'])).sort((a, b) => a - b)).toEqual(badIds)
  for (const row of rejected) {
    expect(row['error_category']).toMatch(/INVALID_EMAIL|VALIDATION_ERROR/)
    expect(row['error_message']).toMatch(/invalid/i)
  }
  expect(await lastRun(project)).toMatchObject({ status: 'partial', rows_rejected: 3 })
}

describe.each(engines)('on %s', (engine) => {
  const isMissing = engine === 'postgres' && missing !== undefined

  test.skipIf(isMissing)(
    'three bad rows cost their 97 neighbours nothing, are parked after max_attempts, and tried again when they change',
    async () => {
      const sandbox = await strictSandbox()
      const project = await createPeople(engine, sandbox, peopleSync('upsert'))
      const people = somePeople(1, 100)
      await setPeople(project, withBadRows(people))
      expectExit(await project.run(['run']), 1)
      await expectThreeRejected(project, sandbox)
      expect(await statuses(project)).toEqual({ succeeded: 97, rejected: 3 })

      const before = sandbox.requests().length
      expectExit(await project.run(['run']), 1)
      await expectThreeRejected(project, sandbox)
      const sizes = sentSince(sandbox, before).map(({ batchSize }) => batchSize)
      expect(Math.max(...sizes), 'rows in a request of the second run').toBeLessThanOrEqual(3)

      await project.run(['run'])
      expect(await statuses(project)).toEqual({ succeeded: 97, parked: 3 })
      expect(await lastRun(project)).toMatchObject({ rows_parked: 3 })
      await expectNothingToDo(project, sandbox)
      expect(await statuses(project)).toEqual({ succeeded: 97, parked: 3 })

      await setPeople(project, people)
      expectExit(await project.run(['run']), 0)
      expect(contactsByEmail(sandbox).size).toBe(100)
      expect(await statuses(project)).toEqual({ succeeded: 100 })
      const attempts = await project.rows(
        'select distinct attempts, error_category from "state__contacts"',
      )
      expect(attempts).toEqual([{ attempts: 0, error_category: null }])
      await expectBooksClosed(project)
    },
  )

  test.skipIf(isMissing)(
    'a bound row that turns bad keeps its record as it was, and comes back with the differences only',
    async () => {
      const sandbox = await strictSandbox()
      const project = await createPeople(engine, sandbox, peopleSync('upsert'))
      const people = somePeople(1, 10)
      await setPeople(project, people)
      expectExit(await project.run(['run']), 0)
      await setPeople(
        project,
        people.map((person) =>
          person.id === 7 ? { ...person, email: 'p7@nowhere', firstName: 'Lost' } : person,
        ),
      )
      expectExit(await project.run(['run']), 1)
      expect(contactsByEmail(sandbox).get('p7@shop.example')).toMatchObject({ firstname: 'First7' })
      await setPeople(project, people)
      await expectNothingToDo(project, sandbox)
      expect(await statuses(project)).toEqual({ succeeded: 10 })
    },
  )
})

test('a batch that is refused as a whole is halved until the bad rows are alone', async () => {
  const sandbox = await strictSandbox()
  // Creates have no partial success: one bad input refuses them all with 400.
  const project = await createPeople('duckdb', sandbox, peopleSync('insert'))
  await setPeople(project, withBadRows(somePeople(1, 100)))
  expectExit(await project.run(['run']), 1)
  await expectThreeRejected(project, sandbox)
  const before = sandbox.requests().length
  expectExit(await project.run(['run']), 1)
  expect(contactsByEmail(sandbox).size).toBe(97)
  const sizes = sentSince(sandbox, before).map(({ batchSize }) => batchSize)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(3)
  await project.run(['run'])
  expect(await statuses(project)).toEqual({ succeeded: 97, parked: 3 })
  await expectNothingToDo(project, sandbox)
  await expectBooksClosed(project)
})

test('max_rejected lets a run with bad rows end well', async () => {
  const sandbox = await strictSandbox()
  const project = await createPeople(
    'duckdb',
    sandbox,
    peopleSync('upsert', { max_rejected: 3, max_attempts: 1 }),
  )
  await setPeople(project, withBadRows(somePeople(1, 100)))
  expectExit(await project.run(['run']), 0)
  expect(await statuses(project)).toEqual({ succeeded: 97, parked: 3 })
})
