import { createInterface } from 'node:readline'
import { Interrupted } from '../../errors.ts'

/** Answers of whoever runs the command, line by line. */
export interface Input {
  /** Somebody sits there, and may be asked again. */
  readonly isTerminal: boolean
  /**
   * Prints a question and waits for its line.
   *
   * @returns undefined at the end of the input
   * @throws Interrupted at Ctrl-C
   */
  ask(question: string): Promise<string | undefined>
  close(): void
}

interface Streams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

/**
 * Reads lines from a terminal, or from a pipe: whatever comes before it is asked for is kept. Questions go to standard error, so
 * that standard output holds results only.
 */
export function openInput({ input, output }: Streams): Input {
  return input.isTTY === true && output.isTTY === true
    ? terminalInput({ input, output })
    : pipedInput({ input, output })
}

/** Takes the keyboard for the time of a question only: at any other time Ctrl-C is the process's. */
function terminalInput(streams: Streams): Input {
  return {
    isTerminal: true,
    ask: (question) =>
      new Promise((resolve, reject) => {
        const lines = createInterface({ ...streams, terminal: true })
        lines.on('SIGINT', () => {
          reject(new Interrupted())
          lines.close()
        })
        lines.on('close', () => resolve(undefined))
        lines.question(question, (line) => {
          resolve(line)
          lines.close()
        })
      }),
    close: () => {},
  }
}

function pipedInput({ input, output }: Streams): Input {
  const lines = createInterface({ input, terminal: false })
  const waiting: string[] = []
  let isEnded = false
  let wake: () => void = () => {}
  lines.on('line', (line) => {
    waiting.push(line)
    wake()
  })
  lines.on('close', () => {
    isEnded = true
    wake()
  })
  return {
    isTerminal: false,
    async ask(question) {
      output.write(question)
      if (waiting.length === 0 && !isEnded) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const line = waiting.shift()
      // What a script answers is shown, so that its log can be read.
      output.write(`${line ?? ''}\n`)
      return line
    },
    close: () => lines.close(),
  }
}
