import { columnNames, type Ledger, named, selected, sharedTable } from '../record/ledger.ts'
import { requestColumns } from '../record/request-log.ts'
import { isAskedRun, momentOf, type RunFilter } from '../record/status.ts'
import { requestsTable } from '../record/tables.ts'
import type { AuditRequests, AuditValues } from '../types.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText } from '../warehouse/warehouse.ts'
import type { ReportRequest } from './payload.ts'

/** Requests in the report at most, and of how many of them the bodies. */
const maxRequests = 20_000
const maxBodies = 2_000
/** Characters of one body, and of all together: a page of 100 MB opens in no browser. */
const maxBodyLength = 20_000
const maxBodiesLength = 24_000_000

/** What `audit` allows of bodies. */
export interface KeptRequests {
  readonly requests: AuditRequests
  readonly values: AuditValues
}

/** API calls of the runs, newest first, as far as the audit keeps them, and how many there are in all. */
export async function readRequestsOf(
  ledger: Ledger,
  filter: RunFilter,
  kept: KeptRequests,
): Promise<{ readonly requests: readonly ReportRequest[]; readonly total: number }> {
  const ref = sharedTable(ledger, 'requests')
  const present = kept.requests === 'none' ? undefined : await columnNames(ledger, ref)
  if (present === undefined) return { requests: [], total: 0 }
  const table = named(ledger, ref)
  const asked = isAskedRequest(ledger, filter)
  const [counted] = await ledger.warehouse.query(
    sql`select count(*) as total from ${table} where ${asked}`,
  )
  const bodies = await readBodies(ledger, table, asked, kept)
  const requests: ReportRequest[] = []
  for await (const rows of ledger.warehouse.stream(
    sql`select ${selected(ledger, requestColumns, requestsTable, present)}
from ${table} where ${asked} order by started_at desc, request_id desc limit ${raw(String(maxRequests))}`,
  )) {
    for (const row of rows) {
      const requestId = String(row['request_id'])
      const number = (column: string) => (row[column] === null ? null : Number(row[column]))
      requests.push({
        requestId,
        runId: cellText(row['run_id']),
        invocationId: String(row['invocation_id']),
        method: String(row['method']),
        path: String(row['path']),
        status: number('status_code'),
        attempt: Number(row['attempt']),
        startedAt: momentOf(row['started_at']) ?? '',
        milliseconds: number('duration_ms'),
        inputs: number('batch_size'),
        category: cellText(row['error_category']),
        correlationId: cellText(row['correlation_id']),
        limit: number('window_max'),
        remaining: number('window_remaining'),
        dailyRemaining: number('daily_remaining'),
        ...(bodies.get(requestId) ?? { requestBody: null, responseBody: null }),
      })
    }
  }
  return { requests, total: Number(counted?.['total'] ?? 0) }
}

/** A call that served several syncs belongs to their invocation. */
function isAskedRequest(ledger: Ledger, filter: RunFilter): Sql {
  const begun = sql`started_at >= ${filter.since}`
  if (filter.syncNames === undefined) return begun
  const runs = sql`from ${named(ledger, sharedTable(ledger, 'runs'))} where ${isAskedRun(filter)}`
  return sql`${begun} and (run_id in (select run_id ${runs}) or (run_id is null and invocation_id in (select invocation_id ${runs})))`
}

type Bodies = Pick<ReportRequest, 'requestBody' | 'responseBody'>

/** Bodies of the newest calls. They are full of values, so both settings have to allow them now. */
async function readBodies(
  ledger: Ledger,
  table: Sql,
  asked: Sql,
  kept: KeptRequests,
): Promise<ReadonlyMap<string, Bodies>> {
  const found = new Map<string, Bodies>()
  if (kept.requests !== 'full' || kept.values !== 'full') return found
  const start = (column: string) => raw(`substr(${column}, 1, ${maxBodyLength + 1}) as ${column}`)
  let left = maxBodiesLength
  for await (const rows of ledger.warehouse.stream(
    sql`select request_id, ${start('request_body')}, ${start('response_body')} from ${table}
where ${asked} and (request_body is not null or response_body is not null)
order by started_at desc, request_id desc limit ${raw(String(maxBodies))}`,
  )) {
    for (const row of rows) {
      const requestBody = cut(cellText(row['request_body']))
      const responseBody = cut(cellText(row['response_body']))
      left -= (requestBody?.length ?? 0) + (responseBody?.length ?? 0)
      if (left < 0) return found
      found.set(String(row['request_id']), { requestBody, responseBody })
    }
  }
  return found
}

const cut = (body: string | null): string | null =>
  body !== null && body.length > maxBodyLength ? `${body.slice(0, maxBodyLength)}…` : body
