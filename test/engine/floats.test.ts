import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tableName } from '../../src/warehouse/dialect.ts'
import { raw, sql } from '../../src/warehouse/sql.ts'
import { duckdbEngine, type TestPlace, testEngines, uniqueName } from '../support/warehouses.ts'

// DuckDB is what the others are compared with, also in a run that is about one of them alone.
const others = testEngines().filter(
  ({ name, missing }) => name !== 'duckdb' && missing === undefined,
)
const engines = [duckdbEngine, ...others]
const places: TestPlace[] = []

beforeAll(async () => {
  for (const engine of engines) places.push(await engine.create())
})
afterAll(async () => {
  for (const place of places) await place.close()
})

/** Doubles whose sixteenth digit is a lone 5: rounding to 15 digits is a tie. */
const ties = fc.bigInt({ min: 10n ** 14n, max: 9n * 10n ** 14n }).map((n) => Number(n * 10n + 5n))

test.skipIf(engines.length < 2)('any float has the same wire text on every engine', async () => {
  const floats = fc.sample(
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      ties,
      fc.float().map(Number),
      fc.integer(),
    ),
    { numRuns: 3000, seed: 42 },
  )
  // The largest round up beyond what a double can hold.
  const finite = floats.filter((value) => Math.abs(value) < 1.79e308)
  const answers = await Promise.all(
    engines.map(async (engine, index) => {
      const { dialect } = engine
      const place = places[index] as TestPlace
      const warehouse = await place.open()
      const table = place.table(uniqueName('floats'))
      const name = raw(tableName(dialect, table))
      await warehouse.execute(
        sql`create table ${name} (n ${raw(dialect.type('integer'))}, t ${raw(dialect.type('text'))})`,
      )
      await warehouse.upload(
        table,
        ['n', 't'],
        finite.map((value, n) => [n, value.toString()]),
      )
      const value = dialect.render(raw('v'), 'float', { kind: 'number' }).value
      const rows = await warehouse.query(
        sql`select ${value} as wire, v from (select n, cast(t as ${raw(engine.name === 'bigquery' ? 'float64' : 'double precision')}) as v from ${name}) as q order by n`,
      )
      return rows.map((row) => row['wire'])
    }),
  )
  for (const answer of answers.slice(1)) expect(answer).toEqual(answers[0])
  for (const [index, value] of finite.entries()) {
    const wire = String(answers[0]?.[index])
    expect(wire).toMatch(/^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$/)
    // Ties may go either way here; the text must still be one of the two neighbours.
    expect(Math.abs(Number(wire) - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-14)
  }
})
