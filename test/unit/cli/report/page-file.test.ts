import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkPagePlace, writePage } from '../../../../src/cli/report/page-file.ts'

test('two that write the same report at once each write it whole', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-report-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'report.html')
  const file = { path, shown: 'report.html' }
  function* interrupted() {
    yield 'one '
    expect(writePage(file, ['the other'])).toBe(9)
    expect(readFileSync(path, 'utf8')).toBe('the other')
    yield 'whole'
  }
  expect(writePage(file, interrupted())).toBe(9)
  expect(readFileSync(path, 'utf8')).toBe('one whole')
  expect(readdirSync(folder)).toEqual(['report.html'])
})

test('what a killed report left is removed by a later one, and what another writes now is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-report-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const old = new Date(Date.now() - 2 * 60 * 60 * 1000)
  for (const name of ['report.html.1-a.part', 'report.html.2-b.part', 'other.html.3-c.part'])
    writeFileSync(join(folder, name), 'values')
  for (const name of ['report.html.1-a.part', 'other.html.3-c.part'])
    utimesSync(join(folder, name), old, old)
  writePage({ path: join(folder, 'report.html'), shown: 'report.html' }, ['page'])
  expect(readdirSync(folder).sort()).toEqual([
    'other.html.3-c.part',
    'report.html',
    'report.html.2-b.part',
  ])
})

test('only a page, and a file that is empty, is written over', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-report-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = { path: join(folder, 'report.html'), shown: 'report.html' }
  checkPagePlace(file)
  for (const text of ['', '<html><title>Backhaul report</title>']) {
    writeFileSync(file.path, text)
    checkPagePlace(file)
  }
  writeFileSync(file.path, 'mine')
  expect(() => checkPagePlace(file)).toThrow('was not written by `backhaul report`')
  checkPagePlace({ path: '/dev/null', shown: '/dev/null' })
})
