import { raw, sql } from '../warehouse/sql.ts'
import { cellText } from '../warehouse/warehouse.ts'
import { type Ledger, named, sharedTable } from './ledger.ts'

/** Rows of a run that were rejected for the same reason. */
export interface RejectGroup {
  /** Reason of ours or category of HubSpot's, e.g. `MISSING_KEY`, `VALIDATION_ERROR`. */
  readonly category: string
  readonly property: string | null
  readonly rows: number
  /** Primary key of one of them; null when they have none. */
  readonly exampleRowId: string | null
}

/** Why rows of a run were rejected, most frequent first. */
export async function readRejects(ledger: Ledger, runId: string): Promise<readonly RejectGroup[]> {
  const rows = await ledger.warehouse.query(
    sql`select error_category, error_property, count(*) as total, min(row_id) as example_row
from ${named(ledger, sharedTable(ledger, 'changes'))} where run_id = ${runId} and outcome = 'rejected'
group by error_category, error_property order by count(*) desc, error_category, error_property ${raw('limit 20')}`,
  )
  return rows.map((row) => ({
    category: cellText(row['error_category']) ?? 'UNKNOWN',
    property: cellText(row['error_property']),
    rows: Number(row['total']),
    exampleRowId: cellText(row['example_row']),
  }))
}
