import { sql } from '../../warehouse/sql.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { type ModelSpec, withRepeats } from '../diff-model.ts'
import { type PlannedChange, toPlannedChange } from '../planned-changes.ts'
import { plannedLinks } from './link-plan.ts'

/** What a whole run does about the links of one row, by the statement of a run. Writes nothing. */
export async function readPlannedLinks(
  warehouse: Warehouse,
  spec: ModelSpec,
  rowId: string,
): Promise<readonly PlannedChange[]> {
  const { links = [] } = spec
  if (links.length === 0) return []
  const explained = { ...withRepeats(spec), onlyRows: [rowId], isExplained: true as const }
  const rows = await warehouse.query(
    sql`select seq, row_id, record_id, operation, audit_old, null as audit_new, reason, null as reason_detail, reason_message, null as dropped_properties,
  association, target_key, target_record_id, labels
from ${plannedLinks(warehouse.dialect, explained)} where row_id = ${rowId} and operation <> 'release' order by seq`,
  )
  return rows.map((row) => toPlannedChange(row, links))
}
