import { type Sql, sql } from '../sql.ts'
import { literal } from './fallible.ts'

/**
 * Numbers as plain decimal. In scalar expressions only: a subquery that names its parts would be shorter, but BigQuery limits
 * the subqueries of a statement, and a sync may map hundreds of columns.
 */

const replaced = (text: Sql, pattern: string, by: string): Sql =>
  sql`regexp_replace(${text}, ${literal(pattern)}, ${literal(by)})`

const extracted = (text: Sql, pattern: string): Sql =>
  sql`regexp_extract(${text}, ${literal(pattern)})`

/** Decimal text without exponent: no sign before zero, no `+`, no superfluous zeros. */
function tidied(text: Sql): Sql {
  const withPoint = replaced(text, '^([+-]?)0*([0-9]*)(?:[.]([0-9]*?)0*)?$', '\\1\\2.\\3')
  const bare = replaced(withPoint, '^[+]|[.]$', '')
  return replaced(replaced(bare, '^-?$', '0'), '^(-?)[.]', '\\10.')
}

/** Scientific text with its point moved to where the exponent says. */
function moved(text: Sql): Sql {
  const sign = extracted(text, '^[+-]?')
  const digits = replaced(text, '^[+-]|[.]|[eE].*$', '')
  const exponent = sql`cast(${extracted(text, '[eE](.*)$')} as int64)`
  const point = sql`(length(${extracted(text, '^[+-]?([0-9]*)')}) + ${exponent})`
  const whole = sql`rpad(${digits}, greatest(${point}, 0), '0')`
  const fraction = sql`concat(repeat('0', greatest(-${point}, 0)), substr(${digits}, greatest(${point}, 0) + 1))`
  return sql`concat(${sign}, ${whole}, '.', ${fraction})`
}

/** Number text to plain decimal. In text, so that no digit is lost. */
export const plainDecimal = (text: Sql): Sql =>
  tidied(
    sql`case when regexp_contains(${text}, ${literal('[eE]')}) then ${moved(text)} else ${text} end`,
  )

/** A finite float with 15 significant digits. */
export function plainFloat(value: Sql): Sql {
  const short = sql`format('%.15g', ${value})`
  const scientific = sql`format('%.14e', ${value})`
  const digits = replaced(scientific, '^-|[.]|e.*$', '')
  const exponent = sql`cast(${extracted(scientific, 'e(.*)$')} as int64)`
  const sign = sql`case when ${value} < 0 then '-' else '' end`
  return sql`case when ${value} = 0 then '0'
    when strpos(${short}, 'e') = 0 then ${short}
    when abs(${value}) >= 1 then concat(${sign}, ${digits}, repeat('0', ${exponent} - 14))
    else concat(${sign}, '0.', repeat('0', -${exponent} - 1), rtrim(${digits}, '0')) end`
}
