import type { Rendered, TypeFamily, WireForm } from '../dialect.ts'
import { join, raw, type Sql, sql } from '../sql.ts'
import { falseWords, trueWords } from '../wire-patterns.ts'
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
      const word = sql`lower(${trimmed(value)})`
      const isTrue = sql`${word} in (${join(trueWords.map(literal))})`
      const isFalse = sql`${word} in (${join(falseWords.map(literal))})`
      return fallible(value, sql`case when ${isTrue} then 'true' when ${isFalse} then 'false' end`)
    }
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
      return joinElements(sql`${value}::varchar[]`)
    case 'binary':
      return { value: sql`nullif(lower(hex(${value})), '')` }
    case 'time':
    case 'uuid':
    case 'text':
    case 'json':
    case 'other':
      return { value: sql`nullif(${text(value)}, '')` }
  }
}

/** Wire form of a column in DuckDB. Never fails, whatever the value: what cannot be read is invalid. */
export function renderDuckdb(value: Sql, family: TypeFamily, wire: WireForm): Rendered {
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
