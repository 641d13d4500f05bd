import { describe, expect, test } from 'vitest'
import { type GuardFacts, trippedGuards } from '../../../src/plan/guards.ts'
import type { Guards } from '../../../src/types.ts'

const quiet: GuardFacts = { rowsInModel: 1000, knownRows: 1000, removals: 0, changes: 0 }

/** What a model that lost 90 % of its rows, and one that lost all, look like to the guards. */
const shrunk = { rowsInModel: 100, knownRows: 1000, removals: 900, changes: 900 }
const emptied = { rowsInModel: 0, knownRows: 1000, removals: 1000, changes: 1000 }

const names = (guards: Guards, facts: Partial<GuardFacts>, forced: readonly string[] = []) =>
  trippedGuards(guards, { ...quiet, ...facts }, new Set(forced)).map(({ guard }) => guard)

describe('what trips', () => {
  test.each<[string, Guards, Partial<GuardFacts>, readonly string[]]>([
    ['nothing when nothing happens', {}, {}, []],
    ['nothing by 10 % of the rows', {}, { removals: 100 }, []],
    ['max_deletes by more than 10 %', {}, { removals: 101 }, ['max_deletes']],
    ['nothing by ten of few rows', {}, { knownRows: 20, removals: 10 }, []],
    ['max_deletes by eleven of few rows', {}, { knownRows: 20, removals: 11 }, ['max_deletes']],
    ['max_deletes as a number', { maxDeletes: { rows: 5 } }, { removals: 6 }, ['max_deletes']],
    ['max_deletes as a number, not reached', { maxDeletes: { rows: 5 } }, { removals: 5 }, []],
    ['max_deletes as a share', { maxDeletes: { share: 0.5 } }, { removals: 501 }, ['max_deletes']],
    ['max_deletes of none', { maxDeletes: { rows: 0 } }, { removals: 1 }, ['max_deletes']],
    ['max_deletes of all', { maxDeletes: { share: 1 } }, { removals: 1000 }, []],
    ['max_changes as a number', { maxChanges: { rows: 5 } }, { changes: 6 }, ['max_changes']],
    ['max_changes as a share', { maxChanges: { share: 0.01 } }, { changes: 11 }, ['max_changes']],
    [
      'max_changes on a first run',
      { maxChanges: { rows: 5 } },
      { knownRows: 0, changes: 1000 },
      ['max_changes'],
    ],
    ['min_rows', { minRows: 1001 }, {}, ['min_rows']],
    ['min_rows, not reached', { minRows: 1000 }, {}, []],
    ['a model that lost 90 %', {}, shrunk, ['max_deletes']],
    [
      'a model that lost 90 %, with min_rows',
      { minRows: 500 },
      shrunk,
      ['min_rows', 'max_deletes'],
    ],
    ['an empty model', {}, emptied, ['empty_model', 'max_deletes']],
    [
      'an empty model whose rows stay',
      {},
      { ...emptied, removals: 0, changes: 0 },
      ['empty_model'],
    ],
    [
      'an empty model with every guard',
      { minRows: 1, maxChanges: { rows: 1 } },
      emptied,
      ['empty_model', 'min_rows', 'max_deletes', 'max_changes'],
    ],
    ['not an empty model before the first run', {}, { rowsInModel: 0, knownRows: 0 }, []],
  ])('%s', (_, guards, facts, expected) => {
    expect(names(guards, facts)).toEqual(expected)
  })
})

test('a forced guard passes, and only that one', () => {
  expect(names({ minRows: 1 }, emptied, ['empty_model'])).toEqual(['min_rows', 'max_deletes'])
  expect(names({ minRows: 1 }, emptied, ['empty_model', 'min_rows', 'max_deletes'])).toEqual([])
})
