import { tableName } from '../warehouse/dialect.ts'
import { raw, sql } from '../warehouse/sql.ts'
import { hasTable, type Ledger, named, planOf, sharedTable, stateOf } from './ledger.ts'

/** What a sync is, as pinned at its first run. */
export interface Identity {
  readonly syncName: string
  readonly portalId: string
  readonly objectType: string
  readonly primaryKey: readonly string[]
  readonly matchProperty: string | null
  readonly modelId: string
}

/** Every sync that has a state in this schema. */
export async function readIdentities(ledger: Ledger): Promise<readonly Identity[]> {
  const table = sharedTable(ledger, 'syncs')
  if (!(await hasTable(ledger, table))) return []
  const rows = await ledger.warehouse.query(
    sql`select sync_name, portal_id, object_type, primary_key, match_property, model_id from ${named(ledger, table)} order by sync_name`,
  )
  return rows.map((row) => ({
    syncName: String(row['sync_name']),
    portalId: String(row['portal_id']),
    objectType: String(row['object_type']),
    primaryKey: JSON.parse(String(row['primary_key'])) as string[],
    matchProperty: row['match_property'] === null ? null : String(row['match_property']),
    modelId: String(row['model_id']),
  }))
}

/** Pins a sync at its first run; later only the node it reads from is kept current. */
export async function pinIdentity(
  ledger: Ledger,
  identity: Identity,
  runId: string,
): Promise<void> {
  const syncs = named(ledger, sharedTable(ledger, 'syncs'))
  const now = ledger.warehouse.dialect.now()
  const stateTable = stateOf(ledger, identity.syncName).name
  await ledger.warehouse.execute(sql`merge into ${syncs} as t
using (select ${identity.syncName} as sync_name, ${identity.modelId} as model_id) as n on t.sync_name = n.sync_name
when matched then update set model_id = n.model_id, updated_at = ${now}
when not matched then insert (sync_name, sync_type, portal_id, object_type, primary_key, match_property, state_table, model_id, first_run_id, updated_at)
values (n.sync_name, 'object', ${identity.portalId}, ${identity.objectType}, ${JSON.stringify(identity.primaryKey)}, ${identity.matchProperty}, ${stateTable}, n.model_id, ${runId}, ${now})`)
}

/** Gives the state of a renamed sync its new name. One transaction: half a rename cannot be met. */
export async function renameSync(ledger: Ledger, from: string, to: string): Promise<void> {
  const { dialect } = ledger.warehouse
  const rename = (table: ReturnType<typeof stateOf>, name: string) =>
    raw(`alter table ${tableName(dialect, table)} rename to ${dialect.quote(name)}`)
  const hasPlan = await hasTable(ledger, planOf(ledger, from))
  await ledger.warehouse.transaction([
    rename(stateOf(ledger, from), stateOf(ledger, to).name),
    ...(hasPlan ? [rename(planOf(ledger, from), planOf(ledger, to).name)] : []),
    sql`update ${named(ledger, sharedTable(ledger, 'syncs'))} set sync_name = ${to}, state_table = ${stateOf(ledger, to).name} where sync_name = ${from}`,
    sql`update ${named(ledger, sharedTable(ledger, 'runs'))} set sync_name = ${to} where sync_name = ${from} and finished_at is null`,
  ])
}
