import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { copyExampleProject } from '../../src/cli/demo/example-project.ts'
import { runCli } from '../support/cli.ts'
import { type Dbt, dbtFor } from '../support/dbt.ts'

/** dbt and Backhaul in a folder of their own. */
function projectIn(fill: (folder: string) => void, dbt: Dbt) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-exposures-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  fill(folder)
  const env = { DBT_PROFILES_DIR: folder }
  return {
    folder,
    dbt: async (...args: readonly string[]) => {
      const result = await dbt(args, folder, env)
      expect(result.code, result.output).toBe(0)
      return result.output
    },
    backhaul: (...args: readonly string[]) => runCli(args, { cwd: folder, env }),
    manifest: () => JSON.parse(readFileSync(join(folder, 'target/manifest.json'), 'utf8')),
  }
}

const lines = (text: string): readonly string[] => text.trim().split('\n')

test('dbt takes the exposures of the example without a warning, and every sync is found once', async (context) => {
  const dbt = await dbtFor(context)
  const project = projectIn(copyExampleProject, dbt)
  await project.dbt('parse')
  const before = (await project.backhaul('ls')).stdout
  expect(await project.backhaul('exposures')).toMatchObject({ exitCode: 0 })
  await project.dbt('--warn-error', 'parse')
  const listed = await project.dbt('-q', 'ls', '--resource-type', 'exposure')
  expect(lines(listed)).toEqual([
    'exposure:backhaul_example.hubspot_deals',
    'exposure:backhaul_example.hubspot_sync_companies',
    'exposure:backhaul_example.hubspot_sync_contacts',
    'exposure:backhaul_example.hubspot_sync_job_events',
    'exposure:backhaul_example.hubspot_sync_power_users',
  ])
  const after = await project.backhaul('ls')
  expect(after).toMatchObject({ exitCode: 0, stdout: before })
  expect(await project.backhaul('exposures', '--check')).toMatchObject({ exitCode: 0, stdout: '' })
  const upstream = await project.dbt('-q', 'ls', '-s', '+exposure:hubspot_sync_contacts')
  expect(lines(upstream)).toContain('backhaul_example.marts.hubspot_contacts')
})

const contacts = (more: object = {}) => ({
  object: 'contacts',
  primary_key: 'id',
  match: { email: 'email' },
  ...more,
})

const hubspot = (sync: unknown, more: object = {}) => ({
  config: { ...more, meta: { hubspot: sync } },
})

/** Every kind of node that may hold a sync, and what dbt makes of each. */
const files: Readonly<Record<string, unknown>> = {
  'profiles.yml': {
    shop: { target: 'dev', outputs: { dev: { type: 'duckdb', path: 'shop.duckdb' } } },
  },
  'dbt_project.yml': {
    name: 'shop',
    version: '1.0.0',
    profile: 'shop',
    'model-paths': ['marts', 'models'],
    flags: { send_anonymous_usage_stats: false },
  },
  'packages.yml': { packages: [{ local: 'installed/crm' }, { local: 'installed/closed' }] },
  ...Object.fromEntries(
    ['crm', 'closed'].flatMap((name) => [
      [
        `installed/${name}/dbt_project.yml`,
        {
          name,
          version: '1.0.0',
          'config-version': 2,
          ...(name === 'closed' ? { 'restrict-access': true } : {}),
        },
      ],
      [`installed/${name}/models/${name}_people.sql`, "select 1 as id, 'a@b.example' as email"],
      [
        `installed/${name}/models/schema.yml`,
        { models: [{ name: `${name}_people`, ...hubspot(contacts({ sync: name })) }] },
      ],
    ]),
  ),
  'seeds/regions.csv': 'id,email\n1,a@b.example\n',
  'snapshots/history.sql':
    "{% snapshot history %}{{ config(target_schema='main', unique_key='id', strategy='check', check_cols=['email']) }} select * from {{ ref('regions') }}{% endsnapshot %}",
  'marts/people_v1.sql': "select 1 as id, 'a@b.example' as email",
  'marts/people_v2.sql': "select 1 as id, 'a@b.example' as email",
  'marts/secret.sql': "select 1 as id, 'a@b.example' as email",
  'marts/off.sql': "{{ config(enabled=false) }} select 1 as id, 'a@b.example' as email",
  'marts/schema.yml': {
    groups: [{ name: 'crm', owner: { name: 'CRM team', email: 'crm@shop.example' } }],
    models: [
      {
        name: 'people',
        latest_version: 2,
        versions: [{ v: 1 }, { v: 2 }],
        ...hubspot([contacts({ sync: 'people' }), contacts({ sync: 'off', enabled: false })], {
          group: 'crm',
          access: 'public',
        }),
      },
      {
        name: 'secret',
        ...hubspot(contacts({ sync: 'secret' }), { group: 'crm', access: 'private' }),
      },
      { name: 'off', ...hubspot(contacts({ sync: 'disabled' })) },
    ],
    seeds: [{ name: 'regions', ...hubspot(contacts({ sync: 'regions' })) }],
    snapshots: [{ name: 'history', ...hubspot(contacts({ sync: 'history' })) }],
    exposures: [
      {
        name: 'hubspot_sync_history',
        type: 'dashboard',
        owner: { name: 'BI' },
        depends_on: ["ref('history')"],
      },
    ],
  },
}

