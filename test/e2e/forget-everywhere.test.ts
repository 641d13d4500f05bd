import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { expectExit, impatient } from '../fault/people-project.ts'
import { jobDone } from '../support/events-project.ts'
import { companies, contacts, engines, isMissing, setRows } from '../support/links-project.ts'
import { createProject, type TestProject } from '../support/project.ts'
import type { SyncSpec } from '../support/project-files.ts'
import { strictSandbox } from '../support/sandbox.ts'

const zuzanna = 'zuzanna@shop.example'
/** Key and record of the person: nothing else has these digits. */
const key = 9_002_001
const recordId = '1005'

const list = (sync: string, more: object): SyncSpec => ({
  model: 'fans',
  hubspot: { sync, type: 'list', list: sync, primary_key: 'id', mode: 'mirror', ...more },
})
const both = (first: SyncSpec, second: SyncSpec): SyncSpec => ({
  model: first.model,
  hubspot: [first.hubspot, second.hubspot],
})

const syncs: readonly SyncSpec[] = [
  contacts([
    { to: 'contacts', match: { email: 'friend' } },
    { to: 'companies', sync: 'companies', key: 'firm' },
  ]),
  companies({
    associations: [
      { to: 'contacts', sync: 'contacts', key: 'boss' },
      { to: 'contacts', match: { email: 'owner' }, label: { value: 'Owner' } },
      { to: 'contacts', id: 'record' },
    ],
  }),
  both(
    list('vip', { contact: { sync: 'contacts', key: 'person' } }),
    list('news', { contact: { email: 'email' } }),
  ),
  {
    model: 'jobs',
    hubspot: {
      sync: 'jobs',
      type: 'event',
      event: 'job_done',
      primary_key: 'id',
      contact: { sync: 'contacts', key: 'person' },
      properties: { note: 'note' },
    },
  },
]

const tables = [
  ...['contacts', 'companies', 'vip', 'news', 'jobs'].flatMap((sync) =>
    ['state', 'plan', 'results', 'resolutions'].map((kind) => `${kind}__${sync}`),
  ),
  'links__contacts',
  'links__companies',
  'changes',
  'requests',
  'runs',
]

