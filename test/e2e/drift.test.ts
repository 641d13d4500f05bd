import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  createPeople,
  engines,
  expectBooksClosed,
  expectExit,
  expectNothingToDo,
  impatient,
  peopleSync,
  setPeople,
  somePeople,
} from '../fault/people-project.ts'
import { companies, contacts, linked, linksProject, setRows } from '../support/links-project.ts'
import { fans, listsProject, membersOf, setFans } from '../support/lists-project.ts'
import { whyNoPostgres } from '../support/postgres.ts'
import type { TestProject } from '../support/project.ts'
import { type StrictSandbox, strictSandbox } from '../support/sandbox.ts'
import { sentSince } from '../support/sent-properties.ts'

const missing = whyNoPostgres()

/** What `drift --json` prints: differences, and the sync. */
async function driftOf(project: TestProject, ...args: readonly string[]) {
  const { stdout, stderr, exitCode } = await project.run(['drift', '--json', ...args])
  const lines = stdout
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{"kind"'))
    .map((line) => JSON.parse(line))
  return {
    exitCode,
    stderr,
    differences: lines.filter(({ kind }) => kind === 'difference'),
    drift: lines.find(({ kind }) => kind === 'drift'),
  }
}

const readsSince = (sandbox: StrictSandbox) => {
  const from = sandbox.requests().length
  return () =>
    sandbox
      .requests()
      .slice(from)
      .filter(({ path }) => path.endsWith('/batch/read')).length
}

const recordOf = (sandbox: StrictSandbox, id: number): string =>
  sandbox.findRecord('contacts', 'email', `p${id}@shop.example`)?.id ?? ''

test('a key that no run has met is an error, and one that a run has met is not', async () => {
  const sandbox = await strictSandbox()
  const project = await createPeople('duckdb', sandbox, peopleSync('upsert'))
  await setPeople(project, somePeople(1, 2))
  const before = await driftOf(project, '--row', '1')
  expect(before.exitCode, 'before the first run').toBe(1)
  expectExit(await project.run(['run']), 0)
  const found = await driftOf(project, '--row', '1', '--row', '99')
  expect(found).toMatchObject({ exitCode: 1, drift: { compared: { rows: 1, unmet: ['99'] } } })
  expect(found.stderr).toContain('No row 99 was ever met by contacts: backhaul show contacts 99')
  expect(await driftOf(project, '--row', '1')).toMatchObject({ exitCode: 0 })
})

test('a record of which HubSpot says nothing is not gone, and is not made again', async () => {
  const sandbox = await strictSandbox()
  const project = await createPeople('duckdb', sandbox, peopleSync('upsert'))
  await setPeople(project, somePeople(1, 12))
  expectExit(await project.run(['run']), 0)
  sandbox.addFault({ kind: 'empty_results', match: { path: 'contacts/batch/read' } })
  expect(await driftOf(project, '--fix')).toMatchObject({
    exitCode: 1,
    differences: [],
    drift: { status: 'failed', error: { category: 'UNREADABLE_ANSWER' }, mended: 0 },
  })
  expect(await driftOf(project, '--fix', '--row', '1', '--row', '2')).toMatchObject({
    exitCode: 1,
    differences: [],
    drift: { status: 'succeeded', unknownRows: 2, mended: 0, counts: { gone: 0 } },
  })
  sandbox.clearFaults()
  expect(await driftOf(project)).toMatchObject({ exitCode: 0, differences: [] })
})

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(engine === 'postgres' && missing !== undefined)

  here('what was changed by hand is told, sent again, and gone', async () => {
    const sandbox = await strictSandbox({ tokens: ['sandbox-token', 'of-another-app'] })
    const people = somePeople(1, 250)
    const sync = peopleSync('upsert', {
      properties: {
        firstname: 'first_name',
        jobtitle: 'nickname',
        annualrevenue: 'revenue',
        city: { column: 'first_name', write: 'create_only' },
      },
    })
    const project = await createPeople(engine, sandbox, sync)
    await setPeople(project, people)
    expectExit(await project.run(['run']), 0)

    const reads = readsSince(sandbox)
    const none = await driftOf(project)
    expect(none).toMatchObject({
      exitCode: 0,
      differences: [],
      drift: {
        sync: 'contacts',
        status: 'succeeded',
        compared: { rows: 250, links: 0, underWay: 0 },
        calls: { planned: { records: 3, links: 0, members: 0 }, reads: 3 },
      },
    })
    expect(none.stderr).toContain('contacts: 250 rows to compare in 3 read calls')
    expect(reads(), 'as stated').toBe(3)

    // By hand: 1 in the app, and what says the same in other words; 2 by another app; 3 archived; 4 merged; 5 what HubSpot owns.
    const [one, two, three, four, five] = [1, 2, 3, 4, 5].map((id) => recordOf(sandbox, id))
    sandbox.changeRecord('contacts', one ?? '', { jobtitle: 'Boss', annualrevenue: '1.00' })
    await fetch(`${sandbox.url}/crm/v3/objects/contacts/${two}`, {
      method: 'PATCH',
      headers: { Authorization: 'Bearer of-another-app', 'Content-Type': 'application/json' },
      body: JSON.stringify({ properties: { firstname: '' } }),
    })
    sandbox.archiveRecord('contacts', three ?? '')
    const [survivor] = sandbox.seedRecords('contacts', [{ email: 'survivor@shop.example' }])
    sandbox.mergeRecords('contacts', survivor ?? '', four ?? '')
    sandbox.changeRecord('contacts', five ?? '', { city: 'Bonn' })

    const found = await driftOf(project)
    expect(found.exitCode).toBe(1)
    expect(found.drift).toMatchObject({
      counts: { changed: 3, archived: 1, merged: 1, gone: 0 },
      mending: null,
      runId: null,
    })
    const ofRow = (row: string) => found.differences.filter(({ rowId }) => rowId === row)
    expect(ofRow('1')).toEqual([
      expect.objectContaining({
        drift: 'changed',
        recordId: one,
        property: 'jobtitle',
        expected: 'Nick1',
        held: 'Boss',
        by: {
          sourceType: 'CRM_UI',
          sourceId: 'userId:9586501',
          sourceLabel: null,
          userId: '9586501',
          email: 'ada.marlow@backhaul.example',
        },
      }),
    ])
    expect(ofRow('2')).toMatchObject([
      {
        property: 'firstname',
        expected: 'First2',
        held: '',
        by: { sourceType: 'INTEGRATION', sourceId: '2' },
      },
    ])
    expect(ofRow('3')).toMatchObject([{ drift: 'archived', recordId: three }])
    expect(ofRow('3')[0].at).toMatch(/^20/)
    expect(ofRow('4')).toMatchObject([
      { drift: 'merged', recordId: four, into: survivor, takenBy: null },
      { drift: 'changed', property: 'email', held: 'survivor@shop.example' },
    ])
    expect(ofRow('5')).toEqual([])
    expect(await project.rows('select * from runs'), 'reading leaves nothing').toHaveLength(1)
    await expectNothingToDo(project, sandbox)

    const text = await project.run(['drift'])
    expect(text.stdout).toContain('ada.marlow@backhaul.example (CRM_UI)')
    expect(text.stdout).toContain('contacts: 250 rows compared')
    expect(text.stdout).toContain('backhaul drift --select contacts --fix')

    const sent = sentSince(sandbox)
    const fixed = await project.run(['drift', '--fix'])
    expectExit(fixed, 0)
    expect(sent()).toEqual(expect.arrayContaining([{ jobtitle: 'Nick1' }, { firstname: 'First2' }]))
    expect(sandbox.record('contacts', one ?? '')?.properties).toMatchObject({ jobtitle: 'Nick1' })
    expect(sandbox.findRecord('contacts', 'email', 'p3@shop.example')?.id).not.toBe(three)
    expect(sandbox.record('contacts', survivor ?? '')?.properties['email']).toBe('p4@shop.example')
    expect(sandbox.record('contacts', five ?? '')?.properties['city']).toBe('Bonn')
    expect(
      await project.rows(
        `select row_id, operation, outcome, error_category from changes where operation = 'fix' order by row_id`,
      ),
    ).toEqual([
      { row_id: '1', operation: 'fix', outcome: 'succeeded', error_category: null },
      { row_id: '2', operation: 'fix', outcome: 'succeeded', error_category: null },
      {
        row_id: '3',
        operation: 'fix',
        outcome: 'succeeded',
        error_category: 'ARCHIVED_IN_HUBSPOT',
      },
      { row_id: '4', operation: 'fix', outcome: 'succeeded', error_category: 'MERGED_IN_HUBSPOT' },
    ])
    expect(await driftOf(project)).toMatchObject({ exitCode: 0, differences: [] })
    await expectNothingToDo(project, sandbox)
    await expectBooksClosed(project)
  })

  here('what is accepted stays as it is until the row changes', async () => {
    const sandbox = await strictSandbox()
    const people = somePeople(1, 6)
    const project = await createPeople(engine, sandbox, peopleSync('upsert'))
    await setPeople(project, people)
    expectExit(await project.run(['run']), 0)
    const [one, two] = [1, 2].map((id) => recordOf(sandbox, id))
    sandbox.changeRecord('contacts', one ?? '', { jobtitle: 'Boss' })
    sandbox.archiveRecord('contacts', two ?? '')

    const [dry, sampled] = [
      await driftOf(project, '--dry-run'),
      await driftOf(project, '--sample', '3'),
    ]
    expect(dry).toMatchObject({ exitCode: 0, drift: { isDryRun: true, calls: { reads: 0 } } })
    expect(sampled.drift.compared.rows).toBe(3)
    expect((await driftOf(project, '--row', '1')).drift).toMatchObject({
      compared: { rows: 1 },
      counts: { changed: 1, archived: 0 },
    })

    const accepted = await driftOf(project, '--accept')
    expect(accepted).toMatchObject({ exitCode: 0, drift: { mending: 'accept', mended: 2 } })
    expect(await driftOf(project)).toMatchObject({ exitCode: 0, differences: [] })
    await expectNothingToDo(project, sandbox)
    await expectBooksClosed(project)
    const [state] = await project.rows(`select * from state__contacts where row_id = '1'`)
    expect(JSON.parse(String(state?.['sent_values']))).toMatchObject({ jobtitle: 'Boss' })
    const next = async (key: string) =>
      JSON.parse((await project.run(['show', 'contacts', key, '--json'])).stdout).nextStep
    expect(await next('1')).toBe(
      'Nothing, until the row changes: what HubSpot holds was accepted (`backhaul drift --accept`).',
    )
    expect(await next('3')).toBe('Nothing to send: HubSpot was last sent what the model says.')

    await setPeople(
      project,
      people.map((person) => (person.id <= 2 ? { ...person, firstName: 'New' } : person)),
    )
    const sent = sentSince(sandbox)
    expectExit(await project.run(['run']), 0)
    expect(sent()).toEqual(
      expect.arrayContaining([
        { firstname: 'New', jobtitle: 'Nick1' },
        expect.objectContaining({ firstname: 'New', jobtitle: 'Nick2' }),
      ]),
    )
    expect(sandbox.countRecords('contacts')).toBe(6)
    expect(await driftOf(project)).toMatchObject({ exitCode: 0, differences: [] })
  })
})

