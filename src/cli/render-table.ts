const defaultWidest = 40

export type TableRow = Readonly<Record<string, string | null>>

/**
 * Rows as a table of text: a heading, a rule, numbers to the right. Control characters are shown as `·`: a value may hold line
 * ends, or words to the terminal.
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

/** Without line ends and escape sequences. */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '·')

const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u
const widthless = /[\p{Mn}\p{Me}\p{Cf}]/u

/** Places that a text takes on a terminal. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text) {
    if (wide.test(character)) width += 2
    else if (!widthless.test(character)) width += 1
  }
  return width
}

function shorten(text: string, widest: number): string {
  const characters = [...text]
  return characters.length > widest ? `${characters.slice(0, widest - 1).join('')}…` : text
}
