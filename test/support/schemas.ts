import { tmpdir } from 'node:os'
import { silentLogger } from '../../src/log.ts'
import { connect } from '../../src/warehouse/bigquery/connect.ts'
import { type OpenOptions, openWarehouse } from '../../src/warehouse/open.ts'
import { raw, sql } from '../../src/warehouse/sql.ts'
import type { Connection, Warehouse } from '../../src/warehouse/warehouse.ts'

/** Engines that are reached with a login; DuckDB is a file. */
export type ServedEngine = 'postgres' | 'snowflake' | 'bigquery'

export type Settings = Readonly<Record<string, unknown>>

/** Schemas (on BigQuery: datasets) as one login sees them. */
export interface Schemas {
  /** The engine, its version where it says one, and where it is. */
  readonly description: string
  /** Makes one, and fails when there is one of this name. */
  create(name: string): Promise<void>
  /** Drops one with everything in it; does nothing when there is none. */
  drop(name: string): Promise<void>
  /** The statement that `drop` runs. */
  dropStatement(name: string): string
  /** All that the login may see. */
  list(): Promise<readonly string[]>
  /** Ends sessions of this name that nobody holds any more; elsewhere than on PostgreSQL they end by themselves. */
  endSessions(application: string): Promise<void>
  /** The answer of a query that has one row and one column. */
  ask(query: string): Promise<unknown>
  close(): Promise<void>
}

/** Options of a session that says nothing and is never cancelled. */
export const quietOptions = (): OpenOptions => ({
  log: silentLogger,
  signal: new AbortController().signal,
  applicationName: 'backhaul test',
  memoryLimit: '1GB',
})

/** A login's connection that works in a schema. */
export function connectionTo(engine: ServedEngine, settings: Settings, schema: string): Connection {
  const { dataset: _dataset, ...others } = settings
  const named = engine === 'bigquery' ? { dataset: schema } : { schema }
  return { type: engine, settings: { ...others, ...named }, projectDir: tmpdir() }
}

/** A name as the engine keeps it when nobody quotes it. */
export const spelled = (engine: ServedEngine, name: string): string =>
  engine === 'snowflake' ? name.toUpperCase() : name

/** Opens a session of the product's own in which schemas are made and dropped. */
export async function openSchemas(engine: ServedEngine, settings: Settings): Promise<Schemas> {
  // Snowflake's session needs a schema that is there; each database has this one. BigQuery works where the profile's dataset lies.
  const connection =
    engine === 'snowflake'
      ? connectionTo(engine, settings, 'INFORMATION_SCHEMA')
      : { type: engine, settings, projectDir: tmpdir() }
  const warehouse = await openWarehouse(connection, quietOptions())
  const { dialect, stateDatabase } = warehouse
  const named = (name: string) =>
    [...(stateDatabase === undefined ? [] : [stateDatabase]), name]
      .map((part) => dialect.quote(part))
      .join('.')
  const dropStatement = (name: string) => `drop schema if exists ${named(name)} cascade`
  return {
    description: warehouse.description,
    create: async (name) => void (await warehouse.execute(raw(`create schema ${named(name)}`))),
    drop: async (name) => void (await warehouse.execute(raw(dropStatement(name)))),
    dropStatement,
    list: () => (engine === 'bigquery' ? datasetsOf(connection) : schemasOf(warehouse)),
    async endSessions(application) {
      if (engine !== 'postgres') return
      await warehouse.query(
        sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = current_user and application_name = ${application} and pid <> pg_backend_pid()`,
      )
    },
    ask: async (query) => Object.values((await warehouse.query(raw(query)))[0] ?? {})[0],
    close: () => warehouse.close(),
  }
}

async function schemasOf(warehouse: Warehouse): Promise<readonly string[]> {
  const rows = await warehouse.query(
    raw('select schema_name as name from information_schema.schemata'),
  )
  return rows.map((row) => String(row['name']))
}

/** BigQuery's INFORMATION_SCHEMA.SCHEMATA wants to know the region; its API does not. */
async function datasetsOf(connection: Connection): Promise<readonly string[]> {
  const { client, place } = await connect(connection, quietOptions())
  const [datasets] = await client.getDatasets({ projectId: place.project })
  return datasets.flatMap(({ id }) => id ?? [])
}
