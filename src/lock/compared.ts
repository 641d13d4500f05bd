import type { Sync } from '../types.ts'
import type { Difference } from './difference.ts'
import type { LockedPortal } from './locked-portal.ts'
import type { Uses } from './sync-uses.ts'

/** What the syncs are that a lock is compared for. */
export interface Compared {
  readonly syncs: readonly Sync[]
  /** Names of those that HubSpot has something against. */
  readonly broken: ReadonlySet<string>
}

/** All that two states of a portal are compared by. */
export interface Context extends Compared {
  readonly locked: LockedPortal
  readonly live: LockedPortal
  readonly uses: Uses
  /** All syncs could be read: what is not asked for is not used. */
  readonly isWhole: boolean
}

/** A difference of something that is no property. */
export const told = (
  kind: string,
  what: string,
  message: string,
  matters: boolean,
  syncs: readonly Sync[],
): Difference => ({
  kind,
  what,
  message,
  matters: matters && syncs.length > 0,
  syncs: [...new Set(syncs.map(({ name }) => name))].sort(),
})
