import type { AuditValues, Mode, NullPolicy, OnDelete, OnInvalid } from '../types.ts'
import type { Column, Dialect, TableRef, TypeFamily, WireForm } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { isQuoted, joinedTexts, noOptionText, unreadableText } from './bad-value.ts'

/** One mapped property, checked against the portal and the catalog. */
export interface DiffProperty {
  readonly name: string
  readonly source:
    | { readonly kind: 'column'; readonly column: Column; readonly wire: WireForm }
    | { readonly kind: 'value'; readonly value: string }
  /** `keep` also for the match property and for required ones: they are never cleared. */
  readonly nulls: NullPolicy
  readonly onInvalid: OnInvalid
  /** Allowed values; absent when any is. */
  readonly options?: readonly string[]
  /** What people write for an option, in lower case, and the option: for "did you mean". */
  readonly spellings?: readonly (readonly [spelling: string, option: string])[]
  /** An e-mail address: compared, and sent, trimmed and in lower case, as HubSpot keeps it. */
  readonly isEmail?: boolean
}

/** All that the diff of one object sync needs to know. Plain data. */
export interface DiffSpec {
  readonly runId: string
  /** Relation as dbt wrote it, and the user's filters over it. */
  readonly relation: string
  readonly filters: readonly string[]
  readonly keyColumns: readonly Column[]
  readonly match?: {
    readonly property: string
    readonly column: Column
    readonly foldsCase: boolean
  }
  /** Sorted by name. */
  readonly properties: readonly DiffProperty[]
  readonly mode: Mode
  readonly onDelete: OnDelete
  readonly auditValues: AuditValues
  /** Digest of everything that decides wire values besides the row: a change makes every row a candidate. */
  readonly seed: string
  /** The state table; undefined before the first run. */
  readonly state?: TableRef
  readonly plan: TableRef
  /** What the preflight found, so that the common case scans the model once; true where it may not count on that. */
  readonly hasRepeatedKeys: boolean
  readonly hasRepeatedMatches: boolean
  readonly isFullRefresh: boolean
  /** `--row` and `--limit`: nothing is treated as gone. */
  readonly onlyRows?: readonly string[]
  readonly limit?: number
  /** The part of the change set to compute; all of it when absent. */
  readonly slice?: KeySlice
}

/** Rows whose key is after one text and up to another. The first slice also holds rows without a key. */
export interface KeySlice {
  readonly after?: string
  readonly upTo?: string
  /** Positions taken by the slices before. */
  readonly seqOffset: number
}

/**
 * Stands in `sent_values` for a value that may or may not have reached HubSpot: equal to nothing a model can hold,
 * so that the property is sent again, or cleared, whatever the model says next.
 */
export const doubt = '\u0001'

/** Statuses whose rows are tried again although nothing changed. */
const retried = ['rejected', 'pending', 'sending', 'left'] as const

const quoteList = (names: readonly string[]) => raw(names.map((name) => `'${name}'`).join(', '))

function qualified(dialect: Dialect, alias: string, column: string): Sql {
  return raw(`${alias}.${dialect.quote(column)}`)
}

/** The bracket closes on a line of its own: a filter may end in a comment. */
function modelFilter(filters: readonly string[]): Sql {
  if (filters.length === 0) return raw('')
  return raw(`\n  where ${filters.map((filter) => `(${filter}\n    )`).join('\n    and ')}`)
}

/** Families whose wire form drops digits: two keys must never become one. */
const roundedFamilies: readonly TypeFamily[] = ['float', 'timestamp', 'timestamptz', 'time']

/** The primary key as one text: the column as text, without loss, or a JSON list of several. NULL when any part is. */
function rowId(dialect: Dialect, spec: DiffSpec): Sql {
  const parts = spec.keyColumns.map(({ name, family }) => {
    const value = qualified(dialect, 'm', name)
    return roundedFamilies.includes(family)
      ? sql`cast(${value} as ${raw(dialect.type('text'))})`
      : dialect.render(value, family, { kind: 'text' }).value
  })
  const [only] = parts
  return parts.length === 1 && only !== undefined ? only : dialect.keyList(parts)
}

function matchValue(dialect: Dialect, spec: DiffSpec): Sql {
  if (spec.match === undefined) return sql`cast(null as ${raw(dialect.type('text'))})`
  const { column } = spec.match
  const value = dialect.render(qualified(dialect, 'm', column.name), column.family, {
    kind: 'text',
  }).value
  return spec.match.foldsCase ? emailForm(value) : value
}

