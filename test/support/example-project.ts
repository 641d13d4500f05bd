import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { dbtEnv, ensureDbt } from '../../scripts/dbt.mjs'
import { run } from '../../scripts/process.mjs'
import { createLabel, createProperties } from '../../src/cli/commands/sandbox.ts'
import { buildFromArtifacts } from '../../src/cli/demo/build-from-artifacts.ts'
import {
  copyExampleProject,
  exampleLabels,
  exampleOwners,
} from '../../src/cli/demo/example-project.ts'
import { expectArtifacts } from './artifacts.ts'
import { atTestEnd } from './at-test-end.ts'
import { type CliResult, runCli } from './cli.ts'
import { buildElsewhere, type DuckdbBuild, readDuckdbBuild } from './example-elsewhere.ts'
import { postgresEnv } from './postgres.ts'
import { type ProjectWarehouse, projectWarehouse, type Row } from './project-warehouse.ts'
import { type StrictSandbox, sandboxEnv, strictSandbox } from './sandbox.ts'
import type { TestEngine } from './warehouses.ts'

/** A copy of the example project with a sandbox that has its properties. */
export interface ExampleProject {
  readonly dir: string
  readonly sandbox: StrictSandbox
  /** What commands get on top of their environment. */
  readonly env: Readonly<Record<string, string>>
  /** `dbt build`, or what its artifacts say where there is no dbt. */
  readonly build: () => Promise<void>
  /** Runs `backhaul …` in the project, for the engine's target. */
  readonly run: (...args: readonly string[]) => Promise<CliResult>
  readonly rows: (query: string) => Promise<readonly Row[]>
}

/** Targets of the example's own profile, on engines whose server under test dbt builds on. */
const dbtTargets: Partial<Record<TestEngine['name'], string>> = { duckdb: 'dev', postgres: 'pg' }

/**
 * Copies the example project for one test. Where dbt cannot build on the engine, the marts are those of a build on DuckDB.
 * `BACKHAUL_DBT=none` goes without dbt.
 */
export async function exampleProject(engine: TestEngine): Promise<ExampleProject> {
  const sandbox = await strictSandbox()
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-example-')))
  copyExampleProject(dir)
  createProperties(sandbox, join(dir, 'hubspot', 'properties.json'))
  exampleOwners.forEach(sandbox.defineOwner)
  for (const label of exampleLabels) createLabel(sandbox, label)
  const warehouse = await projectWarehouse(engine.name, dir, 'backhaul_example')
  atTestEnd(async () => {
    await warehouse.drop()
    rmSync(dir, { recursive: true, force: true })
  })
  const program = await dbtProgram()
  const own =
    engine.name === 'postgres'
      ? { ...postgresEnv(), BACKHAUL_EXAMPLE_SCHEMA: warehouse.schema }
      : {}
  const dbtTarget = dbtTargets[engine.name]
  const target = dbtTarget ?? engine.name
  const profilesDir = dbtTarget === undefined ? writeProfile(dir, target, warehouse) : dir
  const env = {
    DBT_PROFILES_DIR: profilesDir,
    ...own,
    ...warehouse.env,
    ...sandboxEnv(sandbox),
  }
  const build = async () => {
    const ofDbt = { ...env, ...dbtEnv, DBT_PROFILES_DIR: dir }
    const args = ['build', '--target', dbtTarget ?? 'dev']
    if (program === undefined) await buildFromArtifacts(dir)
    else await buildWithDbt(program, args, dir, ofDbt)
  }
  const isBuiltThere = program === undefined ? engine.name === 'duckdb' : dbtTarget !== undefined
  return {
    dir,
    sandbox,
    env,
    build: async () => {
      if (isBuiltThere) await build()
      else await buildElsewhere(dir, await duckdbBuild(dir, build), engine, warehouse, target)
    },
    run: async (...args) => {
      const result = await runCli([...args, '--target', target], { cwd: dir, env })
      expectArtifacts(join(dir, 'target', 'backhaul'))
      return result
    },
    rows: warehouse.rows,
  }
}

/** Builds on DuckDB by the text of their seeds: engines that take them over share them. */
const duckdbBuilds = new Map<string, DuckdbBuild>()

async function duckdbBuild(dir: string, build: () => Promise<void>): Promise<DuckdbBuild> {
  const folder = join(dir, 'seeds')
  const files = readdirSync(folder).sort()
  const seeds = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('')
  const known = duckdbBuilds.get(seeds)
  if (known !== undefined) return known
  await build()
  const built = await readDuckdbBuild(dir)
  duckdbBuilds.set(seeds, built)
  return built
}

/** A profile of the server under test beside the example's own, whose targets are for real accounts. @returns its folder */
function writeProfile(dir: string, target: string, { output }: ProjectWarehouse): string {
  const folder = join(dir, 'server-under-test')
  mkdirSync(folder)
  const profiles = { backhaul_example: { target, outputs: { [target]: output } } }
  writeFileSync(join(folder, 'profiles.yml'), JSON.stringify(profiles))
  return folder
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
