import { describe, expect, test } from 'vitest'
import type { CrashPoint } from '../../src/run/context.ts'
import type { SandboxOptions } from '../../src/sandbox/options.ts'
import { whyNoPostgres } from '../support/postgres.ts'
import { createProject, type TestProject } from '../support/project.ts'
import { type StrictSandbox, strictSandbox } from '../support/sandbox.ts'
import { deleteSpool, type Engine, engines, expectExit } from './people-project.ts'

type Firm = readonly [id: number, name: string, city?: string]

const sync = (keys: Readonly<Record<string, unknown>> = {}) => ({
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

const setFirms = (project: TestProject, firms: readonly Firm[]) =>
  project.sql(
    'drop table if exists firms',
    'create table firms (id integer, name varchar(80), city varchar(80))',
    `insert into firms values ${firms.map(([id, name, city = 'Town']) => `(${id}, '${name}', '${city}')`).join(', ')}`,
  )

async function start(
  engine: Engine,
  firms: readonly Firm[],
  {
    keys = {},
    delay = 600,
    options = {},
  }: {
    readonly keys?: Readonly<Record<string, unknown>>
    readonly delay?: number
    readonly options?: SandboxOptions
  } = {},
) {
  const sandbox = await strictSandbox({ tier: 'unlimited', ...options })
  sandbox.createProperty('companies', {
    name: 'row_key',
    type: 'string',
    fieldType: 'text',
    hasUniqueValue: true,
  })
  const project = await createProject({
    engine,
    sandbox,
    syncs: [sync(keys)],
    settings: {
      lease_seconds: 10,
      hubspot: { request_timeout_seconds: 1, search_delay_seconds: delay },
    },
  })
  await setFirms(project, firms)
  return { sandbox, project }
}

const someFirms = (count: number): readonly Firm[] =>
  Array.from({ length: count }, (_, index) => [index + 1, `Firm ${index + 1}`])

const searches = (sandbox: StrictSandbox) =>
  sandbox.requests().filter(({ path }) => path.endsWith('/search')).length

const names = (sandbox: StrictSandbox) =>
  sandbox
    .records('companies')
    .map(({ properties }) => properties['name'] ?? '')
    .sort()

/** Every firm has its own record, and every record its firm. */
async function expectOneEach(
  project: TestProject,
  sandbox: StrictSandbox,
  firms: readonly Firm[],
): Promise<void> {
  expect(names(sandbox)).toEqual(firms.map(([, name]) => name).sort())
  const bound = (await project.state('firms'))
    .filter(({ status }) => status !== 'left')
    .map((row) => String(row['record_id']))
  expect(bound.sort()).toEqual(
    sandbox
      .records('companies')
      .map(({ id }) => id)
      .sort(),
  )
}

const kill = async (project: TestProject, point: string) => {
  const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: point })
  expect(killed.signal, `${point} was not passed:\n${killed.stderr}`).toBe('SIGKILL')
}

const points: readonly CrashPoint[] = [
  'run-started',
  'plan-resolved',
  'window-opened',
  'answer-received',
  'result-spooled',
  'window-sent',
  'results-stored',
  'window-closed',
  'before-merge',
  'run-merged',
]

