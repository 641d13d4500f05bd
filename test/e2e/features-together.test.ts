import { expect, test } from 'vitest'
import { expectExit } from '../fault/people-project.ts'
import { createProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { sentSince } from '../support/sent-properties.ts'

const sorted = <T extends Readonly<Record<string, string>>>(all: readonly T[]): readonly T[] =>
  [...all].sort((a, b) => ((a['name'] ?? '') < (b['name'] ?? '') ? -1 : 1))

test('what templates gave is cleared when their row leaves, unless it is not always written; show renders them, too', async () => {
  const sandbox = await strictSandbox()
  const sent = sentSince(sandbox)
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    syncs: [
      {
        model: 'people',
        hubspot: {
          sync: 'contacts',
          object: 'contacts',
          primary_key: 'id',
          match: { email: 'email' },
          on_delete: 'clear',
          properties: {
            firstname: { template: '${ row.first_name | capitalize }' },
            city: { template: '${ row.city }', write: 'create_only' },
            jobtitle: 'title',
          },
        },
      },
    ],
    tables: [
      'create table people (id integer, email text, first_name text, city text, title text)',
      "insert into people values (1, 'ada@shop.example', 'ada', 'London', 'dr'), (2, 'bo@shop.example', 'bo', 'Rome', null)",
    ],
  })
  expectExit(await project.run(['run']), 0)
  sent()
  const show = async () =>
    JSON.parse((await project.run(['show', 'contacts', '1', '--json'])).stdout)
  expect(await show()).toMatchObject({
    model: { values: { firstname: 'Ada', jobtitle: 'dr' } },
    nextRun: null,
  })
  await project.sql("update people set first_name = 'ADA' where id = 1")
  expect(await show(), 'the same text').toMatchObject({ nextRun: { operation: 'refresh' } })
  await project.sql("update people set first_name = 'augusta' where id = 1")
  expect(await show()).toMatchObject({
    nextRun: { operation: 'update', new: { firstname: 'Augusta' } },
  })
  await project.sql('delete from people where id = 1')
  expectExit(await project.run(['run']), 0)
  expect(sent()).toEqual([{ firstname: '', jobtitle: '' }])
  const [cleared] = await project.rows(
    "select old_values from changes where operation = 'clear' and outcome = 'succeeded'",
  )
  expect(JSON.parse(String(cleared?.['old_values']))).toEqual({ firstname: 'Ada', jobtitle: 'dr' })
  expectExit(await project.run(['run']), 0)
  expect(sent()).toEqual([])
})

test('what a record needs may come from a template, and a search heeds what is not always written', async () => {
  const sandbox = await strictSandbox()
  const [acme = ''] = sandbox.seedRecords('companies', [
    { name: 'Acme', city: 'Oldtown' },
    { name: 'Bolt' },
  ])
  const sent = sentSince(sandbox)
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    syncs: [
      {
        model: 'firms',
        hubspot: [
          {
            sync: 'by_name',
            object: 'companies',
            primary_key: 'id',
            match: { name: 'name' },
            shared: true,
            properties: {
              city: { template: '${ row.city | upcase }', write: 'if_empty' },
              state: { column: 'region', write: 'create_only' },
            },
          },
          {
            sync: 'notes',
            object: 'companies',
            primary_key: 'id',
            mode: 'insert',
            shared: true,
            properties: { name: { template: '${ row.alias }' }, zip: 'zip' },
          },
        ],
      },
    ],
    tables: [
      'create table firms (id integer, name text, city text, region text, alias text, zip text)',
      "insert into firms values (1, 'Acme', 'a', 'r', 'Alias', '1'), (2, 'Bolt', 'b', 'r', null, '2'), (3, 'Corp', 'c', 'r', null, '3')",
    ],
  })
  expectExit(await project.run(['run', '--select', 'by_name']), 0)
  expect(sorted(sent())).toEqual(
    sorted([
      { name: 'Acme' },
      { city: 'B', name: 'Bolt' },
      { city: 'C', name: 'Corp', state: 'r' },
    ]),
  )
  expect(
    await project.rows('select * from runs where calls_planned <> calls_made'),
    'calls planned after the look-ups are the calls made',
  ).toEqual([])
  sandbox.changeRecord('companies', acme, { city: '' })
  await project.sql("update firms set city = 'd', region = 's'")
  expectExit(await project.run(['run', '--select', 'by_name']), 0)
  expect(sent()).toEqual([{ city: 'D' }])

  expectExit(await project.run(['run', '--select', 'notes']), 1)
  expect(sent()).toEqual([{ name: 'Alias', zip: '1' }])
  expect(
    await project.rows(
      "select row_id, error_category, error_property from changes where sync_name = 'notes' and outcome = 'rejected' order by row_id",
    ),
  ).toEqual([
    { row_id: '2', error_category: 'MISSING_REQUIRED', error_property: 'domain or name' },
    { row_id: '3', error_category: 'MISSING_REQUIRED', error_property: 'domain or name' },
  ])
})

test('records that rows name by id are cleared when the rows leave, and a tracking property can be made', async () => {
  const sandbox = await strictSandbox()
  const [one = '', two = ''] = sandbox.seedRecords('products', [{ name: 'One' }, { name: 'Two' }])
  const sent = sentSince(sandbox)
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    syncs: [
      {
        model: 'goods',
        hubspot: [
          {
            sync: 'by_id',
            object: 'products',
            primary_key: 'id',
            mode: 'update',
            match: { id: 'hubspot_id' },
            on_delete: 'clear',
            properties: { description: 'text' },
          },
          {
            sync: 'tracked',
            object: 'products',
            primary_key: 'id',
            mode: 'insert',
            tracking_property: 'goods_row_id',
            properties: { name: 'text' },
          },
        ],
      },
    ],
    tables: [
      'create table goods (id integer, hubspot_id text, text text)',
      `insert into goods values (1, '${one}', 'first'), (2, '${two}', 'second')`,
    ],
  })
  expectExit(await project.run(['run', '--select', 'by_id']), 0)
  sent()
  await project.sql('delete from goods where id = 2')
  expectExit(await project.run(['run', '--select', 'by_id']), 0)
  expect(sent()).toEqual([{ description: '' }])
  expect(sandbox.record('products', two)?.properties['description'] ?? '').toBe('')

  expectExit(await project.run(['run', '--select', 'tracked']), 1)
  expectExit(await project.run(['properties', 'create', '--select', 'tracked']), 0)
  expectExit(await project.run(['run', '--select', 'tracked']), 0)
  expect(sandbox.findRecord('products', 'goods_row_id', '1')?.properties['name']).toBe('first')
})
