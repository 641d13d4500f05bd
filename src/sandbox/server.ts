import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { administer } from './admin.ts'
import { type Answer, answer, refuse } from './answers.ts'
import type { Control } from './control.ts'
import { defectAnswer, type Outcome, type RawRequest, respond } from './respond.ts'
import type { Router } from './router.ts'
import type { SandboxState } from './state.ts'

/** Longest request body, in bytes. */
const MAX_BODY_BYTES = 32 * 1024 * 1024

/** What the server needs to answer. */
export interface ServerParts {
  readonly state: SandboxState
  readonly router: Router
  readonly control: Control
  /** Whether `/_sandbox/…` is served. */
  readonly hasAdmin: boolean
}

/** Makes the HTTP server; it listens to nothing yet. */
export function createSandboxServer(parts: ServerParts): Server {
  return createServer((incoming, response) => {
    const chunks: Buffer[] = []
    let length = 0
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= MAX_BODY_BYTES) chunks.push(chunk)
    })
    incoming.on('end', () => {
      if (length > MAX_BODY_BYTES) {
        send(response, TOO_LARGE)
        return
      }
      const body = chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString()
      conclude(response, outcomeOf(rawRequest(incoming, body), parts))
    })
  })
}

const TOO_LARGE = refuse(413, 'VALIDATION_ERROR', 'The request body is too large.')

/** For container platforms. Not part of HubSpot: needs no token, is never at fault, and is not logged. */
const HEALTHY: Outcome = { kind: 'answer', answer: answer(200, { status: 'ok' }), delayMs: 0 }

function outcomeOf(raw: RawRequest, parts: ServerParts): Outcome {
  const { state, router, control, hasAdmin } = parts
  try {
    if (raw.method === 'GET' && raw.path === '/healthz') return HEALTHY
    if (hasAdmin && raw.path.startsWith('/_sandbox')) {
      return { kind: 'answer', answer: administer(raw, control), delayMs: 0 }
    }
    return respond(raw, state, router)
  } catch (cause) {
    return { kind: 'answer', answer: defectAnswer(cause), delayMs: 0 }
  }
}

function rawRequest(incoming: IncomingMessage, body: string): RawRequest {
  const url = incoming.url ?? '/'
  const mark = url.indexOf('?')
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    authorization: incoming.headers.authorization,
    body,
  }
}

function conclude(response: ServerResponse, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'hang':
      return
    case 'reset':
      response.socket?.resetAndDestroy()
      return
    case 'answer':
      if (outcome.delayMs <= 0) send(response, outcome.answer)
      else setTimeout(() => send(response, outcome.answer), outcome.delayMs).unref()
  }
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  if (body === undefined) {
    response.writeHead(status, headers).end()
    return
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response
    .writeHead(status, {
      'content-type': 'application/json;charset=utf-8',
      'content-length': Buffer.byteLength(text),
      ...headers,
    })
    .end(text)
}
