import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IdentityPoolClient, JWT, OAuth2Client, UserRefreshClient } from 'google-auth-library'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readCredentials } from '../../../src/warehouse/bigquery/credentials.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const key = {
  type: 'service_account',
  project_id: 'key-project',
  private_key_id: 'key-1',
  private_key: pem,
  client_email: 'loader@key-project.iam.gserviceaccount.com',
}

const read = (settings: Readonly<Record<string, unknown>>, projectDir = tmpdir()) =>
  readCredentials({ type: 'bigquery', settings, projectDir })

const serviceAccount = { email: key.client_email, key: pem, keyId: 'key-1' }

test.each([
  ['a block', key],
  ['JSON text', JSON.stringify(key)],
  ['base64', Buffer.from(JSON.stringify(key)).toString('base64')],
  ['escaped line breaks', { ...key, private_key: pem.replaceAll('\n', '\\n') }],
])('service-account-json as %s', async (_, given) => {
  const { client, project } = await read({ method: 'service-account-json', keyfile_json: given })
  expect(client).toBeInstanceOf(JWT)
  expect(client).toMatchObject(serviceAccount)
  expect(project).toBe('key-project')
})

test('service-account reads the key file, relative to the project', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'backhaul-key-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'key.json'), JSON.stringify(key))
  const { client } = await read({ method: 'service-account', keyfile: 'key.json' }, dir)
  expect(client).toMatchObject(serviceAccount)
})

test("scopes are the profile's, or those of dbt", async () => {
  const settings = { method: 'service-account-json', keyfile_json: key }
  expect((await read(settings)).client).toMatchObject({
    scopes: expect.arrayContaining([
      'https://www.googleapis.com/auth/bigquery',
      'https://www.googleapis.com/auth/drive',
    ]),
  })
  expect((await read({ ...settings, scopes: ['x'] })).client).toMatchObject({ scopes: ['x'] })
})

test('oauth-secrets with a token uses it as it is', async () => {
  const { client } = await read({ method: 'oauth-secrets', token: 'abc', quota_project: 'q' })
  expect((await client.getAccessToken()).token).toBe('abc')
  expect((await client.getRequestHeaders()).get('x-goog-user-project')).toBe('q')
})

test('oauth-secrets with a refresh token trades it at token_uri', async () => {
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    for await (const chunk of request) asked.push(String(chunk))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ access_token: 'fresh', expires_in: 3600 }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const { client } = await read({
    method: 'oauth-secrets',
    refresh_token: 'r',
    client_id: 'i',
    client_secret: 's',
    token_uri: `http://127.0.0.1:${port}/token`,
  })
  expect(client).toBeInstanceOf(UserRefreshClient)
  expect((await client.getAccessToken()).token).toBe('fresh')
  expect(Object.fromEntries(new URLSearchParams(asked.join('')))).toMatchObject({
    refresh_token: 'r',
    client_id: 'i',
    client_secret: 's',
  })
})

test('impersonate_service_account stands in for any login', async () => {
  // What would go to Google; the token of whom it goes as is the client's own.
  const request = vi.spyOn(OAuth2Client.prototype, 'request').mockResolvedValue({
    data: { accessToken: 'theirs', expireTime: '2999-01-01T00:00:00Z' },
  } as never)
  onTestFinished(() => request.mockRestore())
  const { client } = await read({
    method: 'oauth-secrets',
    token: 'ours',
    impersonate_service_account: 'other@shop.iam.gserviceaccount.com',
    scopes: ['bigquery'],
  })
  expect((await client.getRequestHeaders()).get('authorization')).toBe('Bearer theirs')
  expect(request.mock.contexts[0]).toMatchObject({ credentials: { access_token: 'ours' } })
  expect(request.mock.calls).toEqual([
    [
      {
        method: 'POST',
        url: 'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/other%40shop.iam.gserviceaccount.com:generateAccessToken',
        data: { scope: ['bigquery'], lifetime: '3600s' },
      },
    ],
  ])
})

test('external-oauth-wif trades a token of the other provider', async () => {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ access_token: 'of the other provider' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const { client } = await read({
    method: 'external-oauth-wif',
    workload_pool_provider_path: '//iam.googleapis.com/projects/1/providers/p',
    token_endpoint: {
      type: 'entra',
      request_url: `http://127.0.0.1:${port}/token`,
      request_data: 'grant_type=client_credentials',
    },
  })
  expect(client).toBeInstanceOf(IdentityPoolClient)
  expect(await (client as IdentityPoolClient).retrieveSubjectToken()).toBe('of the other provider')
})
