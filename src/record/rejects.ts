import { raw, sql } from '../warehouse/sql.ts'
import { cellText } from '../warehouse/warehouse.ts'
import { type Ledger, named, sharedTable } from './ledger.ts'

/** Rows of a run, or links of them, that were rejected, or were left for the next run, for the same reason. */
export interface RejectGroup {
  /** Reason of ours or category of HubSpot's, e.g. `MISSING_KEY`, `VALIDATION_ERROR`. */
  readonly category: string
  readonly property: string | null
  /** These are links: `rows` counts links. */
  readonly isLink: boolean
  readonly rows: number
  /** Primary key of one of them; null when they have none. */
  readonly exampleRowId: string | null
}

/** SQL condition on `changes`: rows that were refused, or that the next run tries again. */
export const outcomeConditions = {
  rejected: "outcome = 'rejected'",
  waiting: "outcome in ('pending', 'unknown')",
} as const

/** Why rows of a run came to such an outcome, most frequent first. */
export async function readReasons(
  ledger: Ledger,
  runId: string,
  outcome: keyof typeof outcomeConditions,
): Promise<readonly RejectGroup[]> {
  const rows = await ledger.warehouse.query(
    sql`select is_link, error_category, error_property, count(*) as total, min(row_id) as example_row
from (
  select case when operation in ('associate', 'dissociate', 'wait') then 1 else 0 end as is_link, error_category, error_property, row_id
  from ${named(ledger, sharedTable(ledger, 'changes'))} where run_id = ${runId} and ${raw(outcomeConditions[outcome])}
) as told
group by is_link, error_category, error_property order by count(*) desc, is_link, error_category, error_property ${raw('limit 20')}`,
  )
  return rows.map((row) => ({
    category: cellText(row['error_category']) ?? 'UNKNOWN',
    property: cellText(row['error_property']),
    isLink: Number(row['is_link']) === 1,
    rows: Number(row['total']),
    exampleRowId: cellText(row['example_row']),
  }))
}
