import type { Rendered, TypeFamily } from '../dialect.ts'
import { raw, type Sql, sql } from '../sql.ts'
import { wireRenderer, wordValue } from '../wire-renderer.ts'
import {
  bounded,
  fallible,
  literal,
  nonsense,
  numberText,
  plainDecimal,
  plainFloat,
  trimmed,
} from './fallible.ts'
import { renderMoment } from './moments.ts'

const text = (value: Sql): Sql => sql`${value}::varchar`

function renderNumber(value: Sql, family: TypeFamily): Rendered {
  switch (family) {
    case 'integer':
      return { value: text(value) }
    case 'decimal':
      return {
        value: sql`case when contains(${text(value)}, '.') then rtrim(rtrim(${text(value)}, '0'), '.') else ${text(value)} end`,
      }
    case 'float':
      return bounded(sql`isfinite(${value})`, plainFloat(value))
    case 'text':
    case 'json':
    case 'other':
      return fallible(value, plainDecimal(numberText(value)))
    default:
      return nonsense(value)
  }
}

const separator = raw("';'")

function joinElements(list: Sql): Rendered {
  return bounded(
    sql`not contains(array_to_string(${list}, ''), ${separator})`,
    sql`nullif(array_to_string(list_filter(${list}, lambda e: e <> ''), ${separator}), '')`,
  )
}

/** A JSON list as a multi-value. */
function renderJsonList(value: Sql): Rendered {
  const { value: joined, isInvalid } = joinElements(sql`json_extract_string(${value}, '$[*]')`)
  const isList = sql`json_type(${value}) = 'ARRAY'`
  return {
    value: sql`case when ${isList} then ${joined} end`,
    isInvalid: sql`coalesce(case when ${isList} then ${isInvalid ?? raw('false')} else json_type(${value}) <> 'NULL' end, false)`,
  }
}

/** Wire form of a column in DuckDB. Never fails, whatever the value: what cannot be read is invalid. */
export const renderDuckdb = wireRenderer({
  number: renderNumber,
  words: {
    word: (value) => sql`lower(${trimmed(value)})`,
    literal,
    read: (value, _, isTrue, isFalse) => fallible(value, wordValue(isTrue, isFalse)),
  },
  moment: renderMoment,
  array: (value) => joinElements(sql`${value}::varchar[]`),
  jsonList: renderJsonList,
  text: (value, family) => ({
    value:
      family === 'binary' ? sql`nullif(lower(hex(${value})), '')` : sql`nullif(${text(value)}, '')`,
  }),
  nonsense,
})
