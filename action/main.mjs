// The step of action.yml: runs backhaul, leaves what it printed in the job's summary and on the pull request, ends with its exit code.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandLine } from './command-line.mjs'
import { markerOf, writeComment } from './comment.mjs'
import { runSummary } from './run-summary.mjs'

const { env } = process

/** @param {string} name */
const input = (name) => env[`BACKHAUL_INPUT_${name.toUpperCase().replaceAll('-', '_')}`] ?? ''

/** What the runner gives to every step. @param {string} name */
const given = (name) => env[name] ?? ''

const home = join(given('RUNNER_TEMP'), 'backhaul')

/** A line that GitHub shows with the job; in one line, since each line is a command of its own. @param {string} text */
const warn = (text) =>
  console.log(
    `::warning title=Backhaul::${text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}`,
  )

/**
 * Runs the command; its log goes to the job's log as it comes.
 *
 * @param {string[]} argv
 * @returns {Promise<{ exitCode: number, stdout: string }>}
 */
function backhaul(argv) {
  const program = join(home, 'node_modules', 'backhaul', 'dist', 'cli', 'main.js')
  // Without the inputs: the token that writes the comment is none of its business.
  const own = Object.entries(env).filter(([name]) => !name.startsWith('BACKHAUL_INPUT_'))
  const child = spawn(process.execPath, [program, ...argv], {
    env: Object.fromEntries(own),
    // The log goes the way of what is printed, so that the runner reads both in order.
    stdio: ['ignore', 'pipe', 1],
  })
  // A job that is cancelled: Backhaul finishes what is under way and records it.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
    process.on(signal, () => child.kill(signal))
  let stdout = ''
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ exitCode: code ?? 2, stdout }))
  })
}

/** What GitHub says of the event that started this job. */
function readEvent() {
  const path = given('GITHUB_EVENT_PATH')
  return path === '' ? {} : JSON.parse(readFileSync(path, 'utf8'))
}

const event = readEvent()

/** The pull request that started this job, and its newest commit; undefined when none did. */
function pullRequest() {
  const { pull_request: opened, issue } = event
  const number = opened?.number ?? (issue?.pull_request ? issue.number : undefined)
  // On pull requests GITHUB_SHA is a merge that nobody has seen.
  return number === undefined
    ? undefined
    : { number, commit: opened?.head?.sha ?? given('GITHUB_SHA') }
}

/** Of which commit the plan is, and where its log is. @param {string} commit */
function footer(commit) {
  const run = `${given('GITHUB_SERVER_URL')}/${given('GITHUB_REPOSITORY')}/actions/runs/${given('GITHUB_RUN_ID')}`
  return `<sub>Commit ${commit.slice(0, 10)}, [log](${run})</sub>\n`
}

/** @param {string} text */
async function comment(text) {
  const opened = pullRequest()
  if (input('comment') !== 'true' || opened === undefined) return
  if (input('github-token') === '')
    return warn('There is no github-token, so the plan is in the summary of the job only')
  const key = input('comment-key') || `${input('project-dir')} ${input('target')}`
  const written = await writeComment({
    apiUrl: given('GITHUB_API_URL') || 'https://api.github.com',
    repository: given('GITHUB_REPOSITORY'),
    number: opened.number,
    token: input('github-token'),
    marker: markerOf(key),
    text: `${text}\n${footer(opened.commit)}`,
  })
  if ('url' in written) console.log(`The plan is at ${written.url}`)
  else
    warn(
      `The plan is in the summary of the job only: ${written.problem}. A comment needs \`permissions: {pull-requests: write}\`, which pull requests of forks do not get.`,
    )
}

const { command, argv } = commandLine(input, {
  eventName: given('GITHUB_EVENT_NAME'),
  ref: given('GITHUB_REF'),
  defaultBranch: event.repository?.default_branch,
})
/** Writes what is no command to the runner, whatever rows and projects hold. @param {string} text */
function print(text) {
  const pause = randomUUID()
  console.log(`::stop-commands::${pause}\n${text}\n::${pause}::`)
}

print(`backhaul ${argv.join(' ')}`)
// Its log holds commands that it means, and no others.
const { exitCode, stdout } = await backhaul(argv)
print(stdout)

const extension = stdout.startsWith('{')
  ? 'json'
  : argv.includes('--output=markdown')
    ? 'md'
    : 'txt'
const path = join(home, `${command}.${extension}`)
writeFileSync(path, stdout)
appendFileSync(given('GITHUB_OUTPUT'), `exit-code=${exitCode}\ndocument=${path}\n`)
if (extension === 'md') {
  appendFileSync(given('GITHUB_STEP_SUMMARY'), `${stdout}\n`)
  await comment(stdout)
}
if (command === 'run' && extension === 'json')
  appendFileSync(given('GITHUB_STEP_SUMMARY'), `${runSummary(stdout)}\n`)
process.exitCode = exitCode
