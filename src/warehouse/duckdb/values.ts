import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  SQLNULL,
  VARCHAR,
} from '@duckdb/node-api'
import type { Value } from '../sql.ts'

/** A cell as a `Value`: what has no exact JavaScript form becomes text. */
export function cellValue(value: DuckDBValue): Value {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    default:
      return value === null || value === undefined ? null : (momentText(value) ?? String(value))
  }
}

function momentText(value: DuckDBValue): string | undefined {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) {
    return isoText(value.micros)
  }
  if (value instanceof DuckDBTimestampSecondsValue) return isoText(value.seconds * 1_000_000n)
  if (value instanceof DuckDBTimestampMillisecondsValue) return isoText(value.millis * 1000n)
  if (value instanceof DuckDBTimestampNanosecondsValue) return isoText(value.nanos / 1000n)
  return undefined
}

/** ISO 8601 in UTC with milliseconds; microseconds are kept when there are any. */
function isoText(micros: bigint): string | undefined {
  const rest = ((micros % 1000n) + 1000n) % 1000n
  const moment = new Date(Number((micros - rest) / 1000n))
  if (Number.isNaN(moment.getTime())) return undefined
  const text = moment.toISOString().replace(/^\+0*/, '')
  return rest === 0n ? text : text.replace('Z', `${String(rest).padStart(3, '0')}Z`)
}

/** A bound value with the type that it is bound as: the SDK would take integers for INTEGER. */
export function boundValue(value: Value): {
  readonly value: DuckDBValue
  readonly type: DuckDBType
} {
  switch (typeof value) {
    case 'string':
      return { value, type: VARCHAR }
    case 'boolean':
      return { value, type: BOOLEAN }
    case 'number':
      return Number.isSafeInteger(value)
        ? { value: BigInt(value), type: BIGINT }
        : { value, type: DOUBLE }
    default:
      return { value: null, type: SQLNULL }
  }
}

/** Microseconds since 1970 of an ISO 8601 moment. */
export function microsOf(text: string): bigint {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? ''
  const excess = fraction.slice(3, 6).padEnd(3, '0')
  const micros = BigInt(new Date(text).getTime()) * 1000n
  return micros + BigInt(excess)
}
