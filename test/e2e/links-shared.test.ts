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

const bySync = { to: 'companies', sync: 'companies', key: 'firm_id', on_removed: 'remove' }
const byId = { to: 'companies', id: 'record', on_removed: 'remove' }

type Cells = Readonly<Record<string, string | number | null>>

const idOf = (sandbox: StrictSandbox, object: string) => sandbox.records(object)[0]?.id ?? ''

/** Labels of the one contact's link to the one company, seen from the company. */
const seenBack = (sandbox: StrictSandbox) =>
  sandbox
    .links('companies', idOf(sandbox, 'companies'), 'contacts')
    .flatMap(({ labels }) => labels.filter((label) => label !== null))
    .sort()

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(isMissing(engine))

  /** One contact and one company; `Buyer` and `Bought` are one label, seen from either end. */
  const start = async (...syncs: Parameters<typeof linksProject>[1]) => {
    const made = await linksProject(engine, syncs)
    const { sandbox, project } = made
    sandbox.defineLabel('contacts', 'companies', { label: 'Buyer', inverseLabel: 'Bought' })
    sandbox.defineLabel('contacts', 'companies', { label: 'Payer' })
    const firm = (cells: Cells = {}) =>
      setRows(project, 'firms', [
        { id: 1, name: 'One', domain: 'one.example', person: null, was: null, ...cells },
      ])
    const person = (cells: Cells = {}) =>
      setRows(project, 'people', [
        { id: 1, email: 'a@shop.example', first_name: 'A', firm_id: null, ...none, ...cells },
      ])
    const run = async () => expectExit(await project.run(['run']), 0)
    await firm()
    await person()
    await run()
    return { ...made, firm, person, run, company: idOf(sandbox, 'companies') }
  }
  const none = { role: null, record: null, role2: null }
  const both = [
    { ...bySync, label: 'role' },
    { ...byId, label: { column: 'role2' } },
  ]
  const labels = (sandbox: StrictSandbox) => linked(sandbox)['a@shop.example One']

  here('a label stays that another entry asks for, and goes with the last one', async () => {
    const { sandbox, project, person, run, company } = await start(contacts(both), companies())
    await person({ firm_id: 1, role: 'Buyer' })
    await run()
    await person({ firm_id: 1, role: 'Buyer', record: company, role2: 'Buyer' })
    await run()
    await person({ firm_id: 1, role: 'Payer', record: company, role2: 'Buyer' })
    await run()
    expect(labels(sandbox)).toEqual(['Buyer', 'Payer'])
    await person({ firm_id: 1, role: 'Payer', record: company, role2: 'Payer' })
    await run()
    expect(labels(sandbox)).toEqual(['Payer'])
    await person()
    const writes = sandbox.writeCalls()
    const plan = await project.run(['plan', '--output', 'json', '--select', 'contacts'])
    const { calls } = JSON.parse(plan.stdout.split('\n', 1)[0] ?? '')
    expectExit(await project.run(['run', '--force-guard', 'max_deletes']), 0)
    expect(linked(sandbox)).toEqual({})
    expect(sandbox.writeCalls() - writes).toBe(calls.writes)
  })

  here('a label that a person has set stays, whoever asks for it, too', async () => {
    const { sandbox, person, run, company } = await start(contacts(both), companies())
    sandbox.link(['contacts', idOf(sandbox, 'contacts')], ['companies', company], 'Buyer')
    await person({ firm_id: 1, role: 'Buyer' })
    await run()
    await person({ firm_id: 1, role: 'Payer' })
    await run()
    expect(labels(sandbox)).toEqual(['Buyer', 'Payer'])
    await person({ firm_id: 1 })
    await run()
    expect(labels(sandbox)).toEqual(['Buyer'])
  })

  here('a link and its label stay while the other direction asks for them', async () => {
    const back = {
      to: 'contacts',
      sync: 'contacts',
      key: 'person',
      label: { column: 'was' },
      on_removed: 'remove',
    }
    const { sandbox, firm, person, run } = await start(
      contacts([{ ...bySync, label: { column: 'role' } }]),
      companies({ mode: 'upsert', match: { domain: 'domain' }, associations: [back] }),
    )
    await person({ firm_id: 1, role: 'Buyer' })
    await run()
    await firm({ person: 1, was: 'Bought' })
    await run()
    expect(seenBack(sandbox)).toEqual(['Bought'])
    await person({ firm_id: 1, role: 'Payer' })
    await run()
    expect(seenBack(sandbox)).toEqual(['Bought', 'Payer'])
    await person()
    await run()
    expect(seenBack(sandbox)).toEqual(['Bought'])
    await firm()
    await run()
    expect(linked(sandbox)).toEqual({})
  })

  here('a link stays while another sync asks for it, and goes with the last one', async () => {
    const first = contacts([bySync])
    const second = contacts([byId], { sync: 'others', properties: { lastname: 'first_name' } })
    const { sandbox, person, run, company } = await start(
      { model: 'people', hubspot: [first.hubspot, second.hubspot].flat() },
      companies(),
    )
    await person({ firm_id: 1 })
    await run()
    await person({ firm_id: 1, record: company })
    await run()
    await person({ record: company })
    await run()
    expect(labels(sandbox)).toEqual([])
    await person()
    await run()
    expect(linked(sandbox)).toEqual({})
  })

  here('two of one object that ask for each other, in one run', async () => {
    const entry = (key: string) => ({ to: 'contacts', sync: 'contacts', key, on_removed: 'remove' })
    const { sandbox, project } = await linksProject(engine, [
      contacts([
        { ...entry('boss'), label: { value: 'Boss' } },
        { ...entry('friend'), label: { value: 'Friend' } },
        entry('mate'),
      ]),
    ])
    sandbox.defineLabel('contacts', 'contacts', { label: 'Boss', inverseLabel: 'Report' })
    sandbox.defineLabel('contacts', 'contacts', { label: 'Friend' })
    const people = (...rows: readonly Cells[]) =>
      setRows(
        project,
        'people',
        rows.map((cells, index) => ({
          id: index + 1,
          email: `p${index + 1}@shop.example`,
          first_name: 'P',
          ...{ boss: null, friend: null, mate: null },
          ...cells,
        })),
      )
    const run = async () => {
      const result = await project.run(['run', '--force-guard', 'max_deletes'])
      expectExit(result, 0)
      const [counted] = await project.rows(
        'select calls_planned, calls_made from runs order by started_at desc limit 1',
      )
      return counted
    }
    // One call for the records, two for links with a label, two for those without one.
    await people({ boss: 2 }, { friend: 1 }, { mate: 4 }, { mate: 3 }, { mate: 6 }, { mate: 5 })
    expect(await run()).toEqual({ calls_planned: 5, calls_made: 5 })
    expect(linked(sandbox, 'contacts', 'email')).toEqual({
      'p1@shop.example p2@shop.example': ['Boss', 'Friend'],
      'p2@shop.example p1@shop.example': ['Friend', 'Report'],
      'p3@shop.example p4@shop.example': [],
      'p4@shop.example p3@shop.example': [],
      'p5@shop.example p6@shop.example': [],
      'p6@shop.example p5@shop.example': [],
    })
    await people({}, {}, {}, {}, {}, {})
    const { calls_planned, calls_made } = (await run()) ?? {}
    expect(calls_made).toBe(calls_planned)
    expect(linked(sandbox, 'contacts', 'email')).toEqual({})
  })

  here('calls that take links off are counted by what stands there', async () => {
    const { sandbox, project } = await linksProject(engine, [contacts([bySync]), companies()])
    for (const label of ['Buyer', 'Friend']) sandbox.defineLabel('contacts', 'companies', { label })
    const firms = (ids: string | null) =>
      setRows(project, 'people', [
        { id: 1, email: 'a@shop.example', first_name: 'A', firm_id: ids },
      ])
    const run = async () => {
      expectExit(await project.run(['run']), 0)
      const [counted] = await project.rows(
        "select calls_planned, calls_made from runs where sync_name = 'contacts' order by started_at desc limit 1",
      )
      return counted
    }
    const labelled = (id: number) => `{"value": ${id}, "label": "Buyer"}`
    await firms(`[1, ${labelled(2)}, 3]`)
    await setRows(
      project,
      'firms',
      [1, 2, 3].map((id) => ({ id, name: `Firm ${id}` })),
    )
    await run()
    const [, second = '', third = ''] = sandbox.records('companies').map(({ id }) => id)
    const person = idOf(sandbox, 'contacts')
    // Of one of them only our label goes, which is a call of another kind.
    sandbox.link(['contacts', person], ['companies', second], 'Friend')
    await firms('[3]')
    expect(await run()).toEqual({ calls_planned: 2, calls_made: 2 })
    expect(linked(sandbox)).toEqual({
      'a@shop.example Firm 2': ['Friend'],
      'a@shop.example Firm 3': [],
    })
    sandbox.unlink(['contacts', person], ['companies', third])
    await firms(null)
    expect(await run()).toEqual({ calls_planned: 0, calls_made: 0 })
  })
})
