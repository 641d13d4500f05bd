import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveSyncs } from '../../../src/config/resolve-syncs.ts'
import { silentLogger } from '../../../src/log.ts'
import { readManifest } from '../../../src/manifest/read-manifest.ts'
import { readTextFile } from '../../../src/project/environment.ts'
import { findProject } from '../../../src/project/find-project.ts'

const folder = join(import.meta.dirname, '../../../dbt_project_example')

/** What the targets on an account of the user's ask the environment for. */
const accounts = {
  SNOWFLAKE_ACCOUNT: 'myorg-myaccount',
  SNOWFLAKE_USER: 'ADA',
  DBT_ENV_SECRET_SNOWFLAKE_PASSWORD: 'a password',
  SNOWFLAKE_ROLE: 'TRANSFORMER',
  SNOWFLAKE_WAREHOUSE: 'TRANSFORMING_XS',
  SNOWFLAKE_DATABASE: 'ANALYTICS',
  BIGQUERY_PROJECT: 'my-project',
}

test.each([
  ['dev', 'duckdb', 'main', false, {}],
  ['pg', 'postgres', 'backhaul_example', false, {}],
  ['snowflake', 'snowflake', 'backhaul_example', false, accounts],
  ['bigquery', 'bigquery', 'backhaul_example', false, accounts],
  ['prod', 'duckdb', 'main', true, {}],
])('the example project, target %s', (target, type, schema, mayWrite, env) => {
  const project = findProject({ cwd: folder, env, flags: { target } })
  expect(project).toMatchObject({ projectDir: folder, targetName: target, schema })
  expect(project.connection.type).toBe(type)
  expect(project.settings.writingTargets.includes(target)).toBe(mayWrite)
})

test('a target of the example project on an account says which variables it needs', () => {
  const find = (target: string) => () => findProject({ cwd: folder, env: {}, flags: { target } })
  expect(find('snowflake')).toThrow(/DBT_ENV_SECRET_SNOWFLAKE_PASSWORD/)
  expect(find('bigquery')).toThrow(/BIGQUERY_PROJECT/)
})

test('the syncs of the example project', async () => {
  const manifest = await readManifest(join(folder, 'artifacts/manifest.json'), {
    log: silentLogger,
  })
  const { syncs, problems } = resolveSyncs(manifest, { projectDir: folder, readFile: readTextFile })
  expect(problems).toEqual([])
  expect(
    syncs.map(({ name, primaryKey, isKeyInferred, guards, origin }) => [
      name,
      ...primaryKey,
      isKeyInferred,
      guards,
      origin.file,
    ]),
  ).toEqual([
    ['companies', 'account_id', false, { minRows: 1 }, 'models/marts/_marts.yml'],
    ['contacts', 'customer_id', true, { minRows: 1 }, 'models/marts/_marts.yml'],
    [
      'deals',
      'deal_id',
      false,
      { minRows: 1, maxDeletes: { share: 0.1 }, maxChanges: { rows: 500 } },
      'models/marts/_exposures.yml',
    ],
    ['job_events', 'event_id', true, { minRows: 1 }, 'models/marts/_marts.yml'],
  ])
})
