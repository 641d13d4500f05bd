import { UserError } from '../../errors.ts'
import { lostKeyMark } from '../../plan/diff/departed.ts'
import { modelMatches } from '../../plan/diff/model-keys.ts'
import { countListed, type Plan } from '../../plan/plan.ts'
import {
  changesStatement,
  type PlannedChange,
  toPlannedChange,
  withAuditedTarget,
} from '../../plan/planned-changes.ts'
import {
  hasTable,
  type Ledger,
  linksOf,
  named,
  planOf,
  resolutionsOf,
  stateOf,
} from '../../record/ledger.ts'
import { rekeyLinks, rekeyStatements } from '../../record/rekey.ts'
import { rematchStatements } from '../../record/rematch.ts'
import {
  linksTable,
  planTable,
  resolutionsTable,
  stateTable,
  type TableSpec,
} from '../../record/tables.ts'
import type { AskingContext } from '../../run/asking.ts'
import type { PlanContext, PreparedSync } from '../../run/context.ts'
import { estimateRun } from '../../run/planning/estimate-run.ts'
import { planSync } from '../../run/planning/plan-sync.ts'
import type { PlanTables } from '../../run/planning/sync-spec.ts'
import { refuseUnknown } from '../../run/prepare/changed-identity.ts'
import { findKnown } from '../../run/prepare/rematch.ts'
import { blameWhere } from '../../run/prepare/where-check.ts'
import type { Sync } from '../../types.ts'
import type { TableRef } from '../../warehouse/dialect.ts'
import { raw, sql } from '../../warehouse/sql.ts'
import type { Printer } from '../render/plan-printers.ts'
import { makeScratch, type Scratch } from './scratch.ts'

/** Changes printed per sync unless `--all`. */
const shownChanges = 10

/** Looks at a plan while its change set is there. */
export type Look = (prepared: PreparedSync, plan: Plan, changes: TableRef) => Promise<void>

export interface Looking {
  readonly look?: Look | undefined
  /** Takes over the change set, and drops it when nobody reads it any more. */
  readonly keep?: ((changes: TableRef, drop: () => Promise<void>) => void) | undefined
}

/** Plans into a scratch table, prints it, and drops it; where none may be made, prints the counts, and nothing is looked at. */
export async function planOne(
  context: PlanContext,
  prepared: PreparedSync,
  peers: readonly PreparedSync[],
  isAll: boolean,
  print: Printer,
  { look, keep }: Looking = {},
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
    let shown = 0
    for await (const changes of changesOf(context, prepared, scratch.table, plan.runId, isAll)) {
      if (shown === 0) print.plan(plan, changes)
      else print.more(changes)
      shown += changes.length
    }
    if (shown === 0) print.plan(plan, [])
    print.end(plan, shown, countListed(plan))
    await look?.(prepared, plan, scratch.table)
    return plan
  } finally {
    await rendered?.drop()
    if (keep === undefined) await scratch.drop()
    else keep(scratch.table, scratch.drop)
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
  const bytesBilled = await estimateRun(context, prepared, plan, scratch)
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

async function* changesOf(
  context: PlanContext,
  { bound }: PreparedSync,
  table: TableRef,
  runId: string,
  isAll: boolean,
): AsyncIterable<readonly PlannedChange[]> {
  const { auditValues } = context.settings
  const statement = changesStatement(
    context.ledger.warehouse,
    { plan: table, runId, hidesValues: auditValues !== 'full' },
    isAll ? undefined : shownChanges,
  )
  for await (const rows of context.ledger.warehouse.stream(statement))
    yield rows.map((row) => withAuditedTarget(toPlannedChange(row, bound.links), auditValues))
}
