import { describe, expect, test } from 'vitest'
import { createProject, type TestProject } from '../support/project.ts'
import type { SyncSpec } from '../support/project-files.ts'
import { strictSandbox } from '../support/sandbox.ts'

const people = (names: readonly string[]) =>
  `create table people as select * from (values ${names
    .map(
      (name, index) =>
        `(${index + 1}, '${name.toLowerCase()}@shop.example', '${name}', ${index + 1}.5, cast('2026-01-0${index + 1}' as date))`,
    )
    .join(', ')}) as t (id, email, first_name, score, born)`

const sync = (
  properties: Readonly<Record<string, unknown>>,
  keys: Readonly<Record<string, unknown>> = {},
): SyncSpec => ({
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

const wanted = {
  shop_tier: {
    value: 'gold',
    create_missing: true,
    options: ['silver', { value: 'gold', label: 'Gold plan' }],
  },
  shop_score: { column: 'score', create_missing: true },
  shop_born: { column: 'born', create_missing: true },
}

const json = async (project: TestProject, ...args: readonly string[]) => {
  const { stdout } = await project.run([...args, '--output', 'json'])
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe.each(['duckdb', 'postgres'] as const)('properties that HubSpot lacks, %s', (engine) => {
  test('are made by a run, and planned as if they were there', async () => {
    const sandbox = await strictSandbox()
    const project = await createProject({
      engine,
      sandbox,
      tables: [people(['Ada', 'Grace'])],
      syncs: [sync(wanted)],
    })
    const [plan] = await json(project, 'plan')
    expect(plan.creates.map(({ name }: { name: string }) => name)).toEqual([
      'shop_born',
      'shop_score',
      'shop_tier',
    ])
    expect(plan).toMatchObject({ calls: { writes: 2 }, operations: { upsert: 2, reject: 0 } })
    expect((await project.run(['plan'])).stdout).toContain(
      '+ property shop_tier (enumeration, select, 2 options), made first',
    )
    expect(sandbox.property('contacts', 'shop_tier')).toBeUndefined()

    const run = await project.run(['run'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(sandbox.property('contacts', 'shop_tier')).toMatchObject({
      type: 'enumeration',
      fieldType: 'select',
      options: [
        { value: 'silver', label: 'silver' },
        { value: 'gold', label: 'Gold plan' },
      ],
    })
    expect(sandbox.property('contacts', 'shop_born')).toMatchObject({ type: 'date' })
    expect(sandbox.findRecord('contacts', 'email', 'ada@shop.example')?.properties).toMatchObject({
      shop_tier: 'gold',
      shop_score: '1.5',
      shop_born: '2026-01-01',
    })
    expect(await project.rows('select calls_planned, calls_made from runs')).toEqual([
      { calls_planned: 2, calls_made: 2 },
    ])

    const before = sandbox.writeCalls()
    expect((await json(project, 'plan'))[0]).toMatchObject({
      calls: { writes: 0 },
      rows: { unchanged: 2 },
    })
    await project.run(['run'])
    expect(sandbox.writeCalls()).toBe(before)
  })

  test('by two syncs are made once; a kill after they were made repeats nothing', async () => {
    const sandbox = await strictSandbox()
    const second = { sync: 'again', where: 'id = 2', shared: true }
    const project = await createProject({
      engine,
      sandbox,
      tables: [people(['Ada', 'Grace'])],
      syncs: [
        {
          model: 'people',
          hubspot: [sync(wanted, { where: 'id = 1' }).hubspot, sync(wanted, second).hubspot],
        },
      ],
      settings: { lease_seconds: 10, hubspot: { request_timeout_seconds: 1 } },
    })
    const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: 'plan-resolved' })
    expect(killed.signal).toBe('SIGKILL')
    const run = await project.run(['run'])
    expect(run.exitCode, run.stderr).toBe(0)
    const made = sandbox
      .requests()
      .filter(({ path }) => path.endsWith('/properties/contacts/batch/create'))
    expect(made.map(({ status }) => status)).toEqual([201])
    expect(sandbox.countRecords('contacts')).toBe(2)
  })
})

test('a guard that trips leaves HubSpot without them', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [people(['Ada', 'Grace'])],
    syncs: [sync(wanted, { guards: { max_changes: 1 } })],
  })
  expect((await project.run(['run'])).exitCode).toBe(1)
  expect(sandbox.property('contacts', 'shop_tier')).toBeUndefined()
})

