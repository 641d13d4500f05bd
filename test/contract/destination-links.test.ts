import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { openHubspot } from '../../src/destination/hubspot/open.ts'
import { silentLogger } from '../../src/log.ts'
import type { SandboxOptions } from '../../src/sandbox/options.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { send } from '../../src/send/send.ts'
import type { LinkTypeRef, Operation, RecordResult } from '../../src/types.ts'
import { loadOpenApiContract } from '../support/openapi.ts'

/** HubSpot's specs are not part of this repository; without them requests are not judged. */
const contract = loadOpenApiContract()
const signal = new AbortController().signal
const open: Sandbox[] = []

afterEach(async () => {
  for (const sandbox of open.splice(0)) {
    expect(sandbox.violations).toEqual([])
    await sandbox.close()
  }
})

const sleep = (ms: number, abort?: AbortSignal) =>
  sleepFor(ms, undefined, abort === undefined ? {} : { signal: abort })

async function start(options: SandboxOptions = {}, people = 3) {
  const sandbox = await startSandbox({
    ...(contract === undefined ? {} : { validateRequest: contract.requestProblems }),
    ...options,
  })
  open.push(sandbox)
  const hubspot = openHubspot({
    token: sandbox.token,
    baseUrl: sandbox.url,
    requestTimeoutMs: 5000,
    clock: Date.now,
    sleep,
    log: silentLogger,
    keepBodies: false,
  })
  const contacts = sandbox.seedRecords(
    'contacts',
    Array.from({ length: people }, (_, at) => ({ email: `p${at}@example.com` })),
  )
  const companies = sandbox.seedRecords('companies', [{ name: 'A' }, { name: 'B' }, { name: 'C' }])
  const sendAll = async (operations: readonly Operation[]) => {
    const results: RecordResult[] = []
    const summary = await send(operations, {
      destination: hubspot,
      objectType: 'contacts',
      clock: Date.now,
      sleep,
      random: () => 0,
      log: silentLogger,
      onResults: (each) => {
        results.push(...each)
      },
    })
    return { summary, results: results.toSorted((a, b) => a.sequence - b.sequence) }
  }
  return { sandbox, hubspot, contacts, companies, sendAll }
}

const plain = { category: 'HUBSPOT_DEFINED', typeId: 279 }
const primary = { category: 'HUBSPOT_DEFINED', typeId: 1 }

const links = (
  kind: 'associate' | 'dissociate',
  ...pairs: readonly (readonly [string, string, ...LinkTypeRef[]])[]
): Operation[] =>
  pairs.map(([recordId, toId, ...types], at) => ({
    sequence: at + 1,
    rowId: `row-${at + 1}`,
    kind,
    recordId,
    properties: {},
    link: { toObject: 'companies', toId, types },
  }))

describe('types of links', () => {
  it('are listed with their labels, the unlabelled one first', async () => {
    const { sandbox, hubspot } = await start()
    const [buyer] = sandbox.defineLabel('contacts', 'companies', { label: 'Buyer' })
    expect(await hubspot.linkTypes('contacts', '0-2', signal)).toEqual([
      { ...plain, label: null, name: undefined },
      { ...primary, label: 'Primary', name: undefined },
      { category: 'USER_DEFINED', typeId: buyer, label: 'Buyer', name: undefined },
    ])
  })
})

