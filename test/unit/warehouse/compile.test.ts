import { expect, test } from 'vitest'
import { duckdbDialect } from '../../../src/warehouse/duckdb/dialect.ts'
import { postgresDialect } from '../../../src/warehouse/postgres/dialect.ts'
import { join, raw, sql } from '../../../src/warehouse/sql.ts'

test('numbers parameters in order and leaves literal question marks alone', () => {
  const statement = sql`select ${'a'}, '\\?', ${raw("x ? 'k' and y ?? z")} where t = ${null}`
  expect(duckdbDialect.compile(statement)).toEqual({
    sql: "select $1, '?', x ? 'k' and y ?? z where t = $2",
    bindings: ['a', null],
  })
})

test('text of the user’s that looks like a parameter of ours stays as it is', () => {
  const statement = sql`select ${raw("'$1 \\? \ue000\ue001 :name'")}, ${1}`
  expect(duckdbDialect.compile(statement).sql).toBe("select '$1 \\? \ue000\ue001 :name', $1")
})

test('two bindings side by side are two bindings', () => {
  const side = join([sql`${1}`, sql`${2}`, sql`${3}`], '')
  expect(duckdbDialect.compile(side)).toEqual({ sql: '$1 $2 $3', bindings: [1, 2, 3] })
})

test('PostgreSQL is told the types of numbers and booleans, as literals would tell', () => {
  const statement = sql`select ${1}, ${2 ** 40}, ${0.5}, ${true}, ${'text'}, ${null}`
  expect(postgresDialect.compile(statement).sql).toBe(
    'select $1::integer, $2::bigint, $3::float8, $4::boolean, $5, $6',
  )
})

test('a thousand bindings are compiled in no time to speak of', () => {
  const many = join(Array.from({ length: 20_000 }, (_, index) => sql`${index}`))
  const start = performance.now()
  expect(postgresDialect.compile(many).bindings).toHaveLength(20_000)
  expect(performance.now() - start).toBeLessThan(2000)
})
