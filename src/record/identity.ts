import type { Sync } from '../types.ts'
import { tableName } from '../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'
import {
  hasTable,
  type Ledger,
  named,
  sharedTable,
  stateOf,
  syncTable,
  syncTableKinds,
} from './ledger.ts'

/** What a sync is, as pinned at its first run. */
export interface Identity {
  readonly syncName: string
  /** Absent in exports of releases that had syncs of records only. */
  readonly syncType?: Sync['type']
  readonly portalId: string
  readonly objectType: string
  readonly primaryKey: readonly string[]
  readonly matchProperty: string | null
  readonly modelId: string
  readonly firstRunId: string
  /** Of a sync of a list: the list; absent while it is made. */
  readonly listId?: string
  /** That Backhaul makes the list is pinned before it does. */
  readonly isListMadeHere?: boolean
  /** What it said, by the keys of its YAML, when it last began to send; absent of runs of earlier releases. */
  readonly definition?: Readonly<Record<string, string>>
}

/** Every sync that has a state in this schema. */
export async function readIdentities(ledger: Ledger): Promise<readonly Identity[]> {
  const table = sharedTable(ledger, 'syncs')
  if (!(await hasTable(ledger, table))) return []
  const rows = await ledger.warehouse.query(
    // Tables of an earlier release lack columns, and a plan does not change them.
    sql`select * from ${named(ledger, table)} order by sync_name`,
  )
  return rows.map((row) => ({
    syncName: String(row['sync_name']),
    syncType: typeOf(row['sync_type']),
    portalId: String(row['portal_id']),
    objectType: String(row['object_type']),
    primaryKey: JSON.parse(String(row['primary_key'])) as string[],
    matchProperty: row['match_property'] === null ? null : String(row['match_property']),
    modelId: String(row['model_id']),
    firstRunId: String(row['first_run_id']),
    ...(typeof row['list_id'] === 'string' ? { listId: row['list_id'] } : {}),
    ...(row['list_made_here'] === true ? { isListMadeHere: true } : {}),
    ...(typeof row['definition'] === 'string' ? { definition: JSON.parse(row['definition']) } : {}),
  }))
}

const typeOf = (cell: unknown): Sync['type'] =>
  cell === 'event' || cell === 'list' ? cell : 'object'

/** Pins a sync at its first run; later only the node it reads from is kept current, and how it is defined. */
export function pinStatement(ledger: Ledger, identity: Identity): Sql {
  const syncs = named(ledger, sharedTable(ledger, 'syncs'))
  const { dialect } = ledger.warehouse
  const now = dialect.now()
  const text = raw(dialect.type('text'))
  const stateTable = stateOf(ledger, identity.syncName).name
  const definition = identity.definition === undefined ? null : JSON.stringify(identity.definition)
  return sql`merge into ${syncs} as t
using (select ${identity.syncName} as sync_name, ${identity.modelId} as model_id, cast(${identity.listId ?? null} as ${text}) as list_id, cast(${definition} as ${text}) as definition) as n on t.sync_name = n.sync_name
when matched then update set model_id = n.model_id, list_id = coalesce(t.list_id, n.list_id), definition = coalesce(n.definition, t.definition), updated_at = ${now}
when not matched then insert (sync_name, sync_type, portal_id, object_type, primary_key, match_property, state_table, model_id, first_run_id, list_id, list_made_here, definition, updated_at)
values (n.sync_name, ${identity.syncType ?? 'object'}, ${identity.portalId}, ${identity.objectType}, ${JSON.stringify(identity.primaryKey)}, ${identity.matchProperty}, ${stateTable}, n.model_id, ${identity.firstRunId}, n.list_id, ${raw(identity.isListMadeHere === true ? '1 = 1' : `cast(null as ${dialect.type('boolean')})`)}, n.definition, ${now})`
}

/**
 * Gives the state of a renamed sync its new name. Not in one transaction, which not every engine has for tables: each step may be
 * repeated, and the pinned name changes last, so a start after a kill renames the rest.
 */
export async function renameSync(ledger: Ledger, from: string, to: string): Promise<void> {
  const { warehouse } = ledger
  for (const kind of syncTableKinds) {
    const table = syncTable(ledger, kind, from)
    if (!(await hasTable(ledger, table))) continue
    const next = syncTable(ledger, kind, to)
    // Of a sync that never came to send anything, or its name would be pinned.
    await warehouse.execute(raw(`drop table if exists ${tableName(warehouse.dialect, next)}`))
    await warehouse.execute(warehouse.dialect.renameTable(table, next))
  }
  await warehouse.transaction([
    sql`update ${named(ledger, sharedTable(ledger, 'runs'))} set sync_name = ${to} where sync_name = ${from} and finished_at is null`,
    sql`update ${named(ledger, sharedTable(ledger, 'syncs'))} set sync_name = ${to}, state_table = ${stateOf(ledger, to).name} where sync_name = ${from}`,
  ])
}
