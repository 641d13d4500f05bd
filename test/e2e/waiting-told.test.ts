import { expect, test } from 'vitest'
import { expectExit } from '../fault/people-project.ts'
import { eventsProject, jobs, setJobs } from '../support/events-project.ts'
import { companies, contacts, linked, linksProject, setRows } from '../support/links-project.ts'
import {
  fans,
  listsProject,
  membersOf,
  people,
  setFans,
  setPeople,
} from '../support/lists-project.ts'
import type { TestProject } from '../support/project.ts'

const bySync = { to: 'companies', sync: 'companies', key: 'firm_id' }

const planOf = async (project: TestProject, sync: string) => {
  const { stdout } = await project.run(['plan', '--output', 'json'])
  const documents = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  return documents.find((each) => each.kind === 'plan' && each.sync === sync)
}

const ada = { id: 1, email: 'ada@shop.example', first_name: 'Ada' }
const grace = { id: 2, email: 'grace@shop.example', first_name: 'Grace' }

test('a link that waits is told by every plan, by status and by show, until it is made', async () => {
  const { sandbox, project } = await linksProject('duckdb', [contacts([bySync]), companies()])
  await setRows(project, 'people', [
    { ...ada, firm_id: 7 },
    { ...grace, firm_id: 8 },
  ])
  await setRows(project, 'firms', [{ id: 7, name: 'Seven' }])
  expectExit(await project.run(['run']), 0)
  const plan = await project.run(['plan'])
  expectExit(plan, 0)
  expect(plan.stdout).toContain('1 link waiting, 2 unchanged')
  expect(plan.stdout).toContain(
    '! companies/sync:firm_id: 1 link waits, e.g. for row 8 of sync companies, which has no record in HubSpot yet',
  )
  expect(await planOf(project, 'contacts')).toMatchObject({
    calls: { writes: 0 },
    links: {
      entries: [
        { add: 0, wait: 0, waiting: [{ status: 'pending', reason: 'NO_TARGET_YET', links: 1 }] },
      ],
    },
  })
  const again = await project.run(['run'])
  expectExit(again, 0)
  expect(again.stderr).not.toContain('0 waiting rows')
  const status = await project.run(['status'])
  expectExit(status, 0)
  expect(status.stdout).not.toContain('All well')
  expect(status.stdout).toContain('1 link waits for a record: backhaul show contacts 2')
  const { stdout: shown } = await project.run(['show', 'contacts', '2'])
  expect(shown).toContain('Nothing to send: HubSpot was last sent what the model says.')
  expect(shown).toContain(
    'A link to companies/sync:firm_id 8 waits: the row that the link leads to has no record in HubSpot yet.',
  )
  await setRows(project, 'firms', [
    { id: 7, name: 'Seven' },
    { id: 8, name: 'Eight' },
  ])
  expectExit(await project.run(['run']), 0)
  expect(Object.keys(linked(sandbox))).toHaveLength(2)
  expect((await project.run(['status'])).stdout).toContain('All well')
  // What the next run does about links is told, too.
  await setRows(project, 'people', [
    { ...ada, firm_id: 7 },
    { ...grace, firm_id: 7 },
  ])
  const changed = await project.run(['show', 'contacts', '2'])
  expect(changed.stdout).toContain('links it to companies/sync:firm_id 7')
  expect(changed.stdout).not.toContain('Next: Nothing to send')
})

test('a link to a row that is refused again and again is not promised, and made once the row is mended', async () => {
  const { sandbox, project } = await linksProject('duckdb', [
    contacts([bySync]),
    companies({ properties: { name: 'name', numberofemployees: 'staff' } }),
  ])
  await setRows(project, 'people', [{ ...ada, firm_id: 7 }])
  await setRows(project, 'firms', [{ id: 7, name: 'Seven', staff: 'many' }])
  expectExit(await project.run(['run']), 1)
  expect(await planOf(project, 'contacts')).toMatchObject({
    calls: { writes: 0 },
    links: { entries: [{ add: 0, wait: 1 }] },
  })
  const { stdout } = await project.run(['plan'])
  expect(stdout).toContain('1 link waiting')
  expect(stdout).not.toMatch(/[0-9] links?,/)
  expectExit(await project.run(['run']), 1)
  await setRows(project, 'firms', [{ id: 7, name: 'Seven', staff: '12' }])
  expectExit(await project.run(['run']), 0)
  expect(Object.keys(linked(sandbox))).toEqual(['ada@shop.example Seven'])
  const [run] = await project.rows(
    "select calls_planned, calls_made, links_added from runs where sync_name = 'contacts' order by run_id desc",
  )
  expect(run).toMatchObject({ calls_planned: 1, calls_made: 1, links_added: 1 })
})

