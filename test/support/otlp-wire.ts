import { createServer as createHttp } from 'node:http'
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { atTestEnd } from './at-test-end.ts'

/** Names of what was exported, read off the wire form of Protocol Buffers. */
export interface ExportedNames {
  readonly url: string
  readonly spans: string[]
  readonly metrics: string[]
}

/** A field's number and its bytes, where it has a length; the others are passed over (protobuf.dev/programming-guides/encoding). */
function* fields(bytes: Buffer): Generator<readonly [number, Buffer]> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error('The message is cut')
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const kind = tag % 8
    if (kind === 2) {
      const length = varint()
      if (at + length > bytes.length) throw new Error('The message is cut')
      yield [Math.floor(tag / 8), bytes.subarray(at, at + length)]
      at += length
    } else if (kind === 0) varint()
    else if (kind === 1 || kind === 5) at += kind === 1 ? 8 : 4
    else throw new Error(`No field has the type ${kind}`)
  }
}

const within = (bytes: Buffer, [step, ...more]: readonly number[]): readonly Buffer[] =>
  step === undefined
    ? [bytes]
    : [...fields(bytes)]
        .filter(([number]) => number === step)
        .flatMap(([, inner]) => within(inner, more))

/**
 * Takes requests of OTLP for traces and metrics (opentelemetry/proto/{trace,metrics}/v1). In both, field 1 are the resources, 2 their scopes,
 * and 2 again spans or metrics; field 5 of a span is its name, field 1 of a metric.
 */
function take(names: ExportedNames, path: string, body: Buffer): void {
  const isTrace = /trace/i.test(path)
  const found = within(body, [1, 2, 2, isTrace ? 5 : 1]).map(String)
  if (isTrace) names.spans.push(...found)
  else names.metrics.push(...found)
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A collector on loopback that takes OTLP over HTTP in Protocol Buffers. */
export async function protobufCollector(): Promise<ExportedNames> {
  const names = { url: '', spans: [], metrics: [] }
  const server = createHttp(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const isRight = request.headers['content-type'] === 'application/x-protobuf'
    if (isRight) take(names, request.url ?? '', Buffer.concat(chunks))
    response.writeHead(isRight ? 200 : 415, { 'content-type': 'application/x-protobuf' }).end()
  })
  atTestEnd(() => void server.close())
  return Object.assign(names, { url: await listening(server) })
}

/** A collector on loopback that takes OTLP over gRPC, without encryption. */
export async function grpcCollector(): Promise<ExportedNames> {
  const names = { url: '', spans: [], metrics: [] }
  const server = createHttp2()
  server.on('stream', async (stream: ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    // A flag for compression and four bytes of length come before the message.
    take(names, String(headers[':path']), Buffer.concat(chunks).subarray(5))
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    )
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(Buffer.alloc(5))
  })
  atTestEnd(() => void server.close())
  return Object.assign(names, { url: await listening(server) })
}
