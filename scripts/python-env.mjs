// Python programs that scripts and tests need, each in a virtual environment of its own below .cache.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { aptInstall, lastLines, root, run, withLock } from './process.mjs'

/**
 * @typedef {{
 *   name: string,
 *   title: string,
 *   requirements: string,
 *   program: string,
 *   oldestPython: readonly [number, number],
 *   time: string,
 * }} Wanted
 *   `name`: the folder below .cache; `title`: what it is, for messages; `requirements`: the pinned packages, a file in scripts;
 *   `program`: what is wanted of it; `time`: how long the installation takes
 */

/** The folder of an environment. @param {Pick<Wanted, 'name'>} wanted */
export const environmentFolder = ({ name }) => join(root, '.cache', name)

/**
 * Installs the packages on the first call, finds them on later ones. Safe to call from several processes.
 *
 * @param {Wanted} wanted
 * @returns {Promise<{ available: true, path: string } | { available: false, reason: string }>} the program's path
 */
export async function ensureProgram(wanted) {
  const home = environmentFolder(wanted)
  const path = join(home, 'bin', wanted.program)
  const stamp = join(home, '.installed')
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'scripts', wanted.requirements)))
    .digest('hex')
  const isInstalled = () =>
    existsSync(path) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest
  if (isInstalled()) return { available: true, path }
  return withLock(`${home}.lock`, async () => {
    if (isInstalled()) return { available: true, path }
    const problem = await install(wanted, home)
    if (problem !== undefined) return { available: false, reason: problem }
    writeFileSync(stamp, digest)
    return { available: true, path }
  })
}

/** @param {Wanted} wanted @param {string} home @returns {Promise<string | undefined>} what went wrong */
async function install({ name, title, requirements, oldestPython, time }, home) {
  const python = await findPython(oldestPython)
  if (python === undefined)
    return `${title} needs python3 ${oldestPython.join('.')} or newer, and there is none`
  process.stderr.write(`Installing ${title} in .cache/${name} (once, ${time})\n`)
  const pip = await createEnvironment(python, home)
  if (pip === undefined)
    return `${python} cannot create a virtual environment: install python3-venv`
  const [command = python, ...args] = pip
  const file = join(root, 'scripts', requirements)
  const { code, output } = await run(command, [...args, 'install', '--quiet', '-r', file])
  return code === 0 ? undefined : `pip could not install ${title}: ${lastLines(output)}`
}

/** @param {readonly [number, number]} oldest @returns {Promise<string | undefined>} */
async function findPython(oldest) {
  const check = `import sys; sys.exit(sys.version_info < (${oldest.join(', ')}))`
  const find = async () => {
    for (const name of [
      'python3',
      'python3.13',
      'python3.12',
      'python3.11',
      'python3.10',
      'python',
    ]) {
      if ((await run(name, ['-c', check])).code === 0) return name
    }
    return undefined
  }
  const found = await find()
  if (found !== undefined) return found
  return (await aptInstall(['python3', 'python3-venv'])) ? find() : undefined
}

/** @param {string} python @param {string} home @returns {Promise<string[] | undefined>} the command that is this environment's pip */
async function createEnvironment(python, home) {
  const create = async (/** @type {string[]} */ ...flags) => {
    rmSync(home, { recursive: true, force: true })
    mkdirSync(join(home, '..'), { recursive: true })
    return (await run(python, ['-m', 'venv', ...flags, home])).code === 0
  }
  const own = join(home, 'bin', 'python')
  if (await create()) return [own, '-m', 'pip']
  // Debian splits ensurepip off into python3-venv.
  if ((await aptInstall(['python3-venv'])) && (await create())) return [own, '-m', 'pip']
  if (!(await create('--without-pip'))) return undefined
  if ((await run(own, ['-m', 'ensurepip'])).code === 0) return [own, '-m', 'pip']
  const hasPip = (await run(python, ['-m', 'pip', '--version'])).code === 0
  return hasPip ? [python, '-m', 'pip', '--python', own] : undefined
}
