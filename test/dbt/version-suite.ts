import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type DbtVersion, dbtEnv, ensureDbt } from '../../scripts/dbt.mjs'
import {
  flattenArguments,
  packageBuilds,
  preparePackageProject,
  warningsOf,
} from '../../scripts/dbt-package.mjs'
import { run } from '../../scripts/process.mjs'
import { createLabel, createProperties } from '../../src/cli/commands/sandbox.ts'
import {
  copyExampleProject,
  exampleLabels,
  exampleOwners,
} from '../../src/cli/demo/example-project.ts'
import { runCli } from '../support/cli.ts'
import { gateProject } from '../support/gate-project.ts'
import { gatedIn, runSteps, type Step, writeProject } from '../support/gated-builds.ts'
import { postgresEnv, schemaForTest } from '../support/postgres.ts'
import { sandboxEnv, strictSandbox } from '../support/sandbox.ts'

/** One version of dbt builds what this repository has for it, and Backhaul works with what it leaves behind. */
export function versionSuite(version: DbtVersion, { postgres = false } = {}): void {
  describe(`dbt ${version}`, () => {
    let dbt: Awaited<ReturnType<typeof ensureDbt>>

    beforeAll(async () => {
      dbt = await ensureDbt(version)
    })

    /** Skipped where the version cannot be had; with CI set that is a failure. */
    const programFor = (context: { skip(reason?: string): never }): string => {
      if (dbt.available) return dbt.path
      if (process.env['CI']) throw new Error(`CI is set, so dbt must run, but: ${dbt.reason}`)
      return context.skip(`no dbt ${version}: ${dbt.reason}`)
    }

    test('the example on DuckDB: built, checked, planned and run', async (context) => {
      await exampleRuns(programFor(context), version, 'dev', {})
    })

    test('the dbt package on DuckDB', async (context) => {
      await packageBuildsTwice(programFor(context), 'duckdb', {})
    })

    test('the gate holds what did not go well', async (context) => {
      await gateHolds(programFor(context), version)
    })

    test('the dbt package on PostgreSQL', async (context) => {
      const schema = await schemaForTest(context)
      const env = { ...postgresEnv(context), BACKHAUL_PACKAGE_SCHEMA: schema.name }
      await packageBuildsTwice(programFor(context), 'postgres', env)
    })

    if (!postgres) return

    test('the example on PostgreSQL: built, checked, planned and run', async (context) => {
      const schema = await schemaForTest(context)
      const env = { ...postgresEnv(context), BACKHAUL_EXAMPLE_SCHEMA: schema.name }
      await exampleRuns(programFor(context), version, 'pg', env)
    })
  })
}

type Variables = Readonly<Record<string, string>>

/** Before dbt 1.10.8 the arguments of a generic test stood beside its config. */
const knowsArguments = (version: DbtVersion): boolean => !['1.8', '1.9'].includes(version)

async function exampleRuns(
  program: string,
  version: DbtVersion,
  target: string,
  env: Variables,
): Promise<void> {
  const folder = newFolder()
  copyExampleProject(folder)
  rmSync(join(folder, 'artifacts'), { recursive: true })
  if (!knowsArguments(version)) {
    for (const inner of [
      'seeds',
      ...readdirSync(join(folder, 'models')).map((name) => `models/${name}`),
    ]) {
      flattenArguments(join(folder, inner))
    }
  }
  const own = { DBT_PROFILES_DIR: folder, ...env }
  const built = await run(
    program,
    ['--no-use-colors', '--no-version-check', 'build', '--target', target],
    {
      cwd: folder,
      env: { ...process.env, ...dbtEnv, ...own },
    },
  )
  expect(built.code, built.output).toBe(0)
  expect(warningsOf(built.output)).toEqual([])

  const sandbox = await strictSandbox()
  createProperties(sandbox, join(folder, 'hubspot', 'properties.json'))
  exampleOwners.forEach(sandbox.defineOwner)
  for (const label of exampleLabels) createLabel(sandbox, label)
  // dbt 1.8 infers no primary keys: only this sync names its own and leads to no other.
  const select = version === '1.8' ? ['--select', 'companies'] : []
  const backhaul = async (...args: readonly string[]) => {
    const result = await runCli([...args, ...select, '--target', target], {
      cwd: folder,
      env: { ...own, ...sandboxEnv(sandbox) },
    })
    expect(result.exitCode, result.stdout + result.stderr).toBe(0)
    return result
  }
  await backhaul('validate')
  const planned = await backhaul('plan', '--gate', 'require')
  expect(planned.stdout).toContain('companies')
  const first = await backhaul('run', '--gate', 'require')
  expect(first.stderr).toContain('ERROR=0 GUARDED=0 HELD=0')
  const writes = sandbox.writeCalls()
  await backhaul('run', '--gate', 'require')
  expect(sandbox.writeCalls()).toBe(writes)
}

