import { describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import type { SyncSpec } from '../support/project-files.ts'
import { strictSandbox } from '../support/sandbox.ts'

const people = (...names: readonly string[]) =>
  `create table people as select * from (values ${names
    .map(
      (name, index) =>
        `(${index + 1}, '${name.toLowerCase()}@shop.example', '${name}', 'Owner${index + 1}@Shop.example')`,
    )
    .join(', ')}) as t (id, email, first_name, owner)`

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

describe.each(['duckdb', 'postgres'] as const)('on %s', (engine) => {
  const start = async (
    syncs: readonly SyncSpec[],
    settings: Readonly<Record<string, unknown>> = {},
    names: readonly string[] = ['Ada', 'Grace'],
  ) => {
    const sandbox = await strictSandbox()
    const project = await createProject({
      engine,
      sandbox,
      tables: [people(...names)],
      syncs,
      settings,
    })
    return { sandbox, project }
  }

  test('a property that became read-only or archived since the last run stops the sync with one message', async () => {
    const { sandbox, project } = await start([sync({ firstname: 'first_name', city: 'owner' })])
    expect((await project.run(['run'])).exitCode).toBe(0)
    await project.sql('drop table people', people('Ann', 'Gale'))
    const before = sandbox.writeCalls()
    const { modificationMetadata } = sandbox.property('contacts', 'firstname') ?? {}
    if (modificationMetadata === undefined) throw new TypeError('firstname is gone')
    sandbox.changeProperty('contacts', 'firstname', {
      modificationMetadata: { ...modificationMetadata, readOnlyValue: true },
    })
    const readOnly = await project.run(['run'])
    expect(readOnly.exitCode).toBe(1)
    expect(readOnly.stderr.match(/is read-only in HubSpot/g)).toHaveLength(1)
    expect(readOnly.stderr).toContain('properties.firstname')
    sandbox.changeProperty('contacts', 'firstname', { modificationMetadata })
    sandbox.archiveProperty('contacts', 'city')
    const archived = await project.run(['run'])
    expect(archived.exitCode).toBe(1)
    expect(archived.stderr.match(/property city is archived in HubSpot/g)).toHaveLength(1)
    expect(archived.stderr).toContain(
      'Remove this line from the mapping. Or restore the property in HubSpot.',
    )
    expect(sandbox.writeCalls()).toBe(before)
  })

  test('a hidden property is written, with a warning', async () => {
    const { sandbox, project } = await start([sync({ hs_persona: 'first_name' })])
    const run = await project.run(['run'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(run.stderr).toContain('contacts property hs_persona is hidden in HubSpot')
    expect(sandbox.records('contacts')[0]?.properties['hs_persona']).toBe('Ada')
  })

  test('owners are read once per run, page by page', async () => {
    const properties = { hubspot_owner_id: { column: 'owner', as: 'owner_email' } }
    const { sandbox, project } = await start([
      {
        model: 'people',
        hubspot: [
          sync(properties).hubspot,
          sync({ hubspot_owner_id: properties.hubspot_owner_id }, { sync: 'again', shared: true })
            .hubspot,
        ],
      },
    ])
    for (let id = 1; id <= 250; id += 1) {
      sandbox.addOwner({
        id: String(id),
        email: `owner${id}@shop.example`,
        firstName: 'O',
        lastName: 'W',
        userId: id,
        archived: id > 240,
      })
    }
    const run = await project.run(['run'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(
      sandbox.records('contacts').map(({ properties: held }) => held['hubspot_owner_id']),
    ).toEqual(['1', '2'])
    expect(sandbox.requests().filter(({ path }) => path === '/crm/v3/owners')).toHaveLength(4)
  })

  test('thousands of owners and options are looked up in the warehouse', async () => {
    const { sandbox, project } = await start([
      sync({
        hubspot_owner_id: { column: 'owner', as: 'owner_email' },
        hs_lead_status: { column: 'first_name', as: 'option_label' },
        hs_language: 'first_name',
      }),
    ])
    const options = Array.from({ length: 5000 }, (_, index) => ({
      label: index === 4999 ? 'Ada' : `Label "${index}"`,
      value: index === 4999 ? 'Ada' : `value_${index}`,
      hidden: false,
      displayOrder: index,
    }))
    sandbox.changeProperty('contacts', 'hs_lead_status', { options })
    sandbox.changeProperty('contacts', 'hs_language', { options })
    for (let id = 1; id <= 5000; id += 1) {
      sandbox.addOwner({
        id: String(id),
        email: `owner${id}@shop.example`,
        firstName: 'O',
        lastName: 'W',
        userId: id,
        archived: false,
      })
    }
    const run = await project.run(['run'])
    expect(run.exitCode, run.stderr).toBe(1)
    expect(sandbox.records('contacts').map(({ properties }) => properties)).toMatchObject([
      { hubspot_owner_id: '1', hs_lead_status: 'Ada', hs_language: 'Ada' },
    ])
    const rows = await project.rows("select error_message from changes where outcome = 'rejected'")
    expect(rows).toHaveLength(1)
    expect(rows[0]?.['error_message']).toContain('"Grace" is no label of an option')
  })

  test('an address is not named where the audit keeps no values', async () => {
    const { project } = await start(
      [sync({ hubspot_owner_id: { column: 'owner', as: 'owner_email' } })],
      { audit: { values: 'none' } },
    )
    const run = await project.run(['run'])
    expect(run.exitCode).toBe(1)
    const rows = await project.rows('select error_message from changes order by row_id')
    const [row] = rows
    expect(row?.['error_message']).toBe(
      'hubspot_owner_id: the value is no e-mail address of an owner in HubSpot',
    )
    expect(JSON.stringify([rows, run])).not.toMatch(/owner1@/i)
  })

  test('a row that may become a record and lacks a required value is rejected before the call', async () => {
    const sandbox = await strictSandbox()
    const project = await createProject({
      engine,
      sandbox,
      tables: [
        "create table deals as select * from (values (1, 'Big', 'appointmentscheduled'), (2, null, 'appointmentscheduled'), (3, 'Small', null)) as t (id, name, stage)",
      ],
      syncs: [
        {
          model: 'deals',
          hubspot: {
            sync: 'deals',
            object: 'deals',
            mode: 'insert',
            primary_key: 'id',
            properties: { dealname: 'name', dealstage: 'stage' },
          },
        },
      ],
    })
    const run = await project.run(['run'])
    expect(run.exitCode).toBe(1)
    expect(sandbox.records('deals').map(({ properties }) => properties['dealname'])).toEqual([
      'Big',
    ])
    expect(
      sandbox.written().flatMap(({ body }) => (body as { inputs: unknown[] }).inputs),
    ).toHaveLength(1)
    expect(
      await project.rows(
        "select row_id, error_category, error_property from changes where outcome = 'rejected' order by row_id",
      ),
    ).toMatchObject([
      { row_id: '2', error_category: 'MISSING_REQUIRED', error_property: 'dealname' },
      { row_id: '3', error_category: 'MISSING_REQUIRED', error_property: 'dealstage' },
    ])
    expect((await project.run(['plan'])).stdout).toContain('missing_required (dealname)')
  })
})

test('a sync that may create records maps what HubSpot wants of each', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [people('Ada')],
    syncs: [
      {
        model: 'people',
        hubspot: {
          sync: 'companies',
          object: 'companies',
          mode: 'insert',
          primary_key: 'id',
          properties: { city: 'first_name' },
        },
      },
    ],
  })
  const run = await project.run(['run'])
  expect(run.exitCode).toBe(1)
  expect(run.stderr).toContain('HubSpot creates no companies without domain or name')
})

test('constants are checked with the sync', async () => {
  const sandbox = await strictSandbox()
  sandbox.setRule('contacts', 'city', 'MAX_LENGTH', '3')
  sandbox.createProperty('contacts', {
    name: 'shop_key',
    type: 'string',
    fieldType: 'text',
    hasUniqueValue: true,
  })
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [people('Ada')],
    syncs: [
      sync({
        annualrevenue: { value: 'much' },
        closedate: { value: '2026-02-30' },
        city: { value: 'Rome' },
        hs_lead_status: { value: 'New' },
        hs_buying_role: { value: 'CHAMPION;BLOCKER' },
        hs_email_optout: { value: true },
        shop_key: { value: 'same' },
      }),
    ],
  })
  const { stderr, exitCode } = await project.run(['validate'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('5 problems in 1 sync')
  const { stdout } = await project.run(['validate'])
  expect(stdout).toContain('much is no value of annualrevenue: it takes a plain number')
  expect(stdout).toContain('2026-02-30 is no value of closedate')
  expect(stdout).toContain('the value has more than 3 characters, which city does not take')
  expect(stdout).toContain('its internal value is NEW')
  expect(stdout).toContain('one value for all rows cannot be shop_key, which is unique')
})
