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
      const query =
        /select .*/.exec(said.find((line) => line.includes('All of them')) ?? '')?.[0] ?? ''
      expect((await project.rows(query)).map((row) => row['row_id'])).toEqual(['2', '3', '4', '5'])
      expect(sandbox.records('contacts').map(({ properties }) => properties['email'])).toEqual([
        'ada@shop.example',
      ])
    },
  )
}

const withChecks = {
  model: 'people',
  hubspot: {
    ...contacts.hubspot,
    properties: { lifecyclestage: 'stage', annualrevenue: 'revenue', firstname: 'first_name' },
  },
}

const options =
  '(options: subscriber, lead, marketingqualifiedlead, salesqualifiedlead, opportunity, customer, evangelist, other)'

const messages = {
  full: [
    ['1', 'lifecyclestage: "Customer" is no option (did you mean customer?)', 'lifecyclestage'],
    [
      '2',
      'annualrevenue: "a lot" is no number; lifecyclestage: "marketing qualified lead" is no option (did you mean marketingqualifiedlead?)',
      'annualrevenue, lifecyclestage',
    ],
  ],
  hashed: [
    ['1', `lifecyclestage: the value is no option ${options}`, 'lifecyclestage'],
    [
      '2',
      `annualrevenue: the value is no number; lifecyclestage: the value is no option ${options}`,
      'annualrevenue, lifecyclestage',
    ],
  ],
} as const

for (const { name, missing } of testEngines()) {
  for (const values of ['full', 'hashed'] as const) {
    test.skipIf(missing !== undefined)(
      `each bad value is told, in words, as far as the audit keeps values (${name}, ${values})`,
      async () => {
        const sandbox = await strictSandbox()
        const project = await createProject({
          engine: name,
          sandbox,
          settings: { audit: { values } },
          syncs: [withChecks],
          tables: [
            'create table people (id integer, email text, first_name text, stage text, revenue text)',
            `insert into people values (1, 'ada@shop.example', 'Ada', 'Customer', '5'),
             (2, 'bo@shop.example', 'Bo', 'marketing qualified lead', 'a lot')`,
          ],
        })
        const [first] = messages[values]
        const run = await project.run(['run', '--output', 'json'])
        expect(run.exitCode).toBe(1)
        expect(run.stderr).toContain('property annualrevenue, lifecyclestage, e.g. row 2:')
        expect(run.stderr).not.toContain('Customer')
        expect(
          JSON.parse(run.stdout).results[0].rejects.map(
            (group: { property: string }) => group.property,
          ),
        ).toEqual(['annualrevenue, lifecyclestage', 'lifecyclestage'])
        const plan = await project.run(['plan'])
        expect(plan.stdout, plan.stderr).toContain(first[1])
        const rows = await project.rows(
          'select row_id, error_message, error_property from changes order by row_id',
        )
        for (const [index, [rowId, message, property]] of messages[values].entries()) {
          expect(rows[index]).toMatchObject({ row_id: rowId, error_property: property })
          expect(rows[index]?.['error_message']).toBe(message)
        }
        expect((await project.state('contacts')).map((row) => row['error_message'])).toEqual(
          rows.map((row) => row['error_message']),
        )
      },
    )
  }
}

test('a run whose only sync is invalid does not say that there is nothing to do', async () => {
  const invalid = { ...contacts, hubspot: { ...contacts.hubspot, mode: 'sometimes' } }
  const project = await createProject({ engine: 'duckdb', syncs: [invalid] })
  const run = await project.run(['run'])
  expect(run.exitCode, run.stderr).toBe(1)
  expect(run.stderr).not.toContain('nothing to do')
})

test('an update whose unique value another record has names that record and its row', async () => {
  const sandbox = await strictSandbox()
  sandbox.createProperty('contacts', {
    name: 'badge',
    type: 'string',
    fieldType: 'text',
    hasUniqueValue: true,
  })
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    syncs: [
      {
        ...contacts,
        hubspot: { ...contacts.hubspot, properties: { badge: 'badge', city: 'city' } },
      },
    ],
    tables: [
      "create table people as select id, 'p' || id || '@shop.example' as email, 'b' || id as badge, 'Bonn' as city from range(1, 4) as t (id)",
    ],
  })
  expect((await project.run(['run'])).exitCode).toBe(0)
  await project.sql(
    "update people set badge = case id when 1 then 'b2' when 2 then 'b1' else badge end, city = 'Rome'",
  )
  expect((await project.run(['run'])).exitCode).toBe(1)
  const [first, second, third] = await project.state('contacts')
  expect(third).toMatchObject({ status: 'succeeded' })
  for (const [row, other] of [
    [first, second],
    [second, first],
  ]) {
    expect(row).toMatchObject({
      status: 'rejected',
      error_category: 'CONFLICT',
      error_message: `A value that must be unique belongs to record ${other?.['record_id']}. It is the record of row ${other?.['row_id']} of this sync.`,
    })
  }
})
