import { expect, test } from 'vitest'
import { runCli, startCli } from '../support/cli.ts'
import { smallShop, writeTo } from '../support/small-shop.ts'

async function refusal(project: { readonly dir: string }, ...args: readonly string[]) {
  const { exitCode, stderr } = await runCli(['sandbox', '--port', '0', ...args], {
    cwd: project.dir,
  })
  return `exit ${exitCode}\n${stderr}`
}

test('what is wrong with the properties file or a fault is told, with its place', async () => {
  const project = await smallShop()
  expect(await refusal(project, '--properties', 'gone.json')).toMatch(
    /^exit 2\nError: There is no file gone\.json\n/,
  )
  writeTo(project, 'broken.json', '{"contacts": [\n  {"name": "plan",}\n]}\n')
  expect(await refusal(project, '--properties', 'broken.json')).toMatch(
    /^exit 2\nError: broken\.json:2:19: is no valid JSON from here on\n/,
  )
  writeTo(project, 'list.json', '[]')
  expect(await refusal(project, '--properties', 'list.json')).toMatch(
    /^exit 2\nError: list\.json: is no list of properties per object\n/,
  )
  writeTo(project, 'odd.json', '{"contacts": [{"name": "plan", "type": "colour"}]}')
  expect(await refusal(project, '--properties', 'odd.json')).toMatch(/^exit 2\nError: odd\.json: /)
  expect(await refusal(project, '--fault', 'status:700')).toMatch(
    /^exit 2\nError: --fault status:700: status must be a whole number from 400 to 599\n/,
  )
})

test('a reset keeps the properties of the file, owners and labels, and faults may be set in words', async () => {
  const project = await smallShop()
  const plan = { name: 'plan', label: 'Plan', type: 'string', fieldType: 'text' }
  writeTo(project, 'properties.json', JSON.stringify({ contacts: [plan] }))
  const args = [
    'sandbox',
    '--port',
    '0',
    '--properties',
    'properties.json',
    '--owner',
    'ada.byron@shop.example',
    '--label',
    'contacts:companies:Buyer:Bought by',
  ]
  const sandbox = startCli(args, { cwd: project.dir })
  const [, url] = await sandbox.waitFor(/HUBSPOT_BASE_URL=(\S+)/)
  const headers = { authorization: 'Bearer sandbox-token' }
  const property = () => fetch(`${url}/crm/v3/properties/contacts/plan`, { headers })
  const owners = async () => {
    const answer = await fetch(`${url}/crm/v3/owners`, { headers })
    return ((await answer.json()) as { results: { email: string }[] }).results
  }
  const admin = (path: string, body?: string) =>
    fetch(`${url}/_sandbox/${path}`, { method: 'POST', ...(body === undefined ? {} : { body }) })
  expect((await property()).status).toBe(200)
  expect((await admin('faults', 'status:502:nth=1')).status).toBe(204)
  expect((await property()).status).toBe(502)
  expect((await admin('reset')).status).toBe(204)
  expect((await property()).status).toBe(200)
  const named = { email: 'ada.byron@shop.example', firstName: 'ada', lastName: 'byron' }
  expect(await owners()).toContainEqual(expect.objectContaining(named))
  const labels = await fetch(`${url}/crm/v4/associations/companies/contacts/labels`, { headers })
  expect(await labels.text()).toContain('"Bought by"')
  sandbox.signal('SIGINT')
  expect((await sandbox.finished).exitCode).toBe(0)
})

test('a container can ask whether it is well, and an address that is not there is refused', async () => {
  const project = await smallShop()
  const sandbox = startCli(['sandbox', '--port', '0', '--host', '0.0.0.0'], { cwd: project.dir })
  const [, url] = await sandbox.waitFor(/HUBSPOT_BASE_URL=(http:\/\/127\.0\.0\.1:\d+)/)
  const health = await fetch(`${url}/healthz`)
  expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])
  expect((await fetch(`${url}/_sandbox/stats`)).status).toBe(401)
  expect(await refusal(project, '--host', '203.0.113.7')).toMatch(
    /^exit 2\nError: This machine has no address 203\.0\.113\.7\n/,
  )
})
