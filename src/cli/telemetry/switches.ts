import type { Io } from '../command-line/io.ts'

type Env = Io['env']
type Signal = 'TRACES' | 'METRICS'

export interface Switches {
  readonly traces: boolean
  readonly metrics: boolean
}

/** Commands that serve until they are stopped: what they start tells of itself. */
const servers: ReadonlySet<string> = new Set(['hook', 'sandbox'])

/**
 * What the standard variables ask for. OpenTelemetry exports to a collector on this machine unless told otherwise; here nothing is
 * exported unless an exporter or its address is named.
 * opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/, checked 2026-11-26.
 */
export function switchesOf(env: Env, command: string): Switches {
  if (isDisabled(env) || servers.has(command)) return { traces: false, metrics: false }
  return { traces: isOn(env, 'TRACES'), metrics: isOn(env, 'METRICS') }
}

const isDisabled = (env: Env): boolean =>
  (env['OTEL_SDK_DISABLED'] ?? '').trim().toLowerCase() === 'true'

const isSet = (env: Env, name: string): boolean => (env[name] ?? '').trim() !== ''

function isOn(env: Env, signal: Signal): boolean {
  if (isSet(env, `OTEL_${signal}_EXPORTER`)) {
    const names = exportersOf(env, signal)
    return names.length > 0 && !names.includes('none')
  }
  return ['OTEL_EXPORTER_OTLP_ENDPOINT', `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`].some((name) =>
    isSet(env, name),
  )
}

/** Of the SDK's exporters those that a command can use: Prometheus would have to ask while it runs, at a port that is open to everybody. */
const exporters: readonly string[] = ['otlp', 'console', 'none']

const protocols: readonly string[] = ['grpc', 'http/json', 'http/protobuf']

const namesOf = (env: Env, variable: string): readonly string[] =>
  (env[variable] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** Exporters that are asked for and can be used; empty: the variable is not set, or holds no others. */
export const exportersOf = (env: Env, signal: Signal): readonly string[] =>
  namesOf(env, `OTEL_${signal}_EXPORTER`).filter((name) => exporters.includes(name))

/** The SDK takes everything from such a file, the command line that holds keys of rows included. */
export const configFiles = ['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'] as const

/** What the variables ask for and do not get, in sentences. @param nodeVersion e.g. `22.12.0` */
export function unmetOf(env: Env, command: string, nodeVersion: string): readonly string[] {
  if (isDisabled(env) || servers.has(command)) return []
  const { traces, metrics } = switchesOf(env, command)
  const unmet = (['TRACES', 'METRICS'] as const).flatMap((signal) =>
    namesOf(env, `OTEL_${signal}_EXPORTER`)
      .filter((name) => !exporters.includes(name))
      .map((name) =>
        name === 'prometheus' && signal === 'METRICS'
          ? 'OTEL_METRICS_EXPORTER: prometheus is not served, since a command ends before it is asked. Send to a collector by otlp'
          : `Telemetry has no such exporter: OTEL_${signal}_EXPORTER: ${name}. Known are otlp and console`,
      ),
  )
  const files = configFiles
    .filter((name) => isSet(env, name))
    .map(
      (name) => `${name} is not read: the variables of docs/telemetry.md say what telemetry does`,
    )
  if (!traces && !metrics) return [...unmet, ...files]
  const strange = ['', 'TRACES_', 'METRICS_']
    .map((signal) => `OTEL_EXPORTER_OTLP_${signal}PROTOCOL`)
    .filter((name) => isSet(env, name) && !protocols.includes((env[name] ?? '').trim()))
    .map(
      (name) =>
        `${name} names no protocol of OTLP: http/protobuf is used. Known are ${protocols.join(', ')}`,
    )
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  const isOld = major < 22 || (major === 22 && minor < 15)
  const old = `OpenTelemetry's SDK is made for Node.js 22.15 and newer; with ${nodeVersion} telemetry may be missing`
  return [...unmet, ...files, ...strange, ...(isOld ? [old] : [])]
}

/** Detectors of the SDK without the one that tells the command line: keys of rows may stand there. */
export function detectorsOf(env: Env): string {
  const asked = (env['OTEL_NODE_RESOURCE_DETECTORS'] ?? '').split(',').map((name) => name.trim())
  const names = asked.flatMap((name) =>
    name === 'all' || name === '' ? ['service', 'host'] : name === 'process' ? [] : [name],
  )
  return names.length === 0 ? 'none' : [...new Set(names)].join(',')
}

/** Attributes of everything that is told, where the variables do not name them. */
export function resourceOf(env: Env, version: string): Readonly<Record<string, string>> {
  const isNamed =
    (env['OTEL_SERVICE_NAME'] ?? '').trim() !== '' ||
    /(^|,)\s*service\.name\s*=/.test(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '')
  return { 'service.version': version, ...(isNamed ? {} : { 'service.name': 'backhaul' }) }
}
