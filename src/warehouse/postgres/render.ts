import type { Rendered, TypeFamily, WireForm } from '../dialect.ts'
import { join, raw, type Sql, sql } from '../sql.ts'
import { falseWords, trueWords } from '../wire-patterns.ts'
import {
  bounded,
  fallible,
  floatAsNumeric,
  literal,
  nonsense,
  textAsNumeric,
  trimmed,
} from './fallible.ts'
import { renderMoment } from './moments.ts'

const plain = (numeric: Sql): Sql => sql`trim_scale(${numeric})::text`

const isFiniteNumber = (value: Sql): Sql => sql`${value} not in ('NaN', 'Infinity', '-Infinity')`

function renderNumber(value: Sql, family: TypeFamily): Rendered {
  switch (family) {
    case 'integer':
      return { value: sql`${value}::text` }
    case 'decimal':
      return bounded(isFiniteNumber(value), plain(value))
    case 'float':
      return bounded(isFiniteNumber(value), plain(floatAsNumeric(value)))
    case 'text':
    case 'json':
    case 'other':
      return fallible(value, plain(sql`(${textAsNumeric(value)})`))
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
      const text = sql`lower(${trimmed(value)})`
      const isTrue = sql`${text} in (${join(trueWords.map(literal))})`
      const isFalse = sql`${text} in (${join(falseWords.map(literal))})`
      return fallible(value, sql`case when ${isTrue} then 'true' when ${isFalse} then 'false' end`)
    }
    default:
      return nonsense(value)
  }
}

const separator = raw("';'")

function renderArray(value: Sql): Rendered {
  const elements = sql`${value}::text[]`
  return bounded(
    sql`position(${separator} in array_to_string(${elements}, '')) = 0`,
    sql`nullif(array_to_string(array_remove(${elements}, ''), ${separator}), '')`,
  )
}

/** A JSON list as a multi-value. An escaped NUL cannot become text, and asking for it would be an error. */
function renderJsonList(value: Sql): Rendered {
  const isList = sql`json_typeof(${value}::json) = 'array' and position('\\u0000' in ${value}::text) = 0`
  const elements = sql`json_array_elements_text(case when ${isList} then ${value}::json end) with ordinality as e(v, i)`
  const isWhole = sql`(select coalesce(bool_and(position(${separator} in e.v) = 0), true) from ${elements})`
  return {
    value: sql`case when ${isWhole} then (select string_agg(e.v, ${separator} order by e.i) from ${elements} where e.v <> '') end`,
    isInvalid: sql`coalesce(${value}::text <> 'null' and not (${isList} and ${isWhole}), false)`,
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
      return { value: sql`nullif(encode(${value}, 'hex'), '')` }
    case 'time':
    case 'uuid':
    case 'text':
    case 'json':
    case 'other':
      return { value: sql`nullif(${value}::text, '')` }
  }
}

/** Wire form of a column in PostgreSQL. Never fails, whatever the value: what cannot be read is invalid. */
export function renderPostgres(value: Sql, family: TypeFamily, wire: WireForm): Rendered {
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
