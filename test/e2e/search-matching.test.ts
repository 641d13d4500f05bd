import { expect, test } from 'vitest'
import { expectExit } from '../fault/people-project.ts'
import { createProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'

const companies = (keys: Readonly<Record<string, unknown>> = {}) => ({
  model: 'firms',
  hubspot: {
    sync: 'firms',
    object: 'companies',
    primary_key: 'id',
    match: { name: 'name' },
    properties: { city: 'city' },
    ...keys,
  },
})

/** Rows `1` to `count`, each with a name of 20 characters. */
const firms = (count: number): string =>
  `create or replace table firms as select i as id, 'Company number ' || lpad(i::varchar, 5, '0') as name, 'Town' as city from generate_series(1, ${count}) as t(i)`

test('1,000 rows by a name of 20 characters: 10 batch writes and as many searches as the body takes; then none', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    syncs: [companies()],
    tables: [firms(1000)],
  })
  const plan = await project.run(['plan', '--output', 'json'])
  expectExit(plan, 0)
  const { calls } = JSON.parse(plan.stdout.split('\n')[0] ?? '')
  // A body of 3,000 characters, what it holds beside the values, and 23 for each of them.
  const beside = JSON.stringify({
    filterGroups: [{ filters: [{ propertyName: 'name', operator: 'IN', values: [] }] }],
    properties: ['name'],
    sorts: [],
    limit: 200,
    after: '10000',
  }).length
  const searches = Math.ceil(1000 / Math.floor((3000 - beside) / 23))
  // As docs/matching.md says it.
  expect(searches).toBe(
    Math.ceil(1000 / Math.min(200, Math.floor((3000 - 137 - 2 * 4) / (20 + 3)))),
  )
  expect(calls).toEqual({ writes: 10, lookups: 0, searches })
  expect((await project.run(['validate'])).stderr).toContain('found by search')
  const before = sandbox.counts()
  expectExit(await project.run(['run']), 0)
  const asked = sandbox.requests().filter(({ path }) => path.endsWith('/search'))
  expect(asked).toHaveLength(searches)
  expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 200))
  expect(sandbox.writeCalls() - before.writeCalls).toBe(10)
  expect(sandbox.countRecords('companies')).toBe(1000)
  const [run] = await project.rows('select calls_planned, calls_made, rows_created from runs')
  expect(run).toEqual({ calls_planned: 10, calls_made: 10, rows_created: 1000 })
  expectExit(await project.run(['run']), 0)
  expect(sandbox.requests().filter(({ path }) => path.endsWith('/search'))).toHaveLength(searches)
  expect(sandbox.writeCalls()).toBe(10)
})

test('names of any kind are found, and too long ones told; short ones fill no more than a page', async () => {
  const odd = [`O'Brien "the" \\ 日本語`, '%_', ' Padded', 'x'.repeat(2900), 'NULL', '{"a":1}']
  const sandbox = await strictSandbox()
  const ids = sandbox.seedRecords(
    'companies',
    odd.map((name) => ({ name })),
  )
  const short = Array.from({ length: 450 }, (_, index) => index.toString(36))
  const text = (value: string) => `'${value.replaceAll("'", "''")}'`
  const rows = [...odd, ...short].map((name, index) => `(${index}, ${text(name)}, 'Town')`)
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    syncs: [companies()],
    tables: [
      'create table firms (id integer, name varchar, city varchar)',
      `insert into firms values ${rows.join(', ')}`,
    ],
  })
  const { stdout } = await project.run(['plan', '--output', 'json'])
  const { calls } = JSON.parse(stdout.split('\n')[0] ?? '')
  const result = await project.run(['run'])
  expect(result.exitCode, result.stderr).toBe(1)
  expect(sandbox.requests().filter(({ path }) => path.endsWith('/search'))).toHaveLength(
    calls.searches,
  )
  const state = await project.state('firms')
  const of = (index: number) => state.find(({ row_id }) => row_id === String(index))
  for (const index of [0, 1, 2, 4, 5]) expect(of(index)?.['record_id']).toBe(ids[index])
  expect(of(3)).toMatchObject({ status: 'rejected', error_category: 'UNSEARCHABLE' })
  expect(sandbox.countRecords('companies')).toBe(odd.length + short.length)
})

test('custom objects go by name, label and qualified name, and are listed once', async () => {
  const sandbox = await strictSandbox()
  sandbox.createObjectType({
    name: 'machine',
    labels: { singular: 'Machine', plural: 'Heavy machines' },
    primaryDisplayProperty: 'serial',
    requiredProperties: ['serial'],
    properties: [{ name: 'serial', label: 'Serial', type: 'string', fieldType: 'text' }],
    associatedObjects: [],
  })
  const qualified = `p${sandbox.portalId}_machine`
  const syncs = ['machine', 'heavy machines', qualified].map((object, index) => ({
    sync: `machines_${index}`,
    object,
    mode: 'insert',
    primary_key: 'id',
    shared: true,
    where: `id = ${index + 1}`,
    properties: { serial: 'name' },
  }))
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    syncs: [{ model: 'firms', hubspot: syncs }],
    tables: [firms(3)],
  })
  expectExit(await project.run(['run']), 0)
  expect(sandbox.countRecords(qualified)).toBe(3)
  const asked = (pattern: RegExp) =>
    sandbox.requests().filter(({ path }) => pattern.test(path)).length
  expect(asked(/crm-object-schemas/)).toBe(1)
  expect(asked(/crm\/v3\/properties/)).toBe(2)
})
