import { expect, test } from 'vitest'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { smallShop, writeTo } from '../support/small-shop.ts'

const app = {
  client_id: 'sandbox-client-id',
  client_secret: 'sandbox-client-secret',
  refresh_token: 'sandbox-refresh-token',
}

const useApp = (project: TestProject, oauth: Readonly<Record<string, string>>) =>
  writeTo(project, 'backhaul.yml', JSON.stringify({ hubspot: { oauth } }))

const withoutToken = { HUBSPOT_ACCESS_TOKEN: '' }

test('an OAuth app stands for the token: one request for it a run, and nothing of it is printed', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  useApp(project, app)
  const result = await project.run(['run', '--debug'], withoutToken)
  expect(result.exitCode, result.stderr).toBe(0)
  expect(sandbox.countRecords('contacts')).toBe(2)
  expect(sandbox.requests().filter(({ path }) => path.startsWith('/oauth'))).toHaveLength(1)
  expect(`${result.stdout}${result.stderr}`).not.toMatch(
    /sandbox-client-secret|sandbox-refresh-token|sandbox-access-token/,
  )
  expect((await project.run(['debug'], withoutToken)).exitCode).toBe(0)
})

test('an OAuth app that HubSpot refuses gives one message that says what to do', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  useApp(project, { ...app, refresh_token: 'planted-refresh-token' })
  const result = await project.run(['run'], withoutToken)
  expect(result.exitCode).toBe(1)
  expect(result.stderr).toContain('HubSpot refuses the OAuth app or its refresh token (HTTP 400)')
  expect(result.stderr).toContain('`backhaul auth login` gets a new refresh token')
  expect(`${result.stdout}${result.stderr}`).not.toContain('planted')
})
