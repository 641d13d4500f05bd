import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectExit } from '../fault/people-project.ts'
import {
  emailOf,
  fans,
  listsProject,
  membersOf,
  people,
  setFans,
  setPeople,
  together,
} from '../support/lists-project.ts'

const byEmail = (...ids: readonly number[]) => ids.map((id) => ({ id, email: emailOf(id) }))
const addresses = [1, 2, 3].map(emailOf)

test('what is wrong with a sync of a list is told at once', async () => {
  const wrong = [
    fans({ sync: 'a', contact: undefined }),
    fans({ sync: 'b', contact: { utk: 'email' } }),
    fans({ sync: 'c', object: 'companies' }),
    fans({ sync: 'd', contact: undefined, record: { id: 'record', sync: 'contacts' } }),
    fans({
      sync: 'e',
      object: 'deals',
      contact: undefined,
      record: { object: 'companies', id: 'x' },
    }),
    fans({ sync: 'f', mode: 'add', exact: true, list: { id: 'VIP' } }),
    fans({ sync: 'g', contact: { sync: 'contact', key: 'person' } }),
    fans({ sync: 'h', contact: { sync: 'a', key: 'person' } }),
    fans({ sync: 'i', properties: { firstname: 'email' } }),
    fans({ sync: 'j', contact: { sync: 'contacts' } }),
  ]
  const { project } = await listsProject('duckdb', [people, together(...wrong)])
  await setFans(project, [])
  const { stdout, exitCode } = await project.run(['validate', '--offline'])
  expect(exitCode).toBe(1)
  const told = [
    'contact: is required: it says which record a row is',
    'contact.utk: goes with events only: HubSpot finds no contact for a list by the user token',
    'contact: goes with lists of contacts; this one is of companies',
    'record: needs either `id`, a column of record ids, or `sync` and `key`',
    'record.object: is companies, and `object` is deals: a list holds records of one object',
    'exact: only goes with mode mirror, not add: it makes the list what the model says',
    'list.id: must be the id of a list, not `VIP`',
    'there is no sync contact',
    'the sync a writes the members of a list, not contacts',
    'properties: unknown key',
    'contact.sync: needs `key`, the column that holds the primary key of that sync',
  ]
  for (const message of told) expect(stdout).toContain(message)
})

test('columns have to hold addresses, or ids', async () => {
  const { project } = await listsProject('duckdb', [
    together(
      fans({ contact: { email: 'id' } }),
      fans({ sync: 'b', list: 'B', contact: { id: 'born' } }),
      fans({ sync: 'c', list: 'C', contact: { email: 'mail' } }),
    ),
  ])
  await project.sql("create table fans as select 1 as id, 'x' as email, date '2026-01-01' as born")
  const { stdout } = await project.run(['validate'])
  expect(stdout).toContain('column id is INTEGER, and e-mail addresses are text')
  expect(stdout).toContain('record ids are whole numbers; column born is DATE')
  expect(stdout).toContain('column mail')
})

test('a list of that name that Backhaul did not make is not taken over unasked', async () => {
  const { sandbox, project } = await listsProject('duckdb', [fans()], addresses)
  const id = sandbox.addList('VIP customers', 'contacts', 'MANUAL', ['1003'])
  await setFans(project, byEmail(1))
  for (const command of [['validate'], ['plan'], ['run']]) {
    const { exitCode, stdout, stderr } = await project.run(command)
    expect(exitCode).toBe(1)
    const told = stdout + stderr
    expect(told).toContain('HubSpot has a list VIP customers (id 1) that Backhaul did not make')
    expect(told).toContain('`adopt: true` takes it over, as does `list: {id: 1}`')
  }
  expect(membersOf(sandbox)).toEqual(['1003'])
  project.setSyncs([fans({ list: { id } })])
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual(['1001', '1003'])
  project.setSyncs([fans({ list: { id: 9 } })])
  const other = await project.run(['run'])
  expectExit(other, 1)
  expect(other.stderr).toContain(
    'the state of this sync speaks of list 1, the sync now says list 9',
  )
})

