import { raw, type Sql, sql } from '../../warehouse/sql.ts'
import { type Ledger, named, planOf, resolutionsOf, resultsOf } from '../ledger.ts'
import { isOpen, letLinksWait } from './link-ends.ts'

/** Records at the other end of planned links that are looked up: what is sought, and what was found. */

/** Keys of an entry whose records are looked up, each once, in order. */
export async function readSoughtTargets(
  ledger: Ledger,
  syncName: string,
  runId: string,
  association: string,
  after: string,
  limit: number,
): Promise<readonly { readonly value: string; readonly sequence: number }[]> {
  const rows = await ledger.warehouse.query(
    sql`select target_key, min(seq) as seq from ${named(ledger, planOf(ledger, syncName))}
where ${isOpen(runId)} and association = ${association} and target_record_id is null and record_id is not null and target_key > ${after}
group by target_key order by target_key limit ${raw(String(limit))}`,
  )
  return rows.map((row) => ({ value: String(row['target_key']), sequence: Number(row['seq']) }))
}

/** What a look-up found; the position stands for all links to the same. Several records are none. */
export interface FoundTarget {
  readonly sequence: number
  readonly recordIds: readonly string[]
}

/** Keeps what was found until all of an entry has been asked for. */
export async function keepTargets(
  ledger: Ledger,
  syncName: string,
  runId: string,
  found: readonly FoundTarget[],
  askedAt: string,
): Promise<void> {
  if (found.length === 0) return
  await ledger.warehouse.upload(
    resolutionsOf(ledger, syncName),
    ['run_id', 'seq', 'record_id', 'new_values', 'asked_at'],
    found.map(({ sequence, recordIds }) => [
      runId,
      sequence,
      recordIds.length === 1 ? (recordIds[0] ?? null) : null,
      recordIds.length > 1 ? recordIds.join(', ') : null,
      askedAt,
    ]),
  )
}

/** Gives links of one entry the records that were found, and settles the others. @param words what the target is, without its value */
export async function completeTargets(
  ledger: Ledger,
  syncName: string,
  runId: string,
  association: string,
  words: { readonly missing: Sql; readonly several: string },
): Promise<void> {
  const { warehouse } = ledger
  const plan = named(ledger, planOf(ledger, syncName))
  const resolutions = named(ledger, resolutionsOf(ledger, syncName))
  const results = named(ledger, resultsOf(ledger, syncName))
  const found = sql`select q.target_key, max(r.record_id) as record_id, max(r.new_values) as several
    from ${resolutions} as r join ${plan} as q on q.run_id = r.run_id and q.seq = r.seq
    where r.run_id = ${runId} and q.association = ${association} group by q.target_key`
  await warehouse.transaction([
    sql`insert into ${results} (run_id, seq, outcome, is_doubtful, error_category, error_message)
select p.run_id, p.seq, 'rejected', 1 = 0, 'AMBIGUOUS_TARGET', ${words.several} || f.several || '.'
from ${plan} as p join (${found}) as f on f.target_key = p.target_key
where p.run_id = ${runId} and p.operation = 'associate' and p.association = ${association} and f.several is not null and p.target_record_id is null
  and p.seq not in (select seq from ${results} where run_id = ${runId})`,
    sql`merge into ${plan} as t
using (
  select p.seq, f.record_id from ${plan} as p join (${found}) as f on f.target_key = p.target_key
  where p.run_id = ${runId} and p.operation = 'associate' and p.association = ${association} and p.target_record_id is null and f.record_id is not null
) as n
on t.run_id = ${runId} and t.seq = n.seq
when matched then update set target_record_id = n.record_id`,
    sql`delete from ${resolutions} where run_id = ${runId}`,
  ])
  await letLinksWait(
    ledger,
    syncName,
    runId,
    sql`association = ${association} and target_record_id is null`,
    { category: 'TARGET_NOT_FOUND', message: words.missing },
  )
}
