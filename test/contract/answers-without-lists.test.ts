import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type HubspotDestination, openHubspot } from '../../src/destination/hubspot/open.ts'
import { silentLogger } from '../../src/log.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'

const signal = new AbortController().signal

async function start() {
  const sandbox = await startSandbox({ tier: 'unlimited' })
  onTestFinished(() => sandbox.close())
  const hubspot = openHubspot({
    token: sandbox.token,
    baseUrl: sandbox.url,
    requestTimeoutMs: 5000,
    clock: Date.now,
    sleep: (ms) => sleep(ms),
    log: silentLogger,
    keepBodies: false,
  })
  return { sandbox, hubspot }
}

type Read = (hubspot: HubspotDestination) => Promise<unknown>

/** What is asked, where the answer without a list comes from, and what the error calls it. */
const reads: Readonly<Record<string, readonly [path: string, read: Read, action: string]>> = {
  properties: [
    '/crm/v3/properties/',
    (hubspot) => hubspot.describe('contacts', signal),
    'list the properties of contacts',
  ],
  'validation rules': [
    '/property-validations/',
    (hubspot) => hubspot.describe('contacts', signal),
    'read the validation rules of 0-1',
  ],
  'custom objects by name': [
    '/schemas$',
    (hubspot) => hubspot.describe('subscriptions_of_ours', signal),
    'list the custom objects',
  ],
  'all objects': ['/schemas$', (hubspot) => hubspot.listObjects(signal), 'list the custom objects'],
  pipelines: [
    '/pipelines/',
    (hubspot) => hubspot.pipelines('deals', signal),
    'list the pipelines of deals',
  ],
  owners: ['/owners', (hubspot) => hubspot.owners(signal), 'list the owners'],
  'kinds of events': [
    '/event-definitions$',
    (hubspot) => hubspot.listEvents(signal),
    'list the events',
  ],
  'one kind of event': [
    '/event-definitions/',
    (hubspot) => hubspot.describeEvent('signed_up', signal),
    'read the event signed_up',
  ],
  'types of links': [
    '/labels$',
    (hubspot) => hubspot.linkTypes('contacts', 'companies', signal),
    'list the types of links from contacts to companies',
  ],
  links: [
    '/associations/.*/batch/read',
    (hubspot) =>
      hubspot.readLinks({ from: 'contacts', to: 'companies', records: [{ id: '1' }] }, signal),
    'read the links of contacts to companies',
  ],
  'a list': ['/lists/7', (hubspot) => hubspot.findList({ listId: '7' }, signal), 'read a list'],
  'a list by its name': [
    '/lists/object-type-id/',
    (hubspot) => hubspot.findList({ name: 'Fans', objectTypeId: '0-1' }, signal),
    'read a list',
  ],
  'a list that is made': [
    '/lists$',
    (hubspot) => hubspot.createList({ name: 'Fans', objectTypeId: '0-1' }, signal),
    'create a list',
  ],
  'a list of another object': [
    '/lists/search',
    (hubspot) => hubspot.findNamesake('Fans', signal),
    'list the lists',
  ],
  'all lists': ['/lists/search', (hubspot) => hubspot.searchLists(signal), 'list the lists'],
  members: [
    '/memberships',
    (hubspot) => hubspot.readMembers('7', undefined, signal),
    'read the members of list 7',
  ],
  'a search': [
    '/search$',
    (hubspot) =>
      hubspot.search({ objectType: 'companies', property: 'name', values: ['a'] }, signal),
    'search companies by name',
  ],
  records: [
    '/batch/read',
    (hubspot) =>
      hubspot.find(
        { objectType: 'contacts', property: 'email', values: ['a@b.example'], properties: [] },
        signal,
      ),
    'read records by email',
  ],
  histories: [
    '/batch/read',
    (hubspot) =>
      hubspot.histories(
        { objectType: 'contacts', recordIds: ['1'], properties: ['email'] },
        signal,
      ),
    'read the histories of 1 contacts',
  ],
}

/** JSON, and a success: what a proxy, or a version of the API that nobody knows, may answer. */
const answers = [{}, { results: null, lists: 'none', list: [], properties: {} }, { status: 'OK' }]

test.each(Object.entries(reads))(
  'an answer without a list is no empty list: %s',
  async (_, [path, read, action]) => {
    const { sandbox, hubspot } = await start()
    for (const body of answers) {
      sandbox.addFault({ kind: 'status', status: 200, body, match: { path } })
      await expect(read(hubspot), JSON.stringify(body)).rejects.toMatchObject({
        category: 'UNREADABLE_ANSWER',
        message: `could not ${action}: the answer is not what HubSpot answers`,
      })
      sandbox.clearFaults()
    }
  },
)

const endless = { results: [{ recordId: '1' }], paging: { next: { after: 'x' } } }

test.each<[string, string, Read]>([
  ['owners', '/owners', (hubspot) => hubspot.owners(signal)],
  ['kinds of events', '/event-definitions', (hubspot) => hubspot.listEvents(signal)],
  ['members', '/memberships', (hubspot) => hubspot.readMembers('7', 'x', signal)],
])('pages that lead back are no whole list: %s', async (_, path, read) => {
  const { sandbox, hubspot } = await start()
  sandbox.addFault({ kind: 'status', status: 200, body: endless, match: { path } })
  await expect(read(hubspot)).rejects.toMatchObject({ category: 'UNREADABLE_ANSWER' })
})

test.each(['MISSING_SCOPES', 'INTERNAL_ERROR', 'OUT_OF_ORDER'])(
  'a record that HubSpot does not read is not missing: %s',
  async (category) => {
    const { sandbox, hubspot } = await start()
    const errors = [{ status: 'error', category, message: 'no', context: { ids: ['1'] } }]
    const body = { status: 'COMPLETE', results: [], errors }
    sandbox.addFault({ kind: 'status', status: 207, body, match: { path: '/batch/read' } })
    const request = { objectType: 'contacts', property: 'hs_object_id', properties: [] }
    await expect(hubspot.find({ ...request, values: ['1'] }, signal)).rejects.toMatchObject({
      category: 'INCOMPLETE_ANSWER',
    })
  },
)

test('a member without an id is no member less', async () => {
  const { sandbox, hubspot } = await start()
  const body = { results: [{ recordId: '1' }, { id: '2' }] }
  sandbox.addFault({ kind: 'status', status: 200, body, match: { path: '/memberships' } })
  await expect(hubspot.readMembers('7', undefined, signal)).rejects.toMatchObject({
    category: 'UNREADABLE_ANSWER',
  })
})
