import { expect, test } from 'vitest'
import type { SyncResult } from '../../../../src/cli/artifacts/artifacts.ts'
import { annotateRun } from '../../../../src/cli/github/annotate-run.ts'
import { annotateFailure } from '../../../../src/cli/github/annotations.ts'
import { unbegun } from '../../../../src/cli/run/run-reporter.ts'
import type { RejectGroup } from '../../../../src/record/rejects.ts'

const workspace = { root: '/work', projectDir: '/work/shop' }
const origin = { file: 'models/schema.yml', line: 7, column: 9 }

const group = (category: string, rows: number): RejectGroup => ({
  category,
  property: 'email',
  isLink: false,
  rows,
  exampleRowId: 'secret@shop.example',
})

const result = (
  status: SyncResult['status'],
  error: SyncResult['error'],
  rejects: readonly RejectGroup[] = [],
  sync = 'contacts',
): SyncResult => ({
  ...unbegun({ sync, model: 'model.shop.people', object: 'contacts', status, error }),
  rejects,
  waiting: [],
})

const annotate = (...results: readonly SyncResult[]) =>
  annotateRun({ results, error: null }, () => origin, workspace)

test('a guard is shown at the YAML of its sync, with what to do', () => {
  expect(
    annotate(
      result('guarded', { category: 'GUARDED', message: 'max_deletes: 9 of 10', hint: 'Once: …' }),
    ),
  ).toEqual([
    {
      level: 'error',
      title: 'Sync contacts: guarded',
      message: 'max_deletes: 9 of 10\nOnce: …',
      file: 'shop/models/schema.yml',
      line: 7,
      column: 9,
    },
  ])
})

test('rejected rows are shown by category, biggest first, and name no row', () => {
  const partial = { category: 'ROWS_REJECTED', message: '12 rows were rejected' }
  const shown = annotate(
    result('partial', partial, [group('missing_key', 2), group('duplicate_key', 10)]),
    result('succeeded', null, [group('missing_key', 5)], 'others'),
  )
  expect(shown.map(({ level, title }) => [level, title])).toEqual([
    ['error', 'Sync contacts: 10 rows rejected, duplicate_key'],
    ['error', 'Sync contacts: 2 rows rejected, missing_key'],
    ['warning', 'Sync others: 5 rows rejected, missing_key'],
  ])
  expect(JSON.stringify(shown)).not.toContain('secret@')
})

test('no more than GitHub shows; what failed comes before what was rejected', () => {
  const rejects = Array.from({ length: 14 }, (_, index) => group(`reason_${index}`, 100 - index))
  const shown = annotate(
    result('partial', { category: 'ROWS_REJECTED', message: '' }, rejects),
    result('failed', { category: 'TIMEOUT', message: 'no answer' }, [], 'deals'),
  )
  expect(shown).toHaveLength(10)
  expect(shown[0]?.title).toBe('Sync deals: failed')
  expect(shown[1]?.title).toContain('reason_0')
  expect(shown[9]).toEqual({
    level: 'error',
    title: 'Backhaul: 6 more',
    message: '6 more: see the log.',
  })
})

test('there is room for what ended the run, which is told after it', () => {
  const failed = Array.from({ length: 14 }, (_, index) =>
    result('failed', { category: 'X', message: `why ${index}` }, [], `sync_${index}`),
  )
  const error = { category: 'UNAUTHORIZED', message: 'no', problems: [] }
  const shown = annotateRun({ results: failed, error }, () => origin, workspace)
  expect(shown).toHaveLength(9)
  expect(shown.at(-1)?.title).toBe('Backhaul: 6 more')
})

test('a sync that is held because nobody asked for its model is a warning', () => {
  const held = { category: 'HELD', message: 'not in the last build' }
  expect(annotate(result('held', held))[0]?.level).toBe('warning')
  expect(annotate(result('held', { ...held, hint: 'Build it again' }))[0]?.level).toBe('error')
})

test('what ends a command is shown at each place that is wrong; files elsewhere are not named', () => {
  const problems = [
    {
      message: 'no such property',
      where: origin,
      sync: 'contacts',
      key: 'properties.x',
      hint: 'y?',
    },
    { message: 'no profile', where: { file: '/home/me/.dbt/profiles.yml', line: 1 } },
  ]
  const failure = { category: 'CONFIGURATION', message: 'both', problems }
  expect(annotateFailure(failure, workspace)).toEqual([
    {
      level: 'error',
      title: 'Sync contacts: properties.x',
      message: 'no such property\ny?',
      file: 'shop/models/schema.yml',
      line: 7,
      column: 9,
    },
    { level: 'error', title: 'Backhaul', message: 'no profile' },
  ])
  const lost = { category: 'NETWORK_LOST', message: 'no answer', problems: [] }
  expect(annotateFailure(lost, workspace)).toEqual([
    { level: 'error', title: 'Backhaul: NETWORK_LOST', message: 'no answer' },
  ])
})
