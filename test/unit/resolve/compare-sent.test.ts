import { expect, test } from 'vitest'
import type { ComparedProperty } from '../../../src/resolve/adopt-values.ts'
import { compareSent, isOwnWrite, lackingTypes } from '../../../src/resolve/compare-sent.ts'

const property = (name: string, parts: Partial<ComparedProperty> = {}): ComparedProperty => ({
  name,
  type: 'string',
  isMulti: false,
  foldsCase: false,
  write: 'always',
  ...parts,
})

const properties = [
  property('email', { foldsCase: true }),
  property('revenue', { type: 'number' }),
  property('topics', { type: 'enumeration', isMulti: true }),
  property('since', { type: 'date' }),
  property('stage', { write: 'create_only' }),
  property('source', { write: 'if_empty' }),
]

test('what says the same, what was never sent, and what HubSpot owns is no drift', () => {
  const sent = {
    email: 'a@shop.example',
    revenue: '5',
    topics: 'a;b',
    since: '2026-01-02',
    stage: 'x',
    source: 'y',
  }
  const held = {
    email: 'A@Shop.example',
    revenue: '5.00',
    topics: 'b;a',
    since: '1767312000000',
    stage: 'other',
    source: null,
  }
  expect(compareSent(sent, held, properties, '?')).toEqual([])
  expect(compareSent({}, { revenue: '7' }, properties, '?')).toEqual([])
})

test('no value and a cleared one are the same; a value in doubt says nothing', () => {
  expect(compareSent({ revenue: '' }, { revenue: null }, properties, '?')).toEqual([])
  expect(compareSent({ revenue: '?' }, { revenue: '7' }, properties, '?')).toEqual([])
  expect(compareSent({ revenue: '', topics: 'a' }, { revenue: '7' }, properties, '?')).toEqual([
    { property: 'revenue', expected: '', held: '7' },
    { property: 'topics', expected: 'a', held: '' },
  ])
})

test('a write is ours where the app is known and the same', () => {
  const write = { value: 'x', atMs: 1, sourceType: 'INTEGRATION', sourceId: '12' }
  expect(isOwnWrite(write, '12')).toBe(true)
  expect(isOwnWrite(write, '13')).toBe(false)
  expect(isOwnWrite(write, undefined)).toBe(false)
  expect(isOwnWrite(undefined, '12')).toBe(false)
  // The id of a workflow may be that of an app.
  expect(isOwnWrite({ ...write, sourceType: 'AUTOMATION_PLATFORM' }, '12')).toBe(false)
})

test('only types that were set and are missing count', () => {
  expect(lackingTypes([], ['HUBSPOT_DEFINED:279'])).toEqual([])
  expect(lackingTypes(['USER_DEFINED:7'], ['HUBSPOT_DEFINED:279'])).toEqual(['USER_DEFINED:7'])
})
