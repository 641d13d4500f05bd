import { tableName } from '../warehouse/dialect.ts'
import { join, raw, sql } from '../warehouse/sql.ts'
import {
  hasTable,
  importTable,
  type Ledger,
  named,
  sharedTable,
  syncTable,
  syncTableKinds,
} from './ledger.ts'

/** Drops the tables and the identity of a sync; each step may be repeated after a kill. Its audit rows stay. */
export async function removeSync(ledger: Ledger, syncName: string): Promise<void> {
  const { warehouse } = ledger
  const tables = [
    ...syncTableKinds.map((kind) => syncTable(ledger, kind, syncName)),
    // Left by an import that was cut short.
    ...(['state', 'plan', 'links'] as const).map((kind) => importTable(ledger, kind, syncName)),
  ]
  for (const table of tables) {
    await warehouse.execute(raw(`drop table if exists ${tableName(warehouse.dialect, table)}`))
  }
  await warehouse.transaction([
    sql`delete from ${named(ledger, sharedTable(ledger, 'leases'))} where sync_name = ${syncName}`,
    sql`delete from ${named(ledger, sharedTable(ledger, 'syncs'))} where sync_name = ${syncName}`,
  ])
}

const secondsPerDay = 24 * 60 * 60

/**
 * Deletes audit rows past their retention.
 *
 * @returns false when there is no audit yet
 */
export async function removeOldAudit(ledger: Ledger, days: number): Promise<boolean> {
  if (!(await hasTable(ledger, sharedTable(ledger, 'runs')))) return false
  const { dialect } = ledger.warehouse
  const oldest = dialect.addSeconds(dialect.now(), -days * secondsPerDay)
  const old = [
    sql`from ${named(ledger, sharedTable(ledger, 'changes'))} where recorded_at < ${oldest}`,
    sql`from ${named(ledger, sharedTable(ledger, 'requests'))} where started_at < ${oldest}`,
    sql`from ${named(ledger, sharedTable(ledger, 'runs'))} where finished_at < ${oldest}`,
  ]
  // Asked first: a delete is billed for whole tables on an engine such as BigQuery, whether or not it finds a row.
  const counts = old.map((rows) => sql`(select count(*) ${rows})`)
  const [found] = await ledger.warehouse.query(sql`select ${join(counts, ' + ')} as total`)
  if (Number(found?.['total']) > 0)
    await ledger.warehouse.transaction(old.map((rows) => sql`delete ${rows}`))
  return true
}
