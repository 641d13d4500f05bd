import { describe, expect, onTestFinished, test } from 'vitest'
import {
  applyMarks,
  type DriftMark,
  type Mending,
  storeMarks,
} from '../../src/record/drift-marks.ts'
import {
  type Ledger,
  linksOf,
  named,
  planOf,
  sharedTable,
  stateOf,
} from '../../src/record/ledger.ts'
import { ensureSchema, ensureSyncTables } from '../../src/record/schema/ensure-tables.ts'
import {
  countSentLinks,
  countSentRows,
  readSentLinks,
  readSentRows,
} from '../../src/record/sent-rows.ts'
import { sql } from '../../src/warehouse/sql.ts'
import { type TestEngine, testEngines } from '../support/warehouses.ts'

const runId = 'run-1'
const scope = { objectTypeId: '0-2', associations: ['companies/id:firm'] }

/** Rows 1 to 5, of which 5 is on its way; links of 1 to 4, of which that of 4 is accepted as it is. */
async function openPlace(engine: TestEngine): Promise<Ledger> {
  const place = await engine.create()
  onTestFinished(() => place.close())
  const warehouse = await place.open()
  const location = { database: warehouse.stateDatabase, schema: place.schema }
  const ledger: Ledger = { warehouse, location, version: 'test' }
  await ensureSchema(ledger)
  await ensureSyncTables(ledger, 'contacts')
  await warehouse.upload(
    stateOf(ledger, 'contacts'),
    ['row_id', 'record_id', 'status', 'sent_values', 'match_value', 'fingerprint'],
    [1, 2, 3, 4, 5].map((id) => [
      String(id),
      `10${id}`,
      id === 5 ? 'rejected' : 'succeeded',
      JSON.stringify({ email: `p${id}@shop.example`, jobtitle: 'Clerk' }),
      `p${id}@shop.example`,
      null,
    ]),
  )
  await warehouse.upload(
    linksOf(ledger, 'contacts'),
    [
      'row_id',
      'association',
      'target_object',
      'target_key',
      'record_id',
      'target_record_id',
      'labels',
      'status',
      'error_category',
    ],
    [1, 2, 3, 4].map((id) => [
      String(id),
      'companies/id:firm',
      '0-2',
      '7',
      `10${id}`,
      '7',
      '[]',
      'succeeded',
      id === 4 ? 'ACCEPTED_IN_HUBSPOT' : null,
    ]),
  )
  return ledger
}

const all = async <T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> => {
  const found: T[] = []
  for await (const page of pages) found.push(...page)
  return found
}

const changedMark: DriftMark = {
  rowId: '1',
  reason: null,
  properties: ['jobtitle'],
  old: { jobtitle: 'Clerk' },
  new: { jobtitle: 'Boss' },
  row: {
    recordId: '999',
    recordBefore: '101',
    sentValues: { email: 'p1@shop.example', jobtitle: 'Boss' },
    matchValue: 'p1@shop.example',
  },
}

const lostMark: DriftMark = {
  rowId: '2',
  reason: 'ARCHIVED_IN_HUBSPOT',
  properties: [],
  old: null,
  new: null,
  row: { recordId: null, recordBefore: '102', sentValues: null, matchValue: null },
}

const linkMark: DriftMark = {
  rowId: '3',
  reason: 'UNLINKED_IN_HUBSPOT',
  properties: [],
  old: null,
  new: null,
  link: {
    rowId: '3',
    association: 'companies/id:firm',
    targetKey: '7',
    recordId: '103',
    targetRecordId: '7',
    labels: [],
    objectTypeId: '0-2',
  },
}

