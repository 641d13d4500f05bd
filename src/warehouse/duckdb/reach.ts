import type { Connection, Reach } from '../warehouse.ts'

/** DuckDB opens the state file of the other target in the place of our own, and only to read. */
export function reachDuckdb(own: Connection, other: Connection): Reach {
  return { connection: { ...own, stateOf: other } }
}
