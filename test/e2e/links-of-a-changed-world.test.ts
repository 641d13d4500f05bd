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

const byId = { to: 'companies', id: 'firm_id', label: 'role', on_removed: 'remove' }
const person = { id: 1, email: 'ada@shop.example', first_name: 'Ada', firm_id: '1001' }

async function rename(sandbox: StrictSandbox, associationTypeId: number, label: string) {
  const answer = await fetch(`${sandbox.url}/crm/v4/associations/contacts/companies/labels`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ associationTypeId, label }),
  })
  expect(answer.status).toBe(204)
}

describe.each(engines)('what changes around links, on %s', (engine) => {
  const here = test.skipIf(isMissing(engine))

  here('a label that is renamed: rows say which labels there are, and links stay', async () => {
    const { sandbox, project } = await linksProject(engine, [contacts([byId])])
    const [typeId = 0] = sandbox.defineLabel('contacts', 'companies', { label: 'Buyer' })
    sandbox.seedRecords('companies', [{ name: 'Acme' }])
    await setRows(project, 'people', [{ ...person, role: 'buyer' }])
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({ 'ada@shop.example Acme': ['Buyer'] })

    await rename(sandbox, typeId, 'Customer')
    const refused = await project.run(['run'])
    expectExit(refused, 1)
    const told = await project.run(['show', 'contacts', '1'])
    expect(told.stdout).toContain('"buyer" is no label of companies (labels: Customer, Primary)')
    expect(linked(sandbox)).toEqual({ 'ada@shop.example Acme': ['Customer'] })

    const writes = sandbox.writeCalls()
    await setRows(project, 'people', [{ ...person, role: 'Customer' }])
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
    expect(linked(sandbox)).toEqual({ 'ada@shop.example Acme': ['Customer'] })
  })

  here('a label for all that is deleted: nothing is sent, and what to do is said', async () => {
    const { sandbox, project } = await linksProject(engine, [
      contacts([{ ...byId, label: { value: 'Buyer' } }]),
    ])
    sandbox.defineLabel('contacts', 'companies', { label: 'Buyer' })
    sandbox.defineLabel('contacts', 'companies', { label: 'Boss' })
    sandbox.seedRecords('companies', [{ name: 'Acme' }])
    await setRows(project, 'people', [person])
    expectExit(await project.run(['run']), 0)
    sandbox.removeLabel('contacts', 'companies', 'Buyer')
    const writes = sandbox.writeCalls()
    const result = await project.run(['run'])
    expectExit(result, 1)
    expect(result.stdout + result.stderr).toContain(
      'links from contacts to companies have no label Buyer',
    )
    expect(result.stdout + result.stderr).toContain('Labels are: Primary, Boss.')
    expect(sandbox.writeCalls()).toBe(writes)
  })

  here('the other sync under another name: nothing is linked again', async () => {
    const association = { to: 'companies', sync: 'companies', key: 'firm_id', label: 'role' }
    const { sandbox, project } = await linksProject(engine, [contacts([association]), companies()])
    sandbox.defineLabel('contacts', 'companies', { label: 'Buyer' })
    await setRows(project, 'people', [{ ...person, firm_id: '7', role: 'Buyer' }])
    await setRows(project, 'firms', [{ id: '7', name: 'Acme' }])
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({ 'ada@shop.example Acme': ['Buyer'] })
    const before = sandbox.counts().byOperation
    const renamed = { sync: 'firms', previous_name: 'companies' }
    project.setSyncs([contacts([{ ...association, sync: 'firms' }]), companies(renamed)])
    expectExit(await project.run(['run']), 0)
    const after = sandbox.counts()
    expect(after.byOperation['associations.batch.create']).toBe(before['associations.batch.create'])
    expect(after.byOperation['associations.batch.read']).toBe(before['associations.batch.read'])
    expect(linked(sandbox)).toEqual({ 'ada@shop.example Acme': ['Buyer'] })
  })

  here('a company that is archived: the record is sent, its link waits and says why', async () => {
    const { sandbox, project } = await linksProject(engine, [contacts([byId])])
    sandbox.seedRecords('companies', [{ name: 'Acme' }, { name: 'Bolt' }])
    sandbox.archiveRecord('companies', '1001')
    await setRows(project, 'people', [
      { ...person, role: null },
      { ...person, id: 2, email: 'bob@shop.example', firm_id: '1002', role: null },
    ])
    expectExit(await project.run(['run']), 0)
    expect(sandbox.countRecords('contacts')).toBe(2)
    expect(linked(sandbox)).toEqual({ 'bob@shop.example Bolt': [] })
    const [link] = await project.rows("select * from links__contacts where row_id = '1'")
    expect(link).toMatchObject({ status: 'pending', error_category: 'TARGET_MISSING' })
    // It is not asked for again at once.
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
    await setRows(project, 'people', [{ ...person, firm_id: '1002', role: null }])
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toMatchObject({ 'ada@shop.example Bolt': [] })
  })
})
