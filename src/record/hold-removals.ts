import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { type Ledger, named, planOf, resultsOf, stateOf } from './ledger.ts'
import { departures } from './outcomes.ts'
import { removalOperations } from './transitions.ts'

/** Another sync that may hold a record by now. */
export interface Holder {
  readonly syncName: string
  /** Its run that has been sent and is not merged; absent where its state says it all. */
  readonly runId?: string
}

/**
 * Looks once more, right before anything is removed, at who holds the records: answers of this run may have bound rows that no
 * plan could foresee (secondary e-mail addresses, merged records), and a sync that was to let go may have been stopped.
 *
 * A record that another row of the same sync took over stays. One that another sync holds waits: the next plan, which sees that
 * sync's state, decides.
 */
export async function holdRemovals(
  ledger: Ledger,
  syncName: string,
  runId: string,
  holders: readonly Holder[],
): Promise<void> {
  const plan = named(ledger, planOf(ledger, syncName))
  const results = named(ledger, resultsOf(ledger, syncName))
  const { dialect } = ledger.warehouse
  const isRemoval = sql`run_id = ${runId} and operation in (${raw(removalOperations)})`
  await ledger.warehouse.execute(sql`update ${plan} set operation = 'leave', reason = 'taken_over', reason_detail = cast(null as ${raw(dialect.type('text'))})
where ${isRemoval} and record_id in (
  select record_id from ${results} where run_id = ${runId} and outcome in ('succeeded', 'pending') and record_id is not null)`)
  if (holders.length === 0) return
  const held = join(
    holders.flatMap((holder) => heldRecords(ledger, holder)),
    '\n  union all\n  ',
  )
  // What the plan knows to be held has a detail: it was taken care of there.
  await ledger.warehouse.execute(sql`insert into ${results} (run_id, seq, outcome, is_doubtful, error_category, error_message)
select ${runId}, p.seq, 'pending', 1 = 0, 'HELD_BY_SYNC', 'Sync ' || min(h.sync_name) || ' holds the record, too: the next run decides.'
from ${plan} as p
join (
  ${held}
) as h on h.record_id = p.record_id
where p.run_id = ${runId} and p.operation in (${raw(removalOperations)}) and p.reason_detail is null
group by p.seq`)
}

/** Records that the rows of a sync are bound to, as `record_id` and `sync_name`. */
function heldRecords(ledger: Ledger, { syncName, runId }: Holder): readonly Sql[] {
  const state = named(ledger, stateOf(ledger, syncName))
  if (runId === undefined) {
    return [
      sql`select record_id, ${syncName} as sync_name from ${state} where record_id is not null and status <> 'left'`,
    ]
  }
  const plan = named(ledger, planOf(ledger, syncName))
  const results = named(ledger, resultsOf(ledger, syncName))
  return [
    sql`select record_id, ${syncName} as sync_name from ${state} where record_id is not null and status <> 'left'
    and row_id not in (select row_id from ${plan} where run_id = ${runId} and operation in (${raw(departures)}) and row_id is not null)`,
    sql`select record_id, ${syncName} as sync_name from ${plan} where run_id = ${runId} and operation in ('update', 'refresh') and record_id is not null`,
    sql`select record_id, ${syncName} as sync_name from ${results} where run_id = ${runId} and record_id is not null and outcome <> 'skipped'
    and seq not in (select seq from ${plan} where run_id = ${runId} and operation in (${raw(departures)}))`,
  ]
}
