import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { join, raw, sql } from '../../src/warehouse/sql.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { invalid, renderings } from '../support/corpus.ts'
import { type TestPlace, testEngines, uniqueName } from '../support/warehouses.ts'

/** Rows of two columns of one type; all wire values differ. */
const distinct: readonly {
  type: string
  rows: readonly (readonly [string, string])[]
  /** Engines that have the type; all when absent. */
  only?: readonly string[]
  /** BigQuery's name of the type, where all other engines share one. */
  bigquery?: string
}[] = [
  {
    type: 'varchar',
    bigquery: 'string',
    rows: [
      ["''", 'null'],
      ['null', "''"],
      ["'a'", 'null'],
      ['null', "'a'"],
      ["'a'", "''"],
      ["'ab'", "'c'"],
      ["'a'", "'bc'"],
      ["'A'", "'bc'"],
      ["'a '", "'bc'"],
      ["'é'", 'null'],
      ["'e\u0301'", 'null'],
    ],
  },
  {
    type: 'double precision',
    bigquery: 'float64',
    rows: [
      ['0', 'null'],
      ['null', '0'],
      ['null', 'null'],
      ["'NaN'", 'null'],
      ["'NaN'", '0'],
      ['0', '0'],
      ['1', '0'],
      ['0', '1'],
      ['1e-300', '0'],
    ],
  },
  {
    type: 'decimal(10, 2)',
    bigquery: 'numeric(10, 2)',
    rows: [
      ['0', 'null'],
      ['null', '0'],
      ['null', 'null'],
      ['1.10', '0'],
      ['1.1', '1'],
      ['-1.1', '1'],
      ['-1.1', '0'],
    ],
  },
  {
    type: 'numeric',
    only: ['postgres'],
    rows: [
      ['null', '0'],
      ["'NaN'", '0'],
      ['0', '0'],
    ],
  },
  {
    type: 'boolean',
    bigquery: 'bool',
    rows: [
      ['true', 'null'],
      ['null', 'true'],
      ['false', 'null'],
      ['null', 'false'],
      ['false', 'false'],
      ['null', 'null'],
    ],
  },
  {
    type: 'integer',
    bigquery: 'int64',
    rows: [
      ['0', 'null'],
      ['null', '0'],
      ['1', '2'],
      ['2', '1'],
      ['-1', '0'],
      ['null', 'null'],
    ],
  },
  {
    type: 'bigint',
    bigquery: 'int64',
    rows: [
      ['1', '0'],
      ['4294967296', '0'],
      ['-1', '0'],
      ['-4294967297', '0'],
    ],
  },
  {
    type: 'timestamp with time zone',
    bigquery: 'timestamp',
    rows: [
      ["'2000-01-01 00:00:00.000001+00'", 'null'],
      ["'2000-01-01 01:11:34.967296+00'", 'null'],
    ],
  },
  {
    type: 'timestamp',
    bigquery: 'datetime',
    rows: [
      ["'2024-01-01'", 'null'],
      ['null', "'2024-01-01'"],
      ["'2024-01-01 00:00:00.001'", 'null'],
      ["'1970-01-01'", 'null'],
      ['null', 'null'],
    ],
  },
  {
    type: 'interval',
    only: ['duckdb', 'postgres'],
    rows: [
      ["'1 day'", 'null'],
      ["'24:00:00'", 'null'],
      ["'1 month'", 'null'],
      ["'30 days'", 'null'],
    ],
  },
  {
    type: 'citext',
    only: ['postgres'],
    rows: [
      ["'a'", 'null'],
      ["'A'", 'null'],
    ],
  },
  {
    type: 'char(3)',
    only: ['postgres'],
    rows: [
      ["'a'", 'null'],
      ["'b'", 'null'],
    ],
  },
  {
    type: 'json',
    only: ['duckdb', 'postgres'],
    rows: [
      [`'{"a":1}'`, 'null'],
      [`'{"a": 1}'`, 'null'],
      [`'[]'`, 'null'],
    ],
  },
  {
    type: 'jsonb',
    only: ['postgres'],
    rows: [
      [`'{"a":1}'`, 'null'],
      [`'{"a":1.0}'`, 'null'],
    ],
  },
  {
    type: 'text[]',
    only: ['postgres'],
    rows: [
      ["'{a,b}'", 'null'],
      [`'{"a,b"}'`, 'null'],
      ["'{b,a}'", 'null'],
      ["'{NULL}'", "'{a}'"],
      [`'{"NULL"}'`, 'null'],
    ],
  },
  {
    type: 'varchar[]',
    only: ['duckdb'],
    rows: [
      ["['a', 'b']", 'null'],
      ["['a, b']", 'null'],
      ["['b', 'a']", 'null'],
      ["['NULL']", 'null'],
      ["['a']", "['b']"],
    ],
  },
  {
    type: 'hugeint',
    only: ['duckdb'],
    rows: [
      ['1', 'null'],
      ['18446744073709551616', 'null'],
    ],
  },
  {
    type: 'variant',
    only: ['snowflake'],
    rows: [
      [`parse_json('{"a":1}')`, 'null'],
      [`parse_json('{"a":1.5}')`, 'null'],
      [`parse_json('[]')`, 'null'],
      [`parse_json('"1"')`, 'null'],
      [`parse_json('1')`, 'null'],
      [`parse_json('null')`, 'null'],
      ['null', 'null'],
    ],
  },
  {
    type: 'array',
    only: ['snowflake'],
    rows: [
      ["array_construct('a', 'b')", 'null'],
      ["array_construct('a, b')", 'null'],
      ["array_construct('b', 'a')", 'null'],
      ["array_construct('a')", "array_construct('b')"],
    ],
  },
  {
    type: 'json',
    only: ['bigquery'],
    rows: [
      [`json '{"a":1}'`, 'null'],
      [`json '{"a":"1"}'`, 'null'],
      [`json '[]'`, 'null'],
      [`json 'null'`, 'null'],
    ],
  },
  {
    type: 'array<string>',
    only: ['bigquery'],
    rows: [
      ["['a', 'b']", 'null'],
      ["['a, b']", 'null'],
      ["['b', 'a']", 'null'],
      ["['a']", "['b']"],
    ],
  },
  {
    type: 'mood',
    only: ['duckdb', 'postgres'],
    rows: [
      ["'sad'", 'null'],
      ["'glad'", 'null'],
      ['null', 'null'],
    ],
  },
]