test('a key that several rows of the other model have is no target', async () => {
  const { project } = await linksProject('duckdb', [contacts([bySync]), companies()])
  await setRows(project, 'people', [{ ...ada, firm_id: 7 }])
  await setRows(project, 'firms', [
    { id: 7, name: 'Seven' },
    { id: 7, name: 'Again' },
  ])
  expect(await planOf(project, 'contacts')).toMatchObject({
    calls: { writes: 1 },
    links: { entries: [{ add: 0, wait: 1 }] },
  })
})

test('links of an entry that the sync has no more are shown as such, and wait for nothing', async () => {
  const { project } = await linksProject('duckdb', [
    contacts([bySync, { to: 'deals', id: 'deal_ids' }]),
    companies(),
  ])
  await setRows(project, 'people', [{ ...ada, firm_id: 7, deal_ids: '4711' }])
  await setRows(project, 'firms', [{ id: 7, name: 'Seven' }])
  await project.run(['run'])
  project.setSyncs([contacts([bySync]), companies()])
  const { stdout } = await project.run(['show', 'contacts', '1'])
  expect(stdout).toContain('the sync has no such entry any more')
  const status = await project.run(['status'])
  expect(status.stdout).toContain('All well')
})

const waits = 'the row of another sync that it is about has no record in HubSpot yet'

test('events that wait for a contact are not promised, use up no limit, and are no failure', async () => {
  const { sandbox, project } = await eventsProject('duckdb', [
    people,
    jobs({ contact: { sync: 'contacts', key: 'customer' } }),
  ])
  await setPeople(project, [3])
  await setJobs(project, [
    { id: 1, customer: 1 },
    { id: 2, customer: 2 },
    { id: 3, customer: 3 },
  ])
  // What the very run makes is counted on; of the others the first plan knows already.
  expect(await planOf(project, 'jobs')).toMatchObject({
    operations: { send: 1 },
    rows: { waiting: 2, unchanged: 0 },
    waits: [{ reason: 'no_contact_yet', rows: 2 }],
    calls: { writes: 1 },
  })
  const { stdout } = await project.run(['plan', '--select', 'contacts jobs'])
  expect(stdout).toContain('1 send, 2 waiting')
  expect(stdout).toContain(`! 2 rows wait: ${waits}`)
  expect(stdout).toContain(`… 1: ${waits} (row 1)`)
  expectExit(await project.run(['run', '--limit', '1']), 0)
  expect(sandbox.events()).toHaveLength(1)
  const run = await project.run(['run'])
  expectExit(run, 0)
  expect(run.stderr).toContain('OK sync jobs')
  expect(run.stderr).toContain('2 waiting')
  expect(run.stderr).toContain('2 waiting rows of sync jobs:')
  expect(sandbox.events()).toHaveLength(1)
  const [recorded] = await project.rows(
    "select status, rows_waiting, rows_pending, calls_planned, calls_made from runs where sync_name = 'jobs' order by run_id desc",
  )
  expect(recorded).toMatchObject({
    status: 'succeeded',
    rows_waiting: 2,
    rows_pending: 0,
    calls_planned: 0,
    calls_made: 0,
  })
  const status = await project.run(['status'])
  expectExit(status, 0)
  expect(status.stdout).not.toContain('All well')
  expect(status.stdout).toContain('2 rows wait for a record: backhaul show jobs 1')
  const { stdout: shown } = await project.run(['show', 'jobs', '2'])
  expect(shown).toContain(`Next: It waits: ${waits}. Sent by the first run that finds one`)
  await setPeople(project, [1, 2, 3])
  expect(await planOf(project, 'jobs')).toMatchObject({
    operations: { send: 2 },
    rows: { waiting: 0 },
    waits: [],
  })
  expectExit(await project.run(['run']), 0)
  expect(sandbox.events()).toHaveLength(3)
  expect((await project.run(['status'])).stdout).toContain('All well')
})

test('rows whose address HubSpot did not know are looked for again, and not promised', async () => {
  const ada = 'ada@shop.example'
  const { sandbox, project } = await eventsProject('duckdb', [jobs()], [ada])
  await setJobs(project, [
    { id: 1, email: 'nobody@shop.example' },
    { id: 2, email: ada },
  ])
  expect(await planOf(project, 'jobs')).toMatchObject({ operations: { send: 2 } })
  expectExit(await project.run(['run']), 1)
  expect(await planOf(project, 'jobs')).toMatchObject({
    operations: { send: 0, reject: 0 },
    rows: { waiting: 1, unchanged: 1 },
    waits: [{ reason: 'unknown_contact', rows: 1 }],
    calls: { writes: 0, lookups: 1 },
  })
  expectExit(await project.run(['run']), 1)
  const [state] = await project.state('jobs')
  expect(state).toMatchObject({ status: 'rejected', error_category: 'UNKNOWN_CONTACT' })
  sandbox.seedRecords('contacts', [{ email: 'nobody@shop.example' }])
  const run = await project.run(['run'])
  expectExit(run, 0)
  expect(sandbox.events()).toHaveLength(2)
  expect((await project.state('jobs'))[0]).toMatchObject({
    status: 'succeeded',
    error_category: null,
  })
})

