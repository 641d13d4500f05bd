import type { OnInvalid } from '../types.ts'
import { type Column, type Dialect, tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import {
  beyondLimitText,
  joinedTexts,
  lookupTrouble,
  noOptionText,
  noPropertyText,
  repeatedText,
  unreadableText,
} from './bad-value.ts'
import {
  isBeforeStart,
  isCandidate,
  mappedColumns,
  modelSelect,
  repeatedRows,
  repeatedValueSteps,
  stateRows,
} from './candidates.ts'
import {
  asksWhetherSynced,
  asksWhoMade,
  departedOperation,
  departedReason,
  removes,
  withDeparting,
} from './departed.ts'
import {
  allProperties,
  contactIn,
  type DiffProperty,
  type DiffSpec,
  doubt,
  eventParts,
  type StoredDiffSpec,
} from './diff-spec.ts'
import { contactReasons, eventDigest, eventPart } from './event-rows.ts'
import { askedLinkSteps } from './link-rows.ts'
import {
  afterValue,
  heldValue,
  isNoOption,
  isStepBack,
  lookupSteps,
  renderedProperty,
  severalLabels,
  stagePlace,
} from './property-values.ts'
import { names } from './step-columns.ts'
import { templateInputs } from './template-inputs.ts'
import { isBeyond } from './value-limits.ts'

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
  /** What HubSpot would refuse of a value that has a form. */
  readonly complaints: readonly Complaint[]
  /** What the value stands for; absent where it is what is sent. */
  readonly meaning: Sql | undefined
}

interface Complaint {
  readonly when: Sql
  readonly text: Sql
}

/** A mapped column in the step `candidates`. */
const candidateColumn =
  ({ columns }: Pick<Context, 'columns'>) =>
  (name: string): Sql =>
    names.column(columns.findIndex((column) => column.name === name))

const hasTemplates = (spec: DiffSpec): boolean => (spec.templates ?? []).length > 0

/** What templates need travels with the row. */
const carried = (spec: DiffSpec): Sql => raw(hasTemplates(spec) ? ', template_values' : '')

const isChecked = (check: Check | undefined): boolean =>
  check !== undefined && (check.unreadable !== undefined || check.complaints.length > 0)

function checkOf(
  dialect: Dialect,
  spec: DiffSpec,
  columns: readonly Column[],
  property: DiffProperty,
  index: number,
): Check {
  if (property.isDeparting) {
    const value = sql`cast(null as ${raw(dialect.type('text'))})`
    return { value, unreadable: undefined, complaints: [], meaning: undefined }
  }
  const rendered = renderedProperty(dialect, property, index, candidateColumn({ columns }))
  const several = severalLabels(dialect, property, names.value(index))
  return {
    value: rendered.value,
    unreadable: rendered.isInvalid,
    complaints: complaintsOf(dialect, spec, property, index),
    meaning: several?.meanings,
  }
}

/** In order of precedence; a row is told the first. */
function complaintsOf(
  dialect: Dialect,
  spec: DiffSpec,
  property: DiffProperty,
  index: number,
): readonly Complaint[] {
  const { auditValues } = spec
  const value = names.value(index)
  const lookup = property.source.kind === 'column' ? property.source.lookup : undefined
  const several = severalLabels(dialect, property, value)
  const noOption = lookup === undefined ? isNoOption(dialect, property, value) : undefined
  const limits = property.limits ?? []
  const event = eventIndex(spec)
  return [
    ...(property.onlyOf === undefined || event < 0
      ? []
      : [
          {
            when: notOf(names.value(event), property.onlyOf, value),
            text: noPropertyText(property, names.value(event)),
          },
        ]),
    ...(several === undefined || lookup === undefined
      ? []
      : [
          {
            when: several.isUnknown,
            text: sql`${`${property.name}: `} || ${lookupTrouble(lookup, value, raw('null'), auditValues)}`,
          },
        ]),
    ...(noOption === undefined
      ? []
      : [{ when: noOption, text: noOptionText(property, value, auditValues) }]),
    ...limits.map((limit) => ({
      when: isBeyond(dialect, limit, value),
      text: beyondLimitText(property, limit, value, auditValues),
    })),
    ...(isRepeated(spec, property)
      ? [
          {
            when: sql`${names.repeated(index)} is not null`,
            text: repeatedText(property, value, otherRow(index), auditValues),
          },
        ]
      : []),
  ]
}

