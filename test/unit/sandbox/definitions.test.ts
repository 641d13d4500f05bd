import { describe, expect, test } from 'vitest'
import { type Conversation, converse } from './conversation.ts'

const PROPERTIES = '/crm/v3/properties/contacts'
const SCHEMAS = '/crm-object-schemas/v3/schemas'
const definition = {
  name: 'score',
  label: 'Score',
  type: 'number',
  fieldType: 'number',
  groupName: 'contactinformation',
}

const names = (sandbox: Conversation, query = ''): string[] =>
  sandbox.send('GET', PROPERTIES + query).body.results.map(({ name }: { name: string }) => name)

describe('properties', () => {
  test.each(['contacts', 'companies', 'deals', 'tickets'])('%s have 30 and more', (objectType) => {
    const { body } = converse().send('GET', `/crm/v3/properties/${objectType}`)
    expect(body.results.length).toBeGreaterThanOrEqual(30)
  })

  test('say what may be written', () => {
    const sandbox = converse()
    const { body } = sandbox.send('GET', `${PROPERTIES}/hs_object_id`)
    expect(body.modificationMetadata.readOnlyValue).toBe(true)
    const email = sandbox.send('GET', `${PROPERTIES}/email`).body
    expect(email).toMatchObject({
      hasUniqueValue: true,
      modificationMetadata: { readOnlyValue: false },
    })
    const owner = sandbox.send('GET', `${PROPERTIES}/hubspot_owner_id`).body
    expect(owner).toMatchObject({ externalOptions: true, options: [] })
  })

  test('are created, changed, archived and restored', () => {
    const sandbox = converse()
    expect(sandbox.send('POST', PROPERTIES, definition).status).toBe(201)
    expect(sandbox.send('POST', PROPERTIES, definition)).toMatchObject({
      status: 409,
      body: {
        category: 'OBJECT_ALREADY_EXISTS',
        subCategory: 'Properties.PROPERTY_WITH_NAME_EXISTS',
      },
    })
    const changed = sandbox.send('PATCH', `${PROPERTIES}/score`, { label: 'Points' })
    expect(changed.body).toMatchObject({ label: 'Points', type: 'number' })
    expect(sandbox.send('DELETE', `${PROPERTIES}/score`).status).toBe(204)
    expect(sandbox.send('DELETE', `${PROPERTIES}/score`).status).toBe(204)
    expect(names(sandbox)).not.toContain('score')
    expect(names(sandbox, '?archived=true')).toEqual(['score'])
    const write = { properties: { score: '1' }, associations: [] }
    expect(sandbox.send('POST', '/crm/v3/objects/contacts', write).status).toBe(400)
    expect(sandbox.send('POST', PROPERTIES, definition).body.archived).toBe(false)
  })

  test('replace their options as a whole', () => {
    const sandbox = converse()
    const option = (value: string) => ({ label: value, value, hidden: false, displayOrder: 0 })
    const plan = { ...definition, name: 'plan', type: 'enumeration', fieldType: 'select' }
    sandbox.send('POST', PROPERTIES, { ...plan, options: [option('a')] })
    sandbox.send('PATCH', `${PROPERTIES}/plan`, { options: [option('b')] })
    const [id = ''] = sandbox.seedRecords('contacts', [{ plan: 'b' }])
    const write = (value: string) =>
      sandbox.send('PATCH', `/crm/v3/objects/contacts/${id}`, { properties: { plan: value } })
        .status
    expect([write('a'), write('b')]).toEqual([400, 200])
  })

  test.each([
    ['capitals in the name', { name: 'Score' }],
    ['a pair that does not go together', { fieldType: 'text' }],
    ['an unknown group', { groupName: 'nowhere' }],
    ['no label', { label: undefined }],
  ])('are refused with %s', (_case, wrong) => {
    expect(converse().send('POST', PROPERTIES, { ...definition, ...wrong }).status).toBe(400)
  })

  test('are unique at most ten times', () => {
    const sandbox = converse()
    const create = (n: number) =>
      sandbox.send('POST', '/crm/v3/properties/companies', {
        ...definition,
        name: `key_${n}`,
        groupName: 'companyinformation',
        hasUniqueValue: true,
      }).status
    const statuses = Array.from({ length: 11 }, (_, n) => create(n))
    expect(statuses).toEqual([...Array(10).fill(201), 400])
  })

  test('find old records again when a unique one is restored', () => {
    const sandbox = converse()
    const key = { ...definition, name: 'key', hasUniqueValue: true }
    sandbox.send('POST', PROPERTIES, key)
    const [id] = sandbox.seedRecords('contacts', [{ key: '7' }])
    sandbox.send('DELETE', `${PROPERTIES}/key`)
    sandbox.send('POST', PROPERTIES, key)
    expect(sandbox.findRecord('contacts', 'key', '007')?.id).toBe(id)
  })

  test('stay out of the list when sensitive, unless asked for', () => {
    const sandbox = converse()
    sandbox.createProperty('contacts', { ...definition, dataSensitivity: 'sensitive' })
    expect(names(sandbox)).not.toContain('score')
    expect(names(sandbox, '?dataSensitivity=sensitive')).toEqual(['score'])
  })

  test('are created and read in batches, problems reported one by one', () => {
    const sandbox = converse()
    const created = sandbox.send('POST', `${PROPERTIES}/batch/create`, {
      inputs: [definition, { ...definition, name: 'email' }],
    })
    expect(created.status).toBe(207)
    expect(created.body).toMatchObject({
      results: [{ name: 'score' }],
      errors: [{ category: 'OBJECT_ALREADY_EXISTS', context: { name: ['email'] } }],
    })
    const read = sandbox.send('POST', `${PROPERTIES}/batch/read`, {
      inputs: [{ name: 'score' }, { name: 'nothing' }],
      archived: false,
      dataSensitivity: 'non_sensitive',
    })
    expect(read.body).toMatchObject({ results: [{ name: 'score' }], numErrors: 1 })
  })

  test('belong to groups', () => {
    const sandbox = converse()
    const group = { name: 'warehouse', label: 'Warehouse', displayOrder: 1 }
    expect(sandbox.send('POST', `${PROPERTIES}/groups`, group).status).toBe(201)
    expect(sandbox.send('POST', `${PROPERTIES}/groups`, group).status).toBe(409)
    expect(sandbox.send('GET', `${PROPERTIES}/groups/warehouse`).body.label).toBe('Warehouse')
    const inGroup = { ...definition, groupName: 'warehouse' }
    expect(sandbox.send('POST', PROPERTIES, inGroup).status).toBe(201)
  })

  test('have validation rules under the type id only', () => {
    const sandbox = converse()
    expect(sandbox.send('GET', '/crm/v3/property-validations/0-1').body).toEqual({ results: [] })
    expect(sandbox.send('GET', '/crm/v3/property-validations/contacts').status).toBe(400)
  })
})

