import { Console } from 'node:console'
import { setTimeout as delay } from 'node:timers/promises'
import {
  context,
  DiagLogLevel,
  diag,
  metrics,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { startNodeSdk } from '@opentelemetry/sdk-node'
import type { RequestRecord } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import { version } from '../version.ts'
import { followWarehouse } from './follow-warehouse.ts'
import { createMetrics } from './metrics.ts'
import { objectOf, routeOf } from './route.ts'
import { within } from './spans.ts'
import { configFiles, detectorsOf, exportersOf, resourceOf, type Switches } from './switches.ts'
import type { Telemetry } from './telemetry.ts'

/** A collector that does not answer holds nobody up for longer. */
const closingMs = 3000

/**
 * Starts OpenTelemetry's SDK, which reads its variables by itself.
 *
 * @param warn told once that nothing could be exported
 */
export function openTelemetry(
  io: Pick<Io, 'env' | 'invocationId'>,
  { traces, metrics: isMetered }: Switches,
  warn: (message: string) => void,
): Telemetry {
  // Exporters named "console" and messages of the SDK: standard output is for results.
  globalThis.console = new Console({ stdout: process.stderr, stderr: process.stderr })
  process.env['OTEL_NODE_RESOURCE_DETECTORS'] = detectorsOf(io.env)
  for (const signal of ['TRACES', 'METRICS'] as const) {
    const names = exportersOf(io.env, signal)
    if (names.length > 0) process.env[`OTEL_${signal}_EXPORTER`] = names.join(',')
  }
  for (const name of configFiles) delete process.env[name]
  const hasOwnLog = (io.env['OTEL_LOG_LEVEL'] ?? '') !== ''
  const sdk = startNodeSdk({
    ...(hasOwnLog ? {} : { logLevel: 'none' }),
    ...(traces ? {} : { spanProcessors: [] }),
    ...(isMetered ? {} : { metricReaders: [] }),
    logRecordProcessors: [],
    resourceAttributes: { ...resourceOf(io.env, version()) },
  })
  const tellLoss = once(() =>
    warn('Telemetry could not be exported. OTEL_LOG_LEVEL=error says why'),
  )
  if (!hasOwnLog) diag.setLogger(loggerOf(tellLoss), quietly)
  const tracer = trace.getTracer('backhaul', version())
  const counted = createMetrics(metrics.getMeter('backhaul', version()))
  const parent = propagation.extract(ROOT_CONTEXT, {
    traceparent: io.env['TRACEPARENT'],
    tracestate: io.env['TRACESTATE'],
  })
  let root = parent
  const syncs = new Map<string, Span>()
  const spanOf = ({ name, runId, object }: Parameters<Telemetry['sync']>[0]): Span => {
    const known = syncs.get(name)
    if (known !== undefined) return known
    const attributes = {
      'backhaul.sync': name,
      'backhaul.run_id': runId,
      ...(object === undefined ? {} : { 'backhaul.object': object }),
    }
    const span = tracer.startSpan(`sync ${name}`, { attributes }, root)
    syncs.set(name, span)
    return span
  }
  return {
    command(name, work) {
      const attributes = { 'backhaul.command': name, 'backhaul.invocation_id': io.invocationId }
      const span = tracer.startSpan(`backhaul ${name}`, { attributes }, parent)
      root = trace.setSpan(parent, span)
      return context.with(parent, () =>
        within(span, async () => {
          const exitCode = await work()
          span.setAttribute('process.exit.code', exitCode)
          if (exitCode !== 0) span.setStatus({ code: SpanStatusCode.ERROR })
          return exitCode
        }),
      )
    },
    // Other syncs have their turn in between: the span ends when the run is over.
    sync: (sync, work) => context.with(trace.setSpan(context.active(), spanOf(sync)), work),
    step: (step, work) => within(tracer.startSpan(step), work),
    called(request, baseUrl) {
      const server = serverOf(baseUrl)
      traceCall(request, server, tracer)
      counted.called(request, server)
    },
    following: (warehouse) => (traces ? followWarehouse(warehouse, tracer) : warehouse),
    ran(results, builtAt) {
      counted.ran(results, builtAt)
      for (const { sync, status, counts, calls } of results.results) {
        const span = syncs.get(sync)
        span?.setAttributes({ 'backhaul.status': status, 'backhaul.calls': calls.made })
        for (const [outcome, count] of Object.entries(counts))
          if (count > 0) span?.setAttribute(`backhaul.counts.${outcome}`, count)
        if (status !== 'succeeded') span?.setStatus({ code: SpanStatusCode.ERROR })
      }
      endSyncs(syncs)
    },
    async close() {
      endSyncs(syncs)
      const timer = new AbortController()
      const done = sdk
        .shutdown()
        .catch((error: unknown) => diag.error('The rest could not be exported', error))
        .then(() => true)
      const isDone = await Promise.race([
        done,
        delay(closingMs, false, { signal: timer.signal }).catch(() => true),
      ])
      timer.abort()
      if (!isDone) tellLoss()
      return isDone
    },
  }
}

function endSyncs(syncs: Map<string, Span>): void {
  for (const span of syncs.values()) span.end()
  syncs.clear()
}

type Server = Readonly<Record<string, string | number>>

function serverOf(baseUrl: string): Server {
  if (!URL.canParse(baseUrl)) return {}
  const { hostname, port, protocol } = new URL(baseUrl)
  return {
    'server.address': hostname,
    'server.port': port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port),
  }
}

/** A call as OpenTelemetry's conventions for HTTP clients have it; without its address, which holds ids, and sent to HubSpot without ours. */
function traceCall(
  request: RequestRecord,
  server: Server,
  tracer: ReturnType<typeof trace.getTracer>,
): void {
  const { method, path, status, attempt, batchSize, errorCategory, correlationId } = request
  const object = objectOf(path)
  const span = tracer.startSpan(`${method} ${routeOf(path)}`, {
    kind: SpanKind.CLIENT,
    startTime: request.startedAtMs,
    attributes: {
      ...server,
      'http.request.method': method,
      'url.template': routeOf(path),
      ...(status === null ? {} : { 'http.response.status_code': status }),
      ...(attempt > 1 ? { 'http.request.resend_count': attempt - 1 } : {}),
      ...(errorCategory === null ? {} : { 'error.type': errorCategory }),
      ...(object === undefined ? {} : { 'backhaul.object': object }),
      ...(batchSize > 0 ? { 'backhaul.batch_size': batchSize } : {}),
      ...(correlationId === null ? {} : { 'backhaul.correlation_id': correlationId }),
      'backhaul.limit.wait_ms': request.waitedMs,
    },
  })
  if (errorCategory !== null) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(request.startedAtMs + request.durationMs)
}

const quietly = { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true }

/** A logger of the SDK's that only says that something failed: what the SDK says quotes answers of others. */
function loggerOf(error: () => void) {
  const ignore = () => {}
  return { error, warn: ignore, info: ignore, debug: ignore, verbose: ignore }
}

function once(work: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) work()
    isDone = true
  }
}
