import { expect, test } from 'vitest'
import {
  adoptValues,
  type ComparedProperty,
  isSameValue,
} from '../../../src/resolve/adopt-values.ts'

const property = (name: string, rest: Partial<ComparedProperty> = {}): ComparedProperty => ({
  name,
  type: 'string',
  isMulti: false,
  foldsCase: false,
  write: 'always',
  ...rest,
})

test.each([
  ['string', 'Ada', 'Ada', true],
  ['string', ' Ada ', 'Ada', true],
  ['string', 'Ada', 'ADA', false],
  ['string', 'Ada', '', false],
  ['string', '1', '1.0', false],
  ['string', '2026-01-31', '2026-01-31T00:00:00Z', false],
  ['number', '12.5', '12.50', true],
  ['number', '12', '12.0', true],
  ['number', '-0', '0', true],
  ['number', '0.1', '.1', true],
  ['number', '1000000', '1.0E6', true],
  ['number', '12345678901234567', '12345678901234568', false],
  ['number', '1', 'one', false],
  ['bool', 'true', 'True', true],
  ['bool', 'true', 'false', false],
  ['date', '2020-02-29', '2020-02-29', true],
  ['date', '2020-02-29', '1582934400000', true],
  ['date', '2020-02-29', '2020-03-01', false],
  ['datetime', '2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00Z', true],
  ['datetime', '2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.001Z', false],
  ['datetime', '2026-01-31T12:00:00.000Z', 'soon', false],
  ['enumeration', 'lead', 'Lead', false],
] as const)('%s: %s and %s', (type, wanted, found, isSame) => {
  expect(isSameValue({ type, isMulti: false, foldsCase: false }, wanted, found)).toBe(isSame)
})

test('several options are a set, and addresses have no case', () => {
  const tags = { type: 'enumeration', isMulti: true, foldsCase: false }
  expect(isSameValue(tags, 'b;a', 'a;b')).toBe(true)
  expect(isSameValue(tags, 'a', 'a;b')).toBe(false)
  const email = { type: 'string', isMulti: false, foldsCase: true }
  expect(isSameValue(email, 'ada@shop.example', 'ADA@shop.example')).toBe(true)
})

test('a row is taken to have been sent what its record holds, as far as it says anything of it', () => {
  const properties = [
    property('firstname'),
    property('city'),
    property('phone'),
    property('zip'),
    property('stage', { write: 'create_only' }),
    property('title', { write: 'if_empty' }),
    property('fax', { write: 'if_empty' }),
    property('note', { write: 'if_empty' }),
  ]
  const row = {
    firstname: ' Ada',
    city: 'Rome',
    zip: '1',
    stage: 'lead',
    title: 'Dr',
    fax: '2',
    note: 'x',
  }
  const held = {
    firstname: 'Ada',
    city: 'Bonn',
    phone: '7',
    zip: null,
    stage: 'lead',
    title: 'Mrs',
    fax: '2',
  }
  expect(adoptValues(row, held, properties)).toEqual({
    values: { firstname: ' Ada', city: 'Bonn', fax: '2' },
    differing: ['city', 'zip', 'note'],
  })
})
