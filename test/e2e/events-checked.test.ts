import { describe, expect, test } from 'vitest'
import { expectExit } from '../fault/people-project.ts'
import {
  engines,
  eventsProject,
  fullName,
  isMissing,
  type Job,
  jobDone,
  jobs,
  setJobs,
  together,
} from '../support/events-project.ts'
import { sandboxEnv, strictSandbox } from '../support/sandbox.ts'

const ada = 'ada@shop.example'
const one: Job = { id: 1, email: ada, at: '2026-01-02 03:04:05', quantity: 3, plan: 'gold' }

describe('what a definition has against a sync', () => {
  const validate = async (more: Readonly<Record<string, unknown>>) => {
    const { project } = await eventsProject('duckdb', [jobs(more)])
    await setJobs(project, [one])
    const { exitCode, stdout, stderr } = await project.run(['validate'])
    return { exitCode, said: `${stdout}${stderr}` }
  }

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      'an event with a typo',
      { event: 'job_dome' },
      'HubSpot has no event job_dome\n    Did you mean `job_done`?',
    ],
    [
      'an event that is not there',
      { event: 'signup' },
      'Say `create_missing: true`, or create it in HubSpot: POST /events/v3/event-definitions {"name": "signup"',
    ],
    [
      'the full name of another portal, even with create_missing',
      { event: 'pe12345678_job_done', create_missing: true },
      'pe12345678_job_done is an event of portal 12345678, and the token belongs to portal 4242424\n    Write its internal name, which is the same in every portal that has it: job_done.',
    ],
    [
      'a property with a typo',
      { properties: { quantitty: 'quantity' } },
      `HubSpot has no ${fullName} property quantitty\n    Did you mean \`quantity\`?`,
    ],
    [
      'a property that is not there',
      { properties: { seen: 'event' } },
      `POST /events/v3/event-definitions/${fullName}/property {"name": "seen", "label": "seen", "type": "string"}`,
    ],
    [
      'a column that is not there',
      { contact: { email: 'mail' } },
      'contact: The model has no column mail',
    ],
    [
      'a constant that is no option',
      { properties: { plan: { value: 'lead' } } },
      'lead is not an option of plan',
    ],
    [
      'a constant that is too long',
      { properties: { note: { value: 'x'.repeat(257) } } },
      'has more than 256 characters',
    ],
    [
      'numbers without a unit as moments',
      { occurred_at: 'done_ms' },
      '`occurred_at: {column: done_ms, as: epoch_s}`',
    ],
    [
      'a date for a number',
      { properties: { quantity: 'done_at' } },
      'cannot be sent to a number property',
    ],
    [
      'an object that is not there',
      { contact: undefined, record: { object: 'dealz', id: 'record' } },
      'HubSpot has no object type dealz',
    ],
    ['names that are no text', { event: { column: 'quantity' } }, 'names of events are text'],
  ])('%s', async (_case, more, message) => {
    const { exitCode, said } = await validate(more)
    expect(exitCode).toBe(1)
    expect(said).toContain(message)
    expect(said).toMatch(/schema\.yml/)
  })

  test('an event that HubSpot records itself', async () => {
    const { sandbox, project } = await eventsProject('duckdb', [jobs({ event: 'clicked' })])
    sandbox.defineEvents([{ ...jobDone, name: 'clicked', trackingType: 'CLICKED_ELEMENT' }])
    await setJobs(project, [one])
    const { stdout } = await project.run(['validate'])
    expect(stdout).toContain('HubSpot records pe4242424_clicked itself (CLICKED_ELEMENT)')
    const inspected = await project.run(['inspect', 'events'])
    expect(inspected.stdout).toContain('recorded by HubSpot (CLICKED_ELEMENT)')
  })
})

test('another event is another sync, and one of HubSpot’s own is sent unchecked', async () => {
  const { project } = await eventsProject('duckdb', [jobs()], [ada])
  await setJobs(project, [one])
  expectExit(await project.run(['run']), 0)
  project.setSyncs([jobs({ event: 'e_visited_page', properties: { anything: 'note' } })])
  const validated = await project.run(['validate'])
  expectExit(validated, 0)
  expect(validated.stderr).toContain('whose properties cannot be checked')
  const refused = await project.run(['run'])
  expectExit(refused, 1)
  expect(refused.stderr).toContain(
    `event: The state of this sync speaks of ${fullName}, the sync now says e_visited_page`,
  )
})

