import { describe, expect, test } from 'vitest'
import type { CrashPoint } from '../../src/run/context.ts'
import { whyNoPostgres } from '../support/postgres.ts'
import type { TestProject } from '../support/project.ts'
import type { SyncSpec } from '../support/project-files.ts'
import { type StrictSandbox, strictSandbox } from '../support/sandbox.ts'
import {
  asProperties,
  contactsByEmail,
  createPeople,
  deleteSpool,
  type Engine,
  engines,
  expectBooksClosed,
  expectExactly,
  expectExit,
  expectNothingToDo,
  lastRun,
  type Person,
  peopleSync,
  setPeople,
  somePeople,
} from './people-project.ts'

const missing = whyNoPostgres()

type Keys = Readonly<Record<string, unknown>>

/** A second sync of contacts, over a table of its own. */
const vips = (keys: Keys = {}): SyncSpec => ({
  model: 'vips',
  hubspot: {
    sync: 'vips',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: { city: 'city' },
    ...keys,
  },
})

const setVips = (project: TestProject, ...emails: readonly string[]) =>
  project.sql(
    'drop table if exists vips',
    'create table vips (id integer, email varchar, city varchar)',
    ...emails.map((email, index) => `insert into vips values (${index + 1}, '${email}', 'Paris')`),
  )

async function start(engine: Engine, keys: Keys, more: readonly SyncSpec[] = []) {
  const sandbox = await strictSandbox()
  const syncs = [peopleSync('upsert', keys), ...more]
  const [first] = syncs
  if (first === undefined) throw new Error('no sync')
  const project = await createPeople(engine, sandbox, first)
  await setVips(project)
  project.setSyncs(syncs)
  project.setResults()
  return { sandbox, project }
}

/** The first row leaves; the others are so many that no guard minds. */
const people = somePeople(1, 12)
const [leaver] = people as [Person, ...Person[]]
const stayers = people.slice(1)

const recordOf = (sandbox: StrictSandbox, { email }: Person) => {
  const record = sandbox.findRecord('contacts', 'email', email)
  if (record === undefined) throw new Error(`no contact ${email}`)
  return record
}

/** What `changes` tells of a row in the last run of the sync. */
async function audited(project: TestProject, rowId: number) {
  const [row, ...others] = await project.rows(
    `select operation, outcome, record_id, changed_properties, old_values, new_values, error_category from changes
where sync_name = 'contacts' and row_id = '${rowId}' and run_id = (select max(run_id) from runs where sync_name = 'contacts')`,
  )
  expect(others).toEqual([])
  const parsed = (value: unknown) => (value === null ? null : JSON.parse(String(value)))
  return row === undefined
    ? undefined
    : {
        ...row,
        changed_properties: parsed(row['changed_properties']),
        old_values: parsed(row['old_values']),
        new_values: parsed(row['new_values']),
      }
}

const stateOf = async (project: TestProject, rowId: number) =>
  (await project.state('contacts')).find((row) => row['row_id'] === String(rowId))

const sentOf = (person: Person) => ({
  annualrevenue: String(person.revenue),
  email: person.email,
  firstname: person.firstName,
  jobtitle: person.nickname,
})

/** How the record of a row that leaves stands; row 1 has the first, and so on. */
const situations = [
  'created here',
  'adopted',
  'held by another sync',
  'already archived',
  'merged',
] as const
type Situation = (typeof situations)[number]

interface Expected {
  readonly operation: 'leave' | 'clear' | 'archive'
  readonly outcome: 'left' | 'succeeded' | 'skipped'
  readonly error: string | null
  /** What became of the record that the row had. */
  readonly record: 'as it was' | 'cleared' | 'archived' | 'merged'
}

const leave = (error: string | null, record: Expected['record']): Expected => ({
  operation: 'leave',
  outcome: 'left',
  error,
  record,
})
const cleared: Expected = {
  operation: 'clear',
  outcome: 'succeeded',
  error: null,
  record: 'cleared',
}
const archived: Expected = { ...cleared, operation: 'archive', record: 'archived' }

/** What each `on_delete` does in each situation, and the write calls of all five rows together. */
const table: Readonly<
  Record<
    'nothing' | 'clear' | 'delete' | 'delete_adopted',
    Readonly<Record<Situation, Expected>> & {
      readonly calls: readonly (readonly [path: string, size: number])[]
      readonly planned: number
    }
  >