test('lists that cannot be written are refused with the reason', async () => {
  const { sandbox, project } = await listsProject('duckdb', [
    together(
      fans({ adopt: true }),
      fans({ sync: 'b', list: { id: 9 } }),
      fans({ sync: 'c', list: 'Firms', adopt: true }),
      fans({ sync: 'd', list: { id: 2 } }),
      fans({ sync: 'e', list: 'Nowhere', mode: 'remove' }),
    ),
  ])
  sandbox.addList('VIP customers', 'contacts', 'DYNAMIC')
  sandbox.addList('firms', 'companies')
  await setFans(project, byEmail(1))
  const { stdout, exitCode } = await project.run(['validate'])
  expect(exitCode).toBe(1)
  expect(stdout).toContain(
    'list 1 (VIP customers) is dynamic: its filters alone decide who is a member',
  )
  expect(stdout).toContain('Convert it to a static list in HubSpot, or name another one')
  expect(stdout).toContain('HubSpot has no list with the id 9')
  expect(stdout.match(/list 2 \(firms\) holds records of type 0-2, not contacts/g)).toHaveLength(2)
  expect(stdout).toContain('HubSpot has no list Nowhere to take rows off')
})

test('the list is found by its id after it was renamed in HubSpot', async () => {
  const { sandbox, project } = await listsProject('duckdb', [fans()], addresses)
  await setFans(project, byEmail(1))
  expectExit(await project.run(['run']), 0)
  sandbox.changeList('1', { name: 'Friends' })
  await setFans(project, byEmail(1, 2))
  const plan = await project.run(['plan'])
  expect(plan.stdout).toContain('add 1 member to Friends (list 1)')
  expect(plan.stdout).toContain('list 1 is called Friends in HubSpot, and VIP customers here')
  expectExit(await project.run(['run']), 0)
  expect(sandbox.lists()).toMatchObject([{ name: 'Friends', members: ['1001', '1002'] }])
})

test('a list that became dynamic, or was deleted, is noticed before anything is sent', async () => {
  const { sandbox, project } = await listsProject('duckdb', [fans()], addresses)
  await setFans(project, byEmail(1))
  expectExit(await project.run(['run']), 0)
  await setFans(project, byEmail(1, 2))
  const writes = sandbox.writeCalls()
  sandbox.changeList('1', { processingType: 'DYNAMIC' })
  const dynamic = await project.run(['run'])
  expectExit(dynamic, 1)
  expect(dynamic.stderr).toContain('list 1 (VIP customers) is dynamic')
  sandbox.changeList('1', { processingType: 'MANUAL', isDeleted: true })
  const gone = await project.run(['run'])
  expectExit(gone, 1)
  expect(gone.stderr).toContain('list 1 was deleted in HubSpot')
  expect(gone.stderr).toContain('restore it and run again')
  expect(sandbox.writeCalls()).toBe(writes)
  sandbox.changeList('1', { isDeleted: false })
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual(['1001', '1002'])
  // Or it is forgotten under another name, and the next run makes a new one.
  sandbox.changeList('1', { isDeleted: true })
  project.setSyncs([fans({ sync: 'vip2' })])
  expectExit(await project.run(['clean', '--sync', 'vip']), 0)
  expectExit(await project.run(['run']), 0)
  expect(sandbox.lists()[1]).toMatchObject({ name: 'VIP customers', members: ['1001', '1002'] })
})

