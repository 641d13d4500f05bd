import { describe, expect, test } from 'vitest'
import { converse, traced } from './conversation.ts'

const CREATE = '/crm/v3/objects/contacts/batch/create'
const contact = (properties: Record<string, unknown>) => ({ properties, associations: [] })

describe('creating a batch of records', () => {
  test('answers 201 with every record, e-mails in lower case', () => {
    const sandbox = converse()
    const { status, body } = sandbox.send('POST', CREATE, {
      inputs: [contact({ email: 'Ada@Example.com', firstname: 'Ada' }), contact({ lastname: 'B' })],
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({ status: 'COMPLETE', results: [{}, {}] })
    expect(body.results[0].properties).toEqual({
      email: 'ada@example.com',
      firstname: 'Ada',
      createdate: '2026-11-23T12:00:00.000Z',
      lastmodifieddate: '2026-11-23T12:00:00.000Z',
      hs_object_id: '1001',
    })
    expect(sandbox.records('contacts')).toHaveLength(2)
  })

  test('refuses the whole batch for one bad record without trace ids', () => {
    const sandbox = converse()
    const { status, body } = sandbox.send('POST', CREATE, {
      inputs: [contact({ email: 'a@example.com' }), contact({ nonsense: '1' })],
    })
    expect(status).toBe(400)
    expect(body).toMatchObject({
      status: 'error',
      category: 'VALIDATION_ERROR',
      correlationId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/),
      errors: [{ code: 'PROPERTY_DOESNT_EXIST', context: { propertyName: ['nonsense'] } }],
    })
    expect(sandbox.records('contacts')).toEqual([])
  })

  test.each([
    ['one is left out', ['t0', undefined]],
    ['two are equal', ['t0', 't0']],
  ])('treats trace ids as absent where %s', (_case, traceIds) => {
    const sandbox = converse()
    const inputs = [contact({ email: 'a@example.com' }), contact({ email: 'no e-mail' })]
    const { status } = sandbox.send('POST', CREATE, {
      inputs: inputs.map((input, place) => ({ ...input, objectWriteTraceId: traceIds[place] })),
    })
    expect(status).toBe(400)
    expect(sandbox.records('contacts')).toEqual([])
  })

  test('writes the good records of a batch with unique trace ids and reports the others', () => {
    const sandbox = converse()
    const [existingId] = sandbox.seedRecords('contacts', [{ email: 'taken@example.com' }])
    const { status, body } = sandbox.send(
      'POST',
      CREATE,
      traced([
        contact({ email: 'TAKEN@example.com' }),
        contact({ email: 'good@example.com' }),
        contact({ lifecyclestage: 'Lead' }),
      ]),
    )
    expect(status).toBe(207)
    expect(body.numErrors).toBe(2)
    expect(body.errors[0]).toEqual({
      status: 'error',
      category: 'CONFLICT',
      message: `Contact already exists. Existing ID: ${existingId}`,
      context: { objectWriteTraceId: ['t0'], existingId: [existingId] },
    })
    expect(body.errors[1].context).toEqual({ objectWriteTraceId: ['t2'] })
    expect(body.errors[1].message).toContain('INVALID_OPTION')
    expect(body.results).toHaveLength(1)
    expect(body.results[0]).not.toHaveProperty('objectWriteTraceId')
    expect(sandbox.findRecord('contacts', 'email', 'good@example.com')).toBeDefined()
  })

  test('answers 409 for an existing e-mail without trace ids, with or without its id', () => {
    const body = { inputs: [contact({ email: 'taken@example.com' })] }
    for (const conflictNamesId of [true, false]) {
      const sandbox = converse({ quirks: { conflictNamesId } })
      const [id] = sandbox.seedRecords('contacts', [{ email: 'taken@example.com' }])
      const message = `Contact already exists${conflictNamesId ? `. Existing ID: ${id}` : ''}`
      expect(sandbox.send('POST', CREATE, body)).toMatchObject({
        status: 409,
        body: { category: 'CONFLICT', message },
      })
    }
  })

  test('sees a value that an earlier input of the same batch takes', () => {
    const sandbox = converse()
    const { body } = sandbox.send(
      'POST',
      CREATE,
      traced([contact({ email: 'one@example.com' }), contact({ email: 'ONE@example.com' })]),
    )
    expect(body.results).toHaveLength(1)
    expect(body.errors[0].context.existingId).toEqual([body.results[0].id])
  })

  test('knows secondary e-mails', () => {
    const sandbox = converse()
    const [id] = sandbox.seedRecords('contacts', [
      { email: 'a@example.com', hs_additional_emails: 'old@example.com;older@example.com' },
    ])
    const { body } = sandbox.send('POST', CREATE, traced([contact({ email: 'older@example.com' })]))
    expect(body.errors[0].context.existingId).toEqual([id])
  })

  test('wants what the type needs', () => {
    const sandbox = converse()
    const deal = contact({ dealname: 'Big' })
    const { status, body } = sandbox.send('POST', '/crm/v3/objects/deals/batch/create', {
      inputs: [deal],
    })
    expect(status).toBe(400)
    expect(body.context).toEqual({ properties: ['dealstage'] })
  })

  test('takes 100 inputs and refuses 101', () => {
    const sandbox = converse()
    const inputs = Array.from({ length: 101 }, (_, n) => contact({ email: `n${n}@example.com` }))
    expect(sandbox.send('POST', CREATE, { inputs }).status).toBe(400)
    expect(sandbox.send('POST', CREATE, { inputs: inputs.slice(1) }).status).toBe(201)
  })

  test.each([
    ['no JSON', '{'],
    ['no inputs', {}],
    ['no properties', { inputs: [{ associations: [] }] }],
    ['a list', []],
  ])('refuses a body with %s', (_case, body) => {
    expect(converse().send('POST', CREATE, body)).toMatchObject({
      status: 400,
      body: { category: 'VALIDATION_ERROR' },
    })
  })

  test('answers in another order than it was asked', () => {
    const sandbox = converse({ quirks: { shuffleResults: true } })
    const inputs = Array.from({ length: 20 }, (_, n) => contact({ email: `n${n}@example.com` }))
    const { body } = sandbox.send('POST', CREATE, { inputs })
    const ids: string[] = body.results.map((result: { id: string }) => result.id)
    expect(ids).not.toEqual(ids.toSorted())
    expect(ids.toSorted()).toEqual(sandbox.records('contacts').map(({ id }) => id))
  })

  test('repeats trace ids where asked to', () => {
    const sandbox = converse({ quirks: { echoTraceIds: true } })
    const { body } = sandbox.send('POST', CREATE, traced([contact({ email: 'a@example.com' })]))
    expect(body.results[0].objectWriteTraceId).toBe('t0')
  })

  test('is served under the dated path too', () => {
    const path = '/crm/objects/2026-03/0-1/batch/create'
    expect(converse().send('POST', path, { inputs: [contact({ firstname: 'A' })] }).status).toBe(
      201,
    )
  })
})