> = {
  nothing: {
    calls: [],
    planned: 0,
    'created here': leave(null, 'as it was'),
    adopted: leave(null, 'as it was'),
    'held by another sync': leave(null, 'as it was'),
    'already archived': leave(null, 'archived'),
    merged: leave(null, 'merged'),
  },
  clear: {
    // The merged one is passed over in silence, which is answered by asking once more.
    calls: [
      ['update', 5],
      ['update', 1],
    ],
    planned: 1,
    'created here': cleared,
    adopted: cleared,
    'held by another sync': cleared,
    'already archived': {
      ...cleared,
      outcome: 'skipped',
      error: 'RECORD_GONE',
      record: 'archived',
    },
    merged: { ...cleared, outcome: 'skipped', error: 'RECORD_MERGED', record: 'merged' },
  },
  delete: {
    calls: [['archive', 2]],
    planned: 1,
    'created here': archived,
    adopted: leave('NOT_CREATED_HERE', 'as it was'),
    'held by another sync': leave('HELD_BY_SYNC', 'as it was'),
    'already archived': archived,
    merged: { ...archived, outcome: 'skipped', error: 'RECORD_MERGED', record: 'merged' },
  },
  delete_adopted: {
    calls: [['archive', 3]],
    planned: 1,
    'created here': archived,
    adopted: archived,
    'held by another sync': leave('HELD_BY_SYNC', 'as it was'),
    'already archived': archived,
    merged: { ...archived, outcome: 'skipped', error: 'RECORD_MERGED', record: 'merged' },
  },
}

const keysOf = {
  nothing: { on_delete: 'nothing' },
  clear: { on_delete: 'clear' },
  delete: { on_delete: 'delete' },
  delete_adopted: { on_delete: 'delete', delete_adopted: true },
} as const

const cases = engines.flatMap((engine) =>
  (Object.keys(table) as (keyof typeof table)[]).map((onDelete) => ({ engine, onDelete })),
)