async function packageBuildsTwice(program: string, target: string, env: Variables): Promise<void> {
  const call = await preparePackageProject(newFolder(), program, env)
  for (const more of packageBuilds) {
    const { code, output } = await call(['build', '--target', target], more)
    expect(code, output).toBe(0)
    expect(warningsOf(output)).toEqual([])
  }
}

const gateSteps: readonly Step[] = [
  { name: 'seed', args: ['seed'] },
  { name: 'build', args: ['build'] },
  { name: 'model fails', args: ['build'], env: { BAD: 'people' } },
  { name: 'unit test fails', args: ['build'], env: { BAD: 'unit test' } },
  { name: 'upstream test fails', args: ['build'], env: { BAD: 'upstream test' } },
  { name: 'retry', args: ['retry'] },
  { name: 'part', args: ['build', '-s', 'totals'] },
  { name: 'empty', args: ['build', '--empty', '-s', 'totals'] },
  { name: 'docs', args: ['docs', 'generate'] },
]

/** The rules of the gate that hang on what a version writes. */
async function gateHolds(program: string, version: DbtVersion): Promise<void> {
  const folder = writeProject(oldProject())
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  if (!knowsArguments(version)) flattenArguments(join(folder, 'models'))
  expect(await runSteps(folder, program, gateSteps)).toEqual([])
  const told = async (step: string, ...syncs: readonly string[]) => {
    const gated = await gatedIn(folder, [step])
    return syncs.map((sync) => gated.told(sync))
  }
  expect(await told('build', 'people', 'totals')).toEqual(['go', 'go'])
  expect(await told('model fails', 'people', 'totals')).toEqual([
    expect.stringMatching(/^1: dbt reports error for the model: .* Error in model people/),
    'go',
  ])
  expect(await told('unit test fails', 'people', 'totals')).toEqual([
    'go',
    '1: dbt reports skipped for the model: test totals_are_two of model totals failed',
  ])
  expect(await told('upstream test fails', 'people', 'totals')).toEqual([
    '1: dbt reports skipped for the model: test no_bad_upstream_test of model stg_people failed',
    'go',
  ])
  expect(await told('retry', 'people', 'totals')).toEqual(['go', 'go'])
  expect(await told('part', 'people', 'totals')).toEqual([
    '0: the model was not part of the last dbt build',
    'go',
  ])
  expect(await told('empty', 'totals')).toEqual([
    '1: the last dbt build ran with --empty, so that tables hold no or only some of their rows',
  ])
  expect((await gatedIn(folder, ['docs'])).ungated).toMatch(/`dbt generate`, which builds nothing/)
}

/** Without what came with dbt 1.9 only: microbatches, and snapshots in YAML. */
function oldProject(): Readonly<Record<string, unknown>> {
  const { 'models/events.sql': _, 'snapshots/history.yml': __, ...files } = gateProject
  return files
}

function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-dbt-version-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
