import { expect, test } from 'vitest'
import { z } from 'zod'
import { settingsSchema } from '../../src/config/settings-schema.ts'
import type { CliResult } from '../support/cli.ts'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { smallShop, useProfile, writeTo } from '../support/small-shop.ts'

/** A secret that is written into the wrong key is told by its place, never by itself. */

const token = 'pat-na1-misplaced-77aa'
const password = 'hunter-misplaced-31bd'
const commands = [
  ['run', '--output', 'json', '--debug'],
  ['plan', '--debug', '--log-format', 'json'],
  ['validate'],
  ['debug'],
  ['debug', '--output', 'json'],
  ['ls', '--output', 'json'],
  ['clean', '--sync', 'gone'],
]
const run = commands[0] ?? []
const debug = commands[3] ?? []

type Shape = { readonly properties?: Readonly<Record<string, Shape>> } & Readonly<
  Record<string, unknown>
>

/** Every key of backhaul.yml, inner ones behind the block that holds them. */
function keysOf(shape: Shape): readonly (readonly string[])[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, inner]) => [
    [name],
    ...keysOf(inner).map((path) => [name, ...path]),
  ])
}

const settingsKeys = keysOf(z.toJSONSchema(settingsSchema, { io: 'input' }) as Shape)
const hubspotKeys = settingsKeys.filter((path) => path[0] === 'hubspot' && path.length > 1)

const nested = (path: readonly (string | number)[], value: unknown): unknown =>
  path.reduceRight((inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }), value)

const places: readonly (readonly (string | number)[])[] = [
  ...settingsKeys,
  ['targets', 0],
  ['targets', 'dev'],
  ['targets', 'other'],
  ['targets', 'dev', 'portal_id'],
  ['targets', 'dev', 'syncs'],
  ['targets', 'dev', 'syncs', 'contacts'],
  ['targets', 'dev', 'syncs', 'contacts', 'enabled'],
  ['targets', 'dev', 'syncs', `{{ env_var('HUBSPOT_ACCESS_TOKEN') }}`],
  ...hubspotKeys.map(([, ...rest]) => ['targets', 'dev', ...rest]),
]

const ways = [
  `{{ env_var('HUBSPOT_ACCESS_TOKEN') }}`,
  `{{ env_var('HUBSPOT_ACCESS_TOKEN') | as_number }}`,
  `{{ env_var('HUBSPOT_ACCESS_TOKEN') | as_bool }}`,
  `{{ env_var('HUBSPOT_ACCESS_TOKEN').missing }}`,
]

function expectHidden(result: CliResult, what: string): void {
  for (const text of [result.stdout, result.stderr]) {
    const at = text.search(/misplaced-?(77aa|31bd)/)
    expect(at < 0 ? '' : text.slice(Math.max(0, at - 200), at + 80), what).toBe('')
  }
  expect(result.stderr, what).not.toContain('Defect')
}

async function shop(): Promise<TestProject> {
  return smallShop({
    sandbox: await strictSandbox({ tokens: [token] }),
    env: { SHOP_DB_PASSWORD: password },
  })
}

test('the token in any key of backhaul.yml', { timeout: 240_000 }, async () => {
  expect(settingsKeys.length).toBeGreaterThan(15)
  const project = await shop()
  for (const path of places) {
    writeTo(project, 'backhaul.yml', JSON.stringify(nested(path, ways[0])))
    expectHidden(await project.run(run), path.join('.'))
  }
})

test('the token in a block, seen by every command', { timeout: 120_000 }, async () => {
  const project = await shop()
  for (const way of [...ways, token]) {
    writeTo(project, 'backhaul.yml', JSON.stringify({ hubspot: way }))
    for (const command of commands) {
      expectHidden(await project.run(command), `${command.join(' ')} with ${way}`)
    }
  }
})

const postgresKeys =
  'type threads schema host port user pass dbname sslmode sslcert sslkey sslrootcert search_path role connect_timeout retries keepalives_idle application_name'
const duckdbKeys =
  'type threads schema path database attach extensions settings secrets is_ducklake plugins'
