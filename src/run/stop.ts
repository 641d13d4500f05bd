import type { DestinationError } from '../errors.ts'

/** Why a sync stopped before its plan was through; undefined when it did not. */
export type Stop =
  | { readonly category: string; readonly message: string; readonly hint?: string }
  | undefined

/** The user, or the loss of a lease, ended it. */
export const interrupted = { category: 'INTERRUPTED', message: 'Interrupted.' } as const

/** HubSpot, or the way to it, ended it. */
export const stopOf = ({ category, message, hint }: DestinationError): NonNullable<Stop> => ({
  category,
  message,
  ...(hint === undefined ? {} : { hint }),
})
