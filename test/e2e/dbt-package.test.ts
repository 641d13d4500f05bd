import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ensureDbt } from '../../scripts/dbt.mjs'
import { packageBuilds, preparePackageProject, warningsOf } from '../../scripts/dbt-package.mjs'
import { run } from '../../scripts/process.mjs'
import { dbtFor } from '../support/dbt.ts'
import { type ExampleProject, exampleProject } from '../support/example-project.ts'
import { postgresEnv, schemaForTest } from '../support/postgres.ts'
import { localEngines, type TestEngine } from '../support/warehouses.ts'

/** Each of these calls dbt several times, which reads the whole project each time. */
const timeout = 600_000

interface Context {
  skip(reason?: string): never
}

/** The integration project of the package, with the real dbt. */
async function packageProject(
  context: Context,
  target: string,
  env: Readonly<Record<string, string>>,
) {
  const dbt = await ensureDbt()
  if (!dbt.available) {
    if (process.env['CI']) throw new Error(`CI is set, so dbt must run, but: ${dbt.reason}`)
    return context.skip(`no dbt: ${dbt.reason}`)
  }
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-package-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const call = await preparePackageProject(folder, dbt.path, env)
  return {
    /** Without a warning, and without a failure. */
    dbt: async (args: readonly string[], more?: NodeJS.ProcessEnv) => {
      const { code, output } = await call([...args, '--target', target], more)
      expect(code, output).toBe(0)
      expect(warningsOf(output)).toEqual([])
      return output
    },
    artifact: (name: string) => JSON.parse(readFileSync(join(folder, 'target', name), 'utf8')),
  }
}

type PackageProject = Awaited<ReturnType<typeof packageProject>>

/** Before the first run of Backhaul, and over tables as it makes them. */
async function buildTwice(project: PackageProject): Promise<void> {
  for (const env of packageBuilds) await project.dbt(['build'], env)
}

/** Columns that the warehouse has and `dbt docs` says nothing about, of the package's sources and models. */
function undescribed({ artifact }: PackageProject): readonly string[] {
  const [manifest, catalog] = [artifact('manifest.json'), artifact('catalog.json')]
  const described = { ...manifest.nodes, ...manifest.sources }
  const found = Object.entries({ ...catalog.nodes, ...catalog.sources }).filter(([id]) =>
    /^(model|source)\.backhaul\./.test(id),
  )
  expect(found.length).toBe(9)
  return found.flatMap(([id, table]) =>
    Object.keys((table as { columns: object }).columns)
      .filter((column) => !described[id].columns[column.toLowerCase()]?.description)
      .map((column) => `${id}.${column}`),
  )
}

test('each test of the dbt package passes and fails as it should on DuckDB, and each column is described', {
  timeout,
}, async (context) => {
  const project = await packageProject(context, 'duckdb', {})
  await buildTwice(project)
  const { results } = project.artifact('run_results.json') as {
    results: readonly { unique_id: string; status: string }[]
  }
  const failing = results.filter(({ unique_id }) => /_fails\./.test(unique_id))
  expect(failing.length).toBe(12)
  await project.dbt(['docs', 'generate', '--no-compile'])
  expect(undescribed(project)).toEqual([])
})

test('the dbt package builds on PostgreSQL', { timeout }, async (context) => {
  const schema = await schemaForTest(context)
  const project = await packageProject(context, 'postgres', {
    ...postgresEnv(context),
    BACKHAUL_PACKAGE_SCHEMA: schema.name,
  })
  await buildTwice(project)
})

/** The package as a repository of its own, so that what is not committed yet is in it. @returns its address */
async function packageRepository(): Promise<string> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-package-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const part of ['dbt_project.yml', 'macros', 'models']) {
    cpSync(part, join(folder, part), { recursive: true })
  }
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@shop.example']
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '.'],
    [...author, 'commit', '-qm', 'package'],
  ]) {
    const { code, output } = await run('git', args, { cwd: folder })
    expect(code, output).toBe(0)
  }
  return `file://${folder}`
}

