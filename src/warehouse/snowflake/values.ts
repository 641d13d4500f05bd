import type { Value } from '../sql.ts'
import type { Row } from '../warehouse.ts'
import type { Cells, RowStatement } from './sdk.ts'

/** How the SDK hands dates and timestamps over: a Date that knows its nanoseconds. */
interface Moment extends Date {
  getEpochSeconds(): number
  getNanoSeconds(): number
}

/** A number when no digit is lost, else the text. */
function integer(text: string): Value {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

function float(text: string): Value {
  const number = Number(text)
  return Number.isFinite(number) ? number : text
}

/** ISO 8601 in UTC with milliseconds; microseconds are kept when there are any. */
function moment(value: Moment): string {
  const seconds = new Date(value.getEpochSeconds() * 1000).toISOString().replace(/^\+0*/, '')
  const digits = String(value.getNanoSeconds()).padStart(9, '0').slice(0, 6)
  return seconds.replace('.000Z', `.${digits.endsWith('000') ? digits.slice(0, 3) : digits}Z`)
}

const isMoment = (value: unknown): value is Moment =>
  value instanceof Date && 'getEpochSeconds' in value

type Read = (value: unknown) => Value

function readerOf(type: string, scale: number): Read {
  switch (type.toLowerCase()) {
    case 'fixed':
      return (value) => (scale === 0 ? integer(String(value)) : String(value))
    case 'real':
      return (value) => float(String(value))
    case 'boolean':
      return (value) => value === true
    case 'date':
      return (value) => (isMoment(value) ? moment(value).slice(0, -14) : String(value))
    default:
      return (value) => (isMoment(value) ? moment(value) : String(value))
  }
}

/** Names that are all upper case were written bare: rows have them in lower case. */
const nameOf = (name: string): string => (name === name.toUpperCase() ? name.toLowerCase() : name)

/** Turns cells into rows by the columns of the statement. */
export function rowReader(statement: RowStatement): (cells: Cells) => Row {
  const columns = (statement.getColumns() ?? []).map((column) => ({
    name: nameOf(column.getName()),
    read: readerOf(column.getType(), column.getScale()),
  }))
  return (cells) =>
    Object.fromEntries(
      columns.map(({ name, read }, index) => {
        const cell = cells[index]
        return [name, cell === null || cell === undefined ? null : read(cell)]
      }),
    )
}

/** A value as text, for array binds: the engine casts it to the column's type. */
export function bindText(value: Value): string | null {
  return value === null ? null : String(value)
}
