import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { BigQueryTimestamp } from '@google-cloud/bigquery'
import pg from 'pg'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { snowflakeDialect } from '../../src/warehouse/snowflake/dialect.ts'
import { raw } from '../../src/warehouse/sql.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { bigqueryProject, bigquerySettings, createDataset } from './bigquery.ts'
import { createSchema, postgresUrl } from './postgres.ts'
import { snowflakeSettings } from './snowflake.ts'
import { postgresSettings, quietOptions, type TestEngine, uniqueName } from './warehouses.ts'

export type Row = Readonly<Record<string, unknown>>

/** The warehouse of a project as its owner sees it, from outside of Backhaul. */
export interface ProjectWarehouse {
  readonly adapter: string
  /** The target's keys in profiles.yml. */
  readonly output: Readonly<Record<string, unknown>>
  readonly database: string
  /** Where the models are. */
  readonly schema: string
  readonly relation: (model: string) => string
  /** A table of Backhaul's by its bare name, quoted as it was made. */
  readonly ownTable: (name: string) => string
  readonly sql: (...statements: readonly string[]) => Promise<void>
  readonly rows: (query: string) => Promise<readonly Row[]>
  readonly drop: () => Promise<void>
}

/**
 * Makes the warehouse of one project on an engine.
 *
 * @param dir the project's folder, where a DuckDB file named after `database` goes
 */
export function projectWarehouse(
  engine: TestEngine['name'],
  dir: string,
  database?: string,
): Promise<ProjectWarehouse> {
  const make = {
    duckdb: () => duckdbWarehouse(dir, database),
    postgres: postgresWarehouse,
    snowflake: snowflakeWarehouse,
    bigquery: bigqueryWarehouse,
  }
  return make[engine]()
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

/** A database file in the project's folder; Backhaul's tables are in the file beside it. */
async function duckdbWarehouse(dir: string, database = 'shop'): Promise<ProjectWarehouse> {
  const file = join(dir, `${database}.duckdb`)
  const stateFile = join(dir, `${database}_backhaul.duckdb`)
  const work = async <T>(path: string, use: (run: DuckdbRun) => Promise<T>): Promise<T> => {
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    try {
      return await use(async (statement) =>
        (await connection.runAndReadAll(statement)).getRowObjectsJS(),
      )
    } finally {
      connection.closeSync()
      instance.closeSync()
    }
  }
  const sql = (...statements: readonly string[]) =>
    work(file, async (run) => {
      for (const statement of statements) await run(statement)
    })
  await sql()
  return {
    adapter: 'duckdb',
    output: { type: 'duckdb', path: `${database}.duckdb`, schema: 'main' },
    database,
    schema: 'main',
    relation: (model) => `"${database}"."main".${quoted(model)}`,
    ownTable: quoted,
    sql,
    rows: (query) =>
      work(':memory:', async (run) => {
        const path = [`${database}.main`]
        await run(`attach '${file}' as ${database} (read_only)`)
        if (existsSync(stateFile)) {
          await run(`attach '${stateFile}' as ${database}_backhaul (read_only)`)
          const schemas = await run(
            `select 1 from duckdb_schemas() where database_name = '${database}_backhaul' and schema_name = 'main_backhaul'`,
          )
          if (schemas.length > 0) path.push(`${database}_backhaul.main_backhaul`)
        }
        await run(`set search_path = '${path.join(',')}'`)
        return (await run(query)).map(plainRow)
      }),
    drop: async () => {},
  }
}

type DuckdbRun = (statement: string) => Promise<readonly Row[]>

/** A schema that only this project uses; Backhaul's is beside it. Needs vitest's PostgreSQL server. */
async function postgresWarehouse(): Promise<ProjectWarehouse> {
  const schema = await createSchema()
  const own = `${schema.name}_backhaul`
  const work = async <T>(path: string, use: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: postgresUrl() })
    await client.connect()
    try {
      await client.query(`set search_path = ${path}`)
      return await use(client)
    } finally {
      await client.end()
    }
  }
  return {
    adapter: 'postgres',
    output: { type: 'postgres', ...postgresSettings(postgresUrl(), schema.name) },
    database: new URL(postgresUrl()).pathname.slice(1),
    schema: schema.name,
    relation: (model) =>
      [new URL(postgresUrl()).pathname.slice(1), schema.name, model].map(quoted).join('.'),
    ownTable: quoted,
    sql: (...statements) =>
      work(schema.name, async (client) => {
        for (const statement of statements) await client.query(statement)
      }),
    rows: (query) =>
      work(`${schema.name}, ${own}`, async (client) =>
        (await client.query<Record<string, unknown>>(query)).rows.map(plainRow),
      ),
    drop: async () => {
      await work(schema.name, (client) => client.query(`drop schema if exists ${own} cascade`))
      await schema.drop()
    },
  }
}

/** A database that only this project uses, on the server under test. Sessions are the product's own: nothing else speaks to it. */
async function snowflakeWarehouse(): Promise<ProjectWarehouse> {
  const database = uniqueName('SHOP').toUpperCase()
  const settings = snowflakeSettings(database, 'MARTS')
  const connection = { type: 'snowflake', settings, projectDir: tmpdir() }
  const work = async <T>(use: (warehouse: Warehouse) => Promise<T>): Promise<T> => {
    const warehouse = await openWarehouse(connection, quietOptions())
    try {
      return await use(warehouse)
    } finally {
      await warehouse.close()
    }
  }
  return {
    adapter: 'snowflake',
    output: { type: 'snowflake', ...settings },
    database,
    schema: 'MARTS',
    relation: (model) => `${database}.MARTS.${model}`,
    ownTable: (name) => quoted(snowflakeDialect.ownName(name)),
    sql: (...statements) =>
      work(async (warehouse) => {
        for (const statement of statements) await warehouse.execute(raw(statement))
      }),
    rows: (query) =>
      work(async (warehouse) => {
        await warehouse.execute(raw("alter session set search_path = '$current, MARTS_BACKHAUL'"))
        return warehouse.query(raw(query))
      }),
    drop: async () => {},
  }
}

/** Two datasets that only this project uses. Needs vitest's BigQuery server. */
async function bigqueryWarehouse(): Promise<ProjectWarehouse> {
  const dataset = await createDataset()
  return {
    adapter: 'bigquery',
    output: { type: 'bigquery', ...bigquerySettings(dataset.name) },
    database: bigqueryProject,
    schema: dataset.name,
    relation: (model) => `\`${bigqueryProject}\`.\`${dataset.name}\`.\`${model}\``,
    ownTable: (name) => `\`${name}\``,
    sql: async (...statements) => {
      for (const statement of statements) await dataset.query(statement)
    },
    rows: async (query) => (await dataset.read(query)).map(plainRow),
    drop: () => dataset.drop(),
  }
}

/** Values that compare alike on every engine: whole numbers as numbers, moments as ISO 8601. */
function plainRow(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof BigQueryTimestamp) return new Date(value.value).toISOString()
  if (Array.isArray(value)) return value.map(plain)
  return value
}

// PostgreSQL's bigint comes as text, since it may not fit; the counts of tests do.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)
