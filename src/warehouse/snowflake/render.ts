import type { Rendered, TypeFamily } from '../dialect.ts'
import { raw, type Sql, sql } from '../sql.ts'
import { wireRenderer, wordValue } from '../wire-renderer.ts'
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

function renderPlain(value: Sql, family: TypeFamily): Rendered {
  switch (family) {
    case 'binary':
      return { value: sql`nullif(hex_encode(${value}, 0), '')` }
    case 'time':
      return { value: sql`rtrim(rtrim(to_varchar(${value}, 'HH24:MI:SS.FF9'), '0'), '.')` }
    default:
      return { value: sql`nullif(${textOf(value, family)}, '')` }
  }
}

/** Wire form of a column in Snowflake. Never fails, whatever the value: what cannot be read is invalid. */
export const renderSnowflake = wireRenderer({
  number: renderNumber,
  words: {
    word: (value, family) => sql`lower(${trimmed(textOf(value, family))})`,
    literal,
    read: (value, family, isTrue, isFalse) =>
      fallible(textOf(value, family), wordValue(isTrue, isFalse)),
  },
  moment: renderMoment,
  array: renderArray,
  jsonList: renderJsonList,
  text: renderPlain,
  nonsense,
})