test('who is forgotten is forgotten in events, too', async () => {
  const { project } = await eventsProject('duckdb', [jobs()], [ada, 'b@shop.example'])
  await setJobs(project, [one, { ...one, id: 2 }, { ...one, id: 3, email: 'b@shop.example' }])
  expectExit(await project.run(['run']), 0)
  const forgotten = await project.run(['forget', '--match', ada, '--json'])
  expectExit(forgotten, 0)
  expect(JSON.parse(forgotten.stdout).syncs).toMatchObject([
    { sync: 'jobs', rows: ['1', '2'], recordIds: ['1001'], inModel: ['1', '2'] },
  ])
  expect((await project.state('jobs')).map((row) => row['row_id'])).toEqual(['3'])
})

test('record ids of another portal are not taken for contacts of this one', async () => {
  const people = {
    model: 'people',
    hubspot: { sync: 'contacts', object: 'contacts', primary_key: 'id', match: { email: 'email' } },
  }
  const { project } = await eventsProject('duckdb', [
    people,
    jobs({ contact: { sync: 'contacts', key: 'customer' } }),
  ])
  await project.sql("create table people as select 1 as id, 'a@shop.example' as email")
  await setJobs(project, [{ id: 1, customer: 1 }])
  expectExit(await project.run(['run', '--select', 'contacts']), 0)
  const other = await strictSandbox({ portalId: 777 })
  other.defineEvents([jobDone])
  const { exitCode, stderr } = await project.run(['run', '--select', 'jobs'], sandboxEnv(other))
  expect(exitCode).toBe(1)
  expect(stderr).toContain('The state of sync contacts speaks of portal 4242424')
  expect(other.writeCalls()).toBe(0)
})

test('a token without the scopes is told which it lacks', async () => {
  const scopes = ['oauth', 'crm.objects.contacts.read', 'crm.objects.contacts.write']
  const { project } = await eventsProject('duckdb', [jobs()], [ada], undefined, {
    tokens: [{ token: 'narrow', scopes }],
  })
  await setJobs(project, [one])
  const { exitCode, stderr } = await project.run(['run'], { HUBSPOT_ACCESS_TOKEN: 'narrow' })
  expect(exitCode).toBe(1)
  expect(stderr).toContain('behavioral_events.event_definitions.read_write')
})