describe('reading links', () => {
  it('gives one page of each record, and where to go on; what is not linked or not there has none', async () => {
    const { sandbox, hubspot, contacts, companies } = await start({ quirks: { linkPageSize: 2 } })
    const [first = '', second = ''] = contacts
    for (const company of companies) sandbox.link(['contacts', first], ['companies', company])
    const from = 'contacts'
    const to = 'companies'
    const page = await hubspot.readLinks(
      { from, to, records: [{ id: first }, { id: second }, { id: '999' }] },
      signal,
    )
    expect(page.links).toEqual(
      companies.slice(0, 2).map((toId) => ({
        fromId: first,
        toId,
        types: [{ ...plain, label: null, name: undefined }],
      })),
    )
    expect(page.next).toEqual([{ id: first, after: companies[1] }])
    expect(page.unread).toEqual([])
    const rest = await hubspot.readLinks({ from, to, records: page.next }, signal)
    expect(rest).toMatchObject({ links: [{ toId: companies[2] }], next: [], unread: [] })
  })

  const nothing = { subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND' }
  const types = [{ category: 'HUBSPOT_DEFINED', typeId: 279 }]
  const linkOf7 = { from: { id: '7' }, to: [{ toObjectId: 5, associationTypes: types }] }
  const sevens = [{ id: '7', after: 'x' }, { id: '8' }]

  it.each<[string, object, readonly string[]]>([
    ['nothing at all', { results: [] }, ['7', '8']],
    ['that it could not read somebody', { errors: [{ category: 'OUT_OF_ORDER' }] }, ['7', '8']],
    [
      'that it could not read one',
      { results: [linkOf7], errors: [{ category: 'INTERNAL_ERROR', context: { id: ['8'] } }] },
      ['8'],
    ],
    ['that one has none', { errors: [{ ...nothing, context: { fromObjectId: ['7'] } }] }, ['8']],
    [
      'that one has none, in words only',
      { errors: [{ ...nothing, message: 'No company is associated with contact 8.' }] },
      ['7'],
    ],
    ['that somebody has none', { errors: [nothing] }, ['7', '8']],
    [
      'that one is not there',
      { results: [linkOf7], errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['8'] } }] },
      [],
    ],
    ['of one without its links', { results: [{ from: { id: '7' } }, linkOf7] }, ['8']],
    ['of one with no links', { results: [linkOf7, { from: { id: '8' }, to: [] }] }, []],
    [
      'a link to nobody',
      { results: [linkOf7, { from: { id: '8' }, to: [{ associationTypes: types }] }] },
      ['8'],
    ],
    [
      'a link of no type',
      {
        results: [linkOf7, { from: { id: '8' }, to: [{ toObjectId: 5, associationTypes: [{}] }] }],
      },
      ['8'],
    ],
    [
      'a page that leads back',
      { results: [{ ...linkOf7, paging: { next: { after: 'x' } } }] },
      ['7', '8'],
    ],
  ])('knows of a record what the answer says of it: %s', async (_, body, unread) => {
    const { sandbox, hubspot } = await start()
    sandbox.addFault({
      kind: 'status',
      status: 207,
      body: { status: 'COMPLETE', results: [], ...body },
      match: { path: 'batch/read' },
    })
    const page = await hubspot.readLinks(
      { from: 'contacts', to: 'companies', records: sevens },
      signal,
    )
    expect(page.unread).toEqual(unread)
    expect(page.links.filter(({ fromId }) => unread.includes(fromId))).toEqual([])
  })

  it('of nobody asks nothing', async () => {
    const { hubspot } = await start()
    await hubspot.readLinks({ from: 'contacts', to: 'companies', records: [] }, signal)
    expect(hubspot.counts()).toEqual({ writes: 0, reads: 0 })
  })
})

