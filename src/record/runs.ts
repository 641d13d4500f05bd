import type { AuditValues, Mode, RequestRecord, RunStatus } from '../types.ts'
import { join, raw, type Sql, sql, type Value } from '../warehouse/sql.ts'
import type { Row } from '../warehouse/warehouse.ts'
import { type Ledger, named, planOf, sharedTable, stateOf } from './ledger.ts'
import {
  changesStatement,
  countStatement,
  type MergeSpec,
  mergeStatement,
  sweepStatements,
} from './merge.ts'
import { requestsTable } from './tables.ts'

/** What is known of a run when it starts. */
export interface RunStart {
  readonly runId: string
  readonly invocationId: string
  readonly dbtInvocationId: string | null
  readonly syncName: string
  readonly modelId: string
  readonly targetName: string
  readonly portalId: string
  readonly objectType: string
  readonly mode: Mode
}

/** Counts by outcome, as the last line of a run prints them. */
export interface OutcomeCounts {
  readonly created: number
  readonly updated: number
  readonly rejected: number
  readonly parked: number
  readonly skipped: number
  readonly pending: number
  readonly unknown: number
  readonly left: number
  readonly returned: number
}

export const noOutcomes: OutcomeCounts = {
  created: 0,
  updated: 0,
  rejected: 0,
  parked: 0,
  skipped: 0,
  pending: 0,
  unknown: 0,
  left: 0,
  returned: 0,
}

const runs = (ledger: Ledger) => named(ledger, sharedTable(ledger, 'runs'))

/** Enters a run as `planned`: nothing of it has been sent, and its plan may be thrown away. */
export async function startRun(ledger: Ledger, run: RunStart): Promise<void> {
  const columns: Readonly<Record<string, Sql>> = {
    run_id: sql`${run.runId}`,
    invocation_id: sql`${run.invocationId}`,
    dbt_invocation_id: sql`${run.dbtInvocationId}`,
    sync_name: sql`${run.syncName}`,
    model_id: sql`${run.modelId}`,
    target_name: sql`${run.targetName}`,
    portal_id: sql`${run.portalId}`,
    object_type: sql`${run.objectType}`,
    mode: sql`${run.mode}`,
    status: sql`'planned'`,
    started_at: ledger.warehouse.dialect.now(),
    backhaul_version: sql`${ledger.version}`,
  }
  await ledger.warehouse.execute(sql`insert into ${runs(ledger)} (${raw(Object.keys(columns).join(', '))})
values (${join(Object.values(columns))})`)
}

/** Sets columns of a run's row. */
export async function updateRun(
  ledger: Ledger,
  runId: string,
  facts: Readonly<Record<string, Value>>,
): Promise<void> {
  await ledger.warehouse.execute(updateStatement(ledger, runId, facts, raw('')))
}

function updateStatement(
  ledger: Ledger,
  runId: string,
  facts: Readonly<Record<string, Value>>,
  finish: Sql,
): Sql {
  const sets = Object.entries(facts).map(([column, value]) => sql`${raw(column)} = ${value}`)
  return sql`update ${runs(ledger)} set ${join(sets)}${finish} where run_id = ${runId}`
}

/** Ends a run that changed nothing in the state: guarded, held, failed before sending, or nothing to do. */
export async function endRun(
  ledger: Ledger,
  runId: string,
  status: RunStatus,
  facts: Readonly<Record<string, Value>> = {},
): Promise<void> {
  const finish = sql`, finished_at = ${ledger.warehouse.dialect.now()}`
  await ledger.warehouse.execute(updateStatement(ledger, runId, { ...facts, status }, finish))
}

export interface MergeRequest {
  readonly runId: string
  readonly syncName: string
  readonly maxAttempts: number
  readonly mode: Mode
  readonly auditValues: AuditValues
}

export function mergeSpec(ledger: Ledger, request: MergeRequest): MergeSpec {
  return {
    runId: request.runId,
    syncName: request.syncName,
    state: stateOf(ledger, request.syncName),
    plan: planOf(ledger, request.syncName),
    results: sharedTable(ledger, 'results'),
    changes: sharedTable(ledger, 'changes'),
    intents: sharedTable(ledger, 'intents'),
    maxAttempts: request.maxAttempts,
    looksAgain: request.mode === 'update',
    auditValues: request.auditValues,
  }
}

