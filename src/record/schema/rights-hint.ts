import { WarehouseError } from '../../errors.ts'
import type { Ledger } from '../ledger.ts'
import { hasSchema, schemaStatements } from './schema-statements.ts'

/** Does work in our schema; when the engine refuses it, the error tells what someone with the rights can run. */
export async function withRightsHint<T>(ledger: Ledger, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof WarehouseError) || error.disposition !== 'terminal') throw error
    throw await explained(ledger, error)
  }
}

async function explained(ledger: Ledger, error: WarehouseError): Promise<WarehouseError> {
  return new WarehouseError({
    action: `Using schema ${ledger.location.schema}`,
    detail: error.message,
    disposition: error.disposition,
    code: error.code,
    sql: error.sql,
    hint: await rightsHint(ledger, error),
    cause: error,
  })
}

async function rightsHint(ledger: Ledger, error: WarehouseError): Promise<string | undefined> {
  const { warehouse, location } = ledger
  if (warehouse.ownSchemaHint !== undefined) {
    const isThere = await hasSchema(ledger).catch(() => true)
    return warehouse.ownSchemaHint(error.code, location.schema, isThere) ?? error.hint
  }
  if (!error.isMissingRight) return error.hint
  const script = schemaStatements(ledger).map((part) => `${warehouse.dialect.compile(part).sql};`)
  return `Let the role own the schema or create tables in it (each sync has tables of its own there), or have these statements run once by someone who may:\n${script.join('\n')}`
}