describe.each(engines)('on %s', (engine) => {
  const isMissing = engine === 'postgres' && whyNoPostgres() !== undefined
  const here = test.skipIf(isMissing)

  here.each(engine === 'duckdb' ? points : points.slice(1, 4))(
    'a run that is killed at %s doubles no record and loses none',
    async (point) => {
      const firms = someFirms(130)
      const { sandbox, project } = await start(engine, firms, { delay: 0 })
      sandbox.seedRecords('companies', [{ name: 'FIRM 7' }])
      await kill(project, point)
      deleteSpool(project)
      const changed = firms.map(([id, name]): Firm => [id, name, 'Elsewhere'])
      await setFirms(project, changed)
      // What a search does not find at once is looked for by the start after it.
      await project.run(['run'])
      expectExit(await project.run(['run']), 0)
      await expectOneEach(project, sandbox, changed)
      for (const { properties } of sandbox.records('companies'))
        expect(properties['city']).toBe('Elsewhere')
      const before = [sandbox.writeCalls(), searches(sandbox)]
      expectExit(await project.run(['run']), 0)
      expect([sandbox.writeCalls(), searches(sandbox)]).toEqual(before)
    },
  )

  here('records that search does not show yet are waited for, not made again', async () => {
    const firms = someFirms(30)
    let now = Date.now()
    const { sandbox, project } = await start(engine, firms, {
      delay: 2,
      options: { clock: () => now, quirks: { searchLagMs: 60_000 } },
    })
    await kill(project, 'answer-received')
    deleteSpool(project)
    const waiting = await project.run(['run'])
    expectExit(waiting, 1)
    expect(waiting.stderr).toContain('30 rows that may be in HubSpot already')
    expect(sandbox.countRecords('companies')).toBe(30)
    now += 60_000
    expectExit(await project.run(['run']), 0)
    await expectOneEach(project, sandbox, firms)
    const [counted] = await project.rows('select count(*) as total from plan__firms')
    expect(counted).toEqual({ total: 0 })
  })

  here('an answer that is lost is looked for at once; nothing is made twice', async () => {
    const firms = someFirms(30)
    const { sandbox, project } = await start(engine, firms, { delay: 0 })
    sandbox.addFault({ kind: 'reset_after', match: { path: 'batch/create', nth: 1 } })
    expectExit(await project.run(['run']), 0)
    await expectOneEach(project, sandbox, firms)
  })

  here('a row by another key takes over the record that search does not show yet', async () => {
    const { sandbox, project } = await start(engine, [[1, 'Acme']], {
      options: { quirks: { searchLagMs: 3_600_000 } },
    })
    expectExit(await project.run(['run']), 0)
    await setFirms(project, [[2, 'ACME', 'Elsewhere']])
    expectExit(await project.run(['run']), 0)
    await expectOneEach(project, sandbox, [[2, 'ACME']])
  })

  here('a name that a row gave up is free for another, whatever search still shows', async () => {
    const { sandbox, project } = await start(engine, [[1, 'Acme']])
    expectExit(await project.run(['run']), 0)
    await setFirms(project, [
      [1, 'Beta'],
      [2, 'Acme'],
    ])
    expectExit(await project.run(['run']), 0)
    await expectOneEach(project, sandbox, [
      [1, 'Beta'],
      [2, 'Acme'],
    ])
  })

  here(
    'a record that was renamed by hand to the name of another row is told, not taken',
    async () => {
      const { sandbox, project } = await start(engine, [[1, 'Acme']], { delay: 0 })
      expectExit(await project.run(['run']), 0)
      const [record] = sandbox.records('companies')
      sandbox.changeRecord('companies', record?.id ?? '', { name: 'Beta' })
      await setFirms(project, [
        [1, 'Acme'],
        [2, 'Beta'],
      ])
      expectExit(await project.run(['run']), 1)
      const [told] = await project.rows("select * from state__firms where row_id = '2'")
      expect(told).toMatchObject({ status: 'parked', error_category: 'RECORD_TAKEN' })
      expect(told?.['error_message']).toContain('belongs to row 1')
    },
  )

  here('a row waits while the owner of its name cannot give it up', async () => {
    const { sandbox, project } = await start(engine, [[1, 'Acme']], { delay: 0 })
    expectExit(await project.run(['run']), 0)
    await setFirms(project, [
      [1, 'Beta'],
      [2, 'Acme'],
    ])
    expectExit(await project.run(['run', '--row', '2']), 1)
    const [waits] = await project.rows("select * from state__firms where row_id = '2'")
    expect(waits).toMatchObject({ status: 'pending', error_category: 'MATCH_VALUE_HELD' })
    expect(sandbox.countRecords('companies')).toBe(1)
    expectExit(await project.run(['run']), 0)
    expect(names(sandbox)).toEqual(['Acme', 'Beta'])
  })

  here(
    'several records are told by their ids, and not asked for again until a day is over',
    async () => {
      const { sandbox, project } = await start(engine, [[1, 'Acme']])
      const ids = sandbox.seedRecords('companies', [
        { name: 'Acme' },
        { name: 'ACME' },
        { name: 'acme' },
      ])
      const run = await project.run(['run'])
      expectExit(run, 1)
      expect(run.stderr).toContain('several records with this match value')
      const [told] = await project.rows('select * from changes')
      expect(told).toMatchObject({ outcome: 'rejected', error_category: 'AMBIGUOUS_MATCH' })
      for (const id of [ids[0], ids[2]]) expect(told?.['error_message']).toContain(id)
      expectExit(await project.run(['run']), 0)
      expect(searches(sandbox)).toBe(1)
      if (engine !== 'postgres') return
      for (const id of ids.slice(1)) sandbox.archiveRecord('companies', id)
      await project.sql(
        `update ${project.schema}_backhaul.state__firms set next_attempt_at = next_attempt_at - interval '25 hours'`,
      )
      expectExit(await project.run(['run']), 0)
      expect(searches(sandbox)).toBe(2)
      expect(await project.state('firms')).toMatchObject([
        { status: 'succeeded', record_id: ids[0] },
      ])
    },
  )

  here('two syncs that need the same record at the same moment make it once', async () => {
    const { sandbox, project } = await start(engine, [[1, 'Acme']], {
      options: { quirks: { searchLagMs: 3_600_000 } },
    })
    const more = sync({ sync: 'more', properties: { domain: 'city' } })
    project.setSyncs([{ model: 'firms', hubspot: [sync().hubspot, more.hubspot] }])
    project.setResults()
    expectExit(await project.run(['run']), 0)
    expect(names(sandbox)).toEqual(['Acme'])
    await setFirms(project, [
      [1, 'Acme'],
      [2, 'Beta'],
    ])
    expectExit(await project.run(['run']), 0)
    expect(names(sandbox)).toEqual(['Acme', 'Beta'])
  })

  here('with a tracking property a create is repeated as often as need be', async () => {
    const firms = someFirms(120)
    const { sandbox, project } = await start(engine, firms, {
      keys: { tracking_property: 'row_key' },
      options: { quirks: { searchLagMs: 3_600_000 } },
    })
    sandbox.addFault({ kind: 'reset_after', match: { path: 'batch/upsert', nth: 1 } })
    await kill(project, 'answer-received:2')
    deleteSpool(project)
    expectExit(await project.run(['run']), 0)
    await expectOneEach(project, sandbox, firms)
    expect(
      sandbox
        .records('companies')
        .map(({ properties }) => properties['row_key'])
        .sort(),
    ).toEqual(firms.map(([id]) => String(id)).sort())
    const before = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(before)
  })

  here('an insert that matches by nothing loses no answer with a tracking property', async () => {
    const firms = someFirms(120)
    const { sandbox, project } = await start(engine, firms, {
      keys: {
        mode: 'insert',
        match: undefined,
        properties: { name: 'name' },
        tracking_property: 'row_key',
      },
    })
    await kill(project, 'answer-received')
    deleteSpool(project)
    expectExit(await project.run(['run']), 0)
    await expectOneEach(project, sandbox, firms)
  })

  here(
    'record ids that rows swap are followed, and one that another row has is refused',
    async () => {
      const sandbox = await strictSandbox()
      const [one = '', two = ''] = sandbox.seedRecords('companies', [{ name: 'A' }, { name: 'B' }])
      const byId = sync({ mode: 'update', match: { id: 'name' } })
      const project = await createProject({ engine, sandbox, syncs: [byId] })
      const cityOf = (id: string) => sandbox.record('companies', id)?.properties['city']
      await setFirms(project, [
        [1, one, 'First'],
        [2, two, 'Second'],
      ])
      expectExit(await project.run(['run']), 0)
      expect([cityOf(one), cityOf(two)]).toEqual(['First', 'Second'])
      await setFirms(project, [
        [1, two, 'First'],
        [2, one, 'Second'],
      ])
      expectExit(await project.run(['run']), 0)
      expect([cityOf(one), cityOf(two)]).toEqual(['Second', 'First'])
      const before = sandbox.writeCalls()
      expectExit(await project.run(['run']), 0)
      expect(sandbox.writeCalls()).toBe(before)
      // Row 2's record is merged into that of row 1: it belongs to one of them.
      sandbox.mergeRecords('companies', two, one)
      await setFirms(project, [
        [1, two, 'First!'],
        [2, one, 'Second!'],
      ])
      expectExit(await project.run(['run']), 1)
      const [told] = await project.rows("select * from state__firms where row_id = '2'")
      expect(told).toMatchObject({ status: 'parked', error_category: 'RECORD_TAKEN' })
    },
  )
})
