import type { Operation, OperationKind } from '../types.ts'
import { join, raw, sql } from '../warehouse/sql.ts'
import type { Row } from '../warehouse/warehouse.ts'
import {
  type Ledger,
  named,
  planOf,
  resolutionsOf,
  resultsOf,
  sharedTable,
  stateOf,
} from './ledger.ts'

/** A planned operation, with what the follow-ups of sending need. */
export interface PlannedOperation extends Operation {
  /** Every mapped property after the operation: what a record that vanished is made of again. */
  readonly newValues: Readonly<Record<string, string>>
}

const columns = raw(
  'seq, row_id, operation, record_id, match_value, new_values, changed_properties, absent_at',
)

function toOperation(row: Row): PlannedOperation {
  const newValues = JSON.parse(String(row['new_values'] ?? '{}')) as Record<string, string>
  const changed = JSON.parse(String(row['changed_properties'] ?? '[]')) as string[]
  const recordId = row['record_id']
  const matchValue = row['match_value']
  const properties: Record<string, string> = {}
  for (const name of changed) {
    const value = newValues[name]
    if (value !== undefined) properties[name] = value
  }
  return {
    sequence: Number(row['seq']),
    rowId: String(row['row_id']),
    kind: String(row['operation']) as OperationKind,
    ...(recordId === null || recordId === undefined ? {} : { recordId: String(recordId) }),
    ...(matchValue === null || matchValue === undefined ? {} : { matchValue: String(matchValue) }),
    properties,
    newValues,
  }
}

/** The next operations of one kind after a position that have no outcome yet, in order; at most `limit`. */
export async function readWindow(
  ledger: Ledger,
  syncName: string,
  runId: string,
  kind: OperationKind,
  afterSeq: number,
  limit: number,
): Promise<readonly PlannedOperation[]> {
  const rows = await ledger.warehouse.query(
    sql`select ${columns} from ${named(ledger, planOf(ledger, syncName))}
where run_id = ${runId} and operation = ${kind} and seq > ${afterSeq}
  and seq not in (select seq from ${named(ledger, resultsOf(ledger, syncName))} where run_id = ${runId} and seq > ${afterSeq})
order by seq limit ${raw(String(limit))}`,
  )
  return rows.map(toOperation)
}

/** Rows that must be looked up in HubSpot before they can be sent. */
export async function readUnresolved(
  ledger: Ledger,
  syncName: string,
  runId: string,
  afterSeq: number,
  limit: number,
): Promise<readonly PlannedOperation[]> {
  const rows = await ledger.warehouse.query(
    sql`select ${columns} from ${named(ledger, planOf(ledger, syncName))}
where run_id = ${runId} and record_id is null and operation in ('create', 'update') and seq > ${afterSeq}
order by seq limit ${raw(String(limit))}`,
  )
  return rows.map(toOperation)
}

export interface Resolution {
  readonly sequence: number
  readonly recordId: string | null
  readonly askedAt: string
}

/**
 * Completes the plan with what HubSpot said: bound updates, creates that are absent, skips for the rest. A record that belongs
 * to another row is refused: one record, one row.
 */
export async function completePlan(
  ledger: Ledger,
  syncName: string,
  runId: string,
  resolutions: readonly Resolution[],
): Promise<void> {
  const table = resolutionsOf(ledger, syncName)
  await ledger.warehouse.upload(
    table,
    ['run_id', 'seq', 'record_id', 'asked_at'],
    resolutions.map((entry) => [runId, entry.sequence, entry.recordId, entry.askedAt]),
  )
  const plan = named(ledger, planOf(ledger, syncName))
  const owners = sql`select record_id, min(row_id) as row_id from (
    select record_id, row_id from ${named(ledger, stateOf(ledger, syncName))}
    where status <> 'left' and record_id is not null
      and row_id not in (select row_id from ${plan} where run_id = ${runId} and operation = 'leave' and row_id is not null)
    union all
    select record_id, row_id from ${plan} where run_id = ${runId} and operation = 'update' and record_id is not null
  ) as bound group by record_id`
  const isTaken = sql`p.operation = 'update' and (r.owner_row_id is not null or r.first_seq < r.seq)`
  await ledger.warehouse.transaction([
    sql`merge into ${plan} as p
using (
  select a.seq, a.record_id, a.asked_at, o.row_id as owner_row_id,
    min(a.seq) over (partition by coalesce(a.record_id, cast(a.seq as ${raw(ledger.warehouse.dialect.type('text'))}))) as first_seq
  from ${named(ledger, table)} as a
  left join (${owners}) as o on o.record_id = a.record_id
  where a.run_id = ${runId}
) as r
on p.run_id = ${runId} and p.seq = r.seq
when matched then update set
  record_id = case when ${isTaken} then null else r.record_id end,
  absent_at = case when r.record_id is null then r.asked_at end,
  reason = case when p.operation = 'create' and r.record_id is not null then 'record_exists'
    when p.operation = 'update' and r.record_id is null then 'no_record'
    when ${isTaken} then 'record_taken' end,
  reason_detail = case when ${isTaken} then r.owner_row_id end,
  operation = case when p.operation = 'create' and r.record_id is not null then 'skip'
    when p.operation = 'update' and r.record_id is null then 'skip'
    when ${isTaken} then 'reject' else p.operation end`,
    sql`delete from ${named(ledger, table)} where run_id = ${runId}`,
  ])
}

