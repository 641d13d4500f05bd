import { UserError, WarehouseError } from '../errors.ts'
import { modelMatches } from '../plan/candidates.ts'
import { lostKeyMark } from '../plan/departed.ts'
import type { Plan } from '../plan/plan.ts'
import { changesStatement, type PlannedChange, toPlannedChange } from '../plan/planned-changes.ts'
import {
  createSchema,
  dropSchema,
  hasSchema,
  hasTable,
  type Ledger,
  linksOf,
  named,
  planOf,
  resolutionsOf,
  stateOf,
} from '../record/ledger.ts'
import { rekeyLinks, rekeyStatements } from '../record/rekey.ts'
import { rematchStatements } from '../record/rematch.ts'
import {
  linksTable,
  planTable,
  resolutionsTable,
  stateTable,
  type TableSpec,
  tableDdl,
} from '../record/tables.ts'
import type { AskingContext } from '../run/asking.ts'
import type { PreparedSync } from '../run/context.ts'
import { estimateRun, type PlanContext, type PlanTables, planSync } from '../run/plan-sync.ts'
import { refuseUnknown } from '../run/prepare.ts'
import { findKnown } from '../run/rematch.ts'
import { blameWhere } from '../run/where-check.ts'
import type { Sync } from '../types.ts'
import { type TableRef, tableName } from '../warehouse/dialect.ts'
import { raw, sql } from '../warehouse/sql.ts'
import type { Printer } from './plan-printers.ts'

/** Changes printed per sync unless `--all`. */
const shownChanges = 10

/** Plans into a scratch table, prints it, and drops it; where none may be made, prints the counts. */
export async function planOne(
  context: PlanContext,
  prepared: PreparedSync,
  peers: readonly PreparedSync[],
  isAll: boolean,
  print: Printer,
): Promise<Plan> {
  const table = planOf(context.ledger, prepared.sync.name)
  const scratch = await makeScratch(context.ledger, table, planTable)
  if (scratch === undefined) {
    const plan = await computePlan(context, prepared, peers, undefined)
    print.plan(plan, [])
    print.end(plan, 0, 0)
    return plan
  }
  const rendered =
    prepared.bound.templates === undefined
      ? undefined
      : await makeScratch(
          context.ledger,
          resolutionsOf(context.ledger, prepared.sync.name),
          resolutionsTable,
        )
  try {
    const plan = await computePlan(context, prepared, peers, {
      plan: scratch.table,
      ...(rendered === undefined ? {} : { rendered: rendered.table }),
    })
    const { refresh, ...counted } = plan.operations
    const ofRows = Object.values(counted).reduce((sum, rows) => sum + rows, plan.rows.onlyDropped)
    const all = (plan.links?.entries ?? []).reduce(
      (sum, { add, remove, wait, release }) => sum + add + remove + wait + release,
      ofRows,
    )
    let shown = 0
    for await (const changes of changesOf(context, prepared, scratch.table, plan.runId, isAll)) {
      if (shown === 0) print.plan(plan, changes)
      else print.more(changes)
      shown += changes.length
    }
    if (shown === 0) print.plan(plan, [])
    print.end(plan, shown, all)
    return plan
  } finally {
    await rendered?.drop()
    await scratch.drop()
  }
}

async function computePlan(
  context: PlanContext,
  prepared: PreparedSync,
  peers: readonly PreparedSync[],
  scratch: PlanTables | undefined,
): Promise<Plan> {
  const { warehouse } = context.ledger
  const plan = await planSync(context, prepared, scratch, peers).catch(async (error: unknown) => {
    throw await blameWhere(warehouse, prepared.sync, error)
  })
  const bytesBilled = await estimateRun(context, prepared, scratch)
  return bytesBilled === undefined ? plan : { ...plan, bytesBilled }
}

/** What comes of the new keys, on a copy of the state. */
export async function planRekeyed(
  context: PlanContext,
  prepared: PreparedSync,
  peers: readonly PreparedSync[],
  isAll: boolean,
  print: Printer,
): Promise<Plan> {
  const { ledger } = context
  const { warehouse } = ledger
  const { sync, bound } = prepared
  await refuseUnknown(ledger, sync, 'primary_key')
  const copy = await copyState(ledger, sync, 'primary_key')
  const copiedLinks = await copyLinks(ledger, sync)
  try {
    const state = copy.table
    const relation = sync.model.relationName ?? ''
    const keys = modelMatches(warehouse.dialect, { ...bound, relation })
    await warehouse.withSnapshot(async () => {
      const newKeys = { keys, lostMark: lostKeyMark }
      for (const statement of [
        ...(copiedLinks === undefined
          ? []
          : rekeyLinks(ledger, { links: copiedLinks.table, state }, newKeys)),
        ...rekeyStatements(ledger, state, newKeys),
      ]) {
        await warehouse.execute(statement)
      }
    })
    const links = copiedLinks === undefined ? {} : { links: copiedLinks.table }
    return await planOne(context, { ...prepared, state, ...links }, peers, isAll, print)
  } finally {
    await copiedLinks?.drop()
    await copy.drop()
  }
}

