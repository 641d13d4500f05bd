import { expect, test } from 'vitest'
import { changedValues, linkTarget } from '../../../src/report/recorded-changes.ts'

const digest = 'a'.repeat(64)

test('values are shown as the setting allows now, whatever the audit held before', () => {
  const values = (allowed: 'full' | 'hashed' | 'none') =>
    changedValues(
      ['email', 'city'],
      { email: 'old@shop.example' },
      { email: digest, city: '' },
      allowed,
    )
  expect(values('full')).toEqual({ email: ['old@shop.example', digest], city: [null, ''] })
  expect(values('hashed')).toEqual({ email: [null, digest], city: [null, null] })
  expect(values('none')).toEqual({ email: [null, null], city: [null, null] })
})

test('what a record is looked up by is a value; keys of rows and record ids are none', () => {
  expect(linkTarget('companies/sync:account_id', '42', 'none')).toBe('42')
  expect(linkTarget('companies/id:hs_id', '901', 'hashed')).toBe('901')
  expect(linkTarget('companies/domain:employer', 'shop.example', 'full')).toBe('shop.example')
  expect(linkTarget('companies/domain:employer', 'shop.example', 'hashed')).toBeNull()
  expect(linkTarget('companies/domain:employer', digest, 'hashed')).toBe(digest)
  expect(linkTarget('companies/domain:employer', digest, 'none')).toBeNull()
})

test('a property may be named as what every object has', () => {
  expect(changedValues(['constructor', 'valueof'], {}, { constructor: 'x' }, 'full')).toEqual({
    constructor: [null, 'x'],
    valueof: [null, null],
  })
})
