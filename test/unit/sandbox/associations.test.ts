import { describe, expect, test } from 'vitest'
import { type Conversation, converse } from './conversation.ts'

const PAIR = '/crm/v4/associations/contacts/companies'
const LABELS = `${PAIR}/labels`
const plainType = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 }
const primary = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 1 }
const own = (associationTypeId: number) => ({
  associationCategory: 'USER_DEFINED',
  associationTypeId,
})

/** Contacts and companies 1001 to 1003. */
function portal(options: Parameters<typeof converse>[0] = {}): Conversation {
  const sandbox = converse(options)
  sandbox.seedRecords('contacts', [{ email: 'a@x.io' }, { email: 'b@x.io' }, { email: 'c@x.io' }])
  sandbox.seedRecords('companies', [{ name: 'A' }, { name: 'B' }, { name: 'C' }])
  return sandbox
}

const pair = (from: string, to: string, ...types: readonly object[]) => ({
  from: { id: from },
  to: { id: to },
  types,
})

const create = (sandbox: Conversation, ...inputs: readonly object[]) =>
  sandbox.send('POST', `${PAIR}/batch/create`, { inputs })

const labelsOf = (sandbox: Conversation, from = '1001') =>
  sandbox.links('contacts', from, 'companies').map(({ toId, labels }) => [toId, ...labels])

