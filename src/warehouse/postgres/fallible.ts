import type { Rendered } from '../dialect.ts'
import { quoteLiteral } from '../knex-compiler.ts'
import { raw, type Sql, sql } from '../sql.ts'
import { maxNumberLength, numberPattern } from '../wire-patterns.ts'

/** A constant of ours as a literal: regular expressions, words, zones. */
export const literal = (text: string): Sql => raw(quoteLiteral(text))

/** Text without white space around it. */
export const trimmed = (value: Sql): Sql => sql`btrim(${value}::text, ${raw("E' \\t\\r\\n'")})`

/** A conversion that gives NULL for what it cannot read. */
export function fallible(value: Sql, converted: Sql): Rendered {
  return {
    value: converted,
    isInvalid: sql`coalesce(${value}::text <> '' and ${converted} is null, false)`,
  }
}

/** A conversion that makes no sense: no value of the family has the form. */
export const nonsense = (value: Sql): Rendered => ({
  value: sql`null::text`,
  isInvalid: sql`(${value} is not null)`,
})

/** A conversion that only works within a range. The condition may be NULL when the value is. */
export const bounded = (inRange: Sql, converted: Sql): Rendered => ({
  value: sql`case when ${inRange} then ${converted} end`,
  isInvalid: sql`coalesce(not (${inRange}), false)`,
})

/** Text as numeric; NULL for what is no number. */
export function textAsNumeric(value: Sql): Sql {
  const text = trimmed(value)
  return sql`case when length(${text}) <= ${raw(String(maxNumberLength))} and ${text} ~ ${literal(numberPattern)} then ${text}::numeric end`
}

/** The detour over text keeps `real` at the digits it shows; float8 → numeric rounds to 15 significant digits. */
export const floatAsNumeric = (value: Sql): Sql => sql`${value}::text::float8::numeric`
