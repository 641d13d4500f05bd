import { describe, expect, test } from 'vitest'
import { type Conversation, converse, traced } from './conversation.ts'

const UPDATE = '/crm/v3/objects/contacts/batch/update'
const UPSERT = '/crm/v3/objects/contacts/batch/upsert'
const COMPANY_UPSERT = '/crm/v3/objects/companies/batch/upsert'

function withExternalId(sandbox: Conversation, objectType = 'companies'): Conversation {
  sandbox.createProperty(objectType, {
    name: 'external_id',
    type: 'string',
    fieldType: 'text',
    hasUniqueValue: true,
  })
  return sandbox
}

const byEmail = (id: string, properties: Record<string, unknown> = {}) => ({
  id,
  idProperty: 'email',
  properties,
})

describe('updating a batch of records', () => {
  test('answers the changed properties only', () => {
    const sandbox = converse()
    const [id] = sandbox.seedRecords('contacts', [{ email: 'a@example.com', firstname: 'Ada' }])
    sandbox.wait(60_000)
    const { status, body } = sandbox.send('POST', UPDATE, {
      inputs: [{ id, properties: { lastname: 'Marlow' } }],
    })
    expect(status).toBe(200)
    expect(body.results[0].properties).toEqual({
      lastname: 'Marlow',
      hs_object_id: id,
      createdate: '2026-11-23T12:00:00.000Z',
      lastmodifieddate: '2026-11-23T12:01:00.000Z',
    })
  })

  test('reports unknown ids in one error, trace ids or not', () => {
    const sandbox = converse()
    const [id] = sandbox.seedRecords('contacts', [{ email: 'a@example.com' }])
    const inputs = [id, '98', '99'].map((known) => ({ id: known, properties: { city: 'Bonn' } }))
    const untraced = sandbox.send('POST', UPDATE, { inputs })
    expect(untraced.status).toBe(207)
    expect(untraced.body).toMatchObject({
      results: [{ id }],
      numErrors: 1,
      errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['98', '99'] } }],
    })
    const { body } = sandbox.send('POST', UPDATE, traced(inputs))
    expect(body.errors.map((error: { context: unknown }) => error.context)).toEqual([
      { objectWriteTraceId: ['t1'], ids: ['98'] },
      { objectWriteTraceId: ['t2'], ids: ['99'] },
    ])
  })

  test('refuses one id twice, trace ids or not', () => {
    const sandbox = converse()
    const [id = ''] = sandbox.seedRecords('contacts', [{ email: 'a@example.com' }])
    const input = { id, properties: { city: 'Bonn' } }
    for (const body of [{ inputs: [input, input] }, traced([input, input])]) {
      expect(sandbox.send('POST', UPDATE, body)).toMatchObject({
        status: 400,
        body: {
          message: `Duplicate IDs found in batch input: [${id}]. IDs must be unique`,
          context: { ids: [id] },
        },
      })
    }
  })

  test('refuses contacts by e-mail', () => {
    const sandbox = converse()
    sandbox.seedRecords('contacts', [{ email: 'a@example.com' }])
    const { status, body } = sandbox.send('POST', UPDATE, { inputs: [byEmail('a@example.com')] })
    expect(status).toBe(400)
    expect(body.message).toBe('Unable to perform update/upsert by non-unique 0-1 property email')
  })

  test('finds other objects by a unique property', () => {
    const sandbox = withExternalId(converse())
    const [id] = sandbox.seedRecords('companies', [{ name: 'Acme', external_id: 'x1' }])
    const { body } = sandbox.send('POST', '/crm/v3/objects/companies/batch/update', {
      inputs: [{ id: 'x1', idProperty: 'external_id', properties: { name: 'Acme AG' } }],
    })
    expect(body.results[0].id).toBe(id)
  })

  test('is silent about a record that was merged into another', () => {
    const sandbox = converse()
    const [kept = '', gone = ''] = sandbox.seedRecords('contacts', [
      { email: 'a@example.com' },
      { email: 'b@example.com' },
    ])
    sandbox.mergeRecords('contacts', kept, gone)
    const { status, body } = sandbox.send('POST', UPDATE, {
      inputs: [{ id: gone, properties: { city: 'Bonn' } }],
    })
    expect(status).toBe(200)
    expect(body.results).toEqual([])
    expect(sandbox.record('contacts', kept)?.properties['hs_additional_emails']).toBe(
      'b@example.com',
    )
  })

  test('clears with an empty value', () => {
    const sandbox = converse()
    const [id = ''] = sandbox.seedRecords('contacts', [{ email: 'a@example.com', city: 'Bonn' }])
    sandbox.send('POST', UPDATE, { inputs: [{ id, properties: { city: '' } }] })
    expect(sandbox.record('contacts', id)?.properties).not.toHaveProperty('city')
  })

  test('refuses a unique value that another record has', () => {
    const sandbox = withExternalId(converse())
    const [, second] = sandbox.seedRecords('companies', [
      { name: 'A', external_id: 'x1' },
      { name: 'B', external_id: 'x2' },
    ])
    const { status, body } = sandbox.send('POST', '/crm/v3/objects/companies/batch/update', {
      inputs: [{ id: second, properties: { external_id: 'x1' } }],
    })
    expect(status).toBe(400)
    expect(body.errors[0].code).toBe('CONFLICTING_UNIQUE_VALUE')
  })
})

