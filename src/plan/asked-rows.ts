import type { RowStatus } from '../types.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText, type Row, type Warehouse } from '../warehouse/warehouse.ts'
import { plannedRows } from './diff/diff.ts'
import { modelKeys } from './diff/model-keys.ts'
import type { DiffSpec } from './diff-spec.ts'

/** What is known of a row that `--row` asked for. */
export interface AskedRow {
  readonly row: string
  readonly isInModel: boolean
  /** What the plan does about it; null when it does nothing. */
  readonly operation: string | null
  /** Why it is rejected. */
  readonly reason: string | null
  /** Its status in the state; null when the sync has not met it. */
  readonly status: RowStatus | null
  readonly errorCategory: string | null
  readonly lastSyncedAt: string | null
}

/**
 * The key in the form that the state has it: a key of several columns is a JSON list of texts, whatever the spaces and
 * quotes it was written with.
 */
export function asRowId(asked: string, keyColumns: number): string {
  if (keyColumns < 2) return asked
  const parts = partsOf(asked)
  return parts === undefined ? asked : JSON.stringify(parts.map(String))
}

/** Whether a key that was asked for has a part for each column: one that has not is no row's. */
export const hasKeyForm = (asked: string, keyColumns: number): boolean =>
  keyColumns < 2 || partsOf(asked)?.length === keyColumns

function partsOf(asked: string): readonly unknown[] | undefined {
  try {
    const parts: unknown = JSON.parse(asked)
    return Array.isArray(parts) && parts.every(isExact) ? parts : undefined
  } catch {
    return undefined
  }
}

/** Numbers that JSON cannot hold have to be written as texts. */
const isExact = (part: unknown): boolean =>
  typeof part === 'string' || typeof part === 'boolean' || Number.isSafeInteger(part)

/** Looks the asked rows up in model, plan and state. Call inside a snapshot. */
export async function readAskedRows(
  warehouse: Warehouse,
  spec: DiffSpec,
): Promise<readonly AskedRow[]> {
  const { onlyRows: asked = [], state } = spec
  const isAsked = sql`row_id in (${join(asked.map((row) => sql`${row}`))})`
  const byRow = async (statement: Sql): Promise<ReadonlyMap<string, Row>> =>
    new Map((await warehouse.query(statement)).map((row) => [String(row['row_id']), row]))
  const inModel = await byRow(
    sql`select distinct row_id from (${modelKeys(warehouse.dialect, spec)}) as k where ${isAsked}`,
  )
  const planned = await byRow(
    sql`select row_id, operation, reason from ${plannedRows(warehouse.dialect, spec)} where ${isAsked}`,
  )
  const known =
    state === undefined
      ? new Map<string, Row>()
      : await byRow(
          sql`select row_id, status, error_category, last_synced_at from ${raw(tableName(warehouse.dialect, state))} where ${isAsked}`,
        )
  return asked.map((row) => ({
    row,
    isInModel: inModel.has(row),
    operation: cellText(planned.get(row)?.['operation']),
    reason: cellText(planned.get(row)?.['reason']),
    status: cellText(known.get(row)?.['status']) as RowStatus | null,
    errorCategory: cellText(known.get(row)?.['error_category']),
    lastSyncedAt: moment(known.get(row)?.['last_synced_at']),
  }))
}

function moment(value: Row[string] | undefined): string | null {
  const ms = Date.parse(cellText(value) ?? '')
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}
