import { describe, expect, test } from 'vitest'
import { whyNoPostgres } from '../support/postgres.ts'
import { type StrictSandbox, strictSandbox } from '../support/sandbox.ts'
import {
  contactsByEmail,
  createPeople,
  engines,
  expectBooksClosed,
  expectExactly,
  expectExit,
  expectNothingDoubled,
  expectNothingToDo,
  type Person,
  peopleSync,
  setPeople,
  statuses,
} from './people-project.ts'

const missing = whyNoPostgres()

const person = (id: number, email: string, firstName: string): Person => ({
  id,
  email: `${email}@shop.example`,
  firstName,
  nickname: null,
  revenue: null,
})

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(engine === 'postgres' && missing !== undefined)

  async function start(people: readonly Person[], keys: Readonly<Record<string, unknown>> = {}) {
    const sandbox = await strictSandbox()
    const project = await createPeople(engine, sandbox, peopleSync('upsert', keys))
    await setPeople(project, people)
    expectExit(await project.run(['run']), 0)
    return { sandbox, project }
  }

  const nameOf = (sandbox: StrictSandbox, email: string) =>
    contactsByEmail(sandbox).get(`${email}@shop.example`)?.firstname

  here('a row that goes by another key takes its record over from the old one', async () => {
    const { sandbox, project } = await start([person(1, 'a', 'Ada')])
    const rekeyed = [person(2, 'a', 'Ada Lovelace')]
    await setPeople(project, rekeyed)
    expectExit(await project.run(['run']), 0)
    expectExactly(sandbox, rekeyed)
    await expectNothingDoubled(project, sandbox)
    expect(await statuses(project)).toEqual({ left: 1, succeeded: 1 })
    await expectNothingToDo(project, sandbox)
  })

  here('a row that comes back finds its record taken over, and gets one of its own', async () => {
    const { sandbox, project } = await start([person(1, 'a', 'Ada')])
    await setPeople(project, [])
    expectExit(await project.run(['run', '--force-guard', 'empty_model']), 0)
    await setPeople(project, [person(2, 'a', 'Grace')])
    expectExit(await project.run(['run']), 0)
    const both = [person(1, 'b', 'Ada'), person(2, 'a', 'Grace')]
    await setPeople(project, both)
    expectExit(await project.run(['run']), 0)
    expectExactly(sandbox, both)
    await expectNothingDoubled(project, sandbox)
    await expectNothingToDo(project, sandbox)
  })

  here('a row waits while the record of its match value is still another row’s', async () => {
    const { sandbox, project } = await start([person(1, 'a', 'Ada')])
    const moved = [person(1, 'b', 'Ada'), person(2, 'a', 'Bob')]
    await setPeople(project, moved)
    const part = await project.run(['run', '--row', '2'])
    expectExit(part, 1)
    expect(nameOf(sandbox, 'a'), 'the record of row 1').toBe('Ada')
    expect(sandbox.countRecords('contacts')).toBe(1)
    expectExit(await project.run(['run']), 0)
    expectExactly(sandbox, moved)
    await expectNothingDoubled(project, sandbox)
    await expectNothingToDo(project, sandbox)
  })

  here('a row waits while the other row’s new match value is refused', async () => {
    const { sandbox, project } = await start([person(1, 'a', 'Ada')])
    await setPeople(project, [
      { ...person(1, 'b', 'Ada'), email: 'no address' },
      person(2, 'a', 'Bob'),
    ])
    const partial = await project.run(['run'])
    expectExit(partial, 1)
    expect(partial.stderr).toContain('1 waiting row of sync contacts:')
    expect(partial.stderr).toContain('e.g. row 2: Sent when that row has given the value up')
    expect(nameOf(sandbox, 'a')).toBe('Ada')
    const [waiting] = await project.rows(
      "select status, error_category, error_message from state__contacts where row_id = '2'",
    )
    expect(waiting).toMatchObject({ status: 'pending', error_category: 'MATCH_VALUE_HELD' })
    expect(waiting?.['error_message']).toContain('row 1')
    const mended = [person(1, 'b', 'Ada'), person(2, 'a', 'Bob')]
    await setPeople(project, mended)
    expectExit(await project.run(['run']), 0)
    expectExactly(sandbox, mended)
    await expectBooksClosed(project)
  })

  here('a row that waits is never under way, so a kill leaves nothing to look up', async () => {
    const { sandbox, project } = await start([person(1, 'a', 'Ada')])
    const moved = [person(1, 'b', 'Ada'), person(2, 'a', 'Bob')]
    await setPeople(project, moved)
    const killed = await project.run(['run', '--row', '2'], {
      BACKHAUL_CRASH_AT: 'window-opened',
    })
    // Row 2 waits before any window is opened.
    expect(killed.exitCode).toBe(1)
    expectExit(await project.run(['run']), 0)
    expectExactly(sandbox, moved)
    await expectNothingDoubled(project, sandbox)
  })

  here('mode update refuses a row whose look-up leads to the record of another', async () => {
    const sandbox = await strictSandbox()
    sandbox.seedRecords('contacts', [
      { email: 'a@shop.example', hs_additional_emails: 'b@shop.example' },
    ])
    const project = await createPeople(engine, sandbox, peopleSync('update'))
    await setPeople(project, [person(1, 'a', 'Ada')])
    expectExit(await project.run(['run']), 0)
    await setPeople(project, [person(1, 'a', 'Ada'), person(2, 'b', 'Bob')])
    expectExit(await project.run(['run']), 1)
    expect(nameOf(sandbox, 'a')).toBe('Ada')
    const [refused] = await project.rows("select * from changes where row_id = '2'")
    expect(refused).toMatchObject({ outcome: 'rejected', error_category: 'RECORD_TAKEN' })
    expect(refused?.['error_message']).toContain('row 1')
  })

  here('a row whose record was merged away goes to the one that is left', async () => {
    const { sandbox, project } = await start([person(1, 'a', 'Ada')])
    const [other] = sandbox.seedRecords('contacts', [{ email: 'other@shop.example' }])
    const [own] = sandbox.records('contacts')
    sandbox.mergeRecords('contacts', other ?? '', own?.id ?? '')
    const changed = [person(1, 'a', 'Augusta')]
    await setPeople(project, changed)
    await project.run(['run'])
    expectExit(await project.run(['run']), 0)
    expect(sandbox.countRecords('contacts')).toBe(1)
    expect(sandbox.record('contacts', other ?? '')?.properties['firstname']).toBe('Augusta')
    await expectNothingToDo(project, sandbox)
  })

  here(
    'of two rows whose records were merged, one keeps the record and the other is told',
    async () => {
      const people = [person(1, 'a', 'Ada'), person(2, 'b', 'Bob')]
      const { sandbox, project } = await start(people)
      const [one, two] = sandbox.records('contacts')
      sandbox.mergeRecords('contacts', one?.id ?? '', two?.id ?? '')
      await setPeople(project, [person(1, 'a', 'Ada'), person(2, 'b', 'Robert')])
      expectExit(await project.run(['run']), 1)
      const [told] = await project.rows("select * from state__contacts where row_id = '2'")
      expect(told).toMatchObject({ status: 'parked', error_category: 'RECORD_TAKEN' })
      expect(sandbox.record('contacts', one?.id ?? '')?.properties['firstname']).toBe('Ada')
    },
  )

  here('records that are made again are sent once', async () => {
    const { sandbox, project } = await start([person(1, 'a', 'Ada'), person(2, 'b', 'Bob')])
    const [first] = sandbox.records('contacts')
    sandbox.archiveRecord('contacts', first?.id ?? '')
    const changed = [person(1, 'a', 'Augusta'), person(2, 'b', 'Robert')]
    await setPeople(project, changed)
    const before = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(
      sandbox.writeCalls() - before,
      'an update, and the upsert of the one that was gone',
    ).toBe(2)
    expectExactly(sandbox, changed)
    const [made] = await project.rows(
      "select changed_properties, old_values, new_values, is_created from changes where operation = 'upsert' order by run_id desc limit 1",
    )
    expect(made).toMatchObject({ is_created: true, old_values: null })
    expect(Object.keys(JSON.parse(String(made?.['new_values']))).sort()).toEqual(
      (JSON.parse(String(made?.['changed_properties'])) as string[]).sort(),
    )
  })

  here('a sync that a guard stopped does not stand in the way of a rename', async () => {
    const { sandbox, project } = await start([person(1, 'a', 'Ada')])
    project.setSyncs([
      peopleSync('upsert', { sync: 'persons', primary_key: 'email', guards: { max_changes: 0 } }),
    ])
    project.setResults()
    expectExit(await project.run(['run']), 1)
    project.setSyncs([peopleSync('upsert', { sync: 'persons', previous_name: 'contacts' })])
    project.setResults()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(1)
  })
})
