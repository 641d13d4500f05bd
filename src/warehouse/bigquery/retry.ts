import { setTimeout as sleep } from 'node:timers/promises'

/** Longest pause between two attempts. */
const longestPauseMs = 30_000

/** Attempts after a conflict, whatever the profile says of retries: to meet another transaction is no failure. */
const conflictAttempts = 8

export interface RetryRules {
  readonly retries: number
  readonly deadlineMs: number | undefined
  readonly signal: AbortSignal
  readonly isTransient: (error: unknown) => boolean
  readonly isConflict: (error: unknown) => boolean
}

/** Does `work` until it succeeds or the rules say that it will not. Pauses double, with a random part so that rivals part. */
export async function withRetry<T>(rules: RetryRules, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const pauseMs = Math.min(longestPauseMs, 2 ** (attempt - 1) * 1000 * (0.5 + Math.random()))
      const isTooLate =
        rules.deadlineMs !== undefined && performance.now() - startedAt + pauseMs > rules.deadlineMs
      const attempts = rules.isConflict(error) ? conflictAttempts : rules.retries
      const mayHelp = rules.isConflict(error) || rules.isTransient(error)
      if (!mayHelp || isTooLate || attempt > attempts || rules.signal.aborted) throw error
      await sleep(pauseMs, undefined, { signal: rules.signal }).catch(() => {
        throw error
      })
    }
  }
}
