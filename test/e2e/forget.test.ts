import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop } from '../support/small-shop.ts'
import { localEngines } from '../support/warehouses.ts'

const firms = {
  sync: 'firms',
  object: 'companies',
  mode: 'insert',
  primary_key: 'id',
  properties: { name: 'first_name' },
}

const tables = [
  'state__contacts',
  'plan__contacts',
  'results__contacts',
  'resolutions__contacts',
  'changes',
  'requests',
  'runs',
]

/** Every text of our tables and files that holds one of the words. */
async function mentionsOf(project: TestProject, words: readonly string[]) {
  const found: string[] = []
  const look = (place: string, text: string) => {
    for (const word of words) if (text.includes(word)) found.push(`${place}: ${word}`)
  }
  for (const table of tables)
    look(table, JSON.stringify(await project.rows(`select * from ${table}`)))
  for (const file of ['run_results.json', 'spool/one.ndjson']) {
    const path = join(project.dir, 'target', 'backhaul', file)
    if (existsSync(path)) look(file, readFileSync(path, 'utf8'))
  }
  return found
}

for (const { name, missing } of localEngines()) {
  test.skipIf(missing !== undefined)(
    `one person is erased from every place, and nobody else is (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const settings = {
        audit: { values: 'full', requests: 'full' },
        lease_seconds: 10,
        hubspot: { request_timeout_seconds: 1 },
      }
      const project = await smallShop({
        engine: name,
        sandbox,
        tables: [people('Ada', 'Grace', 'Zuzanna', 'Di')],
        settings,
      })
      await project.run(['run'])
      // Row 4 wants what row 3 has: its message names the row.
      await project.sql("update people set email = 'zuzanna@shop.example' where id = 4")
      await project.run(['run'])
      await project.sql(
        "update people set email = 'di@shop.example' where id = 4",
        "update people set first_name = 'Zuza' where id = 3",
        "update people set first_name = 'Augusta' where id = 1",
      )
      // A run that was cut short has the person in its plan, and in its spool.
      await project.run(['run'], { BACKHAUL_CRASH_AT: 'result-spooled' })
      const [, , before] = await project.state('contacts')
      const words = ['zuzanna@', 'Zuza', String(before?.['record_id'])]
      expect((await mentionsOf(project, words)).length).toBeGreaterThan(5)
      const recorded = await project.rows('select run_id, seq from changes order by run_id, seq')

      const dry = await project.run(['forget', 'contacts', '3', '--dry-run', '--json'])
      expect(dry.exitCode, dry.stderr).toBe(0)
      const counted = JSON.parse(dry.stdout).syncs[0]
      expect(counted).toMatchObject({ rows: ['3'], inModel: ['3'] })
      expect(await project.rows("select * from state__contacts where row_id = '3'")).toHaveLength(1)

      const forgotten = await project.run(['forget', 'contacts', '3'])
      expect(forgotten.exitCode, forgotten.stderr).toBe(0)
      expect(forgotten.stdout).toContain('Forgot 1 row of contacts (3):')
      expect(forgotten.stdout).toContain('dbt: people still has 1 such row')
      expect(forgotten.stdout).toContain(`HubSpot: record ${before?.['record_id']} of contacts`)
      expect(forgotten.stdout).toMatch(/Warehouse: Deleted rows stay/)
      for (const { place, rows } of counted.erased)
        expect(forgotten.stdout).toMatch(new RegExp(`${place} +${rows} `))
      expect(await mentionsOf(project, words)).toEqual([])
      expect(
        (await project.rows('select error_message from changes')).filter((row) =>
          String(row['error_message']).includes('row 3'),
        ),
      ).toEqual([])
      // What was done stays countable, and the others stay as they are.
      expect(await project.rows('select run_id, seq from changes order by run_id, seq')).toEqual(
        recorded,
      )
      expect((await project.state('contacts')).map((row) => row['row_id'])).toEqual(['1', '2', '4'])
      const kept = await project.rows("select row_id from changes where new_values like '%grace@%'")
      expect(kept).toEqual([{ row_id: '2' }])
      const again = await project.run(['forget', 'contacts', '3', '--dry-run', '--json'])
      const left = JSON.parse(again.stdout).syncs[0].erased
      expect(left.filter(({ rows }: { rows: number }) => rows > 0)).toEqual([])

      await project.sql('delete from people where id = 3')
      const run = await project.run(['run'])
      expect(run.exitCode, run.stderr).toBe(0)
      expect(await mentionsOf(project, words)).toEqual([])
      expect(await project.rows('select * from leases')).toEqual([])
    },
  )

  test.skipIf(missing !== undefined)(
    `a match value finds its rows in every sync, those that were never sent, too (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const project = await smallShop({
        engine: name,
        sandbox,
        syncs: [{ model: 'people', hubspot: [contacts().hubspot, firms] }],
        tables: [people('Ada', 'Grace'), "update people set email = 'none' where id = 2"],
      })
      await project.run(['run'])
      // HubSpot refused it, so the state knows no match value: the model does.
      expect((await project.run(['forget', '--match', 'none', '--dry-run'])).stdout).toContain(
        'Would forget 1 row of contacts (2):',
      )
      const forgotten = await project.run(['forget', '--match', 'ADA@shop.example'])
      expect(forgotten.exitCode, forgotten.stderr).toBe(0)
      expect(forgotten.stdout).not.toContain('shop.example')
      expect(forgotten.stdout).toContain('Forgot 1 row of contacts (1):')
      expect((await project.state('contacts')).map((row) => row['row_id'])).toEqual(['2'])
      const none = await project.run(['forget', '--match', 'nobody@shop.example'])
      expect(none.stdout).toBe('Nothing is kept of such a row.\n')
      const run = await project.run(['run', '--select', 'contacts'])
      expect(run.stderr).toContain('1 updated')
    },
  )
}

