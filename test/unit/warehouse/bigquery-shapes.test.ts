import { expect, test } from 'vitest'
import { columnsOf, relationParts } from '../../../src/warehouse/bigquery/columns.ts'
import { bigqueryDialect } from '../../../src/warehouse/bigquery/dialect.ts'
import { jobLabels } from '../../../src/warehouse/bigquery/labels.ts'
import { cellValue, jsonLines } from '../../../src/warehouse/bigquery/values.ts'
import { raw, sql } from '../../../src/warehouse/sql.ts'

test.each([
  ['STRING(10)', 'text'],
  ['NUMERIC(10, 2)', 'decimal'],
  ['BIGNUMERIC', 'decimal'],
  ['DATETIME', 'timestamp'],
  ['TIMESTAMP', 'timestamptz'],
  ['ARRAY<INT64>', 'array'],
  ['ARRAY<STRUCT<a INT64>>', 'json'],
  ['STRUCT<a ARRAY<INT64>>', 'json'],
  ['JSON', 'json'],
  ['GEOGRAPHY', 'other'],
  ['INTERVAL', 'other'],
  ['RANGE<DATE>', 'other'],
])('%s is %s', (type, family) => {
  expect(bigqueryDialect.family(type)).toBe(family)
})

test("the API's names of types become those of the language", () => {
  const columns = columnsOf([
    { name: 'n', type: 'INTEGER' },
    { name: 'tags', type: 'STRING', mode: 'REPEATED' },
    { name: 'net', type: 'NUMERIC', precision: '10', scale: '2' },
    {
      name: 'lines',
      type: 'RECORD',
      mode: 'REPEATED',
      fields: [{ name: 'qty', type: 'FLOAT' }],
    },
  ])
  expect(columns.map(({ type }) => type)).toEqual([
    'INT64',
    'ARRAY<STRING>',
    'NUMERIC(10, 2)',
    'ARRAY<STRUCT<qty FLOAT64>>',
  ])
})

test.each([
  ['`my-project`.`marts`.`people`', { project: 'my-project', dataset: 'marts', table: 'people' }],
  ['`my-project.marts.people`', { project: 'my-project', dataset: 'marts', table: 'people' }],
  ['marts.people', { dataset: 'marts', table: 'people' }],
  ['`p`.`d`.`Überblick 2024`', { project: 'p', dataset: 'd', table: 'Überblick 2024' }],
  ['people', undefined],
  ['`p`.`d`.`events_*`', undefined],
  ['(select 1)', undefined],
])('%s', (name, parts) => {
  expect(relationParts(name)).toEqual(parts)
})

test('labels keep what BigQuery takes', () => {
  expect(
    jobLabels({ application: 'Backhaul 1.2.3', '1Sync!': 'Kontakte Süd', empty: '', '!': 'x' }),
  ).toEqual({ application: 'backhaul_1_2_3', sync_: 'kontakte_süd', empty: '' })
  expect(jobLabels({ long: 'x'.repeat(100) })['long']).toHaveLength(63)
})

test.each([
  ['INTEGER', '42', 42],
  ['INTEGER', '9007199254740993', '9007199254740993'],
  ['FLOAT', '1.5', 1.5],
  ['FLOAT', 'NaN', 'NaN'],
  ['BOOLEAN', 'true', true],
  ['TIMESTAMP', '-1000', '1969-12-31T23:59:59.999Z'],
  ['TIMESTAMP', '1704164645678901', '2024-01-02T03:04:05.678901Z'],
  ['TIMESTAMP', '-62135596800000000', '0001-01-01T00:00:00.000Z'],
  ['TIMESTAMP', '253402300799999999', '9999-12-31T23:59:59.999999Z'],
  ['DATETIME', '2024-01-02T03:04:05.5', '2024-01-02T03:04:05.500Z'],
  ['NUMERIC', '1.10', '1.10'],
  ['STRING', '', ''],
  ['STRING', null, null],
])('a cell of %s: %s', (type, text, value) => {
  expect(cellValue({ name: 'c', type }, text)).toBe(value)
})

test('rows become JSON lines without their NULLs, and without half characters', () => {
  const lines = [
    ...jsonLines(
      ['a', 'b'],
      [
        ['x\ny', null],
        ['\ud83d', 1],
      ],
    ),
  ].join('')
  expect(lines).toBe('{"a":"x\\ny"}\n{"a":"\ufffd","b":1}\n')
})

test('parameters are named, NULL is written out, question marks of texts stay', () => {
  const statement = sql`select ${'a'}, ${null}, ${raw("'really?'")}, ${2}`
  expect(bigqueryDialect.compile(statement)).toEqual({
    sql: "select @p0, null, 'really?', @p1",
    bindings: ['a', 2],
  })
})

test.each([
  ['back`tick', '`back\\`tick`'],
  ['back\\slash', '`back\\\\slash`'],
])('%s is quoted', (name, quoted) => {
  expect(bigqueryDialect.quote(name)).toBe(quoted)
})
