import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Cell, casts, columnKinds, dropped, refused } from '../contract/value-cells.ts'

const page = readFileSync('docs/values.md', 'utf8')

/** What the page says between two marks. */
const between = (name: string): string =>
  new RegExp(`<!-- ${name} -->\\n([\\s\\S]*?)<!-- /${name} -->`).exec(page)?.[1]?.trim() ?? ''

const cell = (value: Cell): string =>
  value === refused ? '–' : value === dropped ? 'rejected' : `\`${value}\``

test('the table of docs/values.md is what the contract of every engine says', () => {
  const kinds = ['string', 'number', 'bool', 'select', 'several', 'date', 'datetime'] as const
  const rows = columnKinds.map(
    ({ type, value, cells }) =>
      `| ${type} | \`${value}\` | ${kinds.map((kind) => cell(cells[kind])).join(' | ')} |`,
  )
  expect(between('cells').split('\n').slice(2)).toEqual(rows)
})

test('the casts of docs/values.md are those under contract', () => {
  for (const [, , as] of casts) expect(between('casts')).toContain(`| \`${as}\` |`)
})
