import { stripVTControlCharacters } from 'node:util'

/** The terminal that lines are kept at the bottom of. */
export interface Screen {
  write(text: string): void
  /** Of the terminal by now: it may have been resized. */
  columns(): number
}

export interface PinnedLines {
  /** Takes the lines away for as long as something else is written. */
  around(write: () => void): void
  /** Puts these lines in the place of those that are there. */
  pin(lines: readonly string[]): void
}

/** Lines at the bottom of a terminal, below everything that is written meanwhile. */
export function createPinnedLines(screen: Screen): PinnedLines {
  let pinned: readonly string[] = []
  const around = (write: () => void, next = pinned) => {
    if (pinned.length > 0) screen.write(erasure(pinned, screen.columns()))
    write()
    pinned = next
    if (pinned.length > 0) screen.write(pinned.join('\n'))
  }
  return {
    around: (write) => around(write),
    pin: (lines) => around(() => {}, lines),
  }
}

/** A terminal that became narrower broke the lines: they take more rows than there are lines. ECMA-48 §8.3.22 and §8.3.39. */
function erasure(lines: readonly string[], columns: number): string {
  const rows = lines.reduce((sum, line) => sum + rowsOf(line, columns), 0)
  return `\r${rows > 1 ? `\u001b[${rows - 1}A` : ''}\u001b[0J`
}

const rowsOf = (line: string, columns: number): number =>
  Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns))
