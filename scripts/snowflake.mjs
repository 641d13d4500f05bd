// A small Snowflake on a free loopback port, for tests: test/support/snowflake, with fakesnow in .cache/fakesnow-0.12
//   node scripts/snowflake.mjs     starts one, prints its address, stops it when interrupted
import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { lastLines, root } from './process.mjs'
import { ensureEnvironment } from './python-environment.mjs'

const startTimeoutMs = 60_000

/** @typedef {{ port: number, stop: () => Promise<void> }} Server `stop` may be called more than once. */

/**
 * Starts a server.
 *
 * @returns {Promise<{ available: true, server: Server } | { available: false, reason: string }>}
 */
export async function startSnowflake() {
  const python = await ensureEnvironment({
    name: 'fakesnow-0.12',
    label: 'fakesnow',
    requirements: 'requirements-snowflake.txt',
    program: 'python',
    oldestPython: [3, 11],
  })
  return python.available ? start(python.path) : python
}

/**
 * @param {string} python
 * @returns {Promise<{ available: true, server: Server } | { available: false, reason: string }>}
 */
async function start(python) {
  const program = join(root, 'test', 'support', 'snowflake', 'server.py')
  const env = { ...process.env, PYTHONWARNINGS: 'ignore', PYTHONDONTWRITEBYTECODE: '1' }
  const child = spawn(python, [program], { stdio: ['pipe', 'pipe', 'pipe'], env })
  let output = ''
  child.stderr.on('data', (chunk) => {
    output = `${output}${chunk}`.slice(-10_000)
  })
  const closed = new Promise((resolve) => child.on('close', () => resolve(undefined)))
  const firstLine = new Promise((resolve) => {
    createInterface({ input: child.stdout }).once('line', resolve)
  })
  const timeout = new Promise((resolve) => setTimeout(resolve, startTimeoutMs).unref())
  const line = await Promise.race([firstLine, closed, timeout])
  const stop = async () => {
    // The server ends with its standard input.
    child.stdin.end()
    await closed
  }
  if (typeof line === 'string')
    return { available: true, server: { port: JSON.parse(line).port, stop } }
  child.kill()
  return { available: false, reason: `the server does not start: ${lastLines(output)}` }
}

async function main() {
  const result = await startSnowflake()
  if (!result.available) {
    process.stderr.write(`${result.reason}\n`)
    process.exitCode = 1
    return
  }
  process.stdout.write(`http://127.0.0.1:${result.server.port}\n`)
  process.on('SIGINT', () => void result.server.stop())
}

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) await main()
