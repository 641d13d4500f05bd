import type { Dialect, TableRef } from '../../warehouse/dialect.ts'
import { raw, type Sql } from '../../warehouse/sql.ts'
import { type Ledger, type SharedTable, sharedTable } from '../ledger.ts'
import { plainTable, sharedTables, type TableSpec } from '../tables.ts'

/** DDL of everything that exists once per schema, as `debug` prints it for an administrator to run. */
export function schemaStatements(ledger: Ledger): readonly Sql[] {
  return [createSchema(ledger), ...eachShared(ledger, plainTable)]
}

/** A statement for each table that all syncs share. */
export function eachShared<T>(
  ledger: Ledger,
  statement: (dialect: Dialect, table: TableRef, spec: TableSpec) => T,
): readonly T[] {
  return Object.entries(sharedTables).map(([name, spec]) =>
    statement(ledger.warehouse.dialect, sharedTable(ledger, name as SharedTable), spec),
  )
}

/** The schema's name as SQL. */
function schemaName({ warehouse, location }: Ledger): string {
  const { database, schema } = location
  const parts = database === undefined ? [schema] : [database, schema]
  return parts.map((part) => warehouse.dialect.quote(part)).join('.')
}

export const createSchema = (ledger: Ledger): Sql =>
  raw(`create schema if not exists ${schemaName(ledger)}`)

export const dropSchema = (ledger: Ledger): Sql => raw(`drop schema ${schemaName(ledger)}`)

/** True when the schema itself exists. */
export const hasSchema = (ledger: Ledger): Promise<boolean> =>
  ledger.warehouse.hasSchema(ledger.location.schema)