const bySync = { to: 'companies', sync: 'companies', key: 'firm_id' }

describe('links', () => {
  const rows = [1, 2, 3, 4].map((id) => ({
    id,
    email: `p${id}@shop.example`,
    first_name: `P ${id}`,
    firm_id: 1,
    role: 'Buyer',
  }))

  async function linkedProject() {
    const { sandbox, project } = await linksProject('duckdb', [
      contacts([{ ...bySync, label: 'role' }]),
      companies({ mode: 'upsert', match: { name: 'name' } }),
    ])
    sandbox.defineLabel('contacts', 'companies', { label: 'Buyer' })
    sandbox.defineLabel('contacts', 'companies', { label: 'Friend' })
    await setRows(project, 'people', rows)
    await setRows(project, 'firms', [{ id: 1, name: 'Firm' }])
    expectExit(await project.run(['run']), 0)
    const firm = sandbox.records('companies')[0]?.id ?? ''
    const end = (id: number) => ['contacts', recordOf(sandbox, id)] as const
    const far = ['companies', firm] as const
    sandbox.unlink(end(1), far)
    sandbox.unlink(end(2), far)
    sandbox.link(end(2), far, 'Friend')
    sandbox.link(end(3), far, 'Buyer', 'Friend')
    sandbox.archiveRecord('contacts', recordOf(sandbox, 4))
    return { sandbox, project }
  }

  test('taken off or relabelled by hand they are told, and set again', async () => {
    const { sandbox, project } = await linkedProject()
    const found = await driftOf(project, '--select', 'sync:contacts')
    expect(found).toMatchObject({
      exitCode: 1,
      drift: {
        compared: { rows: 4, links: 4 },
        calls: { planned: { records: 1, links: 1, members: 0 }, reads: 3 },
        counts: { unlinked: 1, relabelled: 1, archived: 1, changed: 0 },
      },
    })
    expect(found.differences.map(({ rowId, drift }) => [rowId, drift])).toEqual([
      ['4', 'archived'],
      ['1', 'unlinked'],
      ['2', 'relabelled'],
    ])
    expect(found.differences[2].link).toMatchObject({
      association: 'companies/sync:firm_id',
      labels: ['Buyer'],
      heldLabels: expect.arrayContaining(['Friend']),
    })
    expectExit(await project.run(['drift', '--select', 'sync:contacts', '--fix']), 0)
    expect(linked(sandbox)).toEqual({
      'p1@shop.example Firm': ['Buyer'],
      'p2@shop.example Firm': ['Buyer', 'Friend'],
      'p3@shop.example Firm': ['Buyer', 'Friend'],
      'p4@shop.example Firm': ['Buyer'],
    })
    expect(await driftOf(project)).toMatchObject({ exitCode: 0, differences: [] })
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
  })

  test('accepted they stay off, until their row asks for something else', async () => {
    const { sandbox, project } = await linkedProject()
    expectExit(await project.run(['drift', '--accept', '--select', 'sync:contacts']), 0)
    expect(await driftOf(project)).toMatchObject({ exitCode: 0, differences: [] })
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
    expect(linked(sandbox)['p1@shop.example Firm']).toBeUndefined()
    await setRows(
      project,
      'people',
      rows.map((row) => (row.id === 1 ? { ...row, role: 'Friend' } : row)),
    )
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)['p1@shop.example Firm']).toEqual(['Friend'])
  })
})