/** HubSpot keeps addresses trimmed and in lower case: two spellings are one contact. */
const emailForm = (value: Sql): Sql => sql`nullif(lower(trim(${value}, ' ')), '')`

/** The key of each row of the model, as `row_id`. */
export const modelKeys = (dialect: Dialect, spec: DiffSpec): Sql =>
  sql`select ${rowId(dialect, spec)} as row_id from ${raw(spec.relation)} as m${modelFilter(spec.filters)}`

/** Row counts that decide guards and whether duplicates must be looked for. One scan of key and match. */
export function preflightStatement(dialect: Dialect, spec: DiffSpec): Sql {
  const match =
    spec.match === undefined
      ? sql`0 as matches, 0 as distinct_matches`
      : sql`count(match_value) as matches, count(distinct match_value) as distinct_matches`
  return sql`select count(*) as total, count(row_id) as keyed, count(distinct row_id) as distinct_keys, ${match}
from (
  select ${rowId(dialect, spec)} as row_id, ${matchValue(dialect, spec)} as match_value
  from ${raw(spec.relation)} as m${modelFilter(spec.filters)}
) as k`
}

/** Predicate on a relation's `row_id`. */
function isInSlice(slice: KeySlice, isModel: boolean): Sql {
  const parts: Sql[] = []
  if (slice.after !== undefined) parts.push(sql`row_id > ${slice.after}`)
  if (slice.upTo !== undefined) {
    const isFirst = slice.after === undefined && isModel
    parts.push(
      isFirst ? sql`(row_id <= ${slice.upTo} or row_id is null)` : sql`row_id <= ${slice.upTo}`,
    )
  }
  return parts.length === 0 ? raw('1 = 1') : join(parts, ' and ')
}

/** The state as the diff reads it; an empty relation of the same shape before the first run. */
function stateRows(dialect: Dialect, spec: DiffSpec): Sql {
  if (spec.state !== undefined) {
    const table = raw(tableName(dialect, spec.state))
    return spec.slice === undefined
      ? table
      : sql`(select * from ${table} where ${isInSlice(spec.slice, false)})`
  }
  const text = raw(dialect.type('text'))
  const fingerprint = raw(dialect.type('fingerprint'))
  const moment = raw(dialect.type('timestamp'))
  return sql`(select * from (select cast(null as ${text}) as row_id, cast(null as ${text}) as record_id, cast(null as ${text}) as status,
    cast(null as ${fingerprint}) as fingerprint, cast(null as ${fingerprint}) as tried_fingerprint,
    cast(null as ${text}) as sent_values, cast(null as ${moment}) as next_attempt_at) as nothing where 1 = 0)`
}

/** Which rows of the joined model and state have to be looked at. */
function isCandidate(dialect: Dialect, spec: DiffSpec): Sql {
  const gone =
    spec.onlyRows === undefined && spec.limit === undefined
      ? sql`(m.is_present is null and s.status not in ('left', 'unknown'))`
      : sql`(1 = 0)`
  const changed = sql`(s.fingerprint is null or s.fingerprint <> m.fingerprint)`
  const tried = sql`(s.tried_fingerprint is null or s.tried_fingerprint <> m.fingerprint)`
  const due = sql`(s.next_attempt_at is not null and s.next_attempt_at <= ${dialect.now()})`
  const alive: Sql[] = [
    sql`s.row_id is null`,
    sql`s.status in (${quoteList(retried)})`,
    sql`(s.status = 'skipped' and (${changed} or ${due}))`,
    sql`(s.status = 'parked' and ${tried})`,
  ]
  if (spec.mode !== 'insert') alive.push(sql`(s.status = 'succeeded' and ${changed})`)
  if (spec.isFullRefresh) alive.push(sql`s.status in ('succeeded', 'parked', 'skipped')`)
  if (spec.hasRepeatedKeys) alive.push(sql`m.row_id in (select row_id from repeated_keys)`)
  return sql`${gone}
    or (m.is_present is not null and (${join(alive, '\n      or ')}))`
}

