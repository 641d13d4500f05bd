import { type Calls, createCalls } from './calls.ts'
import { type AccountEndpoints, accountEndpoints } from './endpoints/account.ts'
import { type DefinitionEndpoints, definitionEndpoints } from './endpoints/definitions.ts'
import { type EventEndpoints, eventEndpoints } from './endpoints/events.ts'
import { type LinkEndpoints, linkEndpoints } from './endpoints/links.ts'
import { type ListEndpoints, listEndpoints } from './endpoints/lists.ts'
import { type RecordEndpoints, recordEndpoints } from './endpoints/records.ts'
import type { ExchangeOptions } from './exchange.ts'
import type { SdkServer } from './sdk.ts'
import type { AccessTokens } from './tokens.ts'

/**
 * One method per endpoint, one request per call (no repeats). An answer that is not 2xx, an answer that cannot be
 * read, and no answer at all are thrown as `DestinationError`; 207 is an answer.
 */
export type HubspotClient = RecordEndpoints &
  DefinitionEndpoints &
  EventEndpoints &
  LinkEndpoints &
  ListEndpoints &
  AccountEndpoints &
  Pick<Calls, 'counts'>

/** @param server its `baseUrl` is scheme and host (and a path, if any), without a slash at the end */
export function createClient(
  server: SdkServer,
  options: ExchangeOptions & { readonly tokens: AccessTokens },
): HubspotClient {
  const calls = createCalls(server, options)
  return {
    ...recordEndpoints(calls),
    ...definitionEndpoints(calls),
    ...eventEndpoints(calls),
    ...linkEndpoints(calls),
    ...listEndpoints(calls),
    ...accountEndpoints(calls, options.tokens),
    counts: calls.counts,
  }
}