describe('links of which HubSpot says nothing', () => {
  async function settledProject() {
    const { sandbox, project } = await linksProject('duckdb', [
      contacts([{ ...bySync, label: 'role', on_removed: 'remove' }], {
        guards: { max_deletes: '100%' },
      }),
      companies({ mode: 'upsert', match: { name: 'name' } }),
    ])
    for (const label of ['Buyer', 'Friend', 'Fan'])
      sandbox.defineLabel('contacts', 'companies', { label })
    const people = [1, 2].map((id) => ({
      id,
      email: `p${id}@shop.example`,
      first_name: `P ${id}`,
      firm_id: 1,
      role: 'Buyer',
    }))
    await setRows(project, 'people', people)
    await setRows(project, 'firms', [{ id: 1, name: 'Firm' }])
    expectExit(await project.run(['run']), 0)
    const far = ['companies', sandbox.records('companies')[0]?.id ?? ''] as const
    sandbox.link(['contacts', recordOf(sandbox, 1)], far, 'Buyer', 'Fan')
    sandbox.addFault({
      kind: 'empty_results',
      match: { path: '/associations/contacts/companies/batch/read' },
    })
    return { sandbox, project, people }
  }

  test('are no links that were taken off', async () => {
    const { sandbox, project } = await settledProject()
    const before = await project.rows('select * from links__contacts order by row_id')
    const writes = sandbox.writeCalls()
    for (const mending of ['--fix', '--accept']) {
      expect(await driftOf(project, '--select', 'sync:contacts', mending)).toMatchObject({
        exitCode: 1,
        differences: [],
        drift: { status: 'succeeded', unknownLinks: 2, mended: 0, counts: { unlinked: 0 } },
      })
    }
    const text = await project.run(['drift', '--select', 'sync:contacts'])
    expect(text.exitCode).toBe(1)
    expect(text.stdout).toContain("2 links not compared: HubSpot's answers leave them out")
    expect(sandbox.writeCalls()).toBe(writes)
    expect(await project.rows('select * from links__contacts order by row_id')).toEqual(before)
  })

  test('are neither labelled nor taken off by a run, and by the next one that is told', async () => {
    const { sandbox, project, people } = await settledProject()
    await setRows(project, 'people', [{ ...people[0], id: 1, role: 'Friend' }])
    const held = linked(sandbox)
    const writes = sandbox.linking().filter(({ path }) => !path.endsWith('/read')).length
    const ended = await project.run(['run'])
    expect(ended.exitCode).toBe(1)
    expect(ended.stdout + ended.stderr).toContain('2 links left for the next run')
    expect(linked(sandbox)).toEqual(held)
    expect(sandbox.linking().filter(({ path }) => !path.endsWith('/read'))).toHaveLength(writes)
    sandbox.clearFaults()
    expectExit(await project.run(['run']), 0)
    expect(linked(sandbox)).toEqual({ 'p1@shop.example Firm': ['Fan', 'Friend'] })
  })
})

