import { describe, expect, test } from 'vitest'
import { converse, NOON, traced } from './conversation.ts'

const CONTACTS = '/crm/v3/objects/contacts'

describe('the request log', () => {
  test('keeps what was asked and answered', () => {
    const sandbox = converse()
    sandbox.send('GET', `${CONTACTS}?limit=5`)
    sandbox.send(
      'POST',
      `${CONTACTS}/batch/create`,
      traced([{ properties: {} }, { properties: {} }]),
    )
    expect(sandbox.requests()).toMatchObject([
      { number: 1, method: 'GET', path: CONTACTS, query: 'limit=5', status: 200, batchSize: 0 },
      {
        number: 2,
        operation: 'objects.batch.create',
        kind: 'write',
        status: 201,
        batchSize: 2,
        traceIds: ['t0', 't1'],
        time: NOON,
        fault: undefined,
      },
    ])
  })

  test('forgets old requests but counts them', () => {
    const sandbox = converse({ logSize: 3 })
    for (let n = 0; n < 10; n++) sandbox.send('POST', CONTACTS, { properties: {} })
    sandbox.send('GET', CONTACTS)
    expect(sandbox.requests().map(({ number }) => number)).toEqual([9, 10, 11])
    expect(sandbox.counts()).toMatchObject({
      total: 11,
      writeCalls: 10,
      writeInputs: 10,
      byKind: { write: 10, read: 1 },
      byOperation: { 'objects.create': 10, 'objects.list': 1 },
      byStatus: { 201: 10, 200: 1 },
    })
    expect(sandbox.writeCalls()).toBe(10)
  })
})

describe('direct access', () => {
  test('seeds read-only values and refuses nonsense', () => {
    const sandbox = converse()
    const [id = ''] = sandbox.seedRecords('contacts', [{ email: 'A@example.com', num_notes: '3' }])
    expect(sandbox.record('contacts', id)).toMatchObject({
      id,
      archived: false,
      createdAt: NOON,
      properties: { email: 'a@example.com', num_notes: '3', hs_object_id: id },
    })
    expect(() => sandbox.seedRecords('contacts', [{ email: 'a@example.com' }])).toThrow(
      /already has/,
    )
    expect(() => sandbox.seedRecords('contacts', [{ nothing: '1' }])).toThrow(/no property/)
    expect(() => sandbox.seedRecords('unicorns', [])).toThrow(/no object type/)
  })

  test('resets to the start', () => {
    const sandbox = converse({ faults: [{ match: { nth: 1 }, kind: 'status' }] })
    sandbox.seedRecords('contacts', [{ city: 'Bonn' }])
    sandbox.send('GET', CONTACTS)
    sandbox.reset()
    expect(sandbox.records('contacts')).toEqual([])
    expect(sandbox.counts().total).toBe(0)
    expect(sandbox.send('GET', CONTACTS).status).toBe(503)
  })

  test('keeps defined properties through resets', () => {
    const sandbox = converse()
    const shape = { type: 'string', fieldType: 'text' }
    sandbox.defineProperties({ contacts: [{ name: 'plan', ...shape }] })
    sandbox.createProperty('contacts', { name: 'passing', ...shape })
    sandbox.reset()
    sandbox.reset()
    expect(sandbox.property('contacts', 'plan')).toMatchObject({ name: 'plan' })
    expect(sandbox.property('contacts', 'passing')).toBeUndefined()
  })

  test('lists requests that a validator objects to', () => {
    const sandbox = converse({
      validateRequest: ({ body }) => (body === undefined ? [] : ['no bodies, please']),
    })
    expect(sandbox.send('POST', CONTACTS, { properties: {} })).toMatchObject({
      status: 400,
      body: { message: "The request does not match HubSpot's API: no bodies, please" },
    })
    expect(sandbox.violations).toEqual([
      { method: 'POST', path: CONTACTS, problems: ['no bodies, please'] },
    ])
  })
})
