import type { Rendered, TypeFamily, WireForm } from '../dialect.ts'
import { raw, type Sql, sql } from '../sql.ts'
import { epochSeconds, excessDigitsPattern, momentPattern, zonePattern } from '../wire-patterns.ts'
import { bounded, fallible, literal, nonsense, numberText, trimmed } from './fallible.ts'

type MomentForm = 'date' | 'datetime'

const formats: Readonly<Record<MomentForm, Sql>> = {
  date: literal('%Y-%m-%d'),
  datetime: literal('%Y-%m-%dT%H:%M:%S.%gZ'),
}

/** `moment` is SQL for a zone-less timestamp in UTC. */
const format = (moment: Sql, form: MomentForm): Sql => sql`strftime(${moment}, ${formats[form]})`

/** Reads a zone-less timestamp as local time of the declared zone. */
const toUtc = (local: Sql, timezone: string | undefined): Sql =>
  timezone === undefined ? local : sql`timezone('UTC', timezone(${timezone}, ${local}))`

/** Years before 1 have no wire form; a day's margin where a zone shifts the moment. */
const firstDay = (timezone: string | undefined): Sql =>
  raw(timezone === undefined ? "date '0001-01-01'" : "date '0001-01-02'")

const isInRange = (value: Sql, timezone: string | undefined): Sql =>
  sql`${value} >= ${firstDay(timezone)} and ${value} < date '100000-01-01'`

function renderText(value: Sql, form: MomentForm, timezone: string | undefined): Rendered {
  const text = trimmed(value)
  const precise = sql`regexp_replace(${text}, ${literal(excessDigitsPattern)}, ${literal('\\1')})`
  const hasZone = sql`regexp_matches(${text}, ${literal(zonePattern)})`
  // The offset is ours to subtract: how the engine reads one has changed between versions.
  const local = sql`try_cast(regexp_replace(${precise}, ${literal('(:.*?) ?(Z|[+-][0-9:]+)$')}, ${literal('\\1')}) as timestamp)`
  const offset = literal(':.*([+-])([0-9]{2}):?([0-9]{2})?$')
  const minutes = sql`coalesce(list_transform([regexp_extract(${text}, ${offset}, ['s', 'h', 'm'])],
    lambda p: case p.s when '-' then -1 else 1 end * (try_cast(p.h as integer) * 60 + coalesce(try_cast(p.m as integer), 0)))[1], 0)`
  const moment = sql`case when ${hasZone} then ${local} - to_minutes(${minutes}) else ${toUtc(local, timezone)} end`
  const isFirstDay = sql`left(${text}, 10) <= '0001-01-01'`
  const isTooEarly =
    timezone === undefined
      ? sql`(left(${text}, 4) = '0000' or (${isFirstDay} and ${hasZone}))`
      : isFirstDay
  const isMoment = sql`regexp_full_match(${text}, ${literal(momentPattern)}) and not ${isTooEarly}`
  return fallible(value, sql`case when ${isMoment} then ${format(moment, form)} end`)
}

function asDecimal(value: Sql, family: TypeFamily): Sql | undefined {
  switch (family) {
    case 'integer':
    case 'decimal':
    case 'float':
      return sql`try_cast(${value} as decimal(27, 6))`
    case 'text':
    case 'json':
    case 'other':
      return sql`try_cast(${numberText(value)} as decimal(27, 6))`
    default:
      return undefined
  }
}

function renderEpoch(value: Sql, decimal: Sql, unit: 's' | 'ms', form: MomentForm): Rendered {
  const perSecond = unit === 's' ? 1 : 1000
  const first = raw(String(epochSeconds.first * perSecond))
  const afterLast = raw(String(epochSeconds.afterLast * perSecond))
  const ms = unit === 's' ? sql`floor(${decimal} * 1000)` : sql`floor(${decimal})`
  return fallible(
    value,
    sql`case when ${decimal} >= ${first} and ${decimal} < ${afterLast} then ${format(sql`epoch_ms(${ms}::bigint)`, form)} end`,
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
    const decimal = asDecimal(value, family)
    return decimal === undefined ? nonsense(value) : renderEpoch(value, decimal, wire.epoch, form)
  }
  switch (family) {
    case 'date':
      return form === 'date'
        ? bounded(isInRange(value, undefined), format(value, 'date'))
        : bounded(
            isInRange(value, wire.timezone),
            format(toUtc(sql`${value}::timestamp`, wire.timezone), form),
          )
    case 'timestamp': {
      const plain = sql`${value}::timestamp`
      return bounded(isInRange(plain, wire.timezone), format(toUtc(plain, wire.timezone), form))
    }
    case 'timestamptz': {
      const utc = sql`timezone('UTC', ${value})`
      return bounded(isInRange(utc, undefined), format(utc, form))
    }
    case 'text':
    case 'json':
    case 'other':
      return renderText(value, form, wire.timezone)
    default:
      return nonsense(value)
  }
}
