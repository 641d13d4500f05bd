import type { LinksPage, LinksRequest } from '../destination/destination.ts'
import { typeText } from './pair-types.ts'

/** One page of links, repeated as the retry table says. */
export type ReadLinks = (request: LinksRequest) => Promise<LinksPage>

/** Types that stand between two records, by the pair; no entry for a pair that is not linked. */
export type StandingLinks = ReadonlyMap<string, readonly string[]>

export const pairKey = (fromId: string, toId: string): string => `${fromId} ${toId}`

/**
 * Reads the links of some records to one other object, in bulk and to the last page.
 *
 * @param size records a request
 * @throws DestinationError when HubSpot cannot be asked
 */
export async function readStanding(
  {
    from,
    to,
    ids,
  }: { readonly from: string; readonly to: string; readonly ids: readonly string[] },
  size: number,
  read: ReadLinks,
): Promise<StandingLinks> {
  const standing = new Map<string, readonly string[]>()
  const distinct = [...new Set(ids)]
  for (let first = 0; first < distinct.length; first += size) {
    let records: LinksRequest['records'] = distinct.slice(first, first + size).map((id) => ({ id }))
    while (records.length > 0) {
      const { links, next } = await read({ from, to, records })
      for (const { fromId, toId, types } of links) {
        const key = pairKey(fromId, toId)
        standing.set(key, [...(standing.get(key) ?? []), ...types.map(typeText)])
      }
      records = next
    }
  }
  return standing
}
