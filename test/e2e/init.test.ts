import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { ensureDbt } from '../../scripts/dbt.mjs'
import { runCli } from '../support/cli.ts'
import { dbtFor } from '../support/dbt.ts'
import { createProject } from '../support/project.ts'
import { type StrictSandbox, sandboxEnv, strictSandbox } from '../support/sandbox.ts'

const files: Readonly<Record<string, string>> = {
  'dbt_project.yml':
    'name: shop\nversion: "1.0"\nprofile: shop\nflags: {send_anonymous_usage_stats: false}\n',
  'profiles.yml':
    'shop:   # ours\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      path: shop.duckdb   # a file\n',
  '.gitignore': 'logs/\n*.duckdb*',
  'seeds/people.csv':
    'id,email,first,last,born,stage,plan\n1,ada@shop.example,Ada,Lovelace,1990-01-02,Customer,pro\n2,bob@shop.example,Bob,Ray,1991-02-03,Lead,free\n',
  'models/marts/crm_people.sql':
    'select id as person_id, email as email_address, first as first_name, last as "Last Name", cast(born as timestamp) as became_customer_at, stage as lifecycle_stage, plan, current_timestamp as createdate from {{ ref(\'people\') }}\n',
  'models/marts/schema.yml': `version: 2

models:
  # everybody
  - name: crm_people
    description: "One row per person"

    columns:
      - {name: person_id,   data_tests: [unique, not_null]}
`,
}

