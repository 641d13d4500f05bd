import type { Sync } from '../../types.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { cellText } from '../../warehouse/warehouse.ts'
import { hasTable, type Ledger, named, sharedTable } from '../ledger.ts'
import { any, isAmong } from './forget-conditions.ts'
import type { KnownOfRows } from './forget-rows.ts'

/** Persons in audit rows of syncs that have no state any more: it was forgotten by `clean`, or the sync has another name since. */

/** A sync of which the audit tells. */
export interface AuditedSync {
  readonly syncName: string
  readonly syncType: Sync['type']
  readonly portalId: string
  /** Of its last run; undefined where its runs are past their retention. */
  readonly objectType: string | undefined
}

/** Every sync that `changes` tells of. */
export async function readAudited(ledger: Ledger): Promise<readonly AuditedSync[]> {
  const [changes, runs] = [sharedTable(ledger, 'changes'), sharedTable(ledger, 'runs')]
  if (!(await hasTable(ledger, changes))) return []
  const names = sql`(
  select sync_name, max(case when operation = 'send' then 1 else 0 end) as events, max(case when operation in ('add', 'remove') then 1 else 0 end) as members
  from ${named(ledger, changes)} group by sync_name)`
  const last = sql`(select sync_name, max(run_id) as run_id from ${named(ledger, runs)} where object_type is not null group by sync_name)`
  const rows =
    await ledger.warehouse.query(sql`select c.sync_name, c.events, c.members, r.portal_id, r.object_type from ${names} as c
left join ${last} as l on l.sync_name = c.sync_name
left join ${named(ledger, runs)} as r on r.run_id = l.run_id
order by c.sync_name`)
  return rows.map((row) => ({
    syncName: String(row['sync_name']),
    syncType: isOne(row['events']) ? 'event' : isOne(row['members']) ? 'list' : 'object',
    portalId: cellText(row['portal_id']) ?? '',
    objectType: cellText(row['object_type']) ?? undefined,
  }))
}

const isOne = (value: unknown): boolean => Number(value) === 1

/** Rows of a sync that its audit has with one of these records, or with one of these values as a new one. */
export async function findAuditedRows(
  ledger: Ledger,
  syncName: string,
  wanted: { readonly matchValues: readonly string[]; readonly recordIds: readonly string[] },
): Promise<readonly string[]> {
  const isWanted = any([
    isAmong('record_id', wanted.recordIds),
    ...(await quoted(ledger, wanted.matchValues)).map(hasValue),
  ])
  const rows = await ledger.warehouse.query(
    sql`select distinct row_id from ${changesOf(ledger)} where sync_name = ${syncName} and row_id is not null and ${isWanted}`,
  )
  return rows.map((row) => String(row['row_id'])).sort()
}

/** The records of rows, as the audit has them. */
export async function readAuditedRecords(
  ledger: Ledger,
  syncName: string,
  rowIds: readonly string[],
): Promise<KnownOfRows> {
  const rows = await ledger.warehouse.query(
    sql`select distinct record_id from ${changesOf(ledger)} where sync_name = ${syncName} and record_id is not null and ${isAmong('row_id', rowIds)}`,
  )
  return { recordIds: rows.map((row) => String(row['record_id'])), matchValues: [] }
}

const changesOf = (ledger: Ledger): Sql => named(ledger, sharedTable(ledger, 'changes'))

/** The values as `new_values` has them, whatever `audit.values` was: themselves, or their digests. */
async function quoted(ledger: Ledger, values: readonly string[]): Promise<readonly string[]> {
  if (values.length === 0) return []
  const { dialect } = ledger.warehouse
  const digests = values.map(
    (value, index) => sql`${dialect.digest(sql`${value}`)} as ${raw(`digest_${index}`)}`,
  )
  const [row = {}] = await ledger.warehouse.query(sql`select ${join(digests)}`)
  return [...values, ...Object.values(row).map(String)].map((value) => JSON.stringify(value))
}

/** Addresses are written in any case. */
const hasValue = (text: string): Sql =>
  sql`replace(lower(coalesce(new_values, '')), ${text.toLowerCase()}, '') <> lower(coalesce(new_values, ''))`
