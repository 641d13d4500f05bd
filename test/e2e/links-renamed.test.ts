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

const entry = (key: string) => ({ to: 'companies', sync: 'companies', key, on_removed: 'remove' })
const byDomain = { mode: 'upsert', match: { domain: 'domain' } }
const firms = [1, 2].map((id) => ({ id, no: 10 + id, name: `Firm ${id}`, domain: `${id}.example` }))
const person = (id: number, column: string, firm: number | null) => ({
  id,
  email: `p${id}@shop.example`,
  first_name: `P ${id}`,
  [column]: firm,
})
const both = { 'p1@shop.example Firm 1': [], 'p2@shop.example Firm 2': [] }

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(isMissing(engine))

  const start = async (more: Readonly<Record<string, unknown>> = {}) => {
    const made = await linksProject(engine, [
      contacts([entry('firm')]),
      companies({ ...byDomain, ...more }),
    ])
    await setRows(made.project, 'people', [person(1, 'firm', 1), person(2, 'firm', 2)])
    await setRows(made.project, 'firms', firms)
    expectExit(await made.project.run(['run']), 0)
    expect(linked(made.sandbox)).toEqual(both)
    return { ...made, writes: made.sandbox.writeCalls() }
  }

  here(
    'a key column with another name: nothing is sent again, and links are removed as before',
    async () => {
      const { sandbox, project, writes } = await start()
      project.setSyncs([contacts([entry('firm_no')]), companies(byDomain)])
      await setRows(project, 'people', [person(1, 'firm_no', 1), person(2, 'firm_no', 2)])
      const plan = await project.run(['plan', '--select', 'contacts'])
      expect(plan.stdout).toContain('0 write calls')
      expectExit(await project.run(['run']), 0)
      expect(sandbox.writeCalls()).toBe(writes)
      await setRows(project, 'people', [person(1, 'firm_no', null), person(2, 'firm_no', 2)])
      expectExit(await project.run(['run', '--force-guard', 'max_deletes']), 0)
      expect(linked(sandbox)).toEqual({ 'p2@shop.example Firm 2': [] })
    },
  )

  here('another primary key of the sync that links lead to', async () => {
    const { sandbox, project, writes } = await start()
    project.setSyncs([contacts([entry('firm')]), companies({ ...byDomain, primary_key: 'no' })])
    await setRows(project, 'people', [person(1, 'firm', 11), person(2, 'firm', 12)])
    expectExit(await project.run(['run', '--rekey']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
    expect(linked(sandbox)).toEqual(both)
    const plan = await project.run(['plan', '--select', 'contacts'])
    expect(plan.stdout).toContain('0 write calls')
  })

  here(
    'a target that its own sync archived: its links wait, and are made again with it',
    async () => {
      const { sandbox, project } = await start({ on_delete: 'delete' })
      await setRows(project, 'firms', firms.slice(0, 1))
      expectExit(await project.run(['run', '--force-guard', 'max_deletes']), 0)
      expectExit(await project.run(['run']), 0)
      expect(
        await project.rows(
          'select row_id, status, error_category from links__contacts order by row_id',
        ),
      ).toEqual([
        { row_id: '1', status: 'succeeded', error_category: null },
        { row_id: '2', status: 'pending', error_category: 'NO_TARGET_YET' },
      ])
      await setRows(project, 'firms', firms)
      expectExit(await project.run(['run']), 0)
      expect(linked(sandbox)).toEqual(both)
    },
  )

  here('records that a run makes again get their links in the same run', async () => {
    const { sandbox, project } = await start()
    const archive = (object: string) =>
      sandbox.archiveRecord(object, sandbox.records(object)[0]?.id ?? '')
    archive('contacts')
    await project.sql("update people set first_name = 'Again' where id = 1")
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual(both)
    archive('companies')
    await project.sql("update firms set name = 'Firm 1 again' where id = 1")
    const run = await project.run(['run'])
    expectExit(run, 0)
    expect(run.stderr).toContain('1 linked')
    expect(linked(sandbox)).toEqual({
      'p1@shop.example Firm 1 again': [],
      'p2@shop.example Firm 2': [],
    })
  })
})
