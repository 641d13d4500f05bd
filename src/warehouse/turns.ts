import { WarehouseError } from '../errors.ts'

/**
 * Keeps the statements of one session in order. While a result is streamed the session is taken: a statement of the
 * loop that reads it would wait for ever, so it is refused.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()
  #isStreaming = false

  /** Runs `work` when everything before it has ended. */
  take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isStreaming) return Promise.reject(isTaken())
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  /** Takes the session for a stream; the returned function gives it back. */
  async takeForStream(): Promise<() => void> {
    await this.take(async () => {
      this.#isStreaming = true
    })
    return () => {
      this.#isStreaming = false
    }
  }
}

const isTaken = () =>
  new WarehouseError({
    action: 'Running a statement',
    detail: 'a result is still being read on this session; read it to its end, or use a fork',
    disposition: 'terminal',
  })