/** Every place of ours that holds one of the words, as a whole. */
async function mentionsOf(project: TestProject, words: readonly string[]) {
  const look = (place: string, text: string) =>
    words.flatMap((word) =>
      new RegExp(`(?<![0-9A-Za-z])${word}(?![0-9A-Za-z])`).test(text) ? [`${place}: ${word}`] : [],
    )
  const found: string[] = []
  for (const table of tables)
    found.push(...look(table, JSON.stringify(await project.rows(`select * from ${table}`))))
  const folder = join(project.dir, 'target', 'backhaul')
  for (const { name, parentPath } of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (/\.(nd)?json$/.test(name))
      found.push(...look(name, readFileSync(join(parentPath, name), 'utf8')))
  return found
}

async function start(engine: (typeof engines)[number], values: string) {
  const sandbox = await strictSandbox({ tier: 'unlimited' })
  sandbox.defineEvents([jobDone])
  // Ids that no company has.
  sandbox.seedRecords('contacts', [{}, {}, {}])
  sandbox.defineLabel('companies', 'contacts', { name: 'owner', label: 'Owner' })
  const project = await createProject({
    engine,
    sandbox,
    syncs,
    settings: { ...impatient, audit: { values, requests: 'full' } },
  })
  const ada = 'ada@shop.example'
  await setRows(project, 'people', [
    { id: 1, email: ada, first_name: 'Ada', friend: zuzanna, firm: 1 },
    { id: key, email: zuzanna, first_name: 'Zuza', friend: ada, firm: 1 },
  ])
  await setRows(project, 'firms', [
    { id: 1, name: 'Acme', boss: key, owner: zuzanna, record: '1003' },
    { id: 2, name: 'Other', boss: 1, owner: ada, record: recordId },
  ])
  await setRows(project, 'fans', [
    { id: 5, email: zuzanna, person: key },
    { id: 6, email: ada, person: 1 },
  ])
  await setRows(project, 'jobs', [
    { id: 7, person: key, note: 'Repaired' },
    { id: 8, person: 1, note: 'Painted' },
  ])
  expectExit(await project.run(['run']), 0)
  return { sandbox, project }
}

/** Nobody names the person at the source any more. */
const deleted = [
  `delete from people where id = ${key}`,
  'update people set friend = null',
  'update firms set boss = null, owner = null, record = null where id = 1',
  'update firms set record = null where id = 2',
  `delete from fans where person = ${key}`,
  `delete from jobs where person = ${key}`,
]

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(isMissing(engine))

  here.for(engine === 'duckdb' ? ['full', 'hashed'] : ['full'])(
    'one row leads to everything that is kept of its person (audit.values: %s)',
    async (values) => {
      const { sandbox, project } = await start(engine, values)
      const words = [zuzanna, String(key), recordId]
      const before = await mentionsOf(project, words)
      for (const place of ['links__contacts', 'links__companies', 'state__vip', 'state__jobs'])
        expect(before.join(), place).toContain(place)
      const others = await project.rows(`select * from state__contacts where row_id = '1'`)
      // A run that was cut short has links to the person in its plan.
      await project.sql("update people set first_name = 'Augusta' where id = 1")
      await project.sql("update people set friend = 'grace@shop.example' where id = 1")
      await project.run(['run'], { BACKHAUL_CRASH_AT: 'plan-written' })

      const dry = await project.run(['forget', 'contacts', String(key), '--dry-run', '--json'])
      expectExit(dry, 0)
      expect(
        JSON.parse(dry.stdout).syncs.map(
          ({ sync, rows, linksOfOthers }: Record<string, unknown>) => [sync, rows, linksOfOthers],
        ),
      ).toEqual([
        ['contacts', [String(key)], 1],
        ['companies', [], 3],
        ['jobs', ['7'], 0],
        ['news', ['5'], 0],
        ['vip', ['5'], 0],
      ])
      const forgotten = await project.run(['forget', 'contacts', String(key)])
      expectExit(forgotten, 0)
      expect(forgotten.stdout).toContain('Forgot 1 row of jobs (7):')
      expect(forgotten.stdout).toContain('Forgot what leads to the person from rows of companies:')
      expect(forgotten.stdout).toMatch(/links__companies, other rows +3 +deleted/)
      expect(forgotten.stdout).toContain(
        'companies: 3 links of its rows led to the person. As long as firms names the person, the next run keeps such a link again.',
      )
      expect(forgotten.stdout).toContain(
        'changes: that something was done, when, in which run and with what outcome, so that counts stay right.',
      )
      expect(await mentionsOf(project, words)).toEqual([])
      expect(await project.rows(`select * from state__contacts where row_id = '1'`)).toEqual(others)
      const again = await project.run(['forget', 'contacts', String(key), '--dry-run', '--json'])
      expect(
        JSON.parse(again.stdout).syncs.flatMap(({ erased }: { erased: { rows: number }[] }) =>
          erased.filter(({ rows }) => rows > 0),
        ),
      ).toEqual([])

      await project.sql(...deleted)
      sandbox.archiveRecord('contacts', recordId)
      expectExit(await project.run(['run', '--force-guard', 'max_deletes']), 0)
      expect(await mentionsOf(project, words)).toEqual([])
      const writes = sandbox.writeCalls()
      expectExit(await project.run(['run']), 0)
      expect(sandbox.writeCalls()).toBe(writes)
    },
  )
})

test('by match value as by key; a row of a list is that row alone', async () => {
  const { project } = await start('duckdb', 'full')
  const words = [zuzanna, String(key), recordId]
  const one = await project.run(['forget', 'vip', '5', '--dry-run', '--json'])
  expect(JSON.parse(one.stdout).syncs.map(({ sync }: { sync: string }) => sync)).toEqual(['vip'])
  const text = await project.run(['forget', 'vip', '5', '--dry-run'])
  expect(text.stdout).toContain(
    'A row of a list or of events is that row alone. Name the person by a row of a sync of records, or with --match.',
  )
  // Of a sync that is gone from the project, too.
  project.setSyncs(syncs.filter(({ model }) => model !== 'jobs' && model !== 'firms'))
  expectExit(await project.run(['forget', '--match', zuzanna.toUpperCase()]), 0)
  expect(await mentionsOf(project, words)).toEqual([])
})