describe('custom objects', () => {
  const car = {
    name: 'car',
    labels: { singular: 'Car', plural: 'Cars' },
    primaryDisplayProperty: 'vin',
    requiredProperties: ['vin'],
    searchableProperties: ['vin'],
    secondaryDisplayProperties: [],
    associatedObjects: ['CONTACT'],
    properties: [
      { name: 'vin', label: 'VIN', type: 'string', fieldType: 'text', hasUniqueValue: true },
      { name: 'doors', label: 'Doors', type: 'number', fieldType: 'number' },
    ],
  }

  test('are created, listed and written under id and qualified name', () => {
    const sandbox = converse()
    const created = sandbox.send('POST', SCHEMAS, car)
    expect(created.status).toBe(201)
    expect(created.body).toMatchObject({
      objectTypeId: '2-1000001',
      fullyQualifiedName: 'p4242424_car',
      associations: [{ fromObjectTypeId: '2-1000001', toObjectTypeId: '0-1' }],
    })
    expect(sandbox.send('GET', SCHEMAS).body.results).toHaveLength(1)
    const upsert = { inputs: [{ id: 'V1', idProperty: 'vin', properties: { doors: '5' } }] }
    for (const name of ['2-1000001', 'p4242424_car']) {
      expect(sandbox.send('POST', `/crm/v3/objects/${name}/batch/upsert`, upsert).status).toBe(200)
    }
    expect(sandbox.records('2-1000001')).toHaveLength(1)
    expect(sandbox.send('GET', '/crm/v3/objects/car').status).toBe(404)
    expect(sandbox.send('DELETE', `${SCHEMAS}/2-1000001`).status).toBe(400)
  })

  test('keep their required properties', () => {
    const sandbox = converse()
    const type = sandbox.createObjectType(car)
    const path = `/crm/v3/objects/${type}`
    const empty = sandbox.send('POST', path, { properties: { doors: '3' }, associations: [] })
    expect(empty.body.message).toBe('Error creating CAR. Some required properties were not set.')
    const [id] = sandbox.seedRecords(type, [{ vin: 'V1' }])
    const cleared = sandbox.send('PATCH', `${path}/${id}`, { properties: { vin: '' } })
    expect(cleared.body.errors[0].code).toBe('MISSING_REQUIRED_PROPERTY')
  })
})

describe('the account', () => {
  test('says who and where it is', () => {
    const sandbox = converse({ portalId: 7, timeZone: 'America/New_York', accountType: 'SANDBOX' })
    expect(sandbox.send('GET', '/account-info/v3/details').body).toMatchObject({
      portalId: 7,
      accountType: 'SANDBOX',
      timeZone: 'America/New_York',
      utcOffset: '-05:00',
      utcOffsetMilliseconds: -18_000_000,
    })
  })

  test('knows its owners by id and e-mail', () => {
    const sandbox = converse()
    const { results } = sandbox.send('GET', '/crm/v3/owners?limit=2').body
    expect(results).toHaveLength(2)
    const one = sandbox.send('GET', `/crm/v3/owners/?email=${results[0].email}`).body.results
    expect(one).toEqual([results[0]])
    expect(sandbox.send('GET', `/crm/v3/owners/${results[0].id}`).body).toEqual(results[0])
  })

  test('has pipelines whose stages are the options of deals', () => {
    const sandbox = converse()
    const { results } = sandbox.send('GET', '/crm/v3/pipelines/deals').body
    expect(results[0].stages[0].id).toBe('appointmentscheduled')
    const deal = (dealstage: string) => ({
      properties: { dealname: 'Big', dealstage },
      associations: [],
    })
    const create = (stage: string) => sandbox.send('POST', '/crm/v3/objects/deals', deal(stage))
    expect(create('appointmentscheduled').body.properties.pipeline).toBe('default')
    expect(create('Appointment Scheduled').status).toBe(400)
  })
})
