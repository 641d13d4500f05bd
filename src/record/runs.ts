import type { Mode, RequestRecord, RunStatus } from '../types.ts'
import { join, raw, type Sql, sql, type Value } from '../warehouse/sql.ts'
import { type Ledger, named, sharedTable } from './ledger.ts'
import { requestsTable } from './tables.ts'

/** What is known of a run when it starts. */
export interface RunStart {
  readonly runId: string
  readonly invocationId: string
  readonly dbtInvocationId: string | null
  readonly syncName: string
  readonly modelId: string | null
  readonly targetName: string
  /** Null where it is not known: a run that failed before HubSpot was asked, or whose sync is not valid. */
  readonly portalId: string | null
  readonly objectType: string | null
  readonly mode: Mode | null
  /** `--row` or `--limit` keeps it to some rows. */
  readonly isLimited: boolean
}

/** Counts by outcome, as the last line of a run prints them. */
export interface OutcomeCounts {
  readonly created: number
  readonly updated: number
  /** Events. */
  readonly sent: number
  /** Members of a list. */
  readonly added: number
  readonly removed: number
  /** Records that lost what the sync had sent, because their row left the model. */
  readonly cleared: number
  readonly archived: number
  readonly rejected: number
  readonly parked: number
  readonly skipped: number
  /** Rows whose record, of another sync, is not there yet. */
  readonly waiting: number
  readonly pending: number
  readonly unknown: number
  /** Rows that left the model, and nothing was done to their record. */
  readonly left: number
  readonly returned: number
  readonly linksAdded: number
  readonly linksRemoved: number
  /** Links whose record, at either end, is not there yet. */
  readonly linksWaiting: number
  readonly linksPending: number
  readonly linksRejected: number
}

export const noOutcomes: OutcomeCounts = {
  created: 0,
  updated: 0,
  sent: 0,
  added: 0,
  removed: 0,
  cleared: 0,
  archived: 0,
  rejected: 0,
  parked: 0,
  skipped: 0,
  waiting: 0,
  pending: 0,
  unknown: 0,
  left: 0,
  returned: 0,
  linksAdded: 0,
  linksRemoved: 0,
  linksWaiting: 0,
  linksPending: 0,
  linksRejected: 0,
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
    is_limited: raw(String(run.isLimited)),
    status: sql`'planned'`,
    started_at: ledger.warehouse.dialect.now(),
    backhaul_version: sql`${ledger.version}`,
  }
  await ledger.warehouse.execute(sql`insert into ${runs(ledger)} (${raw(Object.keys(columns).join(', '))})
values (${join(Object.values(columns))})`)
}

const settings = (facts: Readonly<Record<string, Value>>): readonly Sql[] =>
  Object.entries(facts).map(([column, value]) => sql`${raw(column)} = ${value}`)

/** Sets columns of a run's row. */
export const runStatement = (
  ledger: Ledger,
  runId: string,
  facts: Readonly<Record<string, Value>>,
): Sql => updateStatement(ledger, runId, settings(facts))

export function updateStatement(ledger: Ledger, runId: string, sets: readonly Sql[]): Sql {
  return sql`update ${runs(ledger)} set ${join(sets)} where run_id = ${runId}`
}

export async function updateRun(
  ledger: Ledger,
  runId: string,
  facts: Readonly<Record<string, Value>>,
): Promise<void> {
  await ledger.warehouse.execute(runStatement(ledger, runId, facts))
}

/** Ends a run that changed nothing in the state: guarded, held, failed before sending, or nothing to do. */
export async function endRun(
  ledger: Ledger,
  runId: string,
  status: RunStatus,
  facts: Readonly<Record<string, Value>> = {},
): Promise<void> {
  const finished = sql`finished_at = ${ledger.warehouse.dialect.now()}`
  await ledger.warehouse.execute(
    updateStatement(ledger, runId, [...settings({ ...facts, status }), finished]),
  )
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
      request.windowMax,
      request.windowRemaining,
      request.dailyRemaining,
    ]),
  )
}
