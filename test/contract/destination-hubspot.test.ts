import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type HubspotOptions, openHubspot } from '../../src/destination/hubspot/open.ts'
import { UserError } from '../../src/errors.ts'
import { silentLogger } from '../../src/log.ts'
import type { SandboxOptions } from '../../src/sandbox/options.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import type { Batch, Operation, OperationKind, RequestRecord } from '../../src/types.ts'
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

async function start(options: SandboxOptions = {}, extra: Partial<HubspotOptions> = {}) {
  const sandbox = await startSandbox({
    ...(contract === undefined ? {} : { validateRequest: contract.requestProblems }),
    ...options,
  })
  open.push(sandbox)
  const requests: RequestRecord[] = []
  const hubspot = openHubspot({
    token: sandbox.token,
    baseUrl: sandbox.url,
    requestTimeoutMs: 5000,
    clock: Date.now,
    sleep: (ms, abort) => sleepFor(ms, undefined, abort === undefined ? {} : { signal: abort }),
    log: silentLogger,
    keepBodies: false,
    onRequest: (record) => requests.push(record),
    ...extra,
  })
  return { sandbox, hubspot, requests }
}

function batch(
  kind: OperationKind,
  rows: readonly Partial<Operation>[],
  objectType = 'contacts',
): Batch {
  return {
    objectType,
    kind,
    ...(objectType === 'contacts' ? { matchProperty: 'email' } : {}),
    operations: rows.map((row, at) => ({
      sequence: at + 1,
      rowId: `row-${at + 1}`,
      kind,
      properties: row.matchValue === undefined ? {} : { email: row.matchValue },
      ...row,
    })),
  }
}

