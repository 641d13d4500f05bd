import { expect, test } from 'vitest'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop, writeTo } from '../support/small-shop.ts'
import { localEngines } from '../support/warehouses.ts'

const shown = async (project: TestProject, ...args: readonly string[]) => {
  const { stdout, stderr, exitCode } = await project.run(['show', 'contacts', ...args, '--json'])
  expect(exitCode, stderr).not.toBe(2)
  return JSON.parse(stdout)
}

for (const { name, missing } of localEngines()) {
  test.skipIf(missing !== undefined)(
    `show says of a row what the model, the state and the next run say (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const tables = [
        people('Ada', 'Grace', 'Cy', 'Di'),
        "update people set email = 'none' where id = 2",
        "update people set email = 'ada@shop.example' where id = 4",
      ]
      const syncs = [contacts({ max_attempts: 1, where: 'id <> 3' })]
      const project = await smallShop({ engine: name, sandbox, tables, syncs })
      const fresh = await shown(project, '1')
      expect(fresh).toMatchObject({
        state: null,
        url: null,
        nextRun: { operation: 'reject', reason: 'duplicate_match_value', detail: '4' },
        attempts: [],
      })
      await project.sql("update people set email = 'di@shop.example' where id = 4")
      await project.run(['run'])
      await project.sql("update people set first_name = 'Augusta' where id = 1")

      const ada = await shown(project, '1')
      const [row] = await project.state('contacts')
      expect(ada).toMatchObject({
        recordId: row?.['record_id'],
        url: `https://app.hubspot.com/contacts/4242424/record/0-1/${row?.['record_id']}`,
        model: { copies: 1, values: { email: 'ada@shop.example', firstname: 'Augusta' } },
        nextRun: { operation: 'update', old: { firstname: 'Ada' }, new: { firstname: 'Augusta' } },
        state: { status: 'succeeded', sent: { values: { firstname: 'Ada' } } },
        attempts: [
          { operation: 'upsert', outcome: 'succeeded', properties: ['email', 'firstname'] },
        ],
        problems: [],
      })
      const text = await project.run(['show', 'contacts', '1'])
      expect(text.exitCode, text.stderr).toBe(0)
      expect(text.stdout).toMatch(/firstname +Ada +Augusta +sent/)

      const parked = await project.run(['show', 'contacts', '2'])
      expect(parked.stdout).toContain('Not in HubSpot (parked)')
      expect(parked.stdout).toContain('backhaul retry contacts --row 2')
      expect((await shown(project, '3')).nextStep).toContain('`where`')
      await project.sql('delete from people where id = 4')
      expect((await shown(project, '4')).nextStep).toContain('It is gone from the model')
      await project.run(['run'])
      expect((await shown(project, '4')).why).toContain('It has left the model')
      const none = await project.run(['show', 'contacts', '999'])
      expect(none.exitCode).toBe(1)
      expect(none.stdout).toContain('Neither the model nor the state of contacts has this row.')
    },
  )

  test.skipIf(missing !== undefined)(
    `show takes a key of several columns, and hides what audit.values hides (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const syncs = [contacts({ primary_key: ['first_name', 'id'] })]
      const settings = { audit: { values: 'none', requests: 'full' } }
      const project = await smallShop({ engine: name, sandbox, syncs, settings })
      await project.run(['run'])
      const text = await project.run(['show', 'contacts', '["Ada", 1]'])
      expect(text.stdout).toContain('Row ["Ada","1"] of contacts')
      expect(text.stdout).toContain('/batch/upsert 200')
      expect(text.stdout).not.toContain('ada@shop.example')
      const json = await project.run(['show', 'contacts', '["Ada",1]', '--json'])
      expect(json.stdout).not.toContain('ada@shop.example')
      expect(JSON.parse(json.stdout)).toMatchObject({
        row: '["Ada","1"]',
        model: { properties: ['email', 'firstname'], values: null },
        state: { sent: { properties: ['email', 'firstname'], values: null } },
      })
    },
  )
}

test('without HubSpot, what the warehouse knows is shown', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  await project.run(['run'])
  const offline = await project.run(['show', 'contacts', '1'], { HUBSPOT_ACCESS_TOKEN: '' })
  expect(offline.exitCode, offline.stderr).toBe(0)
  expect(offline.stdout).toContain('In HubSpot as record')
  expect(offline.stdout).toContain('HUBSPOT_ACCESS_TOKEN')
  expect(offline.stdout).toContain('Next: Not computed: see above.')
  expect(offline.stdout).not.toContain('https://app.hubspot.com/contacts')
})

test('values that hurt a terminal are shown without harm', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  await project.sql(
    "update people set first_name = chr(27) || '[2J' || chr(10) || 'x' where id = 1",
  )
  const { stdout } = await project.run(['show', 'contacts', '1'])
  expect(stdout).toContain('\\u001b[2J\\nx')
  expect(stdout).not.toContain('\u001b')
})

test('what was recorded before audit.values was changed is shown as it allows now', async () => {
  const sandbox = await strictSandbox()
  const syncs = [contacts({ properties: { firstname: 'first_name', lifecyclestage: 'stage' } })]
  const project = await smallShop({
    sandbox,
    syncs,
    tables: [people('Ada'), "alter table people add column stage text default 'lead'"],
  })
  await project.run(['run'])
  await project.sql("update people set first_name = 'Augusta', stage = 'Leader'")
  await project.run(['run'])
  const texts = async (values: string) => {
    writeTo(project, 'backhaul.yml', `{version: 1, audit: {values: ${values}}}`)
    const text = await project.run(['show', 'contacts', '1'])
    return text.stdout + JSON.stringify(await shown(project, '1'))
  }
  expect(await texts('full')).toMatch(/Ada.*"Leader/s)
  for (const values of ['hashed', 'none']) {
    expect(await texts(values)).not.toMatch(/\bAda\b|Leader/)
  }
})
