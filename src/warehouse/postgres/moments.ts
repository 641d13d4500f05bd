import type { Rendered, TypeFamily, WireForm } from '../dialect.ts'
import { raw, type Sql, sql } from '../sql.ts'
import { epochSeconds, excessDigitsPattern, momentPattern, zonePattern } from '../wire-patterns.ts'
import {
  bounded,
  fallible,
  floatAsNumeric,
  literal,
  nonsense,
  textAsNumeric,
  trimmed,
} from './fallible.ts'

type MomentForm = 'date' | 'datetime'

const formats: Readonly<Record<MomentForm, Sql>> = {
  date: literal('YYYY-MM-DD'),
  datetime: literal('YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
}

/** `moment` is SQL for a zone-less timestamp in UTC. */
const format = (moment: Sql, form: MomentForm): Sql => sql`to_char(${moment}, ${formats[form]})`

/** Reads a zone-less timestamp as local time of the declared zone. */
const toUtc = (local: Sql, timezone: string | undefined): Sql =>
  timezone === undefined ? local : sql`(${local} at time zone ${timezone}::text) at time zone 'UTC'`

/** Years before 1 have no wire form; a day's margin where a zone shifts the moment. */
const firstDay = (timezone: string | undefined): Sql =>
  literal(timezone === undefined ? '0001-01-01' : '0001-01-02')

const isInRange = (value: Sql, timezone: string | undefined): Sql =>
  sql`${value} >= ${firstDay(timezone)} and ${value} < '100000-01-01'`

function renderText(value: Sql, form: MomentForm, timezone: string | undefined): Rendered {
  const text = trimmed(value)
  const precise = sql`regexp_replace(${text}, ${literal(excessDigitsPattern)}, ${literal('\\1')})`
  const hasZone = sql`${text} ~ ${literal(zonePattern)}`
  const moment = sql`case when ${hasZone} then ${precise}::timestamptz at time zone 'UTC' else ${toUtc(sql`${precise}::timestamp`, timezone)} end`
  const isFirstDay = sql`left(${text}, 10) <= '0001-01-01'`
  const isTooEarly =
    timezone === undefined
      ? sql`(left(${text}, 4) = '0000' or (${isFirstDay} and ${hasZone}))`
      : isFirstDay
  const isMoment = sql`${text} ~ ${literal(momentPattern)} and not ${isTooEarly}`
  return fallible(value, sql`case when ${isMoment} then ${format(moment, form)} end`)
}

function asNumeric(value: Sql, family: TypeFamily): Sql | undefined {
  switch (family) {
    case 'integer':
      return sql`${value}::numeric`
    case 'decimal':
      return value
    case 'float':
      return floatAsNumeric(value)
    case 'text':
    case 'json':
    case 'other':
      return textAsNumeric(value)
    default:
      return undefined
  }
}

function renderEpoch(value: Sql, numeric: Sql, unit: 's' | 'ms', form: MomentForm): Rendered {
  const perSecond = unit === 's' ? 1 : 1000
  const rounded = sql`round(${numeric}, 6)`
  const first = raw(String(epochSeconds.first * perSecond))
  const afterLast = raw(String(epochSeconds.afterLast * perSecond))
  const ms = unit === 's' ? sql`floor(${rounded} * 1000)` : sql`floor(${rounded})`
  // In days and the rest: as one interval, microseconds would be lost to floating point.
  const moment = sql`(timestamp '1970-01-01' + make_interval(days => trunc(${ms} / 86400000)::int, secs => mod(${ms}, 86400000) / 1000.0))`
  return fallible(
    value,
    sql`case when ${rounded} >= ${first} and ${rounded} < ${afterLast} then ${format(moment, form)} end`,
  )
}

/** Wire form of a date or datetime. */
export function renderMoment(
  value: Sql,
  family: TypeFamily,
  form: MomentForm,
  wire: WireForm,
): Rendered {
  if (wire.epoch !== undefined) {
    const numeric = asNumeric(value, family)
    return numeric === undefined ? nonsense(value) : renderEpoch(value, numeric, wire.epoch, form)
  }
  switch (family) {
    case 'date':
      return form === 'date'
        ? bounded(isInRange(value, undefined), format(value, 'date'))
        : bounded(
            isInRange(value, wire.timezone),
            format(toUtc(sql`${value}::timestamp`, wire.timezone), form),
          )
    case 'timestamp':
      return bounded(isInRange(value, wire.timezone), format(toUtc(value, wire.timezone), form))
    case 'timestamptz':
      return bounded(
        sql`${value} >= '0001-01-01 00:00:00+00' and ${value} < '100000-01-01 00:00:00+00'`,
        format(sql`${value} at time zone 'UTC'`, form),
      )
    case 'text':
    case 'json':
    case 'other':
      return renderText(value, form, wire.timezone)
    default:
      return nonsense(value)
  }
}
