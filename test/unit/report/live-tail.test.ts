import { appendFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { followRuns, lastTold } from '../../../src/report/live-tail.ts'

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-live-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'live')
}

const started = (invocationId: string) =>
  `${JSON.stringify({ type: 'run-started', at: '2026-11-26T12:00:00.000Z', invocationId, holder: invocationId, syncs: [] })}\n`
const ended = (invocationId: string) =>
  `${JSON.stringify({ type: 'run-ended', at: '2026-11-26T12:01:00.000Z', invocationId, exitCode: 0 })}\n`

/** Whoever is among these has gone. */
const gone = new Set<string>()
const facts = { clock: () => Date.now(), isHolderGone: (holder: string) => gone.has(holder) }

test('runs are followed line by line, from their start, and past ones are left alone', () => {
  const folder = aFolder()
  const early = followRuns(folder, facts)
  expect(early.read()).toEqual([])
  mkdirSync(folder)
  const path = join(folder, 'a.ndjson')
  writeFileSync(join(folder, 'old.ndjson'), started('old') + ended('old'))
  writeFileSync(path, started('a').slice(0, 20))
  const tail = followRuns(folder, facts)
  expect(tail.read()).toEqual([])
  expect(tail.isUnderWay()).toBe(false)
  appendFileSync(path, `${started('a').slice(20)}{"broken\n\n{"type":`)
  expect(tail.read()).toMatchObject([{ type: 'run-started', invocationId: 'a' }])
  expect(tail.isUnderWay()).toBe(true)
  appendFileSync(
    path,
    '"calls","at":"2026-11-26T12:00:30.000Z","limitPerTenSeconds":190,"text":"ü"}\n',
  )
  expect(tail.read()).toMatchObject([{ type: 'calls', text: 'ü' }])
  appendFileSync(path, ended('a'))
  expect(tail.read()).toMatchObject([{ type: 'run-ended', exitCode: 0 }])
  expect(tail.isUnderWay()).toBe(false)
  expect(tail.read()).toEqual([])
  expect(early.read()).toHaveLength(5)
  expect(lastTold(folder, 'calls')?.limitPerTenSeconds).toBe(190)
  expect(lastTold(folder, 'account')).toBeUndefined()
  rmSync(path)
  expect(tail.read()).toEqual([])
})

test('a run whose process is gone, or that has been silent for an hour, has ended', () => {
  const folder = aFolder()
  mkdirSync(folder)
  writeFileSync(join(folder, 'killed.ndjson'), started('killed'))
  writeFileSync(join(folder, 'elsewhere.ndjson'), started('elsewhere'))
  const tail = followRuns(folder, facts)
  expect(tail.read()).toHaveLength(2)
  gone.add('killed')
  expect(tail.read()).toMatchObject([{ type: 'run-ended', invocationId: 'killed', exitCode: null }])
  const longAgo = Date.now() / 1000 - 4000
  utimesSync(join(folder, 'elsewhere.ndjson'), longAgo, longAgo)
  expect(tail.read()).toMatchObject([{ type: 'run-ended', invocationId: 'elsewhere' }])
  expect(tail.isUnderWay()).toBe(false)
  expect(followRuns(folder, facts).read()).toEqual([])
})
