import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../../../scripts/process.mjs'
import { describeReason, reasonNames } from '../../../../src/cli/render/reasons.ts'

/** Where the categories and reasons of rows come from. */
const sources = [
  'plan/diff/departed.ts',
  'plan/diff/refusals.ts',
  'record/outcomes.ts',
  'record/plan-rows.ts',
  'record/event-contacts.ts',
  'record/links/link-ends.ts',
  'record/links/link-transitions.ts',
  'record/list-members.ts',
  'plan/kept-members.ts',
  'plan/links/link-plan.ts',
  'run/sending/decide.ts',
  'run/links/links.ts',
  'run/links/send-links.ts',
  'run/sending/send-window.ts',
  ...['resolve', 'send', 'destination/hubspot'].flatMap((folder) =>
    readdirSync(join(root, 'src', folder), { encoding: 'utf8', recursive: true })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  ),
]

const patterns = [
  /\bcategory: '([A-Z_]+)'/g,
  /\breason: '([a-z_]+)'/g,
  /\bthen '([a-z]+_[a-z_]+)'/g,
  /\bwhen '([a-z_]+)' then '[A-Z]/g,
  /\bthen '([A-Z]+_[A-Z_]+)'/g,
  /\b1 = 0, '([A-Z]+_[A-Z_]+)'/g,
  // HubSpot's categories of single records.
  /^ {2}([A-Z_]+): '[a-z]+',$/gm,
]

const categories = sources.flatMap((path) => {
  const text = readFileSync(join(root, 'src', path), 'utf8')
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap(([, name]) => name ?? []),
  )
})

test('the categories are found', () => {
  expect(categories).toEqual(
    expect.arrayContaining(['missing_key', 'no_record', 'RECORD_TAKEN', 'NOT_SENT', 'CONFLICT']),
  )
})

test.each([...new Set(categories)])('%s has a meaning and an advice of its own', (category) => {
  const { meaning, advice } = describeReason(category)
  expect(meaning).not.toBe(category.toLowerCase().replaceAll('_', ' '))
  expect(advice).not.toBe("HubSpot's message says why.")
})

test("a category of HubSpot's that nobody has met is told as it is", () => {
  expect(describeReason('STRANGE_THING').meaning).toBe('strange thing')
})

test('the page on troubles has an entry for every category', () => {
  const page = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8')
  const names = reasonNames.map((name) => name.toUpperCase())
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})

test('a bad value that is none of a property is not to be cast', () => {
  for (const place of ['associations', '_event', '_occurred_at']) {
    const { advice } = describeReason('INVALID_VALUE', place)
    expect(advice).not.toContain('as:` casts')
    expect(advice).not.toBe(describeReason('INVALID_VALUE', 'amount').advice)
  }
  expect(describeReason('NO_RECORD').meaning).not.toContain('mode')
})
