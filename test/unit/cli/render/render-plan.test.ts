import { expect, test } from 'vitest'
import { renderAsked } from '../../../../src/cli/render/asked-rows.ts'
import { paintFor } from '../../../../src/cli/render/paint.ts'
import { renderChange } from '../../../../src/cli/render/render-change.ts'
import type { PlannedChange } from '../../../../src/plan/planned-changes.ts'

const hostile = 'a\n::error::\u001b[2J\u009b2J\u202eb'
const escaped = 'a\\n::error::\\u001b[2J\\u009b2J\\u202eb'

const change: PlannedChange = {
  sequence: 1,
  rowId: hostile,
  recordId: '5',
  operation: 'update',
  old: { jobtitle: hostile },
  new: { jobtitle: hostile.toUpperCase() },
  reason: null,
  detail: null,
  message: null,
  dropped: [],
}

const link = {
  association: 'companies/sync:id',
  target: hostile,
  targetRecordId: '9',
  labels: [hostile],
  oldLabels: [],
}

test.each<[string, PlannedChange, number]>([
  ['a change', change, 2],
  ['a rejection', { ...change, operation: 'reject', reason: 'x', message: hostile }, 1],
  [
    'a row that waits',
    { ...change, operation: 'send', reason: 'unknown_contact', detail: hostile },
    1,
  ],
  ['a link', { ...change, operation: 'associate', link }, 1],
])('%s prints what keys and values hold on its own lines, escaped', (_name, each, lines) => {
  const text = renderChange(each, paintFor(false))
  expect(text).not.toMatch(/[^\P{Cc}\n]|\u202e/u)
  expect(text).toContain(escaped)
  expect(text.split('\n')).toHaveLength(lines)
})

test('a key that was asked for is printed escaped', () => {
  const asked = {
    row: hostile,
    isInModel: false,
    operation: null,
    reason: null,
    status: null,
    errorCategory: null,
    lastSyncedAt: null,
  }
  expect(renderAsked({ asked: [asked] } as never)).toEqual([`no row ${escaped} in the model`])
})