test('refused while a run is under way, and for what makes no sense', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ engine: 'postgres', sandbox })
  await project.run(['run'])
  await project.sql("update people set first_name = 'Augusta' where id = 1")
  sandbox.addFault({ kind: 'slow', delayMs: 4000, match: { path: 'batch' } })
  const running = project.start(['run'])
  await running.waitFor(/START/)
  for (const args of [
    ['forget', 'contacts', '1'],
    ['retry', 'contacts'],
  ]) {
    const result = await project.run(args)
    if (args[0] === 'retry') continue
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toMatch(/Sync contacts is being run by process \d+ on/)
  }
  await running.finished
  expect((await project.run(['forget'])).exitCode).toBe(2)
  expect((await project.run(['forget', 'contacts'])).stderr).toContain('Who is to be forgotten?')
  expect((await project.run(['forget', 'contacts', '1', '--match', 'x'])).stderr).toContain(
    'exclude each other',
  )
  expect((await project.run(['forget', 'kontakts', '1'])).stderr).toContain('no sync kontakts')
  mkdirSync(join(project.dir, 'target', 'backhaul'), { recursive: true })
  writeFileSync(join(project.dir, 'target', 'backhaul', 'run_results.json'), '{broken')
  expect((await project.run(['forget', 'contacts', '1'])).exitCode).toBe(0)
  expect(existsSync(join(project.dir, 'target', 'backhaul', 'run_results.json'))).toBe(false)
})

test('a row that may be in HubSpot is not forgotten before that is settled', async () => {
  const sandbox = await strictSandbox()
  const syncs = [{ model: 'people', hubspot: firms }]
  const settings = { lease_seconds: 10, hubspot: { request_timeout_seconds: 1 } }
  const project = await smallShop({ sandbox, syncs, tables: [people('Ada', 'Grace')], settings })
  await project.run(['run'], { BACKHAUL_CRASH_AT: 'answer-received' })
  await project.run(['run'])
  expect((await project.state('firms')).map((row) => row['status'])).toEqual(['unknown', 'unknown'])

  const dry = await project.run(['forget', 'firms', '1', '--dry-run'])
  expect(dry.exitCode, dry.stderr).toBe(0)
  expect(dry.stdout).toContain(
    'HubSpot: nobody knows whether it has a record of row 1 of firms. Look there. The row is erased once that is settled: backhaul resolve firms 1',
  )
  const refused = await project.run(['forget', 'firms', '1'])
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toContain('sync firms: Nobody knows whether HubSpot has row 1')
  expect(refused.stderr).toContain('backhaul resolve firms 1 --record ID where it has one')
  expect(await project.state('firms')).toHaveLength(2)
  await project.run(['run'])
  expect(sandbox.records('companies')).toHaveLength(2)

  const [record] = sandbox.records('companies')
  await project.run(['resolve', 'firms', '1', '--record', record?.id ?? ''])
  const erased = await project.run(['forget', 'firms', '1'])
  expect(erased.exitCode, erased.stderr).toBe(0)
  expect(erased.stdout).toContain(`HubSpot: record ${record?.id} of firms`)

  // Nobody can settle anything for a sync that is gone, nor does it send anything.
  project.setSyncs([{ model: 'people', hubspot: { ...firms, sync: 'others', enabled: false } }])
  const orphan = await project.run(['forget', 'firms', '2'])
  expect(orphan.exitCode, orphan.stderr).toBe(0)
  expect(orphan.stdout).toContain(
    'HubSpot: nobody knows whether it has a record of row 2 of firms.',
  )
  expect(await project.state('firms')).toEqual([])
})

