import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as BigQuery got it. */
export interface SeenRequest {
  readonly method: string
  /** Without `/bigquery/v2`. */
  readonly path: string
  readonly body: string
}

/**
 * What happens to a request instead: another answer; no answer, before or after the server has done what was asked.
 */
export type Fault =
  | { readonly status: number; readonly reason: string; readonly message: string }
  | 'lost-request'
  | 'lost-answer'

/** A proxy before the server under test, that notes what passes and can get in the way. */
export interface RecordingProxy {
  readonly url: string
  readonly seen: SeenRequest[]
  /** Decides each request; undefined lets it pass. */
  fault: (request: SeenRequest) => Fault | undefined
  close(): Promise<void>
}

export async function startProxy(target: string): Promise<RecordingProxy> {
  const seen: SeenRequest[] = []
  const proxy = { seen, fault: (_: SeenRequest): Fault | undefined => undefined }
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const { method = 'GET', url = '/' } = request
    const noted = {
      method,
      path: url.replace(/^(\/upload)?\/bigquery\/v2/, ''),
      body: String(body),
    }
    seen.push(noted)
    const fault = proxy.fault(noted)
    if (typeof fault === 'object') {
      const { status, reason, message } = fault
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({ error: { code: status, message, errors: [{ reason, message }] } }),
      )
      return
    }
    if (fault === 'lost-request') {
      request.socket.destroy()
      return
    }
    const answer = await fetch(`${target}${url}`, {
      method,
      headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
      ...(method === 'GET' ? {} : { body }),
    })
    const text = await answer.text()
    if (fault === 'lost-answer') {
      request.socket.destroy()
      return
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  })
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