describe.each(cases)('on_delete: $onDelete on $engine', ({ engine, onDelete }) => {
  test.skipIf(engine === 'postgres' && missing !== undefined)(
    'does to each record what its situation allows, and gives it back when the row returns',
    async () => {
      const { sandbox, project } = await start(engine, keysOf[onDelete], [vips()])
      const [created, adopted, held, gone, merged] = people as [
        Person,
        Person,
        Person,
        Person,
        Person,
      ]
      const leavers = people.slice(0, 5)
      sandbox.seedRecords('contacts', [{ email: adopted.email, city: 'Rome' }])
      await setPeople(project, people)
      await setVips(project, held.email)
      expectExit(await project.run(['run']), 0)
      const ids = new Map(leavers.map((person) => [person.id, recordOf(sandbox, person).id]))
      sandbox.archiveRecord('contacts', ids.get(gone.id) ?? '')
      const [survivor = ''] = sandbox.seedRecords('contacts', [
        { email: 'other@shop.example', firstname: 'Other' },
      ])
      sandbox.mergeRecords('contacts', survivor, ids.get(merged.id) ?? '')
      await setPeople(project, people.slice(5))

      const { calls, planned, ...bySituation } = table[onDelete]
      const printed = await project.run(['plan', '--output', 'json'])
      expectExit(printed, 0)
      const documents = printed.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter(({ sync }) => sync === 'contacts')
      expect(documents[0]).toMatchObject({ kind: 'plan', calls: { writes: planned } })

      const written = sandbox.written().length
      expectExit(await project.run(['run']), 0)
      expect(
        sandbox
          .written()
          .slice(written)
          .map(({ path, body }) => [
            path.split('/').at(-1),
            (body as { inputs: unknown[] }).inputs.length,
          ]),
      ).toEqual(calls)
      expect(await lastRun(project)).toMatchObject({ status: 'succeeded' })
      await expectBooksClosed(project)

      for (const [index, situation] of situations.entries()) {
        const expected = bySituation[situation]
        const person = leavers[index] ?? created
        const recordId = ids.get(person.id) ?? ''
        expect(
          documents.find(({ rowId }) => rowId === String(person.id)),
          situation,
        ).toMatchObject({
          operation: expected.operation,
          recordId,
        })
        const sent = sentOf(person)
        const { email: _, ...emptied } = sent
        expect(await audited(project, person.id), situation).toMatchObject({
          operation: expected.operation,
          outcome: expected.outcome,
          record_id: recordId,
          error_category: expected.error,
          ...(expected.operation === 'archive'
            ? { old_values: sent, new_values: null, changed_properties: null }
            : {}),
          ...(expected.operation === 'clear'
            ? {
                changed_properties: Object.keys(emptied),
                old_values: emptied,
                new_values: Object.fromEntries(Object.keys(emptied).map((name) => [name, ''])),
              }
            : {}),
        })
        expect(await stateOf(project, person.id), situation).toMatchObject({ status: 'left' })
        const record = sandbox.record('contacts', recordId)
        if (expected.record === 'cleared') {
          expect(record, situation).toMatchObject({
            archived: false,
            properties: { email: person.email },
          })
          for (const name of Object.keys(emptied)) expect(record?.properties[name]).toBeUndefined()
        } else if (expected.record !== 'merged') {
          expect(record?.archived, situation).toBe(expected.record === 'archived')
        }
      }
      expect(sandbox.record('contacts', survivor)).toMatchObject({
        archived: false,
        properties: { firstname: 'Other', email: 'other@shop.example' },
      })
      // What others gave the records is there.
      if (onDelete !== 'delete_adopted')
        expect(recordOf(sandbox, adopted).properties['city']).toBe('Rome')
      expect(recordOf(sandbox, held).properties['city']).toBe('Paris')
      await expectNothingToDo(project, sandbox)

      // And back again, but for the merged one, which would go to the survivor.
      await setPeople(
        project,
        people.filter(({ id }) => id !== merged.id),
      )
      expectExit(await project.run(['run']), 0)
      const back =
        onDelete === 'nothing' ? [created, adopted, held] : [created, adopted, held, gone]
      for (const person of back) {
        expect(contactsByEmail(sandbox).get(person.email)).toMatchObject(asProperties(person))
        expect(await stateOf(project, person.id)).toMatchObject({ status: 'succeeded' })
      }
      await expectNothingToDo(project, sandbox)
    },
  )
})

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(engine === 'postgres' && missing !== undefined)

  here('clear never touches match, required, kept or create-only properties', async () => {
    const { sandbox, project } = await start(engine, {
      on_delete: 'clear',
      properties: {
        firstname: 'first_name',
        jobtitle: { column: 'nickname', nulls: 'keep' },
        annualrevenue: { column: 'revenue', nulls: 'clear_always' },
        city: { value: 'Paris' },
      },
    })
    await setPeople(project, people)
    expectExit(await project.run(['run']), 0)
    await setPeople(project, stayers)
    const plan = await project.run(['plan'])
    expect(plan.stdout).toMatch(/firstname: +"First1" → \(cleared\)/)
    expect(plan.stdout).toContain('1 clear')
    expectExit(await project.run(['run']), 0)
    const { properties } = recordOf(sandbox, leaver)
    expect(properties).toMatchObject({ email: leaver.email, jobtitle: 'Nick1' })
    for (const name of ['firstname', 'annualrevenue', 'city'])
      expect(properties[name]).toBeUndefined()
    await setPeople(project, people)
    expectExit(await project.run(['run']), 0)
    expect(await audited(project, 1)).toMatchObject({
      operation: 'update',
      changed_properties: ['annualrevenue', 'city', 'firstname'],
    })
    expect(recordOf(sandbox, leaver).properties).toMatchObject({
      firstname: 'First1',
      city: 'Paris',
    })
  })

  here(
    'a plan tells of archives with record ids, for how long they can be restored, and the calls',
    async () => {
      const { sandbox, project } = await start(engine, {
        on_delete: 'delete',
        guards: { max_deletes: '90%' },
      })
      const many = somePeople(1, 250)
      await setPeople(project, many)
      expectExit(await project.run(['run']), 0)
      const { id } = recordOf(sandbox, many[0] as Person)
      await setPeople(project, many.slice(150))
      const text = (await project.run(['plan'])).stdout
      expect(text).toContain('150 archive')
      expect(text).toContain('150 records would be archived: HubSpot can restore them for 90 days')
      expect(text).toContain(`- 1 (record ${id})`)
      expect(text).toContain('2 write calls')
      const before = sandbox.writeCalls()
      const run = await project.run(['run', '--output', 'json'])
      expectExit(run, 0)
      const [result] = JSON.parse(run.stdout).results
      expect(result).toMatchObject({
        counts: { archived: 150, left: 0 },
        calls: { planned: 2, made: 2 },
      })
      expect(sandbox.writeCalls() - before).toBe(2)
      expect(await lastRun(project)).toMatchObject({
        rows_left: 150,
        planned_removals: 150,
        calls_made: 2,
      })
      expectExactly(sandbox, many.slice(150))
    },
  )

  here(
    'an archived row that comes back is made again in full, and is this sync’s own',
    async () => {
      const { sandbox, project } = await start(engine, { on_delete: 'delete' })
      await setPeople(project, people)
      expectExit(await project.run(['run']), 0)
      const before = recordOf(sandbox, leaver).id
      await setPeople(project, stayers)
      expectExit(await project.run(['run']), 0)
      expect(await stateOf(project, 1)).toMatchObject({ record_id: null, sent_values: null })
      await setPeople(project, people)
      expectExit(await project.run(['run']), 0)
      expect(recordOf(sandbox, leaver).id).not.toBe(before)
      expectExactly(sandbox, people)
      expect(await stateOf(project, 1)).toMatchObject({ created_here: true, status: 'succeeded' })
      await setPeople(project, stayers)
      expectExit(await project.run(['run']), 0)
      expectExactly(sandbox, stayers)
    },
  )

  here(
    'rows that are rejected, doubled or left out by --limit, --row or --full-refresh are not gone',
    async () => {
      const { sandbox, project } = await start(engine, {
        on_delete: 'delete',
        properties: { firstname: 'first_name', lifecyclestage: 'nickname' },
      })
      const staged = people.map((person) => ({ ...person, nickname: 'lead' }))
      await setPeople(project, staged)
      expectExit(await project.run(['run']), 0)
      const [first, second, ...others] = staged as [Person, Person, ...Person[]]
      await setPeople(project, [
        { ...first, nickname: 'nonsense' },
        second,
        { ...second, firstName: 'Twin' },
        ...others,
      ])
      expectExit(await project.run(['run']), 1)
      expect(await lastRun(project)).toMatchObject({
        rows_rejected: 3,
        rows_left: 0,
        planned_removals: 0,
      })
      await setPeople(project, others.slice(1))
      for (const flags of [['--limit', '1'], ['--row', '5'], ['--full-refresh']]) {
        expectExit(await project.run(['run', ...flags]), 0)
        expect(await lastRun(project)).toMatchObject({ rows_left: 0 })
      }
      expect(sandbox.countRecords('contacts')).toBe(12)
      expectExit(await project.run(['run']), 0)
      expect(sandbox.countRecords('contacts')).toBe(9)
    },
  )

  here('a key that changes keeps its record', async () => {
    for (const on_delete of ['clear', 'delete']) {
      const { sandbox, project } = await start(engine, { on_delete })
      await setPeople(project, people)
      expectExit(await project.run(['run']), 0)
      const { id } = recordOf(sandbox, leaver)
      const moved = [{ ...leaver, id: 101 }, ...stayers]
      await setPeople(project, moved)
      expect((await project.run(['plan'])).stdout).toContain(
        'another row of the model goes by its match value now',
      )
      expectExit(await project.run(['run']), 0)
      expect(recordOf(sandbox, leaver).id).toBe(id)
      expectExactly(sandbox, moved)
      expect(await audited(project, 1)).toMatchObject({
        operation: 'leave',
        error_category: 'MATCH_VALUE_MOVED',
      })
      await expectNothingToDo(project, sandbox)
      // Whoever has it now, this sync made it.
      expect(await stateOf(project, 101)).toMatchObject({ record_id: id, created_here: true })
    }
  })

  here(
    'a row that moves to another sync takes its record there, in whatever order the syncs run',
    async () => {
      for (const on_delete of ['clear', 'delete']) {
        const shared = vips({ shared: true, properties: { firstname: 'city' } })
        const { sandbox, project } = await start(engine, { on_delete }, [shared])
        await setPeople(project, people)
        await setVips(project, 'somebody@shop.example')
        expectExit(await project.run(['run']), 0)
        const { id } = recordOf(sandbox, leaver)
        await setPeople(project, stayers)
        await setVips(project, 'somebody@shop.example', leaver.email)
        const planned = (await project.run(['plan', '--output', 'json'])).stdout
        const run = await project.run(['run', '--output', 'json'])
        expectExit(run, 0)
        const plans = planned
          .split('\n')
          .filter((line) => line.includes('"kind":"plan"'))
          .map((line) => JSON.parse(line))
        for (const result of JSON.parse(run.stdout).results) {
          expect(result.calls.made, result.sync).toBe(result.calls.planned)
          expect(result.calls.planned).toBe(
            plans.find(({ sync }) => sync === result.sync).calls.writes,
          )
        }
        const record = recordOf(sandbox, leaver)
        expect(record.id).toBe(id)
        expect(record.properties['firstname']).toBe('Paris')
        // What the other sync does not send is cleared.
        expect(record.properties['jobtitle']).toBe(on_delete === 'clear' ? undefined : 'Nick1')
        expect(await audited(project, 1)).toMatchObject(
          on_delete === 'clear'
            ? { operation: 'clear', changed_properties: ['annualrevenue', 'jobtitle'] }
            : { operation: 'leave', error_category: 'HELD_BY_SYNC' },
        )
        await expectNothingToDo(project, sandbox)
      }
    },
  )

  here('a record that two syncs let go at once is archived by the one that made it', async () => {
    const { sandbox, project } = await start(engine, { on_delete: 'delete' }, [
      vips({ on_delete: 'delete' }),
    ])
    await setPeople(project, people)
    await setVips(project, leaver.email, 'p2@shop.example')
    expectExit(await project.run(['run']), 0)
    await setPeople(project, stayers)
    await setVips(project, 'p2@shop.example')
    await project.sql('update vips set id = 2')
    expectExit(await project.run(['run']), 0)
    expectExactly(sandbox, stayers)
    expect(await audited(project, 1)).toMatchObject({ operation: 'archive', outcome: 'succeeded' })
  })

  here('a record that another row found by a secondary e-mail in this very run stays', async () => {
    const { sandbox, project } = await start(engine, { on_delete: 'delete' })
    await setPeople(project, people)
    expectExit(await project.run(['run']), 0)
    const { id } = recordOf(sandbox, leaver)
    sandbox.changeRecord('contacts', id, { hs_additional_emails: 'second@shop.example' })
    await setPeople(project, [...stayers, { ...leaver, id: 101, email: 'second@shop.example' }])
    expectExit(await project.run(['run']), 0)
    expect(sandbox.record('contacts', id)?.archived).toBe(false)
    expect(await stateOf(project, 101)).toMatchObject({ record_id: id, status: 'succeeded' })
    expect(await stateOf(project, 1)).toMatchObject({ record_id: null, status: 'left' })
  })

  here('a filter that flaps clears and sends again', async () => {
    const { sandbox, project } = await start(engine, { on_delete: 'clear', where: 'revenue <> 1' })
    const flap = async (revenue: number) => {
      await setPeople(project, [{ ...leaver, revenue }, ...stayers])
      expectExit(await project.run(['run']), 0)
      return sandbox.findRecord('contacts', 'email', leaver.email)?.properties['firstname']
    }
    expect(await flap(5)).toBe('First1')
    expect(await flap(1)).toBeUndefined()
    expect(await flap(5)).toBe('First1')
    expect(await flap(1)).toBeUndefined()
    await expectNothingToDo(project, sandbox)
  })
})