test('guards count removed members, those of an exact list included', async () => {
  const all = Array.from({ length: 30 }, (_, id) => emailOf(id))
  const { sandbox, project } = await listsProject('duckdb', [fans()], all)
  await setFans(
    project,
    all.map((email, id) => ({ id, email })),
  )
  expectExit(await project.run(['run']), 0)
  await setFans(
    project,
    all.slice(0, 15).map((email, id) => ({ id, email })),
  )
  const guarded = await project.run(['run'])
  expectExit(guarded, 1)
  expect(guarded.stderr).toContain('max_deletes: 15 removals, 10 are allowed')
  expect(membersOf(sandbox)).toHaveLength(30)
  // Every row is somebody else: as many members would go.
  await setFans(
    project,
    all.map((_, id) => ({ id, email: all[29 - id] ?? null })),
  )
  expectExit(await project.run(['run']), 0)
  await setFans(
    project,
    all.map((_, id) => ({ id, email: all[id % 4] ?? null })),
  )
  const moved = await project.run(['run'])
  expectExit(moved, 1)
  expect(moved.stderr).toContain('26 removals, 10 are allowed')
  expect(membersOf(sandbox)).toHaveLength(30)
  const [run] = await project.rows('select * from runs order by started_at desc limit 1')
  expect(run).toMatchObject({ status: 'guarded' })
  expectExit(await project.run(['run', '--force-guard', 'max_deletes']), 0)
  expect(membersOf(sandbox)).toHaveLength(4)

  project.setSyncs([
    together(fans(), fans({ sync: 'exact', list: 'Exact', adopt: true, exact: true })),
  ])
  sandbox.addList(
    'Exact',
    'contacts',
    'MANUAL',
    sandbox.records('contacts').map(({ id }) => id),
  )
  const exact = await project.run(['run', '--select', 'exact'])
  expectExit(exact, 1)
  expect(exact.stderr).toContain('26 removals, 10 are allowed')
  expect(membersOf(sandbox, 'Exact')).toHaveLength(30)
  const forced = ['--force-guard', 'max_deletes']
  expectExit(await project.run(['run', '--select', 'exact', ...forced]), 0)
  expect(membersOf(sandbox, 'Exact')).toHaveLength(4)
})

test('--limit and --row add some, and remove none', async () => {
  const { sandbox, project } = await listsProject('duckdb', [fans()], addresses)
  await setFans(project, byEmail(1))
  expectExit(await project.run(['run']), 0)
  await setFans(project, byEmail(2, 3))
  expectExit(await project.run(['run', '--limit', '1']), 0)
  expect(membersOf(sandbox)).toEqual(['1001', '1002'])
  const row = await project.run(['run', '--row', '3'])
  expectExit(row, 0)
  expect(membersOf(sandbox)).toEqual(['1001', '1002', '1003'])
  expectExit(await project.run(['run', '--full-refresh']), 0)
  expect(membersOf(sandbox)).toEqual(['1001', '1002', '1003'])
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual(['1002', '1003'])
})

test('with --limit and --row a row that is another record now waits where its old one would go', async () => {
  const { sandbox, project } = await listsProject('duckdb', [fans()], [1, 2, 3, 4, 5].map(emailOf))
  await setFans(project, byEmail(1, 2, 3))
  expectExit(await project.run(['run']), 0)
  // Row 1 is another record, row 2 is the one that row 3 is, too; row 9 is new.
  const moved = [
    { id: 1, email: emailOf(4) },
    { id: 2, email: emailOf(3) },
    { id: 3, email: emailOf(3) },
    { id: 9, email: emailOf(5) },
  ]
  await setFans(project, moved)
  const chosen = ['--row', '1', '--row', '9']
  const plan = await project.run(['plan', ...chosen, '--output', 'json'])
  expect(JSON.parse(plan.stdout.split('\n')[0] ?? '')).toMatchObject({ calls: { writes: 1 } })
  const partial = await project.run(['run', ...chosen])
  expectExit(partial, 1)
  expect(membersOf(sandbox)).toEqual(['1001', '1002', '1003', '1005'])
  const [held] = await project.state('vip')
  expect(held).toMatchObject({
    record_id: '1001',
    status: 'pending',
    error_category: 'OLD_MEMBER_STAYS',
    error_message:
      'The record that the row was before is on the list, and a run with --limit or --row takes nothing off.',
  })
  expectExit(await project.run(['run', '--limit', '3']), 1)
  expect(membersOf(sandbox)).toEqual(['1001', '1002', '1003', '1005'])
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual(['1003', '1004', '1005'])
  const writes = sandbox.writeCalls()
  expectExit(await project.run(['run']), 0)
  expect(sandbox.writeCalls()).toBe(writes)
})

