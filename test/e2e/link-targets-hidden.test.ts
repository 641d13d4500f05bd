import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { contacts, linksProject, setRows } from '../support/links-project.ts'
import { writeTo } from '../support/small-shop.ts'

const domain = 'p-and-sons.example'
const digest = createHash('sha256').update(domain).digest('hex').slice(0, 12)

test('what a linked record is looked up by is a value, and told as audit.values allows', async () => {
  const { sandbox, project } = await linksProject('duckdb', [
    contacts([{ to: 'companies', match: { domain: 'domain' } }]),
  ])
  const [firm = ''] = sandbox.seedRecords('companies', [{ domain }])
  const person = { id: 1, email: 'p1@shop.example', first_name: 'P', domain }
  await setRows(project, 'people', [person])
  const told = async (...args: readonly string[]) => {
    const { stdout, stderr } = await project.run(args)
    return stdout + stderr
  }
  const planned = async () =>
    [
      await told('plan', '--all'),
      await told('plan', '--output', 'markdown'),
      await told('plan', '--output', 'json'),
      readFileSync(join(project.dir, 'target', 'backhaul', 'plan.json'), 'utf8'),
      await told('show', 'contacts', '1'),
      await told('show', 'contacts', '1', '--json'),
    ].map((text) => [text.includes(domain), text.includes(digest)])
  const found = async () =>
    [
      await told('drift', '--json'),
      await told('show', 'contacts', '1'),
      await told('show', 'contacts', '1', '--json'),
    ].map((text) => [text.includes(domain), text.includes(digest)])
  const allow = (values: string) =>
    writeTo(project, 'backhaul.yml', `{version: 1, audit: {values: ${values}}}`)
  const sees = { full: [true, false], hashed: [false, true], none: [false, false] }

  for (const [values, seen] of Object.entries(sees)) {
    allow(values)
    expect(await planned(), `planned, ${values}`).toEqual(Array.from({ length: 6 }, () => seen))
  }
  await project.run(['run'])
  sandbox.unlink(
    ['contacts', sandbox.findRecord('contacts', 'email', person.email)?.id ?? ''],
    ['companies', firm],
  )
  for (const [values, seen] of Object.entries(sees)) {
    allow(values)
    expect(await found(), `found, ${values}`).toEqual(Array.from({ length: 3 }, () => seen))
  }
  const hidden = await told('show', 'contacts', '1')
  expect(hidden).toMatch(/companies\/domain:domain +\(hidden\) +\d+ +unlabelled/)
})
