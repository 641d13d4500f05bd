import { printable } from '../../errors.ts'
import { charactersOf, widthOf } from './text-width.ts'

const defaultWidest = 40

export type TableRow = Readonly<Record<string, string | null>>

/**
 * Rows as a table of text: a heading, a rule, numbers to the right. Control characters are escaped: a value may hold line ends, or
 * words to the terminal.
 *
 * @param widest longer cells are cut
 */
export function renderTable(
  rows: readonly TableRow[],
  widest: number = defaultWidest,
): readonly string[] {
  const names = Object.keys(rows[0] ?? {})
  const columns = names.map((name) => {
    const cells = rows.map((row) => shorten(printable(row[name] ?? ''), widest))
    const width = Math.max(widthOf(name), ...cells.map(widthOf))
    const isNumeric = cells.every((cell) => /^[\d.,]*$/.test(cell))
    const pad = (cell: string) => {
      const space = ' '.repeat(Math.max(0, width - widthOf(cell)))
      return isNumeric ? space + cell : cell + space
    }
    return [name, '─'.repeat(width), ...cells].map(pad)
  })
  const lines = columns[0]?.map((_, line) => columns.map((column) => column[line]).join('  '))
  return (lines ?? []).map((line) => `  ${line.trimEnd()}`)
}

function shorten(text: string, widest: number): string {
  const characters = charactersOf(text)
  return characters.length > widest ? `${characters.slice(0, widest - 1).join('')}…` : text
}