describe.each(testEngines())('fingerprints on $name', (engine) => {
  const { dialect } = engine
  let place: TestPlace
  let warehouse: Warehouse
  const check = test.skipIf(engine.missing !== undefined)
  const cases = distinct.flatMap(({ type, rows, only, bigquery }) => {
    if (!(only?.includes(engine.name) ?? true)) return []
    if (type === 'citext' && !engine.hasCitext) return []
    if (bigquery === undefined || engine.name !== 'bigquery') return [{ type, rows }]
    // There text is no literal of other types: it is cast.
    const cast = (cell: string) => `cast(${cell} as ${bigquery.replace(/\(.*/, '')})`
    return [{ type: bigquery, rows: rows.map(([a, b]) => [cast(a), cast(b)] as const) }]
  })

  beforeAll(async () => {
    if (engine.missing !== undefined) return
    place = await engine.create()
    if (engine.hasCitext) await place.build('create extension if not exists citext')
    if (engine.hasEnums) await place.build("create type mood as enum ('sad', 'glad')")
    warehouse = await place.open()
  })
  afterAll(() => place?.close())

  const fingerprintsOf = async (relation: string, seed = 'seed') => {
    const columns = (await warehouse.columns(relation)) ?? []
    const values = columns.map(({ name, family }) => ({
      value: raw(`m.${dialect.quote(name)}`),
      family,
    }))
    const rows = await warehouse.withSnapshot(() =>
      warehouse.query(
        sql`select ${dialect.fingerprint(seed, values)} as f from ${raw(relation)} as m`,
      ),
    )
    return rows.map((row) => row['f'])
  }

  check.each(cases)(
    '$type: rows with different wire values differ, equal rows do not',
    async ({ type, rows }) => {
      const table = uniqueName('f')
      // Functions are no constants: Snowflake takes them in a SELECT only.
      const isComputed = rows.some(([a]) => a.includes('('))
      const values = rows.map(([a, b]) =>
        isComputed ? `select ${a}, ${b}` : `values (${a}, ${b})`,
      )
      await place.build(
        `create table ${table} (a ${type}, b ${type})`,
        ...values.map((value) => `insert into ${table} ${value}`),
      )
      const found = await fingerprintsOf(place.relation(table))
      expect(new Set(found).size).toBe(rows.length)
      expect(await fingerprintsOf(place.relation(table))).toEqual(found)
      const others = await fingerprintsOf(place.relation(table), 'other seed')
      expect(new Set([...found, ...others]).size).toBe(2 * rows.length)
    },
  )

  const checkEnums = test.skipIf(engine.missing !== undefined || !engine.hasEnums)

  checkEnums('an enum that is declared anew in another order keeps its values apart', async () => {
    await place.build(
      "create type before as enum ('x', 'y')",
      "create type after as enum ('y', 'x')",
      "create table enums as select cast('x' as before) as v",
      "create table enums_after as select cast('y' as after) as v",
    )
    const [first] = await fingerprintsOf(place.relation('enums'))
    const [second] = await fingerprintsOf(place.relation('enums_after'))
    expect(first).not.toBe(second)
  })

  check('every value of the corpus can be fingerprinted', async () => {
    const cases = renderings.flatMap((rendering) => {
      const value = engine.name in rendering ? rendering[engine.name] : rendering.sql
      return typeof value === 'string' && rendering.expected !== invalid ? [value] : []
    })
    await place.build(
      `create table every as select ${cases.map((value, i) => `${value} as c${i}`).join(', ')}`,
    )
    expect(await fingerprintsOf(place.relation('every'))).toHaveLength(1)
  })

  check('a thousand columns have a fingerprint', async () => {
    const list = Array.from({ length: 1000 }, (_, i) => raw(`'v${i}' as c${i}`))
    await place.build(`create table wide as select ${join(list).text}`)
    expect(await fingerprintsOf(place.relation('wide'))).toHaveLength(1)
  })
})
