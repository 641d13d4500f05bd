import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { root } from '../../scripts/process.mjs'
import {
  type Ledger,
  type SharedTable,
  type SyncTable,
  sharedTable,
  stateOf,
  syncTable,
} from '../../src/record/ledger.ts'
import { ensureSchema, ensureSyncTables } from '../../src/record/schema/ensure-tables.ts'
import { createTable, sharedTables, syncTables, type TableSpec } from '../../src/record/tables.ts'
import { tableName } from '../../src/warehouse/dialect.ts'
import { raw, sql } from '../../src/warehouse/sql.ts'
import { type TestEngine, testEngines } from '../support/warehouses.ts'

type Columns = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The columns of every table, by version. */
const versions = readdirSync(join(root, 'test/sql')).flatMap((file) => {
  const version = /^tables\.v(\d+)\.json$/.exec(file)?.[1]
  if (version === undefined) return []
  const columns = JSON.parse(readFileSync(join(root, 'test/sql', file), 'utf8')) as Columns
  return [{ version: Number(version), columns }]
})

const cutTo = (spec: TableSpec, names: readonly string[]): TableSpec => ({
  ...spec,
  columns: spec.columns.filter((column) => names.includes(column.name)),
})

async function openLedger(engine: TestEngine): Promise<Ledger> {
  const place = await engine.create()
  onTestFinished(() => place.close())
  const warehouse = await place.open()
  const location = { database: warehouse.stateDatabase, schema: place.schema }
  return { warehouse, location, version: 'test' }
}

describe.each(testEngines())('on $name', (engine) => {
  const here = test.skipIf(engine.missing !== undefined)

  here.each(versions)(
    'tables of version $version get the columns of this one, and keep their rows',
    async ({ version, columns }) => {
      const ledger = await openLedger(engine)
      const { warehouse, location } = ledger
      const { dialect } = warehouse
      const all = [
        ...Object.entries(sharedTables).map(([name, spec]) => ({
          table: sharedTable(ledger, name as SharedTable),
          spec,
          old: cutTo(spec, Object.keys(columns[name] ?? {})),
        })),
        ...Object.entries(syncTables).map(([kind, spec]) => ({
          table: syncTable(ledger, kind as SyncTable, 'contacts'),
          spec,
          old: cutTo(spec, Object.keys(columns[kind] ?? {})),
        })),
      ].filter(({ old }) => old.columns.length > 0)
      if (!(await warehouse.hasSchema(location.schema))) {
        await warehouse.execute(raw(`create schema ${dialect.quote(location.schema)}`))
      }
      for (const { table, old } of all) await warehouse.execute(createTable(dialect, table, old))
      const nameOf = (table: (typeof all)[number]['table']) => raw(tableName(dialect, table))
      await warehouse.execute(
        sql`insert into ${nameOf(sharedTable(ledger, 'schema_version'))} (version) values (${version})`,
      )
      await warehouse.execute(
        sql`insert into ${nameOf(stateOf(ledger, 'contacts'))} (row_id, record_id, status) values ('1', '101', 'succeeded')`,
      )
      for (const _ of ['first run', 'second run']) {
        await ensureSchema(ledger)
        await ensureSyncTables(ledger, 'contacts')
      }
      for (const { table, spec } of all) {
        const found = (await warehouse.columns(nameOf(table).text)) ?? []
        expect(found.map((column) => column.name.toLowerCase()).sort(), table.name).toEqual(
          spec.columns.map((column) => column.name).sort(),
        )
      }
      const rows = sql`select row_id, record_id, status from ${nameOf(stateOf(ledger, 'contacts'))}`
      expect(await warehouse.query(rows)).toEqual([
        { row_id: '1', record_id: '101', status: 'succeeded' },
      ])
    },
  )

  here('a table of a sync that lacks columns gets them when the sync runs', async () => {
    const ledger = await openLedger(engine)
    const { dialect } = ledger.warehouse
    await ensureSchema(ledger)
    const state = stateOf(ledger, 'contacts')
    await ledger.warehouse.execute(
      createTable(dialect, state, cutTo(syncTables.state, ['row_id', 'status'])),
    )
    await ensureSyncTables(ledger, 'contacts')
    const found = (await ledger.warehouse.columns(tableName(dialect, state))) ?? []
    expect(found).toHaveLength(syncTables.state.columns.length)
  })
})
