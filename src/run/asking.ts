import type { FindRequest } from '../destination/destination.ts'
import type { Find, MatchTarget } from '../resolve/matches.ts'
import { withRetry } from '../send/retry.ts'
import type { ObjectSchema, Sync } from '../types.ts'
import type { RunContext } from './context.ts'

/** Asks HubSpot something that may be asked again, until the first Ctrl-C: reading less costs nothing. */
export function retried<T>(
  context: Pick<RunContext, 'clock' | 'sleep' | 'random' | 'drain' | 'log'>,
  ask: (attempt: number) => Promise<T>,
): Promise<T> {
  return withRetry(ask, {
    clock: context.clock,
    sleep: context.sleep,
    random: context.random,
    signal: context.drain,
    log: context.log,
  })
}

export const retriedFind =
  (context: RunContext): Find =>
  (request: FindRequest) =>
    retried(context, (attempt) => context.destination.find(request, context.drain, attempt))

/** Where the rows of a sync are looked up; undefined when it matches by nothing. */
export function matchTarget(
  context: RunContext,
  sync: Sync,
  schema: ObjectSchema,
): MatchTarget | undefined {
  if (sync.match === undefined) return undefined
  return {
    objectType: schema.name,
    property: sync.match.property,
    batchSize: context.destination.maxBatchSize,
  }
}