describe.each([
  ['with trace ids in results', true],
  ['without trace ids in results', false],
])('writing, %s', (_name, echoTraceIds) => {
  const quirks = { quirks: { echoTraceIds } }

  it('upserts: new records and known ones, in whatever case the e-mail is written', async () => {
    const { sandbox, hubspot } = await start(quirks)
    const [known] = sandbox.seedRecords('contacts', [{ email: 'ada@example.com' }])
    const results = await hubspot.write(
      batch('upsert', [{ matchValue: 'new@example.com' }, { matchValue: 'ADA@example.com' }]),
      signal,
    )
    expect(results).toMatchObject([
      { sequence: 1, outcome: 'succeeded', isCreated: true },
      { sequence: 2, outcome: 'succeeded', isCreated: false, recordId: known },
    ])
    expect(results[0]?.recordId).toBe(
      sandbox.findRecord('contacts', 'email', 'new@example.com')?.id,
    )
  })

  it('writes the good rows of a batch and says what is wrong with the others', async () => {
    const { sandbox, hubspot } = await start(quirks)
    const results = await hubspot.write(
      batch('upsert', [
        { matchValue: 'a@example.com' },
        { matchValue: 'b@example.com', properties: { lifecyclestage: 'no such stage' } },
        { matchValue: 'c@example.com' },
      ]),
      signal,
    )
    expect(results.map((each) => each.outcome)).toEqual(['succeeded', 'rejected', 'succeeded'])
    expect(results[1]?.error).toMatchObject({ category: 'VALIDATION_ERROR' })
    expect(sandbox.countRecords('contacts')).toBe(2)
  })

  it('creates, and names the record that exists already', async () => {
    const { sandbox, hubspot } = await start(quirks)
    const [known] = sandbox.seedRecords('contacts', [{ email: 'ada@example.com' }])
    const results = await hubspot.write(
      batch('create', [{ matchValue: 'new@example.com' }, { matchValue: 'ada@example.com' }]),
      signal,
    )
    expect(results).toMatchObject([
      { outcome: 'succeeded', isCreated: true },
      { outcome: 'conflict', existingId: known },
    ])
  })

  it('creates records without a unique property and tells them apart', async () => {
    const { sandbox, hubspot } = await start(quirks)
    const deals = ['one', 'two', 'three'].map((dealname) => ({
      properties: { dealname, dealstage: 'appointmentscheduled', amount: '10.50' },
    }))
    const results = await hubspot.write(batch('create', deals, 'deals'), signal)
    expect(results.map((each) => each.outcome)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    const names = results.map(
      (each) => sandbox.record('deals', each.recordId ?? '')?.properties['dealname'],
    )
    expect(names).toEqual(['one', 'two', 'three'])
  })

  it('updates by record id, clears with an empty value, and notices what is gone', async () => {
    const { sandbox, hubspot } = await start(quirks)
    const [id] = sandbox.seedRecords('contacts', [{ email: 'a@example.com', city: 'Graz' }])
    const results = await hubspot.write(
      batch('update', [
        { recordId: id ?? '', properties: { city: '', firstname: 'Ada' } },
        { recordId: '999999', properties: { city: 'Wien' } },
      ]),
      signal,
    )
    expect(results).toMatchObject([
      { outcome: 'succeeded', recordId: id, isCreated: false },
      { outcome: 'missing', recordId: '999999' },
    ])
    expect(sandbox.record('contacts', id ?? '')?.properties).toMatchObject({ firstname: 'Ada' })
    expect(sandbox.record('contacts', id ?? '')?.properties['city'] ?? '').toBe('')
  })

  it('archives', async () => {
    const { sandbox, hubspot } = await start(quirks)
    const [id] = sandbox.seedRecords('contacts', [{ email: 'a@example.com' }])
    const results = await hubspot.write(batch('archive', [{ recordId: id ?? '' }]), signal)
    expect(results).toMatchObject([{ outcome: 'succeeded', recordId: id }])
    expect(sandbox.countRecords('contacts')).toBe(0)
  })
})

describe('refusals of a whole request', () => {
  it('name the match property that is not unique', async () => {
    const { hubspot } = await start()
    const companies = {
      ...batch('upsert', [{ matchValue: 'x.io', properties: { domain: 'x.io' } }], 'companies'),
      matchProperty: 'domain',
    }
    await expect(hubspot.write(companies, signal)).rejects.toMatchObject({
      category: 'NOT_UNIQUE_PROPERTY',
      isContent: false,
    })
  })

  it('of several rows blame the content; of one row are its result', async () => {
    const { sandbox, hubspot } = await start()
    sandbox.addFault({
      kind: 'status',
      status: 400,
      body: { category: 'VALIDATION_ERROR', message: 'no' },
    })
    const two = batch('upsert', [{ matchValue: 'a@example.com' }, { matchValue: 'b@example.com' }])
    await expect(hubspot.write(two, signal)).rejects.toMatchObject({ isContent: true, status: 400 })
    const one = await hubspot.write(batch('upsert', [{ matchValue: 'a@example.com' }]), signal)
    expect(one).toMatchObject([
      { outcome: 'rejected', error: { category: 'VALIDATION_ERROR', message: 'no' } },
    ])
  })

  it('end the run for a wrong token', async () => {
    const { hubspot } = await start({}, { token: 'wrong' })
    await expect(hubspot.account(signal)).rejects.toMatchObject({
      category: 'UNAUTHORIZED',
      endsRun: true,
    })
  })

  it('name the missing scopes', async () => {
    const { hubspot } = await start({
      tokens: [{ token: 'poor', scopes: ['crm.objects.deals.read'] }],
    })
    await expect(
      hubspot.write(batch('create', [{ matchValue: 'a@x.io' }]), signal),
    ).rejects.toThrow(/crm\.objects\.contacts\.write/)
  })

  it('end the run when its budget of calls is used up', async () => {
    const { hubspot, sandbox } = await start({}, { maxCalls: 1 })
    await hubspot.account(signal)
    await expect(hubspot.account(signal)).rejects.toMatchObject({
      category: 'CALL_BUDGET',
      endsRun: true,
    })
    expect(sandbox.requests()).toHaveLength(1)
  })
})

describe('opening', () => {
  it.each([
    ['a token with characters that no token has', { token: 'pät-na1' }],
    ['an empty token', { token: ' ' }],
    ['an address without a scheme', { baseUrl: 'api.hubapi.com' }],
  ])('refuses %s, without quoting it', async (_what, extra) => {
    const opening = start({}, extra)
    await expect(opening).rejects.toThrow(UserError)
    await expect(opening).rejects.not.toThrow(/pät|api\.hubapi\.com:/)
  })
})

describe('finding', () => {
  it('gives each value in the spelling that was asked, and only what exists', async () => {
    const { sandbox, hubspot } = await start()
    const [ada] = sandbox.seedRecords('contacts', [
      { email: 'ada@example.com', city: 'Graz' },
      { email: 'bob@example.com' },
    ])
    const found = await hubspot.find(
      {
        objectType: 'contacts',
        property: 'email',
        values: ['ADA@example.com', 'ada@example.com', 'nobody@example.com'],
        properties: ['city'],
      },
      signal,
    )
    expect(found.map((each) => [each.value, each.recordId])).toEqual([
      ['ADA@example.com', ada],
      ['ada@example.com', ada],
    ])
    expect(found[0]?.properties).toEqual({ city: 'Graz' })
    expect(found[0]?.createdAtMs).toBeGreaterThan(0)
  })

  it('finds a contact by its secondary e-mail', async () => {
    const { sandbox, hubspot } = await start()
    const [first, second] = sandbox.seedRecords('contacts', [
      { email: 'first@example.com' },
      { email: 'second@example.com' },
    ])
    sandbox.mergeRecords('contacts', first ?? '', second ?? '')
    const found = await hubspot.find(
      { objectType: 'contacts', property: 'email', values: ['second@example.com'], properties: [] },
      signal,
    )
    expect(found).toHaveLength(1)
    expect(found[0]?.value).toBe('second@example.com')
  })

  it('finds by record id', async () => {
    const { sandbox, hubspot } = await start()
    const [id] = sandbox.seedRecords('contacts', [{ email: 'a@example.com', city: 'Graz' }])
    const found = await hubspot.find(
      {
        objectType: 'contacts',
        property: 'hs_object_id',
        values: [id ?? '', '999999'],
        properties: ['city'],
      },
      signal,
    )
    expect(found).toMatchObject([{ recordId: id, value: id, properties: { city: 'Graz' } }])
  })

  it('finds a record by ids that were merged into it', async () => {
    const { sandbox, hubspot } = await start()
    const emails = ['a', 'b', 'c', 'd'].map((name) => ({ email: `${name}@example.com` }))
    const [a = '', b = '', c = '', d = ''] = sandbox.seedRecords('contacts', emails)
    sandbox.mergeRecords('contacts', a, b)
    sandbox.mergeRecords('contacts', c, d)
    sandbox.mergeRecords('contacts', a, c)
    const found = await hubspot.find(
      {
        objectType: 'contacts',
        property: 'hs_object_id',
        values: [b, a, d, c, '999999'],
        properties: [],
      },
      signal,
    )
    expect(found.map(({ value, recordId }) => [value, recordId]).sort()).toEqual([
      [a, a],
      [b, a],
      [c, a],
      [d, a],
    ])
  })

  it('does not take an answer without a list for an object without properties', async () => {
    const { sandbox, hubspot } = await start()
    sandbox.addFault({ kind: 'status', status: 200, body: {}, match: { path: '/properties/' } })
    await expect(hubspot.describe('contacts', signal)).rejects.toMatchObject({
      category: 'UNREADABLE_ANSWER',
    })
  })

  it('does not take silence for absence', async () => {
    const { sandbox, hubspot } = await start()
    sandbox.seedRecords('contacts', [{ email: 'a@example.com' }])
    sandbox.addFault({ kind: 'empty_results' })
    const request = {
      objectType: 'contacts',
      property: 'email',
      values: ['a@example.com'],
      properties: [],
    }
    await expect(hubspot.find(request, signal)).rejects.toMatchObject({
      category: 'INCOMPLETE_ANSWER',
      disposition: 'transient',
    })
  })

  it('asks nothing about nothing', async () => {
    const { sandbox, hubspot } = await start()
    await hubspot.find(
      { objectType: 'contacts', property: 'email', values: [], properties: [] },
      signal,
    )
    expect(sandbox.requests()).toEqual([])
  })
})

describe('describing', () => {
  it('tells the account', async () => {
    const { sandbox, hubspot } = await start({ accountType: 'SANDBOX', timeZone: 'Europe/Vienna' })
    expect(await hubspot.account(signal)).toEqual({
      portalId: String(sandbox.portalId),
      accountType: 'SANDBOX',
      timeZone: 'Europe/Vienna',
      uiDomain: 'app.hubspot.com',
    })
  })

  it('tells owners page by page, the usage of the day, and what the token may do', async () => {
    const scopes = ['crm.objects.owners.read', 'crm.objects.contacts.read']
    const { sandbox, hubspot } = await start({ tokens: [{ token: 'sandbox-token', scopes }] })
    for (let index = 0; index < 250; index += 1) {
      sandbox.addOwner({
        id: String(index),
        email: `o${index}@shop.example`,
        firstName: 'O',
        lastName: '',
        userId: index,
        archived: index === 0,
      })
    }
    const owners = await hubspot.listOwners(false, signal)
    expect(owners).toHaveLength(252)
    expect(owners[3]).toEqual({
      id: '1',
      email: 'o1@shop.example',
      name: 'O',
      isDeactivated: false,
      userId: '1',
    })
    expect(await hubspot.listOwners(true, signal)).toHaveLength(1)
    expect(await hubspot.dailyUsage(signal)).toMatchObject({ limit: 625_000 })
    expect(await hubspot.grantedScopes(signal)).toEqual(scopes)
    expect(await hubspot.listObjects(signal)).toMatchObject({ isCustomHidden: true })
  })

  it('tells who wrote values last, which app the token is of, and what is archived', async () => {
    const { sandbox, hubspot } = await start({ tokens: ['sandbox-token', 'other'] })
    const [one = '', two = ''] = sandbox.seedRecords('contacts', [
      { email: 'a@shop.example', city: 'Bonn' },
      { email: 'b@shop.example' },
    ])
    await hubspot.write(batch('update', [{ recordId: one, properties: { zip: '53111' } }]), signal)
    sandbox.changeRecord('contacts', one, { city: 'Ulm' })
    sandbox.archiveRecord('contacts', two)
    expect(await hubspot.appId(signal)).toBe('1')
    const request = { objectType: 'contacts', recordIds: [one, two], properties: ['city', 'zip'] }
    const histories = await hubspot.histories(request, signal)
    expect([...histories.keys()]).toEqual([one])
    expect(histories.get(one)?.get('city')).toMatchObject({
      value: 'Ulm',
      sourceType: 'CRM_UI',
      userId: '9586501',
    })
    expect(histories.get(one)?.get('zip')).toMatchObject({
      value: '53111',
      sourceType: 'INTEGRATION',
      sourceId: '1',
    })
    const look = { objectType: 'contacts', property: 'hs_object_id', values: [one, two] }
    const archived = await hubspot.find({ ...look, properties: [], isArchived: true }, signal)
    expect(archived).toMatchObject([{ recordId: two, archivedAtMs: expect.any(Number) }])
    const live = await hubspot.find({ ...look, properties: [] }, signal)
    expect(live).toMatchObject([{ recordId: one }])
    expect(live[0]).not.toHaveProperty('archivedAtMs')
  })

  it.each(['contacts', '0-1'])('tells the properties of %s', async (name) => {
    const { hubspot } = await start()
    const schema = await hubspot.describe(name, signal)
    expect(schema).toMatchObject({ name: 'contacts', objectTypeId: '0-1', requiredProperties: [] })
    expect(schema.properties.get('email')).toMatchObject({ isUnique: true, isReadOnly: false })
    expect(schema.properties.get('createdate')).toMatchObject({ isReadOnly: true })
  })

  it('tells a custom object by name, full name and id', async () => {
    const { sandbox, hubspot } = await start()
    const id = sandbox.createObjectType({
      name: 'car',
      labels: { singular: 'Car', plural: 'Cars' },
      primaryDisplayProperty: 'vin',
      requiredProperties: ['vin'],
      searchableProperties: ['vin'],
      secondaryDisplayProperties: [],
      associatedObjects: [],
      properties: [
        { name: 'vin', label: 'VIN', type: 'string', fieldType: 'text', hasUniqueValue: true },
      ],
    })
    for (const name of ['car', `p${sandbox.portalId}_car`, id]) {
      const schema = await hubspot.describe(name, signal)
      expect(schema).toMatchObject({ objectTypeId: id, requiredProperties: ['vin'] })
      expect(schema.properties.get('vin')).toMatchObject({ isUnique: true })
    }
  })

  it('names the custom objects when it knows none of the name', async () => {
    const { hubspot } = await start()
    await expect(hubspot.describe('contcts', signal)).rejects.toMatchObject({
      category: 'OBJECT_TYPE_UNKNOWN',
    })
  })
})

describe('the record of requests', () => {
  it('has one entry per attempt, without bodies unless they are kept', async () => {
    const { hubspot, requests } = await start()
    await hubspot.write(batch('upsert', [{ matchValue: 'a@example.com' }]), signal, 2)
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/crm/v3/objects/contacts/batch/upsert',
        status: 200,
        attempt: 2,
        batchSize: 1,
        errorCategory: null,
      },
    ])
    expect(JSON.stringify(requests)).not.toContain('a@example.com')
    expect(hubspot.counts()).toEqual({ writes: 1, reads: 0 })
  })

  it('has the bodies when they are kept', async () => {
    const { hubspot, requests } = await start({}, { keepBodies: true })
    const [result] = await hubspot.write(batch('upsert', [{ matchValue: 'a@example.com' }]), signal)
    expect(requests[0]?.requestBody).toContain('a@example.com')
    expect(requests[0]?.responseBody).toContain(result?.recordId)
    expect(result?.requestId).toBe(requests[0]?.requestId)
  })

  it('has failures, with their category', async () => {
    const { sandbox, hubspot, requests } = await start()
    sandbox.addFault({ kind: 'status', status: 503 })
    await expect(hubspot.account(signal)).rejects.toMatchObject({ category: 'UNAVAILABLE' })
    expect(requests).toMatchObject([{ status: 503, errorCategory: 'UNAVAILABLE' }])
  })
})