/** Ways to trip each guard, by a model that lost 90 % of its rows and by an empty one. */
const guarded: readonly (readonly [
  name: string,
  guards: Keys,
  left: number,
  tripped: readonly string[],
])[] = [
  ['by default, 90 % lost', {}, 3, ['max_deletes']],
  ['max_deletes as a number', { max_deletes: 26 }, 3, ['max_deletes']],
  ['max_deletes in percent', { max_deletes: '50%' }, 3, ['max_deletes']],
  ['max_changes as a number', { max_deletes: '100%', max_changes: 26 }, 3, ['max_changes']],
  ['max_changes in percent', { max_deletes: '100%', max_changes: '80%' }, 3, ['max_changes']],
  ['min_rows', { max_deletes: '100%', min_rows: 10 }, 3, ['min_rows']],
  ['by default, all lost', {}, 0, ['empty_model', 'max_deletes']],
  ['empty_model alone', { max_deletes: '100%' }, 0, ['empty_model']],
  [
    'every guard',
    { max_changes: 1, min_rows: 1 },
    0,
    ['empty_model', 'min_rows', 'max_deletes', 'max_changes'],
  ],
]

describe.each(['clear', 'delete'] as const)('guards of on_delete: %s', (on_delete) => {
  const engine: Engine = on_delete === 'delete' ? 'duckdb' : 'postgres'
  test.skipIf(engine === 'postgres' && missing !== undefined)(
    'a model that lost 90 % of its rows, or all, changes nothing until it is forced by name',
    async () => {
      const { sandbox, project } = await start(engine, { on_delete })
      const all = somePeople(1, 30)
      await setPeople(project, all)
      expectExit(await project.run(['run']), 0)
      const before = sandbox.writeCalls()
      for (const [name, guards, left, tripped] of guarded) {
        project.setSyncs([peopleSync('upsert', { on_delete, guards })])
        await setPeople(project, all.slice(30 - left))
        const result = await project.run(['run'])
        expectExit(result, 1)
        for (const guard of tripped) expect(result.stderr, name).toContain(`--force-guard ${guard}`)
        expect(result.stderr.match(/--force-guard \w+/g), name).toHaveLength(tripped.length)
        expect(await lastRun(project), name).toMatchObject({ status: 'guarded' })
        expect(sandbox.writeCalls(), name).toBe(before)
        expectExactly(sandbox, all)
      }
      const force = ['empty_model', 'min_rows', 'max_deletes', 'max_changes'].flatMap((guard) => [
        '--force-guard',
        guard,
      ])
      expectExit(await project.run(['run', ...force.slice(0, 6)]), 1)
      expect(sandbox.writeCalls()).toBe(before)
      expectExit(await project.run(['run', ...force]), 0)
      expect(sandbox.writeCalls()).toBe(before + 1)
      expect(sandbox.countRecords('contacts')).toBe(on_delete === 'delete' ? 0 : 30)
    },
  )
})

