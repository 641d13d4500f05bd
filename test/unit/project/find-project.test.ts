import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../src/errors.ts'
import { findProject, type ProjectFlags } from '../../../src/project/find-project.ts'

const PROJECT = 'name: shop\nprofile: shop\n'
const PROFILES = `shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: shop.duckdb
      threads: 4
    prod:
      type: postgres
      host: "{{ env_var('PGHOST') }}"
      port: "{{ env_var('PGPORT', '5432') | as_number }}"
      user: loader
      password: "{{ env_var('PGPASSWORD') }}"
      dbname: shop
      schema: analytics
      sslmode: on
other:
  outputs:
    default: {type: duckdb, schema: x}
`

interface Setup {
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: ProjectFlags
  readonly cwd?: string
}

const standard = { '/shop/dbt_project.yml': PROJECT, '/shop/profiles.yml': PROFILES }

function find({ files = standard, env = {}, flags = {}, cwd = '/shop' }: Setup = {}) {
  return findProject({
    cwd,
    env: { HOME: '/home/me', ...env },
    flags,
    readFile: (path) => files[path],
  })
}

function problemsOf(setup: Setup): string {
  try {
    find(setup)
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return (error as UserError).message
  }
  throw new TypeError('no problem was found')
}

describe('the project', () => {
  test('is found upwards, with everything at its default', () => {
    const project = find({ cwd: '/shop/models/marts', env: { DBT_PROFILES_DIR: '/shop' } })
    expect(project).toMatchObject({
      projectDir: '/shop',
      name: 'shop',
      profileName: 'shop',
      profilesFile: '/shop/profiles.yml',
      targetName: 'dev',
      targetPath: '/shop/target',
      manifestPath: '/shop/target/manifest.json',
      runResultsPath: '/shop/target/run_results.json',
      schema: 'main',
      threads: 4,
      connection: { type: 'duckdb', settings: { path: 'shop.duckdb' }, projectDir: '/shop' },
      secrets: [],
    })
    expect(project.settings).toMatchObject({
      file: undefined,
      baseUrl: 'https://api.hubapi.com',
      schema: 'main_backhaul',
      writingTargets: [],
      leaseSeconds: 60,
      requestTimeoutMs: 30_000,
      concurrency: 8,
    })
  })

  test.each<[string, Setup]>([
    ['--project-dir', { flags: { projectDir: '../shop' }, cwd: '/elsewhere' }],
    ['DBT_PROJECT_DIR', { env: { DBT_PROJECT_DIR: '/shop' }, cwd: '/elsewhere' }],
    [
      'DBT_ENGINE_PROJECT_DIR before DBT_PROJECT_DIR',
      { env: { DBT_ENGINE_PROJECT_DIR: '/shop', DBT_PROJECT_DIR: '/nowhere' }, cwd: '/elsewhere' },
    ],
  ])('is where %s says', (_, setup) => {
    const profilesDir = { ...setup.flags, profilesDir: '/shop' }
    expect(find({ ...setup, flags: profilesDir }).projectDir).toBe('/shop')
  })

  test('that is not there is told', () => {
    expect(problemsOf({ files: {} })).toMatch(
      /no dbt_project\.yml in \/shop or a folder above it\n.*--project-dir/,
    )
  })

  test.each([
    [{ flags: { targetPath: 'out' } }, '/shop/out'],
    [{ flags: { targetPath: '/out' }, env: { DBT_TARGET_PATH: 'env' } }, '/out'],
    [{ env: { DBT_TARGET_PATH: 'env', DBT_ENGINE_TARGET_PATH: 'engine' } }, '/shop/engine'],
    [
      {
        files: {
          ...standard,
          '/shop/dbt_project.yml': `${PROJECT}target-path: "{{ env_var('OUT', 'yml') }}"\n`,
        },
      },
      '/shop/yml',
    ],
  ] satisfies [Setup, string][])('writes to the target path of %j', (setup, expected) => {
    expect(find(setup).targetPath).toBe(expected)
  })
})

