import { join, raw, sql } from '../warehouse/sql.ts'
import type { Row } from '../warehouse/warehouse.ts'
import { type Ledger, named, planOf, resultsOf, sharedTable, stateOf } from './ledger.ts'
import { operationColumns, type PlannedOperation, toOperation } from './plan-rows.ts'

/** A run that ended without being merged. */
export interface UnmergedRun {
  readonly runId: string
  readonly syncName: string
  readonly status: string
}

export async function readUnmergedRuns(
  ledger: Ledger,
  syncNames: readonly string[],
): Promise<readonly UnmergedRun[]> {
  if (syncNames.length === 0) return []
  const rows = await ledger.warehouse.query(
    sql`select run_id, sync_name, status from ${named(ledger, sharedTable(ledger, 'runs'))}
where finished_at is null and sync_name in (${join(syncNames.map((name) => sql`${name}`))}) order by run_id`,
  )
  return rows.map((row) => ({
    runId: String(row['run_id']),
    syncName: String(row['sync_name']),
    status: String(row['status']),
  }))
}

/** Which of these runs have been recorded. */
export async function readFinishedRuns(
  ledger: Ledger,
  runIds: readonly string[],
): Promise<readonly string[]> {
  if (runIds.length === 0) return []
  const rows = await ledger.warehouse.query(
    sql`select run_id from ${named(ledger, sharedTable(ledger, 'runs'))}
where finished_at is not null and run_id in (${join(runIds.map((runId) => sql`${runId}`))})`,
  )
  return rows.map((row) => String(row['run_id']))
}

/** Positions of a run whose outcome is stored, among those between the first and the last of `sequences`. */
export async function readStoredSequences(
  ledger: Ledger,
  syncName: string,
  runId: string,
  sequences: readonly number[],
): Promise<ReadonlySet<number>> {
  if (sequences.length === 0) return new Set()
  const first = sequences.reduce((one, other) => Math.min(one, other))
  const last = sequences.reduce((one, other) => Math.max(one, other))
  const rows = await ledger.warehouse.query(
    sql`select seq from ${named(ledger, resultsOf(ledger, syncName))} where run_id = ${runId} and seq between ${first} and ${last}`,
  )
  return new Set(rows.map((row) => Number(row['seq'])))
}

/** Operations that may have made a record although no result of them is stored. */
export interface DoubtfulOperation extends PlannedOperation {
  /** HubSpot had no such record at this moment; absent for an upsert, which does not look. */
  readonly absentAt?: string
  /** It has been unknown for so long that a search shows what became of it. */
  readonly isIndexed?: boolean
}

/** @param bySearch only creates make records: an upsert is what has not been searched for yet */
export async function readDoubtful(
  ledger: Ledger,
  syncName: string,
  runId: string,
  bySearch = false,
): Promise<readonly DoubtfulOperation[]> {
  const plan = named(ledger, planOf(ledger, syncName))
  const intents = named(ledger, sharedTable(ledger, 'intents'))
  // The upsert of a row that is bound was an update until its record was found to be gone.
  const opened = sql`select distinct q.seq from ${plan} as q
    join ${intents} as w on w.run_id = q.run_id and q.seq between w.from_seq and w.to_seq
    left join ${named(ledger, stateOf(ledger, syncName))} as s on s.row_id = q.row_id and s.record_id is not null
    where q.run_id = ${runId} and w.closed_at is null
      and (w.operation = q.operation or (w.operation = 'update' and s.row_id is not null))`
  const stored = sql`select seq from ${named(ledger, resultsOf(ledger, syncName))} where run_id = ${runId}`
  const rows = await ledger.warehouse.query(
    sql`select ${operationColumns} from ${plan} as p
where p.run_id = ${runId} and p.operation in ('create'${raw(bySearch ? '' : ", 'upsert'")}) and p.record_id is null
  and p.seq in (${opened}) and p.seq not in (${stored})
order by p.seq`,
  )
  return rows.map(toDoubtful)
}

/** Operations of merged runs whose outcome nobody knows yet, by run. */
export async function readUnsettled(
  ledger: Ledger,
  syncName: string,
  searchDelaySeconds = 0,
): Promise<ReadonlyMap<string, readonly DoubtfulOperation[]>> {
  const { dialect } = ledger.warehouse
  const old = sql`select row_id from ${named(ledger, stateOf(ledger, syncName))}
    where status = 'unknown' and ${dialect.addSeconds(raw('updated_at'), searchDelaySeconds)} <= ${dialect.now()}`
  const rows = await ledger.warehouse.query(
    sql`select run_id, ${operationColumns}, case when row_id in (${old}) then 1 else 0 end as is_indexed from ${named(ledger, planOf(ledger, syncName))}
where run_id not in (select run_id from ${named(ledger, sharedTable(ledger, 'runs'))} where finished_at is null)
order by run_id, seq`,
  )
  const byRun = new Map<string, DoubtfulOperation[]>()
  for (const row of rows) {
    const runId = String(row['run_id'])
    const known = byRun.get(runId)
    if (known === undefined) byRun.set(runId, [toDoubtful(row)])
    else known.push(toDoubtful(row))
  }
  return byRun
}

function toDoubtful(row: Row): DoubtfulOperation {
  const absentAt = row['absent_at']
  return {
    ...toOperation(row),
    ...(absentAt === null || absentAt === undefined ? {} : { absentAt: String(absentAt) }),
    ...(Number(row['is_indexed'] ?? 0) === 1 ? { isIndexed: true } : {}),
  }
}