describe('upserting a batch of records', () => {
  test('creates and changes, and says which', () => {
    const sandbox = converse()
    const [id] = sandbox.seedRecords('contacts', [{ email: 'old@example.com' }])
    const { status, body } = sandbox.send('POST', UPSERT, {
      inputs: [byEmail('OLD@example.com', { city: 'Bonn' }), byEmail('New@example.com')],
    })
    expect(status).toBe(200)
    expect(body.results[0]).toMatchObject({ id, new: false })
    expect(body.results[0].properties).not.toHaveProperty('email')
    expect(body.results[1]).toMatchObject({ new: true, properties: { email: 'new@example.com' } })
  })

  test('changes the contact whose secondary e-mail it is given', () => {
    const sandbox = converse()
    const [id] = sandbox.seedRecords('contacts', [
      { email: 'a@example.com', hs_additional_emails: 'b@example.com' },
    ])
    const { body } = sandbox.send('POST', UPSERT, { inputs: [byEmail('b@example.com')] })
    expect(body.results[0]).toMatchObject({ id, new: false })
  })

  test('refuses e-mails that differ in case only', () => {
    const { status, body } = converse().send(
      'POST',
      UPSERT,
      traced([byEmail('a@example.com'), byEmail('A@example.com')]),
    )
    expect(status).toBe(400)
    expect(body.context.ids).toEqual(['a@example.com'])
  })

  test.each([
    ['domain', 'Unable to perform update/upsert by non-unique 0-2 property domain'],
    ['hs_object_id', 'Unable to perform update/upsert by non-unique 0-2 property hs_object_id'],
  ])('refuses companies by %s', (idProperty, message) => {
    const input = { id: 'x', idProperty, properties: { name: 'Acme' } }
    const { status, body } = converse().send('POST', COMPANY_UPSERT, traced([input]))
    expect({ status, message: body.message }).toEqual({ status: 400, message })
  })

  test('rejects single records with trace ids, all without', () => {
    const sandbox = withExternalId(converse())
    const input = (id: string, properties: Record<string, string>) => ({
      id,
      idProperty: 'external_id',
      properties,
    })
    const inputs = [input('1', { name: 'A', annualrevenue: '1,000' }), input('2', { name: 'B' })]
    expect(sandbox.send('POST', COMPANY_UPSERT, { inputs }).status).toBe(400)
    expect(sandbox.countRecords('companies')).toBe(0)
    const { status, body } = sandbox.send('POST', COMPANY_UPSERT, traced(inputs))
    expect(status).toBe(207)
    expect(body.errors[0].context.objectWriteTraceId).toEqual(['t0'])
    expect(sandbox.findRecord('companies', 'external_id', '2')).toBeDefined()
  })

  test('makes a new record where the old one is archived', () => {
    const sandbox = withExternalId(converse())
    const [id = ''] = sandbox.seedRecords('companies', [{ name: 'A', external_id: 'x' }])
    sandbox.archiveRecord('companies', id)
    const { body } = sandbox.send('POST', COMPANY_UPSERT, {
      inputs: [{ id: 'x', idProperty: 'external_id', properties: { name: 'A' } }],
    })
    expect(body.results[0]).toMatchObject({ new: true })
    expect(body.results[0].id).not.toBe(id)
  })
})