function repeatedRows(dialect: Dialect, spec: DiffSpec): Sql[] {
  const relation = sql`${raw(spec.relation)} as m${modelFilter(spec.filters)}`
  const parts: Sql[] = []
  if (spec.hasRepeatedKeys) {
    parts.push(sql`repeated_keys as (
  select row_id from (select ${rowId(dialect, spec)} as row_id from ${relation}) as k
  where row_id is not null group by row_id having count(*) > 1
)`)
  }
  if (spec.hasRepeatedMatches) {
    parts.push(sql`repeated_matches as (
  select match_fold, min(row_id) as first_row_id, max(row_id) as last_row_id
  from (select ${rowId(dialect, spec)} as row_id, ${matchValue(dialect, spec)} as match_fold from ${relation}) as k
  where match_fold is not null group by match_fold having count(*) > 1
)`)
  }
  return parts
}

interface Names {
  readonly column: (index: number) => Sql
  readonly value: (index: number) => Sql
  /** What the column holds where that has no wire form; else NULL. */
  readonly unreadable: (index: number) => Sql
  /** What is wrong with the value; NULL when nothing is. */
  readonly bad: (index: number) => Sql
  readonly isBad: (index: number) => Sql
  readonly old: (index: number) => Sql
}

const names: Names = {
  column: (index) => raw(`c${index}`),
  value: (index) => raw(`v${index}`),
  unreadable: (index) => raw(`u${index}`),
  bad: (index) => raw(`b${index}`),
  isBad: (index) => raw(`b${index} is not null`),
  old: (index) => raw(`o${index}`),
}

/** `m` holds each mapped column once, whatever it is called. */
function mappedColumns(spec: DiffSpec): Column[] {
  const byName = new Map<string, Column>()
  for (const property of spec.properties) {
    if (property.source.kind === 'column') {
      byName.set(property.source.column.name, property.source.column)
    }
  }
  return [...byName.values()]
}

function renderedProperty(
  dialect: Dialect,
  property: DiffProperty,
  columnIndex: (name: string) => number,
): { value: Sql; isInvalid: Sql | undefined } {
  if (property.source.kind === 'value') {
    const literal = property.source.value
    return {
      value:
        literal === ''
          ? sql`cast(null as ${raw(dialect.type('text'))})`
          : sql`cast(${literal} as ${raw(dialect.type('text'))})`,
      isInvalid: undefined,
    }
  }
  const { column, wire } = property.source
  const rendered = dialect.render(names.column(columnIndex(column.name)), column.family, wire)
  const value = property.isEmail ? emailForm(rendered.value) : rendered.value
  return { value, isInvalid: rendered.isInvalid }
}

/** The column as it is, for a message that may quote it; else an empty text. */
function heldValue(
  dialect: Dialect,
  { auditValues }: DiffSpec,
  property: DiffProperty,
  columnIndex: (name: string) => number,
): Sql {
  if (property.source.kind !== 'column' || !isQuoted(property, auditValues)) return raw("''")
  const { name, family } = property.source.column
  const held = names.column(columnIndex(name))
  const text =
    family === 'text'
      ? dialect.render(held, family, { kind: 'text' }).value
      : sql`cast(${held} as ${raw(dialect.type('text'))})`
  return sql`coalesce(${text}, '')`
}

/** True where the value is none of the options; multi-value text is checked element by element by the caller. */
function isNoOption(dialect: Dialect, property: DiffProperty, value: Sql): Sql | undefined {
  if (property.options === undefined) return undefined
  const wire = property.source.kind === 'column' ? property.source.wire.kind : 'text'
  const options = property.options
  if (options.length === 0) return sql`${value} is not null`
  if (wire === 'multi') return dialect.hasElementOutside(value, options)
  return sql`(${value} is not null and ${value} not in (${join(options.map((option) => sql`${option}`))}))`
}

/** What HubSpot holds after the operation, by the property's NULL policy. Never NULL once something was sent. */
function afterValue(
  property: DiffProperty,
  index: number,
  isChecked: boolean,
  isFullRefresh: boolean,
): Sql {
  const value = names.value(index)
  // What the model says nothing about is not sent by a full refresh, either.
  const kept = isFullRefresh ? sql`null` : names.old(index)
  const old = names.old(index)
  const byPolicy =
    property.nulls === 'clear_always'
      ? sql`coalesce(${value}, '')`
      : property.nulls === 'keep'
        ? sql`coalesce(${value}, ${kept})`
        : sql`case when ${value} is not null then ${value} when ${old} is not null then '' end`
  return isChecked && property.onInvalid === 'drop_property'
    ? sql`case when ${names.isBad(index)} then ${kept} else ${byPolicy} end`
    : byPolicy
}

