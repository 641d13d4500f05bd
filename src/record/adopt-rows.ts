import type { Dialect, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'
import { type Ledger, named, planOf, resolutionsOf, stateOf } from './ledger.ts'

/** A row of a plan, and what its record holds. */
export interface AdoptedRow {
  readonly sequence: number
  readonly recordId: string
  readonly values: Readonly<Record<string, string>>
  readonly differing: readonly string[]
}

interface AdoptSpec {
  readonly runId: string
  readonly plan: TableRef
  readonly state: TableRef
  readonly resolutions: TableRef
}

const name = (dialect: Dialect, table: TableRef) => raw(tableName(dialect, table))

/**
 * Makes rows that have found their record adopted ones. Without a fingerprint, so that the next run compares them by their values.
 */
export function adoptStatement(
  dialect: Dialect,
  { runId, plan, resolutions }: Omit<AdoptSpec, 'state'>,
): Sql {
  const nothing = (kind: 'text' | 'fingerprint') => sql`cast(null as ${raw(dialect.type(kind))})`
  return sql`merge into ${name(dialect, plan)} as p
using (
  select seq, record_id, new_values, changed_properties from ${name(dialect, resolutions)} where run_id = ${runId} and new_values is not null
) as r
on p.run_id = ${runId} and p.seq = r.seq and p.operation = 'update' and p.record_id = r.record_id
when matched then update set operation = 'adopt', new_values = r.new_values, changed_properties = r.changed_properties,
  fingerprint = ${nothing('fingerprint')}, audit_old = ${nothing('text')}, audit_new = ${nothing('text')}`
}

/**
 * Takes out of a plan what an adoption leaves to the next run: rows that found no record, and those whose record, or match value, a row
 * that is known already has.
 */
export function leaveOthersStatement(
  dialect: Dialect,
  { runId, plan, state }: Omit<AdoptSpec, 'resolutions'>,
): Sql {
  const known = (column: string) =>
    sql`select ${raw(column)} from ${name(dialect, state)} where record_id is not null`
  return sql`delete from ${name(dialect, plan)} where run_id = ${runId} and not (
  (operation = 'adopt' and record_id not in (${known('record_id')}))
  or (operation = 'reject' and coalesce(reason, '') <> 'match_value_held'
    and not (coalesce(reason, '') = 'record_taken' and coalesce(reason_detail, '') in (${known('row_id')}))))`
}

const tablesOf = (ledger: Ledger, syncName: string) => ({
  plan: planOf(ledger, syncName),
  state: stateOf(ledger, syncName),
  resolutions: resolutionsOf(ledger, syncName),
})

/** Binds rows of a plan to the records that they found. */
export async function adoptRows(
  ledger: Ledger,
  syncName: string,
  runId: string,
  rows: readonly AdoptedRow[],
): Promise<void> {
  if (rows.length === 0) return
  const tables = tablesOf(ledger, syncName)
  await ledger.warehouse.upload(
    tables.resolutions,
    ['run_id', 'seq', 'record_id', 'new_values', 'changed_properties'],
    rows.map(({ sequence, recordId, values, differing }) => [
      runId,
      sequence,
      recordId,
      JSON.stringify(values),
      JSON.stringify(differing),
    ]),
  )
  await ledger.warehouse.transaction([
    adoptStatement(ledger.warehouse.dialect, { runId, ...tables }),
    sql`delete from ${named(ledger, tables.resolutions)} where run_id = ${runId}`,
  ])
}

/** What a plan holds once every row that may be adopted is. */
export interface Adopted {
  readonly adopted: number
  /** Those of them that differ from their record. */
  readonly differing: number
}

/** Leaves only adopted and rejected rows in a plan. */
export async function keepAdopted(
  ledger: Ledger,
  syncName: string,
  runId: string,
): Promise<Adopted> {
  const { warehouse } = ledger
  const tables = tablesOf(ledger, syncName)
  await warehouse.execute(leaveOthersStatement(warehouse.dialect, { runId, ...tables }))
  const [row] = await warehouse.query(sql`select count(*) as total,
  sum(case when changed_properties <> '[]' then 1 else 0 end) as differing
from ${named(ledger, tables.plan)} where run_id = ${runId} and operation = 'adopt'`)
  return { adopted: Number(row?.['total'] ?? 0), differing: Number(row?.['differing'] ?? 0) }
}
