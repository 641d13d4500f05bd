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
  for (const name of ['leads', 'customers']) {
    const shown = await project.run(['show', name, '1'])
    expect(shown.exitCode).toBe(1)
    expect(shown.stderr).toContain('the sync leads writes this property of contacts, too')
  }
  project.setSyncs([
    sync('leads', 'leads', { shared: true }),
    sync('customers', 'customers', { shared: true }),
  ])
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sandbox.countRecords('contacts')).toBe(2)
})

const machine = {
  name: 'machine',
  labels: { singular: 'Machine', plural: 'Machines' },
  primaryDisplayProperty: 'mname',
  requiredProperties: ['mname'],
  properties: [
    { name: 'mname', label: 'Name', type: 'string', fieldType: 'text', hasUniqueValue: true },
    { name: 'mcode', label: 'Code', type: 'string', fieldType: 'text' },
  ],
  associatedObjects: [],
}

test('two names of one object do not hide that two syncs write one property', async () => {
  const sandbox = await strictSandbox()
  const call = (model: string, name: string, object: string) =>
    sync(model, name, {
      object,
      mode: 'insert',
      match: undefined,
      properties: {
        hs_call_title: 'first_name',
        hs_timestamp: { value: '2026-01-01T00:00:00.000Z' },
      },
    })
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables,
    syncs: [call('leads', 'leads', 'calls'), call('customers', 'customers', '0-48')],
  })
  const offline = await project.run(['validate', '--offline'])
  expect(offline.exitCode).toBe(1)
  expect(offline.stdout).toContain('the sync leads writes this property')
})

test.each(['validate', 'plan', 'run'])(
  '%s refuses both syncs of a custom object that goes by two names',
  async (command) => {
    const sandbox = await strictSandbox()
    const objectTypeId = sandbox.createObjectType(machine)
    const fullyQualifiedName = 'p4242424_machine'
    const of = (model: string, name: string, object: string, isShared = false) =>
      sync(model, name, {
        object,
        match: { mname: 'email' },
        properties: { mcode: { column: 'first_name', shared: isShared } },
      })
    const project = await createProject({
      engine: 'duckdb',
      sandbox,
      tables,
      syncs: [of('leads', 'leads', 'machine'), of('customers', 'customers', objectTypeId)],
    })
    const refused = await project.run([command])
    expect(refused.exitCode).toBe(1)
    const words = refused.stdout + refused.stderr
    expect(words).toContain(
      `the sync customers writes this property of machine, there called ${objectTypeId}, too`,
    )
    expect(words).toContain(
      `the sync leads writes this property of ${objectTypeId}, there called machine, too`,
    )
    expect(sandbox.writeCalls()).toBe(0)
    project.setSyncs([
      of('leads', 'leads', fullyQualifiedName, true),
      of('customers', 'customers', objectTypeId),
    ])
    const shared = await project.run([command])
    expect(shared.exitCode, shared.stdout + shared.stderr).toBe(0)
  },
)
