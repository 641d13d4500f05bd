const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** A time zone's distance from UTC at a moment, in milliseconds; positive to the east. */
export function utcOffsetMs(now: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(now)
    .find((part) => part.type === 'timeZoneName')?.value
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(parts ?? '')
  if (match === null) return 0
  const [, sign, hours, minutes] = match
  return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * 60_000)
}

/** The next midnight of a time zone, in milliseconds since the epoch. The daily limit resets then. */
export function nextMidnight(now: number, timeZone: string): number {
  const local = now + utcOffsetMs(now, timeZone)
  const midnight = (Math.floor(local / DAY_MS) + 1) * DAY_MS
  return midnight - utcOffsetMs(midnight - utcOffsetMs(now, timeZone), timeZone)
}

/** An offset in HubSpot's form: `-05:00`. */
export function formatOffset(offsetMs: number): string {
  const minutes = Math.abs(offsetMs) / 60_000
  const two = (value: number) => String(value).padStart(2, '0')
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