describe('lists', () => {
  const vip = { name: 'VIP', objectTypeId: '0-1' }
  const members = (kind: 'add' | 'remove', ids: readonly string[], listId = '1'): Batch => ({
    ...batch(
      kind,
      ids.map((recordId) => ({ recordId })),
    ),
    listId,
  })
  const people = (sandbox: Sandbox) =>
    sandbox.seedRecords('contacts', [{ email: 'a@x.de' }, { email: 'b@x.de' }])

  it('are made once, and found by id and name', async () => {
    const { hubspot } = await start()
    expect(await hubspot.findList(vip, signal)).toBeUndefined()
    const made = await hubspot.createList(vip, signal)
    expect(made).toEqual({ listId: '1', ...vip, processingType: 'MANUAL', size: 0 })
    expect(await hubspot.createList({ ...vip, name: 'vip' }, signal)).toBeUndefined()
    expect(await hubspot.findList({ listId: '1' }, signal)).toEqual(made)
    expect(await hubspot.findList({ ...vip, name: 'vip' }, signal)).toEqual(made)
    expect(await hubspot.findList({ ...vip, objectTypeId: '0-2' }, signal)).toBeUndefined()
    expect(await hubspot.findNamesake('vip', signal)).toMatchObject({ listId: '1' })
    expect(await hubspot.findNamesake('vi', signal)).toBeUndefined()
  })

  it('all of them are told, whatever the number', async () => {
    const { sandbox, hubspot } = await start()
    for (let id = 0; id < 501; id += 1) sandbox.addList(`List ${id}`, 'contacts')
    expect(await hubspot.searchLists(signal)).toHaveLength(501)
  })

  it('say of each member whether it is new, was there, or is no record', async () => {
    const { sandbox, hubspot } = await start()
    const [one = '', other = ''] = people(sandbox)
    sandbox.addList('VIP', 'contacts', 'MANUAL', [one])
    const added = await hubspot.write(members('add', [one, other, '404', other]), signal)
    expect(added.map(({ outcome, isCreated }) => [outcome, isCreated])).toEqual([
      ['succeeded', false],
      ['succeeded', true],
      ['missing', undefined],
      ['succeeded', true],
    ])
    const removed = await hubspot.write(members('remove', [one, '404']), signal)
    expect(removed.map(({ outcome }) => outcome)).toEqual(['succeeded', 'missing'])
    const page = await hubspot.readMembers('1', undefined, signal)
    expect(page).toEqual({ recordIds: [other] })
  })

  it('that cannot be written say so, instead of being asked for each half', async () => {
    const { sandbox, hubspot } = await start()
    const ids = people(sandbox)
    sandbox.addList('VIP', 'contacts', 'DYNAMIC')
    await expect(hubspot.write(members('add', ids), signal)).rejects.toMatchObject({
      category: 'LIST_NOT_WRITABLE',
      isContent: false,
      disposition: 'terminal',
    })
    sandbox.changeList('1', { isDeleted: true })
    await expect(hubspot.write(members('add', ids.slice(1)), signal)).rejects.toMatchObject({
      category: 'LIST_GONE',
    })
    expect(sandbox.counts().writeCalls).toBe(2)
  })
})
