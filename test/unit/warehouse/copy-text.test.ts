import { expect, test } from 'vitest'
import { copyText } from '../../../src/warehouse/postgres/copy-text.ts'

const textOf = (rows: Parameters<typeof copyText>[0]) =>
  Buffer.concat([...copyText(rows)]).toString()

test('escapes what the format uses, and only that', () => {
  expect(textOf([['a\\b\tc\nd\re', '\\N', '\\.', 'q\'"', '']])).toBe(
    'a\\\\b\\tc\\nd\\re\t\\\\N\t\\\\.\tq\'"\t\n',
  )
})

test('NULL, numbers and booleans', () => {
  expect(textOf([[null, 1.5, true, false]])).toBe('\\N\t1.5\ttrue\tfalse\n')
})

test('comes in pieces', () => {
  const rows = Array.from({ length: 3000 }, (_, index) => ['x'.repeat(100), index])
  const pieces = [...copyText(rows)]
  expect(pieces.length).toBeGreaterThan(3)
  expect(Buffer.concat(pieces).toString().split('\n')).toHaveLength(3001)
})
