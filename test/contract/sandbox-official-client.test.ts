import { Client } from '@hubspot/api-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { loadOpenApiValidator } from '../support/openapi.ts'

/** HubSpot's own client with its default settings: software that knows nothing of the sandbox. */
let sandbox: Sandbox
let client: Client

beforeEach(async () => {
  const validateRequest = loadOpenApiValidator()
  sandbox = await startSandbox(validateRequest === undefined ? {} : { validateRequest })
  client = new Client({ accessToken: sandbox.token, basePath: sandbox.url })
})

afterEach(async () => {
  const { violations } = sandbox
  await sandbox.close()
  expect(violations).toEqual([])
})

const person = (email: string) => ({ properties: { email }, associations: [] })

describe("HubSpot's own client", () => {
  test('creates, reads, changes and archives one record', async () => {
    const { basicApi } = client.crm.contacts
    const { id } = await basicApi.create(person('a@example.com'))
    await basicApi.update(id, { properties: { city: 'Bonn' } })
    const read = await basicApi.getById(id, ['email', 'city', 'zip'])
    expect(read.properties).toMatchObject({ email: 'a@example.com', city: 'Bonn', zip: null })
    expect(read.createdAt).toBeInstanceOf(Date)
    await basicApi.archive(id)
    await expect(basicApi.getById(id)).rejects.toMatchObject({ code: 404 })
  })

  test('writes and reads batches', async () => {
    const { batchApi } = client.crm.objects
    const created = await batchApi.create('contacts', {
      inputs: [person('a@example.com'), person('b@example.com')],
    })
    expect(created.results).toHaveLength(2)
    const upserted = await batchApi.upsert('contacts', {
      inputs: ['a@example.com', 'c@example.com'].map((id) => ({
        id,
        idProperty: 'email',
        properties: { email: id, city: 'Bonn' },
      })),
    })
    expect(upserted.results.map((result) => result._new).sort()).toEqual([false, true])
    const [{ id } = { id: '' }] = created.results
    await batchApi.update('contacts', { inputs: [{ id, properties: { city: 'Köln' } }] })
    const read = await batchApi.read('contacts', {
      inputs: [{ id }],
      properties: ['city'],
      propertiesWithHistory: [],
    })
    expect(read.results[0]?.properties['city']).toBe('Köln')
    await batchApi.archive('contacts', { inputs: [{ id }] })
    expect(sandbox.record('contacts', id)?.archived).toBe(true)
  })

  test('gets the errors of a batch in part', async () => {
    const inputs = ['a@example.com', 'nobody'].map((email, place) => ({
      ...person(email),
      objectWriteTraceId: String(place),
    }))
    const reply = await client.crm.objects.batchApi.createWithHttpInfo('contacts', { inputs })
    expect(reply.httpStatusCode).toBe(207)
    expect(reply.data).toMatchObject({
      results: [{ properties: { email: 'a@example.com' } }],
      errors: [{ category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['1'] } }],
    })
  })

  test('searches', async () => {
    sandbox.seedRecords('companies', [{ name: 'Acme', city: 'Bonn' }, { name: 'Other' }])
    const found = await client.crm.companies.searchApi.doSearch({
      filterGroups: [
        // biome-ignore lint/suspicious/noExplicitAny: the client's operator is an enum that its entry point does not export
        { filters: [{ propertyName: 'city', operator: 'EQ' as any, value: 'Bonn' }] },
      ],
      properties: ['name'],
      limit: 10,
      after: '0',
      sorts: [],
    })
    expect(found.total).toBe(1)
    expect(found.results[0]?.properties['name']).toBe('Acme')
  })

  test('reads and creates definitions', async () => {
    const { coreApi } = client.crm.properties
    const all = await coreApi.getAll('deals')
    expect(all.results.map(({ name }) => name)).toContain('dealstage')
    const created = await coreApi.create('deals', {
      name: 'external_id',
      label: 'External ID',
      // biome-ignore lint/suspicious/noExplicitAny: the client's types are enums that its entry point does not export
      type: 'string' as any,
      // biome-ignore lint/suspicious/noExplicitAny: as above
      fieldType: 'text' as any,
      groupName: 'dealinformation',
      hasUniqueValue: true,
    })
    expect(created.hasUniqueValue).toBe(true)
    const owners = await client.crm.owners.ownersApi.getPage()
    expect(owners.results.length).toBeGreaterThan(0)
    const pipelines = await client.crm.pipelines.pipelinesApi.getAll('deals')
    expect(pipelines.results[0]?.stages.length).toBeGreaterThan(3)
    expect((await client.crm.schemas.coreApi.getAll()).results).toEqual([])
  })

  test('links, reads links, labels and unlinks', async () => {
    const [person = ''] = sandbox.seedRecords('contacts', [{ email: 'a@example.com' }])
    const [one = '', other = ''] = sandbox.seedRecords('companies', [{ name: 'A' }, { name: 'B' }])
    const { batchApi, basicApi, schema } = client.crm.associations.v4
    const made = await schema.definitionsApi.create('contacts', 'companies', {
      name: 'buyer',
      label: 'Buyer',
    })
    const typeId = made.results[0]?.typeId ?? 0
    const pair = (to: string) => ({
      _from: { id: person },
      to: { id: to },
      types: [
        {
          // biome-ignore lint/suspicious/noExplicitAny: the client's category is an enum that its entry point does not export
          associationCategory: 'USER_DEFINED' as any,
          associationTypeId: typeId,
        },
      ],
    })
    const linked = await batchApi.create('contacts', 'companies', {
      inputs: [pair(one), pair('9')],
    })
    expect(linked).toMatchObject({ results: [{ labels: ['Buyer'] }], numErrors: 1 })
    await basicApi.createDefault('contacts', person, 'companies', other)
    const read = await basicApi.getPage('contacts', person, 'companies')
    expect(read.results.map(({ toObjectId }) => String(toObjectId))).toEqual([one, other])
    await batchApi.archiveLabels('contacts', 'companies', { inputs: [pair(one)] })
    await batchApi.archive('contacts', 'companies', {
      inputs: [{ _from: { id: person }, to: [{ id: other }] }],
    })
    expect(sandbox.links('contacts', person, 'companies')).toMatchObject([
      { toId: one, labels: [] },
    ])
    await schema.definitionsApi.remove('contacts', 'companies', typeId)
    expect((await schema.definitionsApi.getAll('contacts', 'companies')).results).toHaveLength(2)
  })

  test('makes lists and changes their members', async () => {
    const { listsApi, membershipsApi } = client.crm.lists
    const { list } = await listsApi.create({
      name: 'VIP',
      objectTypeId: '0-1',
      processingType: 'MANUAL',
    })
    const [one = '', other = ''] = sandbox.seedRecords('contacts', [
      { email: 'a@example.com' },
      { email: 'b@example.com' },
    ])
    const added = await membershipsApi.add(list.listId, [one, other, '404'])
    expect(added).toMatchObject({ recordsIdsAdded: [one, other], recordIdsMissing: ['404'] })
    await membershipsApi.remove(list.listId, [other])
    const page = await membershipsApi.getPage(list.listId)
    expect(page.results.map(({ recordId }) => recordId)).toEqual([one])
    expect((await listsApi.getByName('vip', '0-1')).list.listId).toBe(list.listId)
    const found = await listsApi.doSearch({ offset: 0, additionalProperties: [], query: 'v' })
    expect(found.lists.map(({ name }) => name)).toEqual(['VIP'])
    await listsApi.remove(list.listId)
    await expect(listsApi.getById(list.listId)).rejects.toMatchObject({ code: 404 })
    await listsApi.restore(list.listId)
    expect(sandbox.lists()).toMatchObject([{ isDeleted: false, members: [one] }])
  })

  test('reads the account past its generated methods', async () => {
    const response = await client.apiRequest({ path: '/account-info/v3/details' })
    expect(await response.json()).toMatchObject({ portalId: sandbox.portalId })
  })
})
