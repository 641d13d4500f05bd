import { expect, test } from 'vitest'
import { formatProblem } from '../../src/errors.ts'

test('a problem is one line, with the place first and the hint below', () => {
  const where = { file: 'models/shop.yml', line: 3, column: 9 }
  expect(
    formatProblem({
      message: 'is required',
      where,
      sync: 'people',
      key: 'object',
      hint: 'Say it.',
    }),
  ).toBe('models/shop.yml:3:9: sync people, object: is required\n    Say it.')
})

test('what a terminal would obey is shown, not sent to it', () => {
  const text = formatProblem({
    message: 'no column \u001b[31mred\u0007\u202e',
    sync: 'one\ntwo',
    key: 'properties.a\u0000b',
    hint: 'Known are:\n  a\tb\r',
  })
  expect(text).toBe(
    'sync one\\ntwo, properties.a\\u0000b: no column \\u001b[31mred\\u0007\\u202e\n    Known are:\n  a\tb\\r',
  )
})

test('a word without an end is cut', () => {
  const long = 'x'.repeat(100_000)
  const text = formatProblem({ message: `no column ${long}`, sync: long, key: long, hint: long })
  expect(text.length).toBeLessThan(2200)
  expect(text).toContain('xxx…')
})
