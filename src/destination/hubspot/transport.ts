import type { Clock } from '../../types.ts'

/** One HTTP request, complete but for the time-out. */
export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** What came back, as it came: the status, headers with lower-case names, and the body before anyone interprets it. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** The parsed body; undefined when it is empty or no JSON. */
  readonly json: unknown
}

/**
 * No whole answer came. `kind` says how far the request got as far as that can be told:
 * `unsent` never left (name resolution, connection, TLS), `lost` may have been carried out, `timeout` and `aborted`
 * were cut off by us after sending began.
 */
export class LostAnswer extends Error {
  readonly kind: 'unsent' | 'lost' | 'timeout' | 'aborted'
  /** Code of the socket, resolver or TLS layer, e.g. `ECONNREFUSED`. */
  readonly code: string

  constructor(facts: Pick<LostAnswer, 'kind' | 'code' | 'cause'>) {
    super(`no answer (${facts.code})`, { cause: facts.cause })
    this.name = 'LostAnswer'
    this.kind = facts.kind
    this.code = facts.code
  }
}

/** Tells HubSpot's support whose requests these are. */
const USER_AGENT = 'backhaul'

export type Transport = (request: HttpRequest, signal: AbortSignal) => Promise<Answer>

/**
 * Makes requests with the global `fetch`, each with a time-out that covers the whole answer, body included.
 * Redirects are not followed: HubSpot's API sends none, and a repeated POST would be a second write.
 *
 * @throws LostAnswer when no whole answer came; an answer of any status is returned
 */
export function createTransport(options: { readonly requestTimeoutMs: number }): Transport {
  return async (request, signal) => {
    const timeout = AbortSignal.timeout(options.requestTimeoutMs)
    const secret = tokenOf(request)
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: { 'User-Agent': USER_AGENT, ...request.headers },
        redirect: 'manual',
        signal: AbortSignal.any([signal, timeout]),
        ...(request.body === undefined ? {} : { body: request.body }),
      })
      const body = await response.text()
      // Proxies echo requests in their error pages; what is refused ends up in messages and in the audit.
      const text = response.ok ? body : withoutToken(body, secret)
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        text,
        json: parseJson(text),
      }
    } catch (cause) {
      throw lostAnswer(cause, signal, timeout)
    }
  }
}

const tokenOf = ({ headers }: HttpRequest): string =>
  (headers['Authorization'] ?? '').replace(/^Bearer /, '')

/** HubSpot's tokens have 40 characters and more; a word of a test sandbox would be found inside of other words. */
const shortestToken = 16

function withoutToken(text: string, token: string): string {
  return token.length < shortestToken ? text : text.replaceAll(token, '…')
}

function lostAnswer(cause: unknown, signal: AbortSignal, timeout: AbortSignal): LostAnswer {
  if (signal.aborted) return new LostAnswer({ kind: 'aborted', code: 'ABORT_ERR', cause })
  if (timeout.aborted) return new LostAnswer({ kind: 'timeout', code: 'TIMEOUT', cause })
  const code = errorCode(cause)
  return new LostAnswer({ kind: isUnsent(code) ? 'unsent' : 'lost', code, cause })
}

/** Our code for what `fetch` says without one: it connects to no port of another service (fetch.spec.whatwg.org/#port-blocking). */
export const BLOCKED_PORT = 'BLOCKED_PORT'

/** Failures that happen before the first byte of the request is written. */
const UNSENT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  BLOCKED_PORT,
])

/** OpenSSL's verification errors (`CERT_HAS_EXPIRED`, `SELF_SIGNED_CERT_IN_CHAIN`) and Node's own (`ERR_TLS_…`, `ERR_SSL_…`). */
const TLS_CODE = /CERT|^ERR_TLS_|^ERR_SSL_|^UNABLE_TO_|SIGNATURE/

/** True for codes that mean: the connection was refused for its certificate or protocol. */
export function isTlsCode(code: string): boolean {
  return TLS_CODE.test(code)
}

function isUnsent(code: string): boolean {
  return UNSENT_CODES.has(code) || isTlsCode(code)
}

/** `fetch` wraps the socket's error once, and several addresses tried in turn make an AggregateError. */
function errorCode(error: unknown, depth = 0): string {
  if (depth > 4 || typeof error !== 'object' || error === null) return 'UNKNOWN'
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown }
  if (error instanceof Error && error.message === 'bad port') return BLOCKED_PORT
  if (typeof code === 'string') return code
  if (cause !== undefined) return errorCode(cause, depth + 1)
  if (Array.isArray(errors)) return errorCode(errors[0], depth + 1)
  return 'UNKNOWN'
}

function parseJson(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Time since `startedAtMs`, never negative when the clock is set back. */
export function elapsedMs(clock: Clock, startedAtMs: number): number {
  return Math.max(0, clock() - startedAtMs)
}
