import { type Call, type ExchangeOptions, exchange, type Reply } from './exchange.ts'
import type { SdkServer, Send } from './sdk.ts'

/** What every call is given beside its own arguments. */
export interface CallContext {
  readonly signal: AbortSignal
  /** Once aborted, a request that still waits for its turn is not sent. */
  readonly stop?: AbortSignal
  /** Counts from 1; only recorded. */
  readonly attempt: number
}

/** What a request is about. */
interface About {
  /** For messages: `upsert 100 contacts`. */
  readonly action: string
  /** Records in the request; none where absent. */
  readonly size?: number
  /** `default` where absent. */
  readonly lane?: Call['lane']
  readonly holdsSecret?: true
}

/** Makes one request through what it is given. */
type Make = (send: Send) => Promise<unknown>

/** How endpoints are called: one request per call, counted. */
export interface Calls {
  /** Where the SDK's own requests go. */
  readonly server: SdkServer
  /** A request that is not simply repeated when its answer is lost. */
  write(about: About, context: CallContext, make: Make): Promise<Reply>
  read(about: About, context: CallContext, make: Make): Promise<Reply>
  /** Posts a definition. It may be written again, like a read: what is there is there. */
  define(about: About, context: CallContext, path: string, body: unknown): Promise<Reply>
  /** For endpoints that the SDK does not have. */
  get(path: string): Make
  post(path: string, body: unknown, method?: 'POST' | 'PUT'): Make
  /** Attempts so far. */
  counts(): { readonly writes: number; readonly reads: number }
}

/** @param server its `baseUrl` is scheme and host (and a path, if any), without a slash at the end */
export function createCalls(server: SdkServer, options: ExchangeOptions): Calls {
  const counts = { writes: 0, reads: 0 }

  const call = (
    effect: Call['effect'],
    { action, size = 0, lane = 'default', holdsSecret }: About,
    context: CallContext,
    make: Make,
  ): Promise<Reply> => {
    const secret = holdsSecret === true ? { holdsSecret } : {}
    return exchange({ ...context, action, effect, lane, batchSize: size, ...secret }, options, make)
  }

  const counting =
    (kind: 'writes' | 'reads', make: Make): Make =>
    (send) =>
      make((request) => {
        counts[kind] += 1
        return send(request)
      })

  const send =
    (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Make =>
    (send) =>
      send({
        method,
        url: `${server.baseUrl}${path}`,
        headers: {
          Accept: 'application/json',
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })

  return {
    server,
    write: (about, context, make) => call('write', about, context, counting('writes', make)),
    read: (about, context, make) => call('read', about, context, counting('reads', make)),
    define: (about, context, path, body) =>
      call('read', about, context, counting('writes', send('POST', path, body))),
    get: (path) => send('GET', path),
    post: (path, body, method = 'POST') => send(method, path, body),
    counts: () => ({ ...counts }),
  }
}

/** The part of an address that says where a page begins. */
export const pageAfter = (after: string | undefined): string =>
  after === undefined ? '' : `&after=${encodeURIComponent(after)}`
