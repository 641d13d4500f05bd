import { DestinationError } from '../../errors.ts'

/** Why a sync stopped before its plan was through; undefined when it did not. */
export type Stop =
  | { readonly category: string; readonly message: string; readonly hint?: string }
  | undefined

/** The user, or the loss of a lease, ended it. */
export const interrupted = { category: 'INTERRUPTED', message: 'Interrupted.' } as const

/** What a request that failed for good means for the sync. Anything else is thrown on. */
export function stopOf(error: unknown, isInterrupted: boolean): NonNullable<Stop> {
  if (!(error instanceof DestinationError)) throw error
  if (isInterrupted) return interrupted
  const { category, message, hint } = error
  return { category, message, ...(hint === undefined ? {} : { hint }) }
}
