import { DestinationError } from '../../errors.ts'
import type { Reply } from './exchange.ts'
import { asRecord, asText } from './json.ts'

/**
 * The list of an answer.
 *
 * @param action for the error: `list the owners`
 * @throws DestinationError for an answer without one: to take it for an empty list would say that there is nothing
 */
export function listOf(reply: Reply, action: string, key = 'results'): readonly unknown[] {
  const list = reply.body[key]
  if (Array.isArray(list)) return list
  throw unreadable(reply, action)
}

/** Where the next page begins; undefined on the last one. */
export const nextOf = (body: unknown): string | undefined =>
  asText(asRecord(asRecord(asRecord(body)['paging'])['next'])['after'])

/**
 * Reads a list page by page to its end.
 *
 * @throws DestinationError as `listOf`; also where a page leads back to one that was read, since it would be asked for ever
 */
export async function readPages(
  ask: (after: string | undefined) => Promise<Reply>,
  action: string,
): Promise<readonly unknown[]> {
  const entries: unknown[] = []
  const seen = new Set<string>()
  let after: string | undefined
  do {
    const reply = await ask(after)
    for (const entry of listOf(reply, action)) entries.push(entry)
    after = nextOf(reply.body)
    if (after !== undefined && seen.has(after)) throw repeats(reply, action)
    if (after !== undefined) seen.add(after)
  } while (after !== undefined)
  return entries
}

/** An answer that is readable JSON, and not what HubSpot answers to the call. */
export const unreadable = (reply: Reply, action: string): DestinationError =>
  new DestinationError({
    ...facts(reply),
    action,
    detail: 'the answer is not what HubSpot answers',
    hint: 'Check base_url; a proxy may stand in between.',
  })

/** A page that says the next one is one that was read already. */
export const repeats = (reply: Reply, action: string): DestinationError =>
  new DestinationError({
    ...facts(reply),
    action,
    detail: 'its pages lead back to one that was read already, so the list has no end',
    hint: 'Run again, and tell HubSpot the correlation id if it stays; check base_url, too.',
  })

const facts = ({ requestId, status, correlationId }: Reply) => ({
  requestId,
  status,
  correlationId,
  category: 'UNREADABLE_ANSWER',
  disposition: 'unknown' as const,
})
