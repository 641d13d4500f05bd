import { expect, test } from 'vitest'
import { strictSandbox } from '../support/sandbox.ts'
import {
  createPeople,
  expectExit,
  peopleSync,
  setPeople,
  somePeople,
  spoolFiles,
} from './people-project.ts'

/** One more than DuckDB merges in one transaction. */
const rowsOfTwoSlices = 30_001

test('the spool holds only what the warehouse does not have', async () => {
  const sandbox = await strictSandbox({ tier: 'unlimited' })
  const project = await createPeople('duckdb', sandbox, peopleSync('upsert'))
  await setPeople(project, somePeople(1, 3))
  const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: 'window-closed' })
  expect(killed.signal).toBe('SIGKILL')
  expect(spoolFiles(project)).toEqual([])
})

test('a kill between two slices of a merge records no row twice, not even those whose outcome is unknown', async () => {
  const sandbox = await strictSandbox({ tier: 'unlimited' })
  const sync = peopleSync('insert', { match: undefined, properties: { firstname: 'first_name' } })
  const project = await createPeople('duckdb', sandbox, sync)
  await project.sql(
    'drop table people',
    `create table people as select i as id, 'First' || i as first_name from range(${rowsOfTwoSlices}) as t(i)`,
  )
  const kill = async (point: string) => {
    const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: point })
    expect(killed.signal, killed.stderr).toBe('SIGKILL')
  }
  await kill('answer-received')
  await kill('slice-merged')
  expectExit(await project.run(['run']), 1)
  const [first] = await project.rows(
    'select run_id, rows_unknown, rows_pending from runs order by run_id',
  )
  const unknown = Number(first?.['rows_unknown'])
  expect(unknown).toBeGreaterThan(0)
  expect(first?.['rows_pending']).toBe(rowsOfTwoSlices - unknown)
  const twice = await project.rows(
    'select run_id, row_id from changes group by run_id, row_id having count(*) > 1',
  )
  expect(twice).toEqual([])
  expect(sandbox.records('contacts')).toHaveLength(rowsOfTwoSlices)
})
