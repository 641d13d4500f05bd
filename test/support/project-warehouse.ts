import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { BigQueryTimestamp } from '@google-cloud/bigquery'
import pg from 'pg'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { connect as connectPostgres, readTarget } from '../../src/warehouse/postgres/connect.ts'
import { snowflakeDialect } from '../../src/warehouse/snowflake/dialect.ts'
import { raw } from '../../src/warehouse/sql.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { createOwnSchema, type OwnSchema } from './account.ts'
import { queriesOf } from './bigquery.ts'
import { quietOptions, type ServedEngine } from './schemas.ts'

export type Row = Readonly<Record<string, unknown>>

/** The warehouse of a project as its owner sees it, from outside of Backhaul. */
export interface ProjectWarehouse {
  readonly adapter: string
  /** The target's keys in profiles.yml. */
  readonly output: Readonly<Record<string, unknown>>
  /** Variables that `output` asks for. */
  readonly env: Readonly<Record<string, string>>
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
export const projectWarehouse = (
  engine: 'duckdb' | ServedEngine,
  dir: string,
  database?: string,
): Promise<ProjectWarehouse> =>
  engine === 'duckdb' ? duckdbWarehouse(dir, database) : servedWarehouse(engine)

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
    env: {},
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

/** A schema that only this project uses, in the account of an engine; Backhaul's is beside it. */
async function servedWarehouse(engine: ServedEngine): Promise<ProjectWarehouse> {
  const schema = await createOwnSchema(engine)
  return {
    adapter: engine,
    output: schema.output,
    env: schema.env,
    schema: schema.name,
    ...owners[engine](schema),
    drop: () => schema.drop(),
  }
}

type Owner = Pick<ProjectWarehouse, 'database' | 'relation' | 'ownTable' | 'sql' | 'rows'>

const owners: Readonly<Record<ServedEngine, (schema: OwnSchema) => Owner>> = {
  postgres: postgresOwner,
  snowflake: snowflakeOwner,
  bigquery: bigqueryOwner,
}

function postgresOwner({ name, backhaul, connection }: OwnSchema): Owner {
  const database = String(connection.settings['dbname'] ?? connection.settings['database'])
  const work = async <T>(path: string, use: (client: pg.Client) => Promise<T>): Promise<T> => {
    const options = quietOptions()
    const client = await connectPostgres(await readTarget(connection, options), options.signal)
    try {
      await client.query(`set search_path = ${path}`)
      return await use(client)
    } finally {
      await client.end()
    }
  }
  return {
    database,
    relation: (model) => [database, name, model].map(quoted).join('.'),
    ownTable: quoted,
    sql: (...statements) =>
      work(name, async (client) => {
        for (const statement of statements) await client.query(statement)
      }),
    rows: (query) =>
      work(`${name}, ${backhaul}`, async (client) =>
        (await client.query<Record<string, unknown>>({ text: query, types: pg.types })).rows.map(
          plainRow,
        ),
      ),
  }
}

/** Sessions are the product's own: nothing else speaks to the server under test. */
function snowflakeOwner({ name, backhaul, connection }: OwnSchema): Owner {
  const database = String(connection.settings['database'])
  const work = async <T>(use: (warehouse: Warehouse) => Promise<T>): Promise<T> => {
    const warehouse = await openWarehouse(connection, quietOptions())
    try {
      return await use(warehouse)
    } finally {
      await warehouse.close()
    }
  }
  return {
    database,
    relation: (model) => `${database}.${name}.${model}`,
    ownTable: (table) => quoted(snowflakeDialect.ownName(table)),
    sql: (...statements) =>
      work(async (warehouse) => {
        for (const statement of statements) await warehouse.execute(raw(statement))
      }),
    rows: (query) =>
      work(async (warehouse) => {
        await warehouse.execute(raw(`alter session set search_path = '$current, ${backhaul}'`))
        return (await warehouse.query(raw(query))).map(plainRow)
      }),
  }
}

function bigqueryOwner({ name, backhaul, connection }: OwnSchema): Owner {
  const project = String(connection.settings['project'] ?? connection.settings['database'])
  const ask = queriesOf(connection)
  return {
    database: project,
    relation: (model) => `\`${project}\`.\`${name}\`.\`${model}\``,
    ownTable: (table) => `\`${table}\``,
    async sql(...statements) {
      for (const statement of statements) await ask(name, statement)
    },
    // Bare names of a query are all Backhaul's, or all the models'.
    rows: async (query) => {
      const rows = await ask(backhaul, query).catch((error: Error) => {
        if (!/^Not found/.test(error.message)) throw error
        return ask(name, query)
      })
      return rows.map(plainRow)
    },
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
