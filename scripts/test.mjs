// npm test: builds, runs vitest's projects from fast to slow, and ends with what was skipped and why, and one line of counts.
//   npm test -- --project unit      one project; every other argument of vitest works too
//   npm run test:long               the projects that take longest, which npm test leaves out
//   npm run test:dbt-matrix         every version of dbt, which npm test leaves out, too
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from './process.mjs'
import { ensureBuild, SetUpError } from './toolchain.mjs'

/** The projects that run the built command. */
const needBuild = ['contract', 'e2e', 'browser', 'fault', 'cloud', 'dbt']
/** What `npm test` leaves out: thousands of runs, half of them killed, and runs on engines that are emulated. */
const long = ['fault', 'cloud']
/** Left out, too: five versions of dbt are installed for it. */
const matrix = 'dbt'
const shownTestsPerSkip = 3

/** @typedef {{ passed: number, failures: string[], skipped: number, skips: { reason: string, tests: string[] }[] }} Report */

const args = testArguments(process.argv.slice(2))
const folder = mkdtempSync(join(tmpdir(), 'backhaul-test-'))
const problems = []
try {
  const problem = await build()
  if (problem !== undefined) problems.push(problem)
  const { code, report } = await runTests(join(folder, 'report.json'))
  const { passed, failures, skipped } = report
  if (code !== 0 && failures.length === 0) problems.push(`vitest ended with exit code ${code}`)
  if (passed + failures.length === 0) problems.push('no test ran')
  printSkips(report)
  if (failures.length > 0) process.stdout.write('\nFailed:\n')
  for (const failure of failures) process.stdout.write(`- ${failure}\n`)
  for (const text of problems) process.stdout.write(`\n${text}\n`)
  process.stdout.write(`\n${passed} passed, ${failures.length} failed, ${skipped} skipped\n`)
  process.exitCode = problems.length > 0 || failures.length > 0 ? 1 : 0
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** @param {readonly string[]} given @returns {string[]} what vitest is called with */
function testArguments([first, ...rest]) {
  if (first === '--long') return [...long.flatMap((name) => ['--project', name]), ...rest]
  const given = first === undefined ? [] : [first, ...rest]
  // A configuration of its own has no projects.
  const isChosen = given.some((arg) => /^--(project|config)(=|$)/.test(arg))
  return isChosen
    ? given
    : [...[...long, matrix].flatMap((name) => ['--project', `!${name}`]), ...given]
}

/** @returns {Promise<string | undefined>} what went wrong */
async function build() {
  const projects = selectedProjects()
  const isAnyBuilt = projects.some((name) => name.startsWith('!') || needBuild.includes(name))
  if (projects.length > 0 && !isAnyBuilt) return undefined
  try {
    await ensureBuild()
    return undefined
  } catch (error) {
    if (error instanceof SetUpError) return error.message
    throw error
  }
}

/** What `--project NAME` and `--project=NAME` ask for; empty for everything. */
function selectedProjects() {
  return args.flatMap((arg, index) => {
    if (arg === '--project') return args[index + 1] ?? []
    return arg.startsWith('--project=') ? arg.slice('--project='.length) : []
  })
}

/** @param {string} path where test/support/closing-report.ts puts the counts @returns {Promise<{ code: number, report: Report }>} */
async function runTests(path) {
  const env = { ...process.env, BACKHAUL_TEST_REPORT: path }
  const { code } = await run('vitest', ['run', ...args], { cwd: root, env, show: true })
  // Without a report vitest itself broke down: that is one failure.
  const nothing = {
    passed: 0,
    failures: code === 0 ? [] : ['vitest ended without a report'],
    skipped: 0,
    skips: [],
  }
  return { code, report: existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : nothing }
}

/** @param {Report} report */
function printSkips({ skips }) {
  if (skips.length > 0) process.stdout.write('\nSkipped:\n')
  for (const { reason, tests } of skips) {
    process.stdout.write(`- ${reason} (${tests.length})\n`)
    for (const name of tests.slice(0, shownTestsPerSkip)) process.stdout.write(`    ${name}\n`)
    if (tests.length > shownTestsPerSkip)
      process.stdout.write(`    and ${tests.length - shownTestsPerSkip} more\n`)
  }
}
