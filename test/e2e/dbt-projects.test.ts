import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runCli } from '../support/cli.ts'
import { type Dbt, dbtFor } from '../support/dbt.ts'
import { type StrictSandbox, sandboxEnv, strictSandbox } from '../support/sandbox.ts'

/** Everything that dbt lets a project do with names and places of tables, built by the real dbt. JSON is YAML. */

/** Each model has one row of its own, so that the contacts in HubSpot tell which tables were read. */
const row = (name: string): string => `select 1 as id, '${name}@shop.example' as email`

const hubspot = (sync: string, more: object = {}) => ({
  meta: {
    hubspot: {
      sync,
      object: 'contacts',
      primary_key: 'id',
      match: { email: 'email' },
      shared: true,
      ...more,
    },
  },
})

const history = (name: string, config: object) => ({
  name,
  relation: "ref('people')",
  config: {
    unique_key: 'id',
    strategy: 'check',
    check_cols: ['version'],
    ...config,
    ...hubspot(name, { properties: { firstname: 'version' } }),
  },
})

const project = 'transform/shop'

const files: Readonly<Record<string, unknown>> = {
  'config/profiles.yml': {
    shop: {
      target: 'dev',
      outputs: {
        dev: {
          type: 'duckdb',
          path: 'shop.duckdb',
          schema: 'main',
          threads: 1,
          attach: [{ path: 'more.duckdb', alias: 'more' }],
        },
        ci: { type: 'duckdb', path: 'shop.duckdb', schema: 'ci', threads: 1 },
      },
    },
  },
  [`${project}/dbt_project.yml`]: {
    name: 'shop',
    version: '1.0.0',
    profile: 'shop',
    flags: { send_anonymous_usage_stats: false },
    models: {
      shop: { unquoted: { '+quoting': { identifier: false, schema: false } } },
      crm: { '+schema': 'packaged' },
    },
  },
  [`${project}/packages.yml`]: { packages: [{ local: '../crm' }] },
  'transform/crm/dbt_project.yml': {
    name: 'crm',
    version: '1.0.0',
    'config-version': 2,
  },
  'transform/crm/models/packaged_people.sql': row('packaged'),
  'transform/crm/models/schema.yml': {
    models: [{ name: 'packaged_people', config: { access: 'public', ...hubspot('packaged') } }],
  },
  [`${project}/seeds/seeded_people.csv`]: 'id,email\n1,seeded@shop.example\n',
  [`${project}/models/people.sql`]:
    "select 1 as id, 'kept@shop.example' as email, '{{ var(\"version\", \"one\") }}' as version {% if var('version', 'one') == 'one' %} union all select 2, 'gone@shop.example', 'one' {% endif %}",
  [`${project}/models/aliased.sql`]: `{{ config(alias='1st Näme, of people.v2', materialized='table') }} ${row('aliased')}`,
  [`${project}/models/elsewhere.sql`]: `{{ config(database='more', schema='side') }} ${row('elsewhere')}`,
  [`${project}/models/unquoted/Mixed_Case.sql`]: row('unquoted'),
  [`${project}/models/cross.sql`]:
    "select 1 as id, replace(email, 'packaged', 'cross') as email from {{ ref('crm', 'packaged_people') }}",
  [`${project}/models/many_v1.sql`]: row('version1'),
  [`${project}/models/many_v2.sql`]: row('version2'),
  [`${project}/models/off.sql`]: `{{ config(enabled=false) }} ${row('off')}`,
  [`${project}/models/exposed.sql`]: row('exposed'),
  [`${project}/models/private_people.sql`]: row('private'),
  [`${project}/models/schema.yml`]: {
    groups: [{ name: 'crm', owner: { name: 'CRM' } }],
    models: [
      { name: 'aliased', config: hubspot('aliased') },
      { name: 'elsewhere', config: hubspot('elsewhere') },
      { name: 'Mixed_Case', config: hubspot('unquoted') },
      { name: 'cross', config: hubspot('cross') },
      {
        name: 'many',
        latest_version: 2,
        config: hubspot('versions'),
        versions: [{ v: 1 }, { v: 2, config: { alias: 'many_newest' } }],
      },
      { name: 'off', config: hubspot('off') },
      {
        name: 'private_people',
        config: { group: 'crm', access: 'private', ...hubspot('private') },
      },
    ],
    seeds: [{ name: 'seeded_people', config: hubspot('seeded') }],
    exposures: [
      {
        name: 'hubspot_exposed',
        type: 'application',
        owner: { name: 'CRM' },
        depends_on: ["ref('exposed')"],
        config: hubspot('exposed'),
      },
    ],
  },
  [`${project}/snapshots/histories.yml`]: {
    snapshots: [
      history('plain_history', {}),
      history('renamed_history', {
        snapshot_meta_column_names: {
          dbt_valid_from: 'from_at',
          dbt_valid_to: 'to_at',
          dbt_scd_id: 'scd',
          dbt_updated_at: 'changed_at',
          dbt_is_deleted: 'gone',
        },
        dbt_valid_to_current: "cast('9999-12-31' as timestamp)",
        hard_deletes: 'new_record',
      }),
      history('closed_history', { hard_deletes: 'invalidate' }),
    ],
  },
}

