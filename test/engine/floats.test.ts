import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { modelKeys } from '../../src/plan/diff/model-keys.ts'
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

/** A key column that became a float: whole numbers are told as they were before. */
const wholes = ['0', '1', '-7', '100', '1000000', '1000000000000001', '9007199254740991']
const fractions = ['1.5', '-0.25', '1e300', 'NaN', 'Infinity']

test.each(engines.map((engine, index) => ({ engine, index })))(
  'a key that became a float is the same key on $engine.name',
  async ({ engine, index }) => {
    const { dialect, name } = engine
    const warehouse = await (places[index] as TestPlace).open()
    const float = name === 'bigquery' ? 'float64' : 'double precision'
    const values = name === 'bigquery' ? [...wholes, '1.5'] : [...wholes, ...fractions]
    const rows = values.map((text) => `select cast('${text}' as ${float}) as id`)
    const relation = `(${rows.join(' union all ')})`
    const keysOf = async (of: string) => {
      const keyColumns = [{ name: engine.key('id'), type: float, family: 'float' as const }]
      const keys = modelKeys(dialect, { relation: of, filters: [], keyColumns })
      return (await warehouse.query(keys)).map((row) => String(row['row_id']))
    }
    const keys = await keysOf(relation)
    expect(keys).toEqual(expect.arrayContaining(wholes))
    expect(keys).toContain('1.5')
    expect(new Set(keys).size, 'no two keys became one').toBe(values.length)
    expect(await keysOf(`(select cast('-0.0' as ${float}) as id)`)).toEqual(['0'])
  },
)
