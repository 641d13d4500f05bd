import type { Rendered } from '../dialect.ts'
import { quoteLiteral } from '../knex-compiler.ts'
import { raw, type Sql, sql } from '../sql.ts'
import { maxNumberLength, numberPattern } from '../wire-patterns.ts'

/** A constant of ours as a literal: regular expressions, words, zones. */
export const literal = (text: string): Sql => raw(quoteLiteral(text))

/** Text without white space around it. */
export const trimmed = (value: Sql): Sql => sql`trim(${value}::varchar, ${raw("E' \\t\\r\\n'")})`

/** A conversion that gives NULL for what it cannot read. */
export function fallible(value: Sql, converted: Sql): Rendered {
  return {
    value: converted,
    isInvalid: sql`coalesce(${value}::varchar <> '' and ${converted} is null, false)`,
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

/** Trimmed text that is a number; NULL for what is none. */
export function numberText(value: Sql): Sql {
  const text = trimmed(value)
  return sql`case when length(${text}) <= ${raw(String(maxNumberLength))} and regexp_full_match(${text}, ${literal(numberPattern)}) then ${text} end`
}

const parts = literal('^([+-]?)([0-9]*)[.]?([0-9]*)(?:[eE]([+-]?[0-9]+))?$')

/** Number text to plain decimal: no exponent, no superfluous zeros, `0` for every zero. In text, so that no digit is lost. */
export function plainDecimal(text: Sql): Sql {
  const digits = raw('(p.i || p.f)')
  const point = raw('(length(p.i) + coalesce(try_cast(p.e as integer), 0))')
  const whole = sql`ltrim(case when ${point} <= 0 then '' else rpad(${digits}, (${point})::integer, '0') end, '0')`
  const fraction = sql`rtrim(case when ${point} < 0 then repeat('0', -${point}) || ${digits} else substr(${digits}, ${point} + 1) end, '0')`
  const built = sql`case when ${whole} = '' and ${fraction} = '' then '0'
    else case p.s when '-' then '-' else '' end || coalesce(nullif(${whole}, ''), '0') || case ${fraction} when '' then '' else '.' || ${fraction} end end`
  // The list of one is a let: the parts are computed once.
  return sql`list_transform([regexp_extract(${text}, ${parts}, ['s', 'i', 'f', 'e'])], lambda p: ${built})[1]`
}

/** A finite float with 15 significant digits. Over its own text, so that FLOAT keeps the digits it shows. */
export function plainFloat(value: Sql): Sql {
  const text = sql`printf('%.15g', ${value}::varchar::double)`
  return sql`case when contains(${text}, 'e') then ${plainDecimal(text)} when ${value} = 0 then '0' else ${text} end`
}
