import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  checkPlanFilePlace,
  readPlanFile,
  writePlanFile,
} from '../../../../src/cli/run/plan-file.ts'
import { newSeal, sealOf } from '../../../../src/cli/run/plan-seal.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backhaul-plan-file-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const place = (name = 'plan.json') => ({ path: join(folder, name), shown: name })
const { facts, seal } = newSeal({ env: {} })
const plan = {
  backhaul: '1.0.0',
  plannedAt: '2026-11-26T10:00:00.000Z',
  project: 'shop',
  target: 'prod',
  portalId: '4242424',
  ...facts,
  flags: { fullRefresh: false, limit: null, rows: null },
  syncs: [],
}

test('a file is read as it was written, and its salt leads to the same seal', () => {
  writePlanFile(place(), plan)
  const read = readPlanFile(place())
  expect(read).toEqual(plan)
  expect(sealOf(read, 'plan.json', { env: { BACKHAUL_PLAN_SECRET: 'not asked for' } })).toBe(seal)
})

test('what never ends is no plan file, and is not read to its end', () => {
  expect(() => readPlanFile({ path: '/dev/zero', shown: '/dev/zero' })).toThrow(
    '/dev/zero: is no plan file: it is longer than 64 MB',
  )
})

test('a place that is a pipe is not read from before it is written', () => {
  execFileSync('bash', ['--norc', '-c', 'mkfifo "$0"', place('pipe').path])
  checkPlanFilePlace(place('pipe'))
  expect(() => checkPlanFilePlace({ path: folder, shown: 'here' })).toThrow('here: is a folder')
  writeFileSync(place('notes.txt').path, 'mine')
  expect(() => checkPlanFilePlace(place('notes.txt'))).toThrow('was not written by')
})
