import type { Session } from '../session.ts'
import { countOf, numberOf } from './words.ts'

/** Between lines where nothing can be redrawn, and between redrawn ones. */
const lineEveryMs = 30_000
const redrawEveryMs = 500

export interface ReadingProgress {
  /** So many of the rows, or links, are through. */
  at(done: number, total: number): void
  /** Nothing of it stays on a terminal. */
  end(): void
}

/**
 * How far a command has come that only reads: one line at the bottom of a terminal, elsewhere a line now and then.
 *
 * @param verb `compared`
 */
export function createReadingProgress(
  { io, log }: Pick<Session, 'io' | 'log'>,
  sync: string,
  thing: 'row' | 'link',
  verb: string,
): ReadingProgress {
  let toldMs = io.clock()
  return {
    at(done, total) {
      const nowMs = io.clock()
      if (done >= total || nowMs - toldMs < (io.isTerminal ? redrawEveryMs : lineEveryMs)) return
      toldMs = nowMs
      const line = `${sync}: ${numberOf(done)} of ${countOf(total, thing)} ${verb}`
      if (io.isTerminal) io.pin([line])
      else log.info(line)
    },
    end() {
      if (io.isTerminal) io.pin([])
    },
  }
}
