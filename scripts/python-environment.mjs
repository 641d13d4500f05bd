// Virtual environments of Python for the tools of this repository, one per tool: .cache/<name>
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { aptInstall, lastLines, root, run, withLock } from './process.mjs'

/**
 * @typedef {object} Environment
 * @property {string} name the folder below .cache
 * @property {string} label what is installed, for messages
 * @property {string} requirements file of pinned packages, below scripts/
 * @property {string} [alone] the same, of packages that are then installed without what they depend on
 * @property {string} program that it must hold, below bin/
 * @property {readonly [number, number]} oldestPython
 */

/**
 * Installs an environment on the first call, finds it on later ones. Safe to call from several processes.
 *
 * @param {Environment} environment
 * @returns {Promise<{ available: true, path: string } | { available: false, reason: string }>} path of the program
 */
export async function ensureEnvironment(environment) {
  const home = join(root, '.cache', environment.name)
  const path = join(home, 'bin', environment.program)
  const stamp = join(home, '.installed')
  const files = [environment.requirements, environment.alone ?? []].flat()
  const requirements = files.map((file) => join(root, 'scripts', file))
  const hash = createHash('sha256')
  for (const file of requirements) hash.update(readFileSync(file))
  const wanted = hash.digest('hex')
  const isInstalled = () =>
    runs(path) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
  if (isInstalled()) return { available: true, path }
  return withLock(`${home}.lock`, async () => {
    if (isInstalled()) return { available: true, path }
    const problem = await install(environment, home, requirements)
    if (problem !== undefined) return { available: false, reason: problem }
    writeFileSync(stamp, wanted)
    return { available: true, path }
  })
}

/** @param {string} path of a program @returns {boolean} false as well when its interpreter is gone, as after the folder was moved */
function runs(path) {
  if (!existsSync(path)) return false
  const [, interpreter] = /^#!(\S+)/.exec(readFileSync(path, 'latin1').slice(0, 500)) ?? []
  return interpreter === undefined || existsSync(interpreter)
}

/**
 * @param {Environment} environment @param {string} home @param {readonly string[]} requirements
 * @returns {Promise<string | undefined>} what went wrong
 */
async function install({ label, name, oldestPython }, home, requirements) {
  const python = await findPython(oldestPython)
  if (python === undefined)
    return `${label} needs python3 ${oldestPython.join('.')} or newer, and there is none`
  process.stderr.write(`Installing ${label} in .cache/${name} (once, about half a minute)\n`)
  const pip = await createEnvironment(python, home)
  if (pip === undefined)
    return `${python} cannot create a virtual environment: install python3-venv`
  const [command = python, ...args] = pip
  for (const [index, file] of requirements.entries()) {
    const alone = index === 0 ? [] : ['--no-deps']
    const { code, output } = await run(command, [
      ...args,
      'install',
      '--quiet',
      ...alone,
      '-r',
      file,
    ])
    if (code !== 0) return `pip could not install ${label}: ${lastLines(output)}`
  }
  return undefined
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

/**
 * @param {string} python @param {string} home
 * @returns {Promise<string[] | undefined>} the command that is this environment's pip
 */
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
