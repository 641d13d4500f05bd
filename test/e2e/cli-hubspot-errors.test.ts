import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { messageOf } from '../support/cli-message.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { smallShop } from '../support/small-shop.ts'
import { tlsFront } from '../support/tls-front.ts'

test('no token', async () => {
  const project = await smallShop()
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: there is no HubSpot access token: the environment variable HUBSPOT_ACCESS_TOKEN is not set
        Set it (a .env file is read, too), or set \`hubspot.access_token\` in backhaul.yml."
  `)
})

test('a wrong token', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox: { url: sandbox.url, token: 'pat-na1-wrong' } })
  const result = await project.run(['run'])
  expect(result.stderr + result.stdout).not.toContain('pat-na1-wrong')
  expect(messageOf(result, project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: could not read the account: HubSpot does not accept the access token (HTTP 401)
        Check that HUBSPOT_ACCESS_TOKEN is complete, not expired and not revoked.
        HubSpot correlation id: <id>"
  `)
})

test('a port that no HTTP client connects to', async () => {
  const project = await smallShop({ sandbox: { url: 'http://127.0.0.1:6000', token: 'any' } })
  const result = await project.run(['run'])
  expect(result.exitCode).toBe(1)
  expect(result.stderr).toContain(
    'base_url names a port that HTTP clients refuse to connect to; nothing was sent',
  )
  expect(result.stderr).not.toContain('may have been carried out')
})

test('a token without the scope to read an object', async () => {
  const token = { token: 'scoped', scopes: ['crm.objects.companies.read'] }
  const sandbox = await strictSandbox({ tokens: [token] })
  const project = await smallShop({ sandbox })
  expect(messageOf(await project.run(['validate']), project)).toMatchInlineSnapshot(`
    "exit 1
    Error: could not list the properties of contacts: the access token needs one of the scopes crm.schemas.contacts.read, crm.objects.contacts.read
        Add the scopes to the app in HubSpot and, if its token changes, replace the token.
        HubSpot correlation id: <id>"
  `)
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
      could not list the properties of contacts: the access token needs one of the scopes crm.schemas.contacts.read, crm.objects.contacts.read
        Add the scopes to the app in HubSpot and, if its token changes, replace the token.
    Completed with 1 sync that failed
    Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('a token without the scope to write', async () => {
  const token = { token: 'scoped', scopes: ['crm.objects.contacts.read'] }
  const sandbox = await strictSandbox({ tokens: [token] })
  const project = await smallShop({ sandbox })
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 START sync contacts ..................................................... [RUN: 2 create or update, 1 write call]
    1 of 1 PARTIAL sync contacts → contacts ........................................ [2 pending, 1 write call in <time>]
      could not upsert 2 contacts: the access token lacks the scope crm.objects.contacts.write
        Add the scopes to the app in HubSpot and, if its token changes, replace the token.
    Completed with 1 partial sync
    Done. OK=0 PARTIAL=1 ERROR=0 GUARDED=0 HELD=0 TOTAL=1"
  `)
})

test('nobody listens at the address', async () => {
  const port = await freePort()
  const project = await smallShop({ sandbox: { url: `http://127.0.0.1:${port}`, token: 'x' } })
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: could not read the account: the HubSpot host could not be connected to (ECONNREFUSED)
        Check base_url, the network and its proxy; a sandbox must be running."
  `)
})

test('a host name that does not resolve', async () => {
  const sandbox = { url: 'https://api.hubapi.invalid', token: 'x' }
  const project = await smallShop({ sandbox })
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: could not read the account: the name of the HubSpot host could not be resolved (ENOTFOUND)
        Check base_url and the name server."
  `)
})

test('a target that may not write to a portal that is no sandbox', async () => {
  const sandbox = await strictSandbox({ accountType: 'STANDARD' })
  const front = await tlsFront(sandbox.url)
  const settings = { targets: { prod: { portal_id: 4242424 } } }
  const project = await smallShop({ sandbox: { ...sandbox, url: front.url }, settings })
  const run = await project.run(['run'], front.env)
  expect(messageOf(run, project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: the target dev may not write to portal 4242424, which is no sandbox (STANDARD)
        Choose a target that may (--target), or list it in backhaul.yml: \`targets: {dev: {portal_id: 4242424}}\`. \`backhaul plan\` writes nothing and works for every target."
  `)
  expect((await project.run(['plan'], front.env)).exitCode).toBe(0)
  expect((await project.run(['debug'], front.env)).stdout).toContain('[ERROR] may write')
  expect(sandbox.writeCalls()).toBe(0)
})

test('a token of another portal than the target writes to', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, settings: { targets: { dev: { portal_id: 12345 } } } })
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: the target dev writes to portal 12345, but the access token belongs to portal 4242424
        Use a token of portal 12345, or change \`targets.dev.portal_id\` in backhaul.yml."
  `)
  expect(sandbox.writeCalls()).toBe(0)
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('a plan for a target of another portal says that the run would be refused', async () => {
  const sandbox = await strictSandbox()
  const settings = { targets: { dev: { portal_id: 12345 } } }
  const project = await smallShop({ sandbox, settings })
  const { exitCode, stdout, stderr } = await project.run(['plan'])
  expect(exitCode).toBe(0)
  expect(stdout).toContain('2 create or update')
  expect(stderr).toContain(
    'Warning: A run would be refused: the target dev writes to portal 12345, but the access token belongs to portal 4242424',
  )
})
