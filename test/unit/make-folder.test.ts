import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder } from '../../src/make-folder.ts'

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('a folder is made with those above it, and one that is there stays', () => {
  const path = join(emptyFolder(), 'a', 'b')
  makeFolder(path, 0o700)
  makeFolder(path)
  expect(statSync(path).mode & 0o777).toBe(0o700)
})

test('a file in the way is an error', () => {
  const path = join(emptyFolder(), 'file')
  writeFileSync(path, '')
  expect(() => makeFolder(path)).toThrow('EEXIST')
  expect(() => makeFolder(join(path, 'below'))).toThrow(/EEXIST|ENOTDIR/)
})

test.skipIf(process.platform !== 'linux')(
  'where a system says that nothing can be made, and not why, it is an error, too',
  () => {
    expect(() => makeFolder('/proc/backhaul/report')).toThrow('ENOENT')
  },
)