/** The model's rows with key, match value, fingerprint and each mapped column as `c0`, `c1`, … */
function modelSelect(dialect: Dialect, spec: DiffSpec, columns: readonly Column[]): Sql {
  const fingerprint = dialect.fingerprint(
    spec.seed,
    columns.map((column) => ({
      value: qualified(dialect, 'm', column.name),
      family: column.family,
    })),
  )
  const mapped = columns.map(
    (column, index) =>
      sql`,\n    ${qualified(dialect, 'm', column.name)} as ${names.column(index)}`,
  )
  const select = sql`select 1 as is_present,
    ${rowId(dialect, spec)} as row_id,
    ${matchValue(dialect, spec)} as match_value,
    ${fingerprint} as fingerprint${join(mapped, '')}
  from ${raw(spec.relation)} as m${modelFilter(spec.filters)}`
  return spec.slice === undefined
    ? select
    : sql`select * from (
  ${select}
  ) as r where ${isInSlice(spec.slice, true)}`
}

/**
 * The key that ends each slice of at most `rows` candidates, in order. Reads keys and fingerprints only.
 * One row or none: there is nothing to slice.
 */
export function sliceStatement(dialect: Dialect, spec: DiffSpec, rows: number): Sql {
  const columns = mappedColumns(spec)
  return sql`with ${join(
    [
      ...repeatedRows(dialect, spec),
      sql`model_rows as (
  ${modelSelect(dialect, spec, columns)}
)`,
      sql`candidates as (
  select coalesce(m.row_id, s.row_id) as row_id
  from model_rows as m
  full join ${stateRows(dialect, spec)} as s on s.row_id = m.row_id
  where (${isCandidate(dialect, spec)})
)`,
    ],
    ',\n',
  )}
select max(row_id) as up_to
from (select row_id, floor((row_number() over (order by row_id) - 1) / ${raw(`${rows}.0`)}) as slice from candidates where row_id is not null) as numbered
group by slice order by up_to`
}

/**
 * Writes the change set of one sync into its plan table: only rows that changed, left, returned, are to be
 * retried, or must be rejected. Raw fingerprints pick the candidates; wire values decide.
 */
