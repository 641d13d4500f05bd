import { expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { sentSince } from '../support/sent-properties.ts'
import { testEngines } from '../support/warehouses.ts'

const contacts = (keys: Readonly<Record<string, unknown>> = {}) => ({
  model: 'people',
  hubspot: {
    sync: 'contacts',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: {
      firstname: 'first_name',
      lifecyclestage: { value: 'lead', write: 'create_only' },
      city: { column: 'city', write: 'create_only' },
      jobtitle: { template: '${ row.title | upcase }', write: 'if_empty' },
    },
    ...keys,
  },
})

const tables = [
  'create table people (id integer, email text, first_name text, city text, title text)',
  `insert into people values (1, 'ada@shop.example', 'Ada', 'London', 'dr'), (2, 'bo@shop.example', 'Bo', 'Rome', 'mr'),
     (3, 'cy@shop.example', 'Cy', 'Bonn', null), (4, 'di@shop.example', 'Di', null, 'ms')`,
]

const engines = testEngines().filter(({ name }) => name === 'duckdb' || name === 'postgres')

for (const engine of engines) {
  test.skipIf(engine.missing !== undefined)(
    `create_only goes in creates alone, if_empty where HubSpot holds nothing (${engine.name})`,
    async () => {
      const sandbox = await strictSandbox()
      const [, boId = ''] = sandbox.seedRecords('contacts', [
        { email: 'ada@shop.example', jobtitle: 'Countess', city: 'Ockham' },
        { email: 'bo@shop.example', firstname: 'Robert' },
      ])
      const sent = sentSince(sandbox)
      const project = await createProject({
        engine: engine.name,
        sandbox,
        syncs: [contacts()],
        tables,
      })
      const run = async (exitCode = 0, ...more: string[]) => {
        const result = await project.run(['run', ...more])
        expect(result.exitCode, result.stderr).toBe(exitCode)
        return [...sent()].sort((a, b) =>
          (a['firstname'] ?? '') < (b['firstname'] ?? '') ? -1 : 1,
        )
      }
      const plan = await project.run(['plan'])
      expect(plan.stdout).toContain(
        '4 create or update\n  2 write calls at most, 1 look-up call before',
      )
      expect(plan.stdout).toMatch(/city: +"London"/)
      expect(await run()).toEqual([
        { email: 'ada@shop.example', firstname: 'Ada' },
        { email: 'bo@shop.example', firstname: 'Bo', jobtitle: 'MR' },
        { email: 'cy@shop.example', firstname: 'Cy', city: 'Bonn', lifecyclestage: 'lead' },
        { email: 'di@shop.example', firstname: 'Di', jobtitle: 'MS', lifecyclestage: 'lead' },
      ])
      const reads = async () =>
        Number(
          (await project.rows('select reads_made from runs order by run_id desc limit 1'))[0]?.[
            'reads_made'
          ],
        )
      expect(await reads(), 'as planned').toBe(1)
      expect(await run(), 'nothing changed').toEqual([])

      await project.sql("update people set city = 'Paris' where id <> 1")
      expect(await run(), 'only what a create sends changed').toEqual([])
      expect(await reads(), 'and nothing is looked up').toBe(0)

      await project.sql("update people set title = 'prof'")
      expect((await project.run(['plan'])).stdout).toContain(
        '4 update\n  1 write call at most, 1 look-up call before',
      )
      expect(await run(), 'only where it is empty').toEqual([{ jobtitle: 'PROF' }])
      expect(await reads()).toBe(1)
      expect(await run(), 'known by now').toEqual([])

      sandbox.changeRecord('contacts', boId, { jobtitle: '' })
      await project.sql(
        "update people set title = 'sir', first_name = 'Bobby' where id = 2",
        'update people set city = null, title = null where id = 1',
      )
      expect(await run(), 'emptied by somebody; and what is nothing now is not cleared').toEqual([
        { firstname: 'Bobby', jobtitle: 'SIR' },
      ])
      expect(await run(0, '--full-refresh'), 'never again').toEqual([
        { email: 'ada@shop.example', firstname: 'Ada' },
        { email: 'bo@shop.example', firstname: 'Bobby' },
        { email: 'cy@shop.example', firstname: 'Cy' },
        { email: 'di@shop.example', firstname: 'Di' },
      ])

      sandbox.archiveRecord('contacts', boId)
      await project.sql("update people set first_name = 'Robbie' where id = 2")
      expect(await run(1), 'the record is gone').toEqual([{ firstname: 'Robbie' }])
      expect(await run(), 'made anew, with what only a create sends').toEqual([
        {
          email: 'bo@shop.example',
          firstname: 'Robbie',
          city: 'Paris',
          jobtitle: 'SIR',
          lifecyclestage: 'lead',
        },
      ])
      expect(await run()).toEqual([])
      expect(
        await project.rows('select * from runs where calls_planned <> calls_made'),
        'calls planned after the look-ups are the calls made',
      ).toEqual([])
      const [ada] = await project.rows(
        "select changed_properties, new_values from changes where row_id = '1' order by run_id limit 1",
      )
      expect(JSON.parse(String(ada?.['changed_properties'])).sort()).toEqual(['email', 'firstname'])
      expect(JSON.parse(String(ada?.['new_values']))).toEqual({
        email: 'ada@shop.example',
        firstname: 'Ada',
      })
    },
    180_000,
  )
}

test('in mode update if_empty looks at records that are found, in mode insert everything goes', async () => {
  const sandbox = await strictSandbox()
  sandbox.seedRecords('contacts', [
    { email: 'ada@shop.example', jobtitle: 'Countess' },
    { email: 'bo@shop.example' },
  ])
  const sent = sentSince(sandbox)
  const properties = { firstname: 'first_name', jobtitle: { column: 'title', write: 'if_empty' } }
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    syncs: [contacts({ mode: 'update', properties })],
    tables,
  })
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sent()).toEqual([
    { email: 'ada@shop.example', firstname: 'Ada' },
    { email: 'bo@shop.example', firstname: 'Bo', jobtitle: 'mr' },
  ])
  const insert = contacts({ sync: 'more', mode: 'insert', primary_key: 'email' })
  project.setSyncs([insert])
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sent()).toEqual([
    { email: 'cy@shop.example', firstname: 'Cy', city: 'Bonn', lifecyclestage: 'lead' },
    { email: 'di@shop.example', firstname: 'Di', jobtitle: 'MS', lifecyclestage: 'lead' },
  ])
})

