import type { Rendered, TypeFamily, WireForm } from '../dialect.ts'
import { raw, type Sql, sql } from '../sql.ts'
import { epochSeconds, momentPattern, zonePattern } from '../wire-patterns.ts'
import { asText, bounded, isNumberText, literal, nonsense, trimmed } from './fallible.ts'

type MomentForm = 'date' | 'datetime'

const formats: Readonly<Record<MomentForm, Sql>> = {
  date: literal('%E4Y-%m-%d'),
  datetime: literal('%E4Y-%m-%dT%H:%M:%E3SZ'),
}

/** `moment` is SQL for a DATETIME in UTC. */
const format = (moment: Sql, form: MomentForm): Sql =>
  sql`format_datetime(${formats[form]}, ${moment})`

const day = raw('24 * 60 * 60')

/**
 * Reads a DATETIME as local time of the declared zone. Of an hour that clocks repeat BigQuery takes the first; the wire
 * carries the second, as the other engines do.
 */
function toUtc(local: Sql, timezone: string | undefined): Sql {
  if (timezone === undefined) return local
  const zone = literal(timezone)
  const at = sql`safe.timestamp(${local}, ${zone})`
  const nextDay = sql`safe.datetime(safe.timestamp_add(${at}, interval ${day} second), ${zone})`
  const turnedBack = sql`${day} - datetime_diff(${nextDay}, safe.datetime(${at}, ${zone}), second)`
  const later = sql`safe.timestamp_add(${at}, interval ${turnedBack} second)`
  return sql`safe.datetime(case when safe.datetime(${later}, ${zone}) = ${local} then ${later} else ${at} end, 'UTC')`
}

/** A date or a zone-less timestamp, with a day's margin where a zone shifts the moment: as on the other engines. */
function renderLocal(local: Sql, form: MomentForm, timezone: string | undefined): Rendered {
  const value = format(toUtc(local, timezone), form)
  return timezone === undefined ? { value } : bounded(sql`${local} >= '0001-01-02'`, value)
}

/** `HH:MM`, `HH:MM:SS` or with a fraction, completed to milliseconds. */
function textAsDatetime(text: Sql): Sql {
  const time = sql`coalesce(regexp_extract(${text}, ${literal('^.{11}([0-9:]+(?:[.][0-9]{1,3})?)')}), '')`
  return sql`safe_cast(concat(substr(${text}, 1, 10), ' ', ${time}, substr('00:00:00.000', length(${time}) + 1)) as datetime)`
}

/** Minutes of the offset that the text ends with. */
function offsetMinutes(text: Sql): Sql {
  const part = (pattern: string) =>
    sql`cast(coalesce(regexp_extract(${text}, ${literal(pattern)}), '0') as int64)`
  const hours = part(':.*[+-]([0-9]{2})(?::?[0-9]{2})?$')
  const minutes = part(':.*[+-][0-9]{2}:?([0-9]{2})$')
  const isWest = sql`regexp_contains(${text}, ${literal(':.*-[0-9:]+$')})`
  return sql`case when ${isWest} then -1 else 1 end * (60 * ${hours} + ${minutes})`
}

function renderText(
  value: Sql,
  family: TypeFamily,
  form: MomentForm,
  timezone: string | undefined,
): Rendered {
  const whole = asText(value, family)
  const text = trimmed(whole)
  const local = textAsDatetime(text)
  const hasZone = sql`regexp_contains(${text}, ${literal(zonePattern)})`
  const moment = sql`case when ${hasZone} then safe.datetime_sub(${local}, interval ${offsetMinutes(text)} minute) else ${toUtc(local, timezone)} end`
  const isFirstDay = sql`substr(${text}, 1, 10) <= '0001-01-01'`
  const isTooEarly =
    timezone === undefined
      ? sql`(substr(${text}, 1, 4) = '0000' or (${isFirstDay} and ${hasZone}))`
      : isFirstDay
  const isMoment = sql`regexp_contains(${text}, ${literal(momentPattern)}) and not ${isTooEarly}`
  return {
    value: sql`case when ${isMoment} then ${format(moment, form)} end`,
    isInvalid: sql`coalesce(${whole} <> '' and not (${isMoment} and (${moment}) is not null), false)`,
  }
}

function asNumeric(value: Sql, family: TypeFamily): Sql | undefined {
  switch (family) {
    case 'integer':
    case 'decimal':
    case 'float':
      return sql`safe_cast(${value} as numeric)`
    case 'text':
    case 'json':
    case 'other': {
      const text = trimmed(asText(value, family))
      return sql`case when ${isNumberText(text)} then safe_cast(${text} as numeric) end`
    }
    default:
      return undefined
  }
}

function renderEpoch(
  value: Sql,
  family: TypeFamily,
  numeric: Sql,
  unit: 's' | 'ms',
  form: MomentForm,
): Rendered {
  const perSecond = unit === 's' ? 1 : 1000
  const rounded = sql`round(${numeric}, 6)`
  const first = raw(String(epochSeconds.first * perSecond))
  const afterLast = raw(String(epochSeconds.afterLast * perSecond))
  const ms = unit === 's' ? sql`floor(${rounded} * 1000)` : sql`floor(${rounded})`
  const isMoment = sql`coalesce(${rounded} >= ${first} and ${rounded} < ${afterLast}, false)`
  const moment = sql`datetime(timestamp_millis(cast(${ms} as int64)), 'UTC')`
  const isEmpty = family === 'text' ? sql`coalesce(${value}, '') = ''` : sql`${value} is null`
  return {
    value: sql`case when ${isMoment} then ${format(moment, form)} end`,
    isInvalid: sql`not (${isEmpty} or ${isMoment})`,
  }
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
    return numeric === undefined
      ? nonsense(value)
      : renderEpoch(value, family, numeric, wire.epoch, form)
  }
  switch (family) {
    case 'date':
      return form === 'date'
        ? { value: sql`cast(${value} as string)` }
        : renderLocal(sql`datetime(${value})`, form, wire.timezone)
    case 'timestamp':
      return renderLocal(value, form, wire.timezone)
    case 'timestamptz':
      return { value: format(sql`datetime(${value}, 'UTC')`, form) }
    case 'text':
    case 'json':
    case 'other':
      return renderText(value, family, form, wire.timezone)
    default:
      return nonsense(value)
  }
}
