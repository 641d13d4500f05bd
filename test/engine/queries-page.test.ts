import { describe, expect, test } from 'vitest'
import { renderTable } from '../../src/cli/render/render-table.ts'
import { raw } from '../../src/warehouse/sql.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { fillAudit } from '../support/audit-rows.ts'
import { documentedQueries, documentedSchema, withAnswers } from '../support/queries-page.ts'
import { type TestEngine, testEngines } from '../support/warehouses.ts'

const widest = 80

async function answersOf(
  engine: TestEngine,
  warehouse: Warehouse,
  schema: string,
): Promise<readonly string[]> {
  const answers: string[] = []
  for (const { sql } of documentedQueries(engine.name)) {
    const rows = await warehouse.query(raw(sql.replaceAll(documentedSchema, schema)))
    const cells = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
      ),
    )
    const lines = renderTable(cells, widest).map((line) => `${line.slice(2)}\n`)
    answers.push(lines.join(''))
  }
  return answers
}

/** Answers in the page come from DuckDB; `-u` writes them. */
describe.each(testEngines())('on $name', (engine) => {
  test.skipIf(engine.missing !== undefined)('queries answer as docs/queries.md says', async () => {
    const place = await engine.create()
    try {
      const warehouse = await place.open()
      const location = { database: warehouse.stateDatabase, schema: place.schema }
      await fillAudit({ warehouse, location, version: 'test' })
      const answers = await answersOf(engine, warehouse, place.schema)
      if (engine.name === 'duckdb') {
        await expect(withAnswers(answers)).toMatchFileSnapshot('../../docs/queries.md')
      } else expect(answers).toEqual(documentedQueries(engine.name).map(({ answer }) => answer))
    } finally {
      await place.close()
    }
  })
})
