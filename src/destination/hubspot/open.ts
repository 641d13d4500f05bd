import { DestinationError, UserError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { Account, Clock, HubspotList, RequestRecord, Sleep } from '../../types.ts'
import type { Destination } from '../destination.ts'
import { MAX_LINK_READS, MAX_LINKS, readLinks, readLinkTypes } from './associations.ts'
import type { CallContext } from './calls.ts'
import { createClient } from './client.ts'
import { createGroup, createProperties } from './define.ts'
import { createDescriber } from './describe.ts'
import {
  createEvent,
  createEventProperty,
  describeEvent,
  listEvents,
  MAX_EVENTS,
} from './events.ts'
import { findRecords } from './find.ts'
import { MAX_HISTORIES, readHistories } from './histories.ts'
import { asText } from './json.ts'
import { createLimiter, type LearntLimits, type LimitLoad } from './limits.ts'
import {
  createList,
  findList,
  findNamesake,
  MAX_LIST_INPUTS,
  MAX_MEMBERS_PAGE,
  readMembers,
  searchLists,
} from './lists.ts'
import { listOwners, type PortalOwner } from './owners.ts'
import { readPipelines } from './pipelines.ts'
import {
  type DailyUsage,
  listObjects,
  readAppId,
  readDailyUsage,
  readGrantedScopes,
} from './portal.ts'
import { writeBatch } from './records.ts'
import { searchRecords } from './search.ts'
import { searchRoom } from './search-body.ts'
import {
  type AccessTokens,
  fixedToken,
  type OauthApp,
  refreshedTokens,
  withTokens,
} from './tokens.ts'
import { createTransport, type Transport } from './transport.ts'

/** Records per batch request (developers.hubspot.com, "Using object APIs", checked 2026-11-23); 101 answer 400. */
export const MAX_BATCH_SIZE = 100

export interface HubspotOptions {
  /** A token, or the OAuth app that gets them. */
  readonly token: string | OauthApp
  /** Where the token comes from, in words, for errors: `HUBSPOT_ACCESS_TOKEN`. */
  readonly tokenPlace?: string
  /** Told of tokens that HubSpot hands out meanwhile, so that they are kept out of everything that is printed. */
  readonly onToken?: (secret: string) => void
  /** `https://api.hubapi.com`, a regional host, or a sandbox. */
  readonly baseUrl: string
  /** For one attempt, answer included. */
  readonly requestTimeoutMs: number
  /** Requests under way at once; default 10. */
  readonly concurrency?: number
  /** Upper bound below HubSpot's own; default: what the answers' headers say. */
  readonly requestsPerTenSeconds?: number
  /** Requests in all, reads and writes; the next one ends the run with `CALL_BUDGET`. */
  readonly maxCalls?: number
  /** Those of them that were made before. */
  readonly callsBefore?: number
  readonly clock: Clock
  readonly sleep: Sleep
  readonly log: Logger
  /** Called once per attempt. */
  readonly onRequest?: (record: RequestRecord) => void
  /** Whether `onRequest` gets the bodies; they hold property values. */
  readonly keepBodies: boolean
}

export interface HubspotDestination extends Destination {
  /** What the answers' headers have said so far; for expected durations. */
  limits(): LearntLimits
  /** How near requests are to the limit; for progress. */
  load(): LimitLoad
  listObjects(signal: AbortSignal): ReturnType<typeof listObjects>
  /** Every owner, active or deactivated: one call a hundred. */
  listOwners(isDeactivated: boolean, signal: AbortSignal): Promise<readonly PortalOwner[]>
  /** Every list of the portal: one call per 500. */
  searchLists(signal: AbortSignal): Promise<readonly HubspotList[]>
  /** Undefined where HubSpot does not say. */
  dailyUsage(signal: AbortSignal): Promise<DailyUsage | undefined>
  /** Scopes of the token; undefined for a kind of token that HubSpot says nothing about. */
  grantedScopes(signal: AbortSignal): Promise<readonly string[] | undefined>
}

/**
 * Opens HubSpot as a destination. Makes no request yet; the SDK is loaded by the first one.
 *
 * @throws UserError when the token or the address cannot be used at all
 */
export function openHubspot(options: HubspotOptions): HubspotDestination {
  const limiter = createLimiter(options)
  const baseUrl = readBaseUrl(options.baseUrl)
  const post = createTransport(options)
  const tokens = tokensOf(options, baseUrl, post)
  const transport = withTokens(post, tokens)
  const client = createClient({ baseUrl }, { ...options, limiter, transport, tokens })
  const context = (signal: AbortSignal, attempt = 1): CallContext => ({ signal, attempt })
  const describe = createDescriber(client)
  return {
    maxBatchSize: MAX_BATCH_SIZE,
    maxHistoryBatchSize: MAX_HISTORIES,
    maxEventBatchSize: MAX_EVENTS,
    maxLinkBatchSize: MAX_LINKS,
    maxLinkReadSize: MAX_LINK_READS,
    maxListBatchSize: MAX_LIST_INPUTS,
    membersPerPage: MAX_MEMBERS_PAGE,
    async account(signal): Promise<Account> {
      const { body, requestId, correlationId } = await client.accountDetails(context(signal))
      const portalId = asText(body['portalId'])
      if (portalId === undefined) throw noPortal(requestId, correlationId)
      const timeZone = asText(body['timeZone'])
      const uiDomain = asText(body['uiDomain'])
      return {
        portalId,
        accountType: asText(body['accountType']) ?? 'UNKNOWN',
        ...(timeZone === undefined ? {} : { timeZone }),
        ...(uiDomain === undefined ? {} : { uiDomain }),
      }
    },
    appId: (signal) => readAppId(client, context(signal)),
    describe: (objectType, signal) => describe(objectType, context(signal)),
    pipelines: (objectType, signal) => readPipelines(client, objectType, context(signal)),
    async owners(signal) {
      const active = await listOwners(client, false, context(signal))
      const deactivated = await listOwners(client, true, context(signal))
      return [...active, ...deactivated].flatMap(({ id, email, isDeactivated, userId }) =>
        email === null
          ? []
          : [{ id, email, isArchived: isDeactivated, ...(userId === undefined ? {} : { userId }) }],
      )
    },
    createProperties: (objectType, definitions, signal) =>
      createProperties(client, objectType, definitions, context(signal)),
    createGroup: (objectType, group, signal) =>
      createGroup(client, objectType, group, context(signal)),
    describeEvent: (name, signal) => describeEvent(client, name, context(signal)),
    listEvents: (signal) => listEvents(client, context(signal)),
    createEvent: (draft, signal) => createEvent(client, draft, context(signal)),
    createEventProperty: (event, definition, signal) =>
      createEventProperty(client, event, definition, context(signal)),
    linkTypes: (from, to, signal) => readLinkTypes(client, from, to, context(signal)),
    readLinks: (request, signal, attempt) => readLinks(client, request, context(signal, attempt)),
    findList: (reference, signal) => findList(client, reference, context(signal)),
    findNamesake: (name, signal) => findNamesake(client, name, context(signal)),
    createList: (draft, signal) => createList(client, draft, context(signal)),
    readMembers: (listId, after, signal) => readMembers(client, listId, after, context(signal)),
    find: (request, signal, attempt) => findRecords(client, request, context(signal, attempt)),
    histories: (request, signal, attempt) =>
      readHistories(client, request, context(signal, attempt)),
    search: (request, signal, attempt) => searchRecords(client, request, context(signal, attempt)),
    searchRoom,
    write: (batch, signal, attempt, stop) =>
      writeBatch(client, batch, {
        ...context(signal, attempt),
        ...(stop === undefined ? {} : { stop }),
      }),
    counts: client.counts,
    limits: limiter.learnt,
    load: limiter.load,
    listObjects: (signal) => listObjects(client, context(signal)),
    listOwners: (isDeactivated, signal) => listOwners(client, isDeactivated, context(signal)),
    searchLists: (signal) => searchLists(client, context(signal)),
    dailyUsage: (signal) => readDailyUsage(client, context(signal)),
    grantedScopes: (signal) => readGrantedScopes(client, context(signal)),
  }
}

function tokensOf(options: HubspotOptions, baseUrl: string, post: Transport): AccessTokens {
  const { token, clock, onToken = () => {} } = options
  return typeof token === 'string'
    ? fixedToken(readToken(token, options.tokenPlace))
    : refreshedTokens(token, baseUrl, { post, clock, onToken })
}

/** A token with other characters cannot be a header; the HTTP client's own message would quote it. */
function readToken(token: string, place = 'the variable that holds it'): string {
  const trimmed = token.trim()
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed
  throw new UserError({
    message: 'the HubSpot access token is empty or holds characters that no token has',
    hint: `Check ${place}: copy the token again from the app in HubSpot.`,
  })
}

function readBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return baseUrl.replace(/\/+$/, '')
  throw new UserError({
    message: 'the HubSpot address is no http or https address',
    key: 'hubspot.base_url',
    hint: 'Leave base_url out for https://api.hubapi.com, or give scheme and host.',
  })
}

function noPortal(requestId: string, correlationId: string | undefined): DestinationError {
  return new DestinationError({
    action: 'read the account',
    detail: 'the answer names no portal id',
    category: 'UNREADABLE_ANSWER',
    disposition: 'terminal',
    hint: 'Check base_url.',
    correlationId,
    requestId,
  })
}
