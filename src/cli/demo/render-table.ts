import type { AuditRow } from './audit.ts'

const widest = 40

/** Rows as a table of text: a heading, a rule, numbers to the right. */
export function renderTable(rows: readonly AuditRow[]): readonly string[] {
  const names = Object.keys(rows[0] ?? {})
  const columns = names.map((name) => {
    const cells = rows.map((row) => shorten(row[name] ?? ''))
    const width = Math.max(name.length, ...cells.map((cell) => cell.length))
    const isNumeric = cells.every((cell) => /^[\d.]*$/.test(cell))
    const pad = (cell: string) => (isNumeric ? cell.padStart(width) : cell.padEnd(width))
    return [name, '─'.repeat(width), ...cells].map(pad)
  })
  const lines = columns[0]?.map((_, line) => columns.map((column) => column[line]).join('  '))
  return (lines ?? []).map((line) => `  ${line.trimEnd()}`)
}

const shorten = (text: string): string =>
  text.length > widest ? `${text.slice(0, widest - 1)}…` : text
