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
    properties: { firstname: 'first_name', jobtitle: 'job_title' },
  },
}

for (const engine of testEngines()) {
  test.skipIf(engine.missing !== undefined)(
    `only what changed goes to HubSpot, from a project that no dbt built (${engine.name})`,
    async () => {
      const sandbox = await strictSandbox()
      const project = await createProject({
        engine: engine.name,
        sandbox,
        syncs: [contacts],
        tables: [
          'create table people (id integer, email text, first_name text, job_title text)',
          "insert into people values (1, 'ada@shop.example', 'Ada', 'CTO'), (2, 'bo@shop.example', 'Bo', null)",
        ],
      })
      const first = await project.run(['run'])
      expect(first, first.stderr).toMatchObject({ exitCode: 0 })
      await project.sql("update people set job_title = 'Founder' where id = 2")
      const second = await project.run(['run'])
      expect(second, second.stderr).toMatchObject({ exitCode: 0 })
      expect(sandbox.findRecord('contacts', 'email', 'bo@shop.example')?.properties).toMatchObject({
        firstname: 'Bo',
        jobtitle: 'Founder',
      })
      expect(
        await project.rows(
          'select row_id, operation, outcome, new_values from changes order by recorded_at, seq',
        ),
      ).toEqual([
        expect.objectContaining({ row_id: '1', operation: 'upsert', outcome: 'succeeded' }),
        expect.objectContaining({ row_id: '2', operation: 'upsert', outcome: 'succeeded' }),
        {
          row_id: '2',
          operation: 'update',
          outcome: 'succeeded',
          new_values: '{"jobtitle":"Founder"}',
        },
      ])
      expect(await project.state('contacts')).toHaveLength(2)
    },
  )
}
