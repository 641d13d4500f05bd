import { expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { sentSince } from '../support/sent-properties.ts'
import { testEngines } from '../support/warehouses.ts'

const contacts = (properties: Readonly<Record<string, unknown>>) => ({
  model: 'people',
  hubspot: {
    sync: 'contacts',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties,
  },
})

const tables = [
  'create table people (id integer, email text, first_name text, last_name text, nickname text)',
  `insert into people values (1, 'ada@shop.example', 'Ada', 'Lovelace', 'Ada'), (2, 'bo@shop.example', 'Bo', 'Diddley', 'Diddley')`,
]

const greeting = { template: 'Hi ${ row.first_name }' }

for (const engine of testEngines().filter(({ name }) => name === 'duckdb' || name === 'postgres')) {
  test.skipIf(engine.missing !== undefined)(
    `whatever of a sync is changed, only what differs is sent (${engine.name})`,
    async () => {
      const sandbox = await strictSandbox()
      const sent = sentSince(sandbox)
      const project = await createProject({
        engine: engine.name,
        sandbox,
        syncs: [
          contacts({
            firstname: 'first_name',
            lifecyclestage: { value: 'lead' },
            jobtitle: greeting,
          }),
        ],
        tables,
      })
      const run = async (properties?: Readonly<Record<string, unknown>>) => {
        if (properties !== undefined) project.setSyncs([contacts(properties)])
        const result = await project.run(['run'])
        expect(result.exitCode, result.stderr).toBe(0)
        return sent()
      }
      expect(await run()).toEqual([
        { firstname: 'Ada', lifecyclestage: 'lead', jobtitle: 'Hi Ada' },
        { firstname: 'Bo', lifecyclestage: 'lead', jobtitle: 'Hi Bo' },
      ])
      expect(await run(), 'nothing changed').toEqual([])

      await project.sql(`update people set first_name = 'Adele' where id = 1`)
      expect(await run(), 'a column').toEqual([{ firstname: 'Adele', jobtitle: 'Hi Adele' }])
      await project.sql(`update people set last_name = 'King'`)
      expect(await run(), 'a column that is not mapped').toEqual([])

      const base = {
        firstname: 'first_name',
        lifecyclestage: { value: 'lead' },
        jobtitle: greeting,
      }
      const remapped = { ...base, firstname: 'nickname' }
      expect(
        await run(remapped),
        'another column: rows where it holds the same are left alone',
      ).toEqual([{ firstname: 'Ada' }, { firstname: 'Diddley' }])
      const valued = { ...remapped, lifecyclestage: { value: 'customer' } }
      expect(await run(valued), 'another static value').toEqual([
        { lifecyclestage: 'customer' },
        { lifecyclestage: 'customer' },
      ])
      const same = {
        ...valued,
        jobtitle: { template: "<% assign n = row['first_name'] %>${ 'Hi ' | append: n }" },
      }
      expect(await run(same), 'a template that says the same').toEqual([])
      const other = {
        ...valued,
        jobtitle: {
          template:
            "Hi <% if row.first_name == 'Bo' %>Bobo<% else %>${ row.first_name }<% endif %>",
        },
      }
      expect(await run(other), 'a template that differs for one row').toEqual([
        { jobtitle: 'Hi Bobo' },
      ])
      expect(await run({ ...other, city: { column: 'last_name' } }), 'one property more').toEqual([
        { city: 'King' },
        { city: 'King' },
      ])
      const { jobtitle: _, ...less } = other
      expect(await run({ ...less, city: 'last_name' }), 'one property less').toEqual([])
      expect(sandbox.records('contacts').map(({ properties }) => properties['jobtitle'])).toEqual([
        'Hi Adele',
        'Hi Bobo',
      ])
      expect(
        await run({ ...less, city: 'last_name', jobtitle: { value: 'Hi Bobo' } }),
        'a static value for a template',
      ).toEqual([{ jobtitle: 'Hi Bobo' }, { jobtitle: 'Hi Bobo' }])
      expect(await project.rows('select * from runs where calls_planned <> calls_made')).toEqual([])
      const changes = await project.rows(
        `select changed_properties, old_values, new_values from changes where changed_properties like '%lifecyclestage%' and outcome = 'succeeded' and operation = 'update' order by row_id`,
      )
      expect(changes).toEqual(
        [1, 2].map(() => ({
          changed_properties: '["lifecyclestage"]',
          old_values: '{"lifecyclestage":"lead"}',
          new_values: '{"lifecyclestage":"customer"}',
        })),
      )
    },
    120_000,
  )
}
