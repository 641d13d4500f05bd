import { describe, expect, test } from 'vitest'
import { type Conversation, converse, NOON } from './conversation.ts'

const DEFINITIONS = '/events/v3/event-definitions'
const SEND = '/events/v3/send/batch'
const body = {
  name: 'job_scheduled',
  label: 'Job scheduled',
  includeDefaultProperties: false,
  propertyDefinitions: [
    { name: 'quantity', label: 'Quantity', type: 'number' },
    {
      name: 'plan',
      label: 'Plan',
      type: 'enumeration',
      options: [{ label: 'Gold', value: 'gold', hidden: false, displayOrder: 0 }],
    },
    { name: 'note', label: 'Note', type: 'string' },
  ],
}
const event = (fields: object = {}) => ({
  eventName: 'pe4242424_job_scheduled',
  objectId: '1001',
  properties: {},
  ...fields,
})

function given(): Conversation {
  const sandbox = converse()
  sandbox.seedRecords('contacts', [{ email: 'a@example.com' }])
  expect(sandbox.send('POST', DEFINITIONS, body).status).toBe(201)
  return sandbox
}
const send = (sandbox: Conversation, ...inputs: object[]) => sandbox.send('POST', SEND, { inputs })

describe('definitions of events', () => {
  test('are made once, found by either name, and deleted', () => {
    const sandbox = given()
    expect(sandbox.send('POST', DEFINITIONS, body)).toMatchObject({
      status: 409,
      body: { category: 'OBJECT_ALREADY_EXISTS' },
    })
    for (const name of ['job_scheduled', 'pe4242424_job_scheduled']) {
      expect(sandbox.send('GET', `${DEFINITIONS}/${name}`).body).toMatchObject({
        fullyQualifiedName: 'pe4242424_job_scheduled',
        primaryObjectId: '0-1',
        trackingType: 'MANUAL',
        properties: [{ name: 'quantity', type: 'number' }, { name: 'plan' }, { name: 'note' }],
      })
    }
    expect(sandbox.send('DELETE', `${DEFINITIONS}/job_scheduled`).status).toBe(204)
    expect(sandbox.send('GET', `${DEFINITIONS}/job_scheduled`).status).toBe(404)
  })

  test('are listed in pages, with properties on demand', () => {
    const sandbox = given()
    sandbox.send('POST', DEFINITIONS, { ...body, name: 'another', includeDefaultProperties: true })
    const first = sandbox.send('GET', `${DEFINITIONS}?limit=1&includeProperties=true`).body
    expect(first).toMatchObject({ total: 2, paging: { next: { after: '1' } } })
    expect(first.results[0].properties.map(({ name }: { name: string }) => name)).toContain(
      'hs_page_url',
    )
    const second = sandbox.send('GET', `${DEFINITIONS}?limit=1&after=1`).body
    expect(second).toMatchObject({ results: [{ name: 'job_scheduled', properties: [] }] })
  })

  test('get further properties', () => {
    const sandbox = given()
    const address = `${DEFINITIONS}/job_scheduled/property`
    const colour = { name: 'colour', label: 'Colour', type: 'string' }
    expect(sandbox.send('POST', address, colour)).toMatchObject({ status: 201, body: colour })
    expect(sandbox.send('POST', address, colour).status).toBe(409)
    expect(sandbox.send('POST', address, { label: 'x', type: 'bool' }).status).toBe(400)
  })

  test.each([['Bad-name'], ['a'.repeat(51)]])('refuse the name %s', (name) => {
    expect(converse().send('POST', DEFINITIONS, { ...body, name }).status).toBe(400)
  })
})

describe('sent events', () => {
  test('are stored with what they are about', () => {
    const sandbox = given()
    const occurredAt = '2026-01-02T03:04:05.000Z'
    const properties = { quantity: '3', plan: 'gold' }
    expect(send(sandbox, event({ uuid: 'u1', occurredAt, properties }), event()).status).toBe(204)
    expect(sandbox.events()).toMatchObject([
      { uuid: 'u1', objectId: '1001', occurredAt, properties },
      { objectId: '1001', occurredAt: new Date(NOON).toISOString() },
    ])
    expect(sandbox.counts()).toMatchObject({ writeCalls: 1, writeInputs: 2 })
  })

  test('are no double within a year when they have the same uuid', () => {
    const sandbox = given()
    const one = event({ uuid: 'u1' })
    for (let time = 0; time < 3; time += 1) expect(send(sandbox, one, one).status).toBe(204)
    expect(sandbox.events()).toHaveLength(1)
    sandbox.wait(366 * 86_400_000)
    send(sandbox, one)
    expect(sandbox.events()).toHaveLength(2)
  })

  test('of an unknown address make the contact, of an unknown id are accepted and lost', () => {
    const sandbox = given()
    const { objectId: _, ...nobody } = event()
    const sent = send(
      sandbox,
      { ...nobody, email: 'New@Example.com' },
      event({ objectId: '404' }),
      { ...nobody, utk: 'token' },
    )
    expect(sent.status).toBe(204)
    expect(sandbox.records('contacts')[1]?.properties['email']).toBe('new@example.com')
    expect(sandbox.events()).toMatchObject([{ objectId: '1002' }, { utk: 'token' }])
  })

  test.each<[string, object]>([
    ['an unknown event', { eventName: 'job_scheduled' }],
    ['no identifier', { objectId: '' }],
    ['an undeclared property', { properties: { size: '1' } }],
    ['no number', { properties: { quantity: 'many' } }],
    ['no option', { properties: { plan: 'lead' } }],
    ['too long a value', { properties: { note: 'x'.repeat(257) } }],
    ['a bad moment', { occurredAt: 'yesterday' }],
  ])('are refused as a whole for %s', (_case, fields) => {
    const sandbox = given()
    const reply = send(sandbox, event(), event(fields))
    expect(reply).toMatchObject({ status: 400, body: { category: 'VALIDATION_ERROR' } })
    expect(sandbox.events()).toEqual([])
  })

  test('number 500 a request, and count against no limit of the records', () => {
    const sandbox = given()
    const many = (count: number) => Array.from({ length: count }, () => event())
    expect(send(sandbox, ...many(500)).status).toBe(204)
    expect(send(sandbox, ...many(501)).status).toBe(400)
    const limited = converse({ limits: { perTenSeconds: 0, eventsPerSecond: 1 } })
    limited.defineEvents([{ name: 'job_scheduled' }])
    expect(send(limited, event()).status).toBe(204)
    expect(send(limited, event()).status).toBe(429)
  })

  test('need scopes of their own', () => {
    const token = { token: 'reader', scopes: ['crm.objects.contacts.read'] }
    const sandbox = converse({ tokens: [token] })
    expect(sandbox.send('GET', DEFINITIONS, undefined, 'reader')).toMatchObject({
      status: 403,
      body: { category: 'MISSING_SCOPES' },
    })
    expect(sandbox.send('POST', SEND, { inputs: [] }, 'reader').status).toBe(403)
  })
})