test('backhaul properties create makes what mappings name, and says what it would', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [people(['Ada'])],
    syncs: [
      sync({
        shop_score: 'score',
        shop_key: { column: 'id', unique: true },
        frstname: 'first_name',
        hubspot_owner: { column: 'email', as: 'owner_email' },
      }),
    ],
  })
  const typo = await project.run(['properties', 'create', '--dry-run'])
  expect(typo.exitCode).toBe(1)
  expect(typo.stderr).toContain('Did you mean `firstname`?')
  project.setSyncs([
    sync({
      shop_score: 'score',
      shop_key: { column: 'id', unique: true },
      shop_owner: { column: 'email', as: 'owner_email' },
    }),
  ])
  project.setResults()
  const dry = await project.run(['properties', 'create', '--dry-run'])
  expect(dry.stdout).toBe(
    [
      'Would create contacts property shop_key (number, number, unique)',
      'Would create contacts property shop_owner (enumeration, select, an owner)',
      'Would create contacts property shop_score (number, number)',
      '',
    ].join('\n'),
  )
  expect(sandbox.property('contacts', 'shop_score')).toBeUndefined()
  const made = await project.run(['properties', 'create'])
  expect(made.exitCode, made.stderr).toBe(0)
  expect(sandbox.property('contacts', 'shop_key')).toMatchObject({
    type: 'number',
    hasUniqueValue: true,
  })
  const again = await project.run(['properties', 'create'])
  expect(again).toMatchObject({ exitCode: 0, stdout: '' })
  expect(again.stderr).toContain('HubSpot has every property of 1 sync')
})

test('only targets that may write create properties', async () => {
  const sandbox = await strictSandbox({ accountType: 'STANDARD' })
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [people(['Ada'])],
    syncs: [sync({ shop_score: 'score' })],
    settings: { targets: { prod: { portal_id: 1 }, dev: { portal_id: 1 } } },
  })
  const refused = await project.run(['properties', 'create'])
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toContain('writes to portal 1')
  expect((await project.run(['properties', 'create', '--dry-run'])).exitCode).toBe(0)
  expect(sandbox.property('contacts', 'shop_score')).toBeUndefined()
})

test('an object without a property to write gets a group of our own', async () => {
  const sandbox = await strictSandbox()
  const objectType = sandbox.createObjectType({
    name: 'machine',
    labels: { singular: 'Machine', plural: 'Machines' },
    primaryDisplayProperty: 'vin',
    requiredProperties: ['vin'],
    properties: [{ name: 'vin', label: 'VIN', type: 'string', fieldType: 'text' }],
  })
  const [group] = ['machine_information']
  sandbox.changeProperty(objectType, 'vin', { groupName: group })
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [people(['Ada'])],
    syncs: [
      {
        model: 'people',
        hubspot: {
          sync: 'machines',
          object: 'machine',
          mode: 'insert',
          primary_key: 'id',
          properties: { vin: 'first_name', horse_power: { column: 'score', create_missing: true } },
        },
      },
    ],
  })
  const run = await project.run(['run'])
  expect(run.exitCode, run.stderr).toBe(0)
  expect(sandbox.records(objectType)[0]?.properties).toMatchObject({ horse_power: '1.5' })
})

test('a definition that HubSpot could not take is said before anything is planned', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [people(['Ada'])],
    syncs: [
      sync({
        shop_tier: { column: 'first_name', create_missing: true, type: 'enumeration' },
        Shop_Score: { column: 'score', create_missing: true },
        shop_born: { column: 'born', create_missing: true, unique: true },
      }),
    ],
  })
  const { stderr, exitCode } = await project.run(['run'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('shop_tier would hold one of several options')
  expect(stderr).toContain('Shop_Score can be no internal name of a property')
  expect(stderr).toContain('shop_born would be of type date, which cannot have unique values')
})
