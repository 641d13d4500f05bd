import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from '../log.ts'
import type { Clock } from '../types.ts'
import { type EventFilter, isSigned, readDelivery } from './delivery.ts'
import type { Queue } from './queue.ts'

export const WEBHOOK_PATH = '/webhook'
const HEALTH_PATH = '/healthz'

/** Webhooks of the dbt platform have less than 2 kB. */
const maxBodyBytes = 64 * 1024
/** With bodies of that size, 64 MB. */
const maxConnections = 1_000
/** For a whole request to come. */
const requestMs = 5_000

export interface ReceiverOptions {
  readonly host: string
  readonly port: number
  readonly secrets: readonly string[]
  readonly filter: EventFilter
  readonly queue: Pick<Queue, 'add' | 'queued'>
  /** A job was queued. */
  readonly onQueued: () => void
  /** Why nothing is carried out at the moment; undefined: all is well. */
  readonly trouble: () => string | undefined
  readonly log: Logger
  readonly clock: Clock
}

export interface Receiver {
  /** `http://127.0.0.1:8580`. */
  readonly url: string
  /** Takes no new requests, and resolves when those under way are answered. */
  close(): Promise<void>
}

interface Reply {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  /** What is still coming is not read. */
  readonly closes?: true
}

/**
 * Listens for webhooks of the dbt platform: `POST /webhook`, and `GET /healthz` for whoever watches the process. A webhook is answered
 * when its job is on disk; the work is done later, by others.
 *
 * @throws the server's error when it cannot listen
 */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { log } = options
  const server = createServer(
    // Who sends slowly holds a connection: a webhook is here in one piece.
    {
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 5_000,
      maxHeaderSize: 16_384,
    },
    (request, response) => {
      void answer(options, request)
        .catch((error: NodeJS.ErrnoException): Reply => {
          log.error('A webhook could not be kept', { code: error.code ?? error.name })
          return { status: 503, body: { status: 'cannot be kept now' } }
        })
        // While closing, a connection that stays open would have to be waited for.
        .then((reply) => send(response, server.listening ? reply : { ...reply, closes: true }))
    },
  )
  server.maxConnections = maxConnections
  await listen(server, options)
  const { address, port } = server.address() as AddressInfo
  const name = address.includes(':') ? `[${address}]` : address
  return {
    url: `http://${name}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
}

function listen(server: Server, { host, port }: ReceiverOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function answer(options: ReceiverOptions, request: IncomingMessage): Promise<Reply> {
  const path = (request.url ?? '/').split('?')[0]
  if (path === HEALTH_PATH) return health(options, request)
  if (path !== WEBHOOK_PATH) return { status: 404, body: { status: 'not found' }, closes: true }
  if (request.method !== 'POST') return { status: 405, body: { status: 'only POST' }, closes: true }
  const body = await readBody(request)
  if (body === 'too large') return { status: 413, body: { status: body }, closes: true }
  if (body === 'broken off') return { status: 400, body: { status: body }, closes: true }
  return take(options, body, request.headers.authorization)
}

function health({ queue, trouble }: ReceiverOptions, { method }: IncomingMessage): Reply {
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, body: { status: 'only GET' }, closes: true }
  const why = trouble()
  const queued = queue.queued().length
  return why === undefined
    ? { status: 200, body: { status: 'ok', queued } }
    : { status: 503, body: { status: why, queued } }
}

async function take(
  { secrets, filter, queue, log, clock, onQueued }: ReceiverOptions,
  body: Uint8Array,
  authorization: string | undefined,
): Promise<Reply> {
  if (!isSigned(body, authorization, secrets)) {
    log.warn('A webhook was refused: its signature is not that of DBT_CLOUD_WEBHOOK_SECRET')
    return { status: 401, body: { status: 'wrong signature' } }
  }
  const delivery = readDelivery(body, filter, clock())
  if (delivery.kind === 'refused') {
    log.warn(`A webhook was refused: ${delivery.why}`)
    return { status: 400, body: { status: delivery.why } }
  }
  if (delivery.kind === 'ignored') {
    log.info(`A webhook was ignored: ${delivery.why}`)
    return { status: 200, body: { status: 'ignored' } }
  }
  const { runId, jobId, jobName } = delivery.event
  const taken = await queue.add(delivery.event)
  if (taken === 'full') {
    log.error(
      `The queue is full: run ${runId} of job ${jobId} was not taken; the dbt platform sends it again`,
    )
    return { status: 503, body: { status: 'the queue is full' } }
  }
  if (taken === 'queued') {
    log.info(`Run ${runId} of job ${jobId} (${jobName}) is queued`)
    onQueued()
  } else log.debug(`Run ${runId} of job ${jobId} is known`)
  return { status: 200, body: { status: taken } }
}

/** The body as it came: its signature is over these very bytes. */
async function readBody(request: IncomingMessage): Promise<Buffer | 'too large' | 'broken off'> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return 'too large'
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBodyBytes) return 'too large'
      chunks.push(chunk)
    }
  } catch {
    return 'broken off'
  }
  return Buffer.concat(chunks)
}

function send(response: ServerResponse, { status, body, closes }: Reply): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...(closes === undefined ? {} : { Connection: 'close' }),
  })
  response.end(response.req.method === 'HEAD' ? undefined : text)
}
