import { expect, test } from 'vitest'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop } from '../support/small-shop.ts'
import { localEngines } from '../support/warehouses.ts'

for (const { name, missing } of localEngines()) {
  test.skipIf(missing !== undefined)(
    `status says how each sync stands, and retry lets parked rows go again (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const tables = [people('Ada', 'Grace', 'Cy'), "update people set email = 'none' where id = 2"]
      const project = await smallShop({
        engine: name,
        sandbox,
        tables,
        syncs: [contacts({ max_attempts: 2 })],
      })
      // Needs no token.
      const offline = { HUBSPOT_ACCESS_TOKEN: '', HUBSPOT_BASE_URL: '' }
      const before = await project.run(['status'], offline)
      expect(before.exitCode, before.stderr).toBe(0)
      expect(before.stdout).toContain('It has not run yet: backhaul plan --select contacts')

      await project.run(['run'])
      const rejected = await project.run(['status'], offline)
      expect(rejected.exitCode).toBe(1)
      expect(rejected.stdout).toMatch(
        /contacts +partial +just now .* 2 created, 1 rejected +1 +never/,
      )
      expect(rejected.stdout).toMatch(/contacts +2 +1\n/)
      expect(rejected.stdout).toContain('Correct 1 rejected row in the model')
      expect(rejected.stdout).not.toContain('\u001b')

      await project.run(['run'])
      const parked = await project.run(['status', '--select', 'contacts', '--json'], offline)
      const { syncs } = JSON.parse(parked.stdout)
      expect(syncs).toMatchObject([
        {
          sync: 'contacts',
          rows: { succeeded: 2, parked: 1 },
          lastRun: { status: 'partial', counts: { parked: 1, rejected: 1 } },
          errors: [{ status: 'parked', rows: 1, exampleRowId: '2' }],
          underWay: null,
        },
      ])
      expect(await parkedAfter(project)).toBe(1)
      const [{ category }] = syncs[0].errors

      const none = await project.run(['retry', 'contacts', '--error', 'CONFLICT'], offline)
      expect(none.exitCode, none.stderr).toBe(0)
      expect(none.stdout).toContain(`Parked rows of contacts by error: ${category} (1)`)
      expect(none.stdout).toContain('No parked rows to try again.')
      const retried = await project.run(
        ['retry', 'contacts', '--error', category, '--row', '2'],
        offline,
      )
      expect(retried.exitCode, retried.stderr).toBe(0)
      expect(retried.stdout).toContain('1 parked row of contacts: the next run tries it again')
      expect((await project.run(['retry'], offline)).stdout).toBe('No parked rows to try again.\n')
      expect(await project.rows('select * from leases')).toEqual([])
      expect((await project.run(['status'], offline)).stdout).toContain('RETRY_ASKED')

      const calls = sandbox.writeCalls()
      await project.run(['run'])
      expect(sandbox.writeCalls() - calls).toBe(1)
      expect(await parkedAfter(project)).toBe(0)
      expect((await project.state('contacts'))[1]).toMatchObject({
        status: 'rejected',
        attempts: 1,
      })

      await project.sql("update people set email = 'grace@shop.example' where id = 2")
      await project.run(['run'])
      const well = await project.run(['status'], offline)
      expect(well.exitCode, well.stderr).toBe(0)
      expect(well.stdout).toContain('All well.')
    },
  )
}

const parkedAfter = async (project: Awaited<ReturnType<typeof smallShop>>) =>
  (await project.state('contacts')).filter((row) => row['status'] === 'parked').length

test('a run that was killed is told, and so is one that is under way', async () => {
  const sandbox = await strictSandbox()
  const settings = { lease_seconds: 10, hubspot: { request_timeout_seconds: 5 } }
  const project = await smallShop({ engine: 'postgres', sandbox, settings })
  await project.run(['run'], { BACKHAUL_CRASH_AT: 'window-sent' })
  expect(sandbox.countRecords('contacts')).toBeGreaterThan(0)
  const killed = await project.run(['status'])
  expect(killed.exitCode).toBe(1)
  expect(killed.stdout).toMatch(/contacts +cut short .* not counted yet/)
  expect(killed.stdout).toContain('may have written records. The next one counts them')
  await project.sql("update people set first_name = 'Another'")
  sandbox.addFault({ kind: 'slow', delayMs: 3000, match: { path: 'batch' } })
  const running = project.start(['run'])
  await running.waitFor(/START/)
  const underWay = await project.run(['status'])
  expect(underWay.stdout).toMatch(/A run is under way: process \d+ on .*\. Wait for its end\./)
  expect(underWay.exitCode).toBe(0)
  await running.finished
})

test('a sync that does not exist, a row without its sync, and a sync gone from the project', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  await project.run(['run'])
  const unknown = await project.run(['retry', 'contact'])
  expect(unknown.exitCode).toBe(1)
  expect(unknown.stderr).toContain('The project has no sync contact')
  expect(unknown.stderr).toContain('Did you mean `contacts`?')
  expect((await project.run(['retry', '--row', '1'])).exitCode).toBe(2)
  project.setSyncs([])
  const orphan = await project.run(['status'])
  expect(orphan.stdout).toContain('backhaul clean --sync contacts')
})
