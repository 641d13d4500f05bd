// Runs other programs for the scripts in this folder. Plain Node 20, no packages: it works before anything is installed.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')

/**
 * Runs a program to its end, without stdin, and returns what it printed. Never throws for an exit code.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, uid?: number, gid?: number, show?: boolean, errors?: boolean }} [options]
 *   `show`: the output goes to the terminal instead of being returned; `errors: false`: stderr is left out
 * @returns {Promise<{ code: number, output: string }>} code 127 when the program does not exist
 */
export function run(command, args, options = {}) {
  const { show = false, errors = true, env = process.env, ...rest } = options
  return new Promise((resolve) => {
    const child = spawn(command, [...args], {
      ...rest,
      env,
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : errors ? 'pipe' : 'ignore'],
    })
    let output = ''
    const keep = (/** @type {Buffer} */ chunk) => {
      output += chunk.toString('utf8')
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** The last lines of a program's output, for a message. @param {string} output @param {number} [count] */
export function lastLines(output, count = 3) {
  return output.trim().split('\n').slice(-count).join(' | ')
}

/**
 * Installs Debian packages where that is possible (root, apt-get present).
 *
 * @param {readonly string[]} packages
 * @returns {Promise<boolean>} whether they are installed now
 */
export async function aptInstall(packages) {
  if (process.getuid?.() !== 0) return false
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = () =>
    run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env })
  if ((await install()).code === 0) return true
  if ((await run('apt-get', ['update'], { env })).code !== 0) return false
  return (await install()).code === 0
}

/**
 * Runs `work` while no other process of this machine holds the same lock file. A lock whose owner is gone is taken over.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true })
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
      if (isAbandoned(path)) rmSync(path, { force: true })
      else await sleep(250)
    }
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** @param {string} path */
function isAbandoned(path) {
  try {
    const owner = Number(readFileSync(path, 'utf8'))
    if (!owner) return false
    process.kill(owner, 0)
    return false
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH'
  }
}