describe('profiles.yml', () => {
  const home = { '/shop/dbt_project.yml': PROJECT, '/home/me/.dbt/profiles.yml': PROFILES }

  test('is looked for in the working directory, then in ~/.dbt', () => {
    expect(find({ files: { ...home, ...standard } }).profilesFile).toBe('/shop/profiles.yml')
    expect(find({ files: home }).profilesFile).toBe(join('/home/me/.dbt', 'profiles.yml'))
  })

  test('is only looked for where the user says', () => {
    const files = { ...home, ...standard }
    expect(problemsOf({ files, flags: { profilesDir: '/etc/dbt' } })).toMatch(
      /no profiles\.yml in \/etc\/dbt\n/,
    )
    expect(problemsOf({ files, env: { DBT_PROFILES_DIR: '/etc/dbt' } })).toMatch(
      /no profiles\.yml in \/etc\/dbt\n/,
    )
  })

  test('beside a project that dbt would not look into is hinted at', () => {
    const files = standard
    expect(problemsOf({ files, cwd: '/shop/models' })).toMatch(/add --profiles-dir \/shop/)
  })

  test('gives the chosen output, rendered, and no other', () => {
    const env = { PGHOST: 'db', PGPASSWORD: 'open sesame', DBT_TARGET: 'prod' }
    const project = find({ env })
    expect(project).toMatchObject({
      targetName: 'prod',
      schema: 'analytics',
      threads: 1,
      connection: {
        type: 'postgres',
        settings: {
          host: 'db',
          port: 5432,
          user: 'loader',
          password: 'open sesame',
          sslmode: true,
        },
      },
      secrets: ['open sesame'],
    })
    expect(project.connection.settings).not.toHaveProperty('type')
    expect(project.connection.settings).not.toHaveProperty('threads')
  })

  test('tells which other targets build in the same place', () => {
    const output = (keys: string) =>
      `{type: postgres, host: db.example, dbname: shop, schema: marts, ${keys}}`
    const files = {
      ...standard,
      '/shop/profiles.yml': `shop:
  target: pg
  outputs:
    pg: ${output('user: dbt, password: "{{ env_var(\'DBT_PASSWORD\') }}"')}
    pgb: ${output('user: backhaul, port: 5432')}
    upper: ${output('user: backhaul').replace('db.example', 'DB.example')}
    elsewhere: ${output('user: dbt').replace('marts', 'dev')}
    port: ${output('user: dbt, port: 5433')}
    unset: ${output('user: dbt').replace('shop', '"{{ env_var(\'GONE\') }}"')}
    file: {type: duckdb, path: shop.duckdb}
    same_file: {type: duckdb, path: ./shop.duckdb}
`,
    }
    const of = (target: string) => find({ files, flags: { target } }).samePlaceTargets
    expect(of('pgb')).toEqual(['pg', 'upper'])
    expect(of('elsewhere')).toEqual([])
    expect(of('file')).toEqual(['same_file'])
  })

  test('every missing variable is told with its place', () => {
    expect(problemsOf({ flags: { target: 'prod' } })).toMatchInlineSnapshot(`
      "/shop/profiles.yml:10:7: shop.outputs.prod.host: the environment variable PGHOST is needed but not set
          Set PGHOST (a .env file in the working directory or above it is read, too), or give a default: env_var('PGHOST', '…').
      /shop/profiles.yml:13:7: shop.outputs.prod.password: the environment variable PGPASSWORD is needed but not set
          Set PGPASSWORD (a .env file in the working directory or above it is read, too), or give a default: env_var('PGPASSWORD', '…')."
    `)
  })

  test.each<[Setup, string]>([
    [{ flags: { target: 'dev' }, env: { DBT_TARGET: 'prod' } }, 'dev'],
    [{ flags: { profile: 'other' } }, 'default'],
    [{ env: { DBT_PROFILE: 'other' } }, 'default'],
    [{ env: { DBT_TARGET: 'nope', DBT_ENGINE_TARGET: 'dev' } }, 'dev'],
  ])('%j chooses the target %s', (setup, expected) => {
    expect(find(setup).targetName).toBe(expected)
  })

  test('an unknown target lists those there are', () => {
    expect(problemsOf({ flags: { target: 'staging' } })).toMatch(
      /profiles\.yml:3:3: the profile shop has no target staging\n.*dev, prod.*--target/,
    )
  })

  test('an unknown profile suggests one', () => {
    expect(problemsOf({ flags: { profile: 'shoop' } })).toMatch(
      /no profile shoop\n.*Did you mean `shop`\?/,
    )
  })

  test('a password that looks like Jinja is taken as it is', () => {
    const profiles =
      'shop:\n  outputs:\n    default: {type: postgres, password: "pa{{ss", schema: x}\n'
    const files = { ...standard, '/shop/profiles.yml': profiles }
    expect(find({ files }).connection.settings['password']).toBe('pa{{ss')
  })

  test('a secret that also stands in the open is none', () => {
    const profiles =
      'shop:\n  outputs:\n    default: {type: postgres, user: postgres, password: postgres, schema: x}\n'
    expect(find({ files: { ...standard, '/shop/profiles.yml': profiles } }).secrets).toEqual([])
  })

  test('a key file given inline is secret', () => {
    const profiles = `shop:
  outputs:
    default:
      type: bigquery
      dataset: marts
      keyfile_json: "{{ env_var('KEY') | as_native }}"
`
    const project = find({
      files: { ...standard, '/shop/profiles.yml': profiles },
      env: { KEY: "{'private_key': '-----BEGIN', 'client_id': '12345'}" },
    })
    expect(project.schema).toBe('marts')
    expect(project.secrets).toEqual(['-----BEGIN', '12345'])
  })

  test('YAML errors have a place', () => {
    const files = { ...standard, '/shop/profiles.yml': 'shop:\n  outputs: {dev: [\n' }
    expect(problemsOf({ files })).toMatch(/profiles\.yml:\d+:\d+: is no valid YAML/)
  })
})

