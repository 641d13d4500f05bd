import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { createLogger } from '../../../../src/cli/command-line/log-writer.ts'
import { paintFor } from '../../../../src/cli/render/paint.ts'
import { createProgress } from '../../../../src/cli/render/progress.ts'
import { type CallPace, expectedEnd } from '../../../../src/cli/render/progress-line.ts'
import type { Plan } from '../../../../src/plan/plan.ts'
import type { SyncReport } from '../../../../src/run/context.ts'

const plan: Plan = {
  version: 1,
  sync: 'contacts',
  runId: 'run',
  model: 'model.shop.people',
  object: 'contacts',
  mode: 'upsert',
  matchedBy: 'unique',
  warnings: [],
  start: 'all',
  isFirstRun: true,
  isCountOnly: false,
  removals: { kept: [], restorableForDays: 90 },
  rows: {
    inModel: 500,
    known: 0,
    unchanged: 0,
    parked: 0,
    unknown: 0,
    returned: 0,
    waiting: 0,
    onlyDropped: 0,
  },
  operations: {
    create: 0,
    upsert: 500,
    update: 0,
    send: 0,
    add: 0,
    remove: 0,
    clear: 0,
    archive: 0,
    leave: 0,
    skip: 0,
    reject: 0,
    refresh: 0,
  },
  rejects: [],
  waits: [],
  dropped: [],
  calls: { writes: 5, lookups: 0, searches: 0 },
  guards: [],
}

const rate: CallPace = { what: 'calls', used: 87, allowed: 190, intervalMs: 10_000, pausedMs: 0 }
const ended = (sync: string) => ({ sync }) as SyncReport

/** A run that is watched, with a clock of its own. */
function watched(options: {
  readonly drawsBars?: boolean
  readonly format?: 'text' | 'json'
  readonly level?: 'info' | 'error'
  readonly columns?: number
  readonly expectedSeconds?: number
  readonly pausedMs?: number
}) {
  let nowMs = Date.UTC(2026, 0, 5, 12)
  const lines: string[] = []
  let pinned: readonly string[] = []
  const timers = new Set<{ readonly ms: number; readonly work: () => void; dueMs: number }>()
  const clock = () => nowMs
  const log = createLogger({
    format: options.format ?? 'text',
    level: options.level ?? 'info',
    write: (text) => lines.push(text.trimEnd()),
    clock,
    invocationId: 'id',
    pid: 1,
    secrets: [],
  })
  const progress = createProgress({
    io: {
      clock,
      pin: (next) => {
        pinned = next
      },
      logColumns: () => options.columns ?? 120,
    },
    log,
    paint: paintFor(false),
    drawsBars: options.drawsBars ?? false,
    lineEveryMs: 30_000,
    every(ms, work) {
      const timer = { ms, work, dueMs: nowMs + ms }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    rate: () => ({ ...rate, pausedMs: options.pausedMs ?? 0 }),
    secondsFor: () => options.expectedSeconds ?? 0,
    started: () => {},
    finished: () => {},
  })
  return {
    progress,
    lines,
    pinned: () => pinned.map((line) => stripVTControlCharacters(line)),
    timers,
    pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        nowMs += 1000
        for (const timer of timers) {
          if (timer.dueMs > nowMs) continue
          timer.dueMs += timer.ms
          timer.work()
        }
      }
    },
  }
}

test('without a terminal there is a plain line every thirty seconds, whether anything moves or not', () => {
  const { progress, lines, pass, timers } = watched({ expectedSeconds: 100 })
  progress.planned(plan)
  pass(30)
  progress.sent('contacts', 200, 3)
  pass(30)
  pass(30)
  expect(lines).toEqual([
    '12:00:30  contacts: 0 of 500 rows sent (0%), 0 rejected, 87 of 190 calls per 10 s, 70 s left, ends about 12:01:40',
    '12:01:00  contacts: 200 of 500 rows sent (40%), 3 rejected, 87 of 190 calls per 10 s, 90 s left, ends about 12:02:30',
    '12:01:30  contacts: 200 of 500 rows sent (40%), 3 rejected, 87 of 190 calls per 10 s, 2 min left, ends about 12:03:45',
  ])
  progress.finished(ended('contacts'))
  expect(timers.size).toBe(0)
})

