// dbt for the example project, in a virtual environment of its own: .cache/dbt-1.11
//   node scripts/dbt.mjs               prints the path of the dbt program
//   node scripts/dbt.mjs build …       runs it in dbt_project_example
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, run } from './process.mjs'
import { ensureProgram } from './python-env.mjs'

/** What every dbt process of this repository gets on top of its environment. */
export const dbtEnv = { DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' }

/**
 * Installs dbt on the first call (about half a minute), finds it on later ones. Safe to call from several processes.
 *
 * @returns {Promise<{ available: true, path: string } | { available: false, reason: string }>}
 */
export const ensureDbt = () =>
  ensureProgram({
    name: 'dbt-1.11',
    title: 'dbt 1.11',
    requirements: 'requirements-dbt.txt',
    program: 'dbt',
    oldestPython: [3, 10],
    time: 'about half a minute',
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
