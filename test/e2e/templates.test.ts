import { expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { sentSince } from '../support/sent-properties.ts'
import { writeTo } from '../support/small-shop.ts'
import { localEngines, testEngines } from '../support/warehouses.ts'

const contacts = (properties: Readonly<Record<string, unknown>>, keys = {}) => ({
  model: 'people',
  hubspot: {
    sync: 'contacts',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties,
    ...keys,
  },
})

const tables = [
  'create table people (id integer, email text, first_name text, orders integer, since text)',
  `insert into people values (1, 'ada@shop.example', 'ada', 3, '2026-01-02'),
     (2, 'bo@shop.example', null, 0, null), (3, 'cy@shop.example', 'Cy', 1, 'Secret text')`,
]

const properties = {
  firstname: { template: '${ row.first_name | capitalize }' },
  jobtitle: { template: '<% if row.orders > 2 %>VIP<% endif %>' },
  annualrevenue: {
    template: '${ row.orders }${ row.first_name | slice: 9 }',
    on_invalid: 'drop_property',
  },
  lifecyclestage: {
    template: "${ row.first_name | replace: 'Cy', 'Customer' | default: 'lead' }",
    on_invalid: 'drop_property',
  },
  city: { template: '${ row.since | to_unix }' },
}

for (const engine of testEngines().filter(({ name }) => name === 'duckdb' || name === 'postgres')) {
  test.skipIf(engine.missing !== undefined)(
    `what templates give is checked like any other value (${engine.name})`,
    async () => {
      const sandbox = await strictSandbox()
      const sent = sentSince(sandbox)
      const project = await createProject({
        engine: engine.name,
        sandbox,
        syncs: [contacts(properties)],
        tables,
      })
      const plan = await project.run(['plan'])
      expect(plan.exitCode, plan.stderr).toBe(0)
      const rest = plan.stdout.split('\n').slice(2).join('\n')
      expect(rest).toMatchInlineSnapshot(`
        "  2 create or update, 1 rejected
          1 write call
          ! HubSpot ignores a lifecyclestage that is earlier than the one of the record
            Say \`allow_backwards: true\` to have it cleared first, which takes a second call, or \`write: create_only\`.
          ! 1 row: a value has no form that HubSpot accepts for its property
            Fix the value in the model; for a property \`as:\` casts it, and \`on_invalid: drop_property\` leaves it out.
          ! 1 value dropped: lifecyclestage
            ± 1
                annualrevenue: "3"
                city:          "1767312000000"
                email:         "ada@shop.example"
                firstname:     "Ada"
                jobtitle:      "VIP"
                lifecyclestage: (bad value, dropped)
            ± 2
                annualrevenue:  "0"
                email:          "bo@shop.example"
                lifecyclestage: "lead"
            ! 3: city: the template failed: to_unix was given no date and time

        ± create or update   ! rejected
        "
      `)
      const run = await project.run(['run'])
      expect(run.exitCode, run.stderr).toBe(1)
      expect(sent()).toEqual([
        { annualrevenue: '3', city: '1767312000000', firstname: 'Ada', jobtitle: 'VIP' },
        { annualrevenue: '0', lifecyclestage: 'lead' },
      ])
      expect(run.stderr).not.toContain('Secret')
      expect(
        await project.rows(
          "select row_id, error_category, error_property, error_message from changes where outcome = 'rejected'",
        ),
      ).toEqual([
        {
          row_id: '3',
          error_category: 'INVALID_VALUE',
          error_property: 'city',
          error_message: 'city: the template failed: to_unix was given no date and time',
        },
      ])

      await project.sql(
        'update people set orders = 1, since = null where id <> 2',
        "update people set first_name = '' where id = 2",
      )
      expect((await project.run(['run'])).exitCode).toBe(0)
      expect(sent(), 'what is nothing now is cleared').toEqual([
        { annualrevenue: '1', city: '', jobtitle: '' },
        { annualrevenue: '1', firstname: 'Cy' },
      ])
      await project.sql("update people set first_name = 'ADA' where id = 1")
      expect((await project.run(['run'])).exitCode).toBe(0)
      expect(sent(), 'the same text again').toEqual([])
      expect((await project.run(['run', '--full-refresh'])).exitCode).toBe(0)
      expect(sent().map((one) => Object.keys(one).length)).toEqual([5, 3, 3])
    },
    120_000,
  )
}

test('what is wrong with a template is told with its place in the file and in the template', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    syncs: [
      contacts({
        firstname: { template: 'Hi ${ row.frist_name }' },
        city: { template: '${ row.id | upcse }' },
      }),
    ],
    tables,
  })
  const syntax = await project.run(['validate'])
  expect(syntax.exitCode).toBe(1)
  const told = `${syntax.stdout}${syntax.stderr}`
  expect(told).toContain(
    'properties.city.template: The template has no filter `upcse` (line 1, column 1 of the template)',
  )
  expect(told).toContain('Did you mean `upcase`?')
  project.setSyncs([contacts({ firstname: { template: 'Hi\n${ row.frist_name }' } })])
  for (const command of ['plan', 'run', 'debug']) {
    const result = await project.run([command])
    expect(result.exitCode, command).toBe(1)
    expect(`${result.stdout}${result.stderr}`).toContain(
      'The model has no column frist_name (line 2, column 4 of the template)',
    )
    expect(`${result.stdout}${result.stderr}`).toContain('Did you mean `first_name`?')
  }
  expect(sandbox.writeCalls()).toBe(0)
})

