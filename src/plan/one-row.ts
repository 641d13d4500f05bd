import { raw, sql } from '../warehouse/sql.ts'
import { cellText, type Row, type Warehouse } from '../warehouse/warehouse.ts'
import { modelKeys } from './candidates.ts'
import { renderer } from './complete-templates.ts'
import { count, jsonList } from './counts.ts'
import { plannedRows } from './diff.ts'
import type { ModelSpec } from './diff-model.ts'
import { type DiffSpec, unrenderable } from './diff-spec.ts'
import { type PlannedChange, toPlannedChange } from './planned-changes.ts'
import { unsyncedKey } from './template-inputs.ts'

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
  const { dialect } = warehouse
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
  // A first run's audit_new is NULL where values may be shown: new_values says it.
  const shown = raw(spec.auditValues === 'full' ? 'coalesce(audit_new, new_values)' : 'audit_new')
  const rendered = raw(spec.templates === undefined ? '' : ', template_values')
  const read = async (of: DiffSpec): Promise<Row | undefined> => {
    const rows =
      await warehouse.query(sql`select seq, row_id, record_id, operation, audit_old, ${shown} as audit_new, reason, reason_detail, reason_message,
  dropped_properties, new_values, changed_properties${rendered} from ${plannedRows(dialect, of)} where row_id = ${rowId}`)
    return rows[0]
  }
  // A row that nobody has met is sent as a whole: that is what the model says.
  const whole = await read(stateless)
  const next = state === undefined ? whole : await read({ ...stateless, state })
  const texts = whole === undefined ? {} : withoutFailures(textsOf(whole, spec))
  return {
    copies,
    isLeftOut: false,
    values:
      spec.auditValues === 'none' || whole === undefined
        ? null
        : { ...toPlannedChange(whole).new, ...(spec.auditValues === 'full' ? texts : {}) },
    properties: [...Object.keys(jsonObject(whole?.['new_values'])), ...Object.keys(texts)],
    message: whole === undefined ? null : toPlannedChange(whole).message,
    planned: next === undefined ? null : plannedOf(next, spec),
  }
}

/** Texts of the row's templates by property, before they are checked; none of a row that is rejected anyway. */
function textsOf(
  row: Row,
  { templates = [] }: Pick<DiffSpec, 'templates'>,
): Readonly<Record<string, string>> {
  if (templates.length === 0 || cellText(row['template_values']) === null) return {}
  const texts = Object.entries(renderer(templates)(row))
  return Object.fromEntries(texts.flatMap(([name, text]) => (text === null ? [] : [[name, text]])))
}

const isFailure = (text: string | undefined): boolean => text?.startsWith(unrenderable) === true

const withoutFailures = (texts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(texts).filter(([, text]) => !isFailure(text)))

/** A statement that renders no templates takes each of their texts for a change: here it is seen whether they are. */
function plannedOf(
  row: Row,
  spec: Pick<DiffSpec, 'templates' | 'auditValues' | 'mode'>,
): PlannedChange {
  const change = toPlannedChange(row)
  const before = cellText(row['template_values'])
  if (spec.templates === undefined || before === null) return change
  const texts = textsOf(row, spec)
  const properties = spec.templates.map(({ property }) => property)
  const failed = properties.filter(({ name }) => isFailure(texts[name]))
  const rejecting = failed.filter(({ onInvalid }) => onInvalid === 'reject_row')
  if (rejecting.length > 0) {
    const names = rejecting.map(({ name }) => name)
    const words = names.map((name) => `${name}: the template failed: ${texts[name]?.slice(1)}`)
    const detail = JSON.stringify(names)
    return {
      ...change,
      operation: 'reject',
      reason: 'invalid_value',
      detail,
      message: words.join('; '),
    }
  }
  const sent = jsonObject(before)
  const differing = properties.filter(({ name, nulls, write }) => {
    if (failed.some((one) => one.name === name)) return false
    if (change.recordId !== null && write === 'create_only') return false
    if (texts[name] === undefined && (nulls === 'keep' || sent[unsyncedKey] === 'true'))
      return false
    return (texts[name] ?? '') !== (sent[name] ?? '')
  })
  const isSame = differing.length === 0 && jsonList(row['changed_properties']).length === 0
  const shown = spec.auditValues === 'full' ? differing : []
  return {
    ...change,
    operation: change.operation === 'update' && isSame ? 'refresh' : change.operation,
    new: {
      ...change.new,
      ...Object.fromEntries(shown.map(({ name }) => [name, texts[name] ?? ''])),
    },
    dropped: [...change.dropped, ...failed.map(({ name }) => name)],
  }
}

async function countKeys(warehouse: Warehouse, spec: DiffSpec, rowId: string): Promise<number> {
  const [row] = await warehouse.query(
    sql`select count(*) as total from (${modelKeys(warehouse.dialect, spec)}) as k where row_id = ${rowId}`,
  )
  return count(row, 'total')
}

const jsonObject = (value: Row[string] | undefined): Readonly<Record<string, unknown>> =>
  value === null || value === undefined ? {} : JSON.parse(String(value))