describe('writing links', () => {
  it('sets and takes off types, and whole links', async () => {
    const { sandbox, contacts, companies, sendAll } = await start()
    const [a = '', b = ''] = contacts
    const [x = '', y = ''] = companies
    const set = await sendAll(links('associate', [a, x, primary], [a, y, plain], [b, x, plain]))
    expect(set.results).toMatchObject([
      { sequence: 1, outcome: 'succeeded', recordId: a },
      { sequence: 2, outcome: 'succeeded', recordId: a },
      { sequence: 3, outcome: 'succeeded', recordId: b },
    ])
    expect(set.summary).toMatchObject({ batches: 1, attempts: 1 })
    const off = await sendAll(links('dissociate', [a, x, primary], [a, y], [b, x], [b, y]))
    expect(off.summary).toMatchObject({ batches: 2, outcomes: { succeeded: 4 } })
    expect(sandbox.links('contacts', a, 'companies')).toMatchObject([{ toId: x, labels: [] }])
    expect(sandbox.links('contacts', b, 'companies')).toEqual([])
  })

  it('without types makes the unlabelled link, beside labels of others', async () => {
    const { sandbox, contacts, companies, sendAll } = await start()
    const [a = '', b = ''] = contacts
    const [x = '', y = ''] = companies
    sandbox.link(['contacts', a], ['companies', x], 'Primary')
    const { results } = await sendAll(links('associate', [a, x], [b, y], [a, '88001'], [b, x]))
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'succeeded',
      'succeeded',
      'pending',
      'succeeded',
    ])
    expect(sandbox.links('contacts', a, 'companies')).toMatchObject([{ labels: ['Primary'] }])
    expect(sandbox.links('contacts', b, 'companies')).toHaveLength(2)
    expect(sandbox.counts().byOperation).toEqual({ 'associations.batch.default': 1 })
  })

  it('sends 2,000 a call', async () => {
    const { sandbox, contacts, companies, sendAll } = await start({}, 1001)
    const pairs = contacts.flatMap((contact) =>
      companies.slice(0, 2).map((company) => [contact, company, plain] as const),
    )
    const { summary } = await sendAll(links('associate', ...pairs))
    expect(summary).toMatchObject({ batches: 2, outcomes: { succeeded: 2002 } })
    expect(sandbox.counts().byOperation).toMatchObject({ 'associations.batch.create': 2 })
  })

  it.each(['end', 'id', 'nobody'] as const)(
    'tells which record is missing where HubSpot names the %s',
    async (linkErrorsName) => {
      const { sandbox, contacts, companies, sendAll } = await start({ quirks: { linkErrorsName } })
      const [a = '', b = '', c = ''] = contacts
      const [x = '', y = '', z = ''] = companies
      const { results } = await sendAll(
        links(
          'associate',
          [a, x, plain],
          ['77001', y, plain],
          [b, '88001', plain],
          [c, z, plain],
          ['abc', x, plain],
        ),
      )
      const isToldApart = linkErrorsName !== 'nobody'
      expect(results).toMatchObject([
        { outcome: 'succeeded' },
        isToldApart
          ? { outcome: 'missing', recordId: '77001' }
          : { outcome: 'pending', error: { category: 'TARGET_MISSING' } },
        { outcome: 'pending', error: { category: 'TARGET_MISSING' } },
        { outcome: 'succeeded' },
        { outcome: 'rejected', error: { message: 'abc is not a valid ID' } },
      ])
      expect(sandbox.links('contacts', c, 'companies')).toHaveLength(1)
    },
  )

  it('rejects only the link whose type is gone', async () => {
    const { sandbox, contacts, companies, sendAll } = await start()
    const [typeId = 0] = sandbox.defineLabel('contacts', 'companies', { label: 'Buyer' })
    sandbox.removeLabel('contacts', 'companies', 'Buyer')
    const [a = '', b = '', c = ''] = contacts
    const [x = ''] = companies
    const gone = { category: 'USER_DEFINED', typeId }
    const { results, summary } = await sendAll(
      links('associate', [a, x, plain], [b, x, gone], [c, x, plain], [a, 'abc', gone, primary]),
    )
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'succeeded',
      'rejected',
      'succeeded',
      'rejected',
    ])
    expect(results[1]?.error?.category).toBe('LINK_TYPE_UNKNOWN')
    expect(summary.attempts).toBe(2)
    const alone = await sendAll(links('associate', [b, x, gone], [c, x, gone]))
    expect(alone.results.map(({ outcome }) => outcome)).toEqual(['rejected', 'rejected'])
    expect(alone.summary.attempts).toBe(1)
  })

  it('finds the missing records where the whole request is refused for each', async () => {
    const { sandbox, contacts, companies, sendAll } = await start({
      quirks: { linkErrorsName: 'request' },
    })
    const [a = '', b = ''] = contacts
    const [x = '', y = ''] = companies
    const { results, summary } = await sendAll(
      links('associate', [a, x, plain], ['77001', y, plain], [b, '88001', plain], [b, y, plain]),
    )
    expect(results).toMatchObject([
      { outcome: 'succeeded' },
      { outcome: 'missing' },
      { outcome: 'pending', error: { category: 'TARGET_MISSING' } },
      { outcome: 'succeeded' },
    ])
    expect(summary.attempts).toBeLessThan(7)
    expect(sandbox.links('contacts', b, 'companies')).toHaveLength(1)
  })

  it('rejects a link too many', async () => {
    const { contacts, companies, sendAll } = await start({ quirks: { maxLinks: 2 } })
    const [a = ''] = contacts
    const { results } = await sendAll(
      links('associate', ...companies.map((company) => [a, company, plain] as const)),
    )
    expect(results[2]).toMatchObject({
      outcome: 'rejected',
      error: { category: 'LINK_LIMIT', message: expect.stringContaining('limit of 2') },
    })
  })

  it('sends again what the answer passed over, or what was lost', async () => {
    const { sandbox, contacts, companies, sendAll } = await start()
    const [x = ''] = companies
    sandbox.addFault({ kind: 'drop_result', match: { path: 'batch', nth: 1 } })
    sandbox.addFault({ kind: 'reset_after', match: { path: 'batch', nth: 2 } })
    const { results } = await sendAll(
      links('associate', ...contacts.map((contact) => [contact, x, primary] as const)),
    )
    expect(results.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    expect(sandbox.links('companies', x, 'contacts')).toHaveLength(3)
  })
})
