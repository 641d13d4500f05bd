const pattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?: ?(Z|[+-]\d{2}(?::?\d{2})?))?)?$/

/**
 * Milliseconds since 1970 of a date, or of a date and time, in ISO 8601 (a space may stand for the `T`). Without a zone it is UTC,
 * whatever the machine's zone is.
 */
export function readMoment(text: string): number | undefined {
  const found = pattern.exec(text.trim())
  if (found === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] =
    found
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number)
  if (y === undefined || mo === undefined || d === undefined) return undefined
  if (h === undefined || mi === undefined || s === undefined) return undefined
  if (h > 23 || mi > 59 || s > 59) return undefined
  const moment = new Date(0)
  moment.setUTCFullYear(y, mo - 1, d)
  if (moment.getUTCMonth() !== mo - 1 || moment.getUTCDate() !== d) return undefined
  moment.setUTCHours(h, mi, s, Number(fraction.slice(0, 3).padEnd(3, '0')))
  return moment.getTime() - offsetMinutes(zone) * 60_000
}

function offsetMinutes(zone: string): number {
  if (zone === 'Z') return 0
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return zone.startsWith('-') ? -minutes : minutes
}
