import { check, type Finding, valueAt } from '../config/check.ts'
import { deepMerge, isBlock } from '../config/merge.ts'
import {
  type SettingsInput,
  settingsSchema,
  type TargetSettings,
} from '../config/settings-schema.ts'
import type { Problem } from '../errors.ts'
import type { Environment, ReadFile } from './environment.ts'
import type { JinjaScope } from './jinja.ts'
import { readYaml, renderBelow, type YamlDocument } from './yaml-document.ts'

export const SETTINGS_FILE = 'backhaul.yml'

/** Where the token comes from. It is asked for only when HubSpot is. */
export type TokenSource =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'command'; readonly command: readonly string[] }
  | { readonly kind: 'missing'; readonly problem: Problem }

/** `backhaul.yml` as it holds for one target, with all defaults. */
export interface Settings {
  /** The file; undefined when there is none. */
  readonly file: string | undefined
  readonly token: TokenSource
  readonly baseUrl: string
  /** Undefined: learnt from HubSpot's answers. */
  readonly requestsPer10Seconds: number | undefined
  readonly maxCallsPerRun: number
  readonly requestTimeoutMs: number
  readonly concurrency: number
  /** Targets that may write to a real portal. */
  readonly writingTargets: readonly string[]
  /** The only portal that the target may write to. */
  readonly portalId: string | undefined
  /** Syncs switched on or off for the target. */
  readonly syncs: Readonly<Record<string, { readonly enabled?: boolean | undefined }>>
  /** Schema of the state and audit tables. */
  readonly schema: string
  readonly audit: {
    readonly values: 'full' | 'hashed' | 'none'
    readonly requests: 'none' | 'errors' | 'summary' | 'full'
    readonly retentionDays: number
  }
  readonly leaseSeconds: number
}

export interface SettingsRequest {
  readonly projectDir: string
  readonly targetName: string
  readonly targetSchema: string
  readonly env: Environment
  readonly readFile: ReadFile
  readonly scope: JinjaScope
}

const DEFAULT_BASE_URL = 'https://api.hubapi.com'

/** Reads `backhaul.yml` beside dbt_project.yml; without the file everything is at its default. */
export function readSettings(request: SettingsRequest, problems: Problem[]): Settings | undefined {
  const file = `${request.projectDir}/${SETTINGS_FILE}`
  const text = request.readFile(file)
  const document = readYaml(file, text ?? '')
  if (document.problems.length > 0) {
    problems.push(...document.problems)
    return undefined
  }
  const before = problems.length
  const raw = document.value ?? {}
  const rendered = isBlock(raw) ? renderFor(request, document, raw, problems) : raw
  const checked = check(settingsSchema, rendered)
  if (!checked.ok)
    problems.push(...checked.findings.flatMap((one) => toProblem(document, raw, one)))
  // A check that only tripped over Jinja of other targets leaves nothing to read from: they are taken out.
  const readable = checked.ok
    ? checked.value
    : settingsSchema.safeParse(onlyTarget(rendered, request)).data
  if (problems.length > before || readable === undefined) return undefined
  return assemble(request, text === undefined ? undefined : file, document, readable, problems)
}

/** Renders everything but the other targets, whose variables need not be set here. */
function renderFor(
  { targetName, scope }: SettingsRequest,
  document: YamlDocument,
  raw: Readonly<Record<string, unknown>>,
  problems: Problem[],
): Record<string, unknown> {
  const own = valueAt(raw, ['targets', targetName])
  // The alerts' secrets are nobody's business until alerts are sent.
  const { targets, alerts, ...rest } = raw
  const result = renderBelow(document, rest, [], scope, problems) as Record<string, unknown>
  if (alerts !== undefined) result['alerts'] = alerts
  if (targets === undefined) return result
  if (!isBlock(targets)) {
    result['targets'] = renderBelow(document, targets, ['targets'], scope, problems)
    return result
  }
  const path = ['targets', targetName]
  result['targets'] =
    own === undefined
      ? targets
      : { ...targets, [targetName]: renderBelow(document, own, path, scope, problems) }
  return result
}

function onlyTarget(rendered: unknown, { targetName }: SettingsRequest): unknown {
  if (!isBlock(rendered) || !isBlock(rendered['targets'])) return rendered
  const { targets } = rendered as { targets: Readonly<Record<string, unknown>> }
  const names = Object.keys(targets).map((name) => [
    name,
    name === targetName ? targets[name] : null,
  ])
  return { ...rendered, targets: Object.fromEntries(names) as unknown }
}

