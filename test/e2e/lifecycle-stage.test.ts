import { describe, expect, test } from 'vitest'
import { createProject, type TestProject } from '../support/project.ts'
import { type StrictSandbox, strictSandbox } from '../support/sandbox.ts'

const count = 120

const people = (stage: (id: number) => string) =>
  `create table people as select * from (values ${Array.from(
    { length: count },
    (_, index) => index + 1,
  )
    .map((id) => `(${id}, 'p${id}@shop.example', '${stage(id)}')`)
    .join(', ')}) as t (id, email, stage)`

const contacts = (allows: boolean) => ({
  model: 'people',
  hubspot: {
    sync: 'contacts',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: {
      lifecyclestage: allows ? { column: 'stage', allow_backwards: true } : 'stage',
    },
  },
})

async function start(
  engine: 'duckdb' | 'postgres',
  allows: boolean,
): Promise<{ readonly sandbox: StrictSandbox; readonly project: TestProject }> {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine,
    sandbox,
    tables: [people(() => 'customer')],
    settings: { lease_seconds: 10, hubspot: { request_timeout_seconds: 1 } },
    syncs: [contacts(allows)],
  })
  const run = await project.run(['run'])
  expect(run.exitCode, run.stderr).toBe(0)
  return { sandbox, project }
}

const stages = (sandbox: StrictSandbox) =>
  new Set(sandbox.records('contacts').map(({ properties }) => properties['lifecyclestage']))

const rebuild = (project: TestProject, stage: (id: number) => string) =>
  project.sql('drop table people', people(stage))

const plan = async (project: TestProject) =>
  JSON.parse((await project.run(['plan', '--output', 'json'])).stdout.split('\n', 1)[0] ?? '')

