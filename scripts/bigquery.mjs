// A throw-away server that stands for BigQuery, on a free loopback port, for tests.
//   node scripts/bigquery.mjs     starts one, prints its address, stops it when interrupted
import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lastLines, root } from './process.mjs'
import { ensureEnvironment } from './python-environment.mjs'

const startTimeoutMs = 60_000

/** @type {import('./python-environment.mjs').Environment} */
const wanted = {
  name: 'bqemulator-1.4',
  label: 'bqemulator 1.4',
  requirements: 'requirements-bigquery.txt',
  program: 'python',
  oldestPython: [3, 11],
}

/** @typedef {{ url: string, stop: () => Promise<void> }} Server `stop` may be called more than once */

/**
 * Installs the server on the first call, and starts it. It ends when this process does.
 *
 * @returns {Promise<{ available: true, server: Server } | { available: false, reason: string }>}
 */
export async function startBigquery() {
  const python = await ensureEnvironment(wanted)
  if (!python.available) return python
  const program = join(root, 'test', 'support', 'bigquery', 'emulator.py')
  // DuckDB looks for its extensions in the home folder; the user's stays as it is.
  const env = {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    HOME: join(root, '.cache', wanted.name, 'home'),
  }
  const child = spawn(python.path, [program], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const stop = async () => {
    child.ref()
    child.stdin.end()
    await ended
  }
  const answer = await readAddress(child)
  if (!answer.startsWith('http')) {
    await stop()
    return { available: false, reason: answer }
  }
  child.unref()
  for (const pipe of [child.stdin, child.stdout, child.stderr]) {
    if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref()
  }
  return { available: true, server: { url: answer, stop } }
}

/** @param {import('node:child_process').ChildProcessWithoutNullStreams} child @returns {Promise<string>} its address, or why there is none */
function readAddress(child) {
  return new Promise((resolve) => {
    let log = ''
    const timer = setTimeout(
      () => resolve(`bqemulator did not start in ${startTimeoutMs} ms: ${lastLines(log)}`),
      startTimeoutMs,
    )
    const finish = (/** @type {string} */ answer) => {
      clearTimeout(timer)
      resolve(answer)
    }
    child.stdout.on('data', (chunk) => {
      const address = /^http:\S+/m.exec(String(chunk))
      if (address !== null) finish(address[0])
    })
    child.stderr.on('data', (chunk) => {
      log = (log + chunk).slice(-4000)
    })
    child.once('error', (error) => finish(error.message))
    child.once('exit', () => finish(`bqemulator did not start: ${lastLines(log)}`))
  })
}

async function main() {
  const result = await startBigquery()
  if (!result.available) {
    process.stderr.write(`${result.reason}\n`)
    process.exitCode = 1
    return
  }
  process.stdout.write(`${result.server.url}\n`)
  process.stderr.write('The `api_endpoint` of a dbt-bigquery profile. Ctrl-C stops it.\n')
  const alive = setInterval(() => {}, 60_000)
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      clearInterval(alive)
      void result.server.stop()
    })
  }
}

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) await main()
