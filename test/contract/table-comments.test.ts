import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Ledger, sharedTable, stateOf } from '../../src/record/ledger.ts'
import { ensureSchema, ensureSyncTables } from '../../src/record/schema/ensure-tables.ts'
import {
  createTable,
  plainTable,
  sharedTables,
  syncTables,
  type TableSpec,
  tableAt,
} from '../../src/record/tables.ts'
import type { TableRef } from '../../src/warehouse/dialect.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { postgresDialect } from '../../src/warehouse/postgres/dialect.ts'
import { raw, type Sql, sql } from '../../src/warehouse/sql.ts'
import { realEngine } from '../support/account.ts'
import { postgresSettings, postgresUrl } from '../support/postgres.ts'
import { quietOptions } from '../support/schemas.ts'
import { type TestEngine, testEngines } from '../support/warehouses.ts'

/** Queries of the catalog; none where the server under test forgets what real accounts keep. */
interface Catalog {
  readonly table?: Sql
  readonly columns?: Sql
}

function catalogOf({ name: engine }: TestEngine, { database, schema, name }: TableRef): Catalog {
  const isReal = realEngine() !== undefined
  switch (engine) {
    case 'duckdb':
      return {
        table: sql`select comment as meaning from duckdb_tables() where schema_name = ${schema} and table_name = ${name}`,
        columns: sql`select column_name as name, comment as meaning from duckdb_columns() where schema_name = ${schema} and table_name = ${name}`,
      }
    case 'postgres':
      return {
        table: sql`select obj_description(c.oid) as meaning from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where n.nspname = ${schema} and c.relname = ${name}`,
        columns: sql`select a.attname as name, col_description(c.oid, a.attnum) as meaning from pg_class as c join pg_namespace as n on n.oid = c.relnamespace join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 where n.nspname = ${schema} and c.relname = ${name}`,
      }
    case 'snowflake':
      return {
        table: sql`select comment as meaning from information_schema.tables where table_schema = ${schema} and table_name = ${name}`,
        ...(isReal
          ? {
              columns: sql`select column_name as name, comment as meaning from information_schema.columns where table_schema = ${schema} and table_name = ${name}`,
            }
          : {}),
      }
    case 'bigquery': {
      const dataset = raw(`\`${database}\`.\`${schema}\``)
      return isReal
        ? {
            columns: sql`select column_name as name, description as meaning from ${dataset}.INFORMATION_SCHEMA.COLUMN_FIELD_PATHS where table_name = ${name}`,
          }
        : {}
    }
  }
}

async function openLedger(engine: TestEngine): Promise<Ledger> {
  const place = await engine.create()
  onTestFinished(() => place.close())
  const warehouse = await place.open()
  const location = { database: warehouse.stateDatabase, schema: place.schema }
  return { warehouse, location, version: 'test' }
}

/** Compares what the catalog says of a table and its columns, as far as it is kept. */
async function expectDocumented(
  { warehouse }: Ledger,
  { table, columns }: Catalog,
  spec: TableSpec,
): Promise<void> {
  if (table !== undefined) {
    expect(await warehouse.query(table)).toEqual([{ meaning: spec.meaning }])
  }
  if (columns === undefined) return
  const rows = await warehouse.query(columns)
  const meanings = rows.map((row) => [String(row['name']).toLowerCase(), row['meaning']])
  expect(Object.fromEntries(meanings)).toEqual(
    Object.fromEntries(spec.columns.map(({ name, meaning }) => [name, meaning])),
  )
}

describe.each(testEngines())('on $name', (engine) => {
  const here = test.skipIf(engine.missing !== undefined)

  here('tables and columns say in the catalog what they mean', async () => {
    const ledger = await openLedger(engine)
    await ensureSchema(ledger)
    await ensureSyncTables(ledger, 'contacts')
    const [changes, state] = [sharedTable(ledger, 'changes'), stateOf(ledger, 'contacts')]
    await expectDocumented(ledger, catalogOf(engine, changes), sharedTables.changes)
    await expectDocumented(ledger, catalogOf(engine, state), syncTables.state)
  })

  here('a column that an older table gets says so, too', async () => {
    const ledger = await openLedger(engine)
    await ensureSchema(ledger)
    const { columns } = syncTables.state
    const older = { ...syncTables.state, columns: columns.slice(0, -1) }
    const state = stateOf(ledger, 'contacts')
    await ledger.warehouse.execute(createTable(ledger.warehouse.dialect, state, older))
    await ensureSyncTables(ledger, 'contacts')
    await expectDocumented(ledger, catalogOf(engine, state), syncTables.state)
  })
})

test('first runs that start at once all find their tables, and the comments', async (context) => {
  const engine = testEngines().find(({ name }) => name === 'postgres')
  if (engine === undefined || engine.missing !== undefined) return context.skip()
  const place = await engine.create()
  onTestFinished(() => place.close())
  const ledgers = await Promise.all(
    Array.from({ length: 6 }, async (): Promise<Ledger> => {
      const warehouse = await place.open()
      return { warehouse, location: { database: undefined, schema: place.schema }, version: 'test' }
    }),
  )
  await Promise.all(
    ledgers.map(async (ledger) => {
      await ensureSchema(ledger)
      await ensureSyncTables(ledger, 'contacts')
    }),
  )
  const [ledger] = ledgers
  if (ledger === undefined) return
  const state = stateOf(ledger, 'contacts')
  await expectDocumented(ledger, catalogOf(engine, state), syncTables.state)
})

test('tables that somebody else owns are used as they are', async (context) => {
  const owner = new pg.Client({ connectionString: postgresUrl(context) })
  await owner.connect()
  const id = randomBytes(4).toString('hex')
  const [schema, role] = [`owned_${id}`, `guest_${id}`]
  context.onTestFinished(async () => {
    await owner.query(`drop schema ${schema} cascade`)
    await owner.query(`drop owned by ${role}`)
    await owner.query(`drop role ${role}`)
    await owner.end()
  })
  const location = { database: undefined, schema }
  const ddl = Object.entries(sharedTables).map(
    ([name, spec]) => plainTable(postgresDialect, tableAt(location, name), spec).text,
  )
  await owner.query(
    [
      `create role ${role} login password 'choose one'`,
      `create schema ${schema}`,
      ...ddl,
      `grant usage, create on schema ${schema} to ${role}`,
      `grant select, insert, update, delete on all tables in schema ${schema} to ${role}`,
    ].join(';\n'),
  )
  const settings = { ...postgresSettings(postgresUrl(context), schema), user: role }
  const connection = {
    type: 'postgres',
    settings: { ...settings, password: 'choose one' },
    projectDir: '.',
  } as const
  const warehouse = await openWarehouse(connection, quietOptions())
  context.onTestFinished(() => warehouse.close())
  await expect(ensureSchema({ warehouse, location, version: 'test' })).resolves.toBeUndefined()
})