test('members that wait for their record are not promised, use up no limit, and are no failure', async () => {
  const bySync = fans({ contact: { sync: 'contacts', key: 'person' } })
  const { sandbox, project } = await listsProject('duckdb', [people, bySync])
  await setPeople(project, [3])
  await setFans(project, [
    { id: 1, person: 1 },
    { id: 2, person: 3 },
  ])
  expect(await planOf(project, 'vip')).toMatchObject({
    operations: { add: 1 },
    rows: { waiting: 1, unchanged: 0 },
    calls: { writes: 2 },
  })
  expectExit(await project.run(['run', '--limit', '1']), 0)
  expect(membersOf(sandbox)).toHaveLength(1)
  const run = await project.run(['run'])
  expectExit(run, 0)
  expect(run.stderr).toContain('1 waiting, 1 unchanged')
  expect(await planOf(project, 'vip')).toMatchObject({
    operations: { add: 0 },
    rows: { waiting: 1, unchanged: 1 },
    calls: { writes: 0 },
  })
  await setPeople(project, [1, 3])
  expectExit(await project.run(['run']), 0)
  expect(membersOf(sandbox)).toHaveLength(2)
  expect((await project.state('vip'))[0]).toMatchObject({
    status: 'succeeded',
    error_category: null,
  })
})

test('links count among the changes that a guard allows', async () => {
  const { project } = await linksProject('duckdb', [
    contacts([bySync], { guards: { max_changes: 1 } }),
    companies(),
  ])
  await setRows(project, 'people', [{ ...ada, firm_id: 7 }])
  await setRows(project, 'firms', [{ id: 7, name: 'Seven' }])
  expect(await planOf(project, 'contacts')).toMatchObject({
    guards: [{ guard: 'max_changes', message: '2 changes, 1 are allowed' }],
  })
})

test('a member whose row waits for another record costs no call, and what a refusal left is not called waiting', async () => {
  const { sandbox, project } = await listsProject('duckdb', [
    people,
    fans({ contact: { sync: 'contacts', key: 'person' } }),
  ])
  await setPeople(project, [1])
  await setFans(project, [
    { id: 1, person: 1 },
    { id: 2, person: 2 },
  ])
  const body = {
    status: 'error',
    message: "This app hasn't been granted all required scopes to make this call.",
    category: 'MISSING_SCOPES',
    errors: [{ context: { requiredGranularScopes: ['crm.lists.write'] } }],
  }
  sandbox.addFault({ match: { path: '/memberships/add$' }, kind: 'status', status: 403, body })
  const refused = await project.run(['run'])
  expectExit(refused, 1)
  expect(refused.stderr).toContain('1 waiting row of sync vip:')
  expect(refused.stderr).toContain('1 waiting, 1 pending')
  sandbox.clearFaults()
  expectExit(await project.run(['run']), 0)
  // The member of row 1 stays until its row has a record again.
  await setFans(project, [
    { id: 1, person: 2 },
    { id: 2, person: 2 },
  ])
  expect(await planOf(project, 'vip')).toMatchObject({
    rows: { waiting: 2 },
    calls: { writes: 0 },
  })
  expect(membersOf(sandbox)).toEqual(['1001'])
})

test('a plan knows the records of a sync that got another name', async () => {
  const event = (sync: string) => jobs({ contact: { sync, key: 'customer' } })
  const { project } = await eventsProject('duckdb', [people, event('contacts')])
  await setPeople(project, [1])
  await setJobs(project, [{ id: 1, customer: 1 }])
  expectExit(await project.run(['run']), 0)
  await setJobs(project, [
    { id: 1, customer: 1 },
    { id: 2, customer: 1 },
  ])
  const names = { sync: 'customers', previous_name: 'contacts' }
  const renamed = { ...people, hubspot: Object.assign({}, people.hubspot, names) }
  project.setSyncs([renamed, event('customers')])
  expect(await planOf(project, 'jobs')).toMatchObject({
    operations: { send: 1 },
    rows: { waiting: 0 },
    calls: { writes: 1 },
  })
})
