import type { Sleep } from '../types.ts'
import type { Outcome } from './alert.ts'

/** How a message gets to a service over HTTP. */

/** What is told of a certificate, here and of mail servers. */
export const distrusted =
  "the server's certificate is not trusted: name its authority's file in NODE_EXTRA_CA_CERTS, or use the host name that it was made for"

export interface Delivery {
  /** Everything has to be over when it is aborted. */
  readonly signal: AbortSignal
  readonly sleep: Sleep
  readonly nowMs: () => number
}

export interface HttpMessage {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Answer {
  readonly status: number
  /** The beginning of the body. */
  readonly text: string
}

/** Services answer in a second; one that does not is asked again. */
const attemptMs = 4_000
/** Pause before another attempt, doubled with each. */
const pauseMs = 500
/** A service that asks for more patience is told by the next run. */
const longestPauseMs = 5_000
const attempts = 4
/** Answers are a line; whatever more there is, is not read. */
const answerBytes = 4_096

/**
 * Posts, and posts again where that can help (no answer, 408, 429, 5xx), as long as the delivery may last. Redirects are not followed:
 * secrets go where they were meant to go.
 *
 * @param judge what the answer means
 */
export async function post(
  message: HttpMessage,
  delivery: Delivery,
  judge: (answer: Answer) => Outcome,
): Promise<Outcome> {
  let last: Outcome = { isTold: false, why: 'there was no time left' }
  for (let attempt = 1; attempt <= attempts && !delivery.signal.aborted; attempt++) {
    const { outcome, isFinal, waitMs } = await tryPost(message, delivery, judge)
    last = outcome
    const wait = waitMs ?? pauseMs * 2 ** (attempt - 1)
    if (isFinal || attempt === attempts || wait > longestPauseMs) break
    await delivery.sleep(wait, delivery.signal).catch(() => {})
  }
  return last
}

interface Attempt {
  readonly outcome: Outcome
  readonly isFinal: boolean
  readonly waitMs?: number
}

async function tryPost(
  message: HttpMessage,
  { signal, nowMs }: Delivery,
  judge: (answer: Answer) => Outcome,
): Promise<Attempt> {
  const request = requestOf(message)
  if (request === undefined) {
    const why = 'token or address holds characters that cannot be sent'
    return { outcome: { isTold: false, why }, isFinal: true }
  }
  try {
    const response = await fetch(request, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]),
    })
    const { status } = response
    const text = await beginning(response)
    if (status >= 300 && status < 400) {
      return { outcome: { isTold: false, why: `HTTP ${status}: a redirect` }, isFinal: true }
    }
    const isPassing = status >= 500 || status === 429 || status === 408
    const waitMs = isPassing ? askedPauseMs(response.headers, nowMs()) : 0
    return {
      outcome: judge({ status, text }),
      isFinal: !isPassing,
      ...(waitMs > 0 ? { waitMs } : {}),
    }
  } catch (error) {
    const isFinal = isDistrusted(error)
    return { outcome: { isTold: false, why: isFinal ? distrusted : whyNoAnswer(error) }, isFinal }
  }
}

/** `Retry-After` in seconds, or as a date, by the clock of whoever says it; 0: it says nothing that can be read (RFC 9110, 10.2.3). */
function askedPauseMs(headers: Headers, nowMs: number): number {
  const after = headers.get('retry-after') ?? ''
  const seconds = Number(after)
  if (after.trim() !== '' && !Number.isNaN(seconds)) return seconds * 1000
  const theirNow = Date.parse(headers.get('date') ?? '')
  const pauseMs = Date.parse(after) - (Number.isNaN(theirNow) ? nowMs : theirNow)
  return Number.isNaN(pauseMs) ? 0 : pauseMs
}

const causesOf = (error: unknown): readonly Error[] =>
  error instanceof Error ? [error, ...causesOf(error.cause)] : []

/** Codes of Node.js for certificates (nodejs.org/api/tls.html, X509 certificate error codes). */
const isDistrusted = (error: unknown): boolean =>
  causesOf(error).some(({ code }: Error & { readonly code?: unknown }) =>
    /CERT|UNABLE_TO_VERIFY|HOSTNAME_MISMATCH/.test(String(code)),
  )

/** A login in the address goes into a header: `fetch` takes none there. @returns undefined where a header or the address cannot be written */
function requestOf({ url, headers, body }: HttpMessage): Request | undefined {
  try {
    const address = new URL(url)
    const { username, password } = address
    address.username = ''
    address.password = ''
    const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
    return new Request(address, {
      method: 'POST',
      headers: {
        'User-Agent': 'backhaul',
        ...(username === '' ? {} : { Authorization: `Basic ${login.toString('base64')}` }),
        ...headers,
      },
      body,
    })
  } catch {
    return undefined
  }
}

/** What there is of a body. One that breaks off is no reason to send again: the status has said what became of the message. */
async function beginning(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true })
      if (text.length > answerBytes) break
    }
  } catch {
    // Aborted, late or cut.
  }
  return text.slice(0, answerBytes)
}

/** What kept an answer away, by the code that the system gives; addresses are not told. */
function whyNoAnswer(error: unknown): string {
  if (error instanceof Error && ['AbortError', 'TimeoutError'].includes(error.name)) {
    return 'no answer in time'
  }
  const causes = causesOf(error)
  if (causes.some(({ name }) => name === 'HTTPParserError')) return 'the answer is no HTTP'
  const codes = causes.map(({ code }: Error & { readonly code?: unknown }) => code)
  const code = codes.find((each) => typeof each === 'string')
  return code === undefined ? 'no connection' : `no connection (${code})`
}

/** The outcome of an answer that only its status decides. */
export const byStatus = ({ status }: Answer): Outcome =>
  status >= 200 && status < 300
    ? { isTold: true, answer: `HTTP ${status}` }
    : { isTold: false, why: `HTTP ${status}` }

/** An answer in JSON; an empty object when it is none. */
export function jsonOf({ text }: Answer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
