import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { join, raw, type Sql, sql } from '../../src/warehouse/sql.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { invalid, type Rendering, renderings } from '../support/corpus.ts'
import { type TestEngine, type TestPlace, testEngines } from '../support/warehouses.ts'

const valueOn = (engine: TestEngine, rendering: Rendering): string | null =>
  engine.name in rendering ? (rendering[engine.name] ?? null) : rendering.sql

const wireName = ({ wire }: Rendering): string =>
  [wire.kind, wire.epoch && `epoch ${wire.epoch}`, wire.timezone].filter(Boolean).join(', ')

describe.each(testEngines())('wire text on $name', (engine) => {
  const cases = renderings.flatMap((rendering) => {
    const value = valueOn(engine, rendering)
    return value === null ? [] : [{ rendering, value }]
  })
  let place: TestPlace
  let outcomes: readonly (string | null | typeof invalid)[]

  beforeAll(async () => {
    if (engine.missing !== undefined) return
    place = await engine.create()
    const columns = cases.map(({ value }, index) => `${value} as c${index}`)
    await place.build(`create table cases as select ${columns.join(', ')}`)
    outcomes = await rendered(await place.open(), place.relation('cases'))
  })
  afterAll(() => place?.close())

  async function rendered(warehouse: Warehouse, relation: string) {
    const columns = await warehouse.columns(relation)
    const parts = cases.flatMap(({ rendering }, index): Sql[] => {
      const family = columns?.[index]?.family ?? 'other'
      const { value, isInvalid } = engine.dialect.render(raw(`c${index}`), family, rendering.wire)
      return [
        sql`${value} as ${raw(`v${index}`)}`,
        sql`${isInvalid ?? raw('1 = 0')} as ${raw(`i${index}`)}`,
      ]
    })
    const rows = await warehouse.withSnapshot(() =>
      warehouse.query(sql`select ${join(parts)} from ${raw(relation)}`),
    )
    return cases.map((_, index) => {
      const isInvalid = rows[0]?.[`i${index}`]
      expect(isInvalid).toBeTypeOf('boolean')
      const value = rows[0]?.[`v${index}`] ?? null
      if (isInvalid === true) expect(value).toBeNull()
      return isInvalid === true ? invalid : (value as string | null)
    })
  }

  test.skipIf(engine.missing !== undefined).each(
    cases.map(({ rendering, value }, index) => ({
      title: `${wireName(rendering)}: ${value.length > 80 ? `${value.slice(0, 80)}…` : value}`,
      index,
      expected: rendering.expected,
    })),
  )('$title', ({ index, expected }) => {
    expect(outcomes[index]).toBe(expected)
  })
})
