import type { AuditValues } from '../types.ts'
import type { Dialect, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { type Ledger, linksOf, planOf, sharedTable, stateOf } from './ledger.ts'
import { auditedTarget } from './merge.ts'
import type { SentLink } from './sent-rows.ts'
import { linkAfterDrift, rowAfterDrift } from './transitions.ts'

const table = (dialect: Dialect, ref: TableRef): Sql => raw(tableName(dialect, ref))

/** What is done about drift: sent again by the next run, or taken as it is until the row changes. */
export type Mending = 'fix' | 'accept'

/** A row of the state, or a link of it, as it is to be taken from now on. */
export interface DriftMark {
  readonly rowId: string
  /** Category in the audit, e.g. `ARCHIVED_IN_HUBSPOT`. */
  readonly reason: string | null
  readonly properties: readonly string[]
  /** As `audit.values` allows. */
  readonly old: Readonly<Record<string, string>> | null
  readonly new: Readonly<Record<string, string>> | null
  readonly row?: {
    /** Null: the row has no record any more. */
    readonly recordId: string | null
    readonly recordBefore: string
    readonly sentValues: Readonly<Record<string, string>> | null
    readonly matchValue: string | null
  }
  readonly link?: SentLink & { readonly objectTypeId: string }
}

const markColumns = [
  'run_id',
  'seq',
  'row_id',
  'operation',
  'record_id',
  'match_value',
  'new_values',
  'changed_properties',
  'audit_old',
  'audit_new',
  'reason',
  'association',
  'target_object',
  'target_key',
  'target_record_id',
  'labels',
] as const

const jsonOf = (value: unknown): string | null => (value === null ? null : JSON.stringify(value))

/** Keeps marks in the plan table until all are known. @param firstSeq position of the first one */
export async function storeMarks(
  ledger: Ledger,
  { syncName, runId }: { readonly syncName: string; readonly runId: string },
  mending: Mending,
  firstSeq: number,
  marks: readonly DriftMark[],
): Promise<void> {
  if (marks.length === 0) return
  await ledger.warehouse.upload(
    planOf(ledger, syncName),
    markColumns,
    marks.map((mark, index) => [
      runId,
      firstSeq + index,
      mark.rowId,
      mending,
      mark.row?.recordId ?? mark.link?.recordId ?? null,
      mark.row?.matchValue ?? null,
      jsonOf(mark.row?.sentValues ?? null),
      JSON.stringify(mark.properties),
      jsonOf(mark.old),
      jsonOf(mark.new),
      mark.reason,
      mark.link?.association ?? null,
      mark.link?.objectTypeId ?? null,
      mark.link?.targetKey ?? null,
      mark.row?.recordBefore ?? mark.link?.targetRecordId ?? null,
      mark.link === undefined ? null : JSON.stringify(mark.link.labels),
    ]),
  )
}

export interface DriftTables {
  readonly runId: string
  readonly syncName: string
  readonly plan: TableRef
  readonly state: TableRef
  /** Absent where the sync links nothing. */
  readonly links?: TableRef
  readonly changes: TableRef
  readonly auditValues: AuditValues
  /** Positions, both inclusive. */
  readonly range: { readonly fromSeq: number; readonly toSeq: number }
}

/** Carries marks of a range into audit, state and links, and takes them out of the plan. */
export function mendStatements(dialect: Dialect, spec: DriftTables): readonly Sql[] {
  const { runId, syncName, range, auditValues } = spec
  const plan = table(dialect, spec.plan)
  const state = table(dialect, spec.state)
  const own = sql`run_id = ${runId} and seq between ${range.fromSeq} and ${range.toSeq}`
  const changes = sql`insert into ${table(dialect, spec.changes)} (run_id, sync_name, seq, row_id, record_id, operation, outcome, changed_properties,
  old_values, new_values, error_category, recorded_at, association, target_key, target_record_id, labels)
select o.run_id, ${syncName}, o.seq, o.row_id, case when o.association is null then coalesce(o.record_id, o.target_record_id) else o.record_id end, o.operation, 'succeeded',
  o.changed_properties, o.audit_old, o.audit_new, o.reason, ${dialect.now()}, o.association, ${auditedTarget(dialect, auditValues)},
  case when o.association is not null then o.target_record_id end, o.labels
from ${plan} as o where ${own}`
  const rows = sql`merge into ${state} as t
using (
  select row_id, operation, record_id, match_value, new_values, reason from ${plan} where ${own} and association is null
) as n
on t.row_id = n.row_id
when matched then update set ${join(assigned(rowAfterDrift(dialect, runId)), ',\n  ')}`
  const swept = sql`delete from ${plan} where ${own}`
  if (spec.links === undefined) return [changes, rows, swept]
  const links = table(dialect, spec.links)
  // HubSpot has moved the links of a record with it.
  const moved = sql`merge into ${links} as t
using (
  select row_id, record_id, target_record_id from ${plan} where ${own} and association is null and record_id is not null and record_id <> target_record_id
) as n
on t.row_id = n.row_id and t.record_id = n.target_record_id
when matched then update set record_id = n.record_id`
  // A row that is sent as a new one gets its links with its record.
  const lost = sql`merge into ${links} as t
using (
  select row_id, operation, reason from ${plan} where ${own} and association is null and record_id is null and operation = 'fix'
) as n
on t.row_id = n.row_id and t.status = 'succeeded'
when matched then update set ${join(assigned(linkAfterDrift(dialect, runId)), ',\n  ')}`
  const marked = sql`merge into ${links} as t
using (
  select row_id, operation, association, target_key, reason from ${plan} where ${own} and association is not null
) as n
on t.row_id = n.row_id and t.association = n.association and t.target_key = n.target_key
when matched then update set ${join(assigned(linkAfterDrift(dialect, runId)), ',\n  ')}`
  return [changes, rows, moved, lost, marked, swept]
}

const assigned = (
  columns: readonly { readonly column: string; readonly value: Sql }[],
): readonly Sql[] => columns.map(({ column, value }) => sql`${raw(column)} = ${value}`)

/**
 * Carries all marks into audit and state: in one transaction, or where the engine wants slices, in one per slice, each complete by
 * itself. Called under the lease.
 */
export async function applyMarks(
  ledger: Ledger,
  {
    syncName,
    runId,
    auditValues,
    hasLinks,
  }: {
    readonly syncName: string
    readonly runId: string
    readonly auditValues: AuditValues
    readonly hasLinks: boolean
  },
  marks: number,
): Promise<void> {
  const { warehouse } = ledger
  const step = warehouse.dialect.capabilities.sliceRows ?? Math.max(1, marks)
  for (let fromSeq = 1; fromSeq <= marks; fromSeq += step) {
    await warehouse.transaction(
      mendStatements(warehouse.dialect, {
        runId,
        syncName,
        plan: planOf(ledger, syncName),
        state: stateOf(ledger, syncName),
        ...(hasLinks ? { links: linksOf(ledger, syncName) } : {}),
        changes: sharedTable(ledger, 'changes'),
        auditValues,
        range: { fromSeq, toSeq: Math.min(marks, fromSeq + step - 1) },
      }),
    )
  }
}
