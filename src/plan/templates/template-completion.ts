import type { Column, Dialect, TableRef } from '../../warehouse/dialect.ts'
import { tableName } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { asksWhetherSynced } from '../diff/departed.ts'
import { mayLack } from '../diff/required-groups.ts'
import { hasStages } from '../diff/stages.ts'
import { names } from '../diff/step-columns.ts'
import type { DiffProperty, DiffSpec, StoredDiffSpec } from '../diff-spec.ts'
import { valueSteps } from '../values/value-steps.ts'
import { unsyncedKey } from './template-inputs.ts'

/** JSON objects, or lists, of two parts of a row as one: their texts are put together. */
function together(one: Sql, other: Sql, empty: '{}' | '[]'): Sql {
  const nothing = raw(`'${empty}'`)
  return sql`case when ${one} = ${nothing} then ${other} when ${other} = ${nothing} then ${one}
      else substr(${one}, 1, length(${one}) - 1) || ',' || substr(${other}, 2) end`
}

/**
 * The diff of the templates alone, of rows that are in the model: whether a record would lack something is known now, where a
 * template could have given it.
 */
function partOf(spec: DiffSpec, properties: readonly DiffProperty[]): DiffSpec {
  const { templates: _t, start: _s, others: _o, repeatedValues: _r, event: _e, ...known } = spec
  const { contactRows: _c, asksForContacts: _a, ...rest } = known
  const isRendered = (name: string) => properties.some((property) => property.name === name)
  const requiredGroups = (spec.requiredGroups ?? []).filter((group) => group.some(isRendered))
  const planned = spec.properties
    .map(({ name }) => name)
    .filter((name) => requiredGroups.some((group) => group.includes(name)))
  return { ...rest, properties, onDelete: 'nothing', requiredGroups, planned }
}

/** What a completion knows of its templates. */
interface Part {
  readonly spec: DiffSpec
  readonly columns: readonly Column[]
}

function partWith(spec: DiffSpec): Part {
  const properties = (spec.templates ?? []).map(({ property }) => property)
  const columns = properties.map(
    ({ source, name }): Column =>
      source.kind === 'column' ? source.column : { name, type: 'text', family: 'text' },
  )
  return { spec: partOf(spec, properties), columns }
}

/**
 * From rows of a change set to the part of them that their templates make, as `listed`.
 *
 * @param rows what to read, and from where: `q` has rows of a change set, `r` the texts as JSON
 */
function textSteps(dialect: Dialect, { spec, columns }: Part, rows: Sql): readonly Sql[] {
  const { properties, planned = [] } = spec
  const opened = (text: Sql) =>
    dialect.openJson(text, [
      ...properties.map(({ name }) => name),
      ...(asksWhetherSynced(spec) ? [unsyncedKey] : []),
    ])
  const openedPlan =
    planned.length === 0
      ? raw('')
      : sql`, ${dialect.openJson(raw('q.new_values'), planned)} as planned`
  const unsynced = asksWhetherSynced(spec)
    ? sql` case when ${dialect.jsonField(raw('sent'), unsyncedKey)} = 'true' then 1 else 0 end as is_unsynced,`
    : raw('')
  return [
    sql`texts as (
  select q.row_id, q.match_value, q.fingerprint, q.record_id, q.known_status,
    ${opened(raw('q.template_values'))} as sent, ${opened(raw('r.new_values'))} as rendered${openedPlan}
  ${rows}
)`,
    sql`candidates as (
  select 1 as is_present, row_id, row_id as known_row_id, match_value, fingerprint, record_id, known_status, sent,${unsynced}
    ${join(
      [
        ...properties.map(
          ({ name }, index) =>
            sql`${dialect.jsonField(raw('rendered'), name)} as ${names.column(index)}`,
        ),
        ...planned.map(
          (name, index) =>
            sql`${dialect.jsonField(raw('planned'), name)} as ${names.planned(index)}`,
        ),
      ],
      ',\n    ',
    )}
  from texts
)`,
    ...valueSteps(dialect, spec, columns),
  ]
}