test('show, status and ls speak of lists', async () => {
  const { project } = await listsProject('duckdb', [fans()], addresses)
  await setFans(project, [...byEmail(1), { id: 9, email: 'nobody@shop.example' }])
  expectExit(await project.run(['run']), 1)
  expect((await project.run(['ls'])).stdout).toContain('fans → contacts (list, mirror)')
  const on = await project.run(['show', 'vip', '1'])
  expectExit(on, 0)
  expect(on.stdout).toContain('On the list as record 1001.')
  expect(on.stdout).toContain('Nothing: the list is as the row asks for.')
  const off = await project.run(['show', 'vip', '9'])
  expect(off.stdout).toContain(
    'Not on the list (rejected): HubSpot has no record with the e-mail address of the row.',
  )
  expect(off.stdout).toContain('Next: It waits: HubSpot has no record with the e-mail address')
  const debug = await project.run(['debug'])
  expect(debug.stdout).toContain('vip: members of list VIP customers')
  expect(debug.stdout).toMatch(/\[OK\] +scopes +all \d+ scopes that the syncs need/)
  const status = await project.run(['status'])
  expect(status.stdout).toMatch(/vip .* added/)
  expect(status.stdout).not.toContain('created')
})

test('the token needs the scopes of lists, and to read the members; missing ones are named', async () => {
  const needed = ['crm.lists.read', 'crm.lists.write', 'crm.objects.contacts.read']
  const token = 'pat-narrow'
  const { sandbox, project } = await listsProject('duckdb', [fans()], addresses, {
    tokens: [
      { token, scopes: needed },
      { token: 'pat-short', scopes: needed.slice(2) },
    ],
  })
  await setFans(project, byEmail(1))
  const narrow = { HUBSPOT_ACCESS_TOKEN: token }
  const scopes = await project.run(['inspect', 'scopes', '--json'], narrow)
  expectExit(scopes, 0)
  expect(
    JSON.parse(scopes.stdout).needed.map((row: { scopes: string[] }) => row.scopes[0]),
  ).toEqual(needed)
  expectExit(await project.run(['run'], narrow), 0)
  expect(membersOf(sandbox)).toEqual(['1001'])
  const short = await project.run(['run'], { HUBSPOT_ACCESS_TOKEN: 'pat-short' })
  expectExit(short, 1)
  expect(short.stderr).toContain('crm.lists.read')
})

test('a record that was merged into another one goes with its row, unless that one has a row, too', async () => {
  const { sandbox, project } = await listsProject('duckdb', [fans()], [1, 2, 3, 4, 5].map(emailOf))
  await setFans(project, byEmail(1, 2, 3, 5))
  expectExit(await project.run(['run']), 0)
  // 1001 is part of 1004 now, which no row has; 1002 of 1003, which has one.
  sandbox.mergeRecords('contacts', '1004', '1001')
  sandbox.mergeRecords('contacts', '1003', '1002')
  expect(membersOf(sandbox)).toEqual(['1003', '1004', '1005'])
  await setFans(project, byEmail(3, 5))
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual(['1003', '1005'])
  const told = await project.rows(
    "select row_id, record_id, outcome, error_category from changes where operation = 'remove' order by seq",
  )
  expect(told.map((row) => Object.values(row))).toEqual([
    ['1', '1001', 'succeeded', 'RECORD_GONE'],
    ['2', '1002', 'succeeded', 'RECORD_GONE'],
    ['1', '1004', 'succeeded', 'MERGED'],
  ])
  const [run] = await project.rows('select * from runs order by started_at desc limit 1')
  expect(run).toMatchObject({ status: 'succeeded', calls_planned: 2, calls_made: 2 })
  const writes = sandbox.writeCalls()
  expectExit(await project.run(['run']), 0)
  expect(sandbox.writeCalls()).toBe(writes)
})

