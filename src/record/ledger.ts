import { createHash } from 'node:crypto'
import type { Dialect, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql } from '../warehouse/sql.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import {
  type StateLocation,
  type sharedTables,
  syncTables,
  type TableSpec,
  tableAt,
} from './tables.ts'

/** The backhaul schema of one warehouse session. */
export interface Ledger {
  readonly warehouse: Warehouse
  readonly location: StateLocation
  /** Where scratch tables go, on engines that have none of a session; absent: with our own. The state may be one that is only read. */
  readonly scratch?: StateLocation
  readonly version: string
}

export type SharedTable = keyof typeof sharedTables

export const sharedTable = (ledger: Ledger, name: SharedTable): TableRef =>
  tableAt(ledger.location, ledger.warehouse.dialect.ownName(name))

/** The table's name as SQL. */
export const named = (ledger: Ledger, table: TableRef): Sql =>
  raw(tableName(ledger.warehouse.dialect, table))

/**
 * Name of a table that belongs to one sync. Kept readable; where the engine's limit would cut it, a digest of the
 * whole name keeps it distinct.
 */
function syncTableName(dialect: Dialect, prefix: string, syncName: string): string {
  const name = `${prefix}__${syncName}`
  const { maxIdentifierBytes, foldsTableNames } = dialect.capabilities
  const isAmbiguous = foldsTableNames && name !== name.toLowerCase()
  if (Buffer.byteLength(name) <= maxIdentifierBytes && !isAmbiguous) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 10)
  const room = maxIdentifierBytes - digest.length - 1
  let kept = ''
  for (const character of foldsTableNames ? name.toLowerCase() : name) {
    if (Buffer.byteLength(kept + character) > room) break
    kept += character
  }
  return `${kept}_${digest}`
}

export type SyncTable = keyof typeof syncTables

export const syncTableKinds = Object.keys(syncTables) as readonly SyncTable[]

/** A table that belongs to one sync, e.g. `state__contacts`. */
export function syncTable(ledger: Ledger, kind: SyncTable, syncName: string): TableRef {
  const { dialect } = ledger.warehouse
  return tableAt(ledger.location, dialect.ownName(syncTableName(dialect, kind, syncName)))
}

/** A table that an import fills before anything of it counts. */
export function importTable(
  ledger: Ledger,
  kind: 'state' | 'plan' | 'links',
  syncName: string,
): TableRef {
  const { dialect } = ledger.warehouse
  return tableAt(
    ledger.location,
    dialect.ownName(syncTableName(dialect, `import_${kind}`, syncName)),
  )
}

export const stateOf = (ledger: Ledger, syncName: string): TableRef =>
  syncTable(ledger, 'state', syncName)

export const planOf = (ledger: Ledger, syncName: string): TableRef =>
  syncTable(ledger, 'plan', syncName)

export const resultsOf = (ledger: Ledger, syncName: string): TableRef =>
  syncTable(ledger, 'results', syncName)

export const resolutionsOf = (ledger: Ledger, syncName: string): TableRef =>
  syncTable(ledger, 'resolutions', syncName)

export const linksOf = (ledger: Ledger, syncName: string): TableRef =>
  syncTable(ledger, 'links', syncName)

/** True when the table is there and readable. */
export const hasTable = async (ledger: Ledger, table: TableRef): Promise<boolean> =>
  (await columnNames(ledger, table)) !== undefined

/**
 * Names of the columns that a table has, in small letters; undefined where it is not there, or not readable. One that no run has
 * completed for this release lacks those that its columns got later.
 */
export async function columnNames(
  { warehouse }: Ledger,
  table: TableRef,
): Promise<ReadonlySet<string> | undefined> {
  const found = await warehouse.columns(tableName(warehouse.dialect, table))
  return found === undefined ? undefined : new Set(found.map(({ name }) => name.toLowerCase()))
}

/** Columns of a table of ours as they are selected where it may lack some: those are NULL. */
export const selected = (
  { warehouse: { dialect } }: Ledger,
  names: readonly string[],
  spec: TableSpec,
  present: ReadonlySet<string>,
): Sql =>
  join(
    spec.columns
      .filter(({ name }) => names.includes(name))
      .map(({ name, kind }) =>
        raw(present.has(name) ? name : `cast(null as ${dialect.type(kind)}) as ${name}`),
      ),
  )