describe.each(testEngines())('drift on $name', (engine) => {
  const here = test.skipIf(engine.missing !== undefined)

  async function mended(mending: Mending) {
    const ledger = await openPlace(engine)
    const { warehouse } = ledger
    const facts = { syncName: 'contacts', runId }
    await storeMarks(ledger, facts, mending, 1, [changedMark, lostMark])
    await storeMarks(ledger, facts, mending, 3, [linkMark])
    await applyMarks(ledger, { ...facts, auditValues: 'full', hasLinks: true }, 3)
    const left = await warehouse.query(
      sql`select seq from ${named(ledger, planOf(ledger, 'contacts'))}`,
    )
    expect(left, 'the plan is empty again').toEqual([])
    return {
      rows: await warehouse.query(
        sql`select row_id, record_id, status, sent_values, error_category from ${named(ledger, stateOf(ledger, 'contacts'))} where row_id < '3' order by row_id`,
      ),
      links: await warehouse.query(
        sql`select row_id, record_id, status, error_category from ${named(ledger, linksOf(ledger, 'contacts'))} order by row_id`,
      ),
      changes: await warehouse.query(
        sql`select row_id, record_id, operation, outcome, old_values, new_values, target_record_id from ${named(ledger, sharedTable(ledger, 'changes'))} order by seq`,
      ),
    }
  }

  here('rows that are settled are read page by page, or some by chance', async () => {
    const ledger = await openPlace(engine)
    expect(await countSentRows(ledger, 'contacts', {})).toEqual({ rows: 4, open: 4, underWay: 1 })
    const rows = await all(readSentRows(ledger, 'contacts', {}, 3))
    expect(rows.map(({ rowId }) => rowId)).toEqual(['1', '2', '3', '4'])
    expect(rows[0]).toMatchObject({
      recordId: '101',
      isOpen: true,
      sentValues: { jobtitle: 'Clerk' },
    })
    const chosen = { rowIds: ['1', '4', '5'] }
    const some = await all(readSentRows(ledger, 'contacts', chosen, 10))
    expect(some.map(({ rowId }) => rowId)).toEqual(['1', '4'])
    const sample = { sample: { rows: 2, seed: 'a' } }
    const first = await all(readSentRows(ledger, 'contacts', sample, 1))
    expect(first).toHaveLength(2)
    expect(await all(readSentRows(ledger, 'contacts', sample, 10))).toEqual(first)
    expect(await countSentRows(ledger, 'contacts', sample)).toMatchObject({ rows: 2 })
    expect(await countSentLinks(ledger, 'contacts', scope, {})).toEqual({ links: 3, records: 3 })
    const links = await all(readSentLinks(ledger, 'contacts', scope, {}, 2))
    expect(links.map(({ rowId }) => rowId)).toEqual(['1', '2', '3'])
    expect(await all(readSentLinks(ledger, 'contacts', scope, chosen, 2))).toHaveLength(1)
  })

  here('what is fixed is open again', async () => {
    const { rows, links, changes } = await mended('fix')
    expect(rows).toMatchObject([
      { record_id: '999', status: 'succeeded', error_category: null },
      {
        record_id: null,
        status: 'pending',
        sent_values: null,
        error_category: 'ARCHIVED_IN_HUBSPOT',
      },
    ])
    expect(String(rows[0]?.['sent_values'])).toContain('Boss')
    expect(links).toMatchObject([
      { record_id: '999', status: 'succeeded' },
      { record_id: '102', status: 'pending' },
      { record_id: '103', status: 'pending', error_category: 'UNLINKED_IN_HUBSPOT' },
      { status: 'succeeded' },
    ])
    expect(changes).toMatchObject([
      {
        row_id: '1',
        record_id: '999',
        operation: 'fix',
        outcome: 'succeeded',
        target_record_id: null,
      },
      { row_id: '2', record_id: '102', target_record_id: null },
      { row_id: '3', record_id: '103', target_record_id: '7' },
    ])
    expect(String(changes[0]?.['old_values'])).toContain('Clerk')
    expect(String(changes[0]?.['new_values'])).toContain('Boss')
  })

  here('what is accepted is left alone', async () => {
    const { rows, links, changes } = await mended('accept')
    expect(rows).toMatchObject([
      { record_id: '999', status: 'succeeded' },
      { record_id: null, status: 'skipped', error_category: 'ARCHIVED_IN_HUBSPOT' },
    ])
    expect(links.map((link) => [link['status'], link['error_category']])).toEqual([
      ['succeeded', null],
      ['succeeded', null],
      ['succeeded', 'ACCEPTED_IN_HUBSPOT'],
      ['succeeded', 'ACCEPTED_IN_HUBSPOT'],
    ])
    expect(changes).toHaveLength(3)
  })
})