describe('links', () => {
  test('stand in both directions, with the type of each', () => {
    const sandbox = portal()
    expect(create(sandbox, pair('1001', '1002', primary))).toMatchObject({
      status: 201,
      body: {
        status: 'COMPLETE',
        results: [
          {
            fromObjectTypeId: '0-1',
            fromObjectId: 1001,
            toObjectTypeId: '0-2',
            toObjectId: 1002,
            labels: ['Primary'],
          },
        ],
      },
    })
    expect(sandbox.links('contacts', '1001', 'companies')).toEqual([
      { toId: '1002', labels: ['Primary'], types: ['HUBSPOT_DEFINED:1', 'HUBSPOT_DEFINED:279'] },
    ])
    expect(sandbox.links('companies', '1002', 'contacts')).toEqual([
      { toId: '1001', labels: ['Primary'], types: ['HUBSPOT_DEFINED:2', 'HUBSPOT_DEFINED:280'] },
    ])
  })

  test('get the types of a create in place of those that they have', () => {
    const sandbox = portal()
    const [buyer = 0] = sandbox.defineLabel('contacts', 'companies', { label: 'Buyer' })
    const [payer = 0] = sandbox.defineLabel('contacts', 'companies', { label: 'Payer' })
    create(sandbox, pair('1001', '1002', own(buyer), own(payer)))
    expect(labelsOf(sandbox)).toEqual([['1002', 'Buyer', 'Payer']])
    create(sandbox, pair('1001', '1002', own(payer)))
    expect(labelsOf(sandbox)).toEqual([['1002', 'Payer']])
    create(sandbox, pair('1001', '1002', plainType))
    expect(labelsOf(sandbox)).toEqual([['1002']])
  })

  test('by default leave labels alone, and answer both directions', () => {
    const sandbox = portal()
    sandbox.link(['contacts', '1001'], ['companies', '1002'], 'Primary')
    const reply = sandbox.send('POST', `${PAIR}/batch/associate/default`, {
      inputs: [pair('1001', '1002'), pair('1001', '9')],
    })
    expect(reply.status).toBe(200)
    expect(reply.body.results).toHaveLength(2)
    expect(reply.body).toMatchObject({ numErrors: 1, errors: [{ category: 'OBJECT_NOT_FOUND' }] })
    expect(labelsOf(sandbox)).toEqual([['1002', 'Primary']])
  })

  test('have one primary company a contact', () => {
    const sandbox = portal()
    create(sandbox, pair('1001', '1001', primary), pair('1001', '1002', primary))
    expect(labelsOf(sandbox)).toEqual([['1001'], ['1002', 'Primary']])
    expect(sandbox.links('companies', '1001', 'contacts')).toMatchObject([{ labels: [] }])
  })

  test('are taken off whole, or type by type', () => {
    const sandbox = portal()
    sandbox.defineLabel('contacts', 'companies', { label: 'Buyer' })
    for (const to of ['1001', '1002', '1003'])
      sandbox.link(['contacts', '1001'], ['companies', to], 'Buyer')
    const archive = { inputs: [{ from: { id: '1001' }, to: [{ id: '1001' }, { id: '9' }] }] }
    expect(sandbox.send('POST', `${PAIR}/batch/archive`, archive).status).toBe(204)
    expect(labelsOf(sandbox)).toEqual([
      ['1002', 'Buyer'],
      ['1003', 'Buyer'],
    ])
    const types = (sandbox.links('contacts', '1001', 'companies')[0]?.types ?? []).map((type) =>
      Number(type.split(':')[1]),
    )
    const buyer = Math.min(...types)
    const inputs = [pair('1001', '1002', own(buyer)), pair('1001', '1003', plainType)]
    expect(sandbox.send('POST', `${PAIR}/batch/labels/archive`, { inputs }).status).toBe(204)
    expect(labelsOf(sandbox)).toEqual([['1002']])
  })

  test('are read page by page; records without any come among the errors', () => {
    const sandbox = portal({ quirks: { linkPageSize: 2 } })
    for (const to of ['1001', '1002', '1003']) sandbox.link(['contacts', '1001'], ['companies', to])
    const read = (...inputs: readonly object[]) =>
      sandbox.send('POST', `${PAIR}/batch/read`, { inputs })
    const first = read({ id: '1001' }, { id: '1002' }, { id: '9' }, { id: 'x' })
    expect(first).toMatchObject({
      status: 207,
      body: {
        results: [
          {
            from: { id: '1001' },
            to: [
              {
                toObjectId: 1001,
                associationTypes: [{ category: 'HUBSPOT_DEFINED', typeId: 279, label: null }],
              },
              { toObjectId: 1002 },
            ],
            paging: { next: { after: '1002' } },
          },
        ],
        numErrors: 3,
        errors: [
          {
            category: 'OBJECT_NOT_FOUND',
            subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
            message: 'No company is associated with contact 1002.',
            context: { fromObjectId: ['1002'] },
          },
          { subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND' },
          { subCategory: 'crm.associations.INVALID_IDENTIFIER', context: { id: ['x'] } },
        ],
      },
    })
    const second = read({ id: '1001', after: '1002' })
    expect(second.status).toBe(200)
    expect(second.body.results[0].to).toMatchObject([{ toObjectId: 1003 }])
    expect(second.body.results[0]).not.toHaveProperty('paging')
  })

  test('are written and read one by one', () => {
    const sandbox = portal()
    const one = '/crm/v4/objects/contacts/1001/associations/companies'
    expect(sandbox.send('PUT', `${one}/1002`, [primary])).toMatchObject({
      status: 201,
      body: { labels: ['Primary'] },
    })
    const byDefault = '/crm/v4/objects/contacts/1001/associations/default/companies/1003'
    expect(sandbox.send('PUT', byDefault).status).toBe(200)
    expect(sandbox.send('GET', `${one}?limit=1`).body).toMatchObject({
      results: [{ toObjectId: 1002 }],
      paging: { next: { after: '1002' } },
    })
    expect(sandbox.send('DELETE', `${one}/1002`).status).toBe(204)
    expect(sandbox.send('GET', one).body).toMatchObject({ results: [{ toObjectId: 1003 }] })
    expect(sandbox.send('PUT', `${one}/9`, [primary]).status).toBe(404)
    expect(sandbox.send('GET', one.replace('1001', '9')).status).toBe(404)
  })

  test('come with the creation of a record', () => {
    const sandbox = portal()
    const inputs = [
      { to: { id: '1001' }, types: [primary] },
      {
        to: { id: '1002' },
        types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 449 }],
      },
    ]
    const made = sandbox.send('POST', '/crm/v3/objects/contacts', {
      properties: { email: 'new@x.io' },
      associations: inputs,
    })
    expect(made.status).toBe(201)
    expect(labelsOf(sandbox, made.body.id)).toEqual([['1001', 'Primary']])
    expect(sandbox.links('contacts', '1002', 'contacts')).toMatchObject([{ toId: made.body.id }])
    const refused = sandbox.send('POST', '/crm/v3/objects/contacts/batch/create', {
      inputs: [
        { properties: {}, associations: inputs, objectWriteTraceId: '1' },
        {
          properties: {},
          associations: [{ to: { id: '9' }, types: [primary] }],
          objectWriteTraceId: '2',
        },
        {
          properties: {},
          associations: [{ to: { id: '1001' }, types: [own(999)] }],
          objectWriteTraceId: '3',
        },
      ],
    })
    expect(refused).toMatchObject({
      status: 207,
      body: { errors: [{ category: 'OBJECT_NOT_FOUND' }, { category: 'VALIDATION_ERROR' }] },
    })
  })
})

