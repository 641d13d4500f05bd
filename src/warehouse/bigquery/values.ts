import type { Value } from '../sql.ts'

/** A column as the API describes it. Types of results have their older names: INTEGER, FLOAT, BOOLEAN, RECORD. */
export interface Field {
  readonly name: string
  readonly type: string
  readonly mode?: string
  readonly precision?: string
  readonly scale?: string
  readonly fields?: readonly Field[]
}

/** A cell as the API sends it. */
export interface Cell {
  readonly v: unknown
}

/** A cell as a `Value`: what has no exact JavaScript form stays text. */
export function cellValue(field: Field, value: unknown): Value {
  if (value === null || value === undefined) return null
  if (typeof value !== 'string' || field.mode === 'REPEATED') return JSON.stringify(value)
  switch (field.type) {
    case 'INTEGER':
    case 'INT64':
      return numberOrText(value, Number.isSafeInteger)
    case 'FLOAT':
    case 'FLOAT64':
      return numberOrText(value, Number.isFinite)
    case 'BOOLEAN':
    case 'BOOL':
      return value === 'true'
    case 'TIMESTAMP':
      return momentOfMicros(BigInt(value))
    case 'DATETIME':
      return datetimeText(value)
    default:
      return value
  }
}

function numberOrText(text: string, isExact: (number: number) => boolean): Value {
  const number = Number(text)
  return isExact(number) ? number : text
}

const million = 1_000_000n

/** ISO 8601 in UTC with milliseconds; microseconds are kept when there are any. */
function momentOfMicros(micros: bigint): string {
  const rest = ((micros % million) + million) % million
  const seconds = new Date(Number((micros - rest) / 1000n)).toISOString().slice(0, 19)
  return `${seconds}.${fraction(String(rest).padStart(6, '0'))}Z`
}

/** `2024-01-02T03:04:05.5` → `2024-01-02T03:04:05.500Z` */
function datetimeText(text: string): string {
  const [seconds, digits = ''] = text.split('.')
  return `${seconds}.${fraction(digits.padEnd(6, '0'))}Z`
}

const fraction = (digits: string): string => (digits.endsWith('000') ? digits.slice(0, 3) : digits)

/** Named query parameters, each with its type. */
export function queryParameters(bindings: readonly Value[]) {
  return bindings.map((value, index) => ({
    name: `p${index}`,
    parameterType: { type: parameterType(value) },
    parameterValue: { value: String(value) },
  }))
}

function parameterType(value: Value): string {
  if (typeof value === 'boolean') return 'BOOL'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'INT64' : 'FLOAT64'
  return 'STRING'
}

/**
 * Rows in the format of a load job, a JSON object per line, in pieces of about 64 kB. Columns without a value are left out: they
 * become NULL.
 */
export function* jsonLines(
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
): Generator<string> {
  let lines = ''
  for (const row of rows) {
    const entries = columns.flatMap((column, index) => {
      const value = row[index] ?? null
      return value === null ? [] : [[column, storable(value)] as const]
    })
    lines += `${JSON.stringify(Object.fromEntries(entries))}\n`
    if (lines.length >= 65_536) {
      yield lines
      lines = ''
    }
  }
  if (lines !== '') yield lines
}

/** Half of a surrogate pair is no character that UTF-8 knows: it becomes the replacement character. */
const storable = (value: Value): Value =>
  typeof value === 'string' ? value.replace(/\p{Surrogate}/gu, '\uFFFD') : value