test('digests, or nothing, of rendered values are kept where the audit says so', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    syncs: [
      contacts({
        firstname: { template: '${ row.first_name | to_unix }' },
        city: { template: '${row.id}' },
      }),
    ],
    tables,
  })
  writeTo(project, 'backhaul.yml', 'version: 1\naudit: {values: hashed}\n')
  const run = await project.run(['run', '--log-format', 'json'])
  expect(`${run.stdout}${run.stderr}`).not.toContain('Secret')
  const [bo] = await project.rows("select new_values from changes where row_id = '2'")
  expect(JSON.parse(String(bo?.['new_values']))['city']).toBe(
    'd4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35',
  )
  const [ada] = await project.rows("select error_message from changes where row_id = '1'")
  expect(ada?.['error_message']).toBe(
    'firstname: the template failed: to_unix was given no date and time',
  )
})

for (const engine of localEngines()) {
  test.skipIf(engine.missing !== undefined)(
    `of one row, show says what a run would send: texts in HubSpot's form, and only what is news (${engine.name})`,
    async () => {
      const sandbox = await strictSandbox()
      const syncs = [
        contacts({
          firstname: { template: '${ row.first_name }' },
          annualrevenue: {
            template: "${ row.orders | default: 'no' }.00",
            on_invalid: 'drop_property',
          },
          city: { template: "${ row.since | default: '2026' }" },
        }),
      ]
      const project = await createProject({ engine: engine.name, sandbox, syncs, tables })
      const next = async (rowId: string) => {
        const { stdout, stderr } = await project.run(['show', 'contacts', rowId, '--json'])
        expect(stdout, stderr).not.toBe('')
        return JSON.parse(stdout)
      }
      expect((await next('1')).model.values).toEqual({
        annualrevenue: '3',
        city: '2026-01-02',
        email: 'ada@shop.example',
        firstname: 'ada',
      })
      expect((await project.run(['run'])).exitCode).toBe(0)
      // Another text, and the same number.
      syncs[0] = contacts({
        firstname: { template: '${ row.first_name }' },
        annualrevenue: {
          template: "${ row.orders | default: 'no' }.0",
          on_invalid: 'drop_property',
        },
        city: { template: "${ row.since | default: '2027' }" },
      })
      project.setSyncs(syncs)
      expect((await next('1')).nextRun).toMatchObject({ operation: 'refresh', new: {} })
      expect((await next('2')).nextRun).toMatchObject({
        operation: 'update',
        old: { city: '2026' },
        new: { city: '2027' },
      })
      await project.sql('update people set orders = null where id = 3')
      expect((await next('3')).nextRun).toMatchObject({ dropped: ['annualrevenue'], new: {} })
      const sent = sentSince(sandbox)
      expect((await project.run(['run'])).exitCode).toBe(0)
      expect(sent()).toEqual([{ city: '2027' }])
    },
  )
}

test('templates that take as long as they may do not cost the lease', async () => {
  const count = '<% for i in (1..900) %><% for j in (1..900) %><% endfor %><% endfor %>'
  const project = await createProject({
    engine: 'duckdb',
    sandbox: await strictSandbox(),
    syncs: [contacts({ city: { template: `\${ row.id }${count}`, on_invalid: 'drop_property' } })],
    tables: [
      "create table people as select i as id, 'p' || i || '@shop.example' as email from range(14) as r(i)",
    ],
    settings: { lease_seconds: 10, hubspot: { request_timeout_seconds: 1 } },
  })
  const run = await project.run(['run'])
  expect(run.exitCode, run.stderr).toBe(0)
  expect(await project.state('contacts')).toHaveLength(14)
})
