import { DestinationError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { Account, Clock, RequestRecord, Sleep } from '../../types.ts'
import type { Destination } from '../destination.ts'
import { type CallContext, createClient } from './client.ts'
import { describeObject } from './describe.ts'
import { findRecords } from './find.ts'
import { asText } from './json.ts'
import { createLimiter, type LearntLimits } from './limits.ts'
import { writeBatch } from './records.ts'
import { createTransport } from './transport.ts'

/** Records per batch request (developers.hubspot.com, "Using object APIs", checked 2026-11-23); 101 answer 400. */
export const MAX_BATCH_SIZE = 100

export interface HubspotOptions {
  readonly token: string
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
}

/** Opens HubSpot as a destination. Makes no request yet; the SDK is loaded by the first one. */
export function openHubspot(options: HubspotOptions): HubspotDestination {
  const limiter = createLimiter(options)
  const transport = createTransport(options)
  const baseUrl = options.baseUrl.replace(/\/+$/, '')
  const client = createClient({ baseUrl, token: options.token }, { ...options, limiter, transport })
  const context = (signal: AbortSignal, attempt = 1): CallContext => ({ signal, attempt })
  return {
    maxBatchSize: MAX_BATCH_SIZE,
    async account(signal): Promise<Account> {
      const { body, requestId, correlationId } = await client.accountDetails(context(signal))
      const portalId = asText(body['portalId'])
      if (portalId === undefined) throw noPortal(requestId, correlationId)
      const timeZone = asText(body['timeZone'])
      return {
        portalId,
        accountType: asText(body['accountType']) ?? 'UNKNOWN',
        ...(timeZone === undefined ? {} : { timeZone }),
      }
    },
    describe: (objectType, signal) => describeObject(client, objectType, context(signal)),
    find: (request, signal, attempt) => findRecords(client, request, context(signal, attempt)),
    write: (batch, signal, attempt) => writeBatch(client, batch, context(signal, attempt)),
    counts: client.counts,
    limits: limiter.learnt,
  }
}

function noPortal(requestId: string, correlationId: string | undefined): DestinationError {
  return new DestinationError({
    action: 'read the account',
    detail: 'the answer names no portal id',
    category: 'UNREADABLE_ANSWER',
    disposition: 'terminal',
    hint: 'check base_url',
    correlationId,
    requestId,
  })
}
