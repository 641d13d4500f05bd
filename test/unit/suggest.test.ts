import { expect, test } from 'vitest'
import { suggest } from '../../src/suggest.ts'

test.each([
  ['emial', 'email'],
  ['naem', 'name'],
  ['Deasl', 'deals'],
  ['ti', 'it'],
  ['first-nmae', 'first_name'],
])('two letters in each other’s place are one mistake: %s', (word, meant) => {
  expect(suggest(word, [meant, 'something_else'])).toBe(meant)
})

test('a word that only looks alike is not meant', () => {
  expect(suggest('mail', ['lima', 'size'])).toBeUndefined()
  expect(suggest('abcd', ['badc'])).toBeUndefined()
})