describe('what cannot be linked', () => {
  test('is told pair by pair, the others are linked', () => {
    const sandbox = portal()
    const reply = create(
      sandbox,
      pair('1001', '1001', plainType),
      pair('1002', '9', plainType),
      pair('8', '1001', plainType),
      pair('x', '1001', plainType),
    )
    expect(reply).toMatchObject({
      status: 207,
      body: {
        numErrors: 3,
        errors: [
          { category: 'OBJECT_NOT_FOUND', context: { toObjectId: ['9'] } },
          { category: 'OBJECT_NOT_FOUND', context: { fromObjectId: ['8'] } },
          { category: 'VALIDATION_ERROR', context: { id: ['x'] } },
        ],
      },
    })
    expect(reply.body.results).toHaveLength(1)
  })

  test('is a record with itself; the error names no context', () => {
    const sandbox = portal()
    const type = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 449 }
    const { body } = sandbox.send('POST', '/crm/v4/associations/contacts/contacts/batch/create', {
      inputs: [pair('1001', '1001', type)],
    })
    expect(body.errors).toEqual([
      {
        status: 'error',
        category: 'VALIDATION_ERROR',
        message: 'Object 1001 cannot be associated to itself (1001)',
      },
    ])
  })

  test('is a pair by the type of another pair or another direction: the whole request', () => {
    const sandbox = portal()
    for (const typeId of [2, 5, 999_999]) {
      const type = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: typeId }
      expect(
        create(sandbox, pair('1001', '1001', plainType), pair('1002', '1001', type)),
      ).toMatchObject({
        status: 400,
        body: { subCategory: 'crm.associations.INVALID_ASSOCIATION_TYPE' },
      })
    }
    expect(labelsOf(sandbox)).toEqual([])
  })

  test('is more than 2,000 pairs, or 1,000 records read', () => {
    const sandbox = portal()
    const pairs = Array.from({ length: 2001 }, () => pair('1001', '1001', plainType))
    expect(create(sandbox, ...pairs).status).toBe(400)
    expect(create(sandbox, ...pairs.slice(1)).status).toBe(201)
    const inputs = Array.from({ length: 1001 }, (_, at) => ({ id: String(at) }))
    expect(sandbox.send('POST', `${PAIR}/batch/read`, { inputs }).status).toBe(400)
  })

  test('is more than a record may have', () => {
    const sandbox = portal({ quirks: { maxLinks: 2 } })
    const reply = create(
      sandbox,
      pair('1001', '1001', plainType),
      pair('1001', '1002', plainType),
      pair('1001', '1003', plainType),
      pair('1001', '1002', primary),
    )
    expect(reply.body.results).toHaveLength(3)
    expect(reply.body.errors).toMatchObject([
      { message: 'CONTACT 1001 has reached the limit of 2 associated companies' },
    ])
  })

  test('needs the scopes of both objects', () => {
    const sandbox = portal({
      tokens: [
        { token: 'one', scopes: ['crm.objects.contacts.write', 'crm.objects.contacts.read'] },
      ],
    })
    const reply = sandbox.send('GET', LABELS, undefined, 'one')
    expect(reply.status).toBe(403)
    expect(reply.body.errors[0].context.requiredGranularScopes).toEqual([
      'crm.objects.companies.read',
    ])
  })
})

describe('records that go', () => {
  test('take their links with them', () => {
    const sandbox = portal()
    sandbox.link(['contacts', '1001'], ['companies', '1002'])
    sandbox.archiveRecord('companies', '1002')
    expect(labelsOf(sandbox)).toEqual([])
  })

  test('into another leave it their links; its own primary company stays', () => {
    const sandbox = portal()
    sandbox.link(['contacts', '1001'], ['companies', '1001'], 'Primary')
    sandbox.link(['contacts', '1002'], ['companies', '1002'], 'Primary')
    sandbox.link(['contacts', '1002'], ['contacts', '1001'])
    sandbox.mergeRecords('contacts', '1001', '1002')
    expect(labelsOf(sandbox)).toEqual([['1001', 'Primary'], ['1002']])
    expect(sandbox.links('contacts', '1001', 'contacts')).toEqual([])
    expect(sandbox.links('companies', '1002', 'contacts')).toMatchObject([{ toId: '1001' }])
  })
})