const outputs = [
  ...postgresKeys.split(' ').map((key) => ['postgres', key] as const),
  ...duckdbKeys.split(' ').map((key) => ['duckdb', key] as const),
]
const whole = {
  postgres: {
    type: 'postgres',
    host: '127.0.0.1',
    port: 1,
    user: 'dbt',
    password: `{{ env_var('SHOP_DB_PASSWORD') }}`,
    dbname: 'shop',
    schema: 'main',
    retries: 0,
  },
  duckdb: { type: 'duckdb', path: 'warehouse.duckdb', schema: 'main' },
  snowflake: {
    type: 'snowflake',
    account: 'shop',
    host: '127.0.0.1',
    port: 1,
    protocol: 'http',
    user: 'dbt',
    password: `{{ env_var('SHOP_DB_PASSWORD') }}`,
    database: 'SHOP',
    schema: 'MAIN',
    connect_retries: 0,
  },
  bigquery: {
    type: 'bigquery',
    method: 'oauth-secrets',
    token: `{{ env_var('SHOP_DB_PASSWORD') }}`,
    project: 'shop',
    dataset: 'main',
    location: 'EU',
    api_endpoint: 'http://127.0.0.1:1',
    job_retries: 0,
  },
}

test('a password variable in any key of a profile', { timeout: 240_000 }, async () => {
  const project = await shop()
  const secret = `{{ env_var('SHOP_DB_PASSWORD') }}`
  for (const [adapter, key] of outputs) {
    const dev = { ...whole[adapter], [key]: secret }
    useProfile(project, adapter, JSON.stringify({ shop: { target: 'dev', outputs: { dev } } }))
    expectHidden(await project.run(debug), `${adapter} ${key}`)
  }
})

/** Keys that say where the data is, and who asks: messages name them. */
const placeKeys =
  'type schema host user dbname role search_path application_name path database attach'.split(' ')
/** Those that are read before anything is sent, with what has to be there for it. */
const readEarly = [
  ['snowflake', 'authenticator', {}],
  ['snowflake', 'workload_identity_provider', { authenticator: 'workload_identity' }],
  ['snowflake', 'private_key', {}],
  ['snowflake', 'private_key_path', {}],
  ['snowflake', 'protocol', {}],
  ['snowflake', 'port', {}],
  ['snowflake', 'proxy_port', {}],
  ['snowflake', 'connect_retries', {}],
  ['bigquery', 'method', {}],
  ['bigquery', 'keyfile', { method: 'service-account' }],
  ['bigquery', 'keyfile_json', { method: 'service-account-json' }],
  ['bigquery', 'priority', {}],
  ['bigquery', 'maximum_bytes_billed', {}],
  ['bigquery', 'job_retries', {}],
] as const

test('a password as it is in any key but the places', { timeout: 240_000 }, async () => {
  const project = await shop()
  const cases = [
    ...outputs
      .filter(([, key]) => !placeKeys.includes(key))
      .map(
        ([adapter, key]) =>
          [adapter, key, key === 'sslkey' ? { sslcert: 'profiles.yml' } : {}] as const,
      ),
    ...readEarly,
  ]
  for (const [adapter, key, more] of cases) {
    for (const secret of [password, `-----BEGIN PRIVATE KEY-----\n${password}`]) {
      const dev = { ...whole[adapter], ...more, [key]: secret }
      useProfile(project, adapter, JSON.stringify({ shop: { target: 'dev', outputs: { dev } } }))
      expectHidden(await project.run(debug), `${adapter} ${key}`)
    }
  }
})

test.each([
  ['the target', { shop: { target: `{{ env_var('SHOP_DB_PASSWORD') }}`, outputs: { dev: {} } } }],
  ['an output', { shop: { target: 'dev', outputs: { dev: password } } }],
  ['the outputs', { shop: { target: 'dev', outputs: password } }],
  ['the profile', { shop: password }],
  ['all profiles', password],
])('a password instead of %s', async (_what, profiles) => {
  const project = await shop()
  writeTo(project, 'profiles.yml', JSON.stringify(profiles))
  for (const command of commands) {
    expectHidden(await project.run(command), command.join(' '))
  }
})

test('a password that is no YAML', async () => {
  const project = await shop()
  for (const written of [
    '*misplaced77aa',
    '|misplaced77aa',
    "'x' misplaced77aa",
    '{{ misplaced77aa }}',
    'a{{ misplaced77aa',
  ]) {
    writeTo(
      project,
      'profiles.yml',
      `shop:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      path: x.duckdb\n      password: ${written}\n`,
    )
    for (const command of [run, debug]) {
      expectHidden(await project.run(command), written)
    }
  }
})
