import { expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { testEngines } from '../support/warehouses.ts'

const contacts = {
  model: 'people',
  hubspot: {
    sync: 'contacts',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: { firstname: 'first_name' },
  },
}

for (const { name, missing } of testEngines()) {
  test.skipIf(missing !== undefined)(
    `a run says why rows were rejected, and writes the others (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const project = await createProject({
        engine: name,
        sandbox,
        syncs: [contacts],
        tables: [
          'create table people (id integer, email text, first_name text)',
          `insert into people values (1, 'ada@shop.example', 'Ada'), (2, 'bo@shop.example', 'Bo'),
             (3, 'BO@shop.example', 'Bo'), (4, null, 'Cy'), (5, 'no-address', 'Di')`,
        ],
      })
      const run = await project.run(['run'])
      expect(run.exitCode, run.stderr).toBe(1)
      const said = run.stderr.split('\n').map((line) => line.slice('12:00:00  '.length))
      expect(said).toContain('  ! 2 rows: another row of the model has the same match value')
      expect(said).toContain('  ! 1 row: the value that finds the record is NULL or empty')
      expect(said).toContain('  ! 1 row: refused by HubSpot')
      const query = said.find((line) => line.includes('select '))?.trim() ?? ''
      expect((await project.rows(query)).map((row) => row['row_id'])).toEqual(['2', '3', '4', '5'])
      expect(sandbox.records('contacts').map(({ properties }) => properties['email'])).toEqual([
        'ada@shop.example',
      ])
    },
  )
}

test('a run whose only sync is invalid does not say that there is nothing to do', async () => {
  const invalid = { ...contacts, hubspot: { ...contacts.hubspot, mode: 'sometimes' } }
  const project = await createProject({ engine: 'duckdb', syncs: [invalid] })
  const run = await project.run(['run'])
  expect(run.exitCode, run.stderr).toBe(1)
  expect(run.stderr).not.toContain('nothing to do')
})
