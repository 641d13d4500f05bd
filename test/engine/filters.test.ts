import { afterEach, expect, test } from 'vitest'
import { modelKeys } from '../../src/plan/diff/model-keys.ts'
import { columnOf } from '../support/diff-spec.ts'
import { type TestPlace, testEngines } from '../support/warehouses.ts'

let place: TestPlace | undefined
afterEach(async () => {
  await place?.close()
  place = undefined
})

for (const engine of testEngines()) {
  test.skipIf(engine.missing !== undefined)(
    `a filter that leaves its brackets undoes no other (${engine.name})`,
    async () => {
      place = await engine.create()
      const warehouse = await place.open()
      const keys = async (...filters: readonly string[]) => {
        const statement = modelKeys(engine.dialect, {
          relation: "(select 'old' as id, 0 as is_current union all select 'new', 1)",
          filters,
          keyColumns: [columnOf('id', 'text', 'text')],
        })
        const rows = await warehouse.withSnapshot(() => warehouse.query(statement))
        return rows.map((row) => row['row_id'])
      }
      expect(await keys('is_current = 1', '1 = 1) or (1 = 1')).toEqual(['new'])
      expect(await keys('is_current = 1', "id = 'old' -- none", '1 = 1')).toEqual([])
      expect((await keys('1 = 1) or (1 = 1')).sort()).toEqual(['new', 'old'])
    },
  )
}
