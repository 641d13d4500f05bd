import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop, writeTo } from '../support/small-shop.ts'

/** A second target, `prod`, in place of the profile's own, which builds nothing. */
function moveToProd(project: TestProject): void {
  const profiles = JSON.parse(readFileSync(join(project.dir, 'profiles.yml'), 'utf8'))
  profiles.shop.outputs.prod = profiles.shop.outputs.dev
  writeTo(project, 'profiles.yml', JSON.stringify(profiles))
}

test('each command that is told to type next is for the target that was worked with', async () => {
  const sandbox = await strictSandbox()
  const syncs = [contacts({ max_attempts: 1, guards: { max_changes: 2 } })]
  const tables = [people('Ada', 'Grace'), "update people set email = 'nowhere' where id = 2"]
  const settings = { audit: { requests: 'full' } }
  const project = await smallShop({ sandbox, syncs, tables, settings })
  moveToProd(project)
  const inProd = async (...args: readonly string[]) => {
    const { stdout, stderr } = await project.run([...args, '--target', 'prod'])
    const told = `${stdout}${stderr}`.match(
      /backhaul (?:run|show|plan|retry|resolve|requests|drift|status) [^\n]*/g,
    )
    return told ?? []
  }
  expect(await inProd('run')).toContain('backhaul show --target prod contacts 2')
  expect(await inProd('show', 'contacts', '2')).toEqual([
    'backhaul retry --target prod contacts --row 2',
  ])
  expect(await inProd('retry', 'contacts', '--row', '7')).toEqual([
    'backhaul show --target prod contacts 7',
  ])
  expect(await inProd('retry', 'contacts')).toEqual([
    'backhaul run --target prod --select contacts',
  ])
  expect(await inProd('adopt', 'contacts')).toContain(
    'backhaul plan --target prod --select contacts',
  )
  expect(await inProd('requests')).toEqual([
    expect.stringMatching(/^backhaul requests --target prod [0-9a-f-]{36}$/),
  ])
  const [sent] = await project.rows(
    'select request_id from changes where request_id is not null limit 1',
  )
  expect(await inProd('requests', String(sent?.['request_id']))).toEqual([
    'backhaul show --target prod contacts KEY',
  ])
  expect(await inProd('drift', '--row', '7')).toContain('backhaul show --target prod contacts 7')

  await project.sql(
    "insert into people select i, 'p' || i || '@shop.example', 'P' from generate_series(3, 9) as t (i)",
  )
  const forced = 'backhaul run --target prod --select contacts --force-guard max_changes'
  expect(await inProd('run')).toContain(forced)
  for (const form of ['text', 'markdown'])
    expect(await inProd('plan', '--output', form)).toContain(forced)
})
