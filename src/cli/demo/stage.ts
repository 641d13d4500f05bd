import type { Io } from '../command-line/io.ts'
import { type Paint, paintFor } from '../render/paint.ts'

/** Where the demo speaks: headings, what was typed, what came back, and what it claims. */
export interface Stage {
  readonly paint: Paint
  heading(title: string): void
  say(...lines: readonly string[]): void
  /** A command as a user would type it. */
  typed(line: string): void
  /** States what must hold, with a mark for whether it does. */
  claim(text: string, holds: boolean, found: string): void
  readonly failed: () => number
  readonly claimed: () => number
}

export function openStage(io: Io): Stage {
  const paint = paintFor(io.usesColours)
  let chapter = 0
  let claimed = 0
  let failed = 0
  return {
    paint,
    heading(title) {
      chapter += 1
      io.stdout(`\n${paint.bold(`${chapter}. ${title}`)}\n\n`)
    },
    say: (...lines) => io.stdout(lines.map((line) => `${line}\n`).join('')),
    typed: (line) => io.stdout(`${paint.dim('$')} ${paint.bold(line)}\n`),
    claim(text, holds, found) {
      claimed += 1
      if (!holds) failed += 1
      io.stdout(
        holds ? `${paint.green('✓')} ${text}\n` : `${paint.red('✗')} ${text}; found: ${found}\n`,
      )
    },
    failed: () => failed,
    claimed: () => claimed,
  }
}