/** What becomes of columns of `p`, a row of a change set, by `n`, the part that its templates make. */
function completed({ spec }: Part): readonly { readonly column: string; readonly value: Sql }[] {
  const isLacking = mayLack(spec)
  const isInvalid = sql`n.invalid_properties <> '[]'`
  const lacks = sql`n.lacking_properties <> '[]'`
  const isBad = isLacking ? sql`(${isInvalid} or ${lacks})` : isInvalid
  const orLacking = (value: Sql) => (isLacking ? sql` when ${lacks} then ${value}` : raw(''))
  const changed = together(raw('p.changed_properties'), raw('n.changed_properties'), '[]')
  const dropped = together(
    raw("coalesce(p.dropped_properties, '[]')"),
    raw('n.dropped_properties'),
    '[]',
  )
  const values = (column: string) => ({
    column,
    value: together(raw(`p.${column}`), raw(`n.${column}`), '{}'),
  })
  return [
    values('new_values'),
    { column: 'changed_properties', value: changed },
    values('doubtful_values'),
    values('audit_old'),
    values('audit_new'),
    {
      column: 'dropped_properties',
      value: sql`case when ${isBad} then null else nullif(${dropped}, '[]') end`,
    },
    {
      column: 'reason',
      value: sql`case when ${isInvalid} then 'invalid_value'${orLacking(raw("'missing_required'"))} else p.reason end`,
    },
    {
      column: 'reason_detail',
      value: sql`case when ${isInvalid} then n.invalid_properties${orLacking(raw('n.lacking_properties'))} else p.reason_detail end`,
    },
    {
      column: 'reason_message',
      value: sql`case when ${isInvalid} then n.reason_message end`,
    },
    {
      column: 'operation',
      value: sql`case when ${isBad} then 'reject'
    when p.record_id is null then p.operation
    when ${raw(spec.mode === 'insert' ? '1 = 1' : "p.changed_properties = '[]' and n.changed_properties = '[]'")} then 'refresh'
    else 'update' end`,
    },
  ]
}

/**
 * Completes the rows of a plan with the texts of their templates: the texts go through the same steps as columns of text do (form,
 * options, NULLs, what a bad value costs), and their part joins what the diff wrote.
 *
 * @param from first position, and `upTo` the last one
 * @returns the statement that does, and the one that empties the table of texts
 */
export function completion(
  dialect: Dialect,
  spec: StoredDiffSpec & { readonly rendered: TableRef },
  from: number,
  upTo: number,
): readonly Sql[] {
  const { runId } = spec
  const part = partWith(spec)
  const plan = raw(tableName(dialect, spec.plan))
  const within = (alias: string) =>
    sql`${raw(alias)}.run_id = ${runId} and ${raw(alias)}.template_values is not null and ${raw(alias)}.seq between ${from} and ${upTo}`
  const rows = sql`from ${plan} as q
  join ${raw(tableName(dialect, spec.rendered))} as r on r.run_id = q.run_id and r.seq = q.seq
  where ${within('q')}`
  const columns = completed(part).map(({ column, value }) => sql`${raw(column)} = ${value}`)
  const stepsBack = hasStages(part.spec.properties)
    ? raw('\n  steps_back = n.steps_back,')
    : raw('')
  const merge = sql`merge into ${plan} as p
using (
with ${join(textSteps(dialect, part, rows), ',\n')}
select * from listed
) as n
on ${within('p')} and p.row_id = n.row_id
when matched then update set
  ${join(columns, ',\n  ')},${stepsBack}
  template_values = null`
  return [merge, sql`delete from ${raw(tableName(dialect, spec.rendered))} where run_id = ${runId}`]
}

/**
 * The same for the only row of a change set, where nothing is written.
 *
 * @param row selects it, with the columns of a plan
 * @param texts of its templates by property, as JSON
 */
export function completedRow(dialect: Dialect, spec: DiffSpec, row: Sql, texts: string): Sql {
  const part = partWith(spec)
  const text = raw(dialect.type('text'))
  const rows = sql`from planned_row as q cross join (select cast(${texts} as ${text}) as new_values) as r`
  const columns = completed(part).map(({ column, value }) => sql`${value} as ${raw(column)}`)
  return sql`with planned_row as (
  ${row}
),
${join(textSteps(dialect, part, rows), ',\n')}
select p.seq, p.row_id, p.record_id, ${join(columns, ',\n  ')}
from planned_row as p join listed as n on n.row_id = p.row_id`
}
