import { type Sql, sql } from '../warehouse/sql.ts'
import { type Ledger, named, planOf, resolutionsOf, resultsOf, sharedTable } from './ledger.ts'

/** Keeps the id of a list that was just made. */
export const pinListStatement = (ledger: Ledger, syncName: string, listId: string): Sql =>
  sql`update ${named(ledger, sharedTable(ledger, 'syncs'))} set list_id = ${listId} where sync_name = ${syncName}`

/** Keeps members of a list until they have been compared with the model. @param from how many are kept already */
export async function keepFoundMembers(
  ledger: Ledger,
  syncName: string,
  runId: string,
  from: number,
  recordIds: readonly string[],
): Promise<void> {
  if (recordIds.length === 0) return
  await ledger.warehouse.upload(
    resolutionsOf(ledger, syncName),
    ['run_id', 'seq', 'record_id'],
    recordIds.map((recordId, index) => [runId, from + index + 1, recordId]),
  )
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
