import { describe, expect, test } from 'vitest'
import type { CrashPoint } from '../../src/run/context.ts'
import type { SandboxOptions } from '../../src/sandbox/options.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import type { CliResult } from '../support/cli.ts'
import {
  type Cell,
  type ModelTable,
  tableStatements,
  type WordType,
} from '../support/engine-words.ts'
import type { JudgedRequest } from '../support/openapi.ts'
import { createProject, type TestProject } from '../support/project.ts'
import type { SyncSpec } from '../support/project-files.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { sentSince } from '../support/sent-properties.ts'
import { type TestEngine, testEngines } from '../support/warehouses.ts'
import {
  expectedPlan,
  expectedTyped,
  templatedTable,
  templatedTexts,
  typedProperties,
  typedTable,
} from './typed-model.ts'

/** Statements of a run that do not grow with its rows: schema, identity, lease, plan, merge, audit. */
const fixedStatements = 70
/** Those of a run that finds nothing changed: what there is nothing of is not read, moved or deleted. */
const unchangedStatements = 48
/** Reading a window, its intent, its results, its end, and the next reading that finds nothing. */
const statementsPerCheckpoint = 6

interface Person {
  readonly id: number
  readonly email: string
  readonly firstName: string | null
  readonly revenue: number | null
}

const somePeople = (count: number, from = 1): readonly Person[] =>
  Array.from({ length: count }, (_, index) => ({
    id: from + index,
    email: `p${from + index}@shop.example`,
    firstName: `First ${from + index}`,
    revenue: from + index,
  }))

const peopleTable = (people: readonly Person[]): ModelTable => ({
  name: 'people',
  columns: { id: 'integer', email: 'text', first_name: 'text', revenue: 'integer' },
  rows: people.map(({ id, email, firstName, revenue }) => [id, email, firstName, revenue]),
})

const contacts = (keys: Readonly<Record<string, unknown>> = {}) => ({
  model: 'people',
  hubspot: {
    sync: 'contacts',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: { firstname: 'first_name', annualrevenue: 'revenue' },
    ...keys,
  },
})

/** By sync, event and row alone: the same on every engine. */
const uuidsOfEvents = [
  '77b6c1ab-486d-8a14-aa47-1f950d597b92',
  '72f9b941-81bf-86ac-a2c7-3243526650b0',
  'aa67b447-3712-8864-a76d-1068b2edd60a',
]

/** So that a killed run keeps nobody waiting: its lease ends when its last request must have. */
const impatient = { hubspot: { request_timeout_seconds: 1 } }

/** One point in each part of a run; all of them, three kills in a row, are in `test/fault`. */
const killedAt: readonly CrashPoint[] = [
  'run-entered',
  'plan-written',
  'window-opened',
  'before-merge',
  'result-spooled',
  'results-stored',
  'run-merged',
]

/** The suite on one engine: a file for each, so that they run at the same time. */
export function wholeRunsOn(name: TestEngine['name']): void {
  const engines = testEngines().filter((engine) => engine.name === name)
  describe.each(engines)('whole runs on $name', wholeRunsSuite)
}

