import { WarehouseError } from '../../errors.ts'
import type { Ledger } from '../../record/ledger.ts'
import { createSchema, dropSchema, hasSchema } from '../../record/schema/schema-statements.ts'
import { type TableSpec, tableAt, tableDdl } from '../../record/tables.ts'
import { type TableRef, tableName } from '../../warehouse/dialect.ts'
import { raw } from '../../warehouse/sql.ts'

export interface Scratch {
  readonly table: TableRef
  readonly drop: () => Promise<void>
}

/** @returns undefined when the session lacks the right to create one */
export async function makeScratch(
  { scratch: location, ...rest }: Ledger,
  of: TableRef,
  spec: TableSpec,
): Promise<Scratch | undefined> {
  const ledger = { ...rest, location: location ?? rest.location }
  const { warehouse } = ledger
  const { dialect } = warehouse
  const { table, form } = dialect.scratchTable(tableAt(ledger.location, of.name))
  let isFirst = false
  const dropSchemaAgain = async () => {
    if (isFirst) await warehouse.execute(dropSchema(ledger))
  }
  try {
    isFirst = await makeSchemaFor(ledger, table)
    await warehouse.execute(tableDdl(dialect, form, table, spec))
  } catch (error) {
    await dropSchemaAgain()
    if (error instanceof WarehouseError && error.isMissingRight) return undefined
    throw error
  }
  return {
    table,
    drop: async () => {
      await warehouse.execute(raw(`drop table ${tableName(dialect, table)}`))
      await dropSchemaAgain()
    },
  }
}

/**
 * Where engines have no tables of a session, a scratch table is in the schema of our own tables, which a plan may be the first
 * to need.
 *
 * @returns true when the schema was made
 */
async function makeSchemaFor(ledger: Ledger, scratch: TableRef): Promise<boolean> {
  if (scratch.schema !== ledger.location.schema || (await hasSchema(ledger))) return false
  await ledger.warehouse.execute(createSchema(ledger))
  return true
}
