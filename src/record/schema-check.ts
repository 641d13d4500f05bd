import { WarehouseError } from '../errors.ts'
import { sql } from '../warehouse/sql.ts'
import {
  currentSchemaVersion,
  hasSchema,
  hasTable,
  type Ledger,
  named,
  schemaStatements,
  sharedTable,
  withDdlHint,
} from './ledger.ts'

/** Thrown to undo what a check did; never leaves this file. */
class Undo extends Error {}

/**
 * Tries whether a run could work with the backhaul schema: creates what is missing, writes a row, and takes all of it back.
 *
 * @returns `present` when the tables are there, `creatable` when the first run can make them
 * @throws WarehouseError with the DDL to paste when the grants do not allow it
 */
export async function checkSchema(ledger: Ledger): Promise<'present' | 'creatable'> {
  const versions = sharedTable(ledger, 'schema_version')
  const isPresent = await hasTable(ledger, versions)
  const [schema, ...tables] = schemaStatements(ledger)
  const missing = isPresent
    ? []
    : [...((await hasSchema(ledger)) || schema === undefined ? [] : [schema]), ...tables]
  try {
    await ledger.warehouse.withSnapshot(async () => {
      for (const statement of missing) await ledger.warehouse.execute(statement)
      await ledger.warehouse.execute(
        sql`insert into ${named(ledger, versions)} (version, applied_at, backhaul_version)
values (${currentSchemaVersion}, ${ledger.warehouse.dialect.now()}, ${ledger.version})`,
      )
      throw new Undo('Everything was possible.')
    })
  } catch (error) {
    if (error instanceof WarehouseError) throw withDdlHint(ledger, error)
    if (!(error instanceof Undo)) throw error
  }
  return isPresent ? 'present' : 'creatable'
}