test('a key in a form that no row can have is refused, and not answered with nothing', async () => {
  const sandbox = await strictSandbox()
  const syncs = [contacts({ primary_key: ['first_name', 'id'] })]
  const project = await smallShop({ sandbox, syncs })
  await project.run(['run'])
  for (const key of ['Ada,1', '["Ada"]', '1']) {
    const refused = await project.run(['forget', 'contacts', key])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('has several columns (first_name, id)')
    expect(refused.stderr).toContain(`backhaul forget contacts '["de", 4711]'`)
  }
  const nobody = await project.run(['forget', 'contacts', '["Ada", 2]'])
  expect(nobody.exitCode).toBe(0)
  expect(nobody.stdout).toContain('Nothing is kept of row ["Ada", 2].')
  expect((await project.run(['forget', 'contacts', '["Ada", 1]'])).exitCode).toBe(0)
  expect(await project.state('contacts')).toHaveLength(1)
})

test('tables of an earlier release get their columns before anything is forgotten or exported', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ engine: 'postgres', sandbox })
  await project.run(['run'])
  const lacking = ['association', 'target_key', 'target_record_id', 'labels']
  const age = [
    ...['changes', 'plan__contacts'].map(
      (table) =>
        `alter table ${project.schema}_backhaul.${table} ${lacking.map((column) => `drop column ${column}`).join(', ')}`,
    ),
    `update ${project.schema}_backhaul.schema_version set version = 3`,
  ]
  await project.sql(...age)
  const exported = await project.run(['state', 'export', 'state.ndjson'])
  expect(exported.exitCode, exported.stderr).toBe(0)
  const forgotten = await project.run(['forget', 'contacts', '1'])
  expect(forgotten.exitCode, forgotten.stderr).toBe(0)
  expect(forgotten.stdout).toMatch(/^ {2}state__contacts +1 +deleted/m)
  expect(await project.state('contacts')).toHaveLength(1)
})

test('audit rows are found of a sync whose state is gone, of a row with an earlier key, and of one whose record another took over', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, tables: [people('Ada', 'Grace', 'Zuzanna')] })
  await project.run(['run'])
  // Zuzanna gets another key, without --rekey: row 9 takes the record over, row 3 has left.
  await project.sql("update people set id = 9, first_name = 'Zuza' where id = 3")
  expect((await project.run(['run'])).exitCode).toBe(0)
  const zuzas = () =>
    project.rows(
      "select row_id, new_values from changes where lower(coalesce(new_values, '')) like '%zuz%' or row_id in ('3', '9')",
    )
  expect(await zuzas()).toHaveLength(3)
  // The same people under another name, the old one is cleaned.
  project.setSyncs([contacts({ sync: 'people' })])
  expect((await project.run(['clean', '--sync', 'contacts'])).exitCode).toBe(0)
  const renamed = await project.run(['run'])
  expect(renamed.exitCode, renamed.stderr).toBe(0)
  const dry = await project.run(['forget', 'contacts', '1', '--dry-run'])
  expect(dry.stdout).toContain('Would forget 1 row of contacts (1):')
  expect(dry.stdout).toContain('Would forget 1 row of people (1):')

  const forgotten = await project.run(['forget', '--match', 'Zuzanna@shop.example'])
  expect(forgotten.exitCode, forgotten.stderr).toBe(0)
  expect(forgotten.stdout).toContain('Forgot 1 row of people (9):')
  expect(forgotten.stdout).toContain('Forgot 2 rows of contacts (3, 9):')
  expect(await zuzas()).toEqual([])
  expect(
    await project.rows("select distinct row_id from changes where new_values like '%grace@%'"),
  ).toEqual([{ row_id: '2' }])

  // No sync is left, and the audit alone tells of people.
  project.setSyncs([])
  expect((await project.run(['clean', '--sync', 'people'])).exitCode).toBe(0)
  const last = await project.run(['forget', 'people', '2'])
  expect(last.exitCode, last.stderr).toBe(0)
  expect(await project.rows("select * from changes where new_values like '%grace@%'")).toEqual([])
  expect((await project.run(['forget', 'nobody', '2'])).exitCode).toBe(1)
})
