import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { atTestEnd } from './at-test-end.ts'

type Attributes = Readonly<Record<string, unknown>>

export interface CollectedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly kind: number
  readonly startMs: number
  readonly endMs: number
  /** 2: an error. */
  readonly status: number
  readonly attributes: Attributes
}

export interface CollectedPoint {
  readonly metric: string
  readonly attributes: Attributes
  /** Of a histogram its sum. */
  readonly value: number
  readonly count: number | undefined
}

export interface Collector {
  readonly url: string
  readonly spans: CollectedSpan[]
  readonly points: CollectedPoint[]
  /** Attributes of what tells. */
  readonly resources: Attributes[]
  /** Everything that arrived, as text. */
  readonly bodies: string[]
}

interface Value {
  readonly stringValue?: string
  readonly intValue?: string | number
  readonly doubleValue?: number
  readonly boolValue?: boolean
}

interface Attribute {
  readonly key: string
  readonly value: Value
}

/** Protocol Buffers' JSON form of OTLP (opentelemetry.io/docs/specs/otlp), as far as it is looked at. */
interface Batch {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string
        readonly traceId: string
        readonly spanId: string
        readonly parentSpanId?: string
        readonly kind: number
        readonly startTimeUnixNano: string
        readonly endTimeUnixNano: string
        readonly status?: { readonly code?: number }
        readonly attributes: readonly Attribute[]
      }[]
    }[]
  }[]
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string
        readonly sum?: { readonly dataPoints: readonly Point[] }
        readonly gauge?: { readonly dataPoints: readonly Point[] }
        readonly histogram?: { readonly dataPoints: readonly Point[] }
      }[]
    }[]
  }[]
}

interface Point {
  readonly attributes: readonly Attribute[]
  readonly asInt?: string | number
  readonly asDouble?: number
  readonly sum?: number
  readonly count?: string | number
}

/** A collector on loopback that takes OTLP over HTTP in JSON. @param answer a status; mute: it takes everything and answers nothing */
export async function otlpCollector(answer: number | 'mute' = 200): Promise<Collector> {
  const collector: Omit<Collector, 'url'> = { spans: [], points: [], resources: [], bodies: [] }
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    collector.bodies.push(text)
    if (answer === 'mute') return
    take(collector, JSON.parse(text) as Batch)
    response.writeHead(answer, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atTestEnd(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  })
  return { ...collector, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function take({ spans, points, resources }: Omit<Collector, 'url'>, batch: Batch): void {
  for (const { resource, scopeSpans } of batch.resourceSpans ?? []) {
    resources.push(attributesOf(resource.attributes))
    for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
      const { name, traceId, spanId, parentSpanId = '', kind, status, attributes } = span
      const startMs = Number(BigInt(span.startTimeUnixNano) / 1_000_000n)
      const endMs = Number(BigInt(span.endTimeUnixNano) / 1_000_000n)
      const own = attributesOf(attributes)
      const code = status?.code ?? 0
      spans.push({
        name,
        traceId,
        spanId,
        parentSpanId,
        kind,
        startMs,
        endMs,
        status: code,
        attributes: own,
      })
    }
  }
  for (const { scopeMetrics } of batch.resourceMetrics ?? []) {
    for (const { name, ...kinds } of scopeMetrics.flatMap((scope) => scope.metrics)) {
      for (const kind of [kinds.sum, kinds.gauge, kinds.histogram]) {
        for (const { attributes, asInt, asDouble, sum, count } of kind?.dataPoints ?? []) {
          points.push({
            metric: name,
            attributes: attributesOf(attributes),
            value: Number(asInt ?? asDouble ?? sum),
            count: count === undefined ? undefined : Number(count),
          })
        }
      }
    }
  }
}

const attributesOf = (attributes: readonly Attribute[]): Attributes =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.intValue === undefined
        ? (value.stringValue ?? value.doubleValue ?? value.boolValue ?? null)
        : Number(value.intValue),
    ]),
  )
