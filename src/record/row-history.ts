import { join, sql } from '../warehouse/sql.ts'
import { cellText, type Row } from '../warehouse/warehouse.ts'
import { hasTable, type Ledger, linksOf, named, sharedTable, stateOf } from './ledger.ts'
import { momentOf } from './status.ts'

/** A row as the state has it. */
export interface StateRow {
  readonly rowId: string
  readonly recordId: string | null
  readonly status: string
  readonly isCreatedHere: boolean | null
  readonly attempts: number
  readonly nextAttemptAt: string | null
  readonly errorCategory: string | null
  readonly errorMessage: string | null
  readonly firstSyncedAt: string | null
  readonly lastSyncedAt: string | null
  readonly lastRunId: string | null
  /** What HubSpot was last sent, as it is; whoever shows it asks `audit.values` first. */
  readonly sentValues: Readonly<Record<string, string>>
}

/** One entry of `changes` for a row, with the call that decided. Values as the audit keeps them. */
export interface Attempt {
  readonly runId: string
  readonly at: string | null
  readonly operation: string
  readonly outcome: string
  readonly recordId: string | null
  readonly isCreated: boolean | null
  readonly properties: readonly string[]
  readonly droppedProperties: readonly string[]
  readonly old: Readonly<Record<string, string>>
  readonly new: Readonly<Record<string, string>>
  readonly errorCategory: string | null
  readonly errorMessage: string | null
  readonly errorProperty: string | null
  readonly correlationId: string | null
  readonly requestId: string | null
  /** As far as `audit.requests` keeps it. */
  readonly request: {
    readonly method: string
    readonly path: string
    readonly status: number | null
    readonly durationMs: number
    readonly batchSize: number
  } | null
}

/** @returns undefined where the sync has not met the row */
export async function readStateRow(
  ledger: Ledger,
  syncName: string,
  rowId: string,
): Promise<StateRow | undefined> {
  const state = stateOf(ledger, syncName)
  if (!(await hasTable(ledger, state))) return undefined
  const [row] = await ledger.warehouse.query(
    sql`select row_id, record_id, status, created_here, attempts, next_attempt_at, error_category, error_message,
  first_synced_at, last_synced_at, last_run_id, sent_values from ${named(ledger, state)} where row_id = ${rowId}`,
  )
  if (row === undefined) return undefined
  return {
    rowId,
    recordId: cellText(row['record_id']),
    status: String(row['status']),
    isCreatedHere: flag(row['created_here']),
    attempts: Number(row['attempts'] ?? 0),
    nextAttemptAt: momentOf(row['next_attempt_at']),
    errorCategory: cellText(row['error_category']),
    errorMessage: cellText(row['error_message']),
    firstSyncedAt: momentOf(row['first_synced_at']),
    lastSyncedAt: momentOf(row['last_synced_at']),
    lastRunId: cellText(row['last_run_id']),
    sentValues: object(row['sent_values']),
  }
}

/** A link of a row, as the state has it. */
export interface LinkRow {
  readonly association: string
  readonly targetKey: string
  readonly targetRecordId: string | null
  readonly labels: readonly string[]
  readonly status: string
  readonly isAddedHere: boolean | null
  readonly nextAttemptAt: string | null
  readonly errorCategory: string | null
  readonly errorMessage: string | null
  readonly lastSyncedAt: string | null
}

/** Links of a row; none where the sync has no table of them. */
export async function readLinkRows(
  ledger: Ledger,
  syncName: string,
  rowId: string,
): Promise<readonly LinkRow[]> {
  const links = linksOf(ledger, syncName)
  if (!(await hasTable(ledger, links))) return []
  const rows = await ledger.warehouse.query(
    sql`select association, target_key, target_record_id, labels, status, added_here, next_attempt_at, error_category, error_message, last_synced_at
from ${named(ledger, links)} where row_id = ${rowId} order by association, target_key`,
  )
  return rows.map((row) => ({
    association: String(row['association']),
    targetKey: String(row['target_key']),
    targetRecordId: cellText(row['target_record_id']),
    labels: list(row['labels']),
    status: String(row['status']),
    isAddedHere: flag(row['added_here']),
    nextAttemptAt: momentOf(row['next_attempt_at']),
    errorCategory: cellText(row['error_category']),
    errorMessage: cellText(row['error_message']),
    lastSyncedAt: momentOf(row['last_synced_at']),
  }))
}

/** Everything that was tried with a row, oldest first, under any of the names that its sync had. */
export async function readAttempts(
  ledger: Ledger,
  syncNames: readonly string[],
  rowId: string,
): Promise<readonly Attempt[]> {
  const changes = sharedTable(ledger, 'changes')
  if (!(await hasTable(ledger, changes))) return []
  const rows = await ledger.warehouse.query(
    sql`select c.run_id, c.recorded_at, c.operation, c.outcome, c.record_id, c.is_created, c.changed_properties, c.dropped_properties,
  c.old_values, c.new_values, c.error_category, c.error_message, c.error_property, c.correlation_id, c.request_id,
  q.method, q.path, q.status_code, q.duration_ms, q.batch_size
from ${named(ledger, changes)} as c
left join ${named(ledger, sharedTable(ledger, 'requests'))} as q on q.request_id = c.request_id
where c.row_id = ${rowId} and c.sync_name in (${join(syncNames.map((name) => sql`${name}`))})
order by c.recorded_at, c.run_id, c.seq`,
  )
  return rows.map(toAttempt)
}

function toAttempt(row: Row): Attempt {
  const method = cellText(row['method'])
  return {
    runId: String(row['run_id']),
    at: momentOf(row['recorded_at']),
    operation: String(row['operation']),
    outcome: String(row['outcome']),
    recordId: cellText(row['record_id']),
    isCreated: flag(row['is_created']),
    properties: list(row['changed_properties']),
    droppedProperties: list(row['dropped_properties']),
    old: object(row['old_values']),
    new: object(row['new_values']),
    errorCategory: cellText(row['error_category']),
    errorMessage: cellText(row['error_message']),
    errorProperty: cellText(row['error_property']),
    correlationId: cellText(row['correlation_id']),
    requestId: cellText(row['request_id']),
    request:
      method === null
        ? null
        : {
            method,
            path: String(row['path']),
            status: row['status_code'] === null ? null : Number(row['status_code']),
            durationMs: Number(row['duration_ms']),
            batchSize: Number(row['batch_size']),
          },
  }
}

type Cell = Row[string] | undefined

const flag = (cell: Cell): boolean | null => (typeof cell === 'boolean' ? cell : null)

const object = (cell: Cell): Readonly<Record<string, string>> =>
  cell === null || cell === undefined ? {} : JSON.parse(String(cell))

const list = (cell: Cell): readonly string[] =>
  cell === null || cell === undefined ? [] : JSON.parse(String(cell))
