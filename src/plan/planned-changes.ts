import type { AuditValues } from '../types.ts'
import { type TableRef, tableName } from '../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText, type Row, type Warehouse } from '../warehouse/warehouse.ts'
import { auditedTarget } from './audited.ts'
import { jsonList } from './counts.ts'
import type { DiffLink } from './diff-spec.ts'
import { labelOf } from './links/link-counts.ts'
import type { OperationCounts } from './plan.ts'

/** One row of a plan, for people. Values as `audit.values` allows. */
export interface PlannedChange {
  readonly sequence: number
  readonly rowId: string | null
  readonly recordId: string | null
  readonly operation: keyof OperationCounts | LinkOperation
  readonly old: Readonly<Record<string, string>>
  readonly new: Readonly<Record<string, string>>
  readonly reason: string | null
  readonly detail: string | null
  /** What is wrong with each bad value of a rejected row. */
  readonly message: string | null
  /** Properties that are left out because of a bad value. */
  readonly dropped: readonly string[]
  /** Properties whose values `audit.values: none` keeps to the warehouse; absent where there are none. */
  readonly hidden?: readonly string[]
  /** Of a link. */
  readonly link?: PlannedLinkChange
}

export type LinkOperation = 'associate' | 'dissociate' | 'wait' | 'release'

export interface PlannedLinkChange {
  readonly association: string
  /** What the row says: a key of another sync, a record id, or a value that is looked up; null where it may not be shown. */
  readonly target: string | null
  readonly targetRecordId: string | null
  /** In the words of HubSpot; none is the unlabelled link. */
  readonly labels: readonly string[]
  readonly oldLabels: readonly string[]
}

/** Rows of a plan for people, in order; refreshed rows are left out, unless a bad value of theirs was dropped. */
export function changesStatement(
  warehouse: Warehouse,
  spec: { readonly plan: TableRef; readonly runId: string; readonly hidesValues: boolean },
  limit: number | undefined,
): Sql {
  const plan = raw(tableName(warehouse.dialect, spec.plan))
  // A first run's audit_new is NULL where values may be shown: new_values says it.
  const shown = raw(spec.hidesValues ? 'audit_new' : 'coalesce(audit_new, new_values) as audit_new')
  const bound = limit === undefined ? raw('') : raw(` limit ${limit}`)
  return sql`select seq, row_id, record_id, operation, changed_properties, audit_old, ${shown}, reason, reason_detail, reason_message, dropped_properties, association, target_key, target_record_id, labels
from ${plan} where run_id = ${spec.runId} and (operation <> 'refresh' or dropped_properties is not null) order by seq${bound}`
}

/** By property: texts of templates joined the others last. */
function values(value: unknown): Record<string, string> {
  if (value === null || value === undefined) return {}
  const pairs = Object.entries(JSON.parse(String(value)) as Record<string, string>)
  return Object.fromEntries(pairs.sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** @param links of the sync, for the words of their labels */
export function toPlannedChange(row: Row, links: readonly DiffLink[] = []): PlannedChange {
  const link = toLink(row, links)
  const changed = jsonList(row['changed_properties'])
  // The values of a row that left are what its record would lose, and keeps.
  const isLeft = row['operation'] === 'leave'
  const isHidden = row['audit_new'] === null && changed.length > 0
  return {
    sequence: Number(row['seq']),
    rowId: cellText(row['row_id']),
    recordId: cellText(row['record_id']),
    operation: String(row['operation']) as PlannedChange['operation'],
    old: link === undefined && !isLeft ? values(row['audit_old']) : {},
    new: isLeft ? {} : values(row['audit_new']),
    reason: cellText(row['reason']),
    detail: cellText(row['reason_detail']),
    message: cellText(row['reason_message']),
    dropped: jsonList(row['dropped_properties']),
    ...(isHidden && link === undefined && !isLeft ? { hidden: changed } : {}),
    ...(link === undefined ? {} : { link }),
  }
}

function toLink(row: Row, links: readonly DiffLink[]): PlannedLinkChange | undefined {
  const association = cellText(row['association'])
  if (association === null) return undefined
  const lookup = links.find((one) => one.association === association)?.lookup
  const words = (types: readonly string[]) =>
    types.map((type) => (lookup === undefined ? type : labelOf(lookup, type)))
  const old = cellText(row['audit_old'])
  const oldTypes = old === null ? [] : (JSON.parse(old) as { labels: string[] }).labels
  return {
    association,
    target: cellText(row['target_key']) ?? '',
    targetRecordId: cellText(row['target_record_id']),
    labels: words(jsonList(row['labels'])),
    oldLabels: words(oldTypes),
  }
}

/** The change with what its link says of the other record as `audit.values` allows. */
export function withAuditedTarget(change: PlannedChange, auditValues: AuditValues): PlannedChange {
  const { link } = change
  if (link === undefined || link.target === null) return change
  const target = auditedTarget(link.association, link.target, auditValues)
  return { ...change, link: { ...link, target } }
}
