import { expect, test } from 'vitest'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop } from '../support/small-shop.ts'
import { testEngines } from '../support/warehouses.ts'

for (const { name, missing } of testEngines()) {
  test.skipIf(missing !== undefined)(
    `every plan and run says how many rows are parked, and what to do about them (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const tables = [people('Ada', 'Grace', 'Cy'), "update people set email = 'none' where id > 1"]
      const syncs = [contacts({ max_attempts: 1 })]
      const project = await smallShop({ engine: name, sandbox, tables, syncs })
      await project.sql("update people set email = 'nowhere' where id = 3")
      expect((await project.run(['run'])).exitCode).toBe(1)

      const plan = await project.run(['plan'])
      expect(plan.exitCode, plan.stderr).toBe(0)
      expect(plan.stdout).toContain('2 parked, 1 unchanged')
      const run = await project.run(['run'])
      expect(run.exitCode, run.stderr).toBe(0)
      expect(run.stderr).toContain('RUN: 2 parked, 1 unchanged, 0 write calls')
      expect(run.stderr).toContain('[2 parked, 1 unchanged in')
      for (const { stderr } of [plan, run]) {
        const said = stderr.split('\n').filter((line) => line.includes('parked row'))
        expect(said).toHaveLength(1)
        expect(said[0]).toContain('Warning: 2 parked rows of sync contacts')
        expect(said[0]).toContain('Why: backhaul status --select contacts.')
        expect(said[0]).toContain('When the cause is gone: backhaul retry contacts')
      }
      const { stderr } = await project.run(['plan', '--log-format', 'json'])
      const parked = stderr.split('\n').find((line) => line.includes('"H017"'))
      const { query } = JSON.parse(parked ?? '').data
      expect((await project.rows(query)).map((row) => row['row_id'])).toEqual(['2', '3'])

      const [document] = (await project.run(['plan', '--output', 'json'])).stdout.split('\n')
      expect(JSON.parse(document ?? '').rows).toMatchObject({ parked: 2, unchanged: 1, known: 3 })
      const results = JSON.parse((await project.run(['run', '--output', 'json'])).stdout)
      expect(results.results[0].counts).toMatchObject({ parked: 2, rejected: 0 })
      const one = await project.run(['plan', '--row', '2', '--output', 'json'])
      expect(JSON.parse(one.stdout.split('\n')[0] ?? '').rows).toMatchObject({ parked: 1 })

      await project.sql("update people set email = 'grace@shop.example' where id = 2")
      expect((await project.run(['run'])).stderr).toContain('[1 created, 1 parked, 1 unchanged, 1')
      expect(
        await project.rows('select rows_parked, rows_unchanged from runs order by run_id'),
      ).toEqual(
        [2, 2, 2, 1].map((rows_parked, index) => ({
          rows_parked,
          rows_unchanged: index === 0 ? 0 : 1,
        })),
      )
    },
  )
}

test('a value that another record has: the record and the row of ours are named, and nobody is told to merge', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  await project.run(['run'])
  const [, grace] = await project.state('contacts')
  await project.sql(
    'delete from people where id = 2',
    "update people set email = 'grace@shop.example'",
  )
  const run = await project.run(['run'])
  expect(run.exitCode).toBe(1)
  expect(run.stderr).toContain('cannot be undone')
  expect(run.stderr).not.toContain('Merge')
  const [change] = await project.rows(
    "select row_id, record_id, error_category, error_message from changes where outcome = 'rejected'",
  )
  expect(change).toMatchObject({ row_id: '1', error_category: 'CONFLICT' })
  expect(change?.['record_id']).not.toBe(grace?.['record_id'])
  expect(change?.['error_message']).toContain(`belongs to record ${grace?.['record_id']}`)
  expect(change?.['error_message']).toContain('the record of row 2')
})