/** What every engine does in the same way, from the command line to the audit tables. */
function wholeRunsSuite(engine: TestEngine): void {
  const here = test.skipIf(engine.missing !== undefined)
  const quote = (identifier: string) => engine.dialect.quote(identifier)
  const build = (project: TestProject, table: ModelTable) =>
    project.sql(...tableStatements(engine.name, table, quote))

  const start = async (
    people: readonly Person[],
    syncs: readonly SyncSpec[] = [contacts()],
    settings: Readonly<Record<string, unknown>> = impatient,
    options: SandboxOptions = {},
  ) => {
    const sandbox = await strictSandbox({ tier: 'unlimited', ...options })
    const project = await createProject({
      engine: engine.name,
      sandbox,
      syncs,
      settings,
      tables: tableStatements(engine.name, peopleTable(people), quote),
    })
    return { sandbox, project }
  }

  here('links of rows to rows of another sync: set, relabelled, taken off, waiting', async () => {
    const firms = {
      model: 'firms',
      hubspot: {
        sync: 'companies',
        object: 'companies',
        mode: 'insert',
        primary_key: 'id',
        properties: { name: 'name' },
      },
    }
    const linking = contacts({
      associations: [
        {
          to: 'companies',
          sync: 'companies',
          key: 'firms',
          label: 'role',
          split: ',',
          on_removed: 'remove',
        },
      ],
    })
    const { sandbox, project } = await start([], [linking, firms])
    for (const label of ['Buyer', 'Boss']) sandbox.defineLabel('contacts', 'companies', { label })
    const people = (rows: readonly (readonly [number, string | null, string | null])[]) =>
      build(project, {
        name: 'people',
        columns: {
          id: 'integer',
          email: 'text',
          first_name: 'text',
          revenue: 'integer',
          firms: 'text',
          role: 'text',
        },
        rows: rows.map(([id, firm, role]) => [id, `p${id}@shop.example`, 'A', 1, firm, role]),
      })
    await build(project, {
      name: 'firms',
      columns: { id: 'integer', name: 'text' },
      rows: [1, 2, 3].map((id) => [id, `Firm ${id}`]),
    })
    const linked = () => {
      const names = new Map(
        sandbox.records('companies').map(({ id, properties }) => [id, properties['name']]),
      )
      return sandbox
        .records('contacts')
        .flatMap(({ id, properties }) =>
          sandbox
            .links('contacts', id, 'companies')
            .map(({ toId, labels }) =>
              `${properties['email']?.slice(0, 2)} ${names.get(toId)} ${labels.filter((label) => label !== null).join()}`.trim(),
            ),
        )
        .sort()
    }
    await people([
      [1, '1,2', 'Buyer'],
      [2, '3', null],
      [3, '9', 'Boss'],
    ])
    await run(project)
    expect(linked()).toEqual(['p1 Firm 1 Buyer', 'p1 Firm 2 Buyer', 'p2 Firm 3'])
    expect(
      await project.rows(
        "select row_id, target_key, status, error_category from links__contacts where status <> 'succeeded'",
      ),
    ).toEqual([
      { row_id: '3', target_key: '9', status: 'pending', error_category: 'NO_TARGET_YET' },
    ])
    const before = sandbox.writeCalls()
    await run(project)
    expect(sandbox.writeCalls(), 'nothing changed').toBe(before)
    await people([
      [1, '2,3', 'Boss'],
      [2, null, null],
      [3, '1', 'Boss'],
    ])
    await run(project)
    expect(linked()).toEqual(['p1 Firm 2 Boss', 'p1 Firm 3 Boss', 'p3 Firm 1 Boss'])
    const [last] = await project.rows(
      "select links_added, links_removed, links_waiting, calls_planned, calls_made from runs where sync_name = 'contacts' order by run_id desc",
    )
    expect(last).toMatchObject({ links_added: 3, links_removed: 2, links_waiting: 0 })
    const forgotten = await project.run(['forget', 'companies', '3', '--json'])
    expect(forgotten.exitCode, forgotten.stderr).toBe(0)
    expect(JSON.parse(forgotten.stdout).syncs).toMatchObject([
      { sync: 'companies', rows: ['3'] },
      { sync: 'contacts', rows: [], linksOfOthers: 2 },
    ])
    for (const table of ['links__contacts', 'changes'])
      expect(await project.rows(`select * from ${table} where target_key = '3'`)).toEqual([])
  })

  here('a first run sends every row, a second none, a third what changed', async () => {
    const people = somePeople(250)
    const { sandbox, project } = await start(people)
    expect(await callsPlanned(project)).toBe(3)
    expect(sandbox.writeCalls(), 'a plan writes nothing').toBe(0)
    await run(project)
    expect(sandbox.writeCalls()).toBe(3)
    expectExactly(sandbox, people)

    await run(project)
    expect(sandbox.writeCalls(), 'nothing changed').toBe(3)

    const changed = [...people.slice(1).map((person) => changedOf(person)), ...somePeople(1, 1001)]
    await build(project, peopleTable(changed))
    expect(await callsPlanned(project)).toBe(2)
    await run(project)
    expect(sandbox.writeCalls()).toBe(5)
    expectExactly(sandbox, [...changed, ...people.slice(0, 1)])
    expect(
      await project.rows(
        'select status, rows_in_model, rows_created, rows_updated, rows_unchanged, rows_left, calls_planned, calls_made from runs order by run_id',
      ),
    ).toEqual([
      audited({ rows_in_model: 250, rows_created: 250, calls_planned: 3, calls_made: 3 }),
      audited({ rows_in_model: 250, rows_unchanged: 250 }),
      audited({
        rows_in_model: 250,
        rows_created: 1,
        rows_updated: 24,
        rows_unchanged: 225,
        rows_left: 1,
        calls_planned: 2,
        calls_made: 2,
      }),
    ])
    await expectBooksClosed(project)
  })

  here('events go once, as the same ones whatever was cut short', async () => {
    const moment = '2026-01-02 03:04:05'
    const jobs: ModelTable = {
      name: 'jobs',
      columns: {
        id: 'integer',
        event: 'text',
        person: 'integer',
        done_at: 'timestamp',
        quantity: 'integer',
      },
      rows: [
        [1, 'job_done', 1, moment, 7],
        [2, 'pe4242424_job_done', 1, null, null],
        [3, 'job_done', 3, moment, 9],
        [4, 'job_dome', 2, moment, 1],
        [5, null, 2, moment, 1],
        [6, 'job_seen', 2, moment, 6],
        [7, 'job_seen', 2, moment, null],
        [8, 'job_done', null, moment, 1],
      ],
    }
    const sync = {
      model: 'jobs',
      hubspot: {
        sync: 'jobs',
        type: 'event',
        event: { column: 'event' },
        primary_key: 'id',
        contact: { sync: 'contacts', key: 'person' },
        occurred_at: 'done_at',
        properties: { quantity: 'quantity' },
      },
    }
    const { sandbox, project } = await start(somePeople(2), [contacts(), sync])
    const quantity = { name: 'quantity', label: 'Quantity', type: 'number' }
    sandbox.defineEvents([
      { name: 'job_done', propertyDefinitions: [quantity] },
      { name: 'job_seen' },
    ])
    await build(project, jobs)
    await run(project, 0, '--select', 'contacts')
    const killed = await project.run(['run', '--select', 'jobs'], {
      BACKHAUL_CRASH_AT: 'answer-received',
    })
    expect(killed.signal, killed.stderr).toBe('SIGKILL')
    const sent = [...sandbox.events()]
    await run(project, 1, '--select', 'jobs')
    expect(sandbox.events()).toEqual(sent)
    const [first, second] = sandbox.records('contacts').map(({ id }) => id)
    expect(sent).toMatchObject([
      { objectId: first, occurredAt: '2026-01-02T03:04:05.000Z', properties: { quantity: '7' } },
      { objectId: first, properties: {} },
      { objectId: second, eventName: 'pe4242424_job_seen' },
    ])
    expect(sent.map(({ uuid }) => uuid)).toEqual(uuidsOfEvents)
    const changes = await project.rows(
      "select row_id, outcome, error_category from changes where sync_name = 'jobs' and run_id = (select max(run_id) from runs) order by row_id",
    )
    expect(
      changes.map(({ row_id, outcome, error_category }) => [row_id, outcome, error_category]),
    ).toEqual([
      ['1', 'succeeded', null],
      ['2', 'succeeded', null],
      ['3', 'pending', 'NO_CONTACT_YET'],
      ['4', 'rejected', 'INVALID_VALUE'],
      ['5', 'rejected', 'MISSING_EVENT'],
      ['6', 'rejected', 'INVALID_VALUE'],
      ['7', 'succeeded', null],
      ['8', 'rejected', 'MISSING_CONTACT'],
    ])
    await build(project, peopleTable(somePeople(3)))
    await build(project, { ...jobs, rows: jobs.rows.slice(0, 3) })
    await run(project)
    expect(sandbox.events()).toHaveLength(4)
    expect(sandbox.events().slice(0, 3)).toEqual(sent)
    await expectBooksClosed(project)
    // The person's events are the person, too.
    const forgotten = await project.run(['forget', 'contacts', '1', '--json'])
    expect(forgotten.exitCode, forgotten.stderr).toBe(0)
    expect(JSON.parse(forgotten.stdout).syncs).toMatchObject([
      { sync: 'contacts', rows: ['1'] },
      { sync: 'jobs', rows: ['1', '2'], recordIds: [first] },
    ])
    expect(await project.rows("select row_id from state__jobs where row_id in ('1', '2')")).toEqual(
      [],
    )
  })

  here(
    'members of lists are added, moved and removed, and an exact list is as the model',
    async () => {
      const fans = (rows: ModelTable['rows']): ModelTable => ({
        name: 'fans',
        columns: { id: 'integer', email: 'text', person: 'integer', record: 'text' },
        rows,
      })
      const list = { type: 'list', primary_key: 'id' }
      const vip = { ...list, sync: 'vip', contact: { sync: 'contacts', key: 'person' } }
      const exact = {
        ...list,
        sync: 'exact',
        list: { id: 1 },
        exact: true,
        contact: { email: 'email' },
      }
      const off = {
        ...list,
        sync: 'off',
        list: { id: 2 },
        mode: 'remove',
        contact: { id: 'record' },
      }
      const { sandbox, project } = await start(somePeople(3), [
        contacts(),
        { model: 'fans', hubspot: [vip, exact, off] },
      ])
      await run(project, 0, '--select', 'contacts')
      const [one = '', two = '', other = ''] = sandbox.records('contacts').map(({ id }) => id)
      sandbox.addList('Exact', 'contacts', 'MANUAL', [other])
      sandbox.addList('Off', 'contacts', 'MANUAL', [one, two, other])
      const members = () =>
        Object.fromEntries(sandbox.lists().map((each) => [each.name, each.members]))
      await build(
        project,
        fans([
          [1, 'p1@shop.example', 1, one],
          [2, ' P1@shop.example', 1, two],
          [3, 'p2@shop.example', 2, one],
          [4, null, 9, '404'],
        ]),
      )
      const only = ['--select', 'fans']
      const killed = await project.run(['run', ...only], { BACKHAUL_CRASH_AT: 'answer-received' })
      expect(killed.signal, killed.stderr).toBe('SIGKILL')
      await run(project, 1, ...only)
      expect(members()).toEqual({ fans: [one, two], Exact: [one, two], Off: [other] })
      const rejected = await project.rows(
        "select sync_name, outcome, error_category from changes where row_id = '4' and run_id in (select max(run_id) from runs group by sync_name) order by sync_name",
      )
      expect(rejected.map((row) => Object.values(row))).toEqual([
        ['exact', 'rejected', 'MISSING_MEMBER'],
        ['off', 'rejected', 'NO_RECORD'],
        ['vip', 'pending', 'NO_CONTACT_YET'],
      ])
      // A row that is another record, one that leaves, one that shares its record; and what others did by hand.
      const later = fans([
        [1, 'p1@shop.example', 1, one],
        [3, 'p3@shop.example', 3, one],
      ])
      await build(project, later)
      sandbox.changeMembers('1', [], [one])
      const planned = await project.run(['plan', ...only])
      expect(planned.exitCode, planned.stderr).toBe(0)
      expect(planned.stdout).toContain(
        'the member stays: another row of the model is the same record',
      )
      await run(project, 0, ...only)
      expect(members()).toEqual({ fans: [one, other], Exact: [one, other], Off: [other] })
      const calls = sandbox.writeCalls()
      await run(project, 0, ...only)
      expect(sandbox.writeCalls()).toBe(calls)
      await expectBooksClosed(project)
    },
  )

  here('one model gives one plan and one set of wire values on every engine', async () => {
    const { sandbox, project } = await start([], [contacts()])
    for (const [name, definition] of Object.entries(typedProperties))
      sandbox.createProperty('contacts', { name, ...definition })
    project.setSyncs([
      {
        model: 'typed',
        hubspot: {
          sync: 'typed',
          object: 'contacts',
          primary_key: 'id',
          match: { email: 'email' },
          properties: Object.fromEntries(Object.keys(typedProperties).map((name) => [name, name])),
        },
      },
    ])
    project.setResults()
    await build(project, typedTable)
    const { stdout } = await project.run(['plan', '--all', '--output', 'json'])
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const { runId: _, bytesBilled: __, model: ___, ...plan } = lines[0]
    expect(plan).toEqual(expectedPlan)
    expect(
      lines
        .slice(1)
        .map(({ rowId, operation, new: values, reason, detail }) => [
          rowId,
          operation,
          values,
          reason,
          detail,
        ]),
    ).toEqual(expectedTyped)
    await run(project, 1)
    const sent = sandbox.written().flatMap(inputsOf)
    expect(sent).toEqual(
      expectedTyped.flatMap(([, operation, values]) => (operation === 'upsert' ? [values] : [])),
    )
  })

  here('templates see the same values on every engine, and send only what differs', async () => {
    const inputs = ['words', 'whole', 'exact', 'rough', 'flag', 'day', 'naive', 'instant']
    const templated = (template: string) => ({
      model: 'typed',
      hubspot: {
        ...contacts().hubspot,
        properties: { firstname: 'words', jobtitle: { template } },
      },
    })
    const shown = inputs.map((name) => `\${ row.${name} | json }`).join(' ')
    const { sandbox, project } = await start([], [templated(shown)])
    const sent = sentSince(sandbox)
    await build(project, templatedTable)
    const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: 'templates-uploaded' })
    expect(killed.signal, killed.stderr).toBe('SIGKILL')
    const { stdout } = await project.run(['plan', '--output', 'json'])
    const [, ...changes] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(changes.map((change) => change.new.jobtitle)).toEqual(templatedTexts)
    await run(project)
    expect(sent().map(({ jobtitle }) => jobtitle)).toEqual(templatedTexts)
    await expectBooksClosed(project)
    project.setSyncs([templated(`${shown}<% if row.whole == 42 %>!<% endif %>`)])
    const changed = { jobtitle: `${templatedTexts[0]}!` }
    expect(await planned(project, '1')).toMatchObject({ operation: 'update', new: changed })
    expect(await planned(project, '2')).toMatchObject({ operation: 'refresh' })
    await run(project)
    expect(sent()).toEqual([changed])
  })

  here('rows whose templates give a unique property one text are rejected, both', async () => {
    const people = somePeople(5).map((one) => ({
      ...one,
      firstName: one.id < 3 ? 'A' : `${one.id}`,
    }))
    const sandbox = await strictSandbox({ tier: 'unlimited' })
    sandbox.defineProperties({
      contacts: [
        { name: 'code', label: 'Code', type: 'string', fieldType: 'text', hasUniqueValue: true },
      ],
    })
    const project = await createProject({
      engine: engine.name,
      sandbox,
      syncs: [contacts({ properties: { code: { template: 'x-${ row.first_name }' } } })],
      settings: impatient,
      tables: tableStatements(engine.name, peopleTable(people), quote),
    })
    const rejected = async () => {
      const { exitCode, stderr } = await project.run(['run'])
      expect(exitCode, stderr).toBe(1)
      const rows = await project.rows(
        "select row_id, error_message from changes where outcome = 'rejected' order by run_id desc, row_id limit 2",
      )
      return rows.map((row) => `${row['row_id']} ${row['error_message']}`)
    }
    expect(await rejected()).toEqual([
      '1 code: "x-A" must be unique, and row 2 of the model has it, too',
      '2 code: "x-A" must be unique, and row 1 of the model has it, too',
    ])
    expect(sandbox.countRecords('contacts')).toBe(3)
    // One is mended, and takes the text of a row that did not change.
    const now = people.map((one) => (one.id === 2 ? { ...one, firstName: '3' } : one))
    await build(project, peopleTable(now))
    expect((await rejected())[0]).toBe(
      '2 code: "x-3" must be unique, and row 3 of the model has it, too',
    )
    expect(sandbox.countRecords('contacts'), 'the other one goes').toBe(4)
    // Two rows change places.
    const swapped = people.map((one) =>
      one.id === 3 || one.id === 4
        ? { ...one, firstName: `n${one.id}` }
        : { ...one, firstName: `${one.id + 2}` },
    )
    await build(project, peopleTable(swapped))
    await project.run(['run'])
    const last = await project.run(['run'])
    expect(last.exitCode, last.stderr).toBe(0)
    expect(sandbox.countRecords('contacts')).toBe(5)
  })

  here('what a record cannot be made without may be a column, or else a template', async () => {
    const domain = '<% if row.whole < 0 %>shop.example<% endif %>'
    const { sandbox, project } = await start(
      [],
      [
        {
          model: 'typed',
          hubspot: {
            sync: 'firms',
            object: 'companies',
            mode: 'insert',
            primary_key: 'id',
            properties: { name: 'words', domain: { template: domain } },
          },
        },
      ],
    )
    const sent = sentSince(sandbox)
    await build(project, templatedTable)
    await run(project, 1)
    expect(sent()).toEqual([
      { name: expect.stringContaining("O'Brien") },
      { domain: 'shop.example' },
    ])
    expect(
      await project.rows(
        "select row_id, error_category, error_property from changes where outcome = 'rejected'",
      ),
    ).toEqual([
      { row_id: '3', error_category: 'MISSING_REQUIRED', error_property: 'domain or name' },
    ])
  })

  here('what only creates send, and what goes only where HubSpot holds nothing', async () => {
    const properties = {
      firstname: { column: 'first_name', write: 'if_empty' },
      annualrevenue: { column: 'revenue', write: 'create_only' },
    }
    const { sandbox, project } = await start(somePeople(3), [contacts({ properties })])
    const sent = sentSince(sandbox)
    sandbox.seedRecords('contacts', [
      { email: 'p1@shop.example', firstname: 'Ada' },
      { email: 'p2@shop.example' },
    ])
    await run(project)
    expect(sent()).toEqual([
      { email: 'p1@shop.example' },
      { email: 'p2@shop.example', firstname: 'First 2' },
      { email: 'p3@shop.example', firstname: 'First 3', annualrevenue: '3' },
    ])
    const changed = somePeople(3).map((person) => ({ ...person, firstName: 'X', revenue: 9 }))
    await build(project, peopleTable(changed))
    await run(project)
    expect(sent()).toEqual([])
    expect(
      await project.rows(
        "select changed_properties, old_values, new_values from changes where row_id = '1'",
      ),
    ).toEqual([
      {
        changed_properties: '["email"]',
        old_values: '{}',
        new_values: '{"email":"p1@shop.example"}',
      },
    ])
    await expectBooksClosed(project)
  })

  here('a lifecycle stage goes backwards where that is allowed, whatever HubSpot had', async () => {
    const staged = (id: number, stage: string): Person => ({
      id,
      email: `p${id}@shop.example`,
      firstName: stage,
      revenue: null,
    })
    const syncs = (allows: boolean) => [
      contacts({
        properties: {
          lifecyclestage: allows ? { column: 'first_name', allow_backwards: true } : 'first_name',
        },
      }),
    ]
    const both = (stage: string) => [staged(1, stage), staged(2, stage)]
    const { sandbox, project } = await start(both('customer'), syncs(false))
    sandbox.seedRecords('contacts', [{ email: 'p1@shop.example', lifecyclestage: 'evangelist' }])
    const stages = () =>
      sandbox
        .records('contacts')
        .map(
          ({ properties }) => `${properties['email']?.slice(0, 2)} ${properties['lifecyclestage']}`,
        )
        .sort()
    const run = async (...flags: readonly string[]) => {
      const { exitCode, stderr } = await project.run(['run', ...flags])
      expect(exitCode, stderr).toBe(0)
    }
    await run()
    await build(project, peopleTable(both('lead')))
    await run()
    expect(stages(), 'ignored, both').toEqual(['p1 evangelist', 'p2 customer'])
    project.setSyncs(syncs(true))
    await run()
    expect(stages()).toEqual(['p1 lead', 'p2 lead'])
    await build(project, peopleTable([...both('lead'), staged(3, 'lead')]))
    const [third = ''] = sandbox.seedRecords('contacts', [
      { email: 'p3@shop.example', lifecyclestage: 'customer' },
    ])
    await run()
    expect(stages()).toEqual(['p1 lead', 'p2 lead', 'p3 lead'])
    sandbox.changeRecord('contacts', third, { lifecyclestage: 'customer' })
    await run('--full-refresh')
    expect(stages()).toEqual(['p1 lead', 'p2 lead', 'p3 lead'])
  })

  here('names that hurt are found and sent', async () => {
    const columns = [
      'MixedCase',
      'with space',
      'order',
      'select',
      'hash',
      'a-b',
      'ümläut',
      '日本語',
    ]
    const { sandbox, project } = await start([], [contacts()])
    columns.forEach((_, index) => {
      sandbox.createProperty('contacts', { name: `p${index}`, type: 'string', fieldType: 'text' })
    })
    project.setSyncs([
      {
        model: 'odd',
        hubspot: {
          sync: 'Odd-Names',
          object: 'contacts',
          primary_key: 'id',
          match: { email: 'email' },
          properties: Object.fromEntries(columns.map((name, index) => [`p${index}`, name])),
        },
      },
    ])
    project.setResults()
    await build(project, {
      name: 'odd',
      columns: {
        id: 'integer',
        email: 'text',
        ...Object.fromEntries(columns.map((name): [string, WordType] => [name, 'text'])),
      },
      rows: [[1, 'odd@shop.example', ...columns.map((name) => `in ${name}`)]],
    })
    await run(project)
    const [record] = sandbox.records('contacts')
    expect(columns.map((_, index) => record?.properties[`p${index}`])).toEqual(
      columns.map((name) => `in ${name}`),
    )
  })

  here(
    'rows that leave are archived or cleared, unless somebody else holds the record',
    async () => {
      const clients: ModelTable = {
        name: 'clients',
        columns: { id: 'integer', email: 'text', city: 'text' },
        rows: [[1, 'p2@shop.example', 'Paris']],
      }
      const guards = { max_deletes: '100%' }
      const people = somePeople(8)
      const { sandbox, project } = await start(people, [
        contacts({ on_delete: 'delete', guards }),
        {
          model: 'clients',
          hubspot: {
            sync: 'clients',
            object: 'contacts',
            primary_key: 'id',
            match: { email: 'email' },
            properties: { city: 'city', annualrevenue: 'id' },
            shared: true,
          },
        },
      ])
      await build(project, clients)
      sandbox.seedRecords('contacts', [{ email: 'p3@shop.example' }])
      await run(project, 0, '--select', 'contacts')
      await run(project)
      // One is archived, one held by the other sync, one adopted, one has another key, one is about to move there.
      await build(
        project,
        peopleTable([
          ...people.slice(5),
          ...people.slice(3, 4).map((one) => ({ ...one, id: 104 })),
        ]),
      )
      await build(project, {
        ...clients,
        rows: [...clients.rows, [2, 'p5@shop.example', 'Rome']],
      })
      const planned = await project.run(['plan', '--output', 'json'])
      expect(planned.exitCode, planned.stderr).toBe(0)
      const line = planned.stdout.split('\n').find((text) => text.includes('"sync":"contacts"'))
      const { calls, removals, operations } = JSON.parse(line ?? '')
      expect(operations).toMatchObject({ archive: 1, leave: 4, upsert: 1 })
      expect(removals.kept).toEqual([
        { reason: 'held_by_sync', rows: 2 },
        { reason: 'match_value_moved', rows: 1 },
        { reason: 'not_created_here', rows: 1 },
      ])
      const before = sandbox.writeCalls()
      await run(project)
      expect(sandbox.writeCalls() - before).toBe(calls.writes + 1)
      expect(sandbox.records('contacts').map(({ properties }) => properties['email'])).toEqual(
        [3, 1, 2, 4, 5, 6, 7, 8].filter((id) => id !== 1).map((id) => `p${id}@shop.example`),
      )
      expect(
        await project.rows(
          "select row_id, operation, outcome, error_category from changes where sync_name = 'contacts' and operation in ('archive', 'leave') order by row_id",
        ),
      ).toEqual([
        { row_id: '1', operation: 'archive', outcome: 'succeeded', error_category: null },
        { row_id: '2', operation: 'leave', outcome: 'left', error_category: 'HELD_BY_SYNC' },
        { row_id: '3', operation: 'leave', outcome: 'left', error_category: 'NOT_CREATED_HERE' },
        { row_id: '4', operation: 'leave', outcome: 'left', error_category: 'MATCH_VALUE_MOVED' },
        { row_id: '5', operation: 'leave', outcome: 'left', error_category: 'HELD_BY_SYNC' },
      ])

      project.setSyncs([contacts({ on_delete: 'clear', guards })])
      await build(project, peopleTable(people.slice(0, 6)))
      await run(project)
      // Back: 1 to 5, of which 1 is made again; gone: 7 and 8.
      const cleared = sandbox.findRecord('contacts', 'email', 'p7@shop.example')
      expect(cleared?.properties['firstname']).toBeUndefined()
      expect(sandbox.findRecord('contacts', 'email', 'p1@shop.example')?.properties).toMatchObject({
        firstname: 'First 1',
        annualrevenue: '1',
      })
      const still = sandbox.writeCalls()
      await run(project)
      expect(sandbox.writeCalls()).toBe(still)
      await expectBooksClosed(project)
    },
  )

  here('a model that is empty, or loses too much, writes nothing until it is forced', async () => {
    const people = somePeople(60)
    const { sandbox, project } = await start(people, [contacts({ guards: { max_changes: 10 } })])
    const stopped = await project.run(['run'])
    expect(stopped.exitCode).toBe(1)
    expect(stopped.stderr).toContain('--force-guard max_changes')
    expect(sandbox.writeCalls()).toBe(0)
    await run(project, 0, '--force-guard', 'max_changes')
    await build(project, peopleTable([]))
    const empty = await project.run(['run'])
    expect(empty.exitCode).toBe(1)
    expect(empty.stderr).toContain('--force-guard empty_model')
    expectExactly(sandbox, people)
    expect(await project.rows('select status from runs order by run_id')).toEqual(
      ['guarded', 'succeeded', 'guarded'].map((status) => ({ status })),
    )
  })

  here('rows that are rejected are said, and their neighbours go', async () => {
    const people = [
      ...somePeople(20),
      { id: 21, email: 'P3@shop.example ', firstName: 'Twice', revenue: 1 },
      { id: 22, email: '', firstName: 'Nobody', revenue: 1 },
    ]
    const { sandbox, project } = await start(people)
    await run(project, 1)
    expect(sandbox.countRecords('contacts')).toBe(19)
    expect(
      await project.rows(
        "select row_id, error_category from changes where outcome = 'rejected' order by row_id",
      ),
    ).toEqual([
      { row_id: '21', error_category: 'DUPLICATE_MATCH_VALUE' },
      { row_id: '22', error_category: 'MISSING_MATCH_VALUE' },
      { row_id: '3', error_category: 'DUPLICATE_MATCH_VALUE' },
    ])
  })

  here('commands over a state read and change what they say', async () => {
    const people = [...somePeople(3), { id: 4, email: 'nowhere', firstName: 'Bad', revenue: 1 }]
    const syncs = [contacts({ max_attempts: 1 })]
    const { sandbox, project } = await start(people, syncs, {
      ...impatient,
      audit: { requests: 'full' },
    })
    await run(project, 1)
    const ask = async (...args: readonly string[]) => {
      const { stdout, stderr } = await project.run([...args, '--json'])
      expect(stdout, stderr).not.toBe('')
      return JSON.parse(stdout)
    }
    expect((await ask('status')).syncs).toMatchObject([
      { rows: { succeeded: 3, parked: 1 }, lastRun: { counts: { created: 3, rejected: 1 } } },
    ])
    expect(await ask('show', 'contacts', '4')).toMatchObject({
      model: { copies: 1, values: { email: 'nowhere', firstname: 'Bad' } },
      state: { status: 'parked' },
      attempts: [{ outcome: 'rejected', request: { status: expect.any(Number) } }],
    })
    expect((await project.run(['retry', 'contacts'])).stdout).toContain('1 parked row of contacts')

    const before = await project.state('contacts')
    const exported = await project.run(['state', 'export', 'state.ndjson'])
    expect(exported.exitCode, exported.stderr).toBe(0)
    project.setSyncs([])
    expect((await project.run(['clean', '--sync', 'contacts'])).exitCode).toBe(0)
    project.setSyncs(syncs)
    const imported = await project.run(['state', 'import', 'state.ndjson'])
    expect(imported.exitCode, imported.stderr).toBe(0)
    expect(await project.state('contacts')).toEqual(before)

    const calls = sandbox.writeCalls()
    await run(project, 1)
    expect(sandbox.writeCalls() - calls, 'the retried row alone is sent').toBe(1)
    const [forgotten] = (await ask('forget', '--match', 'p1@shop.example')).syncs
    expect(forgotten).toMatchObject({ sync: 'contacts', rows: ['1'], inModel: ['1'] })
    expect(
      forgotten.erased
        .filter(({ rows }: { rows: number }) => rows > 0)
        .map(({ place }: { place: string }) => place),
    ).toEqual(['requests', 'changes', 'state__contacts'])
    const left = await project.rows('select row_id from state__contacts order by row_id')
    expect(left.map((row) => row['row_id'])).toEqual(['2', '3', '4'])
    expect(JSON.stringify(await project.rows('select * from changes'))).not.toContain('p1@')
    expect(JSON.stringify(await project.rows('select * from requests'))).not.toContain('p1@')
  })

  here('rows are matched by searches, with all that may be found', async () => {
    const firms = (rows: readonly (readonly [number, string])[]): ModelTable => ({
      name: 'firms',
      columns: { id: 'integer', name: 'text', revenue: 'integer' },
      rows: rows.map(([id, name]) => [id, name, id]),
    })
    const { sandbox, project } = await start([])
    const [theirs, ...doubles] = sandbox.seedRecords(
      'companies',
      ['ACME', 'Twice', 'twice'].map((name) => ({ name })),
    )
    project.setSyncs([
      {
        model: 'firms',
        hubspot: {
          sync: 'firms',
          object: 'companies',
          primary_key: 'id',
          match: { name: 'name' },
          properties: { annualrevenue: 'revenue' },
        },
      },
    ])
    project.setResults()
    await build(
      project,
      firms([
        [1, 'Acme'],
        [2, 'Twice'],
        [3, 'New'],
        [4, 'Left'],
      ]),
    )
    await run(project, 1)
    const ofRows = 'select row_id, operation, outcome, error_category from changes'
    expect(await project.rows(`${ofRows} order by row_id`)).toEqual([
      { row_id: '1', operation: 'update', outcome: 'succeeded', error_category: null },
      { row_id: '2', operation: 'reject', outcome: 'rejected', error_category: 'AMBIGUOUS_MATCH' },
      { row_id: '3', operation: 'create', outcome: 'succeeded', error_category: null },
      { row_id: '4', operation: 'create', outcome: 'succeeded', error_category: null },
    ])
    const [first, second] = await project.state('firms')
    expect(first?.['record_id']).toBe(theirs)
    expect(second).toMatchObject({ status: 'parked', record_id: null })
    for (const id of doubles) expect(second?.['error_message']).toContain(id)
    // A name that is given up, one that a row took along, one renamed by hand, and one by another key.
    sandbox.changeRecord('companies', theirs ?? '', { name: 'By hand' })
    await build(
      project,
      firms([
        [1, 'Acme'],
        [2, 'Twice'],
        [3, 'Newer'],
        [5, 'New'],
        [6, 'LEFT'],
        [7, 'By hand'],
      ]),
    )
    await run(project, 0)
    const owners = await project.rows('select row_id, record_id, status from state__firms')
    const of = (row: string) => owners.find((each) => each['row_id'] === row)?.['record_id']
    expect(of('6')).not.toBeNull()
    expect(of('4')).toBeNull()
    expect(new Set([of('3'), of('5'), of('6'), of('7'), of('1')]).size).toBe(5)
    expect(sandbox.countRecords('companies')).toBe(7)
  })

  here('rows are matched by record id, and inserts begin where they are told to', async () => {
    const { sandbox, project } = await start([])
    sandbox.createProperty('products', {
      name: 'row_key',
      type: 'string',
      fieldType: 'text',
      hasUniqueValue: true,
    })
    const [one, two] = sandbox.seedRecords('products', [{ name: 'One' }, { name: 'Two' }])
    const sync = (keys: Readonly<Record<string, unknown>>) => ({
      object: 'products',
      primary_key: 'id',
      properties: { description: 'text' },
      ...keys,
    })
    project.setSyncs([
      {
        model: 'goods',
        hubspot: [
          sync({ sync: 'by_id', mode: 'update', match: { id: 'hubspot_id' } }),
          sync({
            sync: 'later',
            mode: 'insert',
            start: { column: 'made_at', from: '2026-01-01' },
            properties: { name: 'text' },
            tracking_property: 'row_key',
          }),
          sync({ sync: 'now', mode: 'insert', start: 'now', properties: { hs_sku: 'text' } }),
        ],
      },
    ])
    project.setResults()
    const goods = (
      ...rows: readonly (readonly [number, string, string, string])[]
    ): ModelTable => ({
      name: 'goods',
      columns: { id: 'integer', hubspot_id: 'text', text: 'text', made_at: 'timestamp' },
      rows,
    })
    await build(
      project,
      goods(
        [1, one ?? '', 'first', '2025-12-31 23:59:59'],
        [2, '424242', 'nobody', '2026-01-01 00:00:00'],
        [3, '12a', 'no number', '2025-01-01 00:00:00'],
      ),
    )
    await run(project, 1)
    const outcomes = (sync: string) =>
      project.rows(
        `select row_id, outcome, error_category from changes where sync_name = '${sync}' order by run_id, row_id`,
      )
    expect(await outcomes('by_id')).toEqual([
      { row_id: '1', outcome: 'succeeded', error_category: null },
      { row_id: '2', outcome: 'skipped', error_category: 'NO_RECORD' },
      { row_id: '3', outcome: 'rejected', error_category: 'NO_RECORD_ID' },
    ])
    expect((await outcomes('later')).map((row) => row['outcome'])).toEqual([
      'skipped',
      'succeeded',
      'skipped',
    ])
    expect((await outcomes('now')).map((row) => row['error_category'])).toEqual(
      Array(3).fill('BEFORE_START'),
    )
    expect(sandbox.findRecord('products', 'row_key', '2')?.properties['name']).toBe('nobody')
    // The model says that the row is another record now.
    await build(project, goods([1, two ?? '', 'first', '2026-02-01 00:00:00']))
    await run(project)
    expect(sandbox.record('products', two ?? '')?.properties['description']).toBe('first')
    expect(sandbox.countRecords('products')).toBe(4)
  })

  // The servers under test take seconds for a run.
  const points = engine.dialect.capabilities.billsStatements ? killedAt.slice(2, 4) : killedAt

  here.each(points)('a run that is killed at %s is completed by the next', async (point) => {
    const first = somePeople(120)
    const { sandbox, project } = await start(first)
    await run(project)
    const second = [...first.map((person) => changedOf(person)), ...somePeople(30, 501)]
    await build(project, peopleTable(second))
    const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: point })
    expect(killed.signal, killed.stderr).toBe('SIGKILL')
    const third = second.map((person) => ({ ...person, revenue: (person.revenue ?? 0) + 1 }))
    await build(project, peopleTable(third))
    await run(project)
    expectExactly(sandbox, third)
    await expectBooksClosed(project)
    const before = sandbox.writeCalls()
    await run(project)
    expect(sandbox.writeCalls()).toBe(before)
  })

  here('of two runs at once one waits, or stops with a message; nothing is doubled', async () => {
    const people = somePeople(220)
    const { sandbox, project } = await start(people)
    const both = [project.start(['run']), project.start(['run'])]
    const results = await Promise.all(both.map((one) => one.finished))
    for (const result of results) expectWaitedOrStopped(result)
    expect(results.some((result) => result.exitCode === 0)).toBe(true)
    await run(project)
    expectExactly(sandbox, people)
    const bound = await project.rows('select record_id from state__contacts')
    expect(new Set(bound.map((row) => row['record_id'])).size).toBe(people.length)
  })

  here.each([50, 400])('%i properties', async (count) => {
    const { sandbox, project } = await start([], [contacts()])
    const names = Array.from({ length: count }, (_, index) => `wide_${index}`)
    for (const name of names)
      sandbox.createProperty('contacts', { name, type: 'string', fieldType: 'text' })
    project.setSyncs([
      {
        model: 'wide',
        hubspot: {
          sync: 'wide',
          object: 'contacts',
          primary_key: 'id',
          match: { email: 'email' },
          properties: Object.fromEntries(names.map((name) => [name, name])),
        },
      },
    ])
    project.setResults()
    const table = (value: (row: number, name: string) => string): ModelTable => ({
      name: 'wide',
      columns: {
        id: 'integer',
        email: 'text',
        ...Object.fromEntries(names.map((name): [string, WordType] => [name, 'text'])),
      },
      rows: [1, 2].map((row): readonly Cell[] => [
        row,
        `w${row}@shop.example`,
        ...names.map((name) => value(row, name)),
      ]),
    })
    await build(
      project,
      table((row, name) => `${name} of ${row}`),
    )
    await run(project)
    const last = `wide_${count - 1}`
    await build(
      project,
      table((row, name) => (row === 2 && name === last ? 'new' : `${name} of ${row}`)),
    )
    await run(project)
    const [update] = sandbox.written().slice(-1)
    expect(inputsOf(update)).toEqual([{ [last]: 'new' }])
  })

  here('a run of 100,000 rows takes 1,000 calls and a bounded number of statements', async () => {
    const people = somePeople(100_000)
    // Judging each request by HubSpot's specs is the other tests' part.
    const { sandbox, project } = await start(
      people,
      [contacts()],
      { hubspot: { requests_per_10_seconds: 10_000 } },
      { validateRequest: () => [] },
    )
    const first = await run(project)
    expect(sandbox.writeCalls()).toBe(1000)
    expect(sandbox.countRecords('contacts')).toBe(100_000)
    const { windowRows } = engine.dialect.capabilities
    const slices = Math.ceil(100_000 / (engine.dialect.capabilities.sliceRows ?? 100_000))
    const checkpoints = Math.ceil(100_000 / windowRows)
    expect(first.statements).toBeLessThan(
      fixedStatements + statementsPerCheckpoint * checkpoints + 10 * slices,
    )
    const second = await run(project)
    expect(second.statements).toBeLessThan(unchangedStatements)
    expect(sandbox.writeCalls()).toBe(1000)
  })
}

