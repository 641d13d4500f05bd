import { UserError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Connection, Labels, Reach, Warehouse } from './warehouse.ts'

export interface OpenOptions {
  readonly log: Logger
  readonly signal: AbortSignal
  /** Name and version, as the engine is told them. */
  readonly applicationName: string
  /** Of all statements of the session and its forks. */
  readonly labels?: Labels
  /** DuckDB: cap on the engine's memory, e.g. `512MB`. */
  readonly memoryLimit?: string
}

type Open = (connection: Connection, options: OpenOptions) => Promise<Warehouse>

/** One line per warehouse; the adapter and its SDK are loaded only when chosen. */
const adapters: Readonly<Record<string, () => Promise<Open>>> = {
  duckdb: async () => (await import('./duckdb/driver.ts')).openDuckdb,
  bigquery: async () => (await import('./bigquery/driver.ts')).openBigquery,
  postgres: async () => (await import('./postgres/driver.ts')).openPostgres,
  snowflake: async () => (await import('./snowflake/driver.ts')).openSnowflake,
}

/**
 * Connects to the warehouse of a dbt profile.
 *
 * @throws UserError for an adapter we do not have; WarehouseError when it cannot be reached
 */
export async function openWarehouse(
  connection: Connection,
  options: OpenOptions,
): Promise<Warehouse> {
  const load = adapters[connection.type]
  if (load === undefined) {
    throw new UserError({
      message: `The profile's adapter is ${connection.type}; supported are ${Object.keys(adapters).join(', ')}`,
      hint: 'Choose another target with --target, or set `type:` in profiles.yml.',
    })
  }
  const open = await load()
  return open(connection, options)
}

type ReachOf = (own: Connection, other: Connection) => Reach

const reaches: Readonly<Record<string, () => Promise<ReachOf>>> = {
  duckdb: async () => (await import('./duckdb/reach.ts')).reachDuckdb,
  bigquery: async () => (await import('./bigquery/reach.ts')).reachBigquery,
  postgres: async () => (await import('./postgres/reach.ts')).reachPostgres,
  snowflake: async () => (await import('./snowflake/reach.ts')).reachSnowflake,
}

/** How a session of one target reads the state of another one. Connects to nothing. */
export async function reachState(own: Connection, other: Connection): Promise<Reach> {
  if (own.type !== other.type)
    return { why: `it is on ${other.type}, and this target is on ${own.type}` }
  const load = reaches[own.type]
  // What is wrong with the adapter is told when it is opened.
  return load === undefined ? { connection: own } : (await load())(own, other)
}
