import { expect, test } from 'vitest'
import { doubt } from '../../src/plan/diff-spec.ts'
import { createProject, type TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'

const contacts = (more: Readonly<Record<string, unknown>> = {}) => ({
  model: 'people',
  hubspot: {
    sync: 'contacts',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: { firstname: 'first_name' },
    ...more,
  },
})

const people = (...rows: readonly string[]) =>
  `create table people as select * from (values ${rows.join(', ')}) as t (id, email, first_name)`

test('a second row that leads to a record of another row is refused, naming both, and is not sent again', async () => {
  const sandbox = await strictSandbox()
  sandbox.seedRecords('contacts', [
    { email: 'ada@shop.example', hs_additional_emails: 'lovelace@shop.example' },
  ])
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [people("(1, 'ada@shop.example', 'Ada')", "(2, 'lovelace@shop.example', 'Augusta')")],
    syncs: [contacts()],
  })
  const first = await project.run(['run'])
  expect(first.exitCode).toBe(1)
  const [one, two] = await project.state('contacts')
  expect(one).toMatchObject({ row_id: '1', status: 'succeeded' })
  expect(two).toMatchObject({ row_id: '2', status: 'parked', record_id: null })
  expect(two?.['error_message']).toContain('belongs to row 1')
  const [refused] = await project.rows(
    "select row_id, outcome, error_category from changes where row_id = '2'",
  )
  expect(refused).toEqual({ row_id: '2', outcome: 'rejected', error_category: 'RECORD_TAKEN' })
  // HubSpot had written the second row before anyone could know: the owner's values are sent again, once.
  const calls = sandbox.writeCalls()
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sandbox.records('contacts')[0]?.properties['firstname']).toBe('Ada')
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sandbox.writeCalls()).toBe(calls + 1)
})

const named = (...rows: readonly string[]) =>
  `create table people as select * from (values ${rows.join(', ')}) as t (id, email, first_name, last_name)`

const withLastNames = contacts({ properties: { firstname: 'first_name', lastname: 'last_name' } })

/** Of each row, the properties whose value is in doubt. */
const doubted = async (project: TestProject, rowId: string) => {
  const row = (await project.state('contacts')).find((each) => each['row_id'] === rowId)
  const sent: Record<string, string> = JSON.parse(String(row?.['sent_values']))
  return {
    doubted: Object.keys(sent).filter((name) => sent[name] === doubt),
    known: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== doubt)),
  }
}

test('what a person entered at a record stays when another row was led there', async () => {
  const sandbox = await strictSandbox()
  const [kept = ''] = sandbox.seedRecords('contacts', [
    { email: 'ada@shop.example', lastname: 'BySales' },
  ])
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [named("(3, 'ada@shop.example', 'Ada', null)", "(8, 'bob@shop.example', 'Bob', 'L8')")],
    syncs: [withLastNames],
  })
  expect((await project.run(['run'])).exitCode).toBe(0)
  const other = sandbox.records('contacts').find(({ id }) => id !== kept)?.id ?? ''
  sandbox.mergeRecords('contacts', kept, other)
  await project.sql("update people set first_name = 'Robert' where id = 8")
  await project.run(['run'])
  expect(await doubted(project, '3')).toEqual({
    doubted: ['firstname'],
    known: { email: 'ada@shop.example' },
  })
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sandbox.record('contacts', kept)?.properties).toMatchObject({
    email: 'ada@shop.example',
    firstname: 'Ada',
    lastname: 'BySales',
  })
})

test('what the owner of a record was sent is still cleared after another row was led there', async () => {
  const sandbox = await strictSandbox()
  sandbox.seedRecords('contacts', [
    { email: 'ada@shop.example', hs_additional_emails: 'lovelace@shop.example' },
  ])
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [named("(3, 'ada@shop.example', 'Ada', 'L3')")],
    syncs: [withLastNames],
  })
  expect((await project.run(['run'])).exitCode).toBe(0)
  await project.sql("insert into people values (8, 'lovelace@shop.example', 'Augusta', null)")
  expect((await project.run(['run'])).exitCode).toBe(1)
  expect(await doubted(project, '3')).toEqual({
    doubted: ['email', 'firstname'],
    known: { lastname: 'L3' },
  })
  await project.sql('update people set last_name = null where id = 3')
  expect((await project.run(['run'])).exitCode).toBe(0)
  const [record] = sandbox.records('contacts')
  expect(record?.properties).toMatchObject({ email: 'ada@shop.example', firstname: 'Ada' })
  expect(record?.properties['lastname'] ?? '').toBe('')
})

