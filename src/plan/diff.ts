import type { OnInvalid } from '../types.ts'
import { type Column, type Dialect, tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { joinedTexts, noOptionText, unreadableText } from './bad-value.ts'
import { isCandidate, mappedColumns, modelSelect, repeatedRows, stateRows } from './candidates.ts'
import { type DiffProperty, type DiffSpec, doubt, type StoredDiffSpec } from './diff-spec.ts'
import { afterValue, heldValue, isNoOption, renderedProperty } from './property-values.ts'
import { names } from './step-columns.ts'
import { templateInputs } from './template-inputs.ts'

/** What the steps of a diff share. */
interface Context {
  readonly dialect: Dialect
  readonly spec: DiffSpec
  readonly columns: readonly Column[]
  /** One per property. */
  readonly checks: readonly Check[]
}

interface Check {
  readonly value: Sql
  /** The column's value has no wire form; absent where it always has one. */
  readonly unreadable: Sql | undefined
  /** The value is none of the property's options; absent where any is. */
  readonly noOption: Sql | undefined
}

const columnIndex =
  ({ columns }: Pick<Context, 'columns'>) =>
  (name: string): number =>
    columns.findIndex((column) => column.name === name)

const hasTemplates = (spec: DiffSpec): boolean => (spec.templates ?? []).length > 0

const templatesOf = ({ templates = [] }: DiffSpec): readonly DiffProperty[] =>
  templates.map(({ property }) => property)

/** What templates need travels with the row. */
const carried = (spec: DiffSpec): Sql => raw(hasTemplates(spec) ? ', template_values' : '')

const isChecked = (check: Check | undefined): boolean =>
  check?.unreadable !== undefined || check?.noOption !== undefined

function checkOf(
  dialect: Dialect,
  columns: readonly Column[],
  property: DiffProperty,
  index: number,
): Check {
  const rendered = renderedProperty(dialect, property, columnIndex({ columns }))
  return {
    value: rendered.value,
    unreadable: rendered.isInvalid,
    noOption: isNoOption(dialect, property, names.value(index)),
  }
}

/** Later steps read each value several times: without this some engines would render it as often. */
const once = ({ dialect }: Context): Sql =>
  raw(dialect.capabilities.materializes ? 'materialized' : '')

/** Rows that have to be looked at, with what the state knows of them. */
function candidatesStep(dialect: Dialect, spec: DiffSpec): Sql {
  const onlyRows =
    spec.onlyRows === undefined
      ? raw('')
      : sql`\n    and m.row_id in (${join(spec.onlyRows.map((row) => sql`${row}`))})`
  return sql`candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    ${dialect.openJson(
      sql`case when s.record_id is null then null else s.sent_values end`,
      [...spec.properties, ...templatesOf(spec)].map((p) => p.name),
    )} as sent
  from model_rows as m
  full join ${stateRows(dialect, spec)} as s on s.row_id = m.row_id
  where (${isCandidate(dialect, spec)})${onlyRows}
)`
}

/** Wire values of the model, and what was sent before. */
function renderedStep(context: Context): Sql {
  const { dialect, spec, checks } = context
  const values = spec.properties.map((property, index) => {
    const unreadable = checks[index]?.unreadable
    const held =
      unreadable === undefined
        ? raw('')
        : sql`,\n    case when ${unreadable} then ${heldValue(dialect, spec, property, columnIndex(context))} end as ${names.unreadable(index)}`
    return sql`${checks[index]?.value ?? raw('null')} as ${names.value(index)},
    ${dialect.jsonField(raw('sent'), property.name)} as ${names.old(index)}${held}`
  })
  const inputs = hasTemplates(spec)
    ? sql`,\n    ${templateInputs(dialect, spec, columnIndex(context))} as template_values`
    : raw('')
  return sql`rendered as ${once(context)} (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status,
    ${join(values, ',\n    ')}${inputs}
  from candidates
)`
}

/** What is wrong with each value, in words. */
function checkedStep({ spec, checks }: Context): Sql {
  const values = spec.properties.map((property, index) => {
    const check = checks[index]
    const cases = [
      check?.unreadable === undefined
        ? raw('')
        : sql` when ${names.unreadable(index)} is not null then ${unreadableText(property, names.unreadable(index), spec.auditValues)}`,
      check?.noOption === undefined
        ? raw('')
        : sql` when ${check.noOption} then ${noOptionText(property, names.value(index), spec.auditValues)}`,
    ]
    const bad = isChecked(check)
      ? sql`,\n    case${join(cases, '')} end as ${names.bad(index)}`
      : raw('')
    return sql`,\n    ${names.value(index)}, ${names.old(index)}${bad}`
  })
  return sql`checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status${carried(spec)}${join(values, '')}
  from rendered
)`
}

/** What HubSpot holds afterwards, by the policies for NULLs and bad values. */
function decidedStep(context: Context): Sql {
  const { dialect, spec, checks } = context
  const checkedBy = (policy: OnInvalid) =>
    spec.properties.flatMap(({ name, onInvalid }, index) =>
      isChecked(checks[index]) && onInvalid === policy ? [{ name, index }] : [],
    )
  const badNames = (policy: OnInvalid): Sql => {
    const entries = checkedBy(policy).map(({ name, index }) => ({
      name,
      when: names.isBad(index),
    }))
    return entries.length === 0 ? raw("'[]'") : dialect.nameList(entries)
  }
  const rejecting = checkedBy('reject_row').map(({ index }) => names.bad(index))
  const reasonMessage =
    rejecting.length === 0
      ? sql`cast(null as ${raw(dialect.type('text'))})`
      : joinedTexts(rejecting)
  const values = spec.properties.map(
    (property, index) =>
      sql`${afterValue(property, index, isChecked(checks[index]), spec.isFullRefresh)} as ${names.value(index)}, ${names.old(index)}`,
  )
  return sql`decided as ${once(context)} (
  select is_present, row_id, match_value, fingerprint, record_id, known_status${carried(spec)},
    ${badNames('reject_row')} as invalid_properties, ${reasonMessage} as reason_message,
    ${badNames('drop_property')} as dropped_properties,
    ${join(values, ',\n    ')}
  from checked
)`
}

/** The properties as JSON: all values, the changed names, and what the audit may show of old and new. */
function listedStep({ dialect, spec }: Context): Sql {
  const isChanged = (index: number) =>
    spec.isFullRefresh
      ? sql`${names.value(index)} is not null`
      : sql`${names.value(index)} is distinct from ${names.old(index)}`
  const objectOf = (value: (index: number) => Sql) =>
    dialect.jsonObject(
      spec.properties.map((property, index) => ({ name: property.name, value: value(index) })),
    )
  const shown = (value: Sql) => (spec.auditValues === 'hashed' ? dialect.digest(value) : value)
  const auditObject = (pick: (index: number) => Sql) =>
    spec.auditValues === 'none'
      ? sql`cast(null as ${raw(dialect.type('text'))})`
      : objectOf((index) => sql`case when ${isChanged(index)} then ${shown(pick(index))} end`)
  // The first run's new_values say it all: a second copy would double the plan.
  const auditNew =
    spec.auditValues === 'full'
      ? sql`case when record_id is not null then ${auditObject(names.value)} end`
      : auditObject(names.value)
  const doubtful = (index: number) =>
    sql`case when ${isChanged(index)} then ${doubt} else ${names.old(index)} end`
  const knownOld = (index: number) => sql`nullif(${names.old(index)}, ${doubt})`
  const changed = spec.properties.map((property, index) => ({
    name: property.name,
    when: isChanged(index),
  }))
  return sql`listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status${carried(spec)}, invalid_properties, reason_message, dropped_properties,
    ${objectOf(names.value)} as new_values,
    ${dialect.nameList(changed)} as changed_properties,
    ${objectOf(doubtful)} as doubtful_values,
    ${auditObject(knownOld)} as audit_old,
    ${auditNew} as audit_new
  from decided
)`
}

/** From rows of `candidates` (mapped columns, and what was sent) to what is sent of them, as `listed`. */
export function valueSteps(
  dialect: Dialect,
  spec: DiffSpec,
  columns: readonly Column[],
): readonly Sql[] {
  const checks = spec.properties.map((property, index) =>
    checkOf(dialect, columns, property, index),
  )
  const context = { dialect, spec, columns, checks }
  return [renderedStep(context), checkedStep(context), decidedStep(context), listedStep(context)]
}

/**
 * The change set of one sync, in the columns of a plan table: only rows that changed, left, returned, are to be
 * retried, or must be rejected. Raw fingerprints pick the candidates; wire values decide.
 */
export function changeSet(dialect: Dialect, spec: DiffSpec): Sql {
  const columns = mappedColumns(spec)
  const reasons = reasonOf(spec)
  const steps = [
    ...repeatedRows(dialect, spec),
    sql`model_rows as (
  ${modelSelect(dialect, spec, columns)}
)`,
    candidatesStep(dialect, spec),
    ...valueSteps(dialect, spec, columns),
    sql`judged as (
  select listed.*, ${reasons.reason} as reason, ${reasons.detail} as reason_detail
  from listed${reasons.join}
)`,
    sql`chosen as (
  select judged.*, ${operationOf(spec)} as operation
  from judged
)`,
  ]
  return sql`with ${join(steps, ',\n')}
select ${spec.runId} as run_id, ${raw(String(spec.slice?.seqOffset ?? 0))} + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end as reason_message${toRender(spec)}
from ${spec.limit === undefined ? raw('chosen') : firstToSend(spec.limit)}`
}

/** Writes the change set of one sync into its plan table. */
export const diffStatement = (dialect: Dialect, spec: StoredDiffSpec): Sql =>
  sql`insert into ${raw(tableName(dialect, spec.plan))} (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message${carried(spec)})
${changeSet(dialect, spec)}`

/** The rows of the change set, to select from: as they were written, or where they could not be, computed. */
export const plannedRows = (dialect: Dialect, spec: DiffSpec): Sql =>
  spec.plan === undefined
    ? sql`(${changeSet(dialect, spec)}) as planned`
    : sql`(select * from ${raw(tableName(dialect, spec.plan))} where run_id = ${spec.runId}) as planned`

/** Rows that may be sent are rendered. */
const toRender = (spec: DiffSpec): Sql =>
  raw(
    hasTemplates(spec)
      ? `,\n  case when operation in ('create', 'update', 'upsert', 'refresh') then template_values end as template_values`
      : '',
  )

/** `--limit` counts rows that can be sent: rejected ones do not use it up. */
const firstToSend = (limit: number): Sql =>
  raw(`(select * from chosen order by case when operation in ('create', 'update', 'upsert') then 0 else 1 end, row_id
limit ${limit}) as limited`)

/** Why a candidate is refused before anything is sent, in order of precedence. */
function reasonOf(spec: DiffSpec): { reason: Sql; detail: Sql; join: Sql } {
  const reasons: { when: Sql; reason: string; detail?: Sql }[] = [
    { when: sql`listed.row_id is null`, reason: 'missing_key' },
  ]
  let joined = raw('')
  if (spec.hasRepeatedKeys) {
    joined = sql`\n  left join repeated_keys on repeated_keys.row_id = listed.row_id`
    reasons.push({ when: sql`repeated_keys.row_id is not null`, reason: 'duplicate_key' })
  }
  if (spec.match !== undefined) {
    reasons.push({ when: sql`match_value is null`, reason: 'missing_match_value' })
  }
  if (spec.hasRepeatedMatches) {
    joined = sql`${joined}\n  left join repeated_matches on repeated_matches.match_fold = match_value`
    reasons.push({
      when: sql`repeated_matches.match_fold is not null`,
      reason: 'duplicate_match_value',
      detail: sql`case when first_row_id = listed.row_id then last_row_id else first_row_id end`,
    })
  }
  reasons.push({
    when: sql`invalid_properties <> '[]'`,
    reason: 'invalid_value',
    detail: raw('invalid_properties'),
  })
  const cases = (pick: (entry: (typeof reasons)[number]) => Sql) =>
    sql`case when is_present is null then null ${join(
      reasons.map((entry) => sql`when ${entry.when} then ${pick(entry)}`),
      ' ',
    )} end`
  return {
    reason: cases((entry) => raw(`'${entry.reason}'`)),
    detail: cases((entry) => entry.detail ?? raw('null')),
    join: joined,
  }
}

/** Insert mode sends a row once: one that has its record has nothing to send any more. */
function operationOf(spec: DiffSpec): Sql {
  const departed = { nothing: 'leave', clear: 'clear', delete: 'archive' }[spec.onDelete]
  const unbound = { upsert: 'upsert', insert: 'create', update: 'update' }[spec.mode]
  // Where nothing can be rendered, whatever a template gives may be another value.
  const mayDiffer = hasTemplates(spec) && spec.plan === undefined
  const isSame =
    spec.mode === 'insert' ? '1 = 1' : mayDiffer ? '1 = 0' : "changed_properties = '[]'"
  return raw(`case
    when is_present is null then ${departed === 'leave' ? `'leave'` : `case when record_id is null then 'leave' else '${departed}' end`}
    when reason is not null then 'reject'
    when record_id is null then '${unbound}'
    when ${isSame} then 'refresh'
    else 'update' end`)
}
