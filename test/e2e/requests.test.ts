import { expect, test } from 'vitest'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop, writeTo } from '../support/small-shop.ts'
import { localEngines } from '../support/warehouses.ts'

const offline = { HUBSPOT_ACCESS_TOKEN: '', HUBSPOT_BASE_URL: '' }

for (const { name, missing } of localEngines()) {
  test.skipIf(missing !== undefined)(
    `calls are told as they happen without values, and looked at afterwards (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const project = await smallShop({
        engine: name,
        sandbox,
        settings: { audit: { requests: 'full' } },
        tables: [people('Ada', 'Grace', 'Cy'), "update people set email = 'none' where id = 2"],
        syncs: [contacts()],
      })
      const before = await project.run(['requests'], offline)
      expect(before.stdout).toBe(
        'No API call is in the audit. audit.requests is full: calls are kept with their bodies.\n',
      )

      sandbox.addFault({
        kind: 'status',
        status: 503,
        match: { path: 'batch/upsert', nth: 1 },
      })
      const run = await project.run(['run', '--debug-requests', '--output', 'json'])
      expect(run.stderr).toMatch(
        /POST \/crm\/v3\/objects\/contacts\/batch\/upsert → 20\d in \d+ ms \(3 inputs/,
      )
      expect(run.stderr).toMatch(/"idProperty": "email", .*"id": …/)
      for (const value of ['Ada', 'grace', 'shop.example']) expect(run.stderr).not.toContain(value)
      const [{ runId }] = JSON.parse(run.stdout).results

      const listed = await project.run(['requests', '--run', runId, '--json'], offline)
      const { kind, kept, requests } = JSON.parse(listed.stdout)
      expect({ kind, kept }).toEqual({ kind: 'requests', kept: 'full' })
      const writes = requests.filter(({ path }: { path: string }) => path.endsWith('/upsert'))
      expect(writes).toMatchObject([
        { method: 'POST', batchSize: 3, attempt: 1, status: 503 },
        { method: 'POST', batchSize: 3, attempt: 2, status: 207 },
      ])
      expect(writes.at(-1)).toMatchObject({
        windowMax: 190,
        windowRemaining: expect.any(Number),
        dailyRemaining: expect.any(Number),
      })
      const none = await project.run(['requests', '--run', 'no-such-run'], offline)
      expect(none.stdout).toContain('No API call is in the audit.')

      const failed = await project.run(['requests', '--failed'], offline)
      expect(failed.stdout).toMatch(/POST +\/crm\/v3\/objects\/contacts\/batch\/upsert +503/)
      expect(failed.stdout).toContain('1 call, 1 failed.')
      const last = writes.at(-1).requestId
      const whole = await project.run(['requests', last.slice(0, 12)], offline)
      expect(whole.exitCode, whole.stderr).toBe(0)
      expect(whole.stdout).toContain('Sent\n{"inputs":')
      expect(whole.stdout).toMatch(
        /\nLimits +left were \d+ of 190 in ten seconds, [\d,]+ of the day\n/,
      )
      expect(whole.stdout).toMatch(/contacts +[13] +upsert|contacts +[13] +create/)

      const unknown = await project.run(['requests', 'ffffffff-0000'], offline)
      expect(unknown.exitCode).toBe(1)
      expect(unknown.stderr).toContain('The audit has no API call ffffffff-0000')
    },
  )
}

test('without being asked, the audit keeps the calls that failed, and says so, whatever release made its tables', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ engine: 'postgres', sandbox })
  await project.run(['run'])
  const later = ['window_max', 'window_remaining', 'daily_remaining']
  await project.sql(
    ...later.map(
      (column) => `alter table ${project.schema}_backhaul.requests drop column ${column}`,
    ),
  )
  const { stdout } = await project.run(['requests'], offline)
  expect(stdout).toBe(
    'No API call is in the audit. audit.requests is errors: only calls that failed are kept.\n',
  )
  expect((await project.run(['report'], offline)).exitCode).toBe(0)
  const wrong = await project.run(['requests', '--limit', '0'], offline)
  expect(wrong.exitCode).toBe(2)
})

test('bodies that audit.values keeps out are neither told as kept nor shown', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({
    sandbox,
    settings: { audit: { values: 'hashed', requests: 'full' } },
  })
  await project.run(['run'])
  const { stdout } = await project.run(['requests'], offline)
  expect(stdout).toContain(
    'audit.requests is full, and audit.values hashed: calls are kept without their bodies.',
  )
  const [id = ''] = /[0-9a-f-]{36}/.exec(stdout) ?? []
  const whole = await project.run(['requests', id], offline)
  expect(whole.stdout).toMatch(/Bodies +not shown: audit\.values is hashed\n/)

  writeTo(project, 'backhaul.yml', '{version: 1, audit: {requests: full}}')
  const later = await project.run(['requests', id], offline)
  expect(later.stdout).toMatch(/Bodies +not kept when the call was made\n/)

  await project.sql("update people set first_name = 'Augusta' where id = 1")
  await project.run(['run'])
  const [call] = await project.rows("select request_id from changes where operation = 'update'")
  const newest = String(call?.['request_id'])
  const kept = await project.run(['requests', newest], offline)
  expect(kept.stdout).toContain('Augusta')
  writeTo(project, 'backhaul.yml', '{version: 1, audit: {requests: full, values: none}}')
  for (const form of [[], ['--json']]) {
    const shown = await project.run(['requests', newest, ...form], offline)
    expect(shown.stdout).not.toContain('Augusta')
    expect(shown.stdout).toContain('/batch/update')
  }
})