describe('members of a list', () => {
  async function fanProject() {
    const addresses = [1, 2, 3].map((id) => `p${id}@shop.example`)
    const { sandbox, project } = await listsProject('duckdb', [fans()], addresses)
    await setFans(
      project,
      addresses.map((email, index) => ({ id: index + 1, email })),
    )
    expectExit(await project.run(['run']), 0)
    const listId = sandbox.lists()[0]?.listId ?? ''
    sandbox.changeMembers(listId, [], [recordOf(sandbox, 1)])
    sandbox.archiveRecord('contacts', recordOf(sandbox, 2))
    return { sandbox, project }
  }

  test('who was taken off by hand is told, and added again', async () => {
    const { sandbox, project } = await fanProject()
    const found = await driftOf(project)
    expect(found).toMatchObject({
      exitCode: 1,
      drift: {
        calls: { planned: { records: 0, links: 0, members: 1 } },
        counts: { removed: 1, archived: 1 },
      },
    })
    expect(found.differences).toMatchObject([
      { drift: 'removed', rowId: '1' },
      { drift: 'archived', rowId: '2' },
    ])
    // Row 2 has no contact any more.
    expect((await project.run(['drift', '--fix'])).exitCode).toBe(1)
    expect(membersOf(sandbox)).toContain(recordOf(sandbox, 1))
    expect((await driftOf(project)).differences).toEqual([])
  })

  test('accepted they stay off', async () => {
    const { sandbox, project } = await fanProject()
    expectExit(await project.run(['drift', '--accept']), 0)
    expect(await driftOf(project)).toMatchObject({ exitCode: 0, differences: [] })
    const writes = sandbox.writeCalls()
    expectExit(await project.run(['run']), 0)
    expect(sandbox.writeCalls()).toBe(writes)
    expect(membersOf(sandbox)).not.toContain(recordOf(sandbox, 1))
  })
})

