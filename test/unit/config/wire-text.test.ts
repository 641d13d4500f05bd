import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wireText } from '../../../src/config/wire-text.ts'

test.each([
  [1, '1'],
  [-1.5, '-1.5'],
  [1e21, '1000000000000000000000'],
  [-1.25e22, '-12500000000000000000000'],
  [1e-7, '0.0000001'],
  [1.5e-7, '0.00000015'],
  [true, 'true'],
  ['a', 'a'],
])('%s', (value, expected) => {
  expect(wireText(value)).toBe(expected)
})

test('any number is written without an exponent and reads back as itself', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const text = wireText(number)
      expect(text).not.toMatch(/e/i)
      expect(Number(text)).toBe(number === 0 ? 0 : number)
    }),
  )
})
