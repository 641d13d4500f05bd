import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { LiveEvent, ServedChange, ServedProgress } from './live.ts'
import type { ReportRow } from './payload.ts'

/** Messages that a page which was away for a moment can still get. */
const keptMessages = 5_000
/** Bytes that wait for a page which does not read; then it has to ask again. */
const maxWaitingBytes = 8_000_000
const pingMs = 15_000
/** A browser opens six at most; every process of the machine may open some, with the token or without. */
const maxConnections = 100
/** A connection on which nothing moves for so long is closed: several pings. */
const defaultIdleMs = 60_000
/** A request that has not been asked to its end by then is none. */
const headersMs = 10_000
const retryMs = 1_000

/** Where nothing may be kept, guessed at, framed or sent along. */
const headers = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
} as const

export interface ReportServerOptions {
  /** The one secret: whoever has it sees everything. */
  readonly token: string
  /** 0 takes a free one. */
  readonly port: number
  /** Closes a connection on which nothing moves for so long; default: a minute. */
  readonly idleMs?: number
  page(): Promise<Iterable<string>>
  payload(): Iterable<string>
  /** @returns undefined where nobody knows the row @throws Busy */
  row(sync: string, rowId: string): Promise<ReportRow | undefined>
  /** Something that is no fault of whoever asks. */
  failed(error: unknown): void
}

/** The row cannot be looked up now; the message says why. */
export class Busy extends Error {}

export type Message =
  | { readonly event: 'live'; readonly body: LiveEvent }
  | { readonly event: 'progress'; readonly body: ServedProgress }
  | { readonly event: 'changed'; readonly body: ServedChange }

export interface ReportServer {
  readonly url: string
  /**
   * Sends a message to every page.
   *
   * @param key a page that comes later gets the last message of each key, until `forget`
   */
  tell(message: Message, key?: string): void
  /** Takes back what later pages would get, by how keys begin. */
  forget(keyStart: string): void
  close(): Promise<void>
}

/** Serves the report to this machine alone. @throws what `listen` fails with */
export async function startReportServer(options: ReportServerOptions): Promise<ReportServer> {
  const stream = openStream()
  // Each look-up connects to the warehouse: a hundred at once would leave nobody else a connection.
  let lookUps: Promise<unknown> = Promise.resolve()
  const row: ReportServerOptions['row'] = (sync, rowId) => {
    const found = lookUps.then(() => options.row(sync, rowId))
    lookUps = found.catch(() => undefined)
    return found
  }
  const limits = { headersTimeout: headersMs, connectionsCheckingInterval: headersMs / 2 }
  const server = createServer(limits, (request, response) => {
    answer(request, response, { ...options, row }, stream, portOf(server)).catch(
      (error: unknown) => {
        options.failed(error)
        if (response.headersSent) response.destroy()
        else end(response, 500, 'It failed; the log of the server says why.')
      },
    )
  })
  server.maxConnections = maxConnections
  server.setTimeout(options.idleMs ?? defaultIdleMs)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${portOf(server)}/${options.token}/`,
    tell: stream.tell,
    forget: stream.forget,
    async close() {
      stream.close()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

const portOf = (server: Server): number => (server.address() as AddressInfo | null)?.port ?? 0

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReportServerOptions,
  stream: EventStream,
  port: number,
): Promise<void> {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  // A name of somebody else's that leads here (DNS rebinding) is in the way of a page of theirs.
  const hosts = ['127.0.0.1', 'localhost', '[::1]'].map((host) => `${host}:${port}`)
  if (!hosts.includes(request.headers.host ?? '')) return end(response, 403, 'Not for this host.')
  if (request.method !== 'GET') return end(response, 405, 'Only GET.')
  const [path = '', query] = (request.url ?? '').split('?', 2)
  const [, token = '', place, ...rest] = path.split('/')
  if (!isSame(token, options.token) || rest.length > 0)
    return end(
      response,
      404,
      'Nothing is here. The address with the token is where it was started.',
    )
  switch (place) {
    case undefined:
      response.writeHead(308, { Location: `/${token}/` })
      return void response.end()
    case '':
      return await pour(response, 'text/html; charset=utf-8', await options.page())
    case 'payload.ndjson':
      return await pour(response, 'application/x-ndjson; charset=utf-8', options.payload())
    case 'events':
      return stream.join(request, response)
    case 'row.json': {
      const asked = new URLSearchParams(query)
      return await answerRow(response, options, asked.get('sync') ?? '', asked.get('row') ?? '')
    }
    default:
      return end(response, 404, 'Nothing is here.')
  }
}

function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)]
  return one.length === other.length && timingSafeEqual(one, other)
}

function end(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(`${JSON.stringify({ message })}\n`)
}

/** Writes piece by piece, as fast as it is read. */
async function pour(
  response: ServerResponse,
  type: string,
  pieces: Iterable<string>,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': type })
  for (const piece of pieces) {
    if (response.destroyed) return
    if (!response.write(piece)) await drained(response)
  }
  response.end()
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.once('drain', done)
    response.once('close', done)
  })

async function answerRow(
  response: ServerResponse,
  options: ReportServerOptions,
  sync: string,
  rowId: string,
): Promise<void> {
  let row: ReportRow | undefined
  try {
    row = await options.row(sync, rowId)
  } catch (error) {
    if (!(error instanceof Busy)) throw error
    return end(response, 503, error.message)
  }
  if (row === undefined) return end(response, 404, 'Neither state nor audit know such a row.')
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(row))
}

interface EventStream extends Pick<ReportServer, 'tell' | 'forget'> {
  join(request: IncomingMessage, response: ServerResponse): void
  close(): void
}

/** Server-sent events. Numbers of messages are of this stream alone: a page that was at an earlier one starts anew. */
function openStream(): EventStream {
  const mark = randomBytes(6).toString('hex')
  const pages = new Set<ServerResponse>()
  const kept: { readonly number: number; readonly text: string }[] = []
  const lasting = new Map<string, string>()
  let number = 0
  const send = (page: ServerResponse, text: string) => {
    if (page.writableLength > maxWaitingBytes) page.destroy()
    else page.write(text)
  }
  const ping = setInterval(() => {
    for (const page of pages) send(page, ': ping\n\n')
  }, pingMs).unref()
  return {
    tell({ event, body }, key) {
      number += 1
      const message = `event: ${event}\ndata: ${JSON.stringify(body)}\n\n`
      const text = `id: ${mark}-${number}\n${message}`
      kept.push({ number, text })
      if (kept.length > keptMessages) kept.shift()
      if (key !== undefined) lasting.set(key, message)
      for (const page of pages) send(page, text)
    },
    forget(keyStart) {
      for (const key of lasting.keys()) if (key.startsWith(keyStart)) lasting.delete(key)
    },
    join(request, response) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.write(`retry: ${retryMs}\n\n`)
      const [theirMark, theirNumber] = String(request.headers['last-event-id'] ?? '').split('-')
      const seen = theirMark === mark ? Number(theirNumber) : Number.NaN
      const isKept = seen >= (kept[0]?.number ?? number + 1) - 1 && seen <= number
      const missed = isKept
        ? kept.filter((one) => one.number > seen).map(({ text }) => text)
        : [`id: ${mark}-${number}\n\n`, ...lasting.values()]
      for (const text of missed) response.write(text)
      pages.add(response)
      response.on('close', () => pages.delete(response))
    },
    close() {
      clearInterval(ping)
      for (const page of pages) page.end()
    },
  }
}