/** Where the event's name is among the properties; -1 where it is not. */
const eventIndex = ({ properties }: DiffSpec): number =>
  properties.findIndex(({ name }) => name === eventParts.name)

/** The row has a value, and is an event that has no such property. */
const notOf = (event: Sql, events: readonly string[], value: Sql): Sql =>
  events.length === 0
    ? sql`${value} is not null`
    : sql`(${value} is not null and ${event} not in (${join(events.map((name) => sql`${name}`))}))`

const isRepeated = ({ repeatedValues = [] }: DiffSpec, { name }: DiffProperty): boolean =>
  repeatedValues.includes(name)

/** A row that has the same unique value. */
const otherRow = (index: number): Sql =>
  sql`case when ${names.firstRow(index)} = row_id then ${names.lastRow(index)} else ${names.firstRow(index)} end`

/** Later steps read each value several times: without this some engines would render it as often. */
const once = ({ dialect }: Context): Sql =>
  raw(dialect.capabilities.materializes ? 'materialized' : '')

/** Rows that have to be looked at, with what the state knows of them. */
function candidatesStep(dialect: Dialect, spec: DiffSpec): Sql {
  const onlyRows =
    spec.onlyRows === undefined
      ? raw('')
      : sql`\n    and m.row_id in (${join(spec.onlyRows.map((row) => sql`${row}`))})`
  const ofDeparted = removes(spec)
    ? sql` s.match_value as known_match_value,${raw(asksWhoMade(spec) ? ' s.created_here,' : '')}`
    : raw('')
  const record = recordOf(dialect, spec)
  const isNamed = spec.match?.by === 'record_id' || contactIn(spec) !== undefined
  const sent =
    spec.event === undefined
      ? raw('')
      : raw('\n    case when s.first_synced_at is null then 0 else 1 end as is_sent,')
  const known = isBeforeStart(spec)
  const start =
    known === undefined ? raw('') : sql`\n    case when ${known} then 1 else 0 end as is_known,`
  const unsynced = asksWhetherSynced(spec)
    ? sql`\n    case when s.record_id is not null and s.first_synced_at is null then 1 else 0 end as is_unsynced,`
    : raw('')
  return sql`candidates as (
  select m.*, s.row_id as known_row_id, ${record}${raw(isNamed ? ' as record_id' : '')}, s.status as known_status,${ofDeparted}${start}${unsynced}${sent}
    ${dialect.openJson(
      heldBefore(spec, record),
      allProperties(spec).map((p) => p.name),
    )} as sent
  from model_rows as m
  full join ${stateRows(dialect, spec)} as s on s.row_id = m.row_id
  where (${isCandidate(dialect, spec)})${onlyRows}
)`
}

/** What the state has of the row's values. Of an event that is as much as it was first meant to be sent with. */
function heldBefore({ match, event, list }: DiffSpec, record: Sql): Sql {
  if (event !== undefined || list !== undefined) return raw('s.sent_values')
  return match?.by === 'record_id'
    ? sql`case when s.record_id = ${record} then s.sent_values end`
    : sql`case when s.record_id is null then null else s.sent_values end`
}

/**
 * The record that a row goes to. By record id the model has the last word: another id is another record. Whom an event is about, and
 * who a member is, is found out when it is sent.
 */
