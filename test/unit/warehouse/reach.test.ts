import { expect, test } from 'vitest'
import { reachState } from '../../../src/warehouse/open.ts'

const connection = (type: string, settings: Readonly<Record<string, unknown>>) => ({
  type,
  settings,
  projectDir: '/shop',
})

const reach = async (
  type: string,
  own: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
) => {
  const found = await reachState(connection(type, own), connection(type, other))
  return 'why' in found ? found.why : found.database
}

test('another database is reached where one session reads both', async () => {
  const snowflake = { account: 'ab_12.eu', database: 'ci' }
  expect(await reach('snowflake', snowflake, { account: 'AB-12.eu', database: 'prod' })).toBe(
    'PROD',
  )
  expect(await reach('snowflake', snowflake, { account: 'cd34', database: 'prod' })).toContain(
    'its account is cd34',
  )
  expect(await reach('bigquery', { project: 'ci' }, { project: 'prod', location: 'EU' })).toBe(
    'prod',
  )
  expect(
    await reach('bigquery', { project: 'ci', location: 'us' }, { project: 'prod', location: 'EU' }),
  ).toBe(
    "its datasets are in eu, this target's in us, and BigQuery reads only one location in a job",
  )
  const postgres = { host: 'db', port: '5432', dbname: 'shop', schema: 'ci' }
  expect(await reach('postgres', postgres, { host: 'db', database: 'shop' })).toBeUndefined()
  expect(await reach('postgres', postgres, { host: 'db', dbname: 'shop_prod' })).toContain(
    'its database is shop_prod at db:5432',
  )
})

test('another engine is not reached', async () => {
  expect(await reachState(connection('duckdb', {}), connection('postgres', {}))).toEqual({
    why: 'it is on postgres, and this target is on duckdb',
  })
})
