import { sql } from '../warehouse/sql.ts'
import { cellText } from '../warehouse/warehouse.ts'
import { hasTable, type Ledger, named, planOf, sharedTable, stateOf } from './ledger.ts'
import { operationColumns, type PlannedOperation, toOperation } from './plan-rows.ts'
import { momentOf } from './status.ts'

/** A row that may have been written, and looking did not settle it. */
export interface UnknownRow {
  readonly rowId: string
  readonly since: string | null
  readonly errorMessage: string | null
}

export async function readUnknownRows(
  ledger: Ledger,
  syncName: string,
): Promise<readonly UnknownRow[]> {
  const state = stateOf(ledger, syncName)
  if (!(await hasTable(ledger, state))) return []
  const rows = await ledger.warehouse.query(
    sql`select row_id, updated_at, error_message from ${named(ledger, state)} where status = 'unknown' order by row_id`,
  )
  return rows.map((row) => ({
    rowId: String(row['row_id']),
    since: momentOf(row['updated_at']),
    errorMessage: cellText(row['error_message']),
  }))
}

/** The operation of an unknown row, and the recorded run that it is of; undefined where its plan is gone. */
export async function readUnknownOperation(
  ledger: Ledger,
  syncName: string,
  rowId: string,
): Promise<{ readonly runId: string; readonly operation: PlannedOperation } | undefined> {
  const [row] = await ledger.warehouse.query(
    sql`select run_id, ${operationColumns} from ${named(ledger, planOf(ledger, syncName))}
where row_id = ${rowId} and run_id not in (select run_id from ${named(ledger, sharedTable(ledger, 'runs'))} where finished_at is null)
order by run_id desc`,
  )
  return row === undefined
    ? undefined
    : { runId: String(row['run_id']), operation: toOperation(row) }
}

/** The row of a sync that a record belongs to, other than this one; rows that left the model have given theirs up. */
export async function readOwner(
  ledger: Ledger,
  syncName: string,
  recordId: string,
  rowId: string,
): Promise<string | undefined> {
  const [row] = await ledger.warehouse.query(
    sql`select min(row_id) as row_id from ${named(ledger, stateOf(ledger, syncName))}
where record_id = ${recordId} and row_id <> ${rowId} and status <> 'left'`,
  )
  return cellText(row?.['row_id']) ?? undefined
}
