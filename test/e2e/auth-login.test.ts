import { expect, test } from 'vitest'
import { runCli, startCli } from '../support/cli.ts'
import { strictSandbox } from '../support/sandbox.ts'

const app = {
  HUBSPOT_CLIENT_ID: 'sandbox-client-id',
  HUBSPOT_CLIENT_SECRET: 'sandbox-client-secret',
}

async function start(env: Readonly<Record<string, string>> = app) {
  const sandbox = await strictSandbox()
  const login = startCli(['auth', 'login', '--port', '0'], {
    env: { ...env, HUBSPOT_BASE_URL: sandbox.url },
  })
  const [, page = ''] = await login.waitFor(/(http\S+oauth\/authorize\S+)/)
  return { login, page: new URL(page) }
}

test('a login in the browser ends with the refresh token on standard output, and nothing else there', async () => {
  const { login, page } = await start()
  expect(page.searchParams.get('scope')).toContain('crm.objects.contacts.write')
  const answer = await fetch(page)
  expect(await answer.text()).toContain('The app is connected')
  const { exitCode, stdout, stderr } = await login.finished
  expect(exitCode, stderr).toBe(0)
  expect(stdout).toBe('HUBSPOT_REFRESH_TOKEN=sandbox-refresh-token\n')
  expect(stderr).toContain('The app is connected to portal 4242424')
  expect(stderr).not.toContain('sandbox-client-secret')
})

test('an answer that belongs to no login of ours is turned away, and a refusal is told', async () => {
  const { login, page } = await start()
  const callback = new URL(page.searchParams.get('redirect_uri') ?? '')
  callback.searchParams.set('code', 'stolen')
  callback.searchParams.set('state', 'guessed')
  expect((await fetch(callback)).status).toBe(400)
  callback.searchParams.delete('code')
  callback.searchParams.set('error', 'access_denied')
  callback.searchParams.set('state', page.searchParams.get('state') ?? '')
  await fetch(callback)
  const { exitCode, stdout, stderr } = await login.finished
  expect(exitCode).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toContain('HubSpot did not connect the app (access_denied)')
})

test('a secret that HubSpot refuses, and one that is missing, each give one message', async () => {
  const { login, page } = await start({ ...app, HUBSPOT_CLIENT_SECRET: 'planted-word' })
  await fetch(page)
  const refused = await login.finished
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toContain('HubSpot refuses the OAuth app')
  expect(refused.stderr).not.toContain('planted-word')
  const missing = await runCli(['auth', 'login'], { env: { HUBSPOT_CLIENT_ID: 'id' } })
  expect(missing.exitCode).toBe(1)
  expect(missing.stderr).toContain('The environment variable HUBSPOT_CLIENT_SECRET is not set')
})