/** Values that are Jinja (of a target that was not rendered, or failed to) say nothing about their type. */
function toProblem(document: YamlDocument, raw: unknown, finding: Finding): readonly Problem[] {
  const value = valueAt(raw, finding.path)
  if (typeof value === 'string' && /\{[{%#]/.test(value) && finding.message !== 'unknown key') {
    return []
  }
  return [
    {
      message: finding.message,
      where: document.at(finding.path),
      ...(finding.path.length === 0 ? {} : { key: finding.path.join('.') }),
      ...(finding.hint === undefined ? {} : { hint: finding.hint }),
    },
  ]
}

function assemble(
  request: SettingsRequest,
  file: string | undefined,
  document: YamlDocument,
  input: SettingsInput,
  problems: Problem[],
): Settings | undefined {
  const before = problems.length
  const { targets } = input
  const own: TargetSettings = Array.isArray(targets) ? {} : (targets?.[request.targetName] ?? {})
  const { portal_id: portalId, syncs, ...overrides } = own
  const hubspot = deepMerge(
    withoutOtherToken(input.hubspot ?? {}, overrides),
    overrides,
  ) as NonNullable<SettingsInput['hubspot']>
  const whereIs = (key: string) =>
    document.at(key in overrides ? ['targets', request.targetName, key] : ['hubspot', key])

  for (const key of ['oauth'] as const) {
    if (hubspot[key] !== undefined) {
      problems.push({ message: `\`${key}\` is not supported yet`, where: whereIs(key), key })
    }
  }
  if ((input.alerts ?? []).length > 0) {
    const where = document.at(['alerts'])
    problems.push({ message: '`alerts` is not supported yet', where, key: 'alerts' })
  }
  const baseUrl = (request.env['HUBSPOT_BASE_URL'] || hubspot.base_url || DEFAULT_BASE_URL).replace(
    /\/+$/,
    '',
  )
  if (!isSafeUrl(baseUrl)) {
    problems.push({
      message:
        'must be an https URL: the token would travel unencrypted (http is for loopback only)',
      key: request.env['HUBSPOT_BASE_URL'] ? 'HUBSPOT_BASE_URL' : 'hubspot.base_url',
      ...(request.env['HUBSPOT_BASE_URL'] ? {} : { where: whereIs('base_url') }),
    })
  }
  const schema = schemaName(input.schema, request, document, problems)
  const token = tokenSource(hubspot, request, problems, whereIs)
  if (problems.length > before) return undefined
  return {
    file,
    token,
    baseUrl,
    requestsPer10Seconds: hubspot.requests_per_10_seconds,
    maxCallsPerRun: hubspot.max_calls_per_run ?? 100_000,
    requestTimeoutMs: (hubspot.request_timeout_seconds ?? 30) * 1000,
    concurrency: hubspot.concurrency ?? 8,
    writingTargets: Array.isArray(targets) ? targets : Object.keys(targets ?? {}),
    portalId: portalId === undefined ? undefined : String(portalId),
    syncs: syncs ?? {},
    schema,
    audit: {
      values: input.audit?.values ?? 'full',
      requests: input.audit?.requests ?? 'errors',
      retentionDays: input.audit?.retention_days ?? 90,
    },
    leaseSeconds: input.lease_seconds,
  }
}

const TOKEN_KEYS = ['access_token', 'token_command', 'oauth'] as const

/** A target that names a way to the token replaces any other way. */
function withoutOtherToken(
  hubspot: Readonly<Record<string, unknown>>,
  overrides: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (!TOKEN_KEYS.some((key) => overrides[key] !== undefined)) return hubspot
  return Object.fromEntries(
    Object.entries(hubspot).filter(([key]) => !(TOKEN_KEYS as readonly string[]).includes(key)),
  )
}

function tokenSource(
  hubspot: NonNullable<SettingsInput['hubspot']>,
  { env, scope }: SettingsRequest,
  problems: Problem[],
  whereIs: (key: string) => Problem['where'] & object,
): TokenSource {
  const given = TOKEN_KEYS.filter((key) => hubspot[key] !== undefined)
  if (given.length > 1) {
    problems.push({
      message: `\`${given.join('` and `')}\` are both given; only one of them can be the way to the token`,
      where: whereIs(given[1] ?? 'access_token'),
    })
  }
  if (hubspot.token_command !== undefined) {
    const command = hubspot.token_command
    const words = typeof command === 'string' ? command.trim().split(/\s+/) : command
    if (typeof command === 'string' && /["'\\$`|;&<>]/.test(command)) {
      problems.push({
        message: 'is run without a shell: quotes and other signs mean nothing',
        where: whereIs('token_command'),
        key: 'hubspot.token_command',
        hint: 'Write it as a list: `token_command: [op, read, "op://team/hubspot/token"]`.',
      })
    }
    return { kind: 'command', command: words }
  }
  const token = hubspot.access_token ?? env['HUBSPOT_ACCESS_TOKEN']
  if (token) {
    scope.secrets.add(token)
    return { kind: 'token', token }
  }
  return {
    kind: 'missing',
    problem: {
      message:
        'there is no HubSpot access token: the environment variable HUBSPOT_ACCESS_TOKEN is not set',
      hint: `Set it (a .env file is read, too), or set \`hubspot.access_token\` in ${SETTINGS_FILE}.`,
    },
  }
}

function schemaName(
  template: string,
  { targetName, targetSchema }: SettingsRequest,
  document: YamlDocument,
  problems: Problem[],
): string {
  const known: Readonly<Record<string, string>> = {
    target_schema: targetSchema,
    target: targetName,
  }
  return template.replace(/\{([^}]*)\}/g, (whole, name: string) => {
    const value = known[name.trim()]
    if (value !== undefined) return value
    problems.push({
      message: `\`${whole}\` is unknown`,
      where: document.at(['schema']),
      key: 'schema',
      hint: `Known are: ${Object.keys(known)
        .map((one) => `{${one}}`)
        .join(', ')}.`,
    })
    return whole
  })
}

/** True for https, and for http that never leaves this machine. */
function isSafeUrl(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol } = new URL(url)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(url))
}

/** True when the address is this machine. */
export function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { hostname } = new URL(url)
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  )
}