test('guards of on_delete: nothing: what trips is an empty model, and what the sync says itself', async () => {
  const { sandbox, project } = await start('duckdb', {})
  const all = somePeople(1, 30)
  await setPeople(project, all)
  expectExit(await project.run(['run']), 0)
  const before = sandbox.writeCalls()
  const [{ total: told } = {}] = await project.rows('select count(*) as total from changes')
  const changed = all.slice(0, 3).map((person): Person => ({ ...person, firstName: 'Changed' }))
  const cases: readonly (readonly [guards: Keys, people: readonly Person[], guard: string])[] = [
    [{}, [], 'empty_model'],
    [{ min_rows: 10 }, changed, 'min_rows'],
    [{ max_changes: 2 }, changed, 'max_changes'],
    [{ max_changes: '9%' }, changed, 'max_changes'],
  ]
  for (const [guards, people, guard] of cases) {
    project.setSyncs([peopleSync('upsert', { guards })])
    await setPeople(project, people)
    const result = await project.run(['run'])
    expectExit(result, 1)
    expect(result.stderr.match(/--force-guard \w+/g)).toEqual([`--force-guard ${guard}`])
    expect(await lastRun(project)).toMatchObject({ status: 'guarded' })
    expectExactly(sandbox, all)
  }
  expect(sandbox.writeCalls()).toBe(before)
  expect(await project.rows('select count(*) as total from changes')).toEqual([{ total: told }])
  project.setSyncs([peopleSync('upsert', {})])
  expectExit(await project.run(['run']), 0)
  expectExactly(sandbox, [...changed, ...all.slice(3)])
})