test('inspect events and scopes show what a mapping needs', async () => {
  const { project } = await eventsProject('duckdb', [jobs()])
  const text = await project.run(['inspect', 'events', 'job_done'])
  expectExit(text, 0)
  expect(text.stdout).toContain(fullName)
  expect(text.stdout).toMatch(/plan +Plan +enumeration +gold \(GOLD\), silver \(SILVER\)/)
  const { stdout } = await project.run(['inspect', 'events', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({
    kind: 'events',
    events: [{ name: 'job_done', fullName, about: '0-1', isSendable: true }],
  })
  const unknown = await project.run(['inspect', 'events', 'job_dun'])
  expectExit(unknown, 1)
  expect(unknown.stderr).toContain('Did you mean `job_done`?')
  const scopes = await project.run(['inspect', 'scopes', '--json'])
  expectExit(scopes, 0)
  expect(
    JSON.parse(scopes.stdout).needed.flatMap(({ scopes: [first] }: { scopes: string[] }) => first),
  ).toEqual([
    'analytics.behavioral_events.send',
    'behavioral_events.event_definitions.read_write',
    'crm.objects.contacts.read',
  ])
})

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(isMissing(engine))

  here('create_missing makes the event with its properties, and later those it lacks', async () => {
    const sync = (properties: object) =>
      jobs({ event: 'signed_up', create_missing: true, on_missing_contact: 'create', properties })
    const { sandbox, project } = await eventsProject(engine, [
      sync({ quantity: 'quantity', due: 'done_at' }),
    ])
    await setJobs(project, [one])
    const plan = await project.run(['plan'])
    expectExit(plan, 0)
    expect(plan.stdout).toContain('+ event pe4242424_signed_up, made first')
    expect(plan.stdout).toContain('+ property quantity (number')
    expect(plan.stdout).toContain('2 write calls')
    expectExit(await project.run(['run']), 0)
    expect(sandbox.events()).toMatchObject([
      {
        eventName: 'pe4242424_signed_up',
        properties: { quantity: '3', due: '2026-01-02T03:04:05.000Z' },
      },
    ])
    project.setSyncs([
      sync({ quantity: 'quantity', plan: { column: 'plan', options: ['gold'] }, note: 'note' }),
    ])
    await setJobs(project, [one, { ...one, id: 2 }])
    expectExit(await project.run(['run']), 0)
    expect(sandbox.events()[1]).toMatchObject({ properties: { quantity: '3', plan: 'gold' } })
    const runs = await project.rows('select calls_planned, calls_made from runs order by run_id')
    expect(runs).toEqual([
      { calls_planned: 2, calls_made: 2 },
      { calls_planned: 3, calls_made: 3 },
    ])
  })

  here(
    'two syncs of one event that is missing make it once, with the properties of both',
    async () => {
      const sync = (name: string, properties: object) =>
        jobs({
          sync: name,
          event: 'met',
          contact: { sync: 'people', key: ['customer', 'plan'] },
          create_missing: true,
          properties,
        })
      const people = {
        model: 'people',
        hubspot: { object: 'contacts', primary_key: ['id', 'plan'], match: { email: 'email' } },
      }
      const { sandbox, project } = await eventsProject(engine, [
        people,
        together(sync('first', { quantity: 'quantity' }), sync('second', { note: 'note' })),
      ])
      await project.sql(
        "create table people as select 1 as id, 'gold' as plan, 'a@shop.example' as email",
      )
      await setJobs(project, [{ id: 1, customer: 1, plan: 'gold', quantity: 1, note: 'x' }])
      expectExit(await project.run(['run']), 0)
      expect(sandbox.events()).toMatchObject([
        { objectId: '1001', properties: { quantity: '1' } },
        { objectId: '1001', properties: { note: 'x' } },
      ])
      const runs = await project.rows(
        "select sync_name, calls_planned, calls_made from runs where sync_name <> 'people' order by sync_name",
      )
      expect(runs.map(({ calls_planned, calls_made }) => [calls_planned, calls_made])).toEqual([
        [2, 2],
        [2, 2],
      ])
    },
  )

  here('values are rendered, checked, dropped and audited like any others', async () => {
    const { sandbox, project } = await eventsProject(
      engine,
      [
        jobs({
          occurred_at: { column: 'done_ms', as: 'epoch_ms' },
          properties: {
            quantity: 'quantity',
            plan: { column: 'plan', as: 'option_label', on_invalid: 'drop_property' },
            note: { template: `\${ row.plan | downcase }!` },
          },
        }),
      ],
      [ada],
    )
    await setJobs(project, [
      { id: 1, email: ada, ms: 1767323045000, quantity: 3, plan: 'GOLD' },
      { id: 2, email: ada, ms: 1767323045000, quantity: null, plan: 'LEAD' },
    ])
    const plan = await project.run(['plan'])
    expect(plan.stdout).toContain('→ 1')
    expect(plan.stdout).toContain('1 value dropped: plan')
    expect(plan.stdout).toContain('→ send')
    const shown = await project.run(['show', 'jobs', '1'])
    expect(shown.stdout).toContain('it has not met the row yet')
    expectExit(await project.run(['run']), 0)
    expect(sandbox.events()).toMatchObject([
      {
        occurredAt: '2026-01-02T03:04:05.000Z',
        properties: { quantity: '3', plan: 'gold', note: 'gold!' },
      },
      { properties: { note: 'lead!' } },
    ])
    const [change] = await project.rows('select * from changes order by row_id')
    expect(change).toMatchObject({ operation: 'send', outcome: 'succeeded', record_id: '1001' })
    expect(JSON.parse(String(change?.['new_values']))).toMatchObject({
      _event: fullName,
      _uuid: sandbox.events()[0]?.uuid,
      quantity: '3',
    })
    const sent = await project.run(['show', 'jobs', '1'])
    expect(sent.stdout).toContain('Sent as an event about record 1001 on ')
    expect(sent.stdout).toContain('an event goes once')
    expectExit(await project.run(['status']), 0)
    const refused = await project.run(['run', '--full-refresh'])
    expectExit(refused, 2)
    expect(refused.stderr).toContain('an event is sent once: sync jobs')
    expect(refused.stderr).toContain('--exclude jobs.\n')
  })

  here('a row goes once: not when it changes, repeats, or leaves and comes back', async () => {
    const { sandbox, project } = await eventsProject(engine, [jobs()], [ada])
    await setJobs(project, [one])
    expectExit(await project.run(['run']), 0)
    await setJobs(project, [one, { ...one, quantity: 9 }, { ...one, id: 2 }])
    expectExit(await project.run(['run']), 1)
    await setJobs(project, [{ ...one, quantity: 9 }])
    expectExit(await project.run(['run']), 0)
    await setJobs(project, [{ ...one, id: 3 }])
    expectExit(await project.run(['run']), 0)
    await setJobs(project, [{ ...one, note: 'back' }])
    expectExit(await project.run(['run']), 0)
    expect(sandbox.events()).toHaveLength(3)
    expect((await project.state('jobs')).map((row) => [row['row_id'], row['status']])).toEqual([
      ['1', 'succeeded'],
      ['2', 'left'],
      ['3', 'left'],
    ])
  })

  here('start: now and from keep rows out; a renamed sync keeps what it sent', async () => {
    const { sandbox, project } = await eventsProject(engine, [jobs({ start: 'now' })], [ada])
    await setJobs(project, [one])
    expect((await project.run(['plan'])).stdout).toContain('taken as known and never sent')
    expectExit(await project.run(['run']), 0)
    await setJobs(project, [one, { ...one, id: 2 }])
    expectExit(await project.run(['run']), 0)
    expect(sandbox.events()).toHaveLength(1)
    const start = { column: 'done_at', from: '2026-01-01' }
    project.setSyncs([jobs({ sync: 'done', previous_name: 'jobs', start })])
    await setJobs(project, [one, { ...one, id: 2 }, { ...one, id: 3, at: '2025-12-31 00:00:00' }])
    expectExit(await project.run(['run']), 0)
    expect(sandbox.events()).toHaveLength(2)
    const states = await project.rows('select row_id, status from state__done order by row_id')
    expect(states.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'skipped'])
  })

  here('a row of another sync that has no record yet waits for it', async () => {
    const people = {
      model: 'people',
      hubspot: {
        sync: 'contacts',
        object: 'contacts',
        primary_key: 'id',
        match: { email: 'email' },
      },
    }
    const { sandbox, project } = await eventsProject(engine, [
      people,
      jobs({ contact: { sync: 'contacts', key: 'customer' } }),
    ])
    await project.sql("create table people as select 1 as id, 'a@shop.example' as email")
    await setJobs(project, [
      { id: 1, customer: 1 },
      { id: 2, customer: 2 },
    ])
    expectExit(await project.run(['run', '--select', 'jobs']), 0)
    expect(sandbox.events()).toEqual([])
    const waiting = await project.run(['run'])
    expectExit(waiting, 0)
    expect(sandbox.events()).toHaveLength(1)
    expect(waiting.stderr).toContain(
      'the row of another sync that it is about has no record in HubSpot yet',
    )
    await project.sql("insert into people select 2, 'b@shop.example'")
    expectExit(await project.run(['run']), 0)
    expect(sandbox.events()).toHaveLength(2)
    // The sync of contacts is not recorded before its removals, which come last.
    project.setSyncs([
      { ...people, hubspot: { ...people.hubspot, on_delete: 'delete' } },
      jobs({ contact: { sync: 'contacts', key: 'customer' } }),
    ])
    await project.sql(
      'delete from people where id = 1',
      "insert into people select 3, 'c@shop.example'",
    )
    await setJobs(project, [
      { id: 3, customer: 3 },
      { id: 4, customer: 1 },
    ])
    expectExit(await project.run(['run']), 0)
    const third = sandbox.findRecord('contacts', 'email', 'c@shop.example')?.id
    expect(sandbox.events().slice(2)).toMatchObject([{ objectId: third }, { objectId: '1001' }])
    expect(sandbox.countRecords('contacts')).toBe(2)
  })

  here('a column of names may name no event today', async () => {
    const { sandbox, project } = await eventsProject(
      engine,
      [jobs({ event: { column: 'event' }, properties: { quantity: 'quantity', extra: 'note' } })],
      [ada],
    )
    sandbox.defineEvents([
      { name: 'seen', propertyDefinitions: [{ name: 'extra', label: 'Extra', type: 'string' }] },
    ])
    await setJobs(project, [])
    expectExit(await project.run(['run']), 0)
    await setJobs(project, [
      { id: 1, event: 'job_done', email: ada, quantity: 1 },
      { id: 2, event: 'job_dome', email: ada },
      { id: 3, event: 'job_done', email: ada, note: 'x' },
    ])
    const plan = await project.run(['plan'])
    expect(plan.stdout).toContain('"job_dome" is no event in HubSpot. Did you mean `job_done`?')
    expect(plan.stdout).toContain(`extra: ${fullName} has no such property`)
    expectExit(await project.run(['run']), 1)
    expect(sandbox.events()).toHaveLength(1)
    project.setSyncs([jobs({ event: { column: 'event' }, properties: { nothing: 'quantity' } })])
    const { stdout } = await project.run(['validate'])
    expect(stdout).toContain('HubSpot has no events property nothing')
  })

  here('guards and --limit hold events like any rows', async () => {
    const { sandbox, project } = await eventsProject(
      engine,
      [jobs({ guards: { max_changes: 1 } })],
      [ada],
    )
    await setJobs(project, [one, { ...one, id: 2 }])
    expectExit(await project.run(['run']), 1)
    expect(sandbox.writeCalls()).toBe(0)
    expectExit(await project.run(['run', '--limit', '1']), 0)
    expectExit(await project.run(['run', '--force-guard', 'max_changes']), 0)
    expect(sandbox.events()).toHaveLength(2)
  })
})