test('an end after today has its day, and none is beyond all dates', () => {
  const { progress, lines, pass } = watched({ expectedSeconds: 90_000 })
  progress.planned(plan)
  pass(30)
  expect(lines[0]).toMatch(/25 h left, ends about 20\d\d-\d\d-\d\d 13:00:00$/)
  expect(expectedEnd(1e300, 0)).toBe('2001-09-09T01:46:40.000Z')
})

test('a sync that waits for the others tells nothing twice', () => {
  const { progress, lines, pass } = watched({})
  progress.planned(plan)
  progress.sent('contacts', 500, 0)
  progress.planned({ ...plan, sync: 'companies' })
  pass(60)
  expect(lines.map((line) => line.split(' ')[2])).toEqual(['contacts:', 'companies:', 'companies:'])
})

test('in JSON the lines are events, and nothing is told to who wants quiet', () => {
  const json = watched({ format: 'json', expectedSeconds: 100 })
  json.progress.planned(plan)
  json.progress.sent('contacts', 100, 1)
  json.pass(30)
  const { info, data } = JSON.parse(json.lines[0] ?? '')
  expect(info).toMatchObject({ name: 'SyncProgress', code: 'H012' })
  expect(data).toEqual({
    sync: 'contacts',
    sent: 100,
    total: 500,
    rejected: 1,
    calls: rate,
    secondsLeft: 120,
    expectedEnd: '2026-01-05T12:02:30.000Z',
  })
  const quiet = watched({ level: 'error' })
  quiet.progress.planned(plan)
  quiet.pass(60)
  expect(quiet.lines).toEqual([])
})

test('events, members of lists and links count', () => {
  const { progress, pinned } = watched({ drawsBars: true })
  const none = { ...plan.operations, upsert: 0 }
  progress.planned({ ...plan, operations: { ...none, send: 5, add: 4, remove: 3 } })
  expect(pinned()[0]).toContain('0 of 12 rows')
})

test('on a terminal each sync that is under way has a bar, the one whose turn it is comes last', () => {
  const { progress, pinned, pass } = watched({ drawsBars: true })
  progress.planned(plan)
  pass(10)
  progress.sent('contacts', 200, 3)
  pass(2)
  expect(pinned()).toEqual([
    'contacts ████████████░░░░░░░░░░░░░░░░░░ 200 of 500 rows, 3 rejected, 18 s left, 87 of 190 calls per 10 s',
  ])
  progress.planned({ ...plan, sync: 'companies' })
  expect(pinned()).toEqual([
    'contacts  ████████████░░░░░░░░░░░░░░░░░░ 200 of 500 rows, 3 rejected, waits for other syncs',
    'companies ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0 of 500 rows, 87 of 190 calls per 10 s',
  ])
  progress.finished(ended('contacts'))
  progress.finished(ended('companies'))
  expect(pinned()).toEqual([])
})

test('a narrow terminal gets a shorter line, never a broken one', () => {
  const widths = [100, 70, 50, 36, 24, 8].map((columns) => {
    const { progress, pinned, pass } = watched({ drawsBars: true, columns })
    progress.planned({ ...plan, sync: 'hubspot_contacts' })
    pass(10)
    progress.sent('hubspot_contacts', 200, 3)
    pass(2)
    return { columns, lines: pinned() }
  })
  for (const { columns, lines } of widths)
    for (const line of lines) expect(line.length).toBeLessThan(columns)
  expect(widths.map(({ lines }) => lines[0])).toMatchSnapshot()
})

test('of a hundred syncs some are shown', () => {
  const { progress, pinned } = watched({ drawsBars: true })
  for (let index = 1; index <= 100; index++) progress.planned({ ...plan, sync: `sync_${index}` })
  expect(pinned()).toHaveLength(9)
  expect(pinned()[0]).toBe('… and 92 more')
  expect(pinned().at(-1)).toContain('sync_100')
})

test('a limit that HubSpot has called in is told, and the end waits for it', () => {
  const lines = (facts: { drawsBars: boolean }) => {
    const {
      progress,
      lines: told,
      pinned,
      pass,
    } = watched({
      ...facts,
      expectedSeconds: 10,
      pausedMs: 20_000,
    })
    progress.planned(plan)
    pass(30)
    return [...told, ...pinned()]
  }
  expect(lines({ drawsBars: false })).toEqual([
    '12:00:30  contacts: 0 of 500 rows sent (0%), 0 rejected, limited by HubSpot, on again in 20 s, 21 s left, ends about 12:00:51',
  ])
  expect(lines({ drawsBars: true }).join('')).toContain('limited by HubSpot, on again in 20 s')
})
