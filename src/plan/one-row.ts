import { raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText, type Row, type Warehouse } from '../warehouse/warehouse.ts'
import { count } from './counts.ts'
import { plannedRows } from './diff/diff.ts'
import { modelKeys } from './diff/model-keys.ts'
import type { ModelSpec } from './diff-model.ts'
import type { DiffSpec } from './diff-spec.ts'
import { type PlannedChange, toPlannedChange } from './planned-changes.ts'
import { renderer } from './templates/complete-templates.ts'
import { completedRow } from './templates/template-completion.ts'

/** What the model holds of one row, and what a run would do about it. */
export interface OneRow {
  /** Rows of the model with this key: one, unless it is gone or the key repeats. */
  readonly copies: number
  /** The relation holds the row, and `where` (or the snapshot's history) leaves it out. */
  readonly isLeftOut: boolean
  /** Wire values by property, as `audit.values` allows; null where it allows none, or there is no row. */
  readonly values: Readonly<Record<string, string>> | null
  /** Properties that have a value. */
  readonly properties: readonly string[]
  /** What is wrong with its values, in words. */
  readonly message: string | null
  /** Null: a run has nothing to do about it. */
  readonly planned: PlannedChange | null
}

/** Renders and diffs one row by the statements of a run. Writes nothing. Call inside `withSnapshot`. */
export async function readOneRow(
  warehouse: Warehouse,
  spec: ModelSpec,
  rowId: string,
): Promise<OneRow> {
  const { state, ...rest } = spec
  const stateless: DiffSpec = {
    ...rest,
    onlyRows: [rowId],
    hasRepeatedKeys: true,
    hasRepeatedMatches: spec.match !== undefined,
  }
  const copies = await countKeys(warehouse, stateless, rowId)
  if (copies === 0) {
    const isLeftOut =
      spec.filters.length > 0 &&
      (await countKeys(warehouse, { ...stateless, filters: [] }, rowId)) > 0
    return { copies, isLeftOut, values: null, properties: [], message: null, planned: null }
  }
  // A row that nobody has met is sent as a whole: that is what the model says.
  const whole = await readPlanned(warehouse, stateless, rowId)
  const next =
    state === undefined ? whole : await readPlanned(warehouse, { ...stateless, state }, rowId)
  const said = whole === undefined ? undefined : toPlannedChange(whole)
  return {
    copies,
    isLeftOut: false,
    values: spec.auditValues === 'none' || said === undefined ? null : said.new,
    properties: Object.keys(jsonObject(whole?.['new_values'])),
    message: said?.message ?? null,
    planned: next === undefined ? null : toPlannedChange(next),
  }
}

/** The row of the change set, with the texts of its templates. */
async function readPlanned(
  warehouse: Warehouse,
  spec: DiffSpec,
  rowId: string,
): Promise<Row | undefined> {
  const { dialect } = warehouse
  // A first run's audit_new is NULL where values may be shown: new_values says it.
  const shown = raw(spec.auditValues === 'full' ? 'coalesce(audit_new, new_values)' : 'audit_new')
  const { templates = [] } = spec
  const select = (from: Sql, more = '') =>
    sql`select seq, row_id, record_id, operation, audit_old, ${shown} as audit_new, reason, reason_detail, reason_message,
  dropped_properties, new_values${raw(more)} from ${from} where row_id = ${rowId}`
  const more = templates.length === 0 ? '' : ', template_values'
  const [row] = await warehouse.query(select(plannedRows(dialect, spec), more))
  if (row === undefined || cellText(row['template_values'] ?? null) === null) return row
  const texts = JSON.stringify(renderer(templates)(row))
  const whole = sql`select * from ${plannedRows(dialect, spec)} where row_id = ${rowId}`
  const [completed] = await warehouse.query(
    select(sql`(${completedRow(dialect, spec, whole, texts)}) as completed`),
  )
  return completed
}

async function countKeys(warehouse: Warehouse, spec: DiffSpec, rowId: string): Promise<number> {
  const [row] = await warehouse.query(
    sql`select count(*) as total from (${modelKeys(warehouse.dialect, spec)}) as k where row_id = ${rowId}`,
  )
  return count(row, 'total')
}

const jsonObject = (value: Row[string] | undefined): Readonly<Record<string, unknown>> =>
  value === null || value === undefined ? {} : JSON.parse(String(value))