describe('what stands in the way', () => {
  async function changedPeople(count: number, settings: Readonly<Record<string, unknown>> = {}) {
    const sandbox = await strictSandbox()
    const sync = peopleSync('upsert')
    const project = await createPeople('duckdb', sandbox, sync, { ...impatient, ...settings })
    await setPeople(project, somePeople(1, count))
    expectExit(await project.run(['run']), 0)
    sandbox.changeRecord('contacts', recordOf(sandbox, 1), { jobtitle: 'Boss' })
    return { sandbox, project }
  }

  test('values are shown as the audit may show them, and ours are no drift', async () => {
    const { sandbox, project } = await changedPeople(2, { audit: { values: 'hashed' } })
    const [hashed] = (await driftOf(project)).differences
    expect(hashed.held).toBe(createHash('sha256').update('Boss').digest('hex'))
    await fetch(`${sandbox.url}/crm/v3/objects/contacts/${recordOf(sandbox, 2)}`, {
      method: 'PATCH',
      headers: { Authorization: `Bearer ${sandbox.token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ properties: { firstname: 'Other' } }),
    })
    const settings = { ...impatient, audit: { values: 'none' } }
    writeFileSync(join(project.dir, 'backhaul.yml'), JSON.stringify({ version: 1, ...settings }))
    const none = await driftOf(project)
    expect(none.differences).toMatchObject([{ rowId: '1', expected: null, held: null }])
    expect(none.drift).toMatchObject({ ownValues: 1, counts: { changed: 1 } })
    const { stdout } = await project.run(['drift'])
    expect(stdout).not.toContain('Boss')
    expect(stdout).toContain('1 value that this app wrote itself')
    expectExit(await project.run(['drift', '--accept']), 0)
    const [change] = await project.rows(`select * from changes where operation = 'accept'`)
    expect(change).toMatchObject({ old_values: null, new_values: null })
  })

  test('wrong usage, too many calls, another portal, a limit that is used up', async () => {
    const { sandbox, project } = await changedPeople(301)
    expect(await project.run(['drift', '--fix', '--accept'])).toMatchObject({ exitCode: 2 })
    expect(await project.run(['drift', '--sample', '0'])).toMatchObject({ exitCode: 2 })
    const file = join(project.dir, 'backhaul.yml')
    const before = readFileSync(file, 'utf8')
    writeFileSync(
      file,
      JSON.stringify({ version: 1, ...impatient, hubspot: { max_calls_per_run: 5 } }),
    )
    const reads = readsSince(sandbox)
    const tooMany = await project.run(['drift'])
    expect(tooMany.exitCode).toBe(1)
    expect(tooMany.stderr).toContain('comparing takes 4 calls')
    expect(reads(), 'refused before the first').toBe(0)
    writeFileSync(file, before)
    const other = await strictSandbox({ portalId: 4711 })
    const refused = await project.run(['drift'], {
      HUBSPOT_BASE_URL: other.url,
      HUBSPOT_ACCESS_TOKEN: other.token,
    })
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('4711')
    sandbox.addFault({
      kind: 'status',
      status: 429,
      policy: 'DAILY',
      match: { path: 'batch/read' },
    })
    for (const flags of [[], ['--fix']]) {
      const limited = await driftOf(project, ...flags)
      expect(limited).toMatchObject({
        exitCode: 1,
        drift: { status: 'failed', mended: 0, error: { category: 'RATE_LIMIT_DAILY' } },
      })
    }
    sandbox.clearFaults()
    sandbox.addFault({ kind: 'status', status: 503, match: { path: 'batch/read', times: 1 } })
    expect(await driftOf(project)).toMatchObject({ exitCode: 1, drift: { counts: { changed: 1 } } })
  })
})
