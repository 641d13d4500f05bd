import { type Sql, sql } from '../warehouse/sql.ts'
import { type Ledger, named, planOf, resolutionsOf, resultsOf, sharedTable } from './ledger.ts'

/** Keeps the id of a list that was just made. */
export const pinListStatement = (ledger: Ledger, syncName: string, listId: string): Sql =>
  sql`update ${named(ledger, sharedTable(ledger, 'syncs'))} set list_id = ${listId} where sync_name = ${syncName}`

/** Keeps records by a position until they have been compared with the plan. */
export async function keepRecords(
  ledger: Ledger,
  syncName: string,
  runId: string,
  records: readonly { readonly sequence: number; readonly recordId: string }[],
): Promise<void> {
  if (records.length === 0) return
  await ledger.warehouse.upload(
    resolutionsOf(ledger, syncName),
    ['run_id', 'seq', 'record_id'],
    records.map(({ sequence, recordId }) => [runId, sequence, recordId]),
  )
}

/** Keeps beside them which records were merged into which. */
export async function keepMerged(
  ledger: Ledger,
  syncName: string,
  runId: string,
  merged: readonly { readonly recordId: string; readonly into: string }[],
): Promise<void> {
  if (merged.length === 0) return
  await ledger.warehouse.upload(
    resolutionsOf(ledger, syncName),
    ['run_id', 'seq', 'record_id', 'new_values'],
    merged.map(({ recordId, into }, index) => [runId, -index - 1, into, recordId]),
  )
}

/** Removals of rows that HubSpot had no record for any more. */
export async function readGoneMembers(
  ledger: Ledger,
  syncName: string,
  runId: string,
): Promise<readonly { readonly sequence: number; readonly recordId: string }[]> {
  const rows = await ledger.warehouse.query(
    sql`select p.seq, p.record_id from ${named(ledger, planOf(ledger, syncName))} as p
join ${named(ledger, resultsOf(ledger, syncName))} as r on r.run_id = p.run_id and r.seq = p.seq and r.error_category = 'RECORD_GONE'
where p.run_id = ${runId} and p.operation = 'remove' and p.row_id is not null order by p.seq`,
  )
  return rows.map((row) => ({
    sequence: Number(row['seq']),
    recordId: String(row['record_id']),
  }))
}

/** Rows whose old member could not be taken off wait with their new one: the state knows one member of each row. */
export async function holdMoved(ledger: Ledger, syncName: string, runId: string): Promise<void> {
  const plan = named(ledger, planOf(ledger, syncName))
  const results = named(ledger, resultsOf(ledger, syncName))
  await ledger.warehouse.execute(sql`insert into ${results} (run_id, seq, outcome, is_doubtful, error_category, error_message)
select ${runId}, p.seq, 'pending', 1 = 0, 'OLD_MEMBER_LEFT', 'The record that the row was before is still on the list.'
from ${plan} as p
join ${plan} as m on m.run_id = p.run_id and m.row_id = p.row_id and m.operation = 'remove' and m.reason = 'moved'
left join (select seq from ${results} where run_id = ${runId} and outcome = 'succeeded') as r on r.seq = m.seq
where p.run_id = ${runId} and p.operation = 'add' and r.seq is null`)
}
