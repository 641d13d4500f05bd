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

const byId = { to: 'companies', id: 'firm_id', label: 'role', on_removed: 'remove' }
const person = { id: 1, email: 'ada@shop.example', first_name: 'Ada', firm_id: '1001' }

describe.each(engines)('what changes around links, on %s', (engine) => {
  const here = test.skipIf(isMissing(engine))

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
})