function recordOf(dialect: Dialect, { match, event, list }: DiffSpec): Sql {
  if (event !== undefined) return sql`cast(null as ${raw(dialect.type('text'))})`
  if (list !== undefined) {
    const given = raw(list.contact.by === 'id' ? 'm.match_value' : 'null')
    return sql`case when m.is_present is null then s.record_id else ${given} end`
  }
  if (match?.by !== 'record_id') return raw('s.record_id')
  return sql`case when m.is_present is null or (s.record_id is not null and s.match_value = m.match_value)
      then s.record_id else m.match_value end`
}

/** Columns that every step hands on, from the candidates to the judgement. */
const handedOn = (spec: DiffSpec): Sql =>
  raw(
    [
      'fingerprint, record_id, known_status',
      ...(asksWhoMade(spec) ? ['created_here'] : []),
      ...(spec.start === undefined ? [] : ['is_known']),
      ...(spec.event === undefined ? [] : ['is_sent']),
      ...(asksWhetherSynced(spec) ? ['is_unsynced'] : []),
      ...(spec.planned ?? []).map((_, index) => names.planned(index).text),
    ].join(', '),
  )

/** Wire values of the model, and what was sent before. */
function renderedStep(context: Context): Sql {
  const { dialect, spec, checks } = context
  const values = spec.properties.map((property, index) => {
    const unreadable = checks[index]?.unreadable
    const held =
      unreadable === undefined
        ? raw('')
        : sql`,\n    case when ${unreadable} then ${heldValue(dialect, spec, property, index, candidateColumn(context))} end as ${names.unreadable(index)}`
    const sent = dialect.jsonField(raw('sent'), property.name)
    const old = property.isDeparting
      ? sql`case when is_present is null then ${sent} end`
      : spec.event !== undefined && property.stays === undefined
        ? sql`cast(null as ${raw(dialect.type('text'))})`
        : sent
    const value =
      property.stays === 'uuid' && spec.event !== undefined
        ? eventDigest(dialect, spec.event, checks[eventIndex(spec)]?.value ?? raw('null'))
        : (checks[index]?.value ?? raw('null'))
    return sql`,\n    ${value} as ${names.value(index)},
    ${old} as ${names.old(index)}${held}`
  })
  const matchValue = removes(spec)
    ? raw('case when is_present is null then known_match_value else match_value end as match_value')
    : raw('match_value')
  const inputs = hasTemplates(spec)
    ? sql`,\n    ${templateInputs(dialect, spec, candidateColumn(context))} as template_values`
    : raw('')
  return sql`rendered as ${once(context)} (
  select is_present, coalesce(row_id, known_row_id) as row_id, ${matchValue}, ${handedOn(spec)}${join(values, '')}${inputs}
  from candidates${lookupSteps(dialect, spec.properties, candidateColumn(context)).joins}
)`
}

/** What was sent before; of a record that nothing was sent to yet, only what a value of the row would replace. */
function knownOld(spec: DiffSpec, index: number): Sql {
  const [value, old] = [names.value(index), names.old(index)]
  if (!asksWhetherSynced(spec)) return old
  return sql`case when is_unsynced = 1 and ${old} not in ('', ${doubt}) and (is_present is null or ${value} is null) then null else ${old} end as ${old}`
}

