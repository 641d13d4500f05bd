import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sharedTables, syncTables, type TableSpec } from '../../src/record/tables.ts'
import { bigqueryDialect as dialect } from '../../src/warehouse/bigquery/dialect.ts'
import { queryParameters } from '../../src/warehouse/bigquery/values.ts'
import { raw, type Sql, sql } from '../../src/warehouse/sql.ts'
import { type GoogleSql, startGoogleSql } from '../support/bigquery/googlesql.ts'
import { invalid, names, renderings } from '../support/corpus.ts'
import { goldenFiles, goldenStatements } from '../support/golden-sql.ts'
import { codeBlocks } from '../support/markdown.ts'
import { documentedQueries, documentedSchema } from '../support/queries-page.ts'
import type { CatalogTable } from '../support/zetasql.ts'

/*
 * What Google's own implementation of the language says of our SQL: the emulator accepts what BigQuery would not, and
 * computes some things in its own way.
 */

let google: GoogleSql

beforeAll(async () => {
  google = await startGoogleSql()
})
afterAll(() => google?.stop())

const tableOf = (name: string, spec: TableSpec): CatalogTable => ({
  path: ['marts_backhaul', name],
  columns: Object.fromEntries(
    spec.columns.map((column) => [column.name, dialect.type(column.kind)]),
  ),
})

const model: CatalogTable = {
  path: ['shop', 'marts', 'hubspot_contacts'],
  columns: {
    customer_id: 'int64',
    email: 'string',
    'Total net': 'numeric',
    region: 'string',
    order: 'int64',
    is_test: 'bool',
    note: 'string',
    colours: 'array<string>',
    score: 'string',
    seen_at: 'string',
    amount: 'numeric',
    badge: 'string',
    owner: 'string',
    zip: 'string',
    id: 'int64',
    is_vip: 'bool',
    created_at: 'datetime',
    at: 'timestamp',
    customer: 'int64',
    event: 'string',
    quantity: 'int64',
    first_name: 'string',
    hubspot_id: 'int64',
    joined_at: 'timestamp',
    orders: 'float64',
  },
}

/** Other syncs, which may hold the records of the first, or go by them. */
const others: readonly CatalogTable[] = [
  tableOf('state__vips', syncTables.state),
  tableOf('plan__vips', syncTables.plan),
  ...['jobs', 'vip'].flatMap((sync) =>
    Object.entries(syncTables).map(([kind, spec]) => tableOf(`${kind}__${sync}`, spec)),
  ),
  tableOf('state__resting', syncTables.state),
  tableOf('state__more', syncTables.state),
]

const tables = [
  model,
  ...others,
  ...Object.entries(sharedTables).map(([name, spec]) => tableOf(name, spec)),
  ...Object.entries(syncTables).map(([kind, spec]) => tableOf(`${kind}__contacts`, spec)),
]

