import { describe, expect, test } from 'vitest'
import { expectExit } from '../fault/people-project.ts'
import {
  companies,
  contacts,
  engines,
  isMissing,
  linked,
  linksProject,
  setRows,
} from '../support/links-project.ts'
import type { StrictSandbox } from '../support/sandbox.ts'

const bySync = { to: 'companies', sync: 'companies', key: 'firm_id' }

const somePeople = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    email: `p${index + 1}@shop.example`,
    first_name: `P ${index + 1}`,
    firm_id: 1 + (index % 10),
  }))

const someFirms = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: index + 1, name: `Firm ${index + 1}` }))

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(isMissing(engine))

  here(
    '1,000 new contacts with a company each are 10 calls and one, and no look-up; then none',
    async () => {
      const { sandbox, project } = await linksProject(engine, [contacts([bySync]), companies()])
      await setRows(project, 'people', somePeople(1000))
      await setRows(project, 'firms', someFirms(10))
      const plan = await project.run(['plan', '--output', 'json'])
      expectExit(plan, 0)
      const planned = plan.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .find(({ sync }) => sync === 'contacts')
      expect(planned).toMatchObject({ calls: { writes: 11, lookups: 0, searches: 0 } })
      const before = sandbox.counts()
      const first = await project.run(['run'])
      expectExit(first, 0)
      const { byOperation } = sandbox.counts()
      expect(byOperation).toMatchObject({
        'objects.batch.upsert': 10,
        'associations.batch.default': 1,
      })
      expect(byOperation['associations.batch.read']).toBeUndefined()
      expect(byOperation['objects.batch.read']).toBe(before.byOperation['objects.batch.read'])
      const links = linked(sandbox)
      expect(Object.keys(links)).toHaveLength(1000)
      expect(links['p17@shop.example Firm 7']).toEqual([])
      const [run] = await project.rows("select * from runs where sync_name = 'contacts'")
      expect(run).toMatchObject({
        rows_created: 1000,
        links_added: 1000,
        links_waiting: 0,
        calls_planned: 11,
        calls_made: 11,
        status: 'succeeded',
      })
      const writes = sandbox.writeCalls()
      expectExit(await project.run(['run']), 0)
      expect(sandbox.writeCalls()).toBe(writes)
      expect(sandbox.counts().byOperation['associations.batch.read']).toBeUndefined()
    },
  )

  const labels = (sandbox: StrictSandbox) => {
    const [buyer = 0] = sandbox.defineLabel('contacts', 'companies', { label: 'Buyer' })
    const [boss = 0] = sandbox.defineLabel('contacts', 'companies', { label: 'Boss' })
    sandbox.defineLabel('contacts', 'companies', { label: 'Friend' })
    return { buyer: `USER_DEFINED:${buyer}`, boss: `USER_DEFINED:${boss}` }
  }

  here('every form of a value, and of labels', async () => {
    const entries = [
      { to: 'companies', id: 'one' },
      { to: 'companies', id: 'cut', split: ';' },
      { to: 'companies', id: 'many', label: 'Buyer' },
      { to: 'companies', id: 'json', label: 'role' },
      { to: 'companies', id: 'object' },
      { to: 'companies', id: 'objects', label: 'role', split: undefined },
      { to: 'companies', id: 'roles_of', label: 'roles', split: ',' },
      { to: 'companies', id: 'main', type: 'Primary' },
    ]
    const { sandbox, project } = await linksProject(engine, [contacts(entries)])
    labels(sandbox)
    const ids = sandbox.seedRecords(
      'companies',
      'ABCDEFGHIJKL'.split('').map((name) => ({ name })),
    )
    const id = (name: string) => Number(ids['ABCDEFGHIJKL'.indexOf(name)])
    const list =
      engine === 'duckdb'
        ? (texts: readonly string[]) => `[${texts.join(', ')}]`
        : (texts: readonly string[]) => `array[${texts.join(', ')}]::text[]`
    await project.sql(`create table people as select 1 as id, 'a@shop.example' as email, 'A' as first_name,
      ${id('A')} as one, ' ${id('B')};${id('C')};' as cut, ${list([`'${id('D')}'`, `'${id('E')}'`])} as many, '[${id('F')}, "${id('G')}"]' as json,
      '{"value": ${id('H')}, "label": ["Boss", "Buyer"]}' as object, '[{"value": ${id('I')}, "label": null}, {"value": "${id('J')}", "label": "Friend"}, ${id('K')}]' as objects,
      '${id('L')}' as roles_of, 'Boss, Friend' as roles, 'Boss' as role, cast(null as text) as main
      union all select 2, 'b@shop.example', 'B', null, null, null, null, null, null, null, null, null, '${id('A')}'`)
    const run = await project.run(['run'])
    expectExit(run, 0)
    expect(linked(sandbox)).toEqual({
      'a@shop.example A': [],
      'a@shop.example B': [],
      'a@shop.example C': [],
      'a@shop.example D': ['Buyer'],
      'a@shop.example E': ['Buyer'],
      'a@shop.example F': ['Boss'],
      'a@shop.example G': ['Boss'],
      'a@shop.example H': ['Boss', 'Buyer'],
      'a@shop.example I': [],
      'a@shop.example J': ['Friend'],
      'a@shop.example K': ['Boss'],
      'a@shop.example L': ['Boss', 'Friend'],
      'b@shop.example A': ['Primary'],
    })
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
  })

  here('labels of others stay, ours come and go, and the reads are in the plan', async () => {
    const { sandbox, project } = await linksProject(engine, [
      contacts([{ ...bySync, label: 'role', split: ',', on_removed: 'remove' }]),
      companies(),
    ])
    labels(sandbox)
    const people = (role: string | null, firm: number | null = 1) =>
      setRows(project, 'people', [
        { id: 1, email: 'a@shop.example', first_name: 'A', firm_id: firm, role },
        { id: 2, email: 'b@shop.example', first_name: 'B', firm_id: firm, role },
      ])
    await people('Buyer')
    await setRows(project, 'firms', someFirms(2))
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({
      'a@shop.example Firm 1': ['Buyer'],
      'b@shop.example Firm 1': ['Buyer'],
    })
    expect(sandbox.counts().byOperation['associations.batch.read']).toBe(1)
    const [a] = sandbox
      .records('contacts')
      .filter(({ properties }) => properties['email'] === 'a@shop.example')
    const [firm] = sandbox.records('companies')
    sandbox.link(['contacts', a?.id ?? ''], ['companies', firm?.id ?? ''], 'Buyer', 'Friend')
    await people('Boss')
    const plan = await project.run(['plan', '--select', 'contacts', '--output', 'json'])
    expect(JSON.parse(plan.stdout.split('\n')[0] ?? '')).toMatchObject({
      calls: { writes: 1, lookups: 1 },
      links: {
        entries: [{ add: 2, remove: 0, labels: [{ labels: ['Boss'], links: 2 }] }],
        calls: { writes: 1, reads: 1 },
      },
    })
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({
      'a@shop.example Firm 1': ['Boss', 'Friend'],
      'b@shop.example Firm 1': ['Boss'],
    })
    await people('Buyer,Boss', 2)
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({
      'a@shop.example Firm 1': ['Friend'],
      'a@shop.example Firm 2': ['Boss', 'Buyer'],
      'b@shop.example Firm 2': ['Boss', 'Buyer'],
    })
    expect(
      await project.rows(
        "select operation, outcome, count(*) as total from changes where association is not null and run_id = (select max(run_id) from runs where sync_name = 'contacts') group by operation, outcome order by operation",
      ),
    ).toEqual([
      { operation: 'associate', outcome: 'succeeded', total: 2 },
      { operation: 'dissociate', outcome: 'succeeded', total: 2 },
    ])
    const [last] = await project.rows(
      "select * from runs where sync_name = 'contacts' order by run_id desc limit 1",
    )
    expect(last).toMatchObject({ links_added: 2, links_removed: 2, status: 'succeeded' })
    await people(null, null)
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({ 'a@shop.example Firm 1': ['Friend'] })
    const calls = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(calls)
  })

  here('a link waits for its target, and says which; the row itself is sent', async () => {
    const { sandbox, project } = await linksProject(engine, [contacts([bySync]), companies()])
    await setRows(project, 'people', [
      { id: 1, email: 'a@shop.example', first_name: 'A', firm_id: 1 },
      { id: 2, email: 'b@shop.example', first_name: 'B', firm_id: 7 },
      { id: 3, email: 'c@shop.example', first_name: 'C', firm_id: null },
    ])
    await setRows(project, 'firms', someFirms(1))
    const plan = await project.run(['plan', '--select', 'contacts'])
    expect(plan.stdout).toContain('Row 1 of sync companies')
    const run = await project.run(['run'])
    expectExit(run, 0)
    expect(sandbox.records('contacts')).toHaveLength(3)
    expect(linked(sandbox)).toEqual({ 'a@shop.example Firm 1': [] })
    expect(
      await project.rows(
        "select row_id, status, error_category, error_message from links__contacts where status <> 'succeeded'",
      ),
    ).toEqual([
      {
        row_id: '2',
        status: 'pending',
        error_category: 'NO_TARGET_YET',
        error_message: 'Row 7 of sync companies has no record in HubSpot yet.',
      },
    ])
    const shown = await project.run(['show', 'contacts', '2'])
    expect(shown.stdout).toContain('Row 7 of sync companies has no record in HubSpot yet.')
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls(), 'nothing has come').toBe(writes)
    expect(
      await project.rows(
        "select count(*) as total from changes where association is not null and outcome = 'pending'",
      ),
    ).toEqual([{ total: 1 }])
    await setRows(project, 'firms', someFirms(7))
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({ 'a@shop.example Firm 1': [], 'b@shop.example Firm 7': [] })
  })

  here('a first plan counts on no row that the same run rejects', async () => {
    const { sandbox, project } = await linksProject(engine, [
      contacts([bySync, { to: 'contacts', sync: 'contacts', key: 'boss_id' }]),
      companies({ properties: { name: 'name', annualrevenue: 'revenue' } }),
    ])
    await setRows(project, 'people', [
      { id: 1, email: 'a@shop.example', first_name: 'A', firm_id: 1, boss_id: 3 },
      { id: 2, email: 'b@shop.example', first_name: 'B', firm_id: 2, boss_id: 1 },
      { id: 3, email: null, first_name: 'C', firm_id: 1, boss_id: null },
    ])
    await setRows(project, 'firms', [
      { id: 1, name: 'Firm 1', revenue: '100' },
      { id: 2, name: 'Firm 2', revenue: 'much' },
    ])
    const plan = await project.run(['plan', '--output', 'json'])
    const planned = plan.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .find(({ kind, sync }) => kind === 'plan' && sync === 'contacts')
    expect(planned.links.entries).toMatchObject([
      { object: 'companies', add: 1, wait: 1, missing: { sync: 'companies', row: '2' } },
      { object: 'contacts', add: 1, wait: 1, missing: { sync: 'contacts', row: '3' } },
    ])
    expect(plan.stdout).toContain('Row 2 of sync companies has no record in HubSpot yet.')
    expectExit(await project.run(['run']), 1)
    expect(linked(sandbox)).toEqual({ 'a@shop.example Firm 1': [] })
    const runs = await project.rows('select sync_name, calls_planned, calls_made from runs')
    for (const { calls_planned, calls_made } of runs) expect(calls_made).toBe(calls_planned)
    expect(
      await project.rows(
        "select row_id, association, error_category from links__contacts where status = 'pending' order by row_id",
      ),
    ).toMatchObject([
      { row_id: '1', error_category: 'NO_TARGET_YET' },
      { row_id: '2', error_category: 'NO_TARGET_YET' },
    ])
  })

  here('a circle of syncs, and a sync with itself', async () => {
    const { sandbox, project } = await linksProject(engine, [
      contacts([
        { ...bySync, sync: 'zz_companies' },
        { to: 'contacts', sync: 'contacts', key: 'boss_id' },
      ]),
      companies({
        // Its links come after those of the contacts, which are recorded by then.
        sync: 'zz_companies',
        associations: [{ to: 'contacts', sync: 'contacts', key: 'owner_id', label: 'Owner' }],
      }),
    ])
    sandbox.defineLabel('companies', 'contacts', { label: 'Owner' })
    await setRows(project, 'people', [
      { id: 1, email: 'a@shop.example', first_name: 'A', firm_id: 1, boss_id: 2 },
      { id: 2, email: 'b@shop.example', first_name: 'B', firm_id: 2, boss_id: null },
    ])
    await setRows(project, 'firms', [
      { id: 1, name: 'Firm 1', owner_id: 2 },
      { id: 2, name: 'Firm 2', owner_id: 2 },
    ])
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({
      'a@shop.example Firm 1': [],
      'b@shop.example Firm 1': ['Owner'],
      'b@shop.example Firm 2': ['Owner'],
    })
    expect(linked(sandbox, 'contacts', 'email')).toEqual({
      'a@shop.example b@shop.example': [],
      'b@shop.example a@shop.example': [],
    })
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
  })

  here('records found by a property: one, none, and several', async () => {
    const { sandbox, project } = await linksProject(engine, [
      contacts([{ to: 'companies', match: { domain: 'firm' } }]),
    ])
    const [first] = sandbox.seedRecords('companies', [
      { name: 'One', domain: 'one.example' },
      { name: 'Two', domain: 'two.example' },
      { name: 'Two again', domain: 'two.example' },
    ])
    expect(first).toBeDefined()
    await setRows(project, 'people', [
      { id: 1, email: 'a@shop.example', first_name: 'A', firm: ' One.example' },
      { id: 2, email: 'b@shop.example', first_name: 'B', firm: 'two.example' },
      { id: 3, email: 'c@shop.example', first_name: 'C', firm: 'three.example' },
    ])
    const run = await project.run(['run'])
    expectExit(run, 1)
    expect(run.stderr).toContain('1 link rejected')
    expect(sandbox.records('contacts')).toHaveLength(3)
    expect(linked(sandbox)).toEqual({ 'a@shop.example One': [] })
    expect(
      await project.rows(
        "select row_id, status, error_category, error_message from links__contacts where status <> 'succeeded' order by row_id",
      ),
    ).toMatchObject([
      {
        row_id: '2',
        status: 'rejected',
        error_category: 'AMBIGUOUS_TARGET',
        error_message: expect.stringMatching(
          /several records of companies with this domain: \d+, \d+\./,
        ),
      },
      {
        row_id: '3',
        status: 'pending',
        error_category: 'TARGET_NOT_FOUND',
        error_message: 'HubSpot has no record of companies with domain three.example.',
      },
    ])
    const reads = sandbox.counts().byOperation['objects.search']
    expectExit(await project.run(['run']), 0)
    expect(sandbox.counts().byOperation['objects.search'], 'not asked again for a day').toBe(reads)
  })

  here('a link of a record to itself is rejected without a call, and others go', async () => {
    const { sandbox, project } = await linksProject(engine, [
      companies({
        associations: [
          { to: 'companies', sync: 'companies', key: 'parent_id', label: 'Child Company' },
        ],
      }),
    ])
    await setRows(project, 'firms', [
      { id: 1, name: 'Mother', parent_id: 1 },
      { id: 2, name: 'Daughter', parent_id: 1 },
    ])
    const run = await project.run(['run'])
    expectExit(run, 1)
    expect(
      await project.rows(
        "select row_id, outcome, error_category from changes where operation = 'associate' order by row_id",
      ),
    ).toEqual([
      { row_id: '1', outcome: 'rejected', error_category: 'LINK_TO_ITSELF' },
      { row_id: '2', outcome: 'succeeded', error_category: null },
    ])
    const written = Object.entries(sandbox.counts().byOperation).filter(([name]) =>
      /associations.batch.(create|default)/.test(name),
    )
    expect(written.map(([, calls]) => calls)).toEqual([1])
  })
})
