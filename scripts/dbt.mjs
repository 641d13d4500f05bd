// dbt for the example project, in a virtual environment of its own: .cache/dbt-1.11 (and one for each other version that is tested)
//   node scripts/dbt.mjs               prints the path of the dbt program
//   node scripts/dbt.mjs build …       runs it in dbt_project_example
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, run } from './process.mjs'
import { ensureEnvironment } from './python-environment.mjs'

/** What every dbt process of this repository gets on top of its environment. */
export const dbtEnv = { DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' }

/** What the artifacts of are read from; the tests run `usualVersion`, the matrix of versions all of them. */
export const dbtVersions = /** @type {const} */ (['1.8', '1.9', '1.10', '1.11', '1.12'])
/** @typedef {typeof dbtVersions[number]} DbtVersion */

const usualVersion = '1.11'

/** Installs dbt on the first call, finds it on later ones. Safe to call from several processes. @param {DbtVersion} [version] */
export const ensureDbt = (version = usualVersion) =>
  ensureEnvironment({
    name: `dbt-${version}`,
    label: `dbt ${version}`,
    requirements:
      version === usualVersion ? 'requirements-dbt.txt' : `requirements-dbt-${version}.txt`,
    ...(version === '1.12' ? { alone: 'requirements-dbt-1.12-alone.txt' } : {}),
    program: 'dbt',
    oldestPython:
      version === '1.8' ? [3, 8] : version === '1.11' || version === '1.12' ? [3, 10] : [3, 9],
  })

/** The same with the adapters of Snowflake and BigQuery, in an environment of its own: .cache/dbt-1.11-cloud */
export const ensureCloudDbt = () =>
  ensureEnvironment({
    name: 'dbt-1.11-cloud',
    label: 'dbt 1.11 for Snowflake and BigQuery',
    requirements: 'requirements-dbt-cloud.txt',
    program: 'dbt',
    oldestPython: [3, 10],
  })

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
