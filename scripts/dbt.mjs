// dbt for the example project, in a virtual environment of its own: .cache/dbt-1.11
//   node scripts/dbt.mjs               prints the path of the dbt program
//   node scripts/dbt.mjs build …       runs it in dbt_project_example
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { aptInstall, lastLines, root, run, withLock } from './process.mjs'

const home = join(root, '.cache', 'dbt-1.11')
const requirements = join(root, 'scripts', 'requirements-dbt.txt')
const stamp = join(home, '.installed')
const oldestPython = [3, 10]

/** What every dbt process of this repository gets on top of its environment. */
export const dbtEnv = { DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' }

/**
 * Installs dbt on the first call (about half a minute), finds it on later ones. Safe to call from several processes.
 *
 * @returns {Promise<{ available: true, path: string } | { available: false, reason: string }>}
 */
export async function ensureDbt() {
  const path = join(home, 'bin', 'dbt')
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex')
  const isInstalled = () =>
    existsSync(path) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
  if (isInstalled()) return { available: true, path }
  return withLock(`${home}.lock`, async () => {
    if (isInstalled()) return { available: true, path }
    const problem = await install(wanted)
    return problem === undefined ? { available: true, path } : { available: false, reason: problem }
  })
}

/** @param {string} wanted @returns {Promise<string | undefined>} what went wrong */
async function install(wanted) {
  const python = await findPython()
  if (python === undefined)
    return `dbt needs python3 ${oldestPython.join('.')} or newer, and there is none`
  process.stderr.write('Installing dbt 1.11 in .cache/dbt-1.11 (once, about half a minute)\n')
  const pip = await createEnvironment(python)
  if (pip === undefined)
    return `${python} cannot create a virtual environment: install python3-venv`
  const [command = python, ...args] = pip
  const { code, output } = await run(command, [...args, 'install', '--quiet', '-r', requirements])
  if (code !== 0) return `pip could not install dbt: ${lastLines(output)}`
  writeFileSync(stamp, wanted)
  return undefined
}

/** @returns {Promise<string | undefined>} */
async function findPython() {
  const check = `import sys; sys.exit(sys.version_info < (${oldestPython.join(', ')}))`
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

/** @param {string} python @returns {Promise<string[] | undefined>} the command that is this environment's pip */
async function createEnvironment(python) {
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

async function main() {
  const dbt = await ensureDbt()
  if (!dbt.available) {
    process.stderr.write(`${dbt.reason}\n`)
    process.exitCode = 1
    return
  }
  const args = process.argv.slice(2)
  if (args.length === 0) process.stdout.write(`${dbt.path}\n`)
  else {
    const env = { ...process.env, ...dbtEnv }
    const cwd = join(root, 'dbt_project_example')
    process.exitCode = (await run(dbt.path, args, { cwd, env, show: true })).code
  }
}

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) await main()
