import { expect, test } from 'vitest'
import { paintFor } from '../../../../src/cli/render/paint.ts'
import { renderChange } from '../../../../src/cli/render/render-change.ts'
import type { PlannedChange } from '../../../../src/plan/planned-changes.ts'

const change = (operation: PlannedChange['operation']): PlannedChange => ({
  sequence: 1,
  rowId: '7',
  recordId: null,
  operation,
  old: { email: 'old' },
  new: { email: 'new' },
  reason: null,
  detail: null,
  message: null,
  dropped: [],
})

test.each([
  ['upsert', '[32m±[39m'],
  ['update', '[33m~[39m'],
  ['archive', '[31m-[39m'],
  ['skip', '·'],
] as const)('the sign of %s says by its colour what happens', (operation, sign) => {
  const esc = String.fromCharCode(27)
  const [head] = renderChange(change(operation), paintFor(true)).split('\n')
  expect(head?.replaceAll(esc, '')).toBe(`    ${sign} 7`)
  expect(renderChange(change(operation), paintFor(false))).not.toContain(esc)
})

const textOf = (facts: Partial<PlannedChange>) =>
  renderChange({ ...change('update'), old: {}, new: {}, ...facts }, paintFor(false))

test('values stand under each other, and a name that is very long moves only its own', () => {
  const long = 'x'.repeat(40)
  expect(textOf({ new: { email: 'a', jobs_30d: 'b', [long]: 'c' } })).toBe(
    `    ~ 7\n        email:    "a"\n        jobs_30d: "b"\n        ${long}: "c"`,
  )
})

test('what stands beside the properties of an event or a member is no property', () => {
  const event = { _event: 'pe1_done', _occurred_at: '2026-11-19T10:05:00.000Z', _uuid: 'u', a: '1' }
  expect(textOf({ operation: 'send', new: event })).toBe(
    '    → 7: pe1_done at 2026-11-19T10:05:00.000Z\n        a: "1"',
  )
  expect(textOf({ operation: 'add', recordId: '5', new: { _list: 'VIP' } })).toBe(
    '    + 7 (record 5)',
  )
})

test('where no values may be shown the properties are named', () => {
  expect(textOf({ hidden: ['email', 'firstname'] })).toBe('    ~ 7: email, firstname')
})

test('of a row that is left alone the reason is told, in words, and nothing that is not sent', () => {
  const skipped = { operation: 'skip', reason: 'before_start', new: { email: 'a' } } as const
  expect(textOf(skipped)).toBe(
    '    · 7: the row was there before the sync started, and `start` says to leave it alone',
  )
})