export function diffStatement(dialect: Dialect, spec: DiffSpec): Sql {
  const columns = mappedColumns(spec)
  const columnIndex = (name: string) => columns.findIndex((column) => column.name === name)
  const rendered = spec.properties.map((property) =>
    renderedProperty(dialect, property, columnIndex),
  )
  const checks = spec.properties.map((property, index) => {
    const unreadable = rendered[index]?.isInvalid
    const noOption = isNoOption(dialect, property, names.value(index))
    return { unreadable, noOption, isChecked: unreadable !== undefined || noOption !== undefined }
  })
  // Later steps read each value several times: without this some engines would render it as often.
  const once = raw(dialect.capabilities.materializes ? 'materialized' : '')
  const all = <T>(make: (property: DiffProperty, index: number) => T) => spec.properties.map(make)

  const modelRows = sql`model_rows as (
  ${modelSelect(dialect, spec, columns)}
)`
  const onlyRows =
    spec.onlyRows === undefined
      ? raw('')
      : sql`\n    and m.row_id in (${join(spec.onlyRows.map((row) => sql`${row}`))})`
  const candidates = sql`candidates as (
  select m.*, s.row_id as known_row_id, s.record_id, s.status as known_status,
    ${dialect.openJson(
      sql`case when s.record_id is null then null else s.sent_values end`,
      spec.properties.map((p) => p.name),
    )} as sent
  from model_rows as m
  full join ${stateRows(dialect, spec)} as s on s.row_id = m.row_id
  where (${isCandidate(dialect, spec)})${onlyRows}
)`
  const renderedRows = sql`rendered as ${once} (
  select is_present, coalesce(row_id, known_row_id) as row_id, match_value, fingerprint, record_id, known_status,
    ${join(
      all(
        (property, index) => sql`${rendered[index]?.value ?? raw('null')} as ${names.value(index)},
    ${dialect.jsonField(raw('sent'), property.name)} as ${names.old(index)}${
      checks[index]?.unreadable === undefined
        ? raw('')
        : sql`,\n    case when ${checks[index].unreadable} then ${heldValue(dialect, spec, property, columnIndex)} end as ${names.unreadable(index)}`
    }`,
      ),
      ',\n    ',
    )}
  from candidates
)`
  const checkedRows = sql`checked as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status${join(
    all((property, index) => {
      const check = checks[index]
      const cases = [
        check?.unreadable === undefined
          ? raw('')
          : sql` when ${names.unreadable(index)} is not null then ${unreadableText(property, names.unreadable(index), spec.auditValues)}`,
        check?.noOption === undefined
          ? raw('')
          : sql` when ${check.noOption} then ${noOptionText(property, names.value(index), spec.auditValues)}`,
      ]
      const bad = check?.isChecked
        ? sql`,\n    case${join(cases, '')} end as ${names.bad(index)}`
        : raw('')
      return sql`,\n    ${names.value(index)}, ${names.old(index)}${bad}`
    }),
    '',
  )}
  from rendered
)`
  const checkedBy = (policy: OnInvalid) =>
    spec.properties.flatMap(({ name, onInvalid }, index) =>
      checks[index]?.isChecked && onInvalid === policy ? [{ name, index }] : [],
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
  const afterRows = sql`decided as ${once} (
  select is_present, row_id, match_value, fingerprint, record_id, known_status,
    ${badNames('reject_row')} as invalid_properties, ${reasonMessage} as reason_message,
    ${badNames('drop_property')} as dropped_properties,
    ${join(
      all(
        (property, index) =>
          sql`${afterValue(property, index, checks[index]?.isChecked ?? false, spec.isFullRefresh)} as ${names.value(index)}, ${names.old(index)}`,
      ),
      ',\n    ',
    )}
  from checked
)`
  const isChanged = (index: number) =>
    spec.isFullRefresh
      ? sql`${names.value(index)} is not null`
      : sql`${names.value(index)} is distinct from ${names.old(index)}`
  const shown = (value: Sql) => (spec.auditValues === 'hashed' ? dialect.digest(value) : value)
  const auditObject = (pick: (index: number) => Sql) =>
    spec.auditValues === 'none'
      ? sql`cast(null as ${raw(dialect.type('text'))})`
      : dialect.jsonObject(
          all((property, index) => ({
            name: property.name,
            value: sql`case when ${isChanged(index)} then ${shown(pick(index))} end`,
          })),
        )
  // The first run's new_values say it all: a second copy would double the plan.
  const auditNew =
    spec.auditValues === 'full'
      ? sql`case when record_id is not null then ${auditObject(names.value)} end`
      : auditObject(names.value)
  const doubtful = all((property, index) => ({
    name: property.name,
    value: sql`case when ${isChanged(index)} then ${doubt} else ${names.old(index)} end`,
  }))
  const knownOld = (index: number) => sql`nullif(${names.old(index)}, ${doubt})`
  const listed = sql`listed as (
  select is_present, row_id, match_value, fingerprint, record_id, known_status, invalid_properties, reason_message, dropped_properties,
    ${dialect.jsonObject(all((property, index) => ({ name: property.name, value: names.value(index) })))} as new_values,
    ${dialect.nameList(all((property, index) => ({ name: property.name, when: isChanged(index) })))} as changed_properties,
    ${dialect.jsonObject(doubtful)} as doubtful_values,
    ${auditObject(knownOld)} as audit_old,
    ${auditNew} as audit_new
  from decided
)`
  const reasons = reasonOf(spec)
  const judged = sql`judged as (
  select listed.*, ${reasons.reason} as reason, ${reasons.detail} as reason_detail
  from listed${reasons.join}
)`
  const chosen = sql`chosen as (
  select judged.*, ${operationOf(spec)} as operation
  from judged
)`
  const ctes = [
    ...repeatedRows(dialect, spec),
    modelRows,
    candidates,
    renderedRows,
    checkedRows,
    afterRows,
    listed,
    judged,
    chosen,
  ]
  return sql`insert into ${raw(tableName(dialect, spec.plan))} (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message)
with ${join(ctes, ',\n')}
select ${spec.runId}, ${raw(String(spec.slice?.seqOffset ?? 0))} + row_number() over (order by operation, row_id), row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0), record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then reason_message end
from ${spec.limit === undefined ? raw('chosen') : firstToSend(spec.limit)}`
}

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
  return raw(`case
    when is_present is null then ${departed === 'leave' ? `'leave'` : `case when record_id is null then 'leave' else '${departed}' end`}
    when reason is not null then 'reject'
    when record_id is null then '${unbound}'
    when ${spec.mode === 'insert' ? '1 = 1' : "changed_properties = '[]'"} then 'refresh'
    else 'update' end`)
}
