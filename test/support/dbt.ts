import { dbtEnv, ensureDbt } from '../../scripts/dbt.mjs'
import { run } from '../../scripts/process.mjs'

/** Runs dbt in a project folder; the output is for the failure message. */
export type Dbt = (
  args: readonly string[],
  folder: string,
  env?: NodeJS.ProcessEnv,
) => Promise<{ code: number; output: string }>

/** The real dbt. Where it cannot be had the test is skipped, and fails when CI is set. */
export async function dbtFor(context: { skip(reason?: string): never }): Promise<Dbt> {
  const dbt = await ensureDbt()
  if (!dbt.available) {
    if (process.env['CI']) throw new Error(`CI is set, so dbt must run, but: ${dbt.reason}`)
    return context.skip(`no dbt: ${dbt.reason}`)
  }
  return (args, folder, env = {}) =>
    run(dbt.path, ['--no-use-colors', ...args], {
      cwd: folder,
      env: { ...process.env, ...dbtEnv, ...env },
    })
}
