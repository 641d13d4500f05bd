import { WarehouseError } from '../../errors.ts'
import type { Settings } from '../../project/settings.ts'
import type { Ledger } from '../../record/ledger.ts'
import { checkSchema } from '../../record/schema/schema-check.ts'
import type { Sync } from '../../types.ts'
import { raw, sql } from '../../warehouse/sql.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import type { Checklist } from '../checklist.ts'
import { connectWarehouse, ledgerOf, type WarehouseSession } from '../connect-warehouse.ts'

/** The clocks may differ by this much: times in state and audit are the warehouse's. */
const clockToleranceMs = 60_000

/** A warehouse that could be connected to; whoever gets it closes it. */
export interface CheckedWarehouse {
  readonly ledger: Ledger
  /** `unique_id` of the models that can be read. */
  readonly readable: ReadonlySet<string>
}

/** Connection, models, clock, and the schema for state and audit. Leaves nothing behind. */
export async function checkWarehouse(
  session: WarehouseSession & { readonly project: { readonly settings: Settings } },
  syncs: readonly Sync[],
  list: Checklist,
): Promise<CheckedWarehouse | undefined> {
  const warehouse = await list.attempt('warehouse', () => connectWarehouse(session))
  if (warehouse === undefined) {
    for (const check of ['models', 'clock', 'backhaul schema']) list.skip(check, 'no connection')
    return undefined
  }
  try {
    list.ok('warehouse', warehouse.description)
    const readable = await checkModels(warehouse, syncs, list)
    const ledger = ledgerOf(session, warehouse)
    await list.attempt('clock', () => checkClock(session, warehouse, list))
    await list.attempt('backhaul schema', async () => {
      const state = await checkSchema(ledger)
      const { schema } = ledger.location
      list.ok(
        'backhaul schema',
        state === 'present'
          ? `${schema} is there, and may be written to`
          : `${schema} is not there yet; the first run can create it`,
      )
    })
    return { ledger, readable }
  } catch (error) {
    await warehouse.close()
    throw error
  }
}

async function checkModels(
  warehouse: Warehouse,
  syncs: readonly Sync[],
  list: Checklist,
): Promise<ReadonlySet<string>> {
  const readable = new Set<string>()
  if (syncs.length === 0) {
    list.skip('models', 'no sync is selected')
    return readable
  }
  const models = new Map(syncs.map((sync) => [sync.model.uniqueId, sync.model]))
  for (const model of models.values()) {
    const relation = model.relationName ?? model.name
    await list.attempt('models', async () => {
      if ((await warehouse.columns(relation)) === undefined) {
        list.error(
          'models',
          `${relation} does not exist in the warehouse`,
          `Build it: dbt build --select ${model.name}`,
        )
        return
      }
      await warehouse.withSnapshot(() =>
        warehouse.query(sql`select 1 as one from ${raw(relation)} limit 1`),
      )
      readable.add(model.uniqueId)
    })
  }
  if (readable.size > 0) list.ok('models', `${readable.size} of ${models.size} readable`)
  return readable
}

async function checkClock(
  { io }: WarehouseSession,
  warehouse: Warehouse,
  list: Checklist,
): Promise<void> {
  const before = io.clock()
  const [row] = await warehouse.query(sql`select ${warehouse.dialect.now()} as moment`)
  const middle = (before + io.clock()) / 2
  const theirs = Date.parse(String(row?.['moment']))
  if (Number.isNaN(theirs)) {
    throw new WarehouseError({
      action: 'Reading the clock of the warehouse',
      detail: 'it answers with no moment',
      disposition: 'terminal',
    })
  }
  const apartMs = Math.abs(theirs - middle)
  const seconds = (apartMs / 1000).toFixed(1)
  if (apartMs <= clockToleranceMs) list.ok('clock', `${seconds} s apart from the warehouse's`)
  else {
    list.error(
      'clock',
      `this machine's clock is ${seconds} s apart from the warehouse's`,
      'Set the clock (NTP): leases and the age of builds are judged by it.',
    )
  }
}