/** What is wrong with each value, in words. */
function checkedStep({ spec, checks }: Context): Sql {
  const values = spec.properties.map((property, index) => {
    const check = checks[index]
    const cases = [
      check?.unreadable === undefined
        ? raw('')
        : sql` when ${names.unreadable(index)} is not null then ${unreadableText(property, names.unreadable(index), spec.auditValues)}`,
      ...(check?.complaints ?? []).map(({ when, text }) => sql` when ${when} then ${text}`),
    ]
    const bad = isChecked(check)
      ? sql`,\n    case${join(cases, '')} end as ${names.bad(index)}`
      : raw('')
    const value =
      check?.meaning === undefined
        ? names.value(index)
        : sql`${check.meaning} as ${names.value(index)}`
    return sql`,\n    ${value}, ${knownOld(spec, index)}${bad}`
  })
  const joins = spec.properties.map((property, index) =>
    isRepeated(spec, property)
      ? sql`\n  left join repeated_values${raw(String(index))} on ${names.repeated(index)} = ${names.value(index)}`
      : raw(''),
  )
  return sql`checked as (
  select is_present, row_id, match_value, ${handedOn(spec)}${carried(spec)}${join(values, '')}
  from rendered${join(joins, '')}
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
      sql`,\n    ${eventPart(dialect, spec, property, index) ?? afterValue(property, index, isChecked(checks[index]), spec)} as ${names.value(index)}, ${names.old(index)}`,
  )
  const lacking = lackingProperties(context)
  const backwards = stepsBack(context)
  return sql`decided as ${once(context)} (
  select is_present, row_id, match_value, ${handedOn(spec)}${carried(spec)},${lacking === undefined ? raw('') : sql`\n    ${lacking} as lacking_properties,`}
    ${badNames('reject_row')} as invalid_properties, ${reasonMessage} as reason_message,
    ${badNames('drop_property')} as dropped_properties${backwards === undefined ? raw('') : sql`,\n    ${backwards} as steps_back`}${join(values, '')}
  from checked
)`
}

const groupsOf = ({ mode, requiredGroups = [] }: DiffSpec): readonly (readonly string[])[] =>
  mode === 'update' ? [] : requiredGroups

/** What a row that may become a record lacks for it, as a JSON list; undefined where nothing is required. */
function lackingProperties({ dialect, spec, checks }: Context): Sql | undefined {
  const groups = groupsOf(spec)
  if (groups.length === 0) return undefined
  const { templates = [], planned = [] } = spec
  const isUnset = (name: string): Sql => {
    // Whether a template gives one is seen when it is rendered.
    if (templates.some(({ property }) => property.name === name)) return raw('1 = 0')
    const place = planned.indexOf(name)
    if (place >= 0) return sql`${names.planned(place)} is null`
    const index = spec.properties.findIndex((property) => property.name === name)
    if (index < 0) return raw('1 = 1')
    const isDropped =
      isChecked(checks[index]) && spec.properties[index]?.onInvalid === 'drop_property'
    return isDropped
      ? sql`(${names.value(index)} is null or ${names.isBad(index)})`
      : sql`${names.value(index)} is null`
  }
  return dialect.nameList(
    groups.map((group) => ({
      name: group.join(' or '),
      when: sql`record_id is null and ${join(group.map(isUnset), ' and ')}`,
    })),
  )
}

/**
 * HubSpot ignores the stage unless it is cleared first: it is earlier than the one that was sent. NULL where nobody knows what stage
 * the record has, and it is cleared if need be. Undefined where the sync has no stages.
 */
function stepsBack({ dialect, spec }: Context): Sql | undefined {
  const index = spec.properties.findIndex(({ stages }) => stages !== undefined)
  const property = spec.properties[index]
  if (property?.stages === undefined) return undefined
  const old = names.old(index)
  const isBack = sql`coalesce(record_id is not null and ${isStepBack(property, index)}, 1 = 0)`
  if (property.clearsFirst !== true) return isBack
  const unknown = sql`cast(null as ${raw(dialect.type('boolean'))})`
  const isUnknown = spec.isFullRefresh ? raw('1 = 1') : sql`record_id is null or ${old} is null`
  // Where an answer was lost, clearing does no harm.
  return sql`case when ${stagePlace(property, names.value(index))} is null then 1 = 0
      when ${isUnknown} then ${unknown} when ${old} = ${doubt} then 1 = 1 else ${isBack} end`
}

/**
 * The properties as JSON: all values, the changed names, and what the audit may show of old and new. Columns over what HubSpot
 * holds before and after, and `record_id`.
 */
export function listedColumns(dialect: Dialect, spec: DiffSpec): Sql {
  // An event goes as a whole, and a member is one or is none.
  const isChanged = (index: number) =>
    spec.list !== undefined
      ? raw('1 = 1')
      : spec.isFullRefresh || spec.event !== undefined
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
  const stays = (index: number) => spec.properties[index]?.stays !== undefined
  const doubtful = (index: number) =>
    spec.event === undefined ? inDoubt(index) : stays(index) ? names.value(index) : raw('null')
  const inDoubt = (index: number) =>
    sql`case when ${isChanged(index)} then ${doubt} else ${names.old(index)} end`
  const knownOld = (index: number) => sql`nullif(${names.old(index)}, ${doubt})`
  const changed = spec.properties.map((property, index) => ({
    name: property.name,
    when: isChanged(index),
  }))
  return sql`${objectOf(names.value)} as new_values,
    ${dialect.nameList(changed)} as changed_properties,
    ${objectOf(doubtful)} as doubtful_values,
    ${auditObject(knownOld)} as audit_old,
    ${auditNew} as audit_new`
}

function listedStep({ dialect, spec }: Context): Sql {
  const lacking = groupsOf(spec).length === 0 ? '' : ' lacking_properties,'
  return sql`listed as (
  select is_present, row_id, match_value, ${handedOn(spec)}${carried(spec)},${raw(lacking)} invalid_properties, reason_message, dropped_properties,
    ${listedColumns(dialect, spec)}${raw(hasStages(spec.properties) ? ',\n    steps_back' : '')}
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
    checkOf(dialect, spec, columns, property, index),
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
  const reasons = reasonOf(dialect, spec)
  const lookups = lookupSteps(dialect, spec.properties, candidateColumn({ columns }))
  const steps = [
    ...repeatedRows(dialect, spec),
    ...repeatedValueSteps(dialect, spec),
    ...lookups.steps,
    sql`model_rows as (
  ${modelSelect(dialect, spec, columns)}
)`,
    candidatesStep(dialect, spec),
    ...valueSteps(dialect, withDeparting(spec), columns),
    ...badLinkSteps(dialect, spec, columns),
    sql`judged as (
  select listed.*, ${reasons.reason} as reason, ${reasons.detail} as reason_detail${raw(hasLinks(spec) ? ', link_trouble' : '')}
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
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then ${raw(hasLinks(spec) ? 'coalesce(reason_message, link_trouble)' : 'reason_message')} end as reason_message${raw(hasStages(spec.properties) ? ', steps_back' : '')}${toRender(spec)}
from ${spec.limit === undefined ? raw('chosen') : firstToSend(spec.limit)}`
}

const hasLinks = ({ links = [] }: DiffSpec): boolean => links.length > 0

/** Rows with a bad link, as the step `bad_links`: a malformed target or label costs the row. */
function badLinkSteps(
  dialect: Dialect,
  spec: DiffSpec,
  columns: readonly Column[],
): readonly Sql[] {
  const { links = [] } = spec
  if (links.length === 0) return []
  const from = sql`(select * from candidates where is_present is not null) as m`
  const columnSql = (name: string) => sql`m.${candidateColumn({ columns })(name)}`
  return [
    ...askedLinkSteps(dialect, spec, links, { from, rowId: raw('m.row_id'), columnSql }),
    sql`bad_links as (
  select row_id as bad_row_id, min(trouble) as link_trouble from asked_links where trouble is not null group by row_id
)`,
  ]
}

export const hasStages = (properties: readonly DiffProperty[]): boolean =>
  properties.some(({ stages }) => stages !== undefined)

/** Writes the change set of one sync into its plan table. */
export const diffStatement = (dialect: Dialect, spec: StoredDiffSpec): Sql =>
  sql`insert into ${raw(tableName(dialect, spec.plan))} (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message${raw(hasStages(spec.properties) ? ', steps_back' : '')}${carried(spec)})
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
      ? `,\n  case when operation in ('create', 'update', 'upsert', 'send', 'refresh') then template_values end as template_values`
      : '',
  )

/** `--limit` counts rows that can be sent: rejected ones do not use it up. */
const firstToSend = (limit: number): Sql =>
  raw(`(select * from chosen order by case when operation in ('create', 'update', 'upsert', 'send', 'add', 'remove') then 0 else 1 end, row_id
limit ${limit}) as limited`)

/** Why a candidate is refused before anything is sent, in order of precedence. */
function reasonOf(dialect: Dialect, spec: DiffSpec): { reason: Sql; detail: Sql; join: Sql } {
  const reasons: { when: Sql; reason: string; detail?: Sql }[] = [
    { when: sql`listed.row_id is null`, reason: 'missing_key' },
  ]
  let joined = raw('')
  if (spec.hasRepeatedKeys) {
    joined = sql`\n  left join repeated_keys on repeated_keys.row_id = listed.row_id`
    reasons.push({ when: sql`repeated_keys.row_id is not null`, reason: 'duplicate_key' })
  }
  if (spec.start !== undefined) {
    const isUnsent = raw(spec.event === undefined ? 'record_id is null' : 'is_sent = 0')
    reasons.push({ when: sql`${isUnsent} and is_known = 1`, reason: 'before_start' })
  }
  const contact = contactIn(spec)
  if (contact !== undefined) {
    const missing = spec.list === undefined ? 'missing_contact' : 'missing_member'
    reasons.push(...contactReasons(dialect, contact, missing))
  }
  if (spec.match !== undefined) {
    reasons.push({ when: sql`match_value is null`, reason: 'missing_match_value' })
  }
  if (spec.match?.by === 'record_id') {
    reasons.push({
      when: sql`translate(match_value, '0123456789', '') <> ''`,
      reason: 'no_record_id',
    })
  }
  if (spec.match?.isDomain === true) {
    reasons.push({
      when: sql`translate(match_value, 'abcdefghijklmnopqrstuvwxyz0123456789.-', '') <> ''`,
      reason: 'no_domain',
    })
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
  if (hasLinks(spec)) {
    joined = sql`${joined}\n  left join bad_links on bad_row_id = listed.row_id`
    reasons.push({
      when: raw('link_trouble is not null'),
      reason: 'invalid_value',
      detail: raw('\'["associations"]\''),
    })
  }
  if (groupsOf(spec).length > 0) {
    reasons.push({
      when: sql`lacking_properties <> '[]'`,
      reason: spec.event === undefined ? 'missing_required' : 'missing_event',
      ...(spec.event === undefined ? { detail: raw('lacking_properties') } : {}),
    })
  }
  const cases = (pick: (entry: (typeof reasons)[number]) => Sql, ofDeparted = raw('null')) =>
    sql`case when is_present is null then ${ofDeparted} ${join(
      reasons.map((entry) => sql`when ${entry.when} then ${pick(entry)}`),
      ' ',
    )} end`
  return {
    reason: cases((entry) => raw(`'${entry.reason}'`), departedReason(spec)),
    detail: cases((entry) => entry.detail ?? raw('null')),
    join: joined,
  }
}

/** Insert mode sends a row once: one that has its record has nothing to send any more. */
function operationOf(spec: DiffSpec): Sql {
  const isEvent = spec.event !== undefined
  if (spec.list !== undefined) {
    return raw(`case
    when is_present is null then ${departedOperation(spec)}
    when reason is not null then 'reject'
    else '${spec.list.operation}' end`)
  }
  const unbound = isEvent
    ? 'send'
    : spec.mode === 'insert'
      ? 'create'
      : spec.mode === 'update'
        ? 'update'
        : 'upsert'
  // Where nothing can be rendered, whatever a template gives may be another value.
  const mayDiffer = hasTemplates(spec) && spec.plan === undefined
  const isSame =
    spec.mode === 'insert' ? '1 = 1' : mayDiffer ? '1 = 0' : "changed_properties = '[]'"
  return raw(`case
    when is_present is null then ${departedOperation(spec)}
    ${spec.start === undefined ? '' : "when reason = 'before_start' then 'skip'\n    "}when reason is not null then 'reject'
    when ${isEvent ? 'is_sent = 0' : 'record_id is null'} then '${unbound}'
    when ${isSame} then 'refresh'
    else 'update' end`)
}