interface Repository {
  readonly dir: string
  readonly dbt: (...args: readonly string[]) => Promise<string>
  readonly backhaul: (...args: readonly string[]) => ReturnType<typeof runCli>
}

/** A repository with the project in a folder of its own; dbt writes somewhere else, too. */
function repository(dbt: Dbt, sandbox: StrictSandbox, env: Record<string, string>): Repository {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-monorepo-')))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    writeFileSync(join(dir, path), text)
  }
  const places = ['--project-dir', project, '--profiles-dir', 'config']
  return {
    dir,
    dbt: async (...args) => {
      const result = await dbt([...args, ...places], dir, env)
      expect(result.code, result.output).toBe(0)
      return result.output
    },
    backhaul: (...args) =>
      runCli([...args, ...places], { cwd: dir, env: { ...env, ...sandboxEnv(sandbox) } }),
  }
}

const emails = (sandbox: StrictSandbox): readonly string[] =>
  sandbox
    .records('contacts')
    .map(({ properties }) => String(properties['email']).replace('@shop.example', ''))
    .sort()

/** Each starts dbt three times. */
const timeoutMs = 600_000

test('every table is found where dbt built it', { timeout: timeoutMs }, async (context) => {
  const dbt = await dbtFor(context)
  const sandbox = await strictSandbox()
  const target = '../../build/of dbt'
  const env = { DBT_TARGET_PATH: target, DBT_LOG_PATH: '../../build/logs' }
  const repo = repository(dbt, sandbox, env)
  await repo.dbt('deps')
  await repo.dbt('build')
  expect(existsSync(join(repo.dir, 'build/of dbt/run_results.json'))).toBe(true)
  const first = await repo.backhaul('run', '--gate', 'require')
  expect(first, first.stderr).toMatchObject({ exitCode: 0 })
  expect(emails(sandbox)).toEqual([
    'aliased',
    'cross',
    'elsewhere',
    'exposed',
    'gone',
    'kept',
    'packaged',
    'private',
    'seeded',
    'unquoted',
    'version2',
  ])
  expect(existsSync(join(repo.dir, 'build/of dbt/backhaul/run_results.json'))).toBe(true)
  expect(existsSync(join(repo.dir, project, 'target'))).toBe(false)

  // The histories now have several rows of one key, and keys that have gone.
  await repo.dbt('build', '--vars', '{version: two}')
  const planned = await repo.backhaul('plan', '--output', 'json', '-s', 'resource_type:snapshot')
  expect(planned, planned.stderr).toMatchObject({ exitCode: 0 })
  const plans = planned.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ kind }) => kind === 'plan')
  const rowsOf = plans.map(({ sync, rows }) => [sync, rows.inModel])
  expect(Object.fromEntries(rowsOf)).toEqual({
    // What is deleted stays current where dbt is not told to look for it.
    plain_history: 2,
    renamed_history: 1,
    closed_history: 1,
  })
})

test('a build that defers to production: what it built goes, the rest is held', {
  timeout: timeoutMs,
}, async (context) => {
  const dbt = await dbtFor(context)
  const sandbox = await strictSandbox()
  const repo = repository(dbt, sandbox, {})
  await repo.dbt('deps')
  await repo.dbt('build', '--target-path', '../production')
  const deferred = ['--defer', '--state', '../production', '--target', 'ci']
  await repo.dbt('build', '-s', 'cross', ...deferred)
  const run = await repo.backhaul('run', '--target', 'ci')
  expect(run, run.stderr).toMatchObject({ exitCode: 0 })
  expect(emails(sandbox)).toEqual(['cross'])
  expect(run.stderr).toMatch(
    /HELD sync packaged .*\n.*the model was not part of the last dbt build/,
  )
})
