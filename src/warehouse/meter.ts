import type { Usage } from './warehouse.ts'

/** Counts what a session and its forks ask of the engine. */
export class Meter {
  #statements = 0
  #bytesBilled: number | undefined

  /** One statement is about to be sent. */
  count(): void {
    this.#statements += 1
  }

  /** The engine says what it billed for a statement. */
  bill(bytes: number): void {
    this.#bytesBilled = (this.#bytesBilled ?? 0) + bytes
  }

  usage(): Usage {
    const bytes = this.#bytesBilled
    return { statements: this.#statements, ...(bytes === undefined ? {} : { bytesBilled: bytes }) }
  }
}
