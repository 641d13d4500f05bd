import { expect, test } from 'vitest'
import {
  detectorsOf,
  exportersOf,
  resourceOf,
  switchesOf,
  unmetOf,
} from '../../../../src/cli/telemetry/switches.ts'

const off = { traces: false, metrics: false }
const on = { traces: true, metrics: true }
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }

test.each([
  ['nothing is said', {}, off],
  ['a collector is named', endpoint, on],
  ['variables are empty', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_TRACES_EXPORTER: '' }, off],
  ['only the service has a name', { OTEL_SERVICE_NAME: 'shop' }, off],
  ['one exporter is named', { OTEL_TRACES_EXPORTER: 'console' }, { traces: true, metrics: false }],
  [
    'one has an address of its own',
    { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:9/m' },
    { traces: false, metrics: true },
  ],
  [
    'one is not wanted',
    { ...endpoint, OTEL_METRICS_EXPORTER: 'none' },
    { traces: true, metrics: false },
  ],
  ['the SDK is disabled', { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }, off],
  ['the SDK is not disabled', { ...endpoint, OTEL_SDK_DISABLED: 'false' }, on],
])('%s', (_, env, switches) => {
  expect(switchesOf(env, 'run')).toEqual(switches)
})

test('a command that serves tells nothing itself', () => {
  expect(switchesOf(endpoint, 'hook')).toEqual(off)
})

const unmet = (env: Readonly<Record<string, string>>, command = 'run', node = '24.1.0') =>
  unmetOf(env, command, node)

test('what is asked for and cannot be had is told, and switches nothing on', () => {
  const env = { OTEL_TRACES_EXPORTER: 'otlp, jaeger', OTEL_METRICS_EXPORTER: 'prometheus' }
  expect(unmet(env)).toEqual([
    'Telemetry has no such exporter: OTEL_TRACES_EXPORTER: jaeger. Known are otlp and console',
    expect.stringMatching(/^OTEL_METRICS_EXPORTER: prometheus is not served/),
  ])
  expect(switchesOf(env, 'run')).toEqual({ traces: true, metrics: false })
  expect(exportersOf(env, 'TRACES')).toEqual(['otlp'])
  expect(exportersOf({ OTEL_METRICS_EXPORTER: 'console,prometheus' }, 'METRICS')).toEqual([
    'console',
  ])
  expect(unmet({ OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: '' })).toEqual([])
  expect(unmet({ ...env, OTEL_SDK_DISABLED: 'true' })).toEqual([])
  expect(unmet(env, 'hook')).toEqual([])
})

test('files of settings are not read, which is told also where nothing else is asked for', () => {
  for (const name of ['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'])
    expect(unmet({ [name]: 'otel.yml' })).toEqual([expect.stringContaining(`${name} is not read`)])
  expect(switchesOf({ OTEL_CONFIG_FILE: 'otel.yml' }, 'run')).toEqual(off)
})

test('a protocol that nobody knows, and a Node.js that is too old for the SDK, are told where they matter', () => {
  const strange = { OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http' }
  expect(unmet({ ...endpoint, ...strange })).toEqual([
    expect.stringMatching(/^OTEL_EXPORTER_OTLP_METRICS_PROTOCOL names no protocol/),
  ])
  expect(unmet(strange)).toEqual([])
  for (const protocol of ['grpc', 'http/json', ' http/protobuf '])
    expect(unmet({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: protocol })).toEqual([])
  expect(unmet(endpoint, 'run', '22.14.0')).toEqual([expect.stringContaining('22.14.0')])
  expect([unmet(endpoint, 'run', '22.15.0'), unmet({}, 'run', '22.12.0')]).toEqual([[], []])
})

test('the command line is not told, whatever detectors are asked for', () => {
  const of = (names?: string) => detectorsOf({ OTEL_NODE_RESOURCE_DETECTORS: names })
  expect([of(), of('all'), of('process'), of('process,host'), of('none')]).toEqual([
    'service,host',
    'service,host',
    'none',
    'host',
    'none',
  ])
})

test('the name of the service is the user’s', () => {
  expect(resourceOf({}, '1.2.3')).toEqual({
    'service.name': 'backhaul',
    'service.version': '1.2.3',
  })
  for (const env of [
    { OTEL_SERVICE_NAME: 'shop' },
    { OTEL_RESOURCE_ATTRIBUTES: 'a=b, service.name = shop' },
  ])
    expect(resourceOf(env, '1.2.3')).toEqual({ 'service.version': '1.2.3' })
})