/** A dbt project in a Git repository, built by the real dbt, that has never seen Backhaul. */
async function freshProject(context: { skip(reason?: string): never }) {
  const dbt = await dbtFor(context)
  const found = await ensureDbt()
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-init-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  execFileSync('git', ['init', '--quiet', folder])
  const env = { DBT_PROFILES_DIR: folder, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' }
  const built = await dbt(['build'], folder, env)
  expect(built.code, built.output).toBe(0)
  return {
    folder,
    read: (name: string) => readFileSync(join(folder, name), 'utf8'),
    dbt: async (...args: readonly string[]) => {
      const result = await dbt(args, folder, env)
      expect(result.code, result.output).toBe(0)
    },
    backhaul: (
      args: readonly string[],
      input: string,
      more: Readonly<Record<string, string>> = {},
    ) =>
      runCli(args, {
        cwd: folder,
        env: { ...env, ...('path' in found ? { BACKHAUL_DBT: found.path } : {}), ...more },
        input,
      }),
  }
}

const withProperties = async (): Promise<StrictSandbox> => {
  const sandbox = await strictSandbox()
  sandbox.defineProperties({
    contacts: [
      {
        name: 'became_customer',
        label: 'Became customer at',
        type: 'date',
        fieldType: 'date',
        groupName: 'contactinformation',
      },
      {
        name: 'crm_plan',
        label: 'Plan',
        type: 'string',
        fieldType: 'text',
        groupName: 'contactinformation',
      },
    ],
  })
  return sandbox
}

/** dbt starts three times. */
test('four answers lead to a first plan, a run to records, and a second time adds nothing', async (context) => {
  const sandbox = await withProperties()
  const project = await freshProject(context)
  const env = sandboxEnv(sandbox)
  const first = await project.backhaul(['init'], 'crm_people\ncontacts\n\n\n', env)
  expect(first, first.stderr).toMatchObject({ exitCode: 0 })
  expect(first.stdout).toContain('createdate: createdate is read-only in HubSpot')
  expect(first.stdout).toContain('contacts: crm_people → contacts (upsert by email)')
  expect(first.stdout).toContain('  2 create or update\n')
  expect(project.read('models/marts/schema.yml')).toBe(
    (files['models/marts/schema.yml'] ?? '').replace(
      '"One row per person"\n',
      `"One row per person"
    config:
      meta:
        hubspot:
          sync: contacts
          object: contacts
          primary_key: person_id
          match: {email: email_address}
          properties:
            firstname: first_name
            lastname: Last Name
            became_customer: became_customer_at
            lifecyclestage: {column: lifecycle_stage, as: option_label}
            crm_plan: plan
`,
    ),
  )
  expect(project.read('profiles.yml')).toBe(
    `${files['profiles.yml']}      attach:\n        - path: shop_backhaul.duckdb\n          alias: shop_backhaul\n`,
  )
  expect(project.read('.gitignore')).toBe('logs/\n*.duckdb*\n.env\ntarget/\n')
  expect(parse(project.read('backhaul.yml'))).toEqual({ version: 1 })
  const workflow = parse(project.read('.github/workflows/backhaul.yml'))
  expect(Object.keys(workflow.jobs)).toEqual(['validate', 'plan', 'run'])
  expect(parse(project.read('.vscode/settings.json'))).toMatchObject({ 'yaml.schemas': {} })

  const run = await project.backhaul(['run'], '', env)
  expect(run, run.stderr).toMatchObject({ exitCode: 0 })
  expect(sandbox.records('contacts').map(({ properties }) => properties['firstname'])).toEqual([
    'Ada',
    'Bob',
  ])
  await project.dbt('build')

  const before = Object.keys(files).map((name) => project.read(name))
  const second = await project.backhaul(['init', '--model', 'crm_people'], '', env)
  expect(second, second.stderr).toMatchObject({ exitCode: 0 })
  expect(second.stderr).toContain('crm_people has the sync contacts: it stays as it is')
  expect(second.stdout).not.toMatch(/^(New|Changed)/m)
  expect(second.stdout).toContain('2 unchanged')
  expect(Object.keys(files).map((name) => project.read(name))).toEqual(before)
}, 400_000)

describe('without dbt', () => {
  const people =
    "create table people as select 1 as id, 'ada@shop.example' as email, 'Ada' as first_name, 'a;b' as tags"

  test('flags alone: what they say, and the two commands to run', async () => {
    const sandbox = await strictSandbox()
    const project = await createProject({
      engine: 'duckdb',
      sandbox,
      tables: [people],
      syncs: [{ model: 'people', hubspot: undefined }],
    })
    const flags = ['--model', 'people', '--object', 'Contact', '--key', 'ID', '--match', 'email']
    const more = ['--ci', 'gitlab', '--editor', 'none']
    const env = { BACKHAUL_DBT: 'none' }
    const shown = await project.run(['init', ...flags, ...more, '--dry-run'], env)
    expect(shown, shown.stderr).toMatchObject({ exitCode: 0 })
    expect(existsSync(join(project.dir, 'models/schema.yml'))).toBe(false)
    const result = await project.run(['init', ...flags, ...more], env)
    expect(result, result.stderr).toMatchObject({ exitCode: 0 })
    expect(result.stdout).toBe(shown.stdout)
    expect(result.stderr).toContain('Now run: dbt parse, then backhaul plan --select contacts')
    expect(readFileSync(join(project.dir, 'models/schema.yml'), 'utf8')).toMatchInlineSnapshot(`
      "version: 2

      models:
        - name: people
          config:
            meta:
              hubspot:
                sync: contacts
                object: contacts
                primary_key: id
                match: {email: email}
                properties:
                  firstname: first_name
      "
    `)
    expect(Object.keys(parse(readFileSync(join(project.dir, '.gitlab-ci.yml'), 'utf8')))).toEqual([
      '.backhaul',
      'backhaul-plan',
      'backhaul-run',
    ])
  })

  test.each([
    [['--yes', '--model', 'poeple'], '', 'there is no model poeple'],
    [['--model', 'people', '--object', 'contact lists'], '', 'HubSpot has no object contact lists'],
    [
      ['--model', 'people', '--object', 'contacts', '--key', 'nr'],
      '',
      'The model has no column nr',
    ],
    [
      ['--model', 'people', '--object', 'contacts', '--key', 'id', '--match', 'mail: email'],
      '',
      'HubSpot has no contacts property mail',
    ],
    [[], 'people\ncontacts\n', 'the input ended before "Which column is its primary key'],
    [
      ['--yes', '--model', 'people', '--object', 'deals'],
      '',
      'nothing can be proposed for --match',
    ],
  ])('%j is refused before anything is written', async (args, input, message) => {
    const sandbox = await strictSandbox()
    const project = await createProject({
      engine: 'duckdb',
      sandbox,
      tables: [people],
      syncs: [{ model: 'people', hubspot: undefined }],
    })
    const env = { ...project.env, BACKHAUL_DBT: 'none' }
    const result = await runCli(['init', ...args], { cwd: project.dir, env, input })
    expect(result.stderr).toContain(message)
    expect(result.exitCode).toBeGreaterThan(0)
    expect(existsSync(join(project.dir, 'models'))).toBe(false)
    expect(existsSync(join(project.dir, '.github'))).toBe(false)
  })

  test('on PostgreSQL, with options by their labels', async () => {
    const sandbox = await strictSandbox()
    const project = await createProject({
      engine: 'postgres',
      sandbox,
      tables: [
        "create table people as select 1 as id, 'ada@shop.example' as email, 'Customer' as lifecycle_stage, 'x' as hs_lead_status",
      ],
      syncs: [{ model: 'people', hubspot: undefined, primaryKey: ['id'] }],
    })
    const result = await project.run(['init', '--yes'], { BACKHAUL_DBT: 'none' })
    expect(result, result.stderr).toMatchObject({ exitCode: 0 })
    expect(result.stdout).toContain('hs_lead_status: it holds values that are no options')
    const yaml = parse(readFileSync(join(project.dir, 'models/schema.yml'), 'utf8'))
    expect(yaml.models[0].config.meta.hubspot).toEqual({
      sync: 'contacts',
      object: 'contacts',
      primary_key: 'id',
      match: { email: 'email' },
      properties: { lifecyclestage: { column: 'lifecycle_stage', as: 'option_label' } },
    })
  })

  test('nothing of profiles.yml is shown, which may hold secrets', async () => {
    const project = await createProject({
      engine: 'duckdb',
      tables: [people],
      syncs: [{ model: 'people', hubspot: undefined }],
    })
    const profiles = join(project.dir, 'profiles.yml')
    const [[name = '', { outputs }] = ['', { outputs: {} }]] = Object.entries<{
      outputs: Record<string, object>
    }>(parse(readFileSync(profiles, 'utf8')))
    const [[target = '', output] = []] = Object.entries(outputs)
    const secret = { ...output, settings: { s3_secret_access_key: 'wJalrXUtnFEMI' } }
    writeFileSync(profiles, stringify({ [name]: { target, outputs: { [target]: secret } } }))
    execFileSync('git', ['init', '--quiet', project.dir])
    const result = await project.run(['init', '--yes'], { BACKHAUL_DBT: 'none' })
    expect(result, result.stderr).toMatchObject({ exitCode: 0 })
    expect(result.stdout).toMatch(/^Changed: profiles.yml .*\n {2}\+ attach:\n/m)
    expect(result.stdout + result.stderr).not.toContain('wJalr')
  })

  test('in a folder of a repository: a state file beside it is ignored, a .yaml file is checked, a byte order mark stays', async () => {
    const sandbox = await strictSandbox()
    const project = await createProject({
      engine: 'duckdb',
      sandbox,
      tables: [people],
      syncs: [{ model: 'people', hubspot: undefined }],
    })
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-init-')))
    onTestFinished(() => rmSync(root, { recursive: true, force: true }))
    const dir = join(root, 'analytics')
    cpSync(project.dir, dir, { recursive: true })
    const profiles = readFileSync(join(dir, 'profiles.yml'), 'utf8')
    const [, database = ''] = /"(\w+\.duckdb)"/.exec(profiles) ?? []
    cpSync(join(dir, database), join(root, database))
    writeFileSync(join(dir, 'profiles.yml'), profiles.replace(database, `../${database}`))
    const manifest = readFileSync(join(dir, 'target/manifest.json'), 'utf8')
    writeFileSync(
      join(dir, 'target/manifest.json'),
      manifest.replaceAll('models/schema.yml', 'models/people.yaml'),
    )
    mkdirSync(join(dir, 'models'))
    writeFileSync(join(dir, 'models/people.yaml'), '\uFEFFmodels:\r\n  - name: people\r\n')
    execFileSync('git', ['init', '--quiet', root])
    const env = { ...project.env, DBT_PROFILES_DIR: dir, BACKHAUL_DBT: 'none' }
    const result = await runCli(['init', '--yes'], { cwd: dir, env })
    expect(result, result.stderr).toMatchObject({ exitCode: 0 })
    const read = (path: string) => readFileSync(join(root, path), 'utf8')
    const state = database.replace('.duckdb', '_backhaul.duckdb')
    expect(read('.gitignore')).toBe(`/${state}*\n`)
    expect(read('analytics/.gitignore')).toBe('.env\ntarget/\n')
    expect(read('analytics/models/people.yaml')).toMatch(/^\uFEFFmodels:\r\n {2}- name: people\r\n/)
    expect(JSON.parse(read('.vscode/settings.json'))['yaml.schemas']).toMatchObject({
      './.vscode/backhaul.schema.json': expect.arrayContaining([
        'analytics/models/**/*.yml',
        'analytics/models/**/*.yaml',
      ]),
    })
  })

  test('without a token the mapping says that it is not checked', async () => {
    const project = await createProject({
      engine: 'duckdb',
      tables: [people],
      syncs: [{ model: 'people', hubspot: undefined }],
    })
    const result = await project.run(['init', '--yes'], { BACKHAUL_DBT: 'none' })
    expect(result, result.stderr).toMatchObject({ exitCode: 0 })
    expect(result.stderr).toContain('There is no HubSpot token (HUBSPOT_ACCESS_TOKEN)')
    expect(readFileSync(join(project.dir, 'models/schema.yml'), 'utf8')).toContain(
      "# Proposed from HubSpot's standard properties; not checked against an account yet.",
    )
  })
})
