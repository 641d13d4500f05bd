import { describe, expect, test } from 'vitest'
import { engines, expectExit, impatient } from '../fault/people-project.ts'
import { whyNoPostgres } from '../support/postgres.ts'
import { createProject, type TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'

type Deal = readonly [id: number, name: string, createdAt: string | null]

const setDeals = (project: TestProject, deals: readonly Deal[]) =>
  project.sql(
    'drop table if exists won',
    'create table won (id integer, name varchar(40), created_at timestamp)',
    ...(deals.length === 0
      ? []
      : [
          `insert into won values ${deals.map(([id, name, at]) => `(${id}, '${name}', ${at === null ? 'null' : `timestamp '${at}'`})`).join(', ')}`,
        ]),
  )

describe.each(engines)('on %s', (engine) => {
  const isMissing = engine === 'postgres' && whyNoPostgres() !== undefined
  const here = test.skipIf(isMissing)

  const prepare = async (start: unknown) => {
    const sandbox = await strictSandbox()
    const sync = {
      model: 'won',
      hubspot: {
        sync: 'won',
        object: 'products',
        mode: 'insert',
        primary_key: 'id',
        start,
        properties: { name: 'name' },
      },
    }
    const project = await createProject({
      engine,
      sandbox,
      syncs: [sync],
      settings: impatient,
    })
    const names = () => sandbox.records('products').map(({ properties }) => properties['name'])
    return { sandbox, project, names }
  }

  const old: readonly Deal[] = [
    [1, 'One', '2025-01-01'],
    [2, 'Two', '2025-12-31 23:59:59'],
  ]

  here('start: all says how many would go, and names the key', async () => {
    const { project, names } = await prepare('all')
    await setDeals(project, old)
    const { stdout } = await project.run(['plan'])
    expect(stdout).toContain('2 rows would go; with `start: now`')
    expectExit(await project.run(['run']), 0)
    expect(names()).toEqual(['One', 'Two'])
    expect((await project.run(['plan'])).stdout).not.toContain('start: now')
  })

  here('start: now never sends the rows of the first run', async () => {
    const { sandbox, project, names } = await prepare('now')
    await setDeals(project, old)
    const { stdout } = await project.run(['plan'])
    expect(stdout).toContain('2 rows of today are taken as known and never sent')
    expect(stdout).toContain('0 write calls')
    const limited = await project.run(['run', '--limit', '1'])
    expectExit(limited, 1)
    expect(limited.stderr).toContain('the first run takes all rows of the model as known')
    expectExit(await project.run(['run']), 0)
    expect(
      await project.rows('select operation, outcome, error_category from changes order by row_id'),
    ).toEqual(
      old.map(() => ({
        operation: 'skip',
        outcome: 'skipped',
        error_category: 'BEFORE_START',
      })),
    )
    const shown = (await project.run(['show', 'won', '1'])).stdout
    expect(shown).toMatch(/Next: +Nothing: rows that come later are sent\./)
    await setDeals(project, [...old, [3, 'Three', '2026-02-01']])
    expectExit(await project.run(['run']), 0)
    expect(names()).toEqual(['Three'])
    // Neither when they change, nor when they leave and come back.
    await setDeals(project, [
      [1, 'Uno', '2026-02-01'],
      [3, 'Tres', null],
    ])
    expectExit(await project.run(['run']), 0)
    await setDeals(project, [
      [1, 'Eins', '2026-02-01'],
      [2, 'Zwei', '2026-02-01'],
      [3, 'Drei', null],
    ])
    expectExit(await project.run(['run']), 0)
    expect(names()).toEqual(['Three'])
    expect(sandbox.writeCalls()).toBe(1)
    const [run] = await project.rows('select * from runs order by run_id desc limit 1')
    expect(run).toMatchObject({ rows_skipped: 2, rows_rejected: 0, calls_planned: 0 })
  })

  here(
    'a row that start: now keeps out stays out when it is forgotten, by its key alone',
    async () => {
      const { sandbox, project, names } = await prepare('now')
      await setDeals(project, old)
      expectExit(await project.run(['run']), 0)
      const asked = await project.run(['forget', 'won', '1'])
      expectExit(asked, 0)
      expect(asked.stdout).toMatch(/state__won, known by start: now +1 +emptied/)
      expect(asked.stdout).toContain('won still has 1 such row. The key stays here')
      const kept = { row_id: '1', status: 'skipped', match_value: null, fingerprint: null }
      expect((await project.state('won'))[0]).toMatchObject({ ...kept, sent_values: null })
      expectExit(await project.run(['run']), 0)
      expectExit(await project.run(['forget', 'won', '1']), 0)
      await setDeals(project, [...old.slice(1), [3, 'Three', null]])
      const gone = await project.run(['forget', 'won', '1', '--json'])
      expect(JSON.parse(gone.stdout).syncs[0]).toMatchObject({ inModel: [], keepsKnown: false })
      expect((await project.state('won')).map((row) => row['row_id'])).toEqual(['2'])
      expectExit(await project.run(['run']), 0)
      expect(names()).toEqual(['Three'])
      expect(sandbox.writeCalls()).toBe(1)
    },
  )

  here.each(['run-entered', 'plan-written', 'run-started', 'before-merge', 'run-merged'])(
    'start: now sends none of them after a kill at %s of the first run',
    async (point) => {
      const { sandbox, project, names } = await prepare('now')
      await setDeals(project, old)
      const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: point })
      expect(killed.signal).toBe('SIGKILL')
      expectExit(await project.run(['run']), 0)
      expect(sandbox.writeCalls()).toBe(0)
      await setDeals(project, [...old, [3, 'Three', null]])
      expectExit(await project.run(['run']), 0)
      expect(names()).toEqual(['Three'])
    },
  )

  here('start: now on an empty model sends all rows that come', async () => {
    const { project, names } = await prepare('now')
    await setDeals(project, [])
    expectExit(await project.run(['run']), 0)
    await setDeals(project, old)
    expectExit(await project.run(['run']), 0)
    expect(names()).toEqual(['One', 'Two'])
  })

  here('start: {column, from} sends what came to be from then on', async () => {
    const { project, names } = await prepare({ column: 'CREATED_AT', from: '2026-01-01' })
    const all: readonly Deal[] = [
      ...old,
      [3, 'Three', '2026-01-01'],
      [4, 'Four', null],
      [5, 'Five', '2026-06-01 12:00:00'],
    ]
    await setDeals(project, all)
    expectExit(await project.run(['run']), 0)
    expect(names()).toEqual(['Three', 'Five'])
    await setDeals(
      project,
      all.map(([id, name, at]) => [id, `${name}!`, id === 4 ? '2026-07-01' : at]),
    )
    expectExit(await project.run(['run']), 0)
    expect(names()).toEqual(['Three', 'Five', 'Four!'])
  })
})