test('an exact list keeps a member that was merged into another record', async () => {
  const { sandbox, project } = await listsProject('duckdb', [fans({ exact: true })], addresses)
  await setFans(project, byEmail(1, 2))
  expectExit(await project.run(['run']), 0)
  sandbox.mergeRecords('contacts', '1003', '1001')
  const survivor = sandbox.records('contacts').find(({ id }) => id !== '1002')?.id ?? ''
  expect(membersOf(sandbox)).toEqual(['1002', survivor])
  const writes = sandbox.writeCalls()
  // Somebody is on the list, too, whom no row wants.
  const [stranger = ''] = sandbox.seedRecords('contacts', [{ email: emailOf(9) }])
  sandbox.changeMembers('1', [stranger])
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual(['1002', survivor])
  expect(sandbox.writeCalls()).toBe(writes + 1)
  const state = await project.state('vip')
  expect(state.map((row) => [row['record_id'], row['status'], row['created_here']])).toEqual([
    [survivor, 'succeeded', true],
    ['1002', 'succeeded', true],
  ])
  expectExit(await project.run(['run']), 0)
  expect(sandbox.writeCalls()).toBe(writes + 1)
})

test('a row follows its record into another one, and takes it off the list when it leaves', async () => {
  const bySync = fans({ contact: { sync: 'contacts', key: 'person' } })
  const { sandbox, project } = await listsProject('duckdb', [people, bySync], [emailOf(9)])
  await setPeople(project, [1, 2])
  const fan = (id: number) => ({ id, person: id })
  await setFans(project, [fan(1), fan(2)])
  expectExit(await project.run(['run']), 0)
  const [one = '', two = ''] = membersOf(sandbox) ?? []
  sandbox.mergeRecords('contacts', '1001', one)
  const survivor = sandbox.records('contacts').find(({ id }) => id !== two)?.id ?? ''
  await project.sql("update people set email = 'new@shop.example' where id = 1")
  await project.run(['run'])
  expect(membersOf(sandbox)).toContain(survivor)
  const [run] = await project.rows(
    "select * from runs where sync_name = 'vip' order by started_at desc limit 1",
  )
  expect(run).toMatchObject({ calls_planned: 1, calls_made: 1, status: 'succeeded' })
  await setFans(project, [fan(2)])
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual([two])
})

test('a renamed sync keeps its list and its members, and there is nothing to adopt', async () => {
  const { sandbox, project } = await listsProject('duckdb', [fans()], addresses)
  await setFans(project, byEmail(1, 2))
  expectExit(await project.run(['run']), 0)
  const renamed = fans({ sync: 'friends', previous_name: 'vip' })
  project.setSyncs([renamed])
  await setFans(project, byEmail(2))
  const plan = await project.run(['plan'])
  expect(plan.stdout).toContain('remove 1 member from VIP customers (list 1), 1 unchanged')
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual(['1002'])
  const adoption = await project.run(['adopt', 'friends'])
  expectExit(adoption, 1)
  expect(adoption.stderr).toContain('members of a list have no values to adopt')
  project.setSyncs([together(renamed, fans({ sync: 'more', list: 'vip customers', mode: 'add' }))])
  const twice = await project.run(['validate', '--offline'])
  expectExit(twice, 1)
  expect(twice.stdout).toContain('the sync friends keeps this list, too')
  project.setSyncs([
    {
      model: 'fans',
      hubspot: {
        sync: 'friends',
        object: 'contacts',
        primary_key: 'id',
        match: { email: 'email' },
      },
    },
  ])
  const other = await project.run(['run'])
  expectExit(other, 1)
  expect(other.stderr).toContain(
    'The state of this sync speaks of members of a list, the sync now writes records',
  )
})