describe.each(['duckdb', 'postgres'] as const)('lifecyclestage, %s', (engine) => {
  test('that moves backwards is warned about, and HubSpot ignores it', async () => {
    const { sandbox, project } = await start(engine, false)
    await rebuild(project, () => 'lead')
    expect(await plan(project)).toMatchObject({
      backwards: { rows: count, unknownRows: 0, clearingCalls: 0, lookups: 0 },
      calls: { writes: 0, lookups: 0 },
    })
    expect((await project.run(['plan'])).stdout).toContain(
      '120 rows would move lifecyclestage backwards, which HubSpot ignores',
    )
    expect((await project.run(['validate'])).stderr).toContain('allow_backwards: true')
    const run = await project.run(['run'])
    expect(run.stderr).toContain('HubSpot ignores a lifecyclestage that moves backwards')
    expect(stages(sandbox)).toEqual(new Set(['customer']))
    expect((await plan(project)).rows.unchanged).toBe(count)
    // HubSpot has the later stage, and the state says so: what allows the step takes it.
    project.setSyncs([contacts(true)])
    expect(await plan(project)).toMatchObject({
      backwards: { rows: count, unknownRows: 0, clearingCalls: 2, lookups: 0 },
      calls: { writes: 4 },
    })
    const allowed = await project.run(['run'])
    expect(allowed.exitCode, allowed.stderr).toBe(0)
    expect(stages(sandbox)).toEqual(new Set(['lead']))
  })

  test('of a record that was there before is read first, and cleared where it is later', async () => {
    const sandbox = await strictSandbox()
    sandbox.seedRecords('contacts', [
      { email: 'p1@shop.example', lifecyclestage: 'customer' },
      { email: 'p2@shop.example', lifecyclestage: 'subscriber' },
      { email: 'p3@shop.example' },
    ])
    const project = await createProject({
      engine,
      sandbox,
      tables: [people(() => 'lead')],
      syncs: [contacts(true)],
    })
    expect(await plan(project)).toMatchObject({
      backwards: { rows: 0, unknownRows: count, clearingCalls: 2, lookups: 2 },
      calls: { writes: 4, lookups: 2 },
    })
    const told = (await project.run(['plan'])).stdout
    expect(told).toContain(
      '120 rows would send lifecyclestage to a record whose stage is not known',
    )
    expect(told).toContain('4 write calls at most, 2 look-up calls before')
    const run = await project.run(['run'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(sandbox.countRecords('contacts')).toBe(count)
    expect(stages(sandbox)).toEqual(new Set(['lead']))
    expect(sandbox.writeCalls(), 'one record is cleared').toBe(3)
    expect((await plan(project)).rows.unchanged).toBe(count)
  })

  test('that people moved on is set again by a full refresh', async () => {
    const { sandbox, project } = await start(engine, true)
    await rebuild(project, () => 'lead')
    expect((await project.run(['run'])).exitCode).toBe(0)
    const [record] = sandbox.records('contacts')
    sandbox.changeRecord('contacts', record?.id ?? '', { lifecyclestage: 'customer' })
    expect(stages(sandbox)).toEqual(new Set(['lead', 'customer']))
    const before = sandbox.writeCalls()
    const run = await project.run(['run', '--full-refresh'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(stages(sandbox)).toEqual(new Set(['lead']))
    expect(sandbox.writeCalls() - before, 'one record is cleared').toBe(3)
  })

  test('is cleared first where the sync allows it, in the calls that the plan says', async () => {
    const { sandbox, project } = await start(engine, true)
    await rebuild(project, (id) => (id <= 110 ? 'lead' : 'evangelist'))
    expect(await plan(project)).toMatchObject({
      backwards: { rows: 110, unknownRows: 0, clearingCalls: 2, lookups: 0 },
      calls: { writes: 4, lookups: 0 },
    })
    const before = sandbox.writeCalls()
    const run = await project.run(['run'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(sandbox.writeCalls() - before).toBe(4)
    expect(stages(sandbox)).toEqual(new Set(['lead', 'evangelist']))
    expect((await plan(project)).rows.unchanged).toBe(count)
  })

  test.each(['answer-received', 'window-sent', 'before-merge'])(
    'arrives although the run is killed at %s, whatever the model says next',
    async (point) => {
      const { sandbox, project } = await start(engine, true)
      await rebuild(project, () => 'lead')
      const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: point })
      expect(killed.signal, killed.stderr).toBe('SIGKILL')
      await rebuild(project, (id) => (id % 2 === 0 ? 'customer' : 'lead'))
      const run = await project.run(['run'])
      expect(run.exitCode, run.stderr).toBe(0)
      const wrong = sandbox
        .records('contacts')
        .filter(
          ({ properties: { email, lifecyclestage } }) =>
            lifecyclestage !==
            (Number(/\d+/.exec(email ?? '')?.[0]) % 2 === 0 ? 'customer' : 'lead'),
        )
      expect(wrong).toEqual([])
    },
  )

  test.each(['answer-received', 'window-sent', 'before-merge'])(
    'of a record that was there before arrives although the first run is killed at %s',
    async (point) => {
      const sandbox = await strictSandbox()
      sandbox.seedRecords('contacts', [{ email: 'p1@shop.example', lifecyclestage: 'customer' }])
      const project = await createProject({
        engine,
        sandbox,
        tables: [people(() => 'lead')],
        settings: { lease_seconds: 10, hubspot: { request_timeout_seconds: 1 } },
        syncs: [contacts(true)],
      })
      const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: point })
      expect(killed.signal, killed.stderr).toBe('SIGKILL')
      const run = await project.run(['run'])
      expect(run.exitCode, run.stderr).toBe(0)
      expect(sandbox.countRecords('contacts')).toBe(count)
      expect(stages(sandbox)).toEqual(new Set(['lead']))
    },
  )

  test('that cannot be read is not sent', async () => {
    const sandbox = await strictSandbox()
    sandbox.seedRecords('contacts', [{ email: 'p1@shop.example', lifecyclestage: 'customer' }])
    const project = await createProject({
      engine,
      sandbox,
      tables: [people(() => 'lead')],
      syncs: [contacts(true)],
    })
    sandbox.addFault({ kind: 'status', status: 403, match: { path: 'batch/read' } })
    expect((await project.run(['run'])).exitCode).toBe(1)
    expect(sandbox.writeCalls()).toBe(0)
    sandbox.clearFaults()
    const run = await project.run(['run'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(stages(sandbox)).toEqual(new Set(['lead']))
  })

  test('that is cleared and then not set is set by the next run', async () => {
    const { sandbox, project } = await start(engine, true)
    await rebuild(project, () => 'lead')
    // The clearing calls come through, the others do not.
    for (const nth of [3, 4]) {
      sandbox.addFault({ kind: 'status', status: 403, match: { path: 'batch/update', nth } })
    }
    expect((await project.run(['run'])).exitCode).toBe(1)
    expect(stages(sandbox)).toEqual(new Set([undefined]))
    sandbox.clearFaults()
    await rebuild(project, () => 'customer')
    const run = await project.run(['run'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(stages(sandbox)).toEqual(new Set(['customer']))
  })
})