describe('labels', () => {
  test('are listed by direction, the unlabelled one as null', () => {
    const sandbox = portal()
    expect(sandbox.send('GET', LABELS).body.results).toEqual([
      { category: 'HUBSPOT_DEFINED', typeId: 279, label: null },
      { category: 'HUBSPOT_DEFINED', typeId: 1, label: 'Primary' },
    ])
    expect(
      sandbox.send('GET', '/crm/v4/associations/0-2/company/labels').body.results,
    ).toMatchObject([
      { typeId: 450, label: null },
      { typeId: 13, label: 'Child Company' },
      { typeId: 14, label: 'Parent Company' },
    ])
    expect(sandbox.send('GET', '/crm/v4/associations/contacts/nothings/labels').status).toBe(400)
  })

  test('are made in both directions, renamed and taken away', () => {
    const sandbox = portal()
    const body = { name: 'works_for', label: 'Works for', inverseLabel: 'Employs' }
    const made = sandbox.send('POST', LABELS, body)
    expect(made.status).toBe(200)
    const [there, back] = made.body.results
    expect(there).toMatchObject({ category: 'USER_DEFINED', label: 'Works for' })
    expect(back).toMatchObject({ category: 'USER_DEFINED', label: 'Employs' })
    expect(sandbox.send('POST', LABELS, body).status).toBe(409)
    expect(sandbox.send('POST', LABELS, { name: '1-x', label: 'X' }).status).toBe(400)
    expect(sandbox.send('POST', LABELS, { name: 'x' }).status).toBe(400)

    sandbox.link(['companies', '1001'], ['contacts', '1001'], 'Employs')
    expect(labelsOf(sandbox)).toEqual([['1001', 'Works for']])
    const renamed = { associationTypeId: there.typeId, label: 'Staff of' }
    expect(sandbox.send('PUT', LABELS, renamed).status).toBe(204)
    expect(labelsOf(sandbox)).toEqual([['1001', 'Staff of']])
    expect(sandbox.send('PUT', LABELS, { associationTypeId: 1, label: 'Main' }).status).toBe(404)

    expect(sandbox.send('DELETE', `${LABELS}/${there.typeId}`).status).toBe(204)
    expect(sandbox.send('DELETE', `${LABELS}/${there.typeId}`).status).toBe(404)
    expect(labelsOf(sandbox)).toEqual([['1001']])
  })

  test('of one object with itself are mutual, or have two sides', () => {
    const sandbox = portal()
    expect(sandbox.defineLabel('contacts', 'contacts', { label: 'Colleague' })).toHaveLength(1)
    const sides = { label: 'Manager', inverseLabel: 'Report' }
    expect(sandbox.defineLabel('contacts', 'contacts', sides)).toHaveLength(2)
    sandbox.link(['contacts', '1001'], ['contacts', '1002'], 'Manager', 'Colleague')
    expect(sandbox.links('contacts', '1002', 'contacts')).toMatchObject([
      { toId: '1001', labels: ['Colleague', 'Report'] },
    ])
  })

  test('outlive a reset when the control made them', () => {
    const sandbox = portal()
    sandbox.defineLabel('contacts', 'companies', { label: 'Buyer' })
    sandbox.reset()
    expect(sandbox.send('GET', LABELS).body.results).toHaveLength(3)
  })

  test('of custom objects have ids of their own in every account', () => {
    const machine = {
      name: 'machine',
      labels: { singular: 'Machine', plural: 'Machines' },
      requiredProperties: ['serial'],
      properties: [{ name: 'serial', label: 'Serial', type: 'string', fieldType: 'text' }],
      associatedObjects: ['CONTACT'],
    }
    const ids = [4_242_424, 77].map((portalId) => {
      const sandbox = converse({ portalId })
      const type = sandbox.createObjectType(machine)
      const path = `/crm/v4/associations/${type}/contacts/labels`
      const [first] = sandbox.send('GET', path).body.results
      expect(first).toMatchObject({ category: 'USER_DEFINED', label: null })
      const other = sandbox.send('GET', `/crm/v4/associations/${type}/deals/labels`)
      expect(other.body.results).toEqual([])
      return first.typeId
    })
    expect(new Set(ids).size).toBe(2)
  })
})
