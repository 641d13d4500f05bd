import { expect, onTestFinished, test } from 'vitest'
import {
  findAuditedRows,
  readAudited,
  readAuditedRecords,
} from '../../src/record/forget/forget-audit.ts'
import { findRowsOf } from '../../src/record/forget/forget-rows.ts'
import { named, sharedTable, stateOf } from '../../src/record/ledger.ts'
import { ensureSchema, ensureSyncTables } from '../../src/record/schema/ensure-tables.ts'
import { sql } from '../../src/warehouse/sql.ts'
import { testEngines } from '../support/warehouses.ts'

for (const engine of testEngines()) {
  test.skipIf(engine.missing !== undefined)(
    `audit rows lead to a person without a state, on ${engine.name}`,
    async () => {
      const place = await engine.create()
      onTestFinished(() => place.close())
      const warehouse = await place.open()
      const location = { database: warehouse.stateDatabase, schema: place.schema }
      const ledger = { warehouse, location, version: 'test' }
      await ensureSchema(ledger)
      await ensureSyncTables(ledger, 'people', false)
      const changes = named(ledger, sharedTable(ledger, 'changes'))
      const digest = warehouse.dialect.digest(sql`${'ada@shop.example'}`)
      await warehouse.execute(sql`insert into ${changes} (run_id, sync_name, seq, row_id, record_id, operation, new_values) values
  ('r1', 'gone', 1, '1', '11', 'upsert', ${'{"email":"Ada@Shop.example"}'}),
  ('r1', 'gone', 2, '2', '12', 'upsert', ${'{"email":"xada@shop.example"}'}),
  ('r2', 'a list', 1, '1', '11', 'add', null),
  ('r3', 'people', 1, '5', '11', 'upsert', null),
  ('r3', 'people', 2, '6', '11', 'upsert', null),
  ('r3', 'people', 3, '7', '11', 'upsert', null)`)
      await warehouse.execute(
        sql`insert into ${changes} (run_id, sync_name, seq, row_id, operation, new_values) select 'r1', 'gone', 3, '3', 'upsert', '{"email":"' || ${digest} || '"}'`,
      )
      await warehouse.execute(
        sql`insert into ${named(ledger, sharedTable(ledger, 'runs'))} (run_id, sync_name, portal_id, object_type) values ('r0', 'gone', '1', '0-2'), ('r1', 'gone', '1', '0-1')`,
      )
      await warehouse.execute(
        sql`insert into ${named(ledger, stateOf(ledger, 'people'))} (row_id, record_id, status) values ('5', '11', 'succeeded'), ('6', null, 'left'), ('7', '12', 'succeeded')`,
      )
      expect(await readAudited(ledger)).toEqual([
        { syncName: 'a list', syncType: 'list', portalId: '', objectType: undefined },
        { syncName: 'gone', syncType: 'object', portalId: '1', objectType: '0-1' },
        { syncName: 'people', syncType: 'object', portalId: '', objectType: undefined },
      ])
      const wanted = { matchValues: ['ada@shop.example'], recordIds: [] }
      expect(await findAuditedRows(ledger, 'gone', wanted)).toEqual(['1', '3'])
      expect(await findAuditedRows(ledger, 'gone', { matchValues: [], recordIds: ['12'] })).toEqual(
        ['2'],
      )
      expect((await readAuditedRecords(ledger, 'gone', ['1', '3'])).recordIds).toEqual(['11'])
      // Row 7 had the record once, and is somebody else now.
      const names = { stateName: 'people', syncNames: ['people'] }
      expect(await findRowsOf(ledger, names, { matchValues: [], recordIds: ['11'] })).toEqual([
        '5',
        '6',
      ])
    },
  )
}
