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
    on_invalid: 'drop_property',
    properties: { firstname: 'first_name', lifecyclestage: 'stage', annualrevenue: 'revenue' },
  },
}

for (const { name, missing } of testEngines()) {
  test.skipIf(missing !== undefined)(`a dropped value leaves a trace (${name})`, async () => {
    const sandbox = await strictSandbox()
    const project = await createProject({
      engine: name,
      sandbox,
      syncs: [contacts],
      tables: [
        'create table people (id integer, email text, first_name text, stage text, revenue text)',
        `insert into people values (1, 'ada@shop.example', 'Ada', 'Customer', 'a lot'),
           (2, 'bo@shop.example', 'Bo', 'Lead', '15'), (3, 'cy@shop.example', 'Cy', 'lead', '15')`,
      ],
    })
    const run = await project.run(['run', '--output', 'json'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(run.stderr).toContain('  ! 3 values dropped: lifecyclestage (2), annualrevenue (1)\n')
    expect(JSON.parse(run.stdout).results[0].plan.dropped).toEqual([
      { property: 'lifecyclestage', values: 2 },
      { property: 'annualrevenue', values: 1 },
    ])
    const plan = await project.run(['plan', '--full-refresh'])
    expect(plan.stdout).toContain('  ! 3 values dropped: lifecyclestage (2), annualrevenue (1)\n')
    expect(plan.stdout).toContain('        lifecyclestage: (bad value, dropped)\n')
    expect(await project.rows('select values_dropped from runs')).toEqual([{ values_dropped: 3 }])
    const changes = 'select row_id, dropped_properties from changes order by row_id'
    expect(await project.rows(changes)).toEqual([
      { row_id: '1', dropped_properties: '["annualrevenue","lifecyclestage"]' },
      { row_id: '2', dropped_properties: '["lifecyclestage"]' },
      { row_id: '3', dropped_properties: null },
    ])
  })

  test.skipIf(missing !== undefined)(
    `a row with nothing left to send is in the audit for the value it lost (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const project = await createProject({
        engine: name,
        sandbox,
        syncs: [contacts],
        tables: [
          'create table people (id integer, email text, first_name text, stage text, revenue text)',
          "insert into people values (1, 'ada@shop.example', 'Ada', 'lead', '15')",
        ],
      })
      expect((await project.run(['run'])).exitCode).toBe(0)
      await project.sql("update people set stage = 'Customer'")
      const plan = await project.run(['plan'])
      expect(plan.stdout).toContain('1 unchanged')
      expect(plan.stdout).toContain('! 1 value dropped: lifecyclestage\n')
      expect(plan.stdout).toContain('        lifecyclestage: (bad value, dropped)\n')
      expect(plan.stdout).not.toContain('more; --all')
      expect((await project.run(['run'])).exitCode).toBe(0)
      const changes = `select operation, outcome, dropped_properties from changes where operation = 'refresh'`
      expect(await project.rows(changes)).toEqual([
        { operation: 'refresh', outcome: 'succeeded', dropped_properties: '["lifecyclestage"]' },
      ])
      expect(sandbox.records('contacts')[0]?.properties['lifecyclestage']).toBe('lead')
    },
  )
}
