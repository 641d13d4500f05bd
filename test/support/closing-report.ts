import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'

/** What a run of the tests came to; `scripts/test.mjs` prints it, `test/real` counts it. */
export interface ClosingReport {
  passed: number
  /** One line per failure: where, and the first line of why. */
  readonly failures: string[]
  skipped: number
  /** One entry per reason: why tests were skipped, and which. */
  readonly skips: { reason: string; tests: string[] }[]
}

/**
 * Writes the counts of a run to the file named by BACKHAUL_TEST_REPORT. Counted are tests; a file that could not be loaded and
 * an error outside any test count as one failure each.
 */
export class ClosingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const path = process.env['BACKHAUL_TEST_REPORT']
    if (path === undefined) return
    const report: ClosingReport = {
      passed: 0,
      failures: unhandledErrors.map(({ message }) => failure('outside any test', message)),
      skipped: 0,
      skips: [],
    }
    for (const module of modules) {
      const file = relative(process.cwd(), module.moduleId)
      // A hook or an import that fails leaves tests without a result of their own.
      const [broken] = module.errors()
      if (broken !== undefined) report.failures.push(failure(file, broken.message))
      for (const suite of module.children.allSuites()) {
        const [error] = suite.errors()
        if (error !== undefined)
          report.failures.push(failure(`${file} > ${suite.fullName}`, error.message))
      }
      for (const test of module.children.allTests()) count(test, file, report)
    }
    writeFileSync(path, JSON.stringify(report))
  }
}

function count(test: TestCase, file: string, report: ClosingReport): void {
  const result = test.result()
  if (result.state === 'passed') report.passed += 1
  else if (result.state === 'failed') {
    const [error] = result.errors
    report.failures.push(failure(`${file} > ${test.fullName}`, error?.message ?? ''))
  } else {
    report.skipped += 1
    const reason = (result.state === 'skipped' && result.note) || `marked as skipped in ${file}`
    const known = report.skips.find((skip) => skip.reason === reason)
    if (known === undefined) report.skips.push({ reason, tests: [test.fullName] })
    else known.tests.push(test.fullName)
  }
}

const failure = (where: string, message: string): string =>
  `${where}: ${message.trimStart().split('\n', 1)[0]}`
