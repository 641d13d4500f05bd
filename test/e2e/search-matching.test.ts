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
  const { calls, warnings } = JSON.parse(plan.stdout.split('\n')[0] ?? '')
  // A body of 3,000 characters, what it holds beside the values, and 23 for each of them.
  const beside = JSON.stringify({
    filterGroups: [{ filters: [{ propertyName: 'name', operator: 'IN', values: [] }] }],
    properties: ['name'],
    sorts: [],
    limit: 200,
    after: '10000',
  }).length
  const searches = Math.ceil(1000 / Math.floor((3000 - beside) / 23))
  expect(calls).toEqual({ writes: 10, lookups: 0, searches })
  expect(warnings[0].message).toContain('found by search')
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
