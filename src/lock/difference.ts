/** One thing that HubSpot says otherwise than a lock. Plain data: `lock --check --json` prints it. */
export interface Difference {
  /** Closed set of ours, told in docs/lock.md. */
  readonly kind: string
  /** E.g. `contacts.nickname`. */
  readonly what: string
  readonly message: string
  /** A sync breaks, or sends rows that HubSpot refuses; else it is news. */
  readonly matters: boolean
  /** Syncs that break, or that use it. */
  readonly syncs: readonly string[]
}
