import type { Rendered, TypeFamily, WireForm } from '../dialect.ts'
import { join, type Sql, sql } from '../sql.ts'
import { falseWords, trueWords } from '../wire-patterns.ts'
import { asText, bounded, fallible, isNumberText, literal, nonsense, trimmed } from './fallible.ts'
import { renderMoment } from './moments.ts'
import { plainDecimal, plainFloat } from './numbers.ts'

function renderNumber(value: Sql, family: TypeFamily): Rendered {
  switch (family) {
    case 'integer':
    case 'decimal':
      return { value: sql`cast(${value} as string)` }
    case 'float':
      return bounded(sql`not (is_nan(${value}) or is_inf(${value}))`, plainFloat(value))
    case 'text':
    case 'json':
    case 'other': {
      const whole = asText(value, family)
      const text = trimmed(whole)
      return fallible(whole, isNumberText(text), plainDecimal(text))
    }
    default:
      return nonsense(value)
  }
}

function renderBoolean(value: Sql, family: TypeFamily): Rendered {
  switch (family) {
    case 'boolean':
      return { value: sql`case when ${value} then 'true' when not ${value} then 'false' end` }
    case 'integer':
    case 'decimal':
    case 'float':
      return {
        value: sql`case ${value} when 1 then 'true' when 0 then 'false' end`,
        isInvalid: sql`coalesce(${value} not in (0, 1), false)`,
      }
    case 'text':
    case 'json':
    case 'other': {
      const whole = asText(value, family)
      const word = sql`lower(${trimmed(whole)})`
      const isTrue = sql`${word} in (${join(trueWords.map(literal))})`
      const isFalse = sql`${word} in (${join(falseWords.map(literal))})`
      return {
        value: sql`case when ${isTrue} then 'true' when ${isFalse} then 'false' end`,
        isInvalid: sql`coalesce(${whole} <> '' and not (${isTrue} or ${isFalse}), false)`,
      }
    }
    default:
      return nonsense(value)
  }
}

/**
 * A list as a multi-value. Over its JSON, since only lists of text can be joined; NULL and empty elements are left out.
 * `isNoList` tells what is invalid among values that are no list of scalars.
 */
function renderList(value: Sql, isNoList: Sql): Rendered {
  const elements = sql`json_value_array(to_json_string(${value}))`
  const hasSeparator = sql`strpos(array_to_string(${elements}, ''), ';') > 0`
  const joined = sql`regexp_replace(array_to_string(${elements}, ';'), ';+', ';')`
  return {
    value: sql`case when not (${hasSeparator}) then nullif(trim(${joined}, ';'), '') end`,
    isInvalid: sql`coalesce(${hasSeparator}, ${isNoList})`,
  }
}

function renderText(value: Sql, family: TypeFamily, wire: WireForm): Rendered {
  switch (family) {
    case 'integer':
    case 'decimal':
    case 'float':
      return renderNumber(value, family)
    case 'boolean':
      return renderBoolean(value, family)
    case 'date':
      return renderMoment(value, family, 'date', { kind: 'date' })
    case 'timestamp':
    case 'timestamptz':
      return renderMoment(value, family, 'datetime', wire)
    case 'array':
      return renderList(value, sql`${value} is not null`)
    case 'binary':
      return { value: sql`nullif(to_hex(${value}), '')` }
    case 'time':
      return { value: sql`format_time('%H:%M:%E*S', ${value})` }
    case 'text':
    case 'json':
    case 'uuid':
    case 'other':
      return { value: sql`nullif(${asText(value, family)}, '')` }
  }
}

/** Wire form of a column in BigQuery. Never fails, whatever the value: what cannot be read is invalid. */
export function renderBigquery(value: Sql, family: TypeFamily, wire: WireForm): Rendered {
  switch (wire.kind) {
    case 'number':
      return renderNumber(value, family)
    case 'boolean':
      return renderBoolean(value, family)
    case 'date':
    case 'datetime':
      return renderMoment(value, family, wire.kind, wire)
    case 'multi':
      return family === 'json'
        ? renderList(value, sql`(${value} is not null and to_json_string(${value}) <> 'null')`)
        : renderText(value, family, wire)
    case 'text':
      return renderText(value, family, wire)
  }
}