/** Runs to the end, and says what the warehouse was asked. */
async function run(
  project: TestProject,
  exitCode = 0,
  ...args: readonly string[]
): Promise<{ readonly statements: number }> {
  const result = await project.run(['run', '--output', 'json', ...args])
  expect(result.exitCode, `${result.stdout}\n${result.stderr}`).toBe(exitCode)
  const { warehouse } = JSON.parse(result.stdout)
  expect(result.stderr).toContain('Warehouse: ')
  return warehouse
}

/** What a run would do about one row. */
async function planned(project: TestProject, rowId: string) {
  const { stdout, stderr } = await project.run(['show', 'contacts', rowId, '--json'])
  expect(stdout, stderr).not.toBe('')
  return JSON.parse(stdout).nextRun
}

async function callsPlanned(project: TestProject): Promise<number> {
  const { exitCode, stdout, stderr } = await project.run(['plan', '--output', 'json'])
  expect(exitCode, stderr).toBe(0)
  return JSON.parse(stdout.split('\n', 1)[0] ?? '').calls.writes
}

/** Every tenth row changes. */
const changedOf = (person: Person): Person =>
  person.id % 10 === 1 ? { ...person, firstName: `Changed ${person.id}` } : person

const audited = (counts: Readonly<Record<string, number>>) => ({
  status: 'succeeded',
  rows_created: 0,
  rows_updated: 0,
  rows_unchanged: 0,
  rows_left: 0,
  calls_planned: 0,
  calls_made: 0,
  ...counts,
})