const removalFaults = [
  ['the connection breaks after the write', { kind: 'reset_after' }, 0],
  ['502 after the write', { kind: 'status_after_commit', status: 502 }, 0],
  ['500 for good, after the write', { kind: 'status_after_commit', status: 500, always: true }, 1],
  ['500 for good', { kind: 'status', status: 500, always: true }, 1],
  ['one 429', { kind: 'status', status: 429 }, 0],
] as const

describe.each(['clear', 'delete'] as const)('lost answers to on_delete: %s', (on_delete) => {
  test('cost a repeat at most, and nothing is lost when the rows come back', async () => {
    const path = on_delete === 'clear' ? '/batch/update$' : '/batch/archive$'
    const { sandbox, project } = await start('duckdb', {
      on_delete,
      guards: { max_deletes: '100%' },
    })
    for (const [name, { kind, ...fault }, exitCode] of removalFaults) {
      await setPeople(project, people)
      expectExit(await project.run(['run']), 0)
      expectExactly(sandbox, people)
      const isAlways = 'always' in fault
      sandbox.addFault({
        kind,
        ...('status' in fault ? { status: fault.status } : {}),
        match: { path, ...(isAlways ? {} : { times: 1 }) },
      })
      await setPeople(project, stayers)
      const result = await project.run(['run'])
      expect(result.exitCode, `${name}\n${result.stderr}`).toBe(exitCode)
      sandbox.clearFaults()
      if (exitCode === 1) {
        expect(await stateOf(project, 1), name).toMatchObject({ status: 'pending' })
        // Unchanged values, so that only the doubt makes it be sent again.
        await setPeople(project, people)
        expectExit(await project.run(['run']), 0)
        expectExactly(sandbox, people)
        await setPeople(project, stayers)
        expectExit(await project.run(['run']), 0)
      }
      expect(await stateOf(project, 1), name).toMatchObject({ status: 'left' })
      expect(contactsByEmail(sandbox).get(leaver.email)?.firstname ?? '', name).toBe('')
      await expectBooksClosed(project)
      await expectNothingToDo(project, sandbox)
    }
  }, 300_000)

  test('a refusal is halved to the culprit, which is parked in the end', async () => {
    const { sandbox, project } = await start('duckdb', {
      on_delete,
      guards: { max_deletes: '100%' },
    })
    await setPeople(project, people)
    expectExit(await project.run(['run']), 0)
    await setPeople(project, people.slice(4))
    const path = on_delete === 'clear' ? '/batch/update$' : '/batch/archive$'
    const refusal = {
      kind: 'status',
      status: 400,
      body: { status: 'error', category: 'VALIDATION_ERROR', message: 'No' },
    } as const
    // Four, then two of them, then one are refused; the others come through.
    sandbox.addFault({ ...refusal, match: { path, times: 3 } })
    expectExit(await project.run(['run']), 1)
    expect(await lastRun(project)).toMatchObject({ rows_rejected: 1, rows_left: 3 })
    for (const _ of [2, 3]) {
      sandbox.addFault({ ...refusal, match: { path, times: 1 } })
      expectExit(await project.run(['run']), 1)
    }
    expect(await stateOf(project, 1)).toMatchObject({ status: 'parked', attempts: 3 })
    await expectNothingToDo(project, sandbox)
    await setPeople(project, people)
    expectExit(await project.run(['run']), 0)
    expectExactly(sandbox, people)
  })
})

