import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { artifactNames, artifactSchema } from '../../src/cli/artifacts/artifacts.ts'
import { erasePlanOf } from '../../src/cli/state/erase-from-results.ts'
import { runCli } from '../support/cli.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { smallShop, writeTo } from '../support/small-shop.ts'

test('a plan leaves plan.json in the form of its schema, with values as the audit allows, and what tells of a person can go', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const folder = join(project.dir, 'target', 'backhaul')
  const read = () => JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'))
  await project.run(['plan', '--row', '1', '--row', '9'])
  expect(read()).toMatchObject({
    metadata: { schema_version: 1, target: 'dev', against: null, portal_id: '4242424' },
    plans: [
      {
        sync: 'contacts',
        expectedSeconds: 0,
        asked: [{ row: '1' }, { row: '9' }],
        changes: [{ rowId: '1', operation: 'upsert', new: { firstname: 'Ada' } }],
        changesLeft: 0,
      },
    ],
    held: [],
    problems: [],
    error: null,
  })
  await project.run(['plan', '--counts-only'])
  expect(read().plans).toMatchObject([{ changes: [], changesLeft: 0 }])
  await project.run(['run', '--row', '9'])
  await project.run(['plan', '--select', 'nothing'])
  expect(read()).toMatchObject({ plans: [], metadata: { portal_id: null } })
  await project.run(['plan'], { HUBSPOT_ACCESS_TOKEN: 'wrong' })
  expect(read()).toMatchObject({ plans: [], error: { category: expect.any(String) } })
  await project.run(['plan'])
  const other = { rowIds: ['7'], matchValues: ['x@shop.example'] }
  expect(erasePlanOf(folder, other, false)).toBe(0)
  expect(erasePlanOf(folder, { ...other, rowIds: ['1'] }, true)).toBe(1)
  expect(erasePlanOf(folder, { ...other, matchValues: ['ada@shop.example'] }, false)).toBe(1)
  expect(erasePlanOf(folder, { ...other, rowIds: ['1'] }, false)).toBe(0)
})

test('a plan tells no value as cleared of a row whose record stays as it is', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  await project.run(['run'])
  await project.sql('delete from people where id = 2')
  for (const values of ['full', 'hashed', 'none']) {
    writeTo(project, 'backhaul.yml', `{version: 1, audit: {values: ${values}}}`)
    const { stdout } = await project.run(['plan', '--output', 'json'])
    const [, change] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(change, values).toMatchObject({ rowId: '2', operation: 'leave' })
    expect([change.old, change.new, change.hidden], values).toEqual([{}, {}, undefined])
  }
})

test('the schemas are printed', async () => {
  for (const name of artifactNames) {
    const { stdout } = await runCli(['schema', '--artifact', name])
    expect(JSON.parse(stdout)).toEqual(artifactSchema(name))
  }
})
