import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sharedTables, syncTables, type TableSpec } from '../../src/record/tables.ts'
import type { TypeFamily, WireForm } from '../../src/warehouse/dialect.ts'
import { snowflakeDialect as dialect } from '../../src/warehouse/snowflake/dialect.ts'
import { raw, sql } from '../../src/warehouse/sql.ts'
import { goldenFiles, goldenStatements } from '../support/golden-sql.ts'
import { codeBlocks } from '../support/markdown.ts'
import { documentedQueries, documentedSchema } from '../support/queries-page.ts'
import { type SnowflakeSql, startSnowflakeSql } from '../support/snowflake/analyzer.ts'
import { deviations, missingFunctions } from '../support/snowflake/analyzer-deviations.ts'
import type { CatalogTable } from '../support/zetasql.ts'

/*
 * What an analyzer of Snowflake's SQL says of ours, which no emulator shares code with. An unknown column, a wrong type or number of arguments
 * is a fact; what it wrongly refuses is in analyzer-deviations.ts.
 */

let started: SnowflakeSql | undefined
let analyzer: SnowflakeSql

beforeAll(async () => {
  started = await startSnowflakeSql()
})
beforeEach((context) => {
  if (started === undefined) return context.skip('the analyzer cannot be installed')
  analyzer = started
})
afterAll(() => started?.stop())

const tableOf = (name: string, spec: TableSpec): CatalogTable => ({
  path: ['marts_backhaul', name],
  columns: Object.fromEntries(
    spec.columns.map((column) => [column.name, dialect.type(column.kind)]),
  ),
})

const tables: readonly CatalogTable[] = [
  {
    path: ['shop', 'marts', 'hubspot_contacts'],
    columns: {
      customer_id: 'number',
      email: 'varchar',
      'Total net': 'number',
      region: 'varchar',
      order: 'number',
      is_test: 'boolean',
      note: 'varchar',
      colours: 'array',
      score: 'varchar',
      seen_at: 'varchar',
      amount: 'number',
      badge: 'varchar',
      owner: 'varchar',
      zip: 'varchar',
      created_at: 'timestamp_ntz',
      at: 'timestamp_ltz',
      customer: 'number',
      event: 'varchar',
      quantity: 'number',
      first_name: 'varchar',
      hubspot_id: 'number',
      joined_at: 'timestamp_ltz',
      orders: 'float',
    },
  },
  // Other syncs, which may hold the records of the first, or go by them.
  tableOf('state__vips', syncTables.state),
  tableOf('plan__vips', syncTables.plan),
  ...['jobs', 'vip'].flatMap((sync) =>
    Object.entries(syncTables).map(([kind, spec]) => tableOf(`${kind}__${sync}`, spec)),
  ),
  tableOf('state__resting', syncTables.state),
  tableOf('state__more', syncTables.state),
  { path: ['marts', 'vips'], columns: { id: 'number', email: 'varchar', is_vip: 'boolean' } },
  { path: ['marts', 'named'], columns: { id: 'number', hubspot_id: 'number' } },
  ...Object.entries(sharedTables).map(([name, spec]) => tableOf(name, spec)),
  ...Object.entries(syncTables).map(([kind, spec]) => tableOf(`${kind}__contacts`, spec)),
]

describe('the golden statements', () => {
  test.each(goldenFiles('snowflake'))('%s', async (file) => {
    const statements = goldenStatements(file)
    expect(statements.length).toBeGreaterThan(0)
    for (const { statement, bindings } of statements) {
      expect(await analyzer.analyze(statement, bindings, tables), statement).toBeUndefined()
    }
  })

  test('the queries of docs/queries.md are understood', async () => {
    for (const { sql: text } of documentedQueries('snowflake')) {
      const query = text.replaceAll(documentedSchema, 'marts_backhaul')
      expect(await analyzer.analyze(query, [], tables), query).toBeUndefined()
    }
  })

  test('what is wrong is found', async () => {
    const state = '"marts_backhaul"."state__contacts"'
    for (const wrong of [
      `select no_such_column from ${state}`,
      `select coalesce(row_id, attempts) from ${state}`,
      `select substr(attempts, row_id) from ${state}`,
      `select no_such_function(row_id) from ${state}`,
      `select collate(row_id) from ${state}`,
      'select * from "marts_backhaul"."absent"',
      `insert into ${state} (row_id) select attempts, row_id from ${state}`,
      `select hash(row_id from ${state}`,
    ]) {
      expect(await analyzer.analyze(wrong, [], tables), wrong).toBeTypeOf('string')
    }
  })
})

