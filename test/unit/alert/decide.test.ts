import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../src/alert/alert.ts'
import { type AlertState, decide, dedupKey, isUntold } from '../../../src/alert/decide.ts'
import { type Finding, findingsFor, type SyncNews } from '../../../src/alert/news.ts'
import { newsOfRun, newsOfTime, type RunFacts } from '../../../src/cli/alerts/run-news.ts'
import { unbegun } from '../../../src/cli/run/run-reporter.ts'
import type { SyncReport } from '../../../src/run/context.ts'
import { alert, notice, rejectingReport, setting } from './sample.ts'

const { words } = notice()
const keyOf = ({ sync, trouble }: Pick<Finding, 'sync' | 'trouble'>) => `${sync}/${trouble}`

const finding = (status: Finding['status']): Finding => ({
  sync: 'contacts',
  trouble: 'failure',
  status,
  words,
})

const state = (
  status: AlertState['status'],
  told: AlertState['told'],
  changes: Partial<AlertState> = {},
): AlertState => ({
  dedupKey: 'contacts/failure',
  alert: alert.name,
  sync: 'contacts',
  trouble: 'failure',
  status,
  told,
  since: '2026-11-26T00:00:00.000Z',
  words,
  attempts: 0,
  ...changes,
})

const decided = (known: readonly AlertState[], findings: readonly Finding[]) =>
  decide(alert, findings, known, keyOf).map(({ status }) => status)

describe('what is written down', () => {
  test.each([
    ['a trouble that begins', [], [finding('open')], ['open']],
    ['one that goes on and was told', [state('open', 'open')], [finding('open')], []],
    ['one that goes on and was not', [state('open', null)], [finding('open')], ['open']],
    ['one that nobody asked about', [state('open', 'open')], [], []],
    ['one that nobody asked about and was not told', [state('open', null)], [], ['open']],
    ['one that is over', [state('open', 'open')], [finding('closed')], ['closed']],
    ['one whose end was not told', [state('closed', 'open')], [finding('closed')], ['closed']],
    [
      'one that comes back before its end was told',
      [state('closed', 'open')],
      [finding('open')],
      ['open'],
    ],
    ['a sync that was always well', [], [finding('closed')], []],
    ['one that stays well', [state('closed', 'closed')], [finding('closed')], []],
    ['what is watched no more', [state('open', 'open', { trouble: 'stale' })], [], ['closed']],
  ] as const)('%s', (_, known, findings, expected) => {
    expect(decided(known, findings)).toEqual(expected)
  })

  test('a sync that an alert is not about any more has no open trouble', () => {
    const narrowed = (syncs: readonly string[]) =>
      decide({ ...alert, syncs }, [], [state('open', 'open')], keyOf).map(({ status }) => status)
    expect([narrowed(['deals']), narrowed(['con*'])]).toEqual([['closed'], []])
    const run = state('open', 'open', { sync: null })
    expect(decide({ ...alert, syncs: ['deals'] }, [], [run], keyOf)).toEqual([])
  })

  test('a trouble that came and went before anybody heard of it is no news', () => {
    expect(isUntold(state('closed', null))).toBe(false)
    expect(isUntold(state('open', 'open'))).toBe(false)
    expect(isUntold(state('closed', 'open'))).toBe(true)
  })
})

test('keys are short enough for PagerDuty, and stay distinct', () => {
  const [one, other] = ['a', 'b'].map((end) => dedupKey(['shop', 'prod', 'x'.repeat(300) + end]))
  expect(one).toHaveLength(255)
  expect(one).not.toBe(other)
})

const facts = (report: SyncReport, changes: Partial<RunFacts> = {}): RunFacts => ({
  reports: [report],
  heldByFailure: new Set(),
  rejects: new Map(),
  failure: undefined,
  isReached: true,
  ...changes,
})

const told = (report: SyncReport, changes: Partial<Alert> = {}, others: Partial<RunFacts> = {}) => {
  const news = newsOfRun(facts(report, others), setting)
  const found = findingsFor({ ...alert, ...changes }, news, 0)
  return Object.fromEntries(
    found.map(({ sync, trouble, status }) => [`${sync ?? 'run'} ${trouble}`, status]),
  )
}

const ended = (status: SyncReport['status'], category: string) =>
  unbegun({
    sync: 'contacts',
    model: 'm',
    object: 'contacts',
    status,
    error: { category, message: 'why' },
  })

