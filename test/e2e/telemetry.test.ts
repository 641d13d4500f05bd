import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { atTestEnd } from '../support/at-test-end.ts'
import { type CollectedSpan, type Collector, otlpCollector } from '../support/otlp-collector.ts'
import { grpcCollector, protobufCollector } from '../support/otlp-wire.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { people, smallShop } from '../support/small-shop.ts'

const exporting = ({ url }: Pick<Collector, 'url'>) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
})

const tables = [people('Ada', 'Grace', 'Edsger'), 'update people set id = null where id = 3']

/** Names from the root down to a span. */
function pathOf(span: CollectedSpan, spans: readonly CollectedSpan[]): readonly string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId)
  return [...(parent === undefined ? [] : pathOf(parent, spans)), span.name]
}

test('a run is one trace, its numbers are those of run_results.json, and it tells no value', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, tables })
  const collector = await otlpCollector()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const { exitCode, stderr } = await project.run(
    ['run', '--debug-requests', '--row', '1', '--row', '2'],
    {
      ...exporting(collector),
      TRACEPARENT: `00-${traceId}-b7ad6b7169203331-01`,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=ci',
    },
  )
  expect(exitCode, stderr).toBe(0)
  const { spans, points, resources } = collector

  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]))
  const root = spans.find(({ name }) => name === 'backhaul run')
  expect(root).toMatchObject({
    parentSpanId: 'b7ad6b7169203331',
    attributes: { 'backhaul.command': 'run', 'process.exit.code': 0 },
  })
  expect(resources[0]).toMatchObject({
    'service.name': 'backhaul',
    'deployment.environment.name': 'ci',
  })
  const paths = new Set(spans.map((span) => pathOf(span, spans).join(' > ')))
  const sync = 'backhaul run > sync contacts'
  for (const step of ['prepare', 'plan', 'resolve', 'send', 'record'])
    expect(paths).toContain(`${sync} > ${step}`)
  expect(paths).toContain(`${sync} > send > POST /crm/v3/objects/{}/batch/upsert`)
  expect(paths).toContain(`${sync} > send > UPLOAD results__contacts`)
  expect(paths).toContain(`${sync} > plan > INSERT plan__contacts`)
  expect(paths).toContain(`${sync} > record > TRANSACTION changes`)
  const call = spans.find(({ name }) => name.endsWith('/batch/upsert'))
  expect(call).toMatchObject({
    kind: 3,
    attributes: {
      'server.address': '127.0.0.1',
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'url.template': '/crm/v3/objects/{}/batch/upsert',
      'backhaul.object': 'contacts',
      'backhaul.batch_size': 2,
    },
  })
  for (const { startMs, endMs, attributes } of spans) {
    expect(startMs).toBeGreaterThanOrEqual(root?.startMs ?? 0)
    expect(endMs).toBeLessThanOrEqual((root?.endMs ?? 0) + 1)
    if ('db.operation.name' in attributes) expect(attributes['db.system.name']).toBe('duckdb')
  }

  const results = JSON.parse(
    readFileSync(join(project.dir, 'target/backhaul/run_results.json'), 'utf8'),
  )
  const [result] = results.results
  const sumOf = (metric: string, wanted: Readonly<Record<string, unknown>> = {}) =>
    points
      .filter(
        (point) =>
          point.metric === metric &&
          Object.entries(wanted).every(([key, value]) => point.attributes[key] === value),
      )
      .reduce((sum, { value }) => sum + value, 0)
  for (const [outcome, count] of Object.entries(result.counts))
    expect([outcome, sumOf('backhaul.rows', { 'backhaul.outcome': outcome })]).toEqual([
      outcome,
      count,
    ])
  expect(
    sumOf('backhaul.hubspot.calls', { 'url.template': '/crm/v3/objects/{}/batch/upsert' }),
  ).toBe(result.calls.made)
  const callSpans = spans.filter(({ attributes }) => 'http.request.method' in attributes)
  expect(sumOf('backhaul.hubspot.calls')).toBe(callSpans.length)
  expect(sumOf('backhaul.warehouse.statements')).toBe(results.warehouse.statements)
  expect(sumOf('backhaul.sync.duration')).toBeCloseTo(result.durationMs / 1000)
  expect(sumOf('backhaul.sync.lag')).toBeGreaterThan(0)

  const told = collector.bodies.join('\n')
  for (const secret of ['ada@', 'Grace', '--row', sandbox.token, 'process.command'])
    expect(told).not.toContain(secret)
  expect(told).not.toMatch(/select .* from|people/i)
})

test('all three protocols of OTLP carry the same', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, tables })
  const json = await otlpCollector()
  const plain = await protobufCollector()
  const grpc = await grpcCollector()
  for (const [protocol, { url }] of [
    ['http/json', json],
    ['http/protobuf', plain],
    ['grpc', grpc],
  ] as const) {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol }
    const { exitCode, stderr } = await project.run(['plan'], env)
    expect([exitCode, stderr]).toEqual([0, expect.not.stringMatching(/Telemetry|OTEL/)])
  }
  const spans = new Set(json.spans.map(({ name }) => name))
  expect(spans).toContain('backhaul plan')
  expect(spans).toContain('sync contacts')
  // Whether a call had to wait is a matter of time.
  const steady = (names: readonly string[]) =>
    new Set(names.filter((name) => name !== 'backhaul.hubspot.limit.wait'))
  const metrics = steady(json.points.map(({ metric }) => metric))
  expect(metrics).toContain('backhaul.hubspot.calls')
  for (const collector of [plain, grpc]) {
    expect(new Set(collector.spans)).toEqual(spans)
    expect(steady(collector.metrics)).toEqual(metrics)
  }
})

