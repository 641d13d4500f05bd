import { expect, test } from 'vitest'
import { withhold } from '../../../src/resolve/withhold.ts'

const policies = { createOnly: ['city'], ifEmpty: ['jobtitle', 'phone'] }
const planned = {
  newValues: '{"city":"Rome","firstname":"Ada","jobtitle":"Dr","phone":"1"}',
  changedProperties: '["city","firstname","jobtitle","phone"]',
  doubtfulValues: '{"city":"\\u0001","firstname":"\\u0001","jobtitle":"\\u0001","phone":"\\u0001"}',
  auditOld: '{"phone":"0"}',
  auditNew: null,
}
const found = (properties: Readonly<Record<string, string | null>>) => ({
  recordId: '1',
  value: 'ada@shop.example',
  properties,
  createdAtMs: 0,
})

test('a record that is not there gets everything', () => {
  expect(withhold(planned, undefined, policies)).toBeUndefined()
})

test('a record that is there keeps what it holds, and gets nothing that only a create sends', () => {
  expect(withhold(planned, found({ jobtitle: '', phone: '7' }), policies)).toEqual({
    newValues: '{"firstname":"Ada","jobtitle":"Dr"}',
    changedProperties: '["firstname","jobtitle"]',
    doubtfulValues: '{"firstname":"\\u0001","jobtitle":"\\u0001"}',
    auditOld: '{}',
    auditNew: null,
  })
})

test('what the record holds already counts as sent', () => {
  const held = withhold(planned, found({ jobtitle: 'Dr', phone: null }), policies)
  expect(JSON.parse(held?.newValues ?? '')).toEqual({
    firstname: 'Ada',
    jobtitle: 'Dr',
    phone: '1',
  })
  expect(JSON.parse(held?.doubtfulValues ?? '')['jobtitle']).toBe('Dr')
  expect(held?.changedProperties).toBe('["firstname","phone"]')
})
