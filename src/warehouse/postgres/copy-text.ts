import type { Value } from '../sql.ts'
import { storable } from './values.ts'

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function cell(value: Value): string {
  if (value === null) return '\\N'
  return String(storable(value)).replace(
    /[\\\n\r\t]/g,
    (character) => escapes[character] ?? character,
  )
}

/** Rows in the text format of COPY, in pieces of about 64 kB. */
export function* copyText(rows: readonly (readonly Value[])[]): Generator<Buffer> {
  let lines = ''
  for (const row of rows) {
    lines += `${row.map(cell).join('\t')}\n`
    if (lines.length >= 65_536) {
      yield Buffer.from(lines)
      lines = ''
    }
  }
  if (lines !== '') yield Buffer.from(lines)
}