test('archives of records that HubSpot answers 404 for count as done', async () => {
  const { sandbox, project } = await start('duckdb', { on_delete: 'delete' })
  await setPeople(project, people)
  expectExit(await project.run(['run']), 0)
  await setPeople(project, people.slice(2))
  const body = { status: 'error', category: 'OBJECT_NOT_FOUND', message: 'Object not found' }
  sandbox.addFault({
    kind: 'status',
    status: 404,
    body,
    match: { path: '/batch/archive$', times: 2 },
  })
  expectExit(await project.run(['run']), 0)
  expect(await lastRun(project)).toMatchObject({ rows_left: 2, rows_rejected: 0 })
})

const removalPoints: readonly CrashPoint[] = [
  'removals-held',
  'window-opened',
  'answer-received',
  'result-spooled',
  'window-sent',
  'results-stored',
  'window-closed',
  'before-merge',
  'run-merged',
]

describe.each(engines)('kills around removals on %s', (engine) => {
  test.skipIf(engine === 'postgres' && missing !== undefined).each(['clear', 'delete'] as const)(
    'a run that only removes (%s) is completed by the next, with the rows gone or back',
    async (on_delete) => {
      const { sandbox, project } = await start(engine, {
        on_delete,
        guards: { max_deletes: '100%' },
      })
      let isBack = engine === 'duckdb'
      for (const point of removalPoints) {
        await setPeople(project, people)
        expectExit(await project.run(['run']), 0)
        expectExactly(sandbox, people)
        await setPeople(project, people.slice(3))
        const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: point })
        expect(killed.signal, `${point}\n${killed.stderr}`).toBe('SIGKILL')
        if (point.length % 2 === 0) deleteSpool(project)
        isBack = !isBack
        if (isBack) await setPeople(project, people)
        expectExit(await project.run(['run']), 0)
        if (isBack) expectExactly(sandbox, people)
        else if (on_delete === 'delete') expectExactly(sandbox, people.slice(3))
        else expect(contactsByEmail(sandbox).get(leaver.email)?.firstname, point).toBe('')
        await expectBooksClosed(project)
        await expectNothingToDo(project, sandbox)
      }
    },
    400_000,
  )
})
