import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { sql } from '../../src/warehouse/sql.ts'
import { quietOptions } from '../support/schemas.ts'
import { askSnowflake } from '../support/snowflake.ts'
import { type TestPlace, testEngines } from '../support/warehouses.ts'

const engine = testEngines().find(({ name }) => name === 'snowflake')

/** A login as the server saw it. */
interface Login {
  readonly AUTHENTICATOR?: string
  readonly LOGIN_NAME?: string
  readonly PASSWORD?: string
  readonly TOKEN?: string
  readonly ACCOUNT_NAME?: string
  readonly CLIENT_APP_ID?: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly oauth?: Readonly<Record<string, string>>
  readonly client?: string
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const passphrase = 'open sesame'
const secret = { cipher: 'aes-256-cbc', passphrase } as const
const pem = String(privateKey.export({ format: 'pem', type: 'pkcs8' }))
const lockedPem = String(privateKey.export({ format: 'pem', type: 'pkcs8', ...secret }))
const der = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
const lockedDer = privateKey.export({ format: 'der', type: 'pkcs8', ...secret }).toString('base64')

describe.skipIf(engine?.missing !== undefined)('logins to Snowflake', () => {
  let place: TestPlace
  let folder: string

  beforeAll(async () => {
    if (engine === undefined) throw new Error('no engine')
    place = await engine.create()
    folder = mkdtempSync(join(tmpdir(), 'backhaul-keys-'))
    writeFileSync(join(folder, 'key.p8'), lockedPem)
  })
  afterAll(async () => {
    await place?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const ask = (name: string, body: object = {}) =>
    askSnowflake(place.connection.settings['database'], name, body)
  const openWith = (settings: Readonly<Record<string, unknown>>) => {
    const { password: _none, ...rest } = place.connection.settings
    return openWarehouse(
      { type: 'snowflake', settings: { ...rest, ...settings }, projectDir: folder },
      quietOptions(),
    )
  }
  /** Connects, runs a statement, and says what the server saw. */
  const loginsOf = async (settings: Readonly<Record<string, unknown>>) => {
    await ask('logins')
    const session = await openWith(settings)
    expect(await session.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
    await session.close()
    return ((await ask('logins')) as { logins: readonly Login[] }).logins
  }

  test('with a password: account, place, role and warehouse', async () => {
    const [login] = await loginsOf({ password: 'right' })
    expect(login).toMatchObject({
      ACCOUNT_NAME: 'test-account',
      LOGIN_NAME: 'backhaul',
      PASSWORD: 'right',
      CLIENT_APP_ID: 'JavaScript',
      parameters: { roleName: 'REPORTER', warehouse: 'SMALL', schemaName: place.schema },
    })
  })

  test('with a password and a second factor', async () => {
    const [login] = await loginsOf({ password: 'right', authenticator: 'username_password_mfa' })
    expect(login).toMatchObject({ AUTHENTICATOR: 'USERNAME_PASSWORD_MFA', PASSWORD: 'right' })
  })

  test.each([
    ['a file', { private_key_path: 'key.p8', private_key_passphrase: passphrase }],
    ['PEM in the profile', { private_key: pem }],
    ['PEM whose lines are written as \\n', { private_key: pem.replaceAll('\n', '\\n') }],
    ['locked PEM', { private_key: lockedPem, private_key_passphrase: passphrase }],
    ['DER in base64', { private_key: der }],
    ['locked DER', { private_key: lockedDer, private_key_passphrase: passphrase }],
  ])('with a key pair: %s', async (_, settings) => {
    const [login] = await loginsOf(settings)
    expect(login).toMatchObject({ AUTHENTICATOR: 'SNOWFLAKE_JWT', LOGIN_NAME: 'backhaul' })
    const payload = JSON.parse(
      Buffer.from(login?.TOKEN?.split('.')[1] ?? '', 'base64url').toString(),
    )
    expect(payload.sub).toBe('TEST-ACCOUNT.BACKHAUL')
    expect(payload.iss).toMatch(/^TEST-ACCOUNT\.BACKHAUL\.SHA256:/)
  })

  test('with an OAuth access token', async () => {
    const [login] = await loginsOf({ authenticator: 'oauth', token: 'access-token' })
    expect(login).toMatchObject({ AUTHENTICATOR: 'OAUTH', TOKEN: 'access-token' })
  })

  test('with an OAuth refresh token, which is exchanged first', async () => {
    const [exchange, login] = await loginsOf({
      authenticator: 'oauth',
      token: 'refresh-token',
      oauth_client_id: 'client-id',
      oauth_client_secret: 'client-secret',
    })
    expect(exchange).toEqual({
      oauth: { grant_type: 'refresh_token', refresh_token: 'refresh-token' },
      client: 'client-id:client-secret',
    })
    expect(login).toMatchObject({ AUTHENTICATOR: 'OAUTH', TOKEN: 'refreshed-token' })
  })

  test('with a programmatic access token, as token or password', async () => {
    const authenticator = 'programmatic_access_token'
    for (const settings of [{ token: 'personal-token' }, { password: 'personal-token' }]) {
      const [login] = await loginsOf({ authenticator, ...settings })
      expect(login).toMatchObject({
        AUTHENTICATOR: 'PROGRAMMATIC_ACCESS_TOKEN',
        TOKEN: 'personal-token',
      })
    }
  })

  test.each([
    [{ private_key: pem, private_key_path: 'key.p8' }, /both private_key and private_key_path/],
    [{ private_key_path: 'absent.p8' }, /Cannot read private_key_path/],
    [{ private_key: 'bm8ga2V5' }, /cannot be opened/],
    [{ private_key_path: 'key.p8', private_key_passphrase: 'wrong' }, /cannot be opened/],
    [{ authenticator: 'telepathy' }, /authenticator .* none/],
    [{ authenticator: 'oauth' }, /no token/],
    [{ authenticator: 'workload_identity' }, /workload_identity_provider/],
    [{}, /no password/],
  ])('a login that cannot work says why: %#', async (settings, message) => {
    const failure = await openWith(settings).catch((error: unknown) => error)
    expect(String(failure)).toMatch(message)
    expect(String(failure)).not.toContain('PRIVATE KEY')
  })

  test('a refused token, and a refresh token that has expired, say which setting it is', async () => {
    const failure = (settings: Readonly<Record<string, unknown>>) =>
      openWith({ authenticator: 'oauth', ...settings }).catch((error: unknown) => error)
    expect(await failure({ token: 'old' })).toMatchObject({
      disposition: 'terminal',
      hint: expect.stringContaining('token'),
    })
    const clientKeys = { oauth_client_id: 'client-id', oauth_client_secret: 'client-secret' }
    expect(await failure({ token: 'old', ...clientKeys })).toMatchObject({
      disposition: 'terminal',
      hint: expect.stringContaining('refresh token'),
    })
  })
})
