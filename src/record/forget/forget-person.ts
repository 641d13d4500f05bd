import type { PersonEntry } from './forget-links.ts'

/** One person, as one sync has them: as rows of its own, and at the other end of links of other rows. */
export interface Person {
  /** By which the sync's tables go. */
  readonly stateName: string
  /** Every name that the sync had, as `changes` has them. */
  readonly syncNames: readonly string[]
  readonly rowIds: readonly string[]
  /** Records that are the person: what the audit has of them is, too, whichever row it was written by. */
  readonly recordIds: readonly string[]
  /** The sync has a table of links. */
  readonly hasLinks?: boolean
  /** How links of other rows lead to the person. */
  readonly entries: readonly PersonEntry[]
  /** Rows of any sync that are the person: messages name them. */
  readonly elsewhere: readonly { readonly syncName: string; readonly rowIds: readonly string[] }[]
  /** The sync has no tables (any more). */
  readonly isOnlyAudited?: true
  /** Rows that this run met are known by `start: now`: their keys stay, because without them they would be sent. */
  readonly knownSince?: string
}

/** A row of a plan that holds the person. */
export interface PlanPlace {
  readonly runId: string
  readonly sequence: number
}

/** By what a person is recognised in texts (values that are long enough), and where plans of interrupted runs hold them. */
export interface Traces {
  readonly recordIds: readonly string[]
  readonly matchValues: readonly string[]
  readonly plans: readonly PlanPlace[]
}

/** Shorter values are part of too many texts to be looked for. */
export const minValueLength = 3
