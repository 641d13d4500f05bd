import { sql } from '../../warehouse/sql.ts'
import { cellText } from '../../warehouse/warehouse.ts'
import { hasTable, type Ledger, named, planOf, sharedTable, stateOf } from '../ledger.ts'
import { any, isAmong } from './forget-conditions.ts'
import { orLeadsTo } from './forget-links.ts'
import type { Person, PlanPlace } from './forget-person.ts'

/** Which rows of a sync are a person, and what its tables know of them. */

/**
 * Rows of a sync that have one of these match values or records, by its state and by plans that were not carried out; and rows that
 * once had such a record and have none now: another row took it over, or they got another key.
 */
export async function findRowsOf(
  ledger: Ledger,
  { stateName, syncNames }: { readonly stateName: string; readonly syncNames: readonly string[] },
  wanted: { readonly matchValues: readonly string[]; readonly recordIds: readonly string[] },
): Promise<readonly string[]> {
  const found = new Set<string>()
  const isWanted = any([
    isAmong('match_value', wanted.matchValues),
    isAmong('record_id', wanted.recordIds),
  ])
  for (const table of [stateOf(ledger, stateName), planOf(ledger, stateName)]) {
    if (!(await hasTable(ledger, table))) continue
    const rows = await ledger.warehouse.query(
      sql`select distinct row_id from ${named(ledger, table)} where row_id is not null and ${isWanted}`,
    )
    for (const row of rows) found.add(String(row['row_id']))
  }
  if (wanted.recordIds.length > 0) {
    const [state, changes] = [stateOf(ledger, stateName), sharedTable(ledger, 'changes')]
    const rows =
      await ledger.warehouse.query(sql`select distinct row_id from ${named(ledger, changes)}
where row_id is not null and ${isAmong('sync_name', syncNames)} and ${isAmong('record_id', wanted.recordIds)}
  and row_id not in (select row_id from ${named(ledger, state)} where row_id is not null and record_id is not null)`)
    for (const row of rows) found.add(String(row['row_id']))
  }
  return [...found].sort()
}

/** Which of the rows are in doubt: HubSpot may have records of them, and only the state keeps them from being sent again. */
export async function findUnknown(
  ledger: Ledger,
  { stateName, rowIds }: Pick<Person, 'stateName' | 'rowIds'>,
): Promise<readonly string[]> {
  const rows = await ledger.warehouse.query(
    sql`select row_id from ${named(ledger, stateOf(ledger, stateName))} where status = 'unknown' and ${isAmong('row_id', rowIds)} order by row_id`,
  )
  return rows.map((row) => String(row['row_id']))
}

/** What state and plan know of rows. */
export interface KnownOfRows {
  readonly recordIds: readonly string[]
  readonly matchValues: readonly string[]
}

/** The records and match values of rows. */
export async function readKnownOf(
  ledger: Ledger,
  { stateName, rowIds }: Pick<Person, 'stateName' | 'rowIds'>,
): Promise<KnownOfRows> {
  const recordIds = new Set<string>()
  const matchValues = new Set<string>()
  for (const table of [stateOf(ledger, stateName), planOf(ledger, stateName)]) {
    if (!(await hasTable(ledger, table))) continue
    const rows = await ledger.warehouse.query(
      sql`select distinct record_id, match_value from ${named(ledger, table)} where ${isAmong('row_id', rowIds)}`,
    )
    for (const row of rows) {
      const [recordId, matchValue] = [cellText(row['record_id']), cellText(row['match_value'])]
      if (recordId !== null) recordIds.add(recordId)
      if (matchValue !== null) matchValues.add(matchValue)
    }
  }
  return { recordIds: [...recordIds], matchValues: [...matchValues] }
}

/** Where plans of interrupted runs hold a person. */
export async function readPlanPlaces(
  ledger: Ledger,
  { stateName, rowIds, entries }: Pick<Person, 'stateName' | 'rowIds' | 'entries'>,
): Promise<readonly PlanPlace[]> {
  const plan = planOf(ledger, stateName)
  if (!(await hasTable(ledger, plan))) return []
  const rows = await ledger.warehouse.query(
    sql`select run_id, seq from ${named(ledger, plan)} where ${isAmong('row_id', rowIds)}${orLeadsTo(entries)}`,
  )
  return rows.map((row) => ({ runId: String(row['run_id']), sequence: Number(row['seq']) }))
}
