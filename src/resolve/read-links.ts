import type { LinksPage, LinksRequest } from '../destination/destination.ts'
import { typeText } from './pair-types.ts'

/** One page of links, repeated as the retry table says, and once more where the answer leaves records out. */
export type ReadLinks = (request: LinksRequest) => Promise<LinksPage>

/** What stands between records. */
export interface StandingLinks {
  /** Types by the pair; no entry for a pair that is not linked. */
  readonly types: ReadonlyMap<string, readonly string[]>
  /** Records of which HubSpot does not say what they are linked to: that they have no entry says nothing. */
  readonly unread: ReadonlySet<string>
}

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
  const unread = new Set<string>()
  const distinct = [...new Set(ids)]
  for (let first = 0; first < distinct.length; first += size) {
    let records: LinksRequest['records'] = distinct.slice(first, first + size).map((id) => ({ id }))
    while (records.length > 0) {
      const page = await read({ from, to, records })
      for (const { fromId, toId, types } of page.links) {
        const key = pairKey(fromId, toId)
        standing.set(key, [...(standing.get(key) ?? []), ...types.map(typeText)])
      }
      for (const id of page.unread) unread.add(id)
      records = page.next
    }
  }
  return { types: standing, unread }
}
