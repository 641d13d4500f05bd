import { expect, test } from 'vitest'
import { readOwner } from '../../../src/exposures/exposure-owner.ts'

test.each([
  ['revops@shop.example', { email: 'revops@shop.example' }],
  ['Revenue operations', { name: 'Revenue operations' }],
  ['Ada King <ada@shop.example>', { name: 'Ada King', email: 'ada@shop.example' }],
  ['<ada@shop.example>', { email: 'ada@shop.example' }],
  ['  @revops \n team ', { name: '@revops team' }],
  [
    { name: 'RevOps', email: 'r@shop.example', slack: '#crm' },
    { name: 'RevOps', email: 'r@shop.example' },
  ],
  [{ slack: '#crm' }, undefined],
  [['', 'ada@shop.example', 'grace@shop.example'], { email: 'ada@shop.example' }],
  ['', undefined],
  [42, undefined],
  [null, undefined],
])('the owner %j', (value, owner) => {
  expect(readOwner(value)).toEqual(owner)
})
