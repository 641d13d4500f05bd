import { expect, test } from 'vitest'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop } from '../support/small-shop.ts'
import { testEngines } from '../support/warehouses.ts'

for (const { name, missing } of testEngines()) {
  test.skipIf(missing !== undefined)(
    `plan and run say of each asked row what it is (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const tables = [
        people('Ada', 'Grace', 'Cy', 'Di'),
        'update people set email = null where id = 3',
      ]
      const project = await smallShop({ engine: name, sandbox, tables })
      await project.run(['run', '-q'])
      await project.sql(
        "update people set first_name = 'G' where id = 2",
        'delete from people where id = 4',
      )
      const rows = ['--row', '1', '2', '3', '4', '999']
      const said = (text: string) =>
        text.split('\n').flatMap((line) => /(?:no )?row \d+.*/.exec(line)?.[0] ?? [])
      const expected = [
        expect.stringMatching(/^row 1: unchanged, sent 20\d\d-\d\d-\d\dT[\d:.]+Z$/),
        'row 2: update',
        'row 3: rejected (missing_match_value)',
        expect.stringMatching(/^row 4: not in the model any more, sent 20/),
        'no row 999 in the model',
      ]
      const plan = await project.run(['plan', ...rows])
      expect(plan.exitCode, plan.stderr).toBe(1)
      expect(plan.stderr).toContain('Sync contacts has no row 999')
      expect(said(plan.stdout).slice(0, 5)).toEqual(expected)
      const run = await project.run(['run', ...rows])
      expect(said(run.stderr).slice(0, 5)).toEqual(expected)
      const none = await project.run(['run', '--row', '1', '999'])
      expect(none.exitCode, none.stderr).toBe(1)
      const json = await project.run(['plan', '--row', '1', '--output', 'json'])
      expect(JSON.parse(json.stdout)).toMatchObject({
        asked: [{ row: '1', isInModel: true, operation: null, status: 'succeeded' }],
      })
    },
  )

  test.skipIf(missing !== undefined)(
    `a key of several columns is a JSON list, however it is spaced (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const syncs = [contacts({ primary_key: ['first_name', 'id'] })]
      const project = await smallShop({ engine: name, sandbox, syncs })
      expect((await project.run(['run', '--row', '["Ada", 1]'])).stderr).toContain('[1 created')
      for (const key of ['["Grace", 2]', '["Grace","2"]', ' [ "Grace" , "2" ] ']) {
        const { stdout } = await project.run(['plan', '--row', key])
        expect(stdout).toContain('row ["Grace","2"]: create or update')
        expect(stdout).toContain('1 create or update')
      }
    },
  )
}

test('a sync whose rows have all left is at no first run', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, tables: [people('Ada')] })
  const isFirst = async () =>
    JSON.parse((await project.run(['plan', '--output', 'json'])).stdout.split('\n')[0] ?? '')
      .isFirstRun
  expect(await isFirst()).toBe(true)
  await project.run(['run'])
  expect(await isFirst()).toBe(false)
  await project.sql('delete from people')
  await project.run(['run', '--force-guard', 'empty_model'])
  expect((await project.state('contacts')).map((row) => row['status'])).toEqual(['left'])
  expect(await isFirst()).toBe(false)
})