test('what another row wrote to a record, and its owner never sent, is cleared again', async () => {
  const sandbox = await strictSandbox()
  sandbox.seedRecords('contacts', [
    { email: 'ada@shop.example', hs_additional_emails: 'lovelace@shop.example;l@shop.example' },
  ])
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [named("(3, 'ada@shop.example', 'Ada', null::varchar)")],
    syncs: [withLastNames],
  })
  expect((await project.run(['run'])).exitCode).toBe(0)
  await project.sql(
    "insert into people values (8, 'lovelace@shop.example', null, 'L8'), (9, 'l@shop.example', 'Nine', null)",
  )
  expect((await project.run(['run'])).exitCode).toBe(1)
  expect(sandbox.records('contacts')[0]?.properties['lastname']).toBe('L8')
  // Of several rows that met there, each one's request counts.
  expect((await doubted(project, '3')).doubted).toEqual(['email', 'firstname', 'lastname'])
  expect((await project.run(['run'])).exitCode).toBe(0)
  const [record] = sandbox.records('contacts')
  expect(record?.properties['firstname']).toBe('Ada')
  expect(record?.properties['lastname'] ?? '').toBe('')
})

test('a row that mode insert left alone is updated once the mode is upsert', async () => {
  const sandbox = await strictSandbox()
  sandbox.seedRecords('contacts', [{ email: 'ada@shop.example', firstname: 'Old' }])
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [people("(1, 'ada@shop.example', 'Ada')")],
    syncs: [contacts({ mode: 'insert' })],
  })
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sandbox.records('contacts')[0]?.properties['firstname']).toBe('Old')
  project.setSyncs([contacts({ mode: 'upsert' })])
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sandbox.records('contacts')[0]?.properties['firstname']).toBe('Ada')
})

test('spellings of one e-mail address are one address: a change of case is no change, two rows are duplicates', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [people("(1, 'Ada@Shop.example', 'Ada')")],
    syncs: [contacts()],
  })
  expect((await project.run(['run'])).exitCode).toBe(0)
  await project.sql("update people set email = ' ada@shop.EXAMPLE '")
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sandbox.writeCalls()).toBe(1)
  await project.sql("insert into people values (2, 'ada@shop.example', 'Twin')")
  expect((await project.run(['run'])).exitCode).toBe(1)
  const rows = await project.rows("select * from changes where outcome = 'rejected'")
  expect(rows).toMatchObject([{ row_id: '2', error_category: 'DUPLICATE_MATCH_VALUE' }])
  expect(sandbox.countRecords('contacts')).toBe(1)
})

test('a row without a key is refused for that, and makes no other row a duplicate', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [
      people(
        "(9, 'n@shop.example', 'Nine')",
        "(null, 'N@shop.example', 'Nobody')",
        "(10, 'd@shop.example', 'D1')",
        "(10, 'd@shop.example', 'D2')",
        "(11, 'e@shop.example', 'E1')",
        "(12, 'E@shop.example', 'E2')",
        "(null, 'e@shop.example', 'E3')",
      ),
    ],
    syncs: [contacts()],
  })
  expect((await project.run(['run'])).exitCode).toBe(1)
  expect(sandbox.records('contacts').map(({ properties }) => properties['firstname'])).toEqual([
    'Nine',
  ])
  const rejected = await project.rows(
    "select row_id, error_category, error_message from changes where outcome = 'rejected'",
  )
  const reasons = rejected.map((row) => `${row['row_id']} ${row['error_category']}`).sort()
  expect(reasons).toEqual([
    '10 DUPLICATE_KEY',
    '10 DUPLICATE_KEY',
    '11 DUPLICATE_MATCH_VALUE',
    '12 DUPLICATE_MATCH_VALUE',
    'null MISSING_KEY',
    'null MISSING_KEY',
  ])
  const named = rejected.filter((row) => row['row_id'] === '11')
  expect(named[0]?.['error_message']).toBe('Row 12 of the model has the same match value.')
})

test('keys that differ in microseconds are two keys', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [
      people(
        "(timestamp '2026-01-01 00:00:00.000001', 'a@shop.example', 'A')",
        "(timestamp '2026-01-01 00:00:00.000002', 'b@shop.example', 'B')",
      ),
    ],
    syncs: [contacts()],
  })
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sandbox.countRecords('contacts')).toBe(2)
})

test('--limit counts rows that can be sent, and calls the others neither sent nor unchanged', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [
      people(
        "(1, null, 'A')",
        "(2, null, 'B')",
        "(3, 'c@shop.example', 'C')",
        "(4, 'd@shop.example', 'D')",
        "(5, 'e@shop.example', 'E')",
      ),
    ],
    syncs: [contacts()],
  })
  const run = await project.run(['run', '--limit', '2', '--output', 'json'])
  expect(sandbox.countRecords('contacts')).toBe(2)
  expect(JSON.parse(run.stdout).results[0].plan.rows.unchanged).toBe(0)
})

test('a plan that a guard stopped pins nothing', async () => {
  const sandbox = await strictSandbox()
  const project = await createProject({
    engine: 'duckdb',
    sandbox,
    tables: [people("(1, 'ada@shop.example', 'Ada')")],
    syncs: [contacts({ primary_key: 'first_name', guards: { min_rows: 10 } })],
  })
  expect((await project.run(['run'])).exitCode).toBe(1)
  project.setSyncs([contacts()])
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(sandbox.countRecords('contacts')).toBe(1)
})
