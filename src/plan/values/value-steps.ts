import type { OnInvalid } from '../../types.ts'
import type { Column, Dialect } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { asksWhetherSynced, asksWhoMade, removes } from '../diff/departed.ts'
import { eventDigest, eventPart } from '../diff/event-rows.ts'
import { lackingProperties, mayLack } from '../diff/required-groups.ts'
import { hasStages, stepsBack } from '../diff/stages.ts'
import { names } from '../diff/step-columns.ts'
import { type DiffProperty, type DiffSpec, doubt } from '../diff-spec.ts'
import { carriedInputs, hasTemplates, templateInputs } from '../templates/template-inputs.ts'
import { joinedTexts, unreadableText } from './bad-value.ts'
import { listedColumns } from './listed-columns.ts'
import { afterValue, heldValue, lookupSteps } from './property-values.ts'
import {
  type Check,
  candidateColumn,
  checksOf,
  eventIndex,
  isChecked,
  isRepeated,
} from './value-checks.ts'

/** What the steps share. */
interface Context {
  readonly dialect: Dialect
  readonly spec: DiffSpec
  readonly columns: readonly Column[]
  /** One per property. */
  readonly checks: readonly Check[]
}

/**
 * From rows of `candidates` (mapped columns, and what was sent) to what is sent of them, as `listed`: values are rendered, checked,
 * decided by the policies, and put together as JSON.
 */
export function valueSteps(
  dialect: Dialect,
  spec: DiffSpec,
  columns: readonly Column[],
): readonly Sql[] {
  const context = { dialect, spec, columns, checks: checksOf(dialect, spec, columns) }
  return [renderedStep(context), checkedStep(context), decidedStep(context), listedStep(context)]
}

/** Later steps read each value several times: without this some engines would render it as often. */
const once = ({ dialect }: Context): Sql =>
  raw(dialect.capabilities.materializes ? 'materialized' : '')

/** Columns that every step hands on, from the candidates to the judgement. */
const handedOn = (spec: DiffSpec): Sql =>
  raw(
    [
      'fingerprint, record_id, known_status',
      ...(asksWhoMade(spec) ? ['created_here'] : []),
      ...(spec.start === undefined ? [] : ['is_known']),
      ...(spec.event === undefined ? [] : ['is_sent']),
      ...(asksWhetherSynced(spec) ? ['is_unsynced'] : []),
      ...(spec.asksForContacts === true ? ['is_unfound'] : []),
      ...(spec.planned ?? []).map((_, index) => names.planned(index).text),
    ].join(', '),
  )

/** Wire values of the model, and what was sent before. */
function renderedStep(context: Context): Sql {
  const { dialect, spec } = context
  const columnSql = candidateColumn(context.columns)
  const values = spec.properties.map(
    (
      property,
      index,
    ) => sql`,\n    ${renderedValue(context, property, index)} as ${names.value(index)},
    ${sentValue(context, property)} as ${names.old(index)}${unreadableValue(context, property, index)}`,
  )
  const matchValue = removes(spec)
    ? raw('case when is_present is null then known_match_value else match_value end as match_value')
    : raw('match_value')
  const inputs = hasTemplates(spec)
    ? sql`,\n    ${templateInputs(dialect, spec, columnSql)} as template_values`
    : raw('')
  return sql`rendered as ${once(context)} (
  select is_present, coalesce(row_id, known_row_id) as row_id, ${matchValue}, ${handedOn(spec)}${join(values, '')}${inputs}
  from candidates${lookupSteps(dialect, spec.properties, columnSql).joins}
)`
}

/** The wire value; of an event's uuid, what it is made of. */
function renderedValue({ dialect, spec, checks }: Context, property: DiffProperty, index: number) {
  const valueAt = (place: number): Sql => checks[place]?.value ?? raw('null')
  return property.stays === 'uuid' && spec.event !== undefined
    ? eventDigest(dialect, spec.event, valueAt(eventIndex(spec)))
    : valueAt(index)
}

/** What was sent before. An event is compared with nothing, but parts of it stay as they were. */
function sentValue({ dialect, spec }: Context, property: DiffProperty): Sql {
  const sent = dialect.jsonField(raw('sent'), property.name)
  if (property.isDeparting) return sql`case when is_present is null then ${sent} end`
  return spec.event !== undefined && property.stays === undefined
    ? sql`cast(null as ${raw(dialect.type('text'))})`
    : sent
}

/** What the column holds where that has no wire form, as a column of its own; none where it always has one. */
function unreadableValue(context: Context, property: DiffProperty, index: number): Sql {
  const { dialect, spec, columns, checks } = context
  const unreadable = checks[index]?.unreadable
  if (unreadable === undefined) return raw('')
  const held = heldValue(dialect, property, index, {
    auditValues: spec.auditValues,
    columnSql: candidateColumn(columns),
  })
  return sql`,\n    case when ${unreadable} then ${held} end as ${names.unreadable(index)}`
}

