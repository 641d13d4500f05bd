import type { FindRequest, LinksRequest, SearchRequest } from '../destination/destination.ts'
import { DestinationError } from '../errors.ts'
import type { BoundSync } from '../plan/bind/bind.ts'
import type { DoubtfulOperation } from '../record/leftovers.ts'
import type { Find, MatchTarget } from '../resolve/matches.ts'
import type { ReadLinks } from '../resolve/read-links.ts'
import type { Search, SearchTarget } from '../resolve/search.ts'
import { type Settled, settle, settleTracked } from '../resolve/settle.ts'
import { settleBySearch } from '../resolve/settle-search.ts'
import { withRetry } from '../send/retry.ts'
import type { ObjectSchema, Sync } from '../types.ts'
import type { RunContext } from './context.ts'

/** A sync with what looking its rows up needs. */
export interface Matched {
  readonly sync: Sync
  readonly schema: ObjectSchema
  readonly bound: Pick<BoundSync, 'match'>
}

/** What asking HubSpot takes. */
export type AskingContext = Pick<
  RunContext,
  'destination' | 'clock' | 'sleep' | 'random' | 'drain' | 'log' | 'say'
>

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
  (context: AskingContext): Find =>
  (request: FindRequest) =>
    retried(context, (attempt) => context.destination.find(request, context.drain, attempt))

export const retriedSearch =
  (context: AskingContext): Search =>
  (request: SearchRequest) =>
    retried(context, (attempt) => context.destination.search(request, context.drain, attempt))

/** How long HubSpot is left alone before it is asked again for links that its answer left out. */
const pauseMs = 1000

/** Records that an answer leaves out are asked for once more, by themselves. */
export const retriedLinks =
  (context: AskingContext): ReadLinks =>
  async (request) => {
    const ask = (records: LinksRequest['records']) =>
      retried(context, (attempt) =>
        context.destination.readLinks({ ...request, records }, context.drain, attempt),
      )
    const page = await ask(request.records)
    if (page.unread.length === 0) return page
    await context.sleep(pauseMs, context.drain)
    const left = new Set(page.unread)
    const again = await ask(request.records.filter(({ id }) => left.has(id)))
    return {
      links: [...page.links, ...again.links],
      next: [...page.next, ...again.next],
      unread: again.unread,
    }
  }

/** An incomplete answer is not asked for again: merged records are never accounted for by their old ids. */
export const findOnce =
  (context: RunContext): Find =>
  async (request) => {
    const answer = await retried(context, async (attempt) => {
      try {
        return await context.destination.find(request, context.drain, attempt)
      } catch (error) {
        if (error instanceof DestinationError && error.category === 'INCOMPLETE_ANSWER')
          return error
        throw error
      }
    })
    if (answer instanceof DestinationError) throw answer
    return answer
  }

/** Where the rows of a sync are looked up by a property with unique values. */
export function matchTarget(
  { destination }: Pick<RunContext, 'destination'>,
  { schema, bound: { match } }: Matched,
): MatchTarget | undefined {
  if (match?.by !== 'unique') return undefined
  return {
    objectType: schema.name,
    property: match.property,
    batchSize: destination.maxBatchSize,
  }
}

/** Where the rows of a sync are searched, because several records may have their match value. */
export function searchTarget(
  { destination }: Pick<RunContext, 'destination'>,
  { schema, bound: { match } }: Matched,
): SearchTarget | undefined {
  if (match?.by !== 'search') return undefined
  const { property } = match
  return { objectType: schema.name, property, room: destination.searchRoom(property) }
}

/**
 * Looks for the records of writes whose answer was lost, in whichever way there is.
 *
 * @throws DestinationError when HubSpot cannot be asked
 */
export async function settleAll(
  context: RunContext,
  matched: Matched,
  operations: readonly DoubtfulOperation[],
): Promise<readonly Settled[]> {
  const { sync, schema } = matched
  const find = retriedFind(context)
  const tracked = operations.filter(({ kind }) => isTracked(sync, kind))
  const others = operations.filter(({ kind }) => !isTracked(sync, kind))
  const settled: Settled[] = []
  if (tracked.length > 0 && sync.trackingProperty !== undefined) {
    const target = {
      objectType: schema.name,
      property: sync.trackingProperty,
      batchSize: context.destination.maxBatchSize,
    }
    settled.push(...(await settleTracked(tracked, target, sync.mode === 'upsert', find)))
  }
  if (others.length === 0) return settled
  const target = matchTarget(context, matched)
  const searched = searchTarget(context, matched)
  if (target !== undefined) settled.push(...(await settle(others, target, find, sync.mode)))
  else if (searched !== undefined) {
    settled.push(...(await settleBySearch(others, searched, retriedSearch(context), find)))
  } else settled.push(...others.map(unfindable))
  return settled
}

/** Creates that are sent as upserts by the tracking property. */
export const isTracked = (
  { trackingProperty }: Pick<Sync, 'trackingProperty'>,
  kind: DoubtfulOperation['kind'],
): boolean => trackingProperty !== undefined && kind === 'create'

/** A sync that matches by nothing cannot look: sending the row again could make a second record. */
const unfindable = ({ sequence }: DoubtfulOperation): Settled => ({
  sequence,
  outcome: 'unknown',
  error: {
    category: 'MAYBE_CREATED',
    message:
      'The answer was lost, and without `match` the record cannot be looked for: somebody has to say whether HubSpot has it.',
  },
})