/**
 * Settles rows that would find the record of another row: HubSpot still has their match value on it, because that row was
 * left out of this run, or its own change was refused. They wait for the next run, instead of overwriting the other's record.
 */
export async function holdBlocked(ledger: Ledger, syncName: string, runId: string): Promise<void> {
  const plan = named(ledger, planOf(ledger, syncName))
  const results = named(ledger, resultsOf(ledger, syncName))
  // The owner gives its match value up by leaving the model, or by an update that came through.
  const released = sql`select q.row_id from ${plan} as q
    left join ${results} as x on x.run_id = q.run_id and x.seq = q.seq and x.outcome = 'succeeded'
    where q.run_id = ${runId} and q.row_id is not null and (q.operation = 'leave' or (q.operation = 'update' and x.seq is not null))`
  await ledger.warehouse.execute(sql`insert into ${results} (run_id, seq, outcome, is_doubtful, error_category, error_message)
select ${runId}, p.seq, 'pending', 1 = 0, 'MATCH_VALUE_HELD', 'HubSpot still has this match value on the record of row ' || min(s.row_id) || '.'
from ${plan} as p
join ${named(ledger, stateOf(ledger, syncName))} as s on s.match_value = p.match_value and s.row_id <> p.row_id
where p.run_id = ${runId} and p.operation = 'upsert' and p.record_id is null
  and s.record_id is not null and s.status <> 'left'
  and s.row_id not in (${released})
  and p.seq not in (select seq from ${results} where run_id = ${runId})
group by p.seq`)
}

/** An update whose record is gone, as the upsert that makes the record again. */
export interface Replanned {
  readonly sequence: number
  /** Everything that is sent. */
  readonly properties: readonly string[]
  /** `sent_values` to assume when nobody knows whether the upsert happened. */
  readonly doubtfulValues: Readonly<Record<string, string>>
}

/**
 * Turns updates of vanished records into upserts, before the upserts are sent: a start after a kill must look for what
 * they may have made. The audit's values of the whole record are `new_values`.
 */
export async function replanAsUpserts(
  ledger: Ledger,
  syncName: string,
  runId: string,
  replanned: readonly Replanned[],
): Promise<void> {
  const plan = named(ledger, planOf(ledger, syncName))
  const groups = new Map<string, Replanned[]>()
  for (const entry of replanned) {
    const key = JSON.stringify([entry.properties, entry.doubtfulValues])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [entry])
    else group.push(entry)
  }
  const statements = [...groups.values()].flatMap((group) =>
    chunks(group, sequencesPerStatement).map((part) => {
      const [first] = part
      const sequences = raw(part.map((entry) => entry.sequence).join(', '))
      return sql`update ${plan} set operation = 'upsert', record_id = null,
  changed_properties = ${JSON.stringify(first?.properties ?? [])}, audit_old = null, audit_new = null,
  doubtful_values = ${JSON.stringify(first?.doubtfulValues ?? {})}
where run_id = ${runId} and seq in (${sequences})`
    }),
  )
  if (statements.length > 0) await ledger.warehouse.transaction(statements)
}

const sequencesPerStatement = 1000

const chunks = <T>(all: readonly T[], size: number): readonly T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  )

/** Rows of a sync by the record that they are bound to, for these records. */
export async function readRowsOf(
  ledger: Ledger,
  syncName: string,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (recordIds.length === 0) return new Map()
  const rows = await ledger.warehouse.query(
    sql`select record_id, min(row_id) as row_id from ${named(ledger, stateOf(ledger, syncName))}
where record_id in (${join(recordIds.map((recordId) => sql`${recordId}`))}) group by record_id`,
  )
  return new Map(rows.map((row) => [String(row['record_id']), String(row['row_id'])]))
}

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
}

export async function readDoubtful(
  ledger: Ledger,
  syncName: string,
  runId: string,
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
    sql`select ${columns} from ${plan} as p
where p.run_id = ${runId} and p.operation in ('create', 'upsert') and p.record_id is null
  and p.seq in (${opened}) and p.seq not in (${stored})
order by p.seq`,
  )
  return rows.map(toDoubtful)
}

/** Operations of merged runs whose outcome nobody knows yet, by run. */
export async function readUnsettled(
  ledger: Ledger,
  syncName: string,
): Promise<ReadonlyMap<string, readonly DoubtfulOperation[]>> {
  const rows = await ledger.warehouse.query(
    sql`select run_id, ${columns} from ${named(ledger, planOf(ledger, syncName))}
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
  }
}

/** Throws away a plan that was never started. */
export async function discardPlan(ledger: Ledger, syncName: string, runId: string): Promise<void> {
  await ledger.warehouse.execute(
    sql`delete from ${named(ledger, planOf(ledger, syncName))} where run_id = ${runId}`,
  )
}