/** What is wrong with each value, in words. */
function checkedStep({ spec, checks }: Context): Sql {
  const values = spec.properties.map((property, index) => {
    const check = checks[index]
    const value =
      check?.meaning === undefined
        ? names.value(index)
        : sql`${check.meaning} as ${names.value(index)}`
    const bad = isChecked(check)
      ? sql`,\n    ${troubleOf(spec, property, index, check)} as ${names.bad(index)}`
      : raw('')
    return sql`,\n    ${value}, ${knownOld(spec, index)}${bad}`
  })
  const joins = spec.properties.map((property, index) =>
    isRepeated(spec, property)
      ? sql`\n  left join repeated_values${raw(String(index))} on ${names.repeated(index)} = ${names.value(index)}`
      : raw(''),
  )
  return sql`checked as (
  select is_present, row_id, match_value, ${handedOn(spec)}${carriedInputs(spec)}${join(values, '')}
  from rendered${join(joins, '')}
)`
}

/** The first that is wrong with a value, in words; NULL when nothing is. */
function troubleOf(spec: DiffSpec, property: DiffProperty, index: number, check: Check): Sql {
  const cases = check.complaints.map(({ when, text }) => sql` when ${when} then ${text}`)
  if (check.unreadable !== undefined) {
    const held = names.unreadable(index)
    const text = unreadableText(property, held, spec.auditValues)
    cases.unshift(sql` when ${held} is not null then ${text}`)
  }
  return sql`case${join(cases, '')} end`
}

/** What was sent before; of a record that nothing was sent to yet, only what a value of the row would replace. */
function knownOld(spec: DiffSpec, index: number): Sql {
  const [value, old] = [names.value(index), names.old(index)]
  if (!asksWhetherSynced(spec)) return old
  return sql`case when is_unsynced = 1 and ${old} not in ('', ${doubt}) and (is_present is null or ${value} is null) then null else ${old} end as ${old}`
}

/** What HubSpot holds afterwards, by the policies for NULLs and bad values. */
function decidedStep(context: Context): Sql {
  const { dialect, spec, checks } = context
  const values = spec.properties.map(
    (property, index) =>
      sql`,\n    ${eventPart(dialect, spec, property, index) ?? afterValue(property, index, isChecked(checks[index]), spec)} as ${names.value(index)}, ${names.old(index)}`,
  )
  const lacking = lackingProperties(dialect, spec, checks)
  const backwards = stepsBack(dialect, spec)
  return sql`decided as ${once(context)} (
  select is_present, row_id, match_value, ${handedOn(spec)}${carriedInputs(spec)},${lacking === undefined ? raw('') : sql`\n    ${lacking} as lacking_properties,`}
    ${badNames(context, 'reject_row')} as invalid_properties, ${rejectMessage(context)} as reason_message,
    ${badNames(context, 'drop_property')} as dropped_properties${backwards === undefined ? raw('') : sql`,\n    ${backwards} as steps_back`}${join(values, '')}
  from checked
)`
}

/** Properties whose bad values cost so much, by position. */
const checkedBy = ({ spec, checks }: Context, policy: OnInvalid) =>
  spec.properties.flatMap(({ name, onInvalid }, index) =>
    isChecked(checks[index]) && onInvalid === policy ? [{ name, index }] : [],
  )

/** Names of those that are bad in a row, as a JSON list. */
function badNames(context: Context, policy: OnInvalid): Sql {
  const entries = checkedBy(context, policy).map(({ name, index }) => ({
    name,
    when: names.isBad(index),
  }))
  return entries.length === 0 ? raw("'[]'") : context.dialect.nameList(entries)
}

/** All that a row is rejected for, in words. */
function rejectMessage(context: Context): Sql {
  const rejecting = checkedBy(context, 'reject_row').map(({ index }) => names.bad(index))
  return rejecting.length === 0
    ? sql`cast(null as ${raw(context.dialect.type('text'))})`
    : joinedTexts(rejecting)
}

function listedStep({ dialect, spec }: Context): Sql {
  const lacking = mayLack(spec) ? ' lacking_properties,' : ''
  return sql`listed as (
  select is_present, row_id, match_value, ${handedOn(spec)}${carriedInputs(spec)},${raw(lacking)} invalid_properties, reason_message, dropped_properties,
    ${listedColumns(dialect, spec)}${raw(hasStages(spec.properties) ? ',\n    steps_back' : '')}
  from decided
)`
}
