import { expect, test } from 'vitest'
import { fnmatch } from '../../../src/selection/fnmatch.ts'

/** Verdicts of Python's own `fnmatch`. */
test.each([
  ['plain', 'plain', true],
  ['plain', 'Plain', false],
  ['a.b/c', 'a*c', true],
  ['', '*', true],
  ['abc', 'a?c', true],
  ['ac', 'a?c', false],
  ['a\nc', 'a*c', true],
  ['b', '[a-c]', true],
  ['d', '[a-c]', false],
  ['d', '[!a-c]', true],
  ['!', '[a!]', true],
  [']', '[]]', true],
  ['a', '[!]]', true],
  ['-', '[a-]', true],
  ['-', '[-a]', true],
  ['b', '[c-a]', false],
  ['b', '[!c-a]', true],
  ['[a', '[a', true],
  ['a]', 'a]', true],
  ['^', '[^]', true],
  ['a^', 'a[\\^]', true],
  ['\\', '[\\]', true],
  ['a.c', 'a.c', true],
  ['abc', 'a.c', false],
  ['a+c', 'a+*', true],
  ['(x)|{y}$', '(x)|{?}$', true],
  ['naïve😀', 'na?ve?', true],
  ['a-b', 'a-*', true],
  ['a/b', 'a/?', true],
  ['[]', '[]', true],
  ['x', '[!]', false],
  ['[!]', '[!]', true],
])('%j matches %j: %s', (text, pattern, verdict) => {
  expect(fnmatch(text, pattern)).toBe(verdict)
})
