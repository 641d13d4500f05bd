import { describe, expect, test } from 'vitest'
import { expectExit } from '../fault/people-project.ts'
import {
  emailOf,
  engines,
  fans,
  isMissing,
  listsProject,
  membersOf,
  people,
  setFans,
  setPeople,
  together,
} from '../support/lists-project.ts'

const three = [1, 2, 3].map(emailOf)
const [one, two, other] = ['1001', '1002', '1003'] as const
const off = fans({ sync: 'off', mode: 'remove', list: { id: 1 } })
const byEmail = (...ids: readonly number[]) => ids.map((id) => ({ id, email: emailOf(id) }))

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(isMissing(engine))

  here('1,000 members with known ids are one call; the second run makes none', async () => {
    const { sandbox, project } = await listsProject(
      engine,
      [fans({ contact: { id: 'record' } })],
      Array.from({ length: 1000 }, (_, id) => emailOf(id)),
    )
    sandbox.addList('Other', 'companies')
    await setFans(
      project,
      Array.from({ length: 1000 }, (_, id) => ({ id, record: String(1001 + id) })),
    )
    const plan = await project.run(['plan', '--output', 'json'])
    expectExit(plan, 0)
    expect(JSON.parse(plan.stdout.split('\n')[0] ?? '')).toMatchObject({
      type: 'list',
      mode: 'mirror',
      list: { id: null, name: 'VIP customers' },
      operations: { add: 1000, remove: 0 },
      calls: { writes: 2, lookups: 0 },
    })
    const first = await project.run(['run'])
    expectExit(first, 0)
    expect(first.stderr).toContain('add 1,000 members to VIP customers (a new list), 2 write calls')
    expect(first.stderr).toContain('1,000 added')
    const { byOperation } = sandbox.counts()
    expect(byOperation['lists.create']).toBe(1)
    expect(byOperation['lists.members.add']).toBe(1)
    expect(byOperation['objects.batch.read']).toBeUndefined()
    expect(membersOf(sandbox, 'VIP customers')).toHaveLength(1000)
    const [run] = await project.rows('select * from runs')
    expect(run).toMatchObject({
      mode: 'mirror',
      object_type: '0-1',
      planned_creates: 1000,
      rows_created: 1000,
      calls_planned: 2,
      calls_made: 2,
      status: 'succeeded',
    })
    const [pinned] = await project.rows('select * from syncs')
    expect(pinned).toMatchObject({ sync_type: 'list', list_id: '2', list_made_here: true })
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
    expect(sandbox.counts().byOperation['lists.create']).toBe(1)
  })

  here('mirror: rows are added, those that left are removed, the same are left alone', async () => {
    const { sandbox, project } = await listsProject(engine, [fans()], three)
    await setFans(project, byEmail(1, 2))
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox)).toEqual([one, two])
    await setFans(project, byEmail(2, 3))
    const plan = await project.run(['plan'])
    expect(plan.stdout).toContain(
      'add 1 member to VIP customers (list 1), remove 1 member from it, 1 unchanged',
    )
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox)).toEqual([two, other])
    const changes = await project.rows(
      "select row_id, record_id, operation, outcome, is_created, new_values, error_category from changes where row_id <> '2' order by recorded_at, row_id",
    )
    expect(changes.map((row) => Object.values(row))).toEqual([
      ['1', one, 'add', 'succeeded', true, '{"_list":"VIP customers"}', null],
      ['1', one, 'remove', 'succeeded', null, '{}', null],
      ['3', other, 'add', 'succeeded', true, '{"_list":"VIP customers"}', null],
    ])
    const [run] = await project.rows('select * from runs order by started_at desc limit 1')
    expect(run).toMatchObject({ rows_created: 1, rows_left: 1, calls_planned: 2, calls_made: 2 })
    // The row comes back, and the record with it.
    await setFans(project, byEmail(1, 2, 3))
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox)).toEqual([one, two, other])
    const state = await project.state('vip')
    expect(state.map((row) => [row['row_id'], row['record_id'], row['status']])).toEqual([
      ['1', one, 'succeeded'],
      ['2', two, 'succeeded'],
      ['3', other, 'succeeded'],
    ])
  })

  here('add only adds; remove takes rows off, and what leaves the model is nothing', async () => {
    const { sandbox, project } = await listsProject(engine, [fans({ mode: 'add' })], three)
    await setFans(project, byEmail(1, 2))
    expectExit(await project.run(['run']), 0)
    await setFans(project, byEmail(2, 3))
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox)).toEqual([one, two, other])

    project.setSyncs([together(fans({ mode: 'add' }), off)])
    const select = ['--select', 'off']
    await setFans(project, byEmail(1, 2))
    const plan = await project.run(['plan', ...select])
    expect(plan.stdout).toContain('remove 2 members from VIP customers (list 1)')
    expectExit(await project.run(['run', ...select]), 0)
    expect(membersOf(sandbox)).toEqual([other])
    const writes = sandbox.writeCalls()
    await setFans(project, byEmail(2))
    expectExit(await project.run(['run', ...select]), 0)
    expect(sandbox.writeCalls()).toBe(writes)
    // It is in the model again: it is taken off again.
    sandbox.changeMembers('1', [one])
    await setFans(project, byEmail(1, 2))
    expectExit(await project.run(['run', ...select]), 0)
    expect(membersOf(sandbox)).toEqual([other])
  })

  here('members that others added stay, unless the list is exact', async () => {
    const { sandbox, project } = await listsProject(engine, [fans({ adopt: true })], three)
    sandbox.addList('vip Customers', 'contacts', 'SNAPSHOT', [one, other])
    await setFans(project, byEmail(1, 2))
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox)).toEqual([one, two, other])
    const [pinned] = await project.rows('select * from syncs')
    expect(pinned).toMatchObject({ list_id: '1', list_made_here: null })
    await setFans(project, byEmail(3))
    const plan = await project.run(['plan'])
    expect(plan.stdout).toContain('1 row left, the member stays: this sync did not add it')
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox)).toEqual([one, other])

    project.setSyncs([fans({ adopt: true, exact: true })])
    // Somebody changed the list by hand.
    sandbox.changeMembers('1', [two], [other])
    const exact = await project.run(['plan'])
    expect(exact.stdout).toContain('exact: a run reads the members of the list (2 now)')
    expect(exact.stdout).toContain(
      '0 write calls, 2 more at most where the list is not as the model, 1 look-up call before',
    )
    const run = await project.run(['run'])
    expectExit(run, 0)
    expect(membersOf(sandbox)).toEqual([other])
    const last = await project.rows(
      'select row_id, record_id, operation, error_category from changes order by recorded_at desc, seq desc limit 3',
    )
    expect(last.map((row) => Object.values(row))).toEqual([
      [null, two, 'remove', 'NOT_IN_MODEL'],
      [null, one, 'remove', 'NOT_IN_MODEL'],
      ['3', other, 'add', null],
    ])
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
  })

  here('several rows of one record are one member, which goes with the last of them', async () => {
    const { sandbox, project } = await listsProject(engine, [fans()], three)
    const same = (...ids: readonly number[]) => ids.map((id) => ({ id, email: emailOf(1) }))
    await setFans(project, same(1, 2))
    expectExit(await project.run(['run']), 0)
    await setFans(project, same(1, 2, 3))
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox)).toEqual([one])
    await setFans(project, same(3))
    const plan = await project.run(['plan'])
    expect(plan.stdout).toContain('the member stays: another row of the model is the same record')
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox)).toEqual([one])
    await setFans(project, [])
    expectExit(await project.run(['run', '--force-guard', 'empty_model']), 0)
    expect(membersOf(sandbox)).toEqual([])
    // What is nobody's any more is not taken off again when somebody else adds it.
    await setFans(project, same(1))
    sandbox.changeMembers('1', [one])
    expectExit(await project.run(['run']), 0)
    await setFans(project, byEmail(2))
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox)).toEqual([one, two])
  })

  here('a row that is another record now: the old one goes, the new one comes', async () => {
    const { sandbox, project } = await listsProject(engine, [fans()], three)
    await setFans(project, byEmail(1, 2))
    expectExit(await project.run(['run']), 0)
    await setFans(project, [
      { id: 1, email: emailOf(3) },
      { id: 2, email: ` ${emailOf(2).toUpperCase()}` },
    ])
    const plan = await project.run(['plan'])
    expect(plan.stdout).toContain('2 write calls at most, 1 look-up call before')
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox)).toEqual([two, other])
    const [run] = await project.rows('select * from runs order by started_at desc limit 1')
    expect(run).toMatchObject({ calls_planned: 2, calls_made: 2, status: 'succeeded' })
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
    await setFans(project, [])
    expectExit(await project.run(['run', '--force-guard', 'empty_model']), 0)
    expect(membersOf(sandbox)).toEqual([])
  })

  here('members are rows of another sync, of this very run or of an earlier one', async () => {
    const bySync = fans({ contact: { sync: 'contacts', key: 'person' } })
    const { sandbox, project } = await listsProject(engine, [people, bySync])
    await setPeople(project, [1, 2])
    await setFans(project, [
      { id: 1, person: 1 },
      { id: 2, person: 2 },
      { id: 3, person: 3 },
    ])
    const first = await project.run(['run'])
    expectExit(first, 0)
    expect(membersOf(sandbox)).toEqual([one, two])
    expect(sandbox.counts().byOperation['objects.batch.read']).toBeUndefined()
    const state = await project.state('vip')
    expect(state[2]).toMatchObject({
      status: 'pending',
      error_category: 'NO_CONTACT_YET',
      error_message: 'Row 3 of sync contacts has no record in HubSpot yet.',
    })
    await setPeople(project, [1, 2, 3])
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox)).toEqual([one, two, other])
    // A contact that was deleted and made again is another record, which the list gets, too.
    sandbox.archiveRecord('contacts', two)
    await project.sql("update people set email = 'new@shop.example' where id = 2")
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox)).toEqual([one, other, '1004'])
    const [again] = await project.rows(
      "select planned_creates, calls_planned, calls_made from runs where sync_name = 'vip' order by started_at desc limit 1",
    )
    expect(again).toMatchObject({ planned_creates: 1, calls_planned: 2, calls_made: 2 })
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
  })

  here('a record that leaves its sync is archived, whatever lists it is on', async () => {
    const removing = {
      ...people,
      hubspot: { ...Object(people.hubspot), on_delete: 'delete' },
    }
    const { sandbox, project } = await listsProject(engine, [
      removing,
      fans({ contact: { sync: 'contacts', key: 'person' } }),
    ])
    await setPeople(project, [1, 2, 3])
    const fan = (id: number) => ({ id, person: id })
    await setFans(project, [fan(1), fan(2), fan(3)])
    expectExit(await project.run(['run']), 0)
    await setPeople(project, [1])
    await setFans(project, [fan(1), fan(3)])
    expectExit(await project.run(['run']), 0)
    expect(sandbox.records('contacts').map(({ id }) => id)).toEqual([one])
    expect(membersOf(sandbox)).toEqual([one])
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
  })

  here('rows without a record are told, and found later', async () => {
    const { sandbox, project } = await listsProject(engine, [fans()], [emailOf(1)])
    await setFans(project, [...byEmail(1, 2), { id: 3, email: null }, { id: 4, email: 'nobody' }])
    expectExit(await project.run(['run']), 1)
    const changes = await project.rows(
      'select row_id, outcome, error_category, error_message from changes order by row_id',
    )
    expect(changes.map((row) => Object.values(row))).toEqual([
      ['1', 'succeeded', null, null],
      [
        '2',
        'rejected',
        'UNKNOWN_MEMBER',
        'HubSpot has no such record: none with this e-mail address.',
      ],
      [
        '3',
        'rejected',
        'MISSING_MEMBER',
        'Nothing says which record the row is: the value is NULL or empty.',
      ],
      ['4', 'rejected', 'NO_EMAIL', 'The e-mail address is none.'],
    ])
    sandbox.seedRecords('contacts', [{ email: emailOf(2) }])
    await setFans(project, byEmail(1, 2))
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox)).toEqual([one, two])

    sandbox.addList('By id', 'contacts')
    project.setSyncs([
      together(fans(), fans({ sync: 'ids', list: { id: 2 }, contact: { id: 'record' } })),
    ])
    await setFans(project, [
      { id: 1, record: '404' },
      { id: 2, record: one },
      { id: 3, record: 'x' },
    ])
    expectExit(await project.run(['run', '--select', 'ids']), 1)
    const state = await project.state('ids')
    expect(state.map((row) => [row['status'], row['error_category']])).toEqual([
      ['rejected', 'NO_RECORD'],
      ['succeeded', null],
      ['rejected', 'NO_RECORD_ID'],
    ])
    expect(state[0]).toMatchObject({ error_message: 'HubSpot has no record 404.', record_id: null })
  })

  here('companies, by record id and as rows of another sync', async () => {
    const companies = {
      model: 'firms',
      hubspot: {
        sync: 'companies',
        object: 'companies',
        primary_key: 'id',
        mode: 'insert',
        properties: { name: 'name' },
      },
    }
    const partners = fans({
      list: 'Partners',
      contact: undefined,
      object: 'companies',
      record: { sync: 'companies', key: 'person' },
    })
    const { sandbox, project } = await listsProject(engine, [companies, partners])
    await project.sql("create table firms as select 1 as id, 'Acme' as name")
    await setFans(project, [{ id: 1, person: 1 }])
    expectExit(await project.run(['run']), 0)
    const [acme] = sandbox.records('companies').map(({ id }) => id)
    expect(membersOf(sandbox, 'Partners')).toEqual([acme])
    expect(sandbox.lists()).toMatchObject([{ objectTypeId: '0-2' }])
    const [extra = ''] = sandbox.seedRecords('companies', [{ name: 'Other' }])
    sandbox.addList('More', 'companies', 'MANUAL', [acme ?? ''])
    project.setSyncs([
      companies,
      together(
        partners,
        fans({
          sync: 'more',
          list: { id: 2 },
          contact: undefined,
          record: { object: 'companies', id: 'record' },
        }),
      ),
    ])
    await setFans(project, [{ id: 1, record: extra }])
    expectExit(await project.run(['run', '--select', 'more']), 0)
    expect(membersOf(sandbox, 'More')).toEqual([acme, extra])
  })
})

test('a member that was taken off, and that somebody else added since, stays', async () => {
  const { sandbox, project } = await listsProject('duckdb', [fans()], three)
  await setFans(project, byEmail(1, 2))
  expectExit(await project.run(['run']), 0)
  project.setSyncs([fans({ mode: 'remove' })])
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual([])
  sandbox.changeMembers('1', [one])
  project.setSyncs([fans()])
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual([one, two])
  await setFans(project, byEmail(3))
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual([one, other])
})
