import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { dbtEnv, ensureDbt } from '../../scripts/dbt.mjs'
import { run } from '../../scripts/process.mjs'
import { createProperties } from '../../src/cli/commands/sandbox.ts'
import { buildFromArtifacts } from '../../src/cli/demo/build-from-artifacts.ts'
import { copyExampleProject } from '../../src/cli/demo/example-project.ts'
import { atTestEnd } from './at-test-end.ts'
import { type CliResult, runCli } from './cli.ts'
import { buildInPostgres } from './example-in-postgres.ts'
import { postgresEnv, postgresUrl } from './postgres.ts'
import { duckdbWarehouse, type Row, servedWarehouse } from './project-warehouse.ts'
import { type StrictSandbox, sandboxEnv, strictSandbox } from './sandbox.ts'

/** A copy of the example project with a sandbox that has its properties. */
export interface ExampleProject {
  readonly dir: string
  readonly sandbox: StrictSandbox
  /** `dbt build`, or what its artifacts say where there is no dbt. */
  readonly build: () => Promise<void>
  /** Runs `backhaul …` in the project, for the engine's target. */
  readonly run: (...args: readonly string[]) => Promise<CliResult>
  readonly rows: (query: string) => Promise<readonly Row[]>
}

/** Copies the example project for one test. `BACKHAUL_DBT=none` builds it from its artifacts. */
export async function exampleProject(engine: 'duckdb' | 'postgres'): Promise<ExampleProject> {
  const sandbox = await strictSandbox()
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-example-')))
  copyExampleProject(dir)
  createProperties(sandbox, join(dir, 'hubspot', 'properties.json'))
  const isDuckdb = engine === 'duckdb'
  const warehouse = isDuckdb
    ? await duckdbWarehouse(dir, 'backhaul_example')
    : await servedWarehouse('postgres')
  atTestEnd(async () => {
    await warehouse.drop()
    rmSync(dir, { recursive: true, force: true })
  })
  const target = isDuckdb ? 'dev' : 'pg'
  const own = isDuckdb ? {} : { ...postgresEnv(), BACKHAUL_EXAMPLE_SCHEMA: warehouse.schema }
  const env = { DBT_PROFILES_DIR: dir, ...own, ...sandboxEnv(sandbox) }
  const program = await dbtProgram()
  const withoutDbt = () =>
    isDuckdb ? buildFromArtifacts(dir) : buildInPostgres(dir, postgresUrl(), warehouse.schema)
  return {
    dir,
    sandbox,
    build: async () => {
      if (program === undefined) await withoutDbt()
      else await buildWithDbt(program, ['build', '--target', target], dir, { ...env, ...dbtEnv })
    },
    run: (...args) => runCli([...args, '--target', target], { cwd: dir, env }),
    rows: warehouse.rows,
  }
}

/** @returns undefined where there is no dbt; with CI set that is a failure */
export async function dbtProgram(): Promise<string | undefined> {
  if (process.env['BACKHAUL_DBT'] === 'none') return undefined
  const dbt = await ensureDbt()
  if (dbt.available) return dbt.path
  if (process.env['CI']) throw new Error(`CI is set, so dbt must run, but: ${dbt.reason}`)
  return undefined
}

async function buildWithDbt(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { code, output } = await run(program, ['--no-use-colors', ...args], {
    cwd,
    env: { ...process.env, ...env },
  })
  expect(code, output).toBe(0)
}
