import { expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'

const sync = (model: string, name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  model,
  hubspot: {
    sync: name,
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: { firstname: 'first_name' },
    ...more,
  },
})

const tables = ['leads', 'customers'].map(
  (model) =>
    `create table ${model} as select 1 as id, '${model}@shop.example' as email, 'Ada' as first_name`,
)

test('two syncs of one name are both refused: nothing is sent', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables,
    syncs: [sync('leads', 'people'), sync('customers', 'people')],
  })
  const run = await project.run(['run'])
  expect(run.exitCode).toBe(1)
  expect(run.stderr).toContain('the name is taken')
  expect(sandbox.writeCalls()).toBe(0)
})

test('two syncs that write one property are both refused until one says shared; others run', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables,
    syncs: [sync('leads', 'leads'), sync('customers', 'customers')],
  })
  expect((await project.run(['run'])).exitCode).toBe(1)
  expect(sandbox.writeCalls()).toBe(0)
  project.setSyncs([
    sync('leads', 'leads', { shared: true }),
    sync('customers', 'customers', { shared: true }),
  ])
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sandbox.countRecords('contacts')).toBe(2)
})