describe('.env', () => {
  test('is read from the nearest folder and never overrides', () => {
    const files = {
      ...standard,
      '/shop/.env': 'PGHOST=from-file\nPGPASSWORD="a b"\n',
      '/.env': 'PGUSER=unread\n',
    }
    const project = find({ files, env: { PGHOST: 'set' }, flags: { target: 'prod' } })
    expect(project.connection.settings).toMatchObject({ host: 'set', password: 'a b' })
    expect(project.env['PGUSER']).toBeUndefined()
  })

  test('is looked for from the working directory upwards, as dbt does, whatever --project-dir says', () => {
    const files = { ...standard, '/shop/.env': 'PGUSER=beside\n', '/repo/.env': 'PGUSER=above\n' }
    const flags = { projectDir: '/shop', profilesDir: '/shop' }
    expect(find({ files, flags, cwd: '/repo/ci' }).env['PGUSER']).toBe('above')
  })
})

test('--vars reach templates, and must be a mapping', () => {
  const files = {
    ...standard,
    '/shop/dbt_project.yml': `name: shop\nprofile: "{{ var('which') }}"\n`,
  }
  expect(find({ files, flags: { vars: '{which: other}' } }).profileName).toBe('other')
  expect(() => find({ files, flags: { vars: 'which' } })).toThrow(/--vars is no YAML mapping/)
})

test('secrets of the environment are collected, longest first', () => {
  const env = {
    DBT_ENV_SECRET_A: 'short',
    DBT_ENV_SECRET_B: 'much longer',
    HUBSPOT_ACCESS_TOKEN: 'pat-1',
  }
  expect(find({ env }).secrets).toEqual(['much longer', 'pat-1', 'short'])
})

test('problems of all files come at once', () => {
  const files = { ...standard, '/shop/backhaul.yml': 'shema: x\n' }
  expect(problemsOf({ files, flags: { target: 'prod' } }).match(/^\/shop.*$/gm)).toHaveLength(3)
})