test('a row that takes an e-mail address over from another one waits for it, and is created', async () => {
  const sandbox = await strictSandbox()
  const sent = sentSince(sandbox)
  const project = await createProject({ engine: 'duckdb', sandbox, syncs: [contacts()], tables })
  expect((await project.run(['run'])).exitCode).toBe(0)
  sent()
  await project.sql(
    "update people set email = 'ada.king@shop.example' where id = 1",
    "insert into people values (5, 'ada@shop.example', 'Adam', 'Oslo', 'mr')",
  )
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sent()).toEqual([
    { email: 'ada.king@shop.example' },
    { firstname: 'Adam', city: 'Oslo', jobtitle: 'MR', lifecyclestage: 'lead' },
  ])
  expect(sandbox.records('contacts')).toHaveLength(5)
})

test('policies that make no sense are told', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    syncs: [
      contacts({
        mode: 'update',
        properties: {
          city: { column: 'city', write: 'create_only' },
          email: { column: 'email', write: 'if_empty' },
        },
      }),
    ],
    tables,
  })
  const { exitCode, stdout, stderr } = await project.run(['validate'])
  expect(exitCode).toBe(1)
  expect(`${stdout}${stderr}`).toContain(
    'properties.city.write: `create_only` does not go with mode update, which never creates',
  )
  expect(`${stdout}${stderr}`).toContain(
    'properties.email.write: is always written: email is the match property',
  )
})
