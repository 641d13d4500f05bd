import { describe, expect, test, vi } from 'vitest'
import {
  createPeople,
  engines,
  expectBooksClosed,
  expectExit,
  expectNothingToDo,
  impatient,
  peopleSync,
  setPeople,
  somePeople,
} from '../fault/people-project.ts'
import { whyNoPostgres } from '../support/postgres.ts'
import { createProject, type TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { sentSince } from '../support/sent-properties.ts'

const missing = whyNoPostgres()

/** What `adopt --json` prints. */
const documentOf = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '')

const planOf = async (project: TestProject) => {
  const { stdout } = await project.run(['plan', '--output', 'json'])
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(engine === 'postgres' && missing !== undefined)

  here('the first run after an adoption sends only real differences', async () => {
    const sandbox = await strictSandbox()
    const people = somePeople(1, 250)
    const project = await createPeople(engine, sandbox, peopleSync('upsert'))
    await setPeople(project, people)
    // 200 are there: 150 as the rows say, in HubSpot's own spelling; 50 with another job.
    const ids = sandbox.seedRecords(
      'contacts',
      people.slice(0, 200).map(({ email, firstName, nickname, revenue }, index) => ({
        email: email.toLowerCase(),
        firstname: firstName ?? '',
        jobtitle: index < 150 ? (nickname ?? '') : 'Clerk',
        annualrevenue: `${revenue}.0`,
        city: 'Bonn',
      })),
    )
    const sent = sentSince(sandbox)
    const dry = await project.run(['adopt', 'contacts', '--dry-run'])
    expectExit(dry, 0)
    expect(dry.stdout).toContain('250 rows to look for in 3 look-up calls')
    expect(sandbox.requests().filter(({ path }) => path.endsWith('/batch/read'))).toEqual([])

    const adopted = await project.run(['adopt', 'contacts', '--json'])
    expectExit(adopted, 0)
    expect(documentOf(adopted.stdout)).toMatchObject({
      kind: 'adoption',
      status: 'succeeded',
      rows: { inModel: 250, known: 0, sought: 250 },
      planned: { lookups: 3 },
      result: { adopted: 200, differing: 50, rejected: 0, left: 50 },
      calls: { made: 0, reads: 3 },
    })
    expect(sandbox.writeCalls(), 'nothing is written').toBe(0)
    const state = await project.state('contacts')
    expect(state).toHaveLength(200)
    expect(state.find((row) => row['row_id'] === '200')).toMatchObject({
      record_id: ids[199],
      status: 'succeeded',
      created_here: false,
      fingerprint: null,
      first_synced_at: null,
      match_value: 'p200@shop.example',
    })
    const told = await project.rows(
      `select operation, outcome, count(*) as total, sum(case when changed_properties = '["jobtitle"]' then 1 else 0 end) as differing from changes group by operation, outcome`,
    )
    expect(told).toEqual([{ operation: 'adopt', outcome: 'succeeded', total: 200, differing: 50 }])
    const [run] = await project.rows('select * from runs')
    expect(run).toMatchObject({ status: 'succeeded', reads_made: 3, calls_made: 0 })
    await expectBooksClosed(project)

    const [plan, change] = await planOf(project)
    expect(plan).toMatchObject({
      isFirstRun: false,
      operations: { update: 50, upsert: 50, refresh: 150, create: 0 },
      calls: { writes: 2 },
    })
    expect(change).toMatchObject({ old: { jobtitle: 'Clerk' } })
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls(), 'as planned').toBe(2)
    const updates = sent().filter((properties) => properties['firstname'] === undefined)
    expect(updates).toHaveLength(50)
    expect(new Set(updates.flatMap((one) => Object.keys(one)))).toEqual(new Set(['jobtitle']))
    expect(sandbox.countRecords('contacts')).toBe(250)
    expect(
      sandbox.records('contacts').filter(({ properties }) => properties['city'] === 'Bonn'),
    ).toHaveLength(200)
    await expectNothingToDo(project, sandbox)

    const reads = sandbox.requests().length
    const again = await project.run(['adopt', 'contacts'])
    expectExit(again, 0)
    expect(again.stdout).toContain('0 rows of contacts adopted')
    expect(
      sandbox
        .requests()
        .slice(reads)
        .filter(({ path }) => path.includes('/batch/')),
      'known rows are not looked up',
    ).toEqual([])
    await expectBooksClosed(project)
  })

  here('nothing that was never sent is cleared, whatever becomes of the row', async () => {
    const sandbox = await strictSandbox()
    const sync = (keys: Readonly<Record<string, unknown>> = {}) =>
      peopleSync('upsert', {
        on_delete: 'clear',
        properties: {
          firstname: 'first_name',
          annualrevenue: 'revenue',
          jobtitle: { template: '${ row.nickname | upcase }' },
        },
        ...keys,
      })
    const project = await createPeople(engine, sandbox, sync())
    const [one, two, three, four] = somePeople(1, 4)
    if (!one || !two || !three || !four) throw new TypeError('four people')
    const held = { firstname: 'Held', jobtitle: 'HELD', annualrevenue: '7' }
    sandbox.seedRecords(
      'contacts',
      [one, two, three, four].map(({ email }) => ({ email, ...held })),
    )
    const holdsOf = (email: string) => sandbox.findRecord('contacts', 'email', email)?.properties
    const nothing = { firstName: null, nickname: null, revenue: null }
    // 1 says nothing, 2 and 3 something else, 4 the same.
    const same = { ...four, firstName: 'Held', nickname: 'held', revenue: 7 }
    await setPeople(project, [{ ...one, ...nothing }, two, three, same])
    expectExit(await project.run(['adopt', 'contacts']), 0)
    const values = (await project.state('contacts')).map((row) =>
      JSON.parse(String(row['sent_values'])),
    )
    expect(values).toEqual([
      { email: one.email },
      { email: two.email, ...held },
      { email: three.email, ...held },
      { email: four.email, ...held },
    ])
    // Before the first run 2 says nothing any more, and 3 leaves.
    await setPeople(project, [{ ...one, ...nothing }, { ...two, ...nothing }, same])
    const shown = await project.run(['show', 'contacts', '2', '--json'])
    expect(JSON.parse(shown.stdout)).toMatchObject({ nextRun: { operation: 'refresh' } })
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(0)
    for (const { email } of [one, two, three, four]) expect(holdsOf(email)).toMatchObject(held)

    // From the first run on what a row says is its own.
    await setPeople(project, [
      { ...one, firstName: 'Uno', nickname: null, revenue: null },
      { ...same, firstName: null },
    ])
    expectExit(await project.run(['run']), 0)
    expect(holdsOf(one.email)).toMatchObject({
      firstname: 'Uno',
      jobtitle: 'HELD',
      annualrevenue: '7',
    })
    expect(holdsOf(two.email), 'nothing of it was ever sent').toMatchObject(held)
    expect(holdsOf(four.email)?.['firstname'] ?? '').toBe('')
    expect(holdsOf(four.email)?.['jobtitle']).toBe('HELD')
    await expectNothingToDo(project, sandbox)
    await expectBooksClosed(project)
  })

  here(
    'a kill at any point leaves nothing, or all of it, and an adoption may be repeated',
    async () => {
      const points = [
        ['plan-written', 0],
        ['plan-resolved', 0],
        ['run-started', 3],
        ['run-merged', 3],
      ] as const
      for (const [point, kept] of points) {
        const sandbox = await strictSandbox()
        const people = somePeople(1, 4)
        const project = await createPeople(engine, sandbox, peopleSync('upsert'))
        await setPeople(project, people)
        sandbox.seedRecords(
          'contacts',
          people.slice(0, 3).map(({ email }) => ({ email, jobtitle: 'Clerk' })),
        )
        const killed = await project.run(['adopt', 'contacts'], { BACKHAUL_CRASH_AT: point })
        expect(killed.signal, point).toBe('SIGKILL')
        expect(sandbox.writeCalls()).toBe(0)
        const again = await project.run(['adopt', 'contacts', '--json'])
        expectExit(again, 0)
        expect(documentOf(again.stdout), point).toMatchObject({
          rows: { known: kept },
          result: { adopted: 3 - kept, left: 1 },
        })
        expect(await project.state('contacts')).toHaveLength(3)
        await expectBooksClosed(project)
        expectExit(await project.run(['run']), 0)
        expect(sandbox.countRecords('contacts')).toBe(4)
        await expectNothingToDo(project, sandbox)
      }
    },
  )
})