/** Installs the package in the example, with its summary and what its models need to see the audit on DuckDB. */
async function installInExample({ dir }: ExampleProject): Promise<void> {
  const packages = { packages: [{ git: await packageRepository(), revision: 'main' }] }
  writeFileSync(join(dir, 'packages.yml'), JSON.stringify(packages))
  appendFileSync(join(dir, 'dbt_project.yml'), `\non-run-end: "{{ backhaul.summary(results) }}"\n`)
  const profiles = join(dir, 'profiles.yml')
  const attached = readFileSync(profiles, 'utf8').replace(
    'path: backhaul_example.duckdb\n',
    '$&      attach: [{path: backhaul_example_backhaul.duckdb}]\n',
  )
  writeFileSync(profiles, attached)
}

for (const engine of localEngines()) {
  test.skipIf(engine.missing !== undefined)(
    `the models tell on ${engine.name} what a real run wrote`,
    { timeout },
    (context) => tellsOfRun(engine, context),
  )
}

async function tellsOfRun(engine: TestEngine, context: Context): Promise<void> {
  const dbt = await dbtFor(context)
  const example = await exampleProject(engine)
  await installInExample(example)
  const env = { ...example.env, DBT_PROFILES_DIR: example.dir }
  const build = async () => {
    const target = engine.name === 'duckdb' ? 'dev' : 'pg'
    const result = await dbt(['build', '--target', target], example.dir, env)
    expect(result.code, result.output).toBe(0)
    expect(warningsOf(result.output)).toEqual([])
    return result.output
  }
  expect((await dbt(['deps'], example.dir)).code).toBe(0)
  const first = await build()
  expect(first).toContain('Backhaul: contacts (hubspot_contacts): built; has not run yet')
  expect(await example.rows('select * from backhaul_sync_freshness')).toEqual([])
  const ran = await example.run('run')
  expect(ran.exitCode, ran.stderr).toBe(0)

  const second = await build()
  expect(second).toMatch(
    /Backhaul: contacts \(hubspot_contacts\): built; last run succeeded \(56 created\), 0\.\d hours ago/,
  )
  expect(
    await example.rows(
      'select sync_name, status, count(*) as n from backhaul_rows group by sync_name, status order by sync_name',
    ),
  ).toEqual(Object.entries(sent).map(([sync_name, n]) => ({ sync_name, status: 'succeeded', n })))
  expect(
    await example.rows(
      'select sync_name, last_status, runs_since_success, is_late from backhaul_sync_freshness order by sync_name',
    ),
  ).toEqual(
    Object.keys(sent).map((sync_name) => ({
      sync_name,
      last_status: 'succeeded',
      runs_since_success: 0,
      is_late: false,
    })),
  )
  expect(await example.rows('select * from backhaul_errors')).toEqual([])
  await expectAudit(example)
  if (engine.name !== 'duckdb') return
  mkdirSync(join(example.dir, 'tests'), { recursive: true })
  writeFileSync(
    join(example.dir, 'tests', 'no_deals.sql'),
    "select * from {{ ref('hubspot_deals') }}",
  )
  const failed = await dbt(['test', '-s', 'no_deals', 'hubspot_contacts'], example.dir, env)
  expect(failed.code).toBe(1)
  expect(failed.output.match(/Backhaul: .*(?=; last run)/g)).toEqual([
    'Backhaul: deals (hubspot_deals): held, no_deals failed',
  ])
}

async function expectAudit(example: ExampleProject): Promise<void> {
  const changes =
    'select c.sync_name, c.seq, c.row_id, c.operation, c.outcome, c.changed_properties, r.object_type, r.model_id from'
  const wrong = `${changes} changes c join runs r on r.run_id = c.run_id except ${changes.replaceAll(/[cr]\./g, '')} backhaul_changes`
  expect(await example.rows(wrong)).toEqual([])
  expect(await example.rows('select count(*) as n from changes')).toEqual(
    await example.rows('select count(*) as n from backhaul_changes'),
  )
  expect(
    await example.rows(
      'select sync_name, run_count, succeeded_count, rows_created, links_added, calls_made from backhaul_daily_activity order by sync_name',
    ),
  ).toEqual(
    await example.rows(
      'select sync_name, 1 as run_count, 1 as succeeded_count, rows_created, links_added, calls_made from runs order by sync_name',
    ),
  )
}

/** Rows that each sync of the example sends at first. */
const sent = { companies: 24, contacts: 56, deals: 40, job_events: 13, power_users: 2 }
