import { WarehouseError } from '../../errors.ts'
import type { TableRef } from '../../warehouse/dialect.ts'
import { join, type Sql, sql } from '../../warehouse/sql.ts'
import {
  columnNames,
  hasTable,
  type Ledger,
  named,
  type SharedTable,
  sharedTable,
  syncTable,
  syncTableKinds,
} from '../ledger.ts'
import {
  addColumnStatement,
  createTable,
  documentTable,
  sharedTables,
  syncTables,
  type TableSpec,
} from '../tables.ts'
import { withRightsHint } from './rights-hint.ts'
import { createSchema, eachShared, hasSchema } from './schema-statements.ts'

/**
 * Version of the tables that this release writes: raised whenever `tables.ts` gains a column, the one way in which they
 * change. Older tables get the columns that they lack; a table of a newer release is refused.
 */
export const currentSchemaVersion = 4

/**
 * Creates what is missing. A schema made beforehand works: creating it is tried only when a table is missing.
 *
 * @throws WarehouseError with what to have run when the grants do not allow it
 */
export async function ensureSchema(ledger: Ledger): Promise<void> {
  const versionTable = sharedTable(ledger, 'schema_version')
  const found = await withRightsHint(ledger, async () =>
    (await hasTable(ledger, versionTable))
      ? await ledger.warehouse.query(
          sql`select max(version) as version from ${named(ledger, versionTable)}`,
        )
      : [],
  )
  const version = Number(found[0]?.['version'] ?? 0)
  if (version > currentSchemaVersion) {
    throw new WarehouseError({
      action: `Using schema ${ledger.location.schema}`,
      detail: `its tables have version ${version}, this release knows ${currentSchemaVersion}`,
      disposition: 'terminal',
      hint: 'Install the newer Backhaul that wrote them, or use another `schema:` in backhaul.yml.',
    })
  }
  if (version === currentSchemaVersion) return
  await createAll(ledger)
  if (version > 0) await addMissingColumns(ledger)
  await withRightsHint(ledger, () =>
    ledger.warehouse.execute(
      sql`insert into ${named(ledger, versionTable)} (version, applied_at, backhaul_version)
values (${currentSchemaVersion}, ${ledger.warehouse.dialect.now()}, ${ledger.version})`,
    ),
  )
}

async function createAll(ledger: Ledger): Promise<void> {
  if (!(await hasSchema(ledger))) await runDdl(ledger, createSchema(ledger))
  for (const statement of eachShared(ledger, createTable)) await runDdl(ledger, statement)
  const comments = eachShared(ledger, documentTable).filter((part) => part !== undefined)
  if (comments.length > 0) await document(ledger, join(comments, ';\n'))
}

/** Makes a table of one sync. */
export async function makeTable(ledger: Ledger, table: TableRef, spec: TableSpec): Promise<void> {
  const { dialect } = ledger.warehouse
  await runDdl(ledger, createTable(dialect, table, spec))
  await document(ledger, documentTable(dialect, table, spec))
}

/**
 * Tables are whole without their comments, so no run ends for them: an administrator's table takes comments of its owner
 * only, and two first runs may write them at once.
 */
async function document(ledger: Ledger, statement: Sql | undefined): Promise<void> {
  if (statement === undefined) return
  await ledger.warehouse.execute(statement).catch((error: unknown) => {
    if (!(error instanceof WarehouseError) || error.disposition === 'transient') throw error
  })
}

/** Two first runs may create the same table at once: the loser tries again and finds it. */
async function runDdl(ledger: Ledger, statement: Sql): Promise<void> {
  const attempt = () => ledger.warehouse.execute(statement)
  await withRightsHint(ledger, () => attempt().catch(attempt))
}

/**
 * Creates the tables of one sync; those that an earlier release made get the columns that they lack.
 *
 * @param hasLinks the sync links its records: only then has it a table of links
 */
export async function ensureSyncTables(
  ledger: Ledger,
  syncName: string,
  hasLinks = true,
): Promise<void> {
  for (const kind of syncTableKinds) {
    if (kind === 'links' && !hasLinks) continue
    await ensureTable(ledger, syncTable(ledger, kind, syncName), syncTables[kind])
  }
}

/** The tables that all syncs share; each sync's own are looked at when it runs. */
async function addMissingColumns(ledger: Ledger): Promise<void> {
  for (const [name, spec] of Object.entries(sharedTables)) {
    await ensureTable(ledger, sharedTable(ledger, name as SharedTable), spec)
  }
}

async function ensureTable(ledger: Ledger, table: TableRef, spec: TableSpec): Promise<void> {
  const { warehouse } = ledger
  const { dialect } = warehouse
  const names = await columnNames(ledger, table)
  if (names === undefined) return makeTable(ledger, table, spec)
  const missing = spec.columns.filter(({ name }) => !names.has(name))
  for (const column of missing) {
    await addColumn(ledger, addColumnStatement(dialect, table, column))
  }
  if (missing.length > 0) await document(ledger, documentTable(dialect, table, spec))
}

async function addColumn(ledger: Ledger, statement: Sql): Promise<void> {
  try {
    await ledger.warehouse.execute(statement)
  } catch (error) {
    if (!(error instanceof WarehouseError) || !error.isMissingRight) throw error
    throw ownerNeeded(ledger, statement, error)
  }
}

/** Only who owns a table may change it. */
function ownerNeeded(ledger: Ledger, statement: Sql, cause: WarehouseError): WarehouseError {
  return new WarehouseError({
    action: `Bringing the tables of schema ${ledger.location.schema} up to date`,
    detail: cause.message,
    disposition: 'terminal',
    code: cause.code,
    sql: cause.sql,
    hint: `Have their owner run this, then run again:\n${ledger.warehouse.dialect.compile(statement).sql};`,
    isMissingRight: true,
    cause,
  })
}
