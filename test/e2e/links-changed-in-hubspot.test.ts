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

const idOf = (sandbox: StrictSandbox, object: string, name: string, value: string) =>
  sandbox.records(object).find(({ properties }) => properties[name] === value)?.id ?? ''

const firms = (...names: readonly string[]) =>
  names.map((name, index) => ({ id: index + 1, name, domain: `${index + 1}.example` }))

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(isMissing(engine))
  const bySync = { to: 'companies', sync: 'companies', key: 'firm_id' }
  const byDomain = companies({ mode: 'upsert', match: { domain: 'domain' } })

  here(
    'a company that was archived: its links wait, and are made when it is there again',
    async () => {
      const { sandbox, project } = await linksProject(engine, [contacts([bySync]), byDomain])
      const person = (id: number, firm: number) => ({
        id,
        email: `p${id}@shop.example`,
        first_name: 'P',
        firm_id: firm,
      })
      await setRows(project, 'people', [person(1, 1)])
      await setRows(project, 'firms', firms('One', 'Two'))
      expectExit(await project.run(['run']), 0)
      sandbox.archiveRecord('companies', idOf(sandbox, 'companies', 'name', 'One'))
      await setRows(project, 'people', [person(1, 1), person(2, 1), person(3, 2)])
      const run = await project.run(['run'])
      expectExit(run, 0)
      expect(run.stderr).toContain('HubSpot does not have the record at the other end of the link')
      expect(run.stderr).toContain('Tried again after a day')
      expect(sandbox.records('contacts')).toHaveLength(3)
      expect(linked(sandbox)).toEqual({ 'p3@shop.example Two': [] })
      expect(
        await project.rows(
          "select row_id, status, error_category from links__contacts where status <> 'succeeded'",
        ),
      ).toEqual([{ row_id: '2', status: 'pending', error_category: 'TARGET_MISSING' }])
      const status = await project.run(['status'])
      expect(status.stdout).toContain('TARGET_MISSING')
      const writes = sandbox.writeCalls()
      expectExit(await project.run(['run']), 0)
      expect(sandbox.writeCalls(), 'not before a day').toBe(writes)
      // The company's row changes: it is made again, and all links to it with it.
      await setRows(project, 'firms', firms('One again', 'Two'))
      expectExit(await project.run(['run']), 0)
      expectExit(await project.run(['run']), 0)
      expect(linked(sandbox)).toEqual({
        'p1@shop.example One again': [],
        'p2@shop.example One again': [],
        'p3@shop.example Two': [],
      })
    },
  )

  here('two contacts that were merged', async () => {
    const { sandbox, project } = await linksProject(engine, [contacts([bySync]), byDomain])
    const people = (name: string, firm: number) =>
      setRows(project, 'people', [
        { id: 1, email: 'a@shop.example', first_name: 'A', firm_id: 1 },
        { id: 2, email: 'b@shop.example', first_name: name, firm_id: firm },
      ])
    await people('B', 1)
    await setRows(project, 'firms', firms('One', 'Two'))
    expectExit(await project.run(['run']), 0)
    const a = idOf(sandbox, 'contacts', 'email', 'a@shop.example')
    sandbox.mergeRecords('contacts', a, idOf(sandbox, 'contacts', 'email', 'b@shop.example'))
    await people('Bee', 2)
    let told = ''
    for (let runs = 0; runs < 3; runs += 1) told += (await project.run(['run'])).stderr
    expect(told).toContain('One record, one row')
    expect(sandbox.records('contacts')).toHaveLength(1)
    // The row that has no record of its own any more links nothing to the other's.
    expect(linked(sandbox)).toEqual({ 'a@shop.example One': [] })
    // Its row leaves the model, as the message says: the other one is linked as before.
    await project.sql('delete from people where id = 2')
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({ 'a@shop.example One': [] })
  })

  here('a contact that somebody merged into another, whose row lets its link go', async () => {
    const { sandbox, project } = await linksProject(engine, [
      contacts([{ ...bySync, on_removed: 'remove' }]),
      byDomain,
    ])
    const person = { id: 1, email: 'a@shop.example', first_name: 'A', firm_id: 1 }
    await setRows(project, 'people', [person])
    await setRows(project, 'firms', firms('One'))
    expectExit(await project.run(['run']), 0)
    const a = idOf(sandbox, 'contacts', 'email', 'a@shop.example')
    sandbox.seedRecords('contacts', [{ email: 'b@shop.example' }])
    const b = idOf(sandbox, 'contacts', 'email', 'b@shop.example')
    sandbox.mergeRecords('contacts', b, a)
    await setRows(project, 'people', [{ ...person, firm_id: null }])
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({ 'b@shop.example One': [] })
    const [survivor] = sandbox.records('contacts').map(({ id }) => id)
    expect(
      await project.rows(
        "select outcome, error_message from changes where operation = 'dissociate'",
      ),
    ).toEqual([
      {
        outcome: 'succeeded',
        error_message: `Record ${a} was merged into ${survivor}, whose links stay as they are.`,
      },
    ])
  })

  here('a link that was taken off, and that somebody else made since, stays', async () => {
    const { sandbox, project } = await linksProject(engine, [
      contacts([{ ...bySync, on_removed: 'remove' }]),
      byDomain,
    ])
    const person = (firm: number | null) =>
      setRows(project, 'people', [
        { id: 1, email: 'a@shop.example', first_name: 'A', firm_id: firm },
        { id: 2, email: 'b@shop.example', first_name: 'B', firm_id: 1 },
      ])
    await setRows(project, 'firms', firms('One'))
    for (const firm of [1, null]) {
      await person(firm)
      expectExit(await project.run(['run']), 0)
    }
    expect(linked(sandbox)).toEqual({ 'b@shop.example One': [] })
    sandbox.link(
      ['contacts', idOf(sandbox, 'contacts', 'email', 'a@shop.example')],
      ['companies', idOf(sandbox, 'companies', 'name', 'One')],
    )
    for (const firm of [1, null]) {
      await person(firm)
      expectExit(await project.run(['run']), 0)
    }
    expect(linked(sandbox)).toEqual({ 'a@shop.example One': [], 'b@shop.example One': [] })
  })

  here('a contact that was deleted', async () => {
    const { sandbox, project } = await linksProject(engine, [contacts([bySync]), byDomain])
    const people = (firm: number) =>
      setRows(project, 'people', [
        { id: 1, email: 'a@shop.example', first_name: 'A', firm_id: firm },
      ])
    await people(1)
    await setRows(project, 'firms', firms('One', 'Two'))
    expectExit(await project.run(['run']), 0)
    sandbox.archiveRecord('contacts', idOf(sandbox, 'contacts', 'email', 'a@shop.example'))
    await people(2)
    const run = await project.run(['run'])
    expectExit(run, 0)
    expect(run.stderr).toContain('1 link waiting')
    const shown = await project.run(['show', 'contacts', '1'])
    expect(shown.stdout).toContain('backhaul run --full-refresh --row KEY')
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls(), 'not asked again for a day').toBe(writes)
    expectExit(
      await project.run(['run', '--select', 'contacts', '--full-refresh', '--row', '1']),
      0,
    )
    expect(linked(sandbox)).toEqual({ 'a@shop.example Two': [] })
  })

  here('a label that was renamed', async () => {
    const { sandbox, project } = await linksProject(engine, [
      contacts([{ ...bySync, label: 'role' }]),
      byDomain,
    ])
    const [typeId = 0] = sandbox.defineLabel('contacts', 'companies', { label: 'Buyer' })
    const people = (role: string) =>
      setRows(project, 'people', [
        { id: 1, email: 'a@shop.example', first_name: 'A', firm_id: 1, role },
      ])
    await people('Buyer')
    await setRows(project, 'firms', firms('One'))
    expectExit(await project.run(['run']), 0)
    const answer = await fetch(`${sandbox.url}/crm/v4/associations/contacts/companies/labels`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ associationTypeId: typeId, label: 'Purchaser' }),
    })
    expect(answer.status).toBe(204)
    const run = await project.run(['run'])
    expectExit(run, 1)
    expect(run.stderr).toContain('1 rejected row of sync contacts')
    const shown = await project.run(['show', 'contacts', '1'])
    expect(shown.stdout).toContain('"Buyer" is no label')
    expect(shown.stdout).toContain('Purchaser')
    expect(linked(sandbox)).toEqual({ 'a@shop.example One': ['Purchaser'] })
    await people('Purchaser')
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls(), 'the link has the label already').toBe(writes)
    project.setSyncs([contacts([{ ...bySync, label: 'Buyer' }]), byDomain])
    const wrong = await project.run(['validate'])
    expect(`${wrong.stdout}${wrong.stderr}`).not.toContain('INTERNAL')
    const refused = await project.run(['plan'])
    expectExit(refused, 1)
    expect(refused.stderr).toContain('Purchaser')
  })
})
