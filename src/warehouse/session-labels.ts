import type { Labels } from './warehouse.ts'

/** The labels of one session: those that it was opened with, and those of the work under way. */
export class SessionLabels {
  #current: Labels

  constructor(labels: Labels = {}) {
    this.#current = labels
  }

  /** What the next statement carries. */
  get current(): Labels {
    return this.#current
  }

  /** Adds labels for as long as `work` lasts. */
  async during<T>(labels: Labels, work: () => Promise<T>): Promise<T> {
    const before = this.#current
    this.#current = { ...before, ...labels }
    try {
      return await work()
    } finally {
      this.#current = before
    }
  }
}
