import { randomUUID } from 'node:crypto'
import { DestinationError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { Clock, RequestRecord } from '../../types.ts'
import { answerError, type CallFacts, correlationId, lostAnswerError } from './errors.ts'
import { asRecord } from './json.ts'
import { type Lane, type Limiter, toldLimits } from './limits.ts'
import type { Send } from './sdk.ts'
import {
  type Answer,
  elapsedMs,
  type HttpRequest,
  LostAnswer,
  type Transport,
} from './transport.ts'

/** An answer that HubSpot meant as an answer (2xx), and the id of its request. */
export interface Reply {
  readonly requestId: string
  readonly status: number
  readonly correlationId: string | undefined
  /** The body as an object; empty for a 204. */
  readonly body: Readonly<Record<string, unknown>>
}

/** What a request is, apart from how it is made. */
export interface Call {
  /** For messages: `upsert 100 contacts`. */
  readonly action: string
  readonly effect: 'read' | 'write'
  readonly lane: Lane
  /** Records in the request. */
  readonly batchSize: number
  readonly signal: AbortSignal
  /** Once aborted, the request does not start any more. */
  readonly stop?: AbortSignal
  /** Counts from 1; only recorded. */
  readonly attempt: number
  /** A secret stands in the body: bodies are kept nowhere. */
  readonly holdsSecret?: true
}

export interface ExchangeOptions {
  readonly transport: Transport
  readonly limiter: Limiter
  readonly clock: Clock
  readonly log: Logger
  /** Called once per attempt that was made, after its answer or its failure. */
  readonly onRequest?: (record: RequestRecord) => void
  readonly keepBodies: boolean
  /** Where the token comes from, in words, for the error of one that is refused. */
  readonly tokenPlace?: string
}

/**
 * One attempt of one request: waits for a turn, lets `make` send, learns from the answer, records it, and decides from
 * the raw answer alone what it was.
 *
 * @param make makes exactly one request through the `Send` it is given; what it returns or throws afterwards is ignored
 * @throws DestinationError for everything but a readable 2xx
 */
export async function exchange(
  call: Call,
  options: ExchangeOptions,
  make: (send: Send) => Promise<unknown>,
): Promise<Reply> {
  const isOff = call.stop === undefined ? call.signal : AbortSignal.any([call.signal, call.stop])
  const queuedAtMs = options.clock()
  const release = await options.limiter.acquire(call.lane, isOff).catch((cause: unknown) => {
    throw cause instanceof DestinationError ? cause : abortedInQueue(call, cause)
  })
  const waitedMs = elapsedMs(options.clock, queuedAtMs)
  const requestId = randomUUID()
  try {
    const capture = await captureOne(options, call.signal, make)
    const error = judge(capture.outcome, call, requestId, options)
    record(call, options, { requestId, waitedMs }, capture, error)
    if (capture.outcome instanceof LostAnswer || error !== undefined) throw error
    const { outcome } = capture
    return {
      requestId,
      status: outcome.status,
      correlationId: correlationId(outcome),
      body: asRecord(outcome.json),
    }
  } finally {
    release()
  }
}

interface Capture {
  readonly request: HttpRequest
  readonly outcome: Answer | LostAnswer
  readonly startedAtMs: number
  readonly durationMs: number
}

/**
 * The SDK rejects for statuses it does not expect and for bodies it cannot read, with property values in its messages;
 * it resolves for others and loses fields. Neither is looked at once the answer is captured.
 */
async function captureOne(
  options: ExchangeOptions,
  signal: AbortSignal,
  make: (send: Send) => Promise<unknown>,
): Promise<Capture> {
  let capture: Capture | undefined
  const send: Send = async (request) => {
    const startedAtMs = options.clock()
    const outcome = await options.transport(request, signal).catch((error: unknown) => {
      if (error instanceof LostAnswer) return error
      throw error
    })
    capture = { request, outcome, startedAtMs, durationMs: elapsedMs(options.clock, startedAtMs) }
    if (outcome instanceof LostAnswer) throw outcome
    return outcome
  }
  try {
    await make(send)
  } catch (error) {
    if (capture === undefined) throw error
  }
  if (capture === undefined) throw new TypeError('the call made no request')
  return capture
}

/** Whoever asks for more patience than this is not waited for: everybody would hang, not one request. */
const MAX_PAUSE_MS = 300_000

/** The error that the outcome means, if any; the limiter learns on the way. */
function judge(
  outcome: Answer | LostAnswer,
  call: Call,
  requestId: string,
  { limiter, tokenPlace }: Pick<ExchangeOptions, 'limiter' | 'tokenPlace'>,
): DestinationError | undefined {
  const intervalMs = call.lane === 'events' ? 1000 : limiter.learnt().intervalMs
  const facts: CallFacts = { ...call, requestId, intervalMs, tokenPlace }
  if (outcome instanceof LostAnswer) return lostAnswerError(outcome, facts)
  limiter.observe(call.lane, outcome.headers)
  if (isReadable(outcome)) return undefined
  const error = answerError(outcome, facts)
  if (error.status === 429 && !error.endsRun) {
    const lane = error.category === 'RATE_LIMIT_SEARCH' ? 'search' : call.lane
    const pauseMs = error.retryAfterMs ?? intervalMs
    if (pauseMs <= MAX_PAUSE_MS) limiter.pause(lane, pauseMs)
  }
  return error
}

function isReadable(answer: Answer): boolean {
  if (answer.status === 204) return true
  const isJsonObject = typeof answer.json === 'object' && answer.json !== null
  return answer.status >= 200 && answer.status < 300 && isJsonObject
}

function record(
  call: Call,
  options: ExchangeOptions,
  { requestId, waitedMs }: Pick<RequestRecord, 'requestId' | 'waitedMs'>,
  capture: Capture,
  error: DestinationError | undefined,
): void {
  const { request, outcome } = capture
  const answer = outcome instanceof LostAnswer ? undefined : outcome
  const line = {
    requestId,
    method: request.method,
    path: new URL(request.url).pathname,
    status: answer?.status ?? null,
    attempt: call.attempt,
    durationMs: capture.durationMs,
    waitedMs,
    batchSize: call.batchSize,
    correlationId: (answer && correlationId(answer)) ?? null,
    errorCategory: error?.category ?? null,
  }
  const { max, remaining, dailyRemaining } = toldLimits(answer?.headers ?? {})
  options.log.debug('HubSpot request', line)
  const keepsBodies = options.keepBodies && call.holdsSecret !== true
  options.onRequest?.({
    ...line,
    windowMax: max ?? null,
    windowRemaining: remaining ?? null,
    dailyRemaining: dailyRemaining ?? null,
    startedAtMs: capture.startedAtMs,
    ...(keepsBodies && request.body !== undefined ? { requestBody: request.body } : {}),
    ...(keepsBodies && answer !== undefined ? { responseBody: answer.text } : {}),
  })
}

function abortedInQueue(call: Call, cause: unknown): DestinationError {
  return new DestinationError({
    action: call.action,
    detail: 'cancelled before it was sent',
    category: 'ABORTED',
    disposition: 'transient',
    cause,
  })
}
