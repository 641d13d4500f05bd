import type { Rendered, TypeFamily, WireForm } from '../dialect.ts'
import { raw, type Sql, sql } from '../sql.ts'
import { epochSeconds, momentPattern } from '../wire-patterns.ts'
import { literal, trimmed } from './literals.ts'
import { bounded, fallible, nonsense, numberText, textOf } from './numbers.ts'

type MomentForm = 'date' | 'datetime'

const formats: Readonly<Record<MomentForm, Sql>> = {
  date: literal('YYYY-MM-DD'),
  datetime: literal('YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"'),
}

/** `moment` is SQL for a zone-less timestamp in UTC. */
const format = (moment: Sql, form: MomentForm): Sql => sql`to_varchar(${moment}, ${formats[form]})`

/** Reads a zone-less timestamp as local time of the declared zone. */
const toUtc = (local: Sql, timezone: string | undefined): Sql =>
  timezone === undefined ? local : sql`convert_timezone(${literal(timezone)}, 'UTC', ${local})`

/**
 * Snowflake holds years beyond 9999 without promising how they print; years before 1 have no wire form. A day's margin where
 * a zone shifts the moment.
 */
function isInRange(value: Sql, timezone: string | undefined): Sql {
  const first = timezone === undefined ? '0001-01-01' : '0001-01-02'
  return sql`${value} >= ${literal(first)}::date and ${value} < '10000-01-01'::date`
}

const textMoment = literal('YYYY-MM-DD HH24:MI:SS.FF3')

/** Minutes that a moment's offset is ahead of UTC; 0 for `Z`. `zone` is `Z`, `+hh`, `+hhmm` or `+hh:mm`. */
function offsetMinutes(zone: Sql): Sql {
  const digits = sql`replace(${zone}, ':', '')`
  const minutes = sql`(coalesce(try_to_number(substr(${digits}, 2, 2)), 0) * 60 + coalesce(try_to_number(substr(${digits}, 4, 2)), 0))`
  return sql`iff(left(${zone}, 1) = '-', -1, 1) * ${minutes}`
}

function renderText(value: Sql, form: MomentForm, timezone: string | undefined): Rendered {
  const text = trimmed(value)
  // Up to 12 characters are hh:mm:ss.fff; what a shorter time lacks is added.
  const time = sql`left(coalesce(regexp_substr(${text}, '[T ]([0-9:.]+)', 1, 1, 'e', 1), ''), 12)`
  const whole = sql`left(${text}, 10) || ' ' || ${time} || substr('00:00:00.000', length(${time}) + 1)`
  const local = sql`try_to_timestamp_ntz(${whole}, ${textMoment})`
  // After the minutes, which stand before the 17th character, a sign can only begin an offset.
  const zone = sql`regexp_substr(substr(${text}, 17), '(Z|[+-][0-9:]+)$')`
  const moment = sql`case when ${zone} is not null then dateadd('minute', -(${offsetMinutes(zone)}), ${local}) else ${toUtc(local, timezone)} end`
  const isFirstDay = sql`left(${text}, 10) <= '0001-01-01'`
  const isTooEarly =
    timezone === undefined
      ? sql`(left(${text}, 4) = '0000' or (${isFirstDay} and ${zone} is not null))`
      : isFirstDay
  const isMoment = sql`regexp_like(${text}, ${literal(momentPattern)}) and not ${isTooEarly}`
  return fallible(value, sql`case when ${isMoment} then ${format(moment, form)} end`)
}

/** A number of any type, within bounds that leave no room for an overflow; NULL outside of them. */
function boundedNumber(
  value: Sql,
  family: TypeFamily,
  first: Sql,
  afterLast: Sql,
): Sql | undefined {
  const within = (number: Sql) =>
    sql`(case when ${number} >= ${first} and ${number} < ${afterLast} then ${number} end)::number(38, 6)`
  switch (family) {
    case 'integer':
    case 'decimal':
    case 'float':
      return within(value)
    case 'text':
    case 'json':
    case 'other':
      return within(sql`try_to_double(${numberText(textOf(value, family))})`)
    default:
      return undefined
  }
}

function renderEpoch(value: Sql, family: TypeFamily, unit: 's' | 'ms', form: MomentForm): Rendered {
  const perSecond = unit === 's' ? 1 : 1000
  const first = raw(String(epochSeconds.first * perSecond))
  const afterLast = raw(String(epochSeconds.afterLast * perSecond))
  const number = boundedNumber(value, family, first, afterLast)
  if (number === undefined) return nonsense(value)
  // Rounding to microseconds may reach the end of the range.
  const ms = unit === 's' ? sql`floor(${number} * 1000)` : sql`floor(${number})`
  const moment = sql`dateadd('millisecond', ${ms}, '1970-01-01'::timestamp_ntz)`
  return fallible(
    textOf(value, family),
    sql`case when ${number} < ${afterLast} then ${format(moment, form)} end`,
  )
}

/** Wire form of a date or datetime. */
export function renderMoment(
  value: Sql,
  family: TypeFamily,
  form: MomentForm,
  wire: WireForm,
): Rendered {
  if (wire.epoch !== undefined) return renderEpoch(value, family, wire.epoch, form)
  switch (family) {
    case 'date':
      return form === 'date'
        ? bounded(isInRange(value, undefined), format(value, 'date'))
        : bounded(
            isInRange(value, wire.timezone),
            format(toUtc(sql`${value}::timestamp_ntz`, wire.timezone), form),
          )
    case 'timestamp':
      return bounded(isInRange(value, wire.timezone), format(toUtc(value, wire.timezone), form))
    case 'timestamptz': {
      const utc = sql`convert_timezone('UTC', ${value})::timestamp_ntz`
      return bounded(isInRange(utc, undefined), format(utc, form))
    }
    case 'text':
    case 'json':
    case 'other':
      return renderText(textOf(value, family), form, wire.timezone)
    default:
      return nonsense(value)
  }
}