test('a full refresh of a sync that sends each row once is refused before anything starts', async () => {
  const sandbox = await strictSandbox()
  const syncOf = (sync: string, object: string, mode: string, keys: object) => ({
    model: sync,
    hubspot: { sync, object, mode, primary_key: 'id', ...keys },
  })
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    syncs: [
      syncOf('won', 'products', 'insert', { properties: { name: 'name' } }),
      syncOf('firms', 'companies', 'upsert', { match: { domain: 'name' } }),
    ],
    settings: impatient,
  })
  await setDeals(project, [[1, 'One', null]])
  await project.sql("create table firms as select 1 as id, 'one.example' as name")
  expectExit(await project.run(['run']), 0)
  const runs = await project.rows('select run_id from runs')
  const calls = sandbox.writeCalls()
  for (const command of ['run', 'plan']) {
    const refused = await project.run([command, '--full-refresh'])
    expectExit(refused, 2)
    expect(refused.stderr).toContain('mode insert sends each row once: sync won')
    expect(refused.stderr).toContain('--exclude won.')
  }
  expect(await project.rows('select run_id from runs')).toEqual(runs)
  expect(sandbox.writeCalls()).toBe(calls)
  const status = await project.run(['status'])
  expectExit(status, 0)
  expect(status.stdout).toContain('All well.')
  expectExit(await project.run(['run', '--full-refresh', '--exclude', 'won']), 0)
  expect(sandbox.writeCalls()).toBe(calls + 1)
})
