import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What one request meets. Requests beyond the script are answered well. */
export type Behaviour =
  | 'well'
  | 'shuffled'
  | 'echoing trace ids'
  | 'whole batch refused'
  | 'one result dropped'
  | 'no results'
  | 'errors in a 200'
  | '500 before'
  | '500 after'
  | '502 after, as HTML'
  | '503'
  | '429'
  | '429 with Retry-After'
  | '429 daily'
  | '401'
  | 'reset before'
  | 'reset after'
  | 'cut off after'
  | 'silent before'
  | 'silent after'
  | 'a log-in page'

interface Input {
  readonly id?: string
  readonly properties?: Record<string, string>
  readonly objectWriteTraceId?: string
}

interface StoredContact {
  readonly id: string
  readonly email: string
  /** Trace ids that wrote it, one per commit. */
  readonly writtenBy: string[]
}

/** A server that writes contacts and misbehaves as told; values with "bad" are refused. */
export interface ScriptedServer {
  readonly url: string
  readonly contacts: ReadonlyMap<string, StoredContact>
  /** Commits per trace id. */
  readonly commits: ReadonlyMap<string, number>
  close(): Promise<void>
}

export async function startScriptedServer(
  script: readonly Behaviour[],
  seeded: readonly string[] = [],
): Promise<ScriptedServer> {
  const contacts = new Map<string, StoredContact>()
  const commits = new Map<string, number>()
  let requests = 0
  const add = (email: string): StoredContact => {
    const contact = { id: String(1000 + contacts.size), email, writtenBy: [] }
    contacts.set(email, contact)
    return contact
  }
  seeded.forEach(add)

  const commit = (kind: string, inputs: readonly Input[]) => {
    const results: object[] = []
    const errors: object[] = []
    for (const input of inputs) {
      const trace = input.objectWriteTraceId ?? ''
      const email = (input.properties?.['email'] ?? '').toLowerCase()
      const byId = [...contacts.values()].find((each) => each.id === input.id)
      const known = kind === 'update' ? byId : contacts.get(email)
      const refuse = (category: string, context: object) =>
        errors.push({
          status: 'error',
          category,
          message: `no: ${email}`,
          context: { objectWriteTraceId: [trace], ...context },
        })
      if (email.includes('bad')) {
        refuse('VALIDATION_ERROR', { propertyName: ['email'] })
      } else if (kind === 'create' && known !== undefined) {
        refuse('CONFLICT', { existingId: [known.id] })
      } else if (kind === 'update' && known === undefined) {
        refuse('OBJECT_NOT_FOUND', { ids: [input.id] })
      } else {
        const contact = known ?? add(email)
        contact.writtenBy.push(trace)
        commits.set(trace, (commits.get(trace) ?? 0) + 1)
        results.push({ id: contact.id, new: known === undefined, properties: { email }, trace })
      }
    }
    return { results, errors }
  }

  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const behaviour = script[requests++] ?? 'well'
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const kind = /batch\/(\w+)/.exec(request.url ?? '')?.[1] ?? ''
    const { inputs } = JSON.parse(text) as { inputs: readonly Input[] }
    const say = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(typeof body === 'string' ? body : JSON.stringify(body))
    const refusal = (status: number, extra: object, headers: Record<string, string> = {}) =>
      say(status, { status: 'error', message: 'no', ...extra }, headers)

    switch (behaviour) {
      case 'reset before':
        return void request.socket.resetAndDestroy()
      case 'silent before':
        return
      case '500 before':
        return void refusal(500, {})
      case '503':
        return void refusal(503, {})
      case '401':
        return void refusal(401, { category: 'INVALID_AUTHENTICATION' })
      case '429':
        return void refusal(429, { policyName: 'TEN_SECONDLY_ROLLING' })
      case '429 with Retry-After':
        return void refusal(429, { policyName: 'TEN_SECONDLY_ROLLING' }, { 'retry-after': '1' })
      case '429 daily':
        return void refusal(429, {
          policyName: 'DAILY',
          message: 'You have reached your daily limit.',
        })
      case 'a log-in page':
        return void say(200, '<html>log in</html>', { 'content-type': 'text/html' })
      case 'whole batch refused':
        if (inputs.some((each) => each.properties?.['email']?.toLowerCase().includes('bad'))) {
          return void refusal(400, { category: 'VALIDATION_ERROR' })
        }
        break
      default:
        break
    }

    const { results, errors } = commit(kind, inputs)
    const shown = results.map((result) => {
      const { trace, ...rest } = result as { trace: string }
      return behaviour === 'echoing trace ids' ? { ...rest, objectWriteTraceId: trace } : rest
    })
    const answer = (list: readonly object[], status?: number) =>
      say(status ?? (errors.length > 0 ? 207 : kind === 'create' ? 201 : 200), {
        status: 'COMPLETE',
        results: list,
        ...(errors.length > 0 ? { numErrors: errors.length, errors } : {}),
      })
    switch (behaviour) {
      case 'reset after':
        return void request.socket.resetAndDestroy()
      case 'cut off after':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' })
        response.write('{"status":"COM')
        return void setTimeout(() => request.socket.destroy(), 1)
      case 'silent after':
        return
      case '500 after':
        return void refusal(500, {})
      case '502 after, as HTML':
        return void say(502, '<html>Bad Gateway</html>', { 'content-type': 'text/html' })
      case 'no results':
        return void answer([])
      case 'one result dropped':
        return void answer(shown.slice(1))
      case 'errors in a 200':
        return void answer(shown, 200)
      case 'shuffled':
        return void answer(shown.toReversed())
      default:
        return void answer(shown)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    contacts,
    commits,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}
