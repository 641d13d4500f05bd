import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText, type Row } from '../warehouse/warehouse.ts'
import { columnNames, type Ledger, named, selected, sharedTable } from './ledger.ts'
import { momentOf } from './status.ts'
import { requestsTable } from './tables.ts'

/** One attempt of one API call, as `requests` has it. */
export interface AuditedRequest {
  readonly requestId: string
  readonly invocationId: string
  readonly runId: string | null
  readonly startedAt: string | null
  readonly method: string
  readonly path: string
  /** Null: no answer came. */
  readonly status: number | null
  readonly attempt: number
  readonly batchSize: number
  readonly durationMs: number
  readonly correlationId: string | null
  readonly errorCategory: string | null
  /** Calls that the account allows in ten seconds, and what was left of them and of the day; null where the answer does not tell. */
  readonly windowMax: number | null
  readonly windowRemaining: number | null
  readonly dailyRemaining: number | null
}

/** A row that a call was about, as `changes` has it. */
export interface CarriedRow {
  readonly sync: string
  readonly rowId: string
  readonly operation: string
  readonly outcome: string
  readonly recordId: string | null
  readonly errorCategory: string | null
}

/** A call with what it carried. */
export interface WholeRequest extends AuditedRequest {
  /** With `audit.requests: full` only. */
  readonly requestBody: string | null
  readonly responseBody: string | null
  readonly rows: readonly CarriedRow[]
}

export interface RequestFilter {
  /** A run of one sync, or the invocation of all its syncs. */
  readonly run?: string
  readonly failedOnly: boolean
  readonly limit: number
}

/** Columns of a call but its bodies, which may be large. */
export const requestColumns = [
  'request_id',
  'invocation_id',
  'run_id',
  'started_at',
  'method',
  'path',
  'status_code',
  'attempt',
  'batch_size',
  'duration_ms',
  'correlation_id',
  'error_category',
  'window_max',
  'window_remaining',
  'daily_remaining',
]

/** The latest calls, oldest first. A call that served several syncs belongs to their invocation. */
export async function readRequests(
  ledger: Ledger,
  { run, failedOnly, limit }: RequestFilter,
): Promise<readonly AuditedRequest[]> {
  const requests = sharedTable(ledger, 'requests')
  const present = await columnNames(ledger, requests)
  if (present === undefined) return []
  const conditions: Sql[] = []
  if (failedOnly) conditions.push(raw('error_category is not null'))
  if (run !== undefined) {
    const runs = named(ledger, sharedTable(ledger, 'runs'))
    conditions.push(
      sql`(run_id = ${run} or invocation_id = ${run} or (run_id is null and invocation_id in (select invocation_id from ${runs} where run_id = ${run})))`,
    )
  }
  const where = conditions.length === 0 ? raw('') : sql`where ${join(conditions, ' and ')} `
  const rows = await ledger.warehouse.query(
    sql`select ${selected(ledger, requestColumns, requestsTable, present)} from ${named(ledger, requests)} ${where}order by started_at desc, request_id desc limit ${raw(String(limit))}`,
  )
  return rows.map(toRequest).reverse()
}

/** @param start the id, or how it begins @returns all that begin so, two at most */
export async function readWholeRequests(
  ledger: Ledger,
  start: string,
): Promise<readonly WholeRequest[]> {
  const requests = sharedTable(ledger, 'requests')
  const present = await columnNames(ledger, requests)
  if (present === undefined) return []
  const chosen = selected(
    ledger,
    [...requestColumns, 'request_body', 'response_body'],
    requestsTable,
    present,
  )
  const found = await ledger.warehouse.query(
    sql`select ${chosen} from ${named(ledger, requests)}
where substr(request_id, 1, ${raw(String(start.length))}) = ${start} order by request_id limit 2`,
  )
  const whole: WholeRequest[] = []
  for (const row of found) {
    const request = toRequest(row)
    whole.push({
      ...request,
      requestBody: cellText(row['request_body']),
      responseBody: cellText(row['response_body']),
      rows: await readCarried(ledger, request.requestId),
    })
  }
  return whole
}

async function readCarried(ledger: Ledger, requestId: string): Promise<readonly CarriedRow[]> {
  const rows = await ledger.warehouse.query(
    sql`select sync_name, row_id, operation, outcome, record_id, error_category from ${named(ledger, sharedTable(ledger, 'changes'))}
where request_id = ${requestId} order by sync_name, row_id, operation`,
  )
  return rows.map((row) => ({
    sync: String(row['sync_name']),
    rowId: String(row['row_id']),
    operation: String(row['operation']),
    outcome: String(row['outcome']),
    recordId: cellText(row['record_id']),
    errorCategory: cellText(row['error_category']),
  }))
}

const toRequest = (row: Row): AuditedRequest => ({
  requestId: String(row['request_id']),
  invocationId: String(row['invocation_id']),
  runId: cellText(row['run_id']),
  startedAt: momentOf(row['started_at']),
  method: String(row['method']),
  path: String(row['path']),
  status: numberIn(row['status_code']),
  attempt: Number(row['attempt']),
  batchSize: Number(row['batch_size']),
  durationMs: Number(row['duration_ms']),
  correlationId: cellText(row['correlation_id']),
  errorCategory: cellText(row['error_category']),
  windowMax: numberIn(row['window_max']),
  windowRemaining: numberIn(row['window_remaining']),
  dailyRemaining: numberIn(row['daily_remaining']),
})

const numberIn = (cell: Row[string] | undefined): number | null =>
  cell === null || cell === undefined ? null : Number(cell)