/** HubSpot holds each row with exactly its values, and nobody else. */
function expectExactly(sandbox: Pick<Sandbox, 'records'>, people: readonly Person[]): void {
  const held = sandbox
    .records('contacts')
    .map(({ properties }) => [
      properties['email'] ?? '',
      properties['firstname'] ?? '',
      properties['annualrevenue'] ?? '',
    ])
  const wanted = people.map(({ email, firstName, revenue }) => [
    email,
    firstName ?? '',
    revenue === null ? '' : String(revenue),
  ])
  expect(held.sort()).toEqual(wanted.sort())
}

async function expectBooksClosed(project: TestProject): Promise<void> {
  for (const table of [
    'results__contacts',
    'resolutions__contacts',
    'plan__contacts',
    'intents',
    'leases',
  ]) {
    const rows = await project.rows(`select count(*) as total from ${table}`)
    expect(rows, `rows left in ${table}`).toEqual([{ total: 0 }])
  }
  expect(await project.rows('select run_id from runs where finished_at is null')).toEqual([])
}

function expectWaitedOrStopped({ exitCode, stdout, stderr }: CliResult): void {
  expect([0, 1], `${stdout}\n${stderr}`).toContain(exitCode)
  if (exitCode === 1)
    expect(stderr).toMatch(/is being run by|another process has it open|could not be locked/)
}

const inputsOf = (request: JudgedRequest | undefined): readonly unknown[] => {
  const body = request?.body as { readonly inputs?: readonly { readonly properties: unknown }[] }
  return (body.inputs ?? []).map(({ properties }) => properties)
}
