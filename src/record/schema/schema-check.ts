import { sql } from '../../warehouse/sql.ts'
import { hasTable, type Ledger, named, sharedTable } from '../ledger.ts'
import { createTable, sharedTables, tableAt } from '../tables.ts'
import { currentSchemaVersion } from './ensure-tables.ts'
import { withRightsHint } from './rights-hint.ts'
import { dropSchema, hasSchema, schemaStatements } from './schema-statements.ts'

/** Thrown to undo what a check did; never leaves this file. */
class Undo extends Error {}

/**
 * Tries whether a run could work with the backhaul schema: creates what is missing, writes a row, and takes all of it back.
 *
 * @returns `present` when the tables are there, `creatable` when the first run can make them
 * @throws WarehouseError with what to have run when the grants do not allow it
 */
export async function checkSchema(ledger: Ledger): Promise<'present' | 'creatable'> {
  const { hasTransactionalDdl } = ledger.warehouse.dialect.capabilities
  return withRightsHint(ledger, async () => {
    const isPresent = await hasTable(ledger, sharedTable(ledger, 'schema_version'))
    if (hasTransactionalDdl) await tryAndUndo(ledger, isPresent)
    else await tryAndDrop(ledger)
    return isPresent ? 'present' : 'creatable'
  })
}

/** Everything in one transaction that is given up at its end. */
async function tryAndUndo(ledger: Ledger, isPresent: boolean): Promise<void> {
  const [schema, ...tables] = schemaStatements(ledger)
  const missing = isPresent
    ? []
    : [...((await hasSchema(ledger)) || schema === undefined ? [] : [schema]), ...tables]
  try {
    await ledger.warehouse.withSnapshot(async () => {
      for (const statement of missing) await ledger.warehouse.execute(statement)
      await ledger.warehouse.execute(
        sql`insert into ${named(ledger, sharedTable(ledger, 'schema_version'))} (version, applied_at, backhaul_version)
values (${currentSchemaVersion}, ${ledger.warehouse.dialect.now()}, ${ledger.version})`,
      )
      throw new Undo('Everything was possible.')
    })
  } catch (error) {
    if (!(error instanceof Undo)) throw error
  }
}

/** A table of another name, made, written to and dropped; the schema is dropped again if it was made for this. */
async function tryAndDrop(ledger: Ledger): Promise<void> {
  const { warehouse, location } = ledger
  const hadSchema = await hasSchema(ledger)
  const [schema] = schemaStatements(ledger)
  if (!hadSchema && schema !== undefined) await warehouse.execute(schema)
  const table = tableAt(location, warehouse.dialect.ownName('backhaul_check'))
  try {
    await warehouse.execute(createTable(warehouse.dialect, table, sharedTables.schema_version))
    await warehouse.execute(
      sql`insert into ${named(ledger, table)} (version) values (${currentSchemaVersion})`,
    )
  } finally {
    await warehouse.execute(sql`drop table if exists ${named(ledger, table)}`)
    if (!hadSchema) await warehouse.execute(dropSchema(ledger))
  }
}
