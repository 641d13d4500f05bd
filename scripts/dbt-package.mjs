// Builds the integration project of the dbt package (test/dbt-package) with any dbt, on any engine that its profile has:
//   node scripts/dbt-package.mjs                                        dbt 1.11 on DuckDB
//   node scripts/dbt-package.mjs --dbt PATH --target postgres           another dbt; PGHOST, PGPORT, … say where
//   node scripts/dbt-package.mjs --dbt PATH --target snowflake compile  compiles only
// Exit code 0: everything built, every test gave what it should, and dbt deprecates nothing.
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { parse, stringify } from 'yaml'
import { dbtEnv, ensureDbt } from './dbt.mjs'
import { root, run } from './process.mjs'

/** @typedef {(args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<{ code: number, output: string }>} RunDbt */

/**
 * Copies the project into a folder, in the form that a version of dbt reads, and installs the package there.
 *
 * @param {string} folder an empty one
 * @param {string} dbt path of the program
 * @param {NodeJS.ProcessEnv} env where its target's profile points to
 * @returns {Promise<RunDbt>} runs dbt in the folder
 */
export async function preparePackageProject(folder, dbt, env = {}) {
  const isOwn = (/** @type {string} */ path) =>
    !/[/\\](target|logs|dbt_packages)$|\.duckdb/.test(path)
  cpSync(join(root, 'test', 'dbt-package'), folder, { recursive: true, filter: isOwn })
  const own = { ...dbtEnv, BACKHAUL_PACKAGE: root, DBT_PROFILES_DIR: folder, ...env }
  /** @type {RunDbt} */
  const call = (args, more = {}) =>
    run(dbt, ['--no-use-colors', ...args], {
      cwd: folder,
      env: { ...process.env, ...own, ...more },
    })
  const { code, output } = await call(['deps'])
  if (code !== 0) throw new Error(`dbt deps failed:\n${output}`)
  if (!knowsArguments(output)) flattenArguments(join(folder, 'models'))
  return call
}

/** What a build before the first run of Backhaul needs, and one over tables as it makes them. */
export const packageBuilds = [{ BACKHAUL_HAS_AUDIT: 'no' }, { BACKHAUL_HAS_AUDIT: 'yes' }]

/**
 * Whether a dbt takes `arguments:` of generic tests without being told to: from 1.10.8 on.
 *
 * @param {string} output of any command
 */
export function knowsArguments(output) {
  const version = /Running with dbt[ =](\d+)\.(\d+)\.(\d+)/.exec(output) ?? []
  const [major = 0, minor = 0, patch = 0] = version.slice(1).map(Number)
  return major > 1 || minor > 10 || (minor === 10 && patch >= 8)
}

/** Writes the arguments of generic tests where older dbt wants them: beside `config:`. @param {string} folder of YAML files */
export function flattenArguments(folder) {
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.yml'))) {
    const path = join(folder, name)
    writeFileSync(path, stringify(flattened(parse(readFileSync(path, 'utf8')))))
  }
}

/** @param {unknown} value @returns {unknown} */
function flattened(value) {
  if (Array.isArray(value)) return value.map(flattened)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).flatMap(([key, inner]) =>
    key === 'arguments' ? Object.entries(inner) : [[key, flattened(inner)]],
  )
  return Object.fromEntries(entries)
}

/** How dbt 1.12 tells of a test that warns, beside its result. */
const ofTests = /\[WARNING\]: (?:in test |Got \d+ results?, configured to warn)/

/** What dbt warns of, line by line; a test that warns is told as its result. @param {string} output */
export const warningsOf = (output) =>
  output.split('\n').filter((line) => /\[WARNING\b/.test(line) && !ofTests.test(line))

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { dbt: { type: 'string' }, target: { type: 'string', default: 'duckdb' } },
  })
  const [command = 'build'] = positionals
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-package-')))
  try {
    const dbt = await preparePackageProject(folder, values.dbt ?? (await installedDbt()))
    const args = command === 'build' ? [command] : [command, ...offline]
    for (const env of command === 'build' ? packageBuilds : [{}]) {
      const { code, output } = await dbt([...args, '--target', values.target], env)
      process.stdout.write(output)
      const warnings = warningsOf(output)
      if (code !== 0 || warnings.length > 0) {
        process.stderr.write(`dbt ${command}: exit code ${code}, ${warnings.length} warnings\n`)
        process.exitCode = 1
        return
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Compiles without a connection. */
export const offline = ['--no-introspect', '--no-populate-cache']

async function installedDbt() {
  const dbt = await ensureDbt()
  if (dbt.available) return dbt.path
  throw new Error(dbt.reason)
}

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) await main()