/**
 * Moves all outcomes of a run into state and audit and ends it, in one transaction: after a kill before it the next
 * start does it again from the stored results; after it nothing of the run is left to do.
 */
export async function mergeRun(
  ledger: Ledger,
  request: MergeRequest,
  status: (counts: OutcomeCounts) => RunStatus,
  facts: Readonly<Record<string, Value>>,
): Promise<{ counts: OutcomeCounts; status: RunStatus }> {
  const spec = mergeSpec(ledger, request)
  const { dialect } = ledger.warehouse
  const counts = toCounts(await ledger.warehouse.query(countStatement(dialect, spec)))
  const ended = status(counts)
  const totals = {
    ...facts,
    status: ended,
    rows_created: counts.created,
    rows_updated: counts.updated,
    rows_rejected: counts.rejected,
    rows_skipped: counts.skipped,
    rows_pending: counts.pending,
    rows_unknown: counts.unknown,
    rows_left: counts.left,
    rows_returned: counts.returned,
  }
  const parked = sql`, finished_at = ${dialect.now()}, rows_parked = (select count(*) from ${named(ledger, spec.state)} where status = 'parked' and last_run_id = ${request.runId})`
  await ledger.warehouse.transaction([
    mergeStatement(dialect, spec),
    changesStatement(dialect, spec),
    updateStatement(ledger, request.runId, totals, parked),
    ...sweepStatements(dialect, spec),
  ])
  const after = await ledger.warehouse.query(
    sql`select rows_parked from ${runs(ledger)} where run_id = ${request.runId}`,
  )
  return { counts: { ...counts, parked: Number(after[0]?.['rows_parked'] ?? 0) }, status: ended }
}

/** Merges the rows of an ended run that have been settled since; the others stay as they are. */
export async function mergeLeftovers(ledger: Ledger, request: MergeRequest): Promise<void> {
  const { dialect } = ledger.warehouse
  const spec = { ...mergeSpec(ledger, request), onlySettled: true }
  await ledger.warehouse.transaction([
    mergeStatement(dialect, spec),
    changesStatement(dialect, spec),
    sql`delete from ${named(ledger, spec.plan)} where run_id = ${request.runId} and seq in (
  select seq from ${named(ledger, spec.results)} where run_id = ${request.runId})`,
    sql`delete from ${named(ledger, spec.results)} where run_id = ${request.runId}`,
  ])
}

function toCounts(rows: readonly Row[]): OutcomeCounts {
  const counts = { ...noOutcomes }
  for (const row of rows) {
    const total = Number(row['total'])
    const outcome = String(row['outcome'])
    const isSent = ['create', 'update', 'upsert'].includes(String(row['operation']))
    if (outcome === 'succeeded' && isSent) {
      counts[row['is_created'] === true ? 'created' : 'updated'] += total
    } else if (outcome === 'rejected') counts.rejected += total
    else if (outcome === 'skipped') counts.skipped += total
    else if (outcome === 'pending') counts.pending += total
    else if (outcome === 'unknown') counts.unknown += total
    else if (outcome === 'left') counts.left += total
    if (row['is_return'] === true) counts.returned += total
  }
  return counts
}

/** Appends API calls to `requests`. */
export async function storeRequests(
  ledger: Ledger,
  invocationId: string,
  requests: readonly (RequestRecord & { readonly runId: string | null })[],
): Promise<void> {
  if (requests.length === 0) return
  await ledger.warehouse.upload(
    sharedTable(ledger, 'requests'),
    requestsTable.columns.map((column) => column.name),
    requests.map((request) => [
      request.requestId,
      invocationId,
      request.runId,
      request.method,
      request.path,
      request.status,
      request.attempt,
      request.batchSize,
      Math.round(request.durationMs),
      request.correlationId,
      request.errorCategory,
      request.requestBody ?? null,
      request.responseBody ?? null,
      new Date(request.startedAtMs).toISOString(),
    ]),
  )
}