describe('the golden statements are GoogleSQL', () => {
  test.each(goldenFiles('bigquery'))('%s', async (file) => {
    const statements = goldenStatements(file)
    expect(statements.length).toBeGreaterThan(0)
    for (const { statement, bindings } of statements) {
      const parameters = queryParameters(bindings)
      expect(await google.analyze(statement, parameters, tables), statement).toBeUndefined()
    }
  })

  test('the statements of docs/warehouses.md that find the jobs of a run are GoogleSQL', async () => {
    const jobs: CatalogTable = {
      path: ['region-eu', 'INFORMATION_SCHEMA', 'JOBS'],
      // https://cloud.google.com/bigquery/docs/information-schema-jobs#schema
      columns: {
        job_id: 'string',
        job_type: 'string',
        statement_type: 'string',
        creation_time: 'timestamp',
        parent_job_id: 'string',
        labels: 'array<struct<key string, value string>>',
        query: 'string',
        total_bytes_billed: 'int64',
        total_slot_ms: 'int64',
      },
    }
    const queries = codeBlocks('docs/warehouses.md').filter(({ text }) =>
      text.includes('INFORMATION_SCHEMA.JOBS'),
    )
    expect(queries).toHaveLength(2)
    for (const { text } of queries) {
      expect(await google.analyze(text, [], [jobs]), text).toBeUndefined()
    }
  })

  test('the queries of docs/queries.md are GoogleSQL', async () => {
    for (const { sql } of documentedQueries('bigquery')) {
      const query = sql.replaceAll(documentedSchema, 'marts_backhaul')
      expect(await google.analyze(query, [], tables), query).toBeUndefined()
    }
  })

  test('what is no GoogleSQL is found', async () => {
    const state = '`marts_backhaul`.`state__contacts`'
    for (const wrong of [
      `select no_such_column from ${state}`,
      `select cast(row_id as varchar) from ${state}`,
      `select coalesce(row_id, attempts) from ${state}`,
      'select * from `marts_backhaul`.`absent`',
    ]) {
      expect(await google.analyze(wrong, [], tables), wrong).toBeTypeOf('string')
    }
  })
})

const kindOfLiteral = (value: string): string => {
  if (value.startsWith('json ')) return 'JSON'
  if (value.startsWith("b'")) return 'BYTES'
  if (value.startsWith('[')) return 'ARRAY<STRING>'
  if (value === 'true' || value === 'false') return 'BOOL'
  return (/ as (array<string>|\w+)\)(?: \/ 3)?$/.exec(value)?.[1] ?? '').toUpperCase()
}

const cases = renderings.flatMap(({ bigquery, wire, expected }) =>
  typeof bigquery === 'string' ? [{ value: bigquery, wire, expected }] : [],
)

test.each(
  cases.map((entry) => ({
    ...entry,
    title: `${entry.wire.kind}: ${entry.value.length > 80 ? `${entry.value.slice(0, 80)}…` : entry.value}`,
  })),
)(
  'the reference implementation gives the wire text of $title',
  async ({ value, wire, expected }) => {
    const rendered = dialect.render(raw('c'), dialect.family(kindOfLiteral(value)), wire)
    const isInvalid = rendered.isInvalid ?? raw('false')
    const query = sql`select ${rendered.value} as v, ${isInvalid} as i from (select ${raw(value)} as c)`
    const [row] = await google.evaluate(dialect.compile(query).sql)
    expect(row?.[1]).toBeTypeOf('boolean')
    if (row?.[1] === true) expect(row[0]).toBeNull()
    expect(row?.[1] === true ? invalid : row?.[0]).toBe(expected)
  },
)

test('a lookup is a relation of its entries', async () => {
  const entries = dialect.textRows([
    ['Deep "red"', 'r', null],
    ["O'Brien", null, 'is two \\ options'],
  ])
  const rows = await google.evaluate(dialect.compile(inlined(entries)).sql)
  expect([...rows].sort()).toEqual([
    ['Deep "red"', 'r', null],
    ["O'Brien", null, 'is two \\ options'],
  ])
})

/** The evaluator takes no parameters. */
const inlined = ({ text, bindings }: Sql): Sql =>
  raw(
    text.replace(
      '?',
      () => `'${String(bindings[0]).replace(/[\\']/g, (character) => `\\${character}`)}'`,
    ),
  )

test('fields are read from JSON whatever their name', async () => {
  for (const name of names) {
    const object = dialect.jsonObject([
      { name, value: raw("'x'") },
      { name: `${name}2`, value: raw('cast(null as string)') },
    ])
    const opened = dialect.openJson(object, [name])
    const query = sql`select ${object}, ${dialect.jsonField(opened, name)}, ${dialect.jsonField(opened, `${name}2`)}`
    const [row] = await google.evaluate(dialect.compile(query).sql)
    expect(row).toEqual([JSON.stringify({ [name]: 'x' }), 'x', null])
  }
})
