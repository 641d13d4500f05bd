import { describe, expect, test } from 'vitest'
import { type Conversation, converse } from './conversation.ts'

const SEARCH = '/crm/v3/objects/contacts/search'

interface Asked {
  readonly propertyName: string
  readonly operator: string
  readonly value?: string
  readonly highValue?: string
  readonly values?: readonly string[]
}

const query = (filters: readonly Asked[], more: Record<string, unknown> = {}) => ({
  after: '0',
  filterGroups: filters.length > 0 ? [{ filters }] : [],
  limit: 10,
  properties: ['city'],
  sorts: [],
  ...more,
})

function people(): Conversation {
  const sandbox = converse({ tier: 'unlimited' })
  sandbox.seedRecords('contacts', [
    { email: 'ada@example.com', city: 'Bonn', annualrevenue: '9', lifecyclestage: 'lead' },
    { email: 'ben@example.com', city: 'Köln', annualrevenue: '100', lifecyclestage: 'customer' },
    { email: 'eve@example.org', annualrevenue: '20' },
  ])
  return sandbox
}

const found = (sandbox: Conversation, body: unknown): string[] => {
  const reply = sandbox.send('POST', SEARCH, body)
  return reply.body.results.map((result: { id: string }) => result.id)
}

describe('searching', () => {
  test.each<[Asked, string[]]>([
    [{ propertyName: 'city', operator: 'EQ', value: 'BONN' }, ['1001']],
    [{ propertyName: 'city', operator: 'NEQ', value: 'Bonn' }, ['1002', '1003']],
    [{ propertyName: 'city', operator: 'IN', values: ['bonn', 'köln'] }, ['1001', '1002']],
    [{ propertyName: 'city', operator: 'IN', values: ['Bonn'] }, []],
    [{ propertyName: 'city', operator: 'NOT_IN', values: ['bonn'] }, ['1002']],
    [{ propertyName: 'lifecyclestage', operator: 'IN', values: ['lead'] }, ['1001']],
    [{ propertyName: 'city', operator: 'HAS_PROPERTY' }, ['1001', '1002']],
    [{ propertyName: 'city', operator: 'NOT_HAS_PROPERTY' }, ['1003']],
    [{ propertyName: 'annualrevenue', operator: 'GT', value: '9' }, ['1002', '1003']],
    [{ propertyName: 'annualrevenue', operator: 'LTE', value: '20' }, ['1001', '1003']],
    [
      { propertyName: 'annualrevenue', operator: 'BETWEEN', value: '10', highValue: '50' },
      ['1003'],
    ],
    [
      { propertyName: 'email', operator: 'CONTAINS_TOKEN', value: '*example.com' },
      ['1001', '1002'],
    ],
    [{ propertyName: 'hs_object_id', operator: 'EQ', value: '1002' }, ['1002']],
    [
      { propertyName: 'createdate', operator: 'GTE', value: '2026-11-23' },
      ['1001', '1002', '1003'],
    ],
  ])('%j', (filter, ids) => {
    expect(found(people(), query([filter]))).toEqual(ids)
  })

  test('takes filter groups as alternatives and filters of a group together', () => {
    const city = (value: string) => ({ propertyName: 'city', operator: 'EQ', value })
    const groups = [
      { filters: [city('Bonn')] },
      { filters: [city('Köln'), { propertyName: 'annualrevenue', operator: 'LT', value: '1' }] },
    ]
    expect(found(people(), query([], { filterGroups: groups }))).toEqual(['1001'])
  })

  test('pages and sorts', () => {
    const sandbox = people()
    const sorted = query([], { sorts: ['-annualrevenue'], limit: 2 })
    const first = sandbox.send('POST', SEARCH, sorted).body
    expect(first).toMatchObject({ total: 3, paging: { next: { after: '2' } } })
    expect(first.results.map((result: { id: string }) => result.id)).toEqual(['1002', '1003'])
    expect(found(sandbox, { ...sorted, after: '2' })).toEqual(['1001'])
  })

  test('finds words in the searchable properties', () => {
    expect(found(people(), query([], { query: 'ADA' }))).toEqual(['1001'])
  })

  test.each([
    ['a body over 3,000 characters', query([], { query: 'x'.repeat(3000) })],
    ['pages over 200', query([], { limit: 201 })],
    ['results after 10,000', query([], { after: '9995' })],
    ['unknown properties', query([{ propertyName: 'x', operator: 'EQ', value: '1' }])],
    ['unknown operators', query([{ propertyName: 'city', operator: 'LIKE', value: '1' }])],
    ['six groups', query([], { filterGroups: Array(6).fill({ filters: [] }) })],
  ])('refuses %s', (_case, body) => {
    expect(people().send('POST', SEARCH, body).status).toBe(400)
  })

  test('does not see archived records', () => {
    const sandbox = people()
    sandbox.archiveRecord('contacts', '1001')
    expect(found(sandbox, query([]))).toEqual(['1002', '1003'])
  })

  test('sees changes only after the index lag', () => {
    const sandbox = converse({ quirks: { searchLagMs: 5000 } })
    const [id = ''] = sandbox.seedRecords('contacts', [{ city: 'Bonn' }])
    const inBonn = query([{ propertyName: 'city', operator: 'EQ', value: 'Bonn' }])
    expect(found(sandbox, inBonn)).toEqual([])
    sandbox.wait(5000)
    expect(found(sandbox, inBonn)).toEqual([id])
    sandbox.changeRecord('contacts', id, { city: 'Köln' })
    expect(found(sandbox, inBonn)).toEqual([id])
    sandbox.wait(5000)
    expect(found(sandbox, inBonn)).toEqual([])
  })
})
