import type { Column, Dialect, TypeFamily } from '../../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../../warehouse/sql.ts'
import { contactIn, type DiffSpec, type EventContact } from '../diff-spec.ts'
import { emailForm } from '../values/email-form.ts'

export function qualified(dialect: Dialect, alias: string, column: string): Sql {
  return raw(`${alias}.${dialect.quote(column)}`)
}

/**
 * The rows of the model that all filters let through, as `m`. Each filter has a query of its own: one that closes our bracket
 * (`a) or (b`) undoes no other. The bracket closes on a line of its own: a filter may end in a comment.
 */
export function modelRows({ relation, filters }: Pick<DiffSpec, 'relation' | 'filters'>): Sql {
  const filtered = filters.reduce(
    (from, filter, index) =>
      `${index === 0 ? from : `(select * from ${from}) as m`}\n  where (${filter}\n    )`,
    `${relation} as m`,
  )
  return raw(filtered)
}

/** Families whose wire form drops digits: two keys must never become one. */
const roundedFamilies: readonly TypeFamily[] = ['timestamp', 'timestamptz', 'time']

/** Up to here doubles tell all whole numbers apart. */
const maxWholeFloat = raw('9007199254740992')

/**
 * A whole number goes by the same text as in an integer or decimal column: engines write `1.0` and `1e+15`, and a key column whose type
 * changes must not make every row new. What is not cast is NULL, so that nothing fails where engines look at both branches.
 */
export function floatKey(dialect: Dialect, value: Sql): Sql {
  const text = raw(dialect.type('text'))
  const whole = sql`case when ${value} = floor(${value}) and abs(${value}) <= ${maxWholeFloat} then ${value} end`
  return sql`coalesce(cast(cast(${whole} as ${raw(dialect.type('integer'))}) as ${text}), cast(${value} as ${text}))`
}

/** What of a diff says which rows a model has. */
export type KeyedModel = Pick<
  DiffSpec,
  'relation' | 'filters' | 'keyColumns' | 'match' | 'event' | 'list'
>

/** The primary key as one text: the column as text, without loss, or a JSON list of several. NULL when any part is. */
export function rowId(
  dialect: Dialect,
  { keyColumns }: Pick<KeyedModel, 'keyColumns'>,
  columnSql = (name: string): Sql => qualified(dialect, 'm', name),
  held = (text: Sql, _family: TypeFamily): Sql => text,
): Sql {
  const parts = keyColumns.map(({ name, family }) => {
    const value = columnSql(name)
    if (family === 'float') return floatKey(dialect, value)
    return roundedFamilies.includes(family)
      ? sql`cast(${value} as ${raw(dialect.type('text'))})`
      : held(dialect.render(value, family, { kind: 'text' }).value, family)
  })
  const [only] = parts
  return parts.length === 1 && only !== undefined ? only : dialect.keyList(parts)
}

/** Nothing but spaces is no key. */
export const heldText = (text: Sql): Sql => sql`case when trim(${text}, ' ') <> '' then ${text} end`

/** The key of a row of another sync, as columns of this one's model name it; NULL where one of them names nothing. */
export const foreignKey = (
  dialect: Dialect,
  keyColumns: readonly Column[],
  columnSql?: (name: string) => Sql,
): Sql =>
  rowId(dialect, { keyColumns }, columnSql, (text, family) =>
    family === 'text' ? heldText(text) : family === 'json' ? sql`nullif(${text}, 'null')` : text,
  )

/** What finds the record of a row, as the state keeps it; NULL where nothing does. */
export function matchValue(dialect: Dialect, spec: KeyedModel): Sql {
  const contact = contactIn(spec)
  if (contact !== undefined) return contactValue(dialect, contact)
  if (spec.match === undefined) return sql`cast(null as ${raw(dialect.type('text'))})`
  const { column, wire, foldsCase, by } = spec.match
  const { value } = dialect.render(qualified(dialect, 'm', column.name), column.family, wire)
  if (by === 'record_id') return sql`nullif(trim(${value}, ' '), '')`
  return foldsCase ? emailForm(value) : value
}

/** What says which record a row is about; NULL for none. */
function contactValue(dialect: Dialect, { by, columns }: EventContact): Sql {
  const [column] = columns
  if (by === 'sync' || column === undefined) return foreignKey(dialect, columns)
  const held = qualified(dialect, 'm', column.name)
  const { value } = dialect.render(held, column.family, { kind: 'text' })
  return by === 'email' ? emailForm(value) : sql`nullif(trim(${value}, ' '), '')`
}

/** The key of each row of the model, as `row_id`. */
export const modelKeys = (dialect: Dialect, spec: KeyedModel): Sql =>
  sql`select ${rowId(dialect, spec)} as row_id from ${modelRows(spec)}`

/** Key and match value of each row of the model, as `row_id` and `match_value`. */
export const modelMatches = (dialect: Dialect, spec: KeyedModel): Sql =>
  sql`select ${rowId(dialect, spec)} as row_id, ${matchValue(dialect, spec)} as match_value
  from ${modelRows(spec)}`