test('two syncs that keep one list by a name and by its id are refused, both', async () => {
  const byName = fans({ adopt: true })
  const byId = fans({ sync: 'more', list: { id: 1 }, mode: 'add' })
  const { sandbox, project } = await listsProject('duckdb', [together(byName, byId)], addresses)
  sandbox.addList('VIP customers', 'contacts', 'MANUAL')
  await setFans(project, byEmail(1))
  for (const command of [['validate'], ['plan'], ['run'], ['run', '--select', 'vip']]) {
    const { exitCode, stdout, stderr } = await project.run(command)
    expect(exitCode, command.join(' ')).toBe(1)
    expect(stdout + stderr).toContain('the sync more keeps this list, too (models/schema.yml)')
  }
  expect(sandbox.writeCalls()).toBe(0)
  // The one that is pinned goes by its list, whatever that is called by now.
  project.setSyncs([byName])
  expectExit(await project.run(['run']), 0)
  sandbox.changeList('1', { name: 'Friends' })
  const other = fans({ sync: 'friends', list: 'Friends', adopt: true })
  project.setSyncs([together(byName, other)])
  const twice = await project.run(['run', '--select', 'friends'])
  expectExit(twice, 1)
  expect(twice.stderr).toContain('the sync vip keeps this list, too')
  // Two that only add may share it.
  project.setSyncs([
    together(
      fans({ adopt: true, mode: 'add' }),
      fans({ sync: 'more', list: { id: 1 }, mode: 'add' }),
    ),
  ])
  expectExit(await project.run(['run']), 0)
})

test('the state goes to another schema with the list', async () => {
  const { sandbox, project } = await listsProject('duckdb', [fans()], addresses)
  await setFans(project, byEmail(1, 2))
  expectExit(await project.run(['run']), 0)
  expectExit(await project.run(['state', 'export', 'state.ndjson']), 0)
  writeFileSync(join(project.dir, 'backhaul.yml'), 'version: 1\nschema: elsewhere\n')
  expectExit(await project.run(['state', 'import', 'state.ndjson']), 0)
  const writes = sandbox.writeCalls()
  expectExit(await project.run(['run']), 0)
  expect(sandbox.writeCalls()).toBe(writes)
  await setFans(project, byEmail(2))
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toEqual(['1002'])
})

test('another mode means the same rows anew', async () => {
  const { sandbox, project } = await listsProject('duckdb', [fans()], addresses)
  await setFans(project, byEmail(1, 2))
  for (const [mode, members, writes] of [
    ['mirror', ['1001', '1002'], 1],
    ['add', ['1001', '1002'], 0],
    ['remove', [], 1],
    ['remove', [], 0],
    ['mirror', ['1001', '1002'], 1],
  ] as const) {
    project.setSyncs([fans({ mode })])
    const before = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(membersOf(sandbox), mode).toEqual(members)
    expect(sandbox.writeCalls() - before, mode).toBe(writes)
  }
})

test('a member whose contact was deleted waits for it, whatever is run', async () => {
  const { sandbox, project } = await listsProject('duckdb', [
    people,
    fans({ contact: { sync: 'contacts', key: 'person' } }),
  ])
  await setFans(project, [])
  await setPeople(project, [1])
  expectExit(await project.run(['run']), 0)
  sandbox.archiveRecord('contacts', '1001')
  await setFans(project, [{ id: 1, person: 1 }])
  expectExit(await project.run(['run']), 1)
  const { stdout } = await project.run(['status', '--json'])
  const vip = JSON.parse(stdout).syncs.find(({ sync }: { sync: string }) => sync === 'vip')
  expect(vip.nextStep).toBe('1 row waits for a record: backhaul show vip 1')
})
