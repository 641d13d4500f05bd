import { expect, test } from 'vitest'
import { addedLines } from '../../../src/init/added-lines.ts'
import { blockOf, toYaml } from '../../../src/init/sync-block.ts'

test('columns of a catalog in capitals are written as in SQL', () => {
  const sync = {
    name: 'contacts',
    object: 'contacts',
    primaryKey: ['ORG_ID', 'ID'],
    match: { property: 'email', column: 'EMAIL' },
    mappings: [],
  }
  const folded = blockOf({ ...sync, hasFoldedNames: true })
  expect(folded).toMatchObject({ primary_key: ['org_id', 'id'], match: { email: 'email' } })
  const exact = blockOf({ ...sync, hasFoldedNames: false })
  expect(exact).toMatchObject({ primary_key: ['ORG_ID', 'ID'], match: { email: 'EMAIL' } })
})

test('words that YAML 1.1 takes for something else are quoted', () => {
  expect(toYaml({ hubspot: { primary_key: ['no', '1'], match: { on: 'y' } } }, { step: 2 })).toBe(
    'hubspot:\n  primary_key: ["no", "1"]\n  match: {"on": "y"}\n',
  )
})

test.each([
  ['', 'a\nb', ['+ 1  a', '+ 2  b']],
  ['a\nb\n', 'a\nx\nb\n', ['  1  a', '+ 2  x']],
  ['a\nb\nc', 'a\nx\ny\nc', ['  1  a', '- 2  b', '+ 2  x', '+ 3  y']],
  ['a\r\nb', 'a\r\nb\r\nc', ['  1  a', '- 2  b', '+ 2  b', '+ 3  c']],
  ['a', 'a', ['  1  a']],
])('what %j has that becomes %j', (before, after, lines) => {
  expect(addedLines(before, after)).toEqual(lines)
})
