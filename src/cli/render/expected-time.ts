import type { LockedHubspot } from '../../destination/hubspot/locked.ts'
import type { Calls } from '../../plan/plan.ts'
import { expectedSeconds } from '../../send/pace.ts'

/** Fewer calls are over before anybody has read how long they take. */
const worthSaying = 5

/** Seconds that the calls of a plan take at least, by what HubSpot's answers said of its limits; 0 for a few calls. */
export function secondsFor(
  calls: Calls,
  destination: Pick<LockedHubspot, 'limits' | 'searchRoom'>,
  concurrency: number,
): number {
  const { maxPerInterval, intervalMs } = destination.limits()
  const all = calls.writes + calls.lookups
  const searching = Math.ceil(calls.searches / destination.searchRoom('').perSecond)
  if (all + calls.searches <= worthSaying) return 0
  return (
    searching +
    expectedSeconds(all, { requestsPerInterval: maxPerInterval, intervalMs, concurrency })
  )
}