test('policies, and every spelling of HubSpot, are no difference', async () => {
  const sandbox = await strictSandbox()
  for (const [name, type, fieldType, extra] of [
    ['born_on', 'date', 'date', {}],
    ['seen_at', 'datetime', 'date', {}],
    ['is_vip', 'bool', 'booleancheckbox', {}],
    [
      'tags',
      'enumeration',
      'checkbox',
      { options: ['a', 'b', 'c'].map((value) => ({ label: value, value })) },
    ],
  ] as const) {
    const flags =
      type === 'bool'
        ? { options: ['true', 'false'].map((value) => ({ label: value, value })) }
        : {}
    sandbox.createProperty('contacts', { name, label: name, type, fieldType, ...flags, ...extra })
  }
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
          properties: {
            firstname: 'first_name',
            annualrevenue: 'revenue',
            born_on: 'born_on',
            seen_at: 'seen_at',
            is_vip: 'is_vip',
            tags: 'tags',
            lifecyclestage: { value: 'lead', write: 'create_only' },
            city: { column: 'city', write: 'if_empty' },
            zip: { column: 'zip', nulls: 'clear_always' },
          },
        },
      },
    ],
    tables: [
      `create table people as select 1 as id, ' ADA@shop.example' as email, 'Ada ' as first_name, 12.50 as revenue, date '2020-02-29' as born_on,
        timestamp '2026-01-31 12:00:00' as seen_at, true as is_vip, ['b', 'a'] as tags, 'Rome' as city, cast(null as varchar) as zip`,
    ],
  })
  sandbox.seedRecords('contacts', [
    {
      email: 'ada@shop.example',
      firstname: 'Ada',
      annualrevenue: '12.5',
      born_on: '2020-02-29',
      seen_at: '2026-01-31T12:00:00.000Z',
      is_vip: 'true',
      tags: 'a;b',
      lifecyclestage: 'customer',
      city: 'Rome',
    },
  ])
  expectExit(await project.run(['adopt', 'contacts']), 0)
  const [row] = await project.state('contacts')
  expect(JSON.parse(String(row?.['sent_values'])), 'in the spelling of the row').toEqual({
    annualrevenue: '12.5',
    born_on: '2020-02-29',
    city: 'Rome',
    email: 'ada@shop.example',
    firstname: 'Ada ',
    is_vip: 'true',
    seen_at: '2026-01-31T12:00:00.000Z',
    tags: 'b;a',
    zip: '',
  })
  expectExit(await project.run(['run']), 0)
  expect(sandbox.writeCalls()).toBe(0)
  await expectNothingToDo(project, sandbox)
})

