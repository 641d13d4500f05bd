/** `1,200`. */
export const numberOf = (count: number): string => count.toLocaleString('en-US')

/** `1 row`, `1,200 rows`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${numberOf(count)} ${count === 1 ? one : many}`
}

/** `40 s`, `12 min`, `3 h 20 min`. */
export function durationOf(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const rest = minutes % 60
  return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`}`
}

/** `512 bytes`, `10.5 MB`, `1.2 GB`; powers of 1024, as warehouses bill. */
export function bytesOf(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB', 'PB']
  if (bytes < 1024) return countOf(bytes, 'byte')
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** power).toFixed(1).replace('.0', '')} ${units[power - 1]}`
}

/** `12 min ago`, of a moment in ISO 8601. */
export function ageOf(moment: string | null | undefined, nowMs: number): string {
  const ms = nowMs - Date.parse(moment ?? '')
  if (Number.isNaN(ms)) return 'at an unknown time'
  const minutes = Math.max(0, Math.round(ms / 60_000))
  if (minutes === 0) return 'just now'
  if (minutes < 120) return `${minutes} min ago`
  const hours = Math.round(minutes / 60)
  return hours < 72 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`
}

/** `  Last run: why`; a text of several lines stands below its label, further in. */
export const labelled = (label: string, text: string): readonly string[] =>
  text.includes('\n')
    ? [`  ${label}:`, ...text.split('\n').map((line) => `    ${line}`)]
    : [`  ${label}: ${text}`]