interface ManifestExposure {
  readonly name: string
  readonly depends_on: { readonly nodes: readonly string[] }
  readonly owner: { readonly name: string }
  readonly tags: readonly string[]
  readonly meta: { readonly backhaul_sync?: string }
}

/** JSON is YAML. */
function writeFiles(folder: string): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(
      join(folder, path),
      typeof content === 'string' ? content : JSON.stringify(content),
    )
  }
}

test('packages, versions, seeds, snapshots, groups and private models', async (context) => {
  const dbt = await dbtFor(context)
  const project = projectIn(writeFiles, dbt)
  await project.dbt('deps')
  await project.dbt('parse')
  const written = await project.backhaul('exposures')
  expect(written.stderr).toContain('The sync secret gets no exposure')
  expect(written.stderr).toContain('The sync closed gets no exposure')
  expect(written.stderr).toContain('Nobody is known to own crm, history, regions')
  expect(written).toMatchObject({ exitCode: 0 })
  expect(lines(written.stdout)).toEqual([
    'marts/backhaul_exposures.yml',
    '+ hubspot_sync_crm',
    '+ hubspot_sync_history_2',
    '+ hubspot_sync_people',
    '+ hubspot_sync_regions',
  ])
  await project.dbt('--warn-error', 'parse')
  const { exposures } = project.manifest()
  const facts = Object.values<ManifestExposure>(exposures).map((one) => [
    one.name,
    ...one.depends_on.nodes,
    one.owner.name,
    ...one.tags,
    one.meta.backhaul_sync,
  ])
  expect(facts).toMatchInlineSnapshot(`
    [
      [
        "hubspot_sync_history",
        "snapshot.shop.history",
        "BI",
        undefined,
      ],
      [
        "hubspot_sync_crm",
        "model.crm.crm_people",
        "Not set",
        "hubspot",
        "crm",
      ],
      [
        "hubspot_sync_history_2",
        "snapshot.shop.history",
        "Not set",
        "hubspot",
        "history",
      ],
      [
        "hubspot_sync_people",
        "model.shop.people.v2",
        "CRM team",
        "hubspot",
        "people",
      ],
      [
        "hubspot_sync_regions",
        "seed.shop.regions",
        "Not set",
        "hubspot",
        "regions",
      ],
    ]
  `)
  expect((await project.backhaul('exposures', '--check')).exitCode).toBe(0)
  const all = lines((await project.backhaul('ls')).stdout).map((line) => line.split(' ')[0])
  expect(all).toEqual(['closed', 'crm', 'history', 'people', 'regions', 'secret'])
})
