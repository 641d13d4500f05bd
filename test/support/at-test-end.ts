import { onTestFinished } from 'vitest'

/**
 * Does something when the current test has finished; later calls are done first. Outside of a test (in `beforeAll`) it
 * answers false, and whoever asked has to clean up. Not for `test.concurrent`.
 */
export function atTestEnd(done: () => Promise<void> | void): boolean {
  try {
    onTestFinished(async () => {
      await done()
    })
    return true
  } catch {
    return false
  }
}