/** What comes of the new match property, on a copy of the state. Looks the known rows up. */
export async function planRematched(
  context: PlanContext & AskingContext,
  prepared: PreparedSync,
  peers: readonly PreparedSync[],
  isAll: boolean,
  print: Printer,
): Promise<Plan> {
  const { ledger } = context
  const { warehouse } = ledger
  const { sync, runId } = prepared
  await refuseUnknown(ledger, sync, 'match')
  const copy = await copyState(ledger, sync, 'match')
  const made = [copy]
  const scratch = async (of: TableRef, spec: TableSpec) => {
    const table = await makeScratch(ledger, of, spec)
    if (table === undefined) throw needsScratch(sync, 'match')
    made.push(table)
    return table
  }
  try {
    const { table: state } = copy
    const plan = await scratch(planOf(ledger, sync.name), planTable)
    const found = await scratch(resolutionsOf(ledger, sync.name), resolutionsTable)
    const tables = { runId, state, plan: plan.table, resolutions: found.table }
    await findKnown(context, prepared, tables)
    for (const statement of rematchStatements(warehouse.dialect, tables)) {
      await warehouse.execute(statement)
    }
    // The plan is made in tables of these names.
    for (const table of made.splice(1).reverse()) await table.drop()
    return await planOne(context, { ...prepared, state }, peers, isAll, print)
  } finally {
    for (const table of made.reverse()) await table.drop()
  }
}

/** A scratch table that holds what the state does. */
async function copyState(
  ledger: Ledger,
  sync: Sync,
  key: 'primary_key' | 'match',
): Promise<Scratch> {
  const own = stateOf(ledger, sync.name)
  const copy = await makeScratch(ledger, own, stateTable)
  if (copy === undefined) throw needsScratch(sync, key)
  const columns = raw(stateTable.columns.map(({ name }) => name).join(', '))
  await ledger.warehouse.execute(
    sql`insert into ${named(ledger, copy.table)} (${columns}) select ${columns} from ${named(ledger, own)}`,
  )
  return copy
}

/** A scratch table that holds the links; undefined where the sync has none. */
async function copyLinks(ledger: Ledger, sync: Sync): Promise<Scratch | undefined> {
  const own = linksOf(ledger, sync.name)
  if (!(await hasTable(ledger, own))) return undefined
  const copy = await makeScratch(ledger, own, linksTable)
  if (copy === undefined) throw needsScratch(sync, 'primary_key')
  const columns = raw(linksTable.columns.map(({ name }) => name).join(', '))
  await ledger.warehouse.execute(
    sql`insert into ${named(ledger, copy.table)} (${columns}) select ${columns} from ${named(ledger, own)}`,
  )
  return copy
}

const needsScratch = (sync: Sync, key: 'primary_key' | 'match'): UserError =>
  new UserError({
    message: `What comes of another ${key === 'match' ? 'match property' : 'primary key'} is computed in a scratch table, and the warehouse lets this login create none`,
    hint: 'Plan with a login that may, see docs/warehouses.md.',
    sync: sync.name,
    key,
    where: sync.keyOrigins[key],
  })

interface Scratch {
  readonly table: TableRef
  readonly drop: () => Promise<void>
}

/** @returns undefined when the session lacks the right to create one */
async function makeScratch(
  ledger: Ledger,
  of: TableRef,
  spec: TableSpec,
): Promise<Scratch | undefined> {
  const { warehouse } = ledger
  const { dialect } = warehouse
  const { table, form } = dialect.scratchTable(of)
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

async function* changesOf(
  context: PlanContext,
  { bound }: PreparedSync,
  table: TableRef,
  runId: string,
  isAll: boolean,
): AsyncIterable<readonly PlannedChange[]> {
  const statement = changesStatement(
    context.ledger.warehouse,
    { plan: table, runId, hidesValues: context.settings.auditValues !== 'full' },
    isAll ? undefined : shownChanges,
  )
  for await (const rows of context.ledger.warehouse.stream(statement))
    yield rows.map((row) => toPlannedChange(row, bound.links))
}
