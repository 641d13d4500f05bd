import { tableName } from '../warehouse/dialect.ts'
import { raw, sql } from '../warehouse/sql.ts'
import { type Ledger, named, planOf, sharedTable, stateOf } from './ledger.ts'

/** Drops state, plan and identity of a sync. Its audit rows stay. */
export async function removeSync(ledger: Ledger, syncName: string): Promise<void> {
  const { dialect } = ledger.warehouse
  const drop = (table: ReturnType<typeof stateOf>) =>
    raw(`drop table if exists ${tableName(dialect, table)}`)
  await ledger.warehouse.transaction([
    drop(stateOf(ledger, syncName)),
    drop(planOf(ledger, syncName)),
    sql`delete from ${named(ledger, sharedTable(ledger, 'syncs'))} where sync_name = ${syncName}`,
    sql`delete from ${named(ledger, sharedTable(ledger, 'leases'))} where sync_name = ${syncName}`,
  ])
}

const secondsPerDay = 24 * 60 * 60

/** Deletes audit rows past their retention. @returns how many */
export async function removeOldAudit(ledger: Ledger, days: number): Promise<number> {
  const { dialect } = ledger.warehouse
  const oldest = dialect.addSeconds(dialect.now(), -days * secondsPerDay)
  const counts = await ledger.warehouse.transaction([
    sql`delete from ${named(ledger, sharedTable(ledger, 'changes'))} where recorded_at < ${oldest}`,
    sql`delete from ${named(ledger, sharedTable(ledger, 'requests'))} where started_at < ${oldest}`,
    sql`delete from ${named(ledger, sharedTable(ledger, 'runs'))} where finished_at < ${oldest}`,
  ])
  return counts.reduce((sum, count) => sum + count, 0)
}
