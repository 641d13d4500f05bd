import { expect, test } from 'vitest'
import { scrubMessage } from '../../../../src/destination/hubspot/scrub.ts'
import { doubt } from '../../../../src/plan/diff-spec.ts'
import type { PlannedOperation } from '../../../../src/record/plan-rows.ts'
import {
  asReplanned,
  type DecisionFacts,
  decide,
  decidePassedOver,
  withoutValues,
} from '../../../../src/run/sending/decide.ts'

const byEmail: DecisionFacts = { mode: 'upsert', by: 'unique', isLastSearch: false }

const update: PlannedOperation = {
  sequence: 3,
  rowId: '7',
  kind: 'update',
  recordId: '41',
  matchValue: 'ada@shop.example',
  properties: { firstname: 'Ada' },
  newValues: { email: 'ada@shop.example', firstname: 'Ada', jobtitle: '', city: doubt },
}

test('a record made again holds every value of the row, and nothing that is cleared or in doubt', () => {
  const decision = decide(byEmail, update, {
    sequence: 3,
    outcome: 'missing',
  })
  expect(decision).toEqual({
    kind: 'make-again',
    operation: {
      sequence: 3,
      rowId: '7',
      kind: 'upsert',
      matchValue: 'ada@shop.example',
      properties: { email: 'ada@shop.example', firstname: 'Ada' },
      newValues: update.newValues,
    },
  })
  if (decision.kind !== 'make-again') return
  expect(asReplanned(decision.operation)).toEqual({
    sequence: 3,
    properties: ['email', 'firstname'],
    doubtfulValues: { email: doubt, firstname: doubt },
  })
})

test('a result for the disk quotes no value, whatever the audit keeps', () => {
  const result = withoutValues(
    {
      sequence: 3,
      outcome: 'rejected',
      error: { category: 'INVALID_EMAIL', message: 'Email address ada@shop.example is invalid' },
    },
    new Map([[3, update]]),
    { scrub: scrubMessage },
  )
  expect(JSON.stringify(result)).not.toContain('ada@')
  expect(result.error?.message).toContain('invalid')
})

test('what is gone counts as archived, and has nothing left to clear', () => {
  const missing = {
    sequence: 3,
    outcome: 'missing',
    recordId: '41',
    error: { category: 'OBJECT_NOT_FOUND', message: 'gone' },
  } as const
  expect(decide(byEmail, { ...update, kind: 'archive' }, missing)).toEqual({
    kind: 'store',
    result: { sequence: 3, outcome: 'succeeded', recordId: '41' },
  })
  expect(decide(byEmail, { ...update, kind: 'clear' }, missing)).toMatchObject({
    kind: 'store',
    result: { outcome: 'skipped', error: { category: 'RECORD_GONE' } },
  })
  expect(
    decide({ ...byEmail, hasPolicies: true }, { ...update, kind: 'clear' }, missing),
  ).toMatchObject({ kind: 'store', result: { outcome: 'skipped' } })
})

test('the record that another one was merged into is neither cleared nor archived', () => {
  for (const kind of ['clear', 'archive'] as const) {
    const merged = decidePassedOver(byEmail, { ...update, kind }, { kind: 'merged', into: '42' })
    expect(merged).toMatchObject({
      kind: 'store',
      result: { outcome: 'skipped', error: { category: 'RECORD_MERGED' } },
    })
    expect(JSON.stringify(merged)).not.toContain('"recordId":"42"')
  }
})

test('in mode upsert a create that meets a record, and an update that meets none, are settled by the next run', () => {
  const create = { ...update, kind: 'create' as const }
  expect(
    decide(byEmail, create, { sequence: 3, outcome: 'conflict', existingId: '7' }),
  ).toMatchObject({
    kind: 'store',
    result: { outcome: 'rejected', error: { category: 'CONFLICT' } },
  })
  const insert = { ...byEmail, mode: 'insert' as const, matchProperty: 'code' }
  for (const [property, outcome] of [
    ['code', 'skipped'],
    ['badge', 'rejected'],
  ] as const) {
    const error = { category: 'CONFLICT', message: 'taken', property }
    expect(decide(insert, create, { sequence: 3, outcome: 'conflict', error })).toMatchObject({
      kind: 'store',
      result: { outcome },
    })
  }
  for (const by of ['unique', 'search'] as const) {
    expect(
      decide({ ...byEmail, by, hasPolicies: true }, update, { sequence: 3, outcome: 'missing' }),
    ).toMatchObject({
      kind: 'store',
      result: { outcome: 'pending', error: { category: 'RECORD_GONE' } },
    })
  }
})
