import type { Rendered, TypeFamily } from '../dialect.ts'
import { raw, type Sql, sql } from '../sql.ts'
import { maxNumberLength, numberPattern } from '../wire-patterns.ts'

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
}

/** A constant of ours as a literal: regular expressions, words, zones, names. */
export const literal = (text: string): Sql =>
  raw(`'${text.replace(/[\\'\n\r]/g, (character) => escapes[character] ?? character)}'`)

/** What a column says as text, for families that are read as text. Lists and structs say their JSON. */
export function asText(value: Sql, family: TypeFamily): Sql {
  switch (family) {
    case 'text':
      return value
    case 'json':
      return sql`case when ${value} is not null then to_json_string(${value}) end`
    default:
      return sql`case when ${value} is not null then format('%t', ${value}) end`
  }
}

/** Text without white space around it. */
export const trimmed = (text: Sql): Sql => sql`trim(${text}, ${raw("' \\t\\r\\n'")})`

/** Text that is converted where it is readable. Neither may fail, whatever the text. */
export const fallible = (text: Sql, isReadable: Sql, converted: Sql): Rendered => ({
  value: sql`case when ${isReadable} then ${converted} end`,
  isInvalid: sql`coalesce(${text} <> '' and not (${isReadable}), false)`,
})

/** A conversion that makes no sense: no value of the family has the form. */
export const nonsense = (value: Sql): Rendered => ({
  value: sql`cast(null as string)`,
  isInvalid: sql`(${value} is not null)`,
})

/** A conversion that only works within a range. The condition may be NULL when the value is. */
export const bounded = (inRange: Sql, converted: Sql): Rendered => ({
  value: sql`case when ${inRange} then ${converted} end`,
  isInvalid: sql`coalesce(not (${inRange}), false)`,
})

/** True for trimmed text that is a number. */
export const isNumberText = (text: Sql): Sql =>
  sql`length(${text}) <= ${raw(String(maxNumberLength))} and regexp_contains(${text}, ${literal(numberPattern)})`
