import { expect, test } from 'vitest'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { people, smallShop } from '../support/small-shop.ts'
import { localEngines } from '../support/warehouses.ts'

const impatient = { lease_seconds: 10, hubspot: { request_timeout_seconds: 1 } }

const companies = () => ({
  model: 'people',
  hubspot: {
    sync: 'firms',
    object: 'companies',
    mode: 'insert',
    primary_key: 'id',
    properties: { name: 'first_name', domain: 'email' },
  },
})

const statusesOf = async (project: TestProject) =>
  (await project.state('firms')).map((row) => [row['row_id'], row['status']])

for (const { name, missing } of localEngines()) {
  test.skipIf(missing !== undefined)(
    `unknown rows are listed, bound to the record that is theirs, or sent again (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const project = await smallShop({
        engine: name,
        sandbox,
        syncs: [companies()],
        tables: [people('Ada', 'Grace', 'Cy')],
        settings: impatient,
      })
      await project.run(['run'], { BACKHAUL_CRASH_AT: 'answer-received' })
      // Of one of them the answer never came because HubSpot did not write.
      const made = sandbox.records('companies')
      const idOf = (firm: string) =>
        made.find(({ properties }) => properties['name'] === firm)?.id ?? ''
      sandbox.archiveRecord('companies', idOf('Cy'))
      await project.run(['run'])
      expect(await statusesOf(project)).toEqual([
        ['1', 'unknown'],
        ['2', 'unknown'],
        ['3', 'unknown'],
      ])
      const listed = await project.run(['resolve'])
      expect(listed.stdout).toContain('3 rows may be in HubSpot already')
      expect(listed.stdout).toMatch(/firms +2 +20\d\d-/)

      const resolve = (...args: readonly string[]) => project.run(['resolve', 'firms', ...args])
      const refused = [
        [['1'], 2, 'What became of the row?'],
        [['1', '--record', 'x'], 2, 'a number'],
        [['1', '--record', '1', '--resend'], 2, 'exclude each other'],
        [['1', '--record', '99999999'], 1, 'HubSpot has no record 99999999 of companies'],
        [['9', '--resend'], 1, 'Row 9 is not unknown: it is not known to the state'],
      ] as const
      for (const [args, exitCode, message] of refused) {
        const result = await resolve(...args)
        expect(result.exitCode, result.stderr).toBe(exitCode)
        expect(result.stderr).toContain(message)
      }
      const bound = await resolve('1', '--record', idOf('Ada'))
      expect(bound.exitCode, bound.stderr).toBe(0)
      expect(bound.stdout).toBe(`Row 1 of firms is bound to record ${idOf('Ada')}.\n`)
      const taken = await resolve('2', '--record', idOf('Ada'))
      expect(taken.exitCode).toBe(1)
      expect(taken.stderr).toContain(`Record ${idOf('Ada')} belongs to row 1`)
      // Somebody has changed it since.
      sandbox.seedRecords('companies', [{ name: 'Grace Inc', domain: 'grace.example' }])
      const other = sandbox
        .records('companies')
        .find((one) => one.properties['name'] === 'Grace Inc')
      const changed = await resolve('2', '--record', other?.id ?? '')
      expect(changed.stdout).toContain('Its values differ from what was sent; mode insert leaves')
      expect((await resolve('3', '--resend')).stdout).toContain('the next run sends it again')
      expect(await statusesOf(project)).toEqual([
        ['1', 'succeeded'],
        ['2', 'succeeded'],
        ['3', 'pending'],
      ])
      const [ada, grace] = await project.state('firms')
      expect(ada).toMatchObject({
        record_id: idOf('Ada'),
        created_here: true,
        error_category: null,
      })
      expect(grace).toMatchObject({ record_id: other?.id, created_here: null })
      expect(
        await project.rows(
          "select row_id, outcome, error_category from changes where outcome <> 'unknown' order by row_id",
        ),
      ).toEqual([
        { row_id: '1', outcome: 'succeeded', error_category: null },
        { row_id: '2', outcome: 'succeeded', error_category: null },
        { row_id: '3', outcome: 'pending', error_category: 'RESEND_ASKED' },
      ])
      for (const table of ['plan__firms', 'results__firms', 'leases'])
        expect(await project.rows(`select * from ${table}`), table).toEqual([])

      const calls = sandbox.writeCalls()
      const run = await project.run(['run'])
      expect(run.exitCode, run.stderr).toBe(0)
      expect(sandbox.writeCalls() - calls).toBe(1)
      expect((await resolve()).stdout).toBe('No row is unknown.\n')
      expect((await resolve('3', '--resend')).stderr).toContain('it is succeeded')
    },
  )
}

test('a record that was merged away, and a sync that has not run', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({
    sandbox,
    syncs: [companies()],
    tables: [people('Ada', 'Grace')],
    settings: impatient,
  })
  expect((await project.run(['resolve', 'firms', '1', '--resend'])).stderr).toContain(
    'has no state yet',
  )
  await project.run(['run'], { BACKHAUL_CRASH_AT: 'answer-received' })
  await project.run(['run'])
  const [one, two] = sandbox.records('companies')
  sandbox.mergeRecords('companies', one?.id ?? '', two?.id ?? '')
  const gone = await project.run(['resolve', 'firms', '1', '--record', two?.id ?? ''])
  expect(gone.exitCode).toBe(1)
  expect(gone.stderr).toContain(`was merged into ${one?.id}`)
  const json = await project.run(['resolve', 'firms', '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({
    kind: 'unknown-rows',
    rows: [{ rowId: '1' }, {}],
  })
})