describe('what a run says', () => {
  test('rejected rows are no failure, and count beyond a number or a share', () => {
    const all = {
      'contacts failure': 'closed',
      'contacts guard': 'closed',
      'run failure': 'closed',
    }
    // 14 rejected and 2 parked of 1,000.
    expect(told(rejectingReport)).toEqual({ ...all, 'contacts rejected': 'open' })
    for (const [above, expected] of [
      [{ rows: 15 }, 'open'],
      [{ rows: 16 }, 'closed'],
      [{ percent: 1.5 }, 'open'],
      [{ percent: 1.6 }, 'closed'],
    ] as const) {
      expect(told(rejectingReport, { rejectedAbove: above })).toMatchObject({
        'contacts rejected': expected,
      })
    }
  })

  test.each([
    ['failed', 'CONFIGURATION', { 'contacts failure': 'open' }],
    ['partial', 'ROWS_LEFT', { 'contacts failure': 'open' }],
    ['partial', 'ROWS_UNKNOWN', { 'contacts failure': 'open' }],
    ['guarded', 'GUARDED', { 'contacts guard': 'open' }],
    ['aborted', 'NOT_STARTED', {}],
    ['held', 'HELD', {}],
  ] as const)('%s, %s', (status, category, expected) => {
    const { 'run failure': _, ...ofSync } = told(ended(status, category))
    expect(ofSync).toEqual(expected)
  })

  test('a model that dbt did not build well is a guard of its own', () => {
    const heldByFailure = new Set(['contacts'])
    expect(told(ended('held', 'HELD'), {}, { heldByFailure })).toMatchObject({
      'contacts guard': 'open',
    })
  })

  test('what ends a run is told whatever the syncs, and a run that asked nobody ends nothing', () => {
    const failure = { category: 'UNAUTHORIZED', message: 'no', problems: [] }
    const syncs = ['deals*']
    expect(told(rejectingReport, { syncs }, { failure })).toEqual({ 'run failure': 'open' })
    expect(told(rejectingReport, { syncs }, { isReached: false })).toEqual({})
    expect(told(rejectingReport, { syncs: ['con*s'] })).not.toEqual({})
    expect(told(rejectingReport, { syncs: ['con.*s', 'contact'] })).toEqual({
      'run failure': 'closed',
    })
  })
})

test('a sync is stale from the moment on that was said, and is over with the next run', () => {
  const hour = 3_600_000
  const one: SyncNews = {
    sync: 'contacts',
    through: { atMs: 0, stale: () => words, again: words },
  }
  const stale = { ...alert, when: ['stale'] as const, staleAfterMs: 26 * hour }
  const statusAt = (nowMs: number) =>
    findingsFor(stale, { syncs: [one] }, nowMs).map(({ status }) => status)
  expect([statusAt(26 * hour), statusAt(26 * hour + 1)]).toEqual([['closed'], ['open']])
  expect(findingsFor(alert, { syncs: [one] }, 99 * hour)).toEqual([])
})

test('of a sync that never got through nothing is said to have', () => {
  const day = 24 * 3_600_000
  const sayAfterTwoDays = (hasGotThrough: boolean) => {
    const through = new Map([['contacts', { atMs: 0, hasGotThrough }]])
    const [one] = newsOfTime(
      { syncs: ['contacts'], known: [], through, nowMs: 2 * day },
      setting,
    ).syncs
    return one?.through?.stale(day).what
  }
  expect(sayAfterTwoDays(true)).toEqual([
    'The last that did ended 48 h ago, at 1970-01-01 00:00 UTC.',
  ])
  expect(sayAfterTwoDays(false)).toEqual([
    'None ever did; the first began 48 h ago, at 1970-01-01 00:00 UTC.',
  ])
})

test('no secret leaves with an error, and no control character', () => {
  const failure = {
    category: 'WAREHOUSE_28000',
    message: 'No login as\u001b[31mada:hunter2-hunter2@db\nmore',
    hint: 'Not hunter2-hunter2.',
    problems: [],
  }
  const secrets = ['hunter2-hunter2']
  const { run } = newsOfRun(facts(rejectingReport, { failure }), { ...setting, secrets })
  expect(run?.words).toMatchObject({
    what: ['No login as [31mada:*****@db'],
    steps: ['Not *****.'],
  })
  const report = { ...ended('failed', 'X'), error: { ...failure } }
  const { syncs } = newsOfRun(facts(report), { ...setting, secrets })
  expect(JSON.stringify(syncs)).not.toContain('hunter2')
})

test('no key of a row is named', () => {
  const group = { category: 'missing_contact', property: null, isLink: false, rows: 1 }
  const rejects = new Map([['contacts', [{ ...group, exampleRowId: 'ada@shop.example' }]]])
  const { syncs } = newsOfRun(facts(rejectingReport, { rejects }), setting)
  expect(JSON.stringify(syncs)).toContain('missing_contact')
  expect(JSON.stringify(syncs)).not.toContain('ada@shop.example')
})
