import type { Column, Dialect, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { asksWhetherSynced } from './departed.ts'
import { hasStages, valueSteps } from './diff.ts'
import type { DiffProperty, DiffSpec, StoredDiffSpec } from './diff-spec.ts'
import { names } from './step-columns.ts'
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
function partOf(spec: StoredDiffSpec, properties: readonly DiffProperty[]): DiffSpec {
  const { templates: _t, start: _s, others: _o, repeatedValues: _r, ...rest } = spec
  const isRendered = (name: string) => properties.some((property) => property.name === name)
  const requiredGroups = (spec.requiredGroups ?? []).filter((group) => group.some(isRendered))
  const planned = spec.properties
    .map(({ name }) => name)
    .filter((name) => requiredGroups.some((group) => group.includes(name)))
  return { ...rest, properties, onDelete: 'nothing', requiredGroups, planned }
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
  const { templates: all = [], runId } = spec
  const properties = all.map(({ property }) => property)
  const columns: readonly Column[] = properties.map(({ source, name }) =>
    source.kind === 'column' ? source.column : { name, type: 'text', family: 'text' },
  )
  const part = partOf(spec, properties)
  const { planned = [] } = part
  const isLacking = part.mode !== 'update' && (part.requiredGroups ?? []).length > 0
  const plan = raw(tableName(dialect, spec.plan))
  const opened = (text: Sql) =>
    dialect.openJson(text, [
      ...properties.map(({ name }) => name),
      ...(asksWhetherSynced(spec) ? [unsyncedKey] : []),
    ])
  const openedPlan =
    planned.length === 0
      ? raw('')
      : sql`, ${dialect.openJson(raw('q.new_values'), planned)} as planned`
  const within = (alias: string) =>
    sql`${raw(alias)}.run_id = ${runId} and ${raw(alias)}.template_values is not null and ${raw(alias)}.seq between ${from} and ${upTo}`
  const unsynced = asksWhetherSynced(spec)
    ? sql` case when ${dialect.jsonField(raw('sent'), unsyncedKey)} = 'true' then 1 else 0 end as is_unsynced,`
    : raw('')
  const steps = [
    sql`texts as (
  select q.row_id, q.match_value, q.fingerprint, q.record_id, q.known_status,
    ${opened(raw('q.template_values'))} as sent, ${opened(raw('r.new_values'))} as rendered${openedPlan}
  from ${plan} as q
  join ${raw(tableName(dialect, spec.rendered))} as r on r.run_id = q.run_id and r.seq = q.seq
  where ${within('q')}
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
    ...valueSteps(dialect, part, columns),
  ]
  const isInvalid = sql`n.invalid_properties <> '[]'`
  const lacks = sql`n.lacking_properties <> '[]'`
  const isBad = isLacking ? sql`(${isInvalid} or ${lacks})` : isInvalid
  const orLacking = (value: Sql) => (isLacking ? sql` when ${lacks} then ${value}` : raw(''))
  const stepsBack = hasStages(properties) ? raw('\n  steps_back = n.steps_back,') : raw('')
  const changed = together(raw('p.changed_properties'), raw('n.changed_properties'), '[]')
  const dropped = together(
    raw("coalesce(p.dropped_properties, '[]')"),
    raw('n.dropped_properties'),
    '[]',
  )
  const values = (column: string) => together(raw(`p.${column}`), raw(`n.${column}`), '{}')
  const merge = sql`merge into ${plan} as p
using (
with ${join(steps, ',\n')}
select * from listed
) as n
on ${within('p')} and p.row_id = n.row_id
when matched then update set
  new_values = ${values('new_values')},
  changed_properties = ${changed},
  doubtful_values = ${values('doubtful_values')},
  audit_old = ${values('audit_old')},
  audit_new = ${values('audit_new')},
  dropped_properties = case when ${isBad} then null else nullif(${dropped}, '[]') end,
  reason = case when ${isInvalid} then 'invalid_value'${orLacking(raw("'missing_required'"))} end,
  reason_detail = case when ${isInvalid} then n.invalid_properties${orLacking(raw('n.lacking_properties'))} end,
  reason_message = case when ${isInvalid} then n.reason_message end,${stepsBack}
  operation = case when ${isBad} then 'reject'
    when p.record_id is null then p.operation
    when ${raw(spec.mode === 'insert' ? '1 = 1' : "p.changed_properties = '[]' and n.changed_properties = '[]'")} then 'refresh'
    else 'update' end,
  template_values = null`
  return [merge, sql`delete from ${raw(tableName(dialect, spec.rendered))} where run_id = ${runId}`]
}
