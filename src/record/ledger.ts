import { createHash } from 'node:crypto'
import { WarehouseError } from '../errors.ts'
import type { Dialect, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import {
  addColumnStatement,
  createTable,
  type StateLocation,
  sharedTables,
  syncTables,
  type TableSpec,
  tableAt,
} from './tables.ts'

/**
 * Version of the tables that this release writes: raised whenever `tables.ts` gains a column, the one way in which they
 * change. Older tables get the columns that they lack; a table of a newer release is refused.
 */
export const currentSchemaVersion = 4

/** The backhaul schema of one warehouse session. */
export interface Ledger {
  readonly warehouse: Warehouse
  readonly location: StateLocation
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
export async function hasTable(ledger: Ledger, table: TableRef): Promise<boolean> {
  const columns = await ledger.warehouse.columns(tableName(ledger.warehouse.dialect, table))
  return columns !== undefined
}

/** DDL of everything that exists once per schema, as `debug` prints it for an administrator to run. */
export function schemaStatements(ledger: Ledger): readonly Sql[] {
  const { dialect } = ledger.warehouse
  return [
    createSchema(ledger),
    ...Object.entries(sharedTables).map(([name, spec]) =>
      createTable(dialect, sharedTable(ledger, name as SharedTable), spec),
    ),
  ]
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
  const [first, ...tables] = schemaStatements(ledger)
  if (first !== undefined && !(await hasSchema(ledger))) await runDdl(ledger, first)
  for (const statement of tables) await runDdl(ledger, statement)
}

/** True when the schema itself exists. */
export const hasSchema = (ledger: Ledger): Promise<boolean> =>
  ledger.warehouse.hasSchema(ledger.location.schema)

/** Two first runs may create the same table at once: the loser tries again and finds it. */
async function runDdl(ledger: Ledger, statement: Sql): Promise<void> {
  const attempt = () => ledger.warehouse.execute(statement)
  await withRightsHint(ledger, () => attempt().catch(attempt))
}

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
  const script = schemaStatements(ledger).map((part) => `${warehouse.dialect.compile(part).sql};`)
  return `Let the role own the schema or create tables in it (each sync has tables of its own there), or have these statements run once by someone who may:\n${script.join('\n')}`
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
  const found = await warehouse.columns(tableName(dialect, table))
  if (found === undefined) return runDdl(ledger, createTable(dialect, table, spec))
  const names = new Set(found.map((column) => column.name.toLowerCase()))
  for (const column of spec.columns.filter(({ name }) => !names.has(name))) {
    await addColumn(ledger, addColumnStatement(dialect, table, column))
  }
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

/** Where rows of a sync have their records: in its state, and in the results of a run that is not merged yet. */
export interface RecordSources {
  /** Absent before the first run. */
  readonly state?: TableRef
  readonly open?: { readonly plan: TableRef; readonly results: TableRef; readonly runId: string }
}

/** @param runId of the sync's run that is not in its state yet */
export async function recordSources(
  ledger: Ledger,
  syncName: string,
  runId: string | undefined,
): Promise<RecordSources> {
  const state = stateOf(ledger, syncName)
  const [plan, results] = [planOf(ledger, syncName), resultsOf(ledger, syncName)]
  return {
    ...((await hasTable(ledger, state)) ? { state } : {}),
    ...(runId === undefined ? {} : { open: { plan, results, runId } }),
  }
}
