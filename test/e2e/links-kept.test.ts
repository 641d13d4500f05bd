import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { expectExit, impatient } from '../fault/people-project.ts'
import {
  companies,
  contacts,
  engines,
  isMissing,
  linked,
  linksProject,
  setRows,
} from '../support/links-project.ts'
import { createProject, type TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { writeTo } from '../support/small-shop.ts'

const bySync = { to: 'companies', sync: 'companies', key: 'firm_id', on_removed: 'remove' }
const person = (id: number, firm: number | null) => ({
  id,
  no: 100 - id,
  email: `p${id}@shop.example`,
  first_name: `P ${id}`,
  firm_id: firm,
})
const firms = [1, 2].map((id) => ({ id, name: `Firm ${id}` }))

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(isMissing(engine))

  const start = async () => {
    const syncs = [contacts([bySync]), companies()]
    const made = await linksProject(engine, syncs)
    await setRows(made.project, 'people', [person(1, 1), person(2, 2), person(3, 2)])
    await setRows(made.project, 'firms', firms)
    expectExit(await made.project.run(['run']), 0)
    return { ...made, syncs, writes: made.sandbox.writeCalls() }
  }

  here('links go with the state to another place, and are forgotten with their row', async () => {
    const { sandbox, project, syncs, writes } = await start()
    expectExit(await project.run(['state', 'export', 'state.ndjson']), 0)
    const text = readFileSync(join(project.dir, 'state.ndjson'), 'utf8')
    expect(text.split('\n').filter((line) => line.includes('"kind":"link"'))).toHaveLength(3)
    const target = await createProject({ engine, sandbox, syncs, settings: impatient })
    await setRows(target, 'people', [person(1, 1), person(2, 2), person(3, 2)])
    await setRows(target, 'firms', firms)
    writeTo(target, 'state.ndjson', text)
    expectExit(await target.run(['state', 'import', 'state.ndjson']), 0)
    expectExit(await target.run(['run']), 0)
    expect(sandbox.writeCalls(), 'nothing is sent again').toBe(writes)
    await setRows(target, 'people', [person(1, null), person(2, 2)])
    expectExit(await target.run(['forget', 'contacts', '3']), 0)
    expect(
      await target.rows("select count(*) as total from links__contacts where row_id = '3'"),
    ).toEqual([{ total: 0 }])
    expectExit(await target.run(['run']), 0)
    expect(linked(sandbox)).toEqual({ 'p2@shop.example Firm 2': [], 'p3@shop.example Firm 2': [] })
  })

  here(
    'a link of ours of which is not known which labels were added loses those we set',
    async () => {
      const label = { column: 'role' }
      const syncs = [contacts([{ ...bySync, label }]), companies()]
      const { sandbox, project } = await linksProject(engine, syncs)
      for (const name of ['Buyer', 'Payer', 'Friend'])
        sandbox.defineLabel('contacts', 'companies', { label: name })
      const people = (where: TestProject, ...roles: readonly (string | null)[]) =>
        setRows(
          where,
          'people',
          roles.map((role, index) => ({ ...person(index + 1, role === null ? null : 1), role })),
        )
      await people(project, 'Buyer', 'Buyer')
      await setRows(project, 'firms', firms)
      expectExit(await project.run(['run']), 0)
      expectExit(await project.run(['state', 'export', 'state.ndjson']), 0)
      const text = readFileSync(join(project.dir, 'state.ndjson'), 'utf8')
      const target = await createProject({ engine, sandbox, syncs, settings: impatient })
      writeTo(
        target,
        'state.ndjson',
        text.replaceAll(/"labels_added":"[^}]*?\]"/g, '"labels_added":null'),
      )
      await setRows(target, 'firms', firms)
      await people(target, 'Payer', null)
      expectExit(await target.run(['state', 'import', 'state.ndjson']), 0)
      expectExit(await target.run(['run']), 0)
      expect(linked(sandbox)).toEqual({ 'p1@shop.example Firm 1': ['Payer'] })
    },
  )

  here('--row and --limit take off no link', async () => {
    const { sandbox, project } = await start()
    const before = linked(sandbox)
    await setRows(project, 'people', [person(1, null), person(2, 1), person(3, 2)])
    expectExit(await project.run(['run', '--row', '1', '--select', 'contacts']), 0)
    expectExit(await project.run(['run', '--limit', '5', '--select', 'contacts']), 0)
    expect(linked(sandbox)).toEqual({ ...before, 'p2@shop.example Firm 1': [] })
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({ 'p2@shop.example Firm 1': [], 'p3@shop.example Firm 2': [] })
  })

  here('links of an archived record go with it, and are removed no second time', async () => {
    const { project } = await linksProject(engine, [
      contacts([bySync], { on_delete: 'delete' }),
      companies(),
    ])
    await setRows(project, 'people', [person(1, 1), person(2, 2), person(3, 2)])
    await setRows(project, 'firms', firms)
    expectExit(await project.run(['run']), 0)
    await setRows(project, 'people', [person(1, 1), person(2, 2)])
    expectExit(await project.run(['run']), 0)
    const plan = await project.run(['plan', '--output', 'json', '--select', 'contacts'])
    expect(JSON.parse(plan.stdout.split('\n', 1)[0] ?? '')).toMatchObject({
      calls: { writes: 0, lookups: 0 },
      links: { entries: [{ add: 0, remove: 0, wait: 0, release: 0 }] },
    })
  })

  here.each([
    ['none', null],
    ['hashed', expect.stringMatching(/^[0-9a-f]{32,64}$/)],
    ['full', 'p1@shop.example'],
  ])('what finds the other record is a value: `audit.values: %s`', async (values, told) => {
    const sandbox = await strictSandbox({ tier: 'unlimited' })
    const friend = { to: 'contacts', match: { email: 'friend' } }
    const syncs = [contacts([friend])]
    const settings = { ...impatient, audit: { values } }
    const project = await createProject({ engine, sandbox, settings, syncs })
    const friends = { 1: null, 2: 'p1@shop.example' }
    await setRows(
      project,
      'people',
      [person(1, null), person(2, null)].map((one) => ({ ...one, friend: friends[one.id as 1] })),
    )
    expectExit(await project.run(['run']), 0)
    expect(
      await project.rows('select target_key from changes where association is not null'),
    ).toEqual([{ target_key: told }])
  })

  here('another primary key keeps the links', async () => {
    const { sandbox, project, writes } = await start()
    project.setSyncs([contacts([bySync], { primary_key: 'no' }), companies()])
    const plan = await project.run(['plan', '--rekey'])
    expectExit(plan, 0)
    expect(plan.stdout).not.toContain('link')
    expectExit(await project.run(['run', '--rekey']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
    expect(
      await project.rows(
        "select row_id from links__contacts where status = 'succeeded' order by row_id",
      ),
    ).toEqual([{ row_id: '97' }, { row_id: '98' }, { row_id: '99' }])
    await setRows(project, 'people', [person(1, 2), person(2, 2), person(3, 2)])
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({
      'p1@shop.example Firm 2': [],
      'p2@shop.example Firm 2': [],
      'p3@shop.example Firm 2': [],
    })
  })

  here(
    'rows that are refused, or left out, keep their links; rows that leave lose them',
    async () => {
      const { sandbox, project } = await start()
      await project.sql(
        'update people set email = null, firm_id = 2 where id = 1',
        'delete from people where id = 3',
      )
      expectExit(await project.run(['run', '--row', '2']), 0)
      expect(Object.keys(linked(sandbox))).toHaveLength(3)
      expectExit(await project.run(['run']), 1)
      expect(linked(sandbox)).toEqual({
        'p1@shop.example Firm 1': [],
        'p2@shop.example Firm 2': [],
      })
      project.setSyncs([companies()])
      expectExit(await project.run(['clean', '--sync', 'contacts']), 0)
      expect(await project.rows('select count(*) as total from runs')).not.toEqual([{ total: 0 }])
      await expect(project.rows('select * from links__contacts')).rejects.toThrow()
    },
  )

  here(
    'two entries that lead to one pair keep their labels, and take off only what neither asks for',
    async () => {
      const entry = { ...bySync, label: 'Buyer' }
      const byId = { to: 'companies', id: 'record', label: 'Boss', on_removed: 'remove' }
      const { sandbox, project } = await linksProject(engine, [
        contacts([entry, byId]),
        companies(),
      ])
      for (const label of ['Buyer', 'Boss']) sandbox.defineLabel('contacts', 'companies', { label })
      await setRows(project, 'firms', firms)
      await setRows(project, 'people', [{ ...person(1, null), record: null }])
      await project.sql("insert into people values (2, 98, 'p2@shop.example', 'P', '1', null)")
      expectExit(await project.run(['run']), 0)
      const firm =
        sandbox.records('companies').find(({ properties }) => properties['name'] === 'Firm 1')
          ?.id ?? ''
      const people = (firmId: number | null, record: string | null) =>
        setRows(project, 'people', [{ ...person(2, firmId), record }])
      await people(1, firm)
      expectExit(await project.run(['run']), 0)
      expect(linked(sandbox)).toEqual({ 'p2@shop.example Firm 1': ['Boss', 'Buyer'] })
      const writes = sandbox.writeCalls()
      expectExit(await project.run(['run']), 0)
      expect(sandbox.writeCalls()).toBe(writes)
      await people(1, null)
      expectExit(await project.run(['run']), 0)
      expect(linked(sandbox)).toEqual({ 'p2@shop.example Firm 1': ['Buyer'] })
      await people(null, null)
      expectExit(await project.run(['run']), 0)
      expect(linked(sandbox)).toEqual({})
    },
  )

  here(
    'links that stayed are taken off once the sync says so; without the entry nothing is done',
    async () => {
      const { sandbox, project } = await linksProject(engine, [
        contacts([{ ...bySync, on_removed: 'keep' }]),
        companies(),
      ])
      await setRows(project, 'people', [person(1, 1), person(2, 1)])
      await setRows(project, 'firms', firms)
      expectExit(await project.run(['run']), 0)
      await setRows(project, 'people', [person(1, null), person(2, 1)])
      expectExit(await project.run(['run']), 0)
      expect(Object.keys(linked(sandbox))).toHaveLength(2)
      expect(
        await project.rows('select row_id, status from links__contacts order by row_id'),
      ).toEqual([
        { row_id: '1', status: 'left' },
        { row_id: '2', status: 'succeeded' },
      ])
      project.setSyncs([contacts([]), companies()])
      await setRows(project, 'people', [person(1, null), person(2, 2)])
      expectExit(await project.run(['run']), 0)
      expect(Object.keys(linked(sandbox))).toHaveLength(2)
      project.setSyncs([contacts([bySync]), companies()])
      expectExit(await project.run(['run']), 0)
      expect(linked(sandbox)).toEqual({ 'p2@shop.example Firm 2': [] })
    },
  )

  here('what was linked without a look stays, and the plan says so', async () => {
    const { sandbox, project } = await linksProject(engine, [
      contacts([{ ...bySync, on_removed: 'keep' }]),
      companies(),
    ])
    await setRows(project, 'firms', firms)
    for (const firm of [null, 1]) {
      await setRows(project, 'people', [person(1, firm)])
      expectExit(await project.run(['run']), 0)
    }
    project.setSyncs([contacts([bySync]), companies()])
    await setRows(project, 'people', [person(1, null)])
    const plan = await project.run(['plan', '--select', 'contacts'])
    expect(plan.stdout).toContain(
      '· companies/sync:firm_id: 1 link that is asked for no more stays, because nothing tells that Backhaul made it',
    )
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({ 'p1@shop.example Firm 1': [] })
  })

  here(
    'a kill between links, and the entry is gone by the next start: the books are right',
    async () => {
      const { sandbox, project } = await linksProject(engine, [contacts([bySync]), companies()])
      await setRows(project, 'people', [person(1, 1), person(2, 2)])
      await setRows(project, 'firms', firms)
      expectExit(await project.run(['run', '--select', 'companies']), 0)
      const killed = await project.run(['run', '--select', 'contacts'], {
        BACKHAUL_CRASH_AT: 'results-stored:2',
      })
      expect(killed.signal, killed.stderr).toBe('SIGKILL')
      project.setSyncs([contacts([]), companies()])
      expectExit(await project.run(['run']), 0)
      const state = await project.state('contacts')
      expect(state.map(({ row_id, status }) => [row_id, status])).toEqual([
        ['1', 'succeeded'],
        ['2', 'succeeded'],
      ])
      expect(
        await project.rows('select status, count(*) as total from links__contacts group by status'),
      ).toEqual([{ status: 'succeeded', total: 2 }])
      project.setSyncs([contacts([bySync]), companies()])
      const writes = sandbox.writeCalls()
      expectExit(await project.run(['run']), 0)
      expect(sandbox.writeCalls()).toBe(writes)
    },
  )
})
