import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from '../../scripts/process.mjs'
import { version } from '../../src/cli/version.ts'
import type { ServedEngine } from '../support/schemas.ts'
import { engineFacts } from './engine-facts.ts'
import type { Outcome } from './tests.ts'

export interface ReportFacts {
  readonly engine: ServedEngine
  readonly engineVersion: string | undefined
  readonly filters: readonly string[]
  readonly outcome: Outcome
  readonly seconds: number
}

/** What to hand on of a run. It names no account, user or place. */
export async function reportText(facts: ReportFacts): Promise<string> {
  const { engine, engineVersion, filters, outcome, seconds } = facts
  const { driver } = engineFacts[engine]
  const { report } = outcome
  const commit = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, errors: false })
  const lines = [
    `backhaul ${version()}${commit.code === 0 ? `, commit ${commit.output.trim()}` : ''}`,
    `${engine}${engineVersion === undefined ? '' : ` ${engineVersion}`}, ${driver} ${versionOf(driver)}`,
    `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    filters.length === 0 ? 'all tests' : `only ${filters.join(' ')}`,
    report === undefined
      ? 'the tests did not end'
      : `${report.passed} passed, ${report.failures.length} failed, ${report.skipped} skipped`,
    `${seconds} s`,
  ]
  return lines.join('\n')
}

function versionOf(driver: string): string {
  const text = readFileSync(join(root, 'node_modules', driver, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