test('what fails is told by its kind, repeats are counted', async () => {
  const sandbox = await strictSandbox({
    faults: [{ kind: 'status', match: { path: '/batch/', nth: 1 } }],
  })
  const project = await smallShop({ sandbox, tables })
  const collector = await otlpCollector()
  const { exitCode } = await project.run(['run'], exporting(collector))
  expect(exitCode).toBe(1)
  const root = collector.spans.find(({ name }) => name === 'backhaul run')
  expect(root).toMatchObject({ status: 2, attributes: { 'process.exit.code': 1 } })
  const calls = collector.spans.filter(({ name }) => name.endsWith('/batch/upsert'))
  expect(calls.map(({ status, attributes }) => [status, attributes['error.type']])).toEqual([
    [2, 'UNAVAILABLE'],
    [0, undefined],
  ])
  expect(calls[1]?.attributes['http.request.resend_count']).toBe(1)
  const retries = collector.points.filter(({ metric }) => metric === 'backhaul.hubspot.retries')
  expect(retries.map(({ value }) => value)).toEqual([1])
  const sync = collector.spans.find(({ name }) => name === 'sync contacts')
  expect(sync).toMatchObject({
    status: 2,
    attributes: { 'backhaul.status': 'partial', 'backhaul.counts.rejected': 1 },
  })
})

/** Names on standard error what is loaded of OpenTelemetry. */
const watched = `--import=data:text/javascript,${encodeURIComponent(
  "import{registerHooks}from'node:module';registerHooks({resolve(name,context,next){if(name.startsWith('@opentelemetry/'))process.stderr.write('LOADED '+name+'\\n');return next(name,context)}})",
)}`

test('nothing of OpenTelemetry is loaded unless its variables ask for it', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const loaded = async (command: string, env: Readonly<Record<string, string>>) => {
    const { stderr, exitCode } = await project.run([command], { ...env, NODE_OPTIONS: watched })
    expect(exitCode, stderr).toBe(0)
    return [...stderr.matchAll(/^LOADED (.+)$/gm)].map(([, name]) => name)
  }
  const collector = await otlpCollector()
  expect(await loaded('run', {})).toEqual([])
  expect(await loaded('ls', { ...exporting(collector), OTEL_SDK_DISABLED: 'true' })).toEqual([])
  const none = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }
  expect(await loaded('ls', { ...exporting(collector), ...none })).toEqual([])
  expect(collector.bodies).toEqual([])
  expect(await loaded('ls', exporting(collector))).toContain('@opentelemetry/sdk-node')
})

/** Takes connections, and says nothing. */
async function silentServer(): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  atTestEnd(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const collectors: readonly (readonly [string, () => Promise<string>, string])[] = [
  ['is not there', async () => 'http://127.0.0.1:9', 'http/json'],
  ['refuses', async () => (await otlpCollector(400)).url, 'http/json'],
  ['does not answer', async () => (await otlpCollector('mute')).url, 'http/json'],
  ['does not answer by gRPC', silentServer, 'grpc'],
]

test.each(collectors)(
  'a collector that %s holds a run up for three seconds at most, and fails nothing',
  async (_, start, protocol) => {
    const sandbox = await strictSandbox()
    const project = await smallShop({ sandbox })
    const url = await start()
    // The exporters' own patience is no part of it.
    const patience = { OTEL_EXPORTER_OTLP_TIMEOUT: '120000', OTEL_BSP_EXPORT_TIMEOUT: '120000' }
    const started = project.start(['run', '--output', 'json'], {
      ...exporting({ url }),
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      ...patience,
    })
    await started.waitFor(/Done\. OK=1/)
    const doneMs = performance.now()
    const { exitCode, stdout, stderr } = await started.finished
    expect(stderr.match(/Telemetry could not be exported/g) ?? []).toHaveLength(1)
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout).results[0].counts.created).toBe(2)
    // Seconds for a busy machine on top.
    expect(performance.now() - doneMs).toBeLessThan(3000 + 3000)
  },
)

test('what is refused at the end of a short command is told, and by the log of the SDK, too', async () => {
  const project = await smallShop()
  const { url } = await otlpCollector(400)
  const env = { ...exporting({ url }), OTEL_METRICS_EXPORTER: 'none' }
  const { exitCode, stderr } = await project.run(['ls'], env)
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('could not be exported')])
  const own = await project.run(['ls'], { ...env, OTEL_LOG_LEVEL: 'error' })
  expect(own.stderr).toMatch(/The rest could not be exported/)
})

test('a file of settings is not read, and nothing is served', async () => {
  const project = await smallShop()
  const { exitCode, stderr } = await project.run(['ls'], {
    OTEL_CONFIG_FILE: 'nowhere.yml',
    OTEL_TRACES_EXPORTER: 'console',
    OTEL_METRICS_EXPORTER: 'prometheus',
  })
  expect(exitCode).toBe(0)
  expect(stderr).toContain('OTEL_CONFIG_FILE is not read')
  expect(stderr).toContain('prometheus is not served')
  expect(stderr).toContain("name: 'backhaul ls'")
})

test('the console exporter writes to standard error', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const { exitCode, stdout, stderr } = await project.run(['run', '--output', 'json'], {
    OTEL_TRACES_EXPORTER: 'console',
  })
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout).results).toHaveLength(1)
  expect(stderr).toContain("name: 'backhaul run'")
})
