import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createProject, type TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'

/** A project whose build was of target `dev`, with two more targets in its profile. */
async function builtForDev(engine: 'duckdb' | 'postgres' = 'duckdb') {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine,
    sandbox,
    tables: [],
    syncs: [
      {
        model: 'people',
        hubspot: {
          sync: 'contacts',
          object: 'contacts',
          primary_key: 'id',
          match: { email: 'email' },
          properties: { firstname: 'first_name' },
        },
      },
    ],
  })
  await project.sql(
    `create table ${project.relation('people')} as select 1 as id, 'ada@shop.example' as email, 'Ada' as first_name`,
  )
  change(project, 'profiles.yml', (profiles) => {
    profiles.shop.outputs.prod = { type: 'duckdb', path: 'prod.duckdb', schema: 'main' }
    profiles.shop.outputs.pg = { type: 'postgres', host: 'nowhere', dbname: 'x', schema: 'x' }
  })
  return { sandbox, project }
}

// biome-ignore lint/suspicious/noExplicitAny: a file's content of any shape
function change({ dir }: TestProject, file: string, edit: (content: any) => void): void {
  const path = join(dir, file)
  const content = JSON.parse(readFileSync(path, 'utf8'))
  edit(content)
  writeFileSync(path, JSON.stringify(content))
}

test('tables that dbt built for another target are not sent', async () => {
  const { sandbox, project } = await builtForDev()
  for (const target of [null, 'dev']) {
    change(project, 'target/run_results.json', (results) => {
      results.args.target = target
    })
    for (const args of [[], ['--gate', 'require']]) {
      const { exitCode, stderr } = await project.run(['run', '--target', 'prod', ...args])
      expect(exitCode).toBe(1)
      expect(stderr).toContain('the last dbt build was of target dev, and this is target prod')
      expect(stderr).toContain('run dbt build --target prod')
    }
    expect((await project.run(['plan'])).exitCode).toBe(0)
  }
  expect(sandbox.countRecords('contacts')).toBe(0)
})

test('a manifest of another adapter is refused', async () => {
  const { sandbox, project } = await builtForDev()
  const { exitCode, stderr } = await project.run(['run', '--target', 'pg', '--gate', 'off'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('dbt built this manifest for duckdb, target pg is postgres')
  expect(stderr).toContain('Run dbt build --target pg')
  expect(sandbox.countRecords('contacts')).toBe(0)
})

test('where results do not name their target, the models’ place tells', async () => {
  const { project } = await builtForDev()
  const required = await project.run(['plan', '--target', 'prod', '--gate', 'require'])
  expect(required.exitCode).toBe(1)
  expect(required.stderr).toContain(
    "dbt's manifest has the models in shop.main, target prod builds in prod.main",
  )
  const { stderr } = await project.run(['plan', '--target', 'prod'])
  expect(stderr).toContain("Perhaps another target's tables: dbt's manifest has the models in")
})

test('what dbt built as another user in the same place is sent', async () => {
  const { sandbox, project } = await builtForDev()
  change(project, 'profiles.yml', (profiles) => {
    profiles.shop.outputs.backhaul = { ...profiles.shop.outputs.dev, threads: 2 }
  })
  change(project, 'target/run_results.json', (results) => {
    results.args.target = 'dev'
  })
  const run = await project.run(['run', '--target', 'backhaul', '--gate', 'require'])
  expect(run.exitCode, run.stderr).toBe(0)
  expect(run.stderr).not.toContain('Perhaps')
  expect(sandbox.countRecords('contacts')).toBe(1)
})
