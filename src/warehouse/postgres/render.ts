import type { Rendered, TypeFamily } from '../dialect.ts'
import { raw, type Sql, sql } from '../sql.ts'
import { wireRenderer, wordValue } from '../wire-renderer.ts'
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

/** Wire form of a column in PostgreSQL. Never fails, whatever the value: what cannot be read is invalid. */
export const renderPostgres = wireRenderer({
  number: renderNumber,
  words: {
    word: (value) => sql`lower(${trimmed(value)})`,
    literal,
    read: (value, _, isTrue, isFalse) => fallible(value, wordValue(isTrue, isFalse)),
  },
  moment: renderMoment,
  array: renderArray,
  jsonList: renderJsonList,
  text: (value, family) => ({
    value:
      family === 'binary'
        ? sql`nullif(encode(${value}, 'hex'), '')`
        : sql`nullif(${value}::text, '')`,
  }),
  nonsense,
})
