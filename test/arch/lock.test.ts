import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { missingEntries } from '../../scripts/complete-lock.mjs'

const lock: { packages: Record<string, { version?: string; resolved?: string }> } = JSON.parse(
  readFileSync('package-lock.json', 'utf8'),
)

test('the lock file lists the packages for every system, so that npm ci accepts it', () => {
  const missing = Object.keys(missingEntries(lock.packages))
  expect(missing, 'run `node scripts/complete-lock.mjs`').toEqual([])
})

test('the lock file names no registry', () => {
  const named = Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined)
  expect(named.map(([path]) => path)).toEqual([])
})
