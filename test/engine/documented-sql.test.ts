import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { Ledger } from '../../src/record/ledger.ts'
import { ensureSchema, ensureSyncTables } from '../../src/record/schema/ensure-tables.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { raw } from '../../src/warehouse/sql.ts'
import { codeBlocks, listPages } from '../support/markdown.ts'
import { postgresSettings, postgresUrl } from '../support/postgres.ts'
import { quietOptions } from '../support/schemas.ts'
import { testEngines } from '../support/warehouses.ts'

const blocks = listPages()
  .flatMap((page) => codeBlocks(page))
  .filter(({ language }) => language === 'sql')
/** What the pages call the backhaul schema. */
const documentedSchema = 'analytics_backhaul'
const queries = blocks.filter(
  ({ page, text }) => text.includes(`${documentedSchema}.`) && page !== 'docs/queries.md',
)

describe.each(testEngines())('the queries of the pages on $name', (engine) => {
  test.skipIf(engine.missing !== undefined)('run on the tables as they are made', async () => {
    const place = await engine.create()
    try {
      const warehouse = await place.open()
      const ledger: Ledger = {
        warehouse,
        location: { database: warehouse.stateDatabase, schema: place.schema },
        version: 'test',
      }
      await ensureSchema(ledger)
      await ensureSyncTables(ledger, 'contacts')
      expect(queries.length).toBeGreaterThan(3)
      for (const { page, line, text } of queries) {
        const query = text.replaceAll(documentedSchema, place.schema).replace(/;\s*$/, '')
        await expect(warehouse.query(raw(query)), `${page}:${line}`).resolves.toEqual([])
      }
    } finally {
      await place.close()
    }
  })
})

/** docs/warehouses.md, with names that no other test uses. */
function grantsFor(names: Readonly<Record<string, string>>): string {
  const block = blocks.find(({ text }) => text.startsWith('create role backhaul login'))
  return Object.entries(names).reduce(
    (text, [documented, own]) => text.replaceAll(new RegExp(`\\b${documented}\\b`, 'g'), own),
    block?.text ?? '',
  )
}

test('the grants of docs/warehouses.md are enough to make and fill the tables, and to read models', async (context) => {
  const url = new URL(postgresUrl(context))
  const id = randomBytes(4).toString('hex')
  const [marts, role] = [`marts_${id}`, `backhaul_${id}`]
  const owner = new pg.Client({ connectionString: url.href })
  await owner.connect()
  context.onTestFinished(async () => {
    await owner.query(`drop schema if exists ${marts} cascade`)
    await owner.query(`drop schema if exists ${marts}_backhaul cascade`)
    await owner.query(`drop owned by ${role}`)
    await owner.query(`drop role ${role}`)
    await owner.end()
  })
  await owner.query(`create schema ${marts}`)
  await owner.query(
    grantsFor({
      marts_backhaul: `${marts}_backhaul`,
      marts,
      backhaul: role,
      analytics: url.pathname.slice(1),
      dbt: url.username,
    }),
  )
  await owner.query(`create table ${marts}.people (id integer)`)

  const settings = { ...postgresSettings(url.href, marts), user: role, password: 'choose one' }
  const connection = { type: 'postgres', settings, projectDir: '.' } as const
  const warehouse = await openWarehouse(connection, quietOptions())
  try {
    const location = { database: warehouse.stateDatabase, schema: `${marts}_backhaul` }
    const ledger: Ledger = { warehouse, location, version: 'test' }
    await ensureSchema(ledger)
    await ensureSyncTables(ledger, 'contacts')
    await warehouse.execute(raw('create temporary table scratch (id integer)'))
    const columns = await warehouse.columns(`${marts}.people`)
    expect(columns?.map(({ name }) => name)).toEqual(['id'])
    await expect(warehouse.execute(raw(`delete from ${marts}.people`))).rejects.toThrow(
      /permission denied/,
    )
  } finally {
    await warehouse.close()
  }
})

test('the statement of docs/warehouses.md that lists our sessions runs on PostgreSQL', async (context) => {
  const block = blocks.find(({ text }) => text.includes('from pg_stat_activity'))
  const client = new pg.Client({
    connectionString: postgresUrl(context),
    application_name: 'backhaul 1.2.3 run',
  })
  await client.connect()
  try {
    const { rows } = await client.query(block?.text ?? '')
    expect(rows).toContainEqual(expect.objectContaining({ application_name: 'backhaul 1.2.3 run' }))
  } finally {
    await client.end()
  }
})