test('records found by search, by id and in mode update; mode insert has nothing to adopt', async () => {
  const sandbox = await strictSandbox()
  const tables = [
    'create table firms (id integer, name varchar, city varchar, record_id varchar)',
    `insert into firms values (1, 'Acme', 'Bonn', '1'), (2, 'Twice', 'Rome', '2'), (3, 'New', 'Oslo', '3')`,
  ]
  const firms = (keys: Readonly<Record<string, unknown>>) => ({
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
  const [acme = '', twin = '', other = ''] = sandbox.seedRecords('companies', [
    { name: 'Acme', city: 'Bonn' },
    { name: 'Twice' },
    { name: 'Twice' },
  ])
  const byMode = async (keys: Readonly<Record<string, unknown>>) => {
    const project = await createProject({ engine: 'duckdb', sandbox, syncs: [firms(keys)], tables })
    return project
  }
  const searched = await byMode({})
  const dry = await searched.run(['adopt', 'firms', '--dry-run'])
  expect(dry.stdout).toContain('3 rows to look for in 1 search and 1 look-up call at most')
  const adopted = await searched.run(['adopt', 'firms', '--json'])
  expectExit(adopted, 1)
  expect(documentOf(adopted.stdout)).toMatchObject({
    status: 'partial',
    result: { adopted: 1, differing: 0, rejected: 1, left: 1 },
    calls: { reads: 2 },
    rejects: [{ category: 'AMBIGUOUS_MATCH', rows: 1, exampleRowId: '2' }],
  })
  expect(adopted.stderr).toContain('HubSpot has several records with this match value')
  const [ambiguous] = await searched.rows("select error_message from changes where row_id = '2'")
  expect(ambiguous?.['error_message']).toContain(twin)
  expect(ambiguous?.['error_message']).toContain(other)
  expect(
    (await searched.state('firms')).map((row) => [row['row_id'], row['status'], row['record_id']]),
  ).toEqual([
    ['1', 'succeeded', acme],
    ['2', 'parked', null],
  ])

  const byId = await byMode({
    mode: 'update',
    match: { id: 'record_id' },
    properties: { city: 'city', name: 'name' },
  })
  await byId.sql(
    `update firms set record_id = '${acme}' where id = 1`,
    `update firms set record_id = '${other}' where id = 2`,
  )
  sandbox.mergeRecords('companies', twin, other)
  const found = await byId.run(['adopt', 'firms', '--json'])
  expectExit(found, 0)
  expect(documentOf(found.stdout), 'what was merged away is left to a run').toMatchObject({
    rows: { sought: 3 },
    result: { adopted: 1, differing: 0, left: 2 },
  })
  expect(await byId.state('firms')).toHaveLength(1)

  const updating = await byMode({ mode: 'update' })
  const adoptedAll = await updating.run(['adopt', 'firms'])
  expectExit(adoptedAll, 0)
  expect(adoptedAll.stdout).toContain('2 rows of firms adopted, 1 of them differs from its record')
  expect((await updating.state('firms')).map((row) => row['record_id'])).toEqual([acme, twin])

  expect(
    await updating.rows('select status, is_limited from runs'),
    'it says nothing of what was sent',
  ).toEqual([{ status: 'succeeded', is_limited: true }])
  const inserting = await byMode({ mode: 'insert' })
  const refused = await inserting.run(['adopt', 'firms'])
  expectExit(refused, 1)
  expect(refused.stderr).toContain(
    'mode insert never changes a record that exists, so there is nothing to adopt',
  )
  expect(sandbox.writeCalls()).toBe(0)
})

test('a record that a known row has stays its own, and two rows never adopt one record', async () => {
  const sandbox = await strictSandbox()
  const people = somePeople(1, 2)
  const project = await createPeople('duckdb', sandbox, peopleSync('upsert'))
  const [one, two] = people
  if (!one || !two) throw new TypeError('two people')
  sandbox.seedRecords('contacts', [{ email: one.email, hs_additional_emails: two.email }])
  await setPeople(project, people)
  const adopted = await project.run(['adopt', 'contacts', '--json'])
  expectExit(adopted, 1)
  expect(documentOf(adopted.stdout)).toMatchObject({
    result: { adopted: 1, rejected: 1, left: 0 },
    rejects: [{ category: 'RECORD_TAKEN', exampleRowId: '2' }],
  })
  // The row goes by another key: a run gives it the record of the one that left.
  await setPeople(project, [{ ...one, id: 3 }])
  const again = await project.run(['adopt', 'contacts', '--json'])
  expectExit(again, 0)
  expect(documentOf(again.stdout)).toMatchObject({ result: { adopted: 0, rejected: 0, left: 1 } })
  expectExit(await project.run(['run']), 0)
  expect(sandbox.countRecords('contacts')).toBe(1)
  const bound = (await project.state('contacts')).filter((row) => row['record_id'] !== null)
  expect(bound.map((row) => row['row_id'])).toEqual(['3'])
})

test('what cannot be asked for is left, and the rest is kept', async () => {
  const sandbox = await strictSandbox()
  const people = somePeople(1, 3)
  const project = await createPeople('duckdb', sandbox, peopleSync('upsert'))
  await setPeople(project, people)
  sandbox.seedRecords(
    'contacts',
    people.map(({ email }) => ({ email })),
  )
  const some = await project.run(['adopt', 'contacts', '--row', '2', '--json'])
  expect(documentOf(some.stdout)).toMatchObject({ result: { adopted: 1, left: 0 } })
  const asked = await project.run([
    'adopt',
    'contacts',
    '--dry-run',
    '--row',
    '1',
    '--row',
    '2',
    '--row',
    '9',
  ])
  expect(asked.stdout).toContain('row 1: looked for')
  expect(asked.stdout).toContain('row 2: known (succeeded), left as it is')
  expect(asked.stdout).toContain('no row 9 in the model')
  sandbox.addFault({ match: { path: '/batch/read' }, kind: 'status', status: 403 })
  const refused = await project.run(['adopt', 'contacts', '--json'])
  expectExit(refused, 1)
  expect(documentOf(refused.stdout)).toMatchObject({
    status: 'partial',
    result: { adopted: 0, left: 2 },
  })
  sandbox.clearFaults()
  expectExit(await project.run(['adopt', 'contacts', '--limit', '1']), 0)
  expect(await project.state('contacts')).toHaveLength(2)
  await project.sql('delete from people')
  const guarded = await project.run(['adopt', 'contacts'])
  expectExit(guarded, 1)
  expect(guarded.stderr).toContain('empty_model: the model is empty')
  expect((await project.run(['adopt', 'nobody'])).stderr).toContain(
    'The project has no sync nobody',
  )
  await expectBooksClosed(project)
})

test('properties that are to be made, a tracking property, and values that the audit hides', async () => {
  const sandbox = await strictSandbox()
  const people = somePeople(1, 3)
  sandbox.createProperty('contacts', {
    name: 'row_key',
    label: 'row_key',
    type: 'string',
    fieldType: 'text',
    hasUniqueValue: true,
  })
  const project = await createPeople(
    'duckdb',
    sandbox,
    peopleSync('upsert', {
      tracking_property: 'row_key',
      properties: {
        firstname: 'first_name',
        plan_tier: { column: 'nickname', create_missing: true, type: 'string' },
      },
    }),
    { ...impatient, audit: { values: 'hashed', requests: 'full' } },
  )
  await setPeople(project, people)
  sandbox.seedRecords(
    'contacts',
    people.map(({ email }) => ({ email, firstname: 'Secret' })),
  )
  expectExit(await project.run(['adopt', 'contacts']), 0)
  expect(sandbox.property('contacts', 'plan_tier'), 'nothing is made').toBeUndefined()
  expect(JSON.stringify(await project.rows('select * from changes'))).not.toContain('Secret')
  expect(JSON.stringify(await project.rows('select * from requests'))).not.toContain('Secret')
  expect(
    (
      await project.rows("select count(*) as total from requests where path like '%/batch/read'")
    )[0],
  ).toEqual({ total: 1 })
  const status = await project.run(['status'])
  expectExit(status, 0)
  expect((await project.run(['show', 'contacts', '1'])).stdout).toContain('adopt')
  expectExit(await project.run(['run']), 0)
  expect(sandbox.records('contacts').map(({ properties }) => properties['row_key'])).toEqual([
    '1',
    '2',
    '3',
  ])
  expect(sandbox.countRecords('contacts')).toBe(3)
  await expectNothingToDo(project, sandbox)
})

test('an interrupted adoption keeps what it has found', async () => {
  const sandbox = await strictSandbox()
  const people = somePeople(1, 2500)
  const project = await createPeople('duckdb', sandbox, peopleSync('upsert'))
  await setPeople(project, people)
  sandbox.seedRecords(
    'contacts',
    people.map(({ email }) => ({ email })),
  )
  sandbox.addFault({ match: { path: '/batch/read' }, kind: 'slow', delayMs: 1500 })
  const running = project.start(['adopt', 'contacts'])
  await vi.waitFor(
    () => expect(sandbox.requests().some(({ path }) => path.endsWith('/batch/read'))).toBe(true),
    60_000,
  )
  running.signal('SIGINT')
  const ended = await running.finished
  expect(ended.exitCode, ended.stderr).toBe(2)
  sandbox.clearFaults()
  expectExit(await project.run(['adopt', 'contacts']), 0)
  expect(await project.state('contacts')).toHaveLength(2500)
  expect(await project.rows('select status from runs order by run_id')).toEqual([
    { status: 'aborted' },
    { status: 'succeeded' },
  ])
  await expectBooksClosed(project)
})