/** A column of each family, by a type that Snowflake has for it. */
const families: Readonly<Partial<Record<TypeFamily, string>>> = {
  text: 'varchar',
  integer: 'number',
  decimal: 'number',
  float: 'float',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp_ntz',
  timestamptz: 'timestamp_ltz',
  time: 'time',
  array: 'array',
  json: 'variant',
  uuid: 'varchar',
  binary: 'binary',
}

const typed: CatalogTable = {
  path: ['typed'],
  columns: Object.fromEntries(
    Object.entries(families).map(([family, type]) => [`${family}_value`, type]),
  ),
}

const zone = { timezone: 'Europe/Berlin' } as const
const wires: readonly WireForm[] = [
  { kind: 'text' },
  { kind: 'number' },
  { kind: 'boolean' },
  { kind: 'date' },
  { kind: 'date', ...zone },
  { kind: 'date', epoch: 's' },
  { kind: 'date', epoch: 'ms' },
  { kind: 'datetime' },
  { kind: 'datetime', ...zone },
  { kind: 'datetime', epoch: 's' },
  { kind: 'datetime', epoch: 'ms' },
  { kind: 'multi' },
]

describe('the renderings', () => {
  test.each(Object.keys(families) as TypeFamily[])('of %s', async (family) => {
    for (const wire of wires) {
      const { value, isInvalid } = dialect.render(raw(`${family}_value`), family, wire)
      const query = dialect.compile(
        sql`select ${value} as v, ${isInvalid ?? raw('1 = 0')} as i from typed`,
      )
      const problem = await analyzer.analyze(query.sql, query.bindings, [typed])
      expect(problem, `${JSON.stringify(wire)}: ${query.sql}`).toBeUndefined()
    }
  })
})

test('the statements of docs/warehouses.md that find the statements of a run', async () => {
  // https://docs.snowflake.com/en/sql-reference/account-usage/query_history, …/query_attribution_history
  const common = { query_id: 'varchar', query_tag: 'varchar', start_time: 'timestamp_ltz' }
  const usage: readonly CatalogTable[] = [
    {
      path: ['snowflake', 'account_usage', 'query_history'],
      columns: {
        ...common,
        query_type: 'varchar',
        query_text: 'varchar',
        total_elapsed_time: 'number',
        bytes_scanned: 'number',
      },
    },
    {
      path: ['snowflake', 'account_usage', 'query_attribution_history'],
      columns: { ...common, credits_attributed_compute: 'number' },
    },
  ]
  const queries = codeBlocks('docs/warehouses.md').filter(({ text }) =>
    text.includes('snowflake.account_usage.'),
  )
  expect(queries).toHaveLength(2)
  for (const { text } of queries) {
    const statement = text.trim().replace(/;$/, '')
    expect(await analyzer.analyze(statement, [], usage), text).toBeUndefined()
  }
})

describe('what the analyzer does not know', () => {
  test.each(deviations)('is still not known: $reason', async ({ written, refused }) => {
    expect(refused).toMatch(new RegExp(written, ''))
    expect(await analyzer.analyzeAsIs(refused)).toBeTypeOf('string')
    expect(await analyzer.analyze(refused, [], [])).toBeUndefined()
  })

  test.each(missingFunctions)('is still missing: $name', async ({ refused }) => {
    if (refused === undefined) return
    expect(await analyzer.analyzeAsIs(refused)).toBeTypeOf('string')
    expect(await analyzer.analyze(refused, [], [])).toBeUndefined()
  })
})
