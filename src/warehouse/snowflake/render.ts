import type { Rendered, TypeFamily, WireForm } from '../dialect.ts'
import { join, raw, type Sql, sql } from '../sql.ts'
import { falseWords, trueWords } from '../wire-patterns.ts'
import { literal, trimmed } from './literals.ts'
import { renderMoment } from './moments.ts'
import {
  bounded,
  fallible,
  isRegular,
  nonsense,
  numberText,
  plainFixed,
  plainFloat,
  plainText,
  textOf,
} from './numbers.ts'

function renderNumber(value: Sql, family: TypeFamily): Rendered {
  switch (family) {
    case 'integer':
      return { value: sql`${value}::varchar` }
    case 'decimal':
      return { value: plainFixed(value) }
    case 'float':
      return bounded(isRegular(value), plainFloat(value))
    case 'text':
    case 'json':
    case 'other': {
      const text = textOf(value, family)
      const number = numberText(text)
      return fallible(text, plainText(number), number)
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
      const text = textOf(value, family)
      const word = sql`lower(${trimmed(text)})`
      const isTrue = sql`${word} in (${join(trueWords.map(literal))})`
      const isFalse = sql`${word} in (${join(falseWords.map(literal))})`
      return fallible(text, sql`case when ${isTrue} then 'true' when ${isFalse} then 'false' end`)
    }
    default:
      return nonsense(value)
  }
}

const separator = raw("';'")

/** Elements that are NULL or empty are left out: where two separators meet, or one stands at an end. */
function renderArray(value: Sql): Rendered {
  const elements = sql`array_compact(${value})`
  const joined = sql`array_to_string(${elements}, ${separator})`
  return bounded(
    sql`not contains(array_to_string(${elements}, ''), ${separator})`,
    sql`nullif(trim(regexp_replace(${joined}, ';+', ';'), ';'), '')`,
  )
}

/** A VARIANT that holds a list, as a multi-value. */
function renderJsonList(value: Sql): Rendered {
  const isList = sql`is_array(${value})`
  const { value: joined, isInvalid } = renderArray(sql`as_array(${value})`)
  return {
    value: sql`case when ${isList} then ${joined} end`,
    isInvalid: sql`coalesce(case when ${isList} then ${isInvalid ?? raw('false')} else not is_null_value(${value}) end, false)`,
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
      return renderArray(value)
    case 'binary':
      return { value: sql`nullif(hex_encode(${value}, 0), '')` }
    case 'time':
      return { value: sql`rtrim(rtrim(to_varchar(${value}, 'HH24:MI:SS.FF9'), '0'), '.')` }
    case 'json':
    case 'uuid':
    case 'text':
    case 'other':
      return { value: sql`nullif(${textOf(value, family)}, '')` }
  }
}

/** Wire form of a column in Snowflake. Never fails, whatever the value: what cannot be read is invalid. */
export function renderSnowflake(value: Sql, family: TypeFamily, wire: WireForm): Rendered {
  switch (wire.kind) {
    case 'number':
      return renderNumber(value, family)
    case 'boolean':
      return renderBoolean(value, family)
    case 'date':
    case 'datetime':
      return renderMoment(value, family, wire.kind, wire)
    case 'multi':
      return family === 'json' ? renderJsonList(value) : renderText(value, family, wire)
    case 'text':
      return renderText(value, family, wire)
  }
}
