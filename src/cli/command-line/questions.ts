import { UserError } from '../../errors.ts'
import type { Input } from './input.ts'
import type { Io } from './io.ts'

/** Something that has to be known, and the ways to know it. */
export interface Question<T> {
  readonly text: string
  /** Option that answers it. */
  readonly flag: string
  /** What the option says; undefined when it is not given. */
  readonly given: unknown
  /** Taken for an empty answer, and without asking with `--yes`. */
  readonly proposed: string | undefined
  /** @throws UserError for an answer that cannot be */
  readonly read: (answer: string) => T | Promise<T>
}

/** Asks what options do not say. */
export class Questions {
  readonly #io: Pick<Io, 'openInput' | 'stderr'>
  readonly #takesProposals: boolean
  #input: Input | undefined

  /** @param takesProposals `--yes`: what is proposed is taken, and nobody is asked */
  constructor(io: Pick<Io, 'openInput' | 'stderr'>, takesProposals: boolean) {
    this.#io = io
    this.#takesProposals = takesProposals
  }

  /** Somebody sits at a terminal and is asked. */
  get isAtTerminal(): boolean {
    return !this.#takesProposals && this.#opened().isTerminal
  }

  /** @throws UserError with exit code 2 when nobody answers */
  async ask<T>(question: Question<T>): Promise<T> {
    const { text, flag, given, proposed, read } = question
    if (given !== undefined) return read(String(given))
    if (this.#takesProposals) {
      if (proposed !== undefined) return read(proposed)
      throw new UserError(
        {
          message: `nothing can be proposed for --${flag}`,
          hint: `Say it: --${flag} ${flag.toUpperCase()}.`,
        },
        { exitCode: 2 },
      )
    }
    for (;;) {
      const line = await this.#opened().ask(
        `${text}${proposed === undefined ? '' : ` [${proposed}]`}: `,
      )
      if (line === undefined) {
        throw new UserError(
          {
            message: `the input ended before "${text}" was answered`,
            hint: `Answer with --${flag}, or take what is proposed with --yes.`,
          },
          { exitCode: 2 },
        )
      }
      const answer = line.trim() || proposed
      if (answer === undefined) {
        if (this.isAtTerminal) continue
        throw new UserError(
          { message: `"${text}" needs an answer`, hint: `Or answer with --${flag}.` },
          { exitCode: 2 },
        )
      }
      try {
        return await read(answer)
      } catch (error) {
        if (!(error instanceof UserError) || !this.isAtTerminal) throw error
        this.#io.stderr(`${error.message}\n`)
      }
    }
  }

  /** Asks at a terminal whether to do something; elsewhere the answer is `otherwise`. */
  async confirm(text: string, proposed: boolean, otherwise: boolean): Promise<boolean> {
    if (!this.isAtTerminal) return otherwise
    for (;;) {
      const line = await this.#opened().ask(`${text} [${proposed ? 'Y/n' : 'y/N'}]: `)
      if (line === undefined) return false
      const word = line.trim().toLowerCase()
      if (word === '') return proposed
      if (['y', 'yes'].includes(word)) return true
      if (['n', 'no'].includes(word)) return false
    }
  }

  close(): void {
    this.#input?.close()
    this.#input = undefined
  }

  #opened(): Input {
    this.#input ??= this.#io.openInput()
    return this.#input
  }
}
