import type { Rendered, TypeFamily } from '../dialect.ts'
import { raw, type Sql, sql } from '../sql.ts'
import { maxNumberLength, numberPattern } from '../wire-patterns.ts'
import { bytewise, literal, trimmed } from './literals.ts'

/**
 * A conversion that gives NULL for what it cannot read.
 *
 * @param text the value as text, NULL where it is absent
 * @param readable shorter SQL that is NULL when `converted` is
 */
export function fallible(text: Sql, converted: Sql, readable = converted): Rendered {
  return {
    value: converted,
    isInvalid: sql`coalesce(${text} <> '' and ${readable} is null, false)`,
  }
}

/** A conversion that makes no sense: no value of the family has the form. */
export const nonsense = (value: Sql): Rendered => ({
  value: sql`null::varchar`,
  isInvalid: sql`(${value} is not null)`,
})

/** A conversion that only works within a range. The condition may be NULL when the value is. */
export const bounded = (inRange: Sql, converted: Sql): Rendered => ({
  value: sql`case when ${inRange} then ${converted} end`,
  isInvalid: sql`coalesce(not (${inRange}), false)`,
})

/** Text that is a number, trimmed; NULL for what is none. */
export function numberText(text: Sql): Sql {
  const word = trimmed(text)
  return sql`case when length(${word}) <= ${raw(String(maxNumberLength))} and regexp_like(${word}, ${literal(numberPattern)}) then ${word} end`
}

/** A decimal's text has as many digits after the point as its type. */
export const plainFixed = (value: Sql): Sql =>
  sql`case when contains(${value}::varchar, '.') then rtrim(rtrim(${value}::varchar, '0'), '.') else ${value}::varchar end`

/**
 * Plain decimal, without its sign, of digits that may have their point outside of them: no exponent, no superfluous zeros, `0` for
 * every zero. In text, so that no digit is lost; and each part once, because statements have a limit of 1 MB.
 *
 * @param digits digits only
 * @param point how many digits are before the point; negative, or more than there are
 * @param room most zeros that may be needed on either side
 */
function plainDigits(digits: Sql, point: Sql, room: number): Sql {
  const zeros = raw(`repeat('0', ${room})`)
  const spread = sql`insert(${zeros} || ${digits} || ${zeros}, ${raw(String(room + 1))} + ${point}, 0, '.')`
  return sql`rtrim(rtrim(regexp_replace(${spread}, '^0+([0-9])', ${literal('\\1')}), '0'), '.')`
}

/** The largest exponent that `numberPattern` lets through, and the digits that may stand before it. */
const textRoom = 999 + maxNumberLength

/** Text that is a number, as plain decimal; NULL for NULL. */
export function plainText(number: Sql): Sql {
  const scientific = sql`ltrim(upper(${number}), '+-')`
  const mantissa = sql`split_part(${scientific}, 'E', 1)`
  const exponent = sql`coalesce(try_to_number(split_part(${scientific}, 'E', 2)), 0)`
  const point = sql`length(split_part(${mantissa}, '.', 1)) + ${exponent}`
  const unsigned = plainDigits(sql`replace(${mantissa}, '.', '')`, point, textRoom)
  return sql`regexp_replace(iff(left(${number}, 1) = '-', '-', '') || ${unsigned}, '^-0$', '0')`
}

/** Digits of the smallest and largest double, with a margin. */
const floatRoom = 330

/**
 * A finite float with 15 significant digits. Scientific notation with a fixed number of digits is the one form whose digits
 * Snowflake documents; by default they depend on the value.
 * https://docs.snowflake.com/en/sql-reference/sql-format-models#fixed-position-numeric-formats
 */
export function plainFloat(value: Sql): Sql {
  const text = sql`to_varchar(${value}, 'S0.00000000000000EEEEE')`
  const digits = sql`regexp_replace(split_part(${text}, 'E', 1), '[^0-9]', '')`
  const point = sql`1 + try_to_number(split_part(${text}, 'E', 2))`
  return sql`iff(${value} < 0, '-', '') || ${plainDigits(digits, point, floatRoom)}`
}

/** Neither NaN nor infinite. */
export const isRegular = (value: Sql): Sql =>
  sql`${value} not in ('NaN'::float, 'inf'::float, '-inf'::float)`

/** A semi-structured value as text: a string without its quotes, JSON null as NULL. */
const variantText = (value: Sql): Sql =>
  sql`case when typeof(${value}) in ('OBJECT', 'ARRAY') then to_json(${value}) when typeof(${value}) <> 'NULL_VALUE' then to_varchar(${value}) end`

/** The value of a column of any type that is read as text. */
export function textOf(value: Sql, family: TypeFamily): Sql {
  if (family === 'json') return variantText(value)
  return bytewise(family === 'text' ? value : sql`${value}::varchar`)
}
