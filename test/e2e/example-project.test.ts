import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { copyExampleProject } from '../../src/cli/demo/example-project.ts'
import { dbtFor } from '../support/dbt.ts'
import { postgresEnv, schemaForTest } from '../support/postgres.ts'

const build = ['--warn-error', 'build']
const rows = {
  hubspot_contacts: 58,
  hubspot_companies: 24,
  hubspot_deals: 40,
  hubspot_job_events: 13,
}

test('the example project builds on DuckDB without a warning', async (context) => {
  const dbt = await dbtFor(context)
  const folder = projectFolder()
  const result = await dbt([...build, '--target', 'dev'], folder)
  expect(result.code, result.output).toBe(0)
  const instance = await DuckDBInstance.create(join(folder, 'backhaul_example.duckdb'))
  const connection = await instance.connect()
  for (const [mart, count] of Object.entries(rows)) {
    const reader = await connection.runAndReadAll(`select count(*) from ${mart}`)
    expect(reader.getRows()).toEqual([[BigInt(count)]])
  }
  connection.closeSync()
  instance.closeSync()
})

test('the example project builds on PostgreSQL without a warning', async (context) => {
  const dbt = await dbtFor(context)
  const schema = await schemaForTest(context)
  const folder = projectFolder()
  const env = { ...postgresEnv(context), BACKHAUL_EXAMPLE_SCHEMA: schema.name }
  const result = await dbt([...build, '--target', 'pg'], folder, env)
  expect(result.code, result.output).toBe(0)
  const client = new pg.Client({ connectionString: schema.url })
  await client.connect()
  for (const [mart, count] of Object.entries(rows)) {
    const counted = await client.query(`select count(*)::int as count from ${mart}`)
    expect(counted.rows).toEqual([{ count }])
  }
  await client.end()
})

function projectFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backhaul-example-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  copyExampleProject(folder)
  return folder
}
