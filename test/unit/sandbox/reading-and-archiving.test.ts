import { describe, expect, test } from 'vitest'
import { converse } from './conversation.ts'

const CONTACTS = '/crm/v3/objects/contacts'
const READ = `${CONTACTS}/batch/read`
const ask = (ids: readonly string[], more: Record<string, unknown> = {}) => ({
  inputs: ids.map((id) => ({ id })),
  properties: [],
  propertiesWithHistory: [],
  ...more,
})

describe('reading a batch', () => {
  test('gives unset properties as null and leaves unknown ones out', () => {
    const sandbox = converse()
    const [id = ''] = sandbox.seedRecords('contacts', [{ email: 'a@example.com', city: 'Bonn' }])
    const { body } = sandbox.send(
      'POST',
      READ,
      ask([id], { properties: ['city', 'zip', 'nothing'] }),
    )
    expect(body.results[0].properties).toEqual({
      city: 'Bonn',
      zip: null,
      hs_object_id: id,
      createdate: '2026-11-23T12:00:00.000Z',
      lastmodifieddate: '2026-11-23T12:00:00.000Z',
    })
  })

  test('finds by e-mail and puts all missing ids into one error', () => {
    const sandbox = converse()
    const [id] = sandbox.seedRecords('contacts', [{ email: 'a@example.com' }])
    const ids = ['A@example.com', 'b@example.com', 'c@example.com']
    const { status, body } = sandbox.send('POST', READ, ask(ids, { idProperty: 'email' }))
    expect(status).toBe(207)
    expect(body).toMatchObject({
      results: [{ id }],
      numErrors: 1,
      errors: [
        {
          message:
            'Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.',
          context: { ids: ['b@example.com', 'c@example.com'] },
        },
      ],
    })
  })

  test('refuses a property that is not unique', () => {
    const { status } = converse().send('POST', READ, ask(['x'], { idProperty: 'firstname' }))
    expect(status).toBe(400)
  })

  test('tells each value that a property had, the newest first, and who wrote it', () => {
    const sandbox = converse()
    const [id = '', other = ''] = sandbox.seedRecords('contacts', [
      { email: 'a@example.com', city: 'Bonn' },
      { zip: '53111' },
    ])
    sandbox.changeRecord('contacts', id, { city: 'Ulm' })
    sandbox.send('PATCH', `${CONTACTS}/${id}`, { properties: { city: '' } })
    sandbox.mergeRecords('contacts', id, other)
    const names = ['city', 'zip', 'phone']
    const { body } = sandbox.send('POST', READ, ask([id], { propertiesWithHistory: names }))
    const history = body.results[0].propertiesWithHistory
    expect(history.city).toMatchObject([
      { value: '', sourceType: 'INTEGRATION', sourceId: '1' },
      { value: 'Ulm', sourceType: 'CRM_UI', updatedByUserId: 9586501 },
      { value: 'Bonn', sourceType: 'IMPORT' },
    ])
    expect(history.zip).toMatchObject([{ value: '53111', sourceType: 'MERGE_OBJECTS' }])
    expect(history.phone).toEqual([])
  })

  test('follows a merged id to the survivor', () => {
    const sandbox = converse()
    const [kept = '', gone = ''] = sandbox.seedRecords('contacts', [{ city: 'A' }, { city: 'B' }])
    sandbox.mergeRecords('contacts', kept, gone)
    expect(sandbox.send('POST', READ, ask([gone])).body.results[0].id).toBe(kept)
  })
})

describe('archiving', () => {
  test('answers 204 for known and unknown records alike', () => {
    const sandbox = converse()
    const [id = ''] = sandbox.seedRecords('contacts', [{ email: 'a@example.com' }])
    const archive = { inputs: [{ id }, { id: '404' }] }
    expect(sandbox.send('POST', `${CONTACTS}/batch/archive`, archive).status).toBe(204)
    expect(sandbox.send('DELETE', `${CONTACTS}/${id}`).status).toBe(204)
    expect(sandbox.record('contacts', id)?.archived).toBe(true)
    expect(sandbox.send('GET', `${CONTACTS}/${id}`).status).toBe(404)
    const { body } = sandbox.send('GET', `${CONTACTS}/${id}?archived=true`)
    expect(body).toMatchObject({ archived: true, archivedAt: '2026-11-23T12:00:00.000Z' })
  })
})

describe('single records', () => {
  test('are read and changed by e-mail', () => {
    const sandbox = converse()
    const [id] = sandbox.seedRecords('contacts', [{ email: 'a@example.com' }])
    const path = `${CONTACTS}/a%40example.com?idProperty=email`
    expect(sandbox.send('GET', `${path}&properties=email,city`).body.properties).toMatchObject({
      email: 'a@example.com',
      city: null,
    })
    expect(sandbox.send('PATCH', path, { properties: { city: 'Bonn' } }).body.id).toBe(id)
    expect(sandbox.send('PATCH', `${CONTACTS}/9`, { properties: {} }).status).toBe(404)
  })

  test('are listed page by page', () => {
    const sandbox = converse()
    sandbox.seedRecords('contacts', [{ city: 'A' }, { city: 'B' }, { city: 'C' }])
    const first = sandbox.send('GET', `${CONTACTS}?limit=2&properties=city`).body
    expect(first.results).toHaveLength(2)
    const second = sandbox.send('GET', `${CONTACTS}?limit=2&after=${first.paging.next.after}`).body
    expect(second.results).toHaveLength(1)
    expect(second).not.toHaveProperty('paging')
  })

  test('are merged, the e-mail of one becoming secondary', () => {
    const sandbox = converse()
    const [primary, other] = sandbox.seedRecords('contacts', [
      { email: 'a@example.com' },
      { email: 'b@example.com', city: 'Bonn' },
    ])
    const merge = { primaryObjectId: primary, objectIdToMerge: other }
    const { status, body } = sandbox.send('POST', `${CONTACTS}/merge`, merge)
    expect(status).toBe(200)
    expect(body.properties).toMatchObject({
      email: 'a@example.com',
      hs_additional_emails: 'b@example.com',
      city: 'Bonn',
    })
    expect(sandbox.findRecord('contacts', 'email', 'b@example.com')?.id).toBe(primary)
  })
})

test('an unknown object type is named', () => {
  const { status, body } = converse().send('GET', '/crm/v3/objects/unicorns')
  expect(status).toBe(404)
  expect(body.message).toBe('Unable to infer object type from: unicorns')
})
