import type { Rendered, TypeFamily } from '../dialect.ts'
import { type Sql, sql } from '../sql.ts'
import { wireRenderer, wordValue } from '../wire-renderer.ts'
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

function renderPlain(value: Sql, family: TypeFamily): Rendered {
  switch (family) {
    case 'binary':
      return { value: sql`nullif(to_hex(${value}), '')` }
    case 'time':
      return { value: sql`format_time('%H:%M:%E*S', ${value})` }
    default:
      return { value: sql`nullif(${asText(value, family)}, '')` }
  }
}

/** Wire form of a column in BigQuery. Never fails, whatever the value: what cannot be read is invalid. */
export const renderBigquery = wireRenderer({
  number: renderNumber,
  words: {
    word: (value, family) => sql`lower(${trimmed(asText(value, family))})`,
    literal,
    read: (value, family, isTrue, isFalse) => ({
      value: wordValue(isTrue, isFalse),
      isInvalid: sql`coalesce(${asText(value, family)} <> '' and not (${isTrue} or ${isFalse}), false)`,
    }),
  },
  moment: renderMoment,
  array: (value) => renderList(value, sql`${value} is not null`),
  jsonList: (value) =>
    renderList(value, sql`(${value} is not null and to_json_string(${value}) <> 'null')`),
  text: renderPlain,
  nonsense,
})
