import type { AcceptValue, ValueProblem } from './accepted-value.ts'

const DAY_MS = 86_400_000
const EPOCH = /^-?\d+$/
const DAY = /^\d{4}-\d{2}-\d{2}$/
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?Z$/

/**
 * A date is `YYYY-MM-DD`, or an instant at exactly 00:00 UTC; it comes back as `YYYY-MM-DD`.
 *
 * @see https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide
 */
export function acceptDate(name: string): AcceptValue {
  return (value) => {
    const time = DAY.test(value) ? dayStart(value) : instantOf(value)
    if (time === undefined) return notLong(name, value)
    if (time % DAY_MS !== 0) {
      const clock = new Date(time).toISOString().slice(11, -1)
      return { message: `${value} is at ${clock} UTC, not midnight!`, error: 'INVALID_DATE', name }
    }
    return new Date(time).toISOString().slice(0, 10)
  }
}

/** A datetime is ISO 8601 with `Z` or epoch milliseconds; it comes back as ISO 8601 UTC. */
export function acceptDatetime(name: string): AcceptValue {
  return (value) => {
    const time = instantOf(value)
    return time === undefined ? notLong(name, value) : new Date(time).toISOString()
  }
}

function instantOf(value: string): number | undefined {
  const time = EPOCH.test(value) ? Number(value) : INSTANT.test(value) ? Date.parse(value) : NaN
  return Number.isNaN(new Date(time).getTime()) ? undefined : time
}

/** Rejects days that do not exist: `Date.parse` would roll 30 February over in some forms. */
function dayStart(value: string): number | undefined {
  const time = Date.parse(`${value}T00:00:00Z`)
  if (Number.isNaN(time)) return undefined
  return new Date(time).toISOString().startsWith(value) ? time : undefined
}

/** HubSpot names the stored form, a long, in its refusal of a date (observed). */
function notLong(name: string, value: string): ValueProblem {
  return { message: `${value} was not a valid long.`, error: 'INVALID_LONG', name }
}
