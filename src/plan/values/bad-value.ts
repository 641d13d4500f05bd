import type { AuditValues } from '../../types.ts'
import type { Column, TypeFamily, WireForm } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { unrenderable } from '../diff-spec.ts'
import type { Lookup } from './lookups.ts'
import { limitWords, type ValueLimit } from './value-limits.ts'

/** What of a mapped property its messages need. */
interface CheckedProperty {
  readonly name: string
  readonly source:
    | {
        readonly kind: 'column'
        readonly column: Column
        readonly wire: WireForm
        readonly lookup?: Lookup
      }
    | { readonly kind: 'value' | 'row_id' }
  readonly options?: readonly string[]
  readonly spellings?: readonly (readonly [spelling: string, option: string])[]
  readonly isRendered?: true
}

/** Characters of a value that a message quotes, and of a whole message. */
const quotedCharacters = 80
const messageCharacters = 2_000

/** Options that a message lists. */
const listedOptions = 10

/** What is wrong with a value that has no wire form, by the form. */
const wrong = {
  text: 'has no text form',
  number: 'is no number',
  boolean: 'is neither true nor false',
  date: 'is no date',
  datetime: 'is no date and time',
  multi: 'has an element that holds a semicolon, or is no list',
} as const

/** Families that every engine can cast to text. */
const printableFamilies: readonly TypeFamily[] = ['text', 'integer', 'decimal', 'float']

/** True where a message may quote the value as the column holds it. */
export function isQuoted(property: CheckedProperty, auditValues: AuditValues): boolean {
  const { source } = property
  return (
    auditValues === 'full' &&
    source.kind === 'column' &&
    printableFamilies.includes(source.column.family)
  )
}

export const quoted = (value: Sql): Sql =>
  sql`'"' || substr(${value}, 1, ${raw(`${quotedCharacters}`)}) || '"'`

/** SQL text that says why a value has no wire form. @param value as the column holds it, as text; of a looked-up one `lookupTrouble` */
export function unreadableText(
  property: CheckedProperty,
  value: Sql,
  auditValues: AuditValues,
): Sql {
  const { source } = property
  if (source.kind === 'column' && source.lookup !== undefined && source.wire.kind !== 'multi') {
    return sql`${`${property.name}: `} || ${value}`
  }
  const kind = property.source.kind === 'column' ? property.source.wire.kind : 'text'
  const words = isQuoted(property, auditValues)
    ? sql`${`${property.name}: `} || ${quoted(value)} || ${` ${wrong[kind]}`}`
    : sql`${`${property.name}: the value ${wrong[kind]}`}`
  if (property.isRendered !== true) return words
  const failed = sql`${`${property.name}: the template failed: `} || substr(${value}, 2)`
  return sql`case when ${isUnrenderable(value)} then ${failed} else ${words} end`
}

const unknownTerms = {
  owner: 'is no e-mail address of an owner in HubSpot',
  event: 'is no event in HubSpot',
  link: 'is no label of a link',
} as const

/** SQL text that says that the row's event has no such property. @param event its full name */
export const noPropertyText = ({ name }: CheckedProperty, event: Sql): Sql =>
  sql`${`${name}: `} || ${event} || ' has no such property'`

/**
 * SQL text that says why what a column holds means nothing to HubSpot, with the labels there are.
 *
 * @param term as the column holds it
 * @param trouble what the lookup says of the term; NULL when it has no such entry
 */
export function lookupTrouble(
  { kind, entries }: Lookup,
  term: Sql,
  trouble: Sql,
  auditValues: AuditValues,
): Sql {
  const labels = entries.map((entry) => entry.term)
  const more = labels.length > listedOptions ? ', …' : ''
  const unknown =
    kind !== 'label'
      ? unknownTerms[kind]
      : `is no label of an option (labels: ${labels.slice(0, listedOptions).join(', ')}${more})`
  // Which options share a label says what the value is.
  const isTold = auditValues === 'full' || kind === 'owner'
  const words = isTold ? sql`coalesce(${trouble}, ${unknown})` : sql`${unknown}`
  return auditValues === 'full'
    ? sql`${quoted(term)} || ' ' || ${words}`
    : sql`'the value ' || ${words}`
}

/** SQL text that says how a value is beyond a limit. @param value its wire form */
export function beyondLimitText(
  property: CheckedProperty,
  limit: ValueLimit,
  value: Sql,
  auditValues: AuditValues,
): Sql {
  const words = ` ${limitWords(limit)}, which HubSpot does not take`
  return auditValues === 'full'
    ? sql`${`${property.name}: `} || ${quoted(value)} || ${words}`
    : sql`${`${property.name}: the value${words}`}`
}

/** SQL text that names the other row with a value that must be unique. @param other its key */
export function repeatedText(
  property: CheckedProperty,
  value: Sql,
  other: Sql,
  auditValues: AuditValues,
): Sql {
  const words = ' must be unique, and row '
  const start =
    auditValues === 'full'
      ? sql`${`${property.name}: `} || ${quoted(value)} || ${words}`
      : sql`${`${property.name}: the value${words}`}`
  return sql`${start} || ${other} || ' of the model has it, too'`
}
/** SQL that is true where the text of a template says why there is none. */
export const isUnrenderable = (text: Sql): Sql =>
  sql`coalesce(substr(${text}, 1, 1) = ${unrenderable}, 1 = 0)`

/** SQL text that says that a value is no option, and which there are. @param value its wire form */
export function noOptionText(property: CheckedProperty, value: Sql, auditValues: AuditValues): Sql {
  const known = property.options ?? []
  const more = known.length > listedOptions ? ', …' : ''
  const listed = ` (options: ${known.slice(0, listedOptions).join(', ')}${more})`
  // The option that was meant says as much as the value itself.
  return auditValues === 'full'
    ? sql`${`${property.name}: `} || ${quoted(value)} || ' is no option' || ${meantOption(property, value, listed)}`
    : sql`${`${property.name}: the value is no option${listed}`}`
}

function meantOption({ spellings = [] }: CheckedProperty, value: Sql, otherwise: string): Sql {
  if (spellings.length === 0) return sql`${otherwise}`
  const cases = spellings.map(
    ([spelling, option]) => sql` when ${spelling} then ${` (did you mean ${option}?)`}`,
  )
  return sql`case lower(trim(${value}))${join(cases, '')} else ${otherwise} end`
}

/** All texts that are not NULL, parted by `; `; NULL when there are none. */
export function joinedTexts(texts: readonly Sql[]): Sql {
  const parts = texts.map((text) => sql`coalesce('; ' || ${text}, '')`)
  return sql`nullif(substr(${balanced(parts)}, 3, ${raw(`${messageCharacters}`)}), '')`
}

/** Concatenates in halves: engines limit how deep an expression may nest, and a chain nests once per part. */
export function balanced(parts: readonly Sql[]): Sql {
  const [first] = parts
  if (first === undefined) return raw("''")
  if (parts.length === 1) return first
  const middle = Math.ceil(parts.length / 2)
  return sql`(${balanced(parts.slice(0, middle))} || ${balanced(parts.slice(middle))})`
}
