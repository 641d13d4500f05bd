import { check, kindOf, valueAt } from '../config/check.ts'
import type { HookInput } from '../config/hook-schema.ts'
import { isBlock } from '../config/merge.ts'
import {
  type SettingsInput,
  settingsSchema,
  type TargetSettings,
} from '../config/settings-schema.ts'
import type { Problem } from '../errors.ts'
import type { AuditRequests, AuditValues } from '../types.ts'
import { literalAlertSecrets } from './alert-secrets.ts'
import { type ConfiguredAlert, readAlerts } from './alerts.ts'
import type { Environment, ReadFile } from './environment.ts'
import type { JinjaScope } from './jinja.ts'
import { renderSettings, settingsProblems, withoutOtherTargets } from './render-settings.ts'
import { literalSecrets, type TokenSource, tokenPlace, tokenSource } from './token-source.ts'
import { readYaml, type YamlDocument } from './yaml-document.ts'

export const SETTINGS_FILE = 'backhaul.yml'

/** `backhaul.yml` as it holds for one target, with all defaults. */
export interface Settings {
  /** The file; undefined when there is none. */
  readonly file: string | undefined
  readonly token: TokenSource
  /** Where the token comes from, in words. */
  readonly tokenPlace: string
  /** Secrets that stand in the file themselves, to be warned about. */
  readonly literalSecrets: readonly Problem[]
  readonly baseUrl: string
  /** Undefined: learnt from HubSpot's answers. */
  readonly requestsPer10Seconds: number | undefined
  readonly maxCallsPerRun: number
  readonly requestTimeoutMs: number
  readonly concurrency: number
  readonly searchDelaySeconds: number
  /** Targets that may write to a real portal. */
  readonly writingTargets: readonly string[]
  /** The only portal that the target may write to. */
  readonly portalId: string | undefined
  /** Syncs switched on or off for the target. */
  readonly syncs: Readonly<Record<string, { readonly enabled?: boolean | undefined }>>
  /** What the file says of all targets together, whichever was chosen. */
  readonly allTargets: {
    /** As written: Jinja stays Jinja. */
    readonly portalIds: readonly string[]
    /** Syncs that a target switches on. */
    readonly enabledSyncs: readonly string[]
  }
  /** Schema of the state and audit tables. */
  readonly schema: string
  readonly audit: {
    readonly values: AuditValues
    readonly requests: AuditRequests
    readonly retentionDays: number
  }
  readonly leaseSeconds: number
  /** `hook:` as written, rendered. */
  readonly hook: HookInput
  /** Why `hook:` cannot be used. */
  readonly hookProblems: readonly Problem[]
  /** `alerts:`, with their secrets; those of other targets, too. */
  readonly alerts: readonly ConfiguredAlert[]
  /** Secrets of alerts that stand in the file themselves. */
  readonly literalAlertSecrets: readonly Problem[]
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
  const { targetName, scope } = request
  const file = `${request.projectDir}/${SETTINGS_FILE}`
  const text = request.readFile(file)
  // A second `targets:` would silently undo the first, and with it what it forbids.
  const document = readYaml(file, text ?? '', true)
  const found: Problem[] = [...document.problems]
  let settings: Settings | undefined
  if (found.length === 0) {
    const raw = document.value ?? {}
    const { value, tokenProblems, hookProblems } = isBlock(raw)
      ? renderSettings(document, raw, targetName, scope, found)
      : { value: raw, tokenProblems: [], hookProblems: [] }
    const checked = check(settingsSchema, value, kindOf)
    if (!checked.ok) found.push(...settingsProblems(document, value, checked.findings))
    // A check that only tripped over Jinja of other targets leaves nothing to read from: they are taken out.
    const input = checked.ok
      ? checked.value
      : settingsSchema.safeParse(withoutOtherTargets(value, targetName)).data
    if (input !== undefined) {
      const inFile = text === undefined ? undefined : file
      const source = { file: inFile, document, tokenProblems, hookProblems }
      settings = assemble(request, source, input, found)
    }
  }
  problems.push(...found.sort((a, b) => (a.where?.line ?? 0) - (b.where?.line ?? 0)))
  return found.length === 0 ? settings : undefined
}

interface Source {
  readonly file: string | undefined
  readonly document: YamlDocument
  readonly tokenProblems: readonly Problem[]
  readonly hookProblems: readonly Problem[]
}

function assemble(
  request: SettingsRequest,
  { file, document, tokenProblems, hookProblems }: Source,
  input: SettingsInput,
  problems: Problem[],
): Settings {
  const { targets } = input
  const { targetName, env } = request
  const own: TargetSettings = Array.isArray(targets) ? {} : (targets?.[targetName] ?? {})
  const { portal_id: portalId, syncs, ...ofTarget } = own
  const general = input.hubspot ?? {}
  const hubspot: typeof general = { ...general, ...given(ofTarget) }
  const writingTargets = Array.isArray(targets) ? targets : Object.keys(targets ?? {})
  const baseUrl = baseUrlOf(hubspot.base_url, request, document, problems)
  const schema = schemaName(input.schema, request, document, problems)
  const token = tokenSource(
    { document, targetName, general, ofTarget, tokenProblems, env, secrets: request.scope.secrets },
    problems,
  )
  return {
    file,
    token,
    tokenPlace: tokenPlace({ document, targetName }),
    literalSecrets: literalSecrets({ document, targetName }),
    baseUrl,
    requestsPer10Seconds: hubspot.requests_per_10_seconds,
    maxCallsPerRun: hubspot.max_calls_per_run ?? 100_000,
    requestTimeoutMs: (hubspot.request_timeout_seconds ?? 30) * 1000,
    concurrency: hubspot.concurrency ?? 8,
    searchDelaySeconds: hubspot.search_delay_seconds ?? 600,
    writingTargets,
    portalId: portalId === undefined ? undefined : String(portalId),
    syncs: syncs ?? {},
    allTargets: allTargets(valueAt(document.value, ['targets'])),
    schema,
    audit: {
      values: input.audit?.values ?? 'full',
      requests: input.audit?.requests ?? 'errors',
      retentionDays: input.audit?.retention_days ?? 90,
    },
    leaseSeconds: input.lease_seconds,
    hook: input.hook ?? {},
    hookProblems,
    alerts: readAlerts(
      {
        document,
        scope: request.scope,
        writingTargets,
        retentionDays: input.audit?.retention_days ?? 90,
        isSafeUrl,
        isLoopbackHost: (host) => isLoopback(`http://${host}`),
      },
      problems,
    ),
    literalAlertSecrets: literalAlertSecrets(document),
  }
}

/** As written: what is the same for whoever reads the file, with whatever variables set. */
function allTargets(written: unknown): Settings['allTargets'] {
  const targets = Object.keys(isBlock(written) ? written : {})
  const portalIds = targets
    .map((target) => valueAt(written, [target, 'portal_id']))
    .filter((id) => id !== undefined && id !== null)
    .map(String)
  const enabled = targets.flatMap((target) => {
    const syncs = valueAt(written, [target, 'syncs'])
    const names = Object.keys(isBlock(syncs) ? syncs : {})
    return names.filter((name) => valueAt(syncs, [name, 'enabled']) === true)
  })
  return { portalIds: [...new Set(portalIds)], enabledSyncs: [...new Set(enabled)] }
}

/** Without the keys that are there but undefined, so that they do not hide what lies below. */
function given<T extends object>(block: T): T {
  return Object.fromEntries(Object.entries(block).filter(([, value]) => value !== undefined)) as T
}

function baseUrlOf(
  inFile: string | undefined,
  { env, targetName }: SettingsRequest,
  document: YamlDocument,
  problems: Problem[],
): string {
  const inEnvironment = env['HUBSPOT_BASE_URL'] || undefined
  const url = (inEnvironment ?? inFile ?? DEFAULT_BASE_URL).replace(/\/+$/, '')
  if (isSafeUrl(url)) return url
  const message =
    'must be an https URL: the token would travel unencrypted (http is for this machine only)'
  const ofTarget = ['targets', targetName, 'base_url']
  const path = valueAt(document.value, ofTarget) === undefined ? ['hubspot', 'base_url'] : ofTarget
  problems.push(
    inEnvironment === undefined
      ? { message, where: document.at(path), key: path.join('.') }
      : {
          message: `HUBSPOT_BASE_URL ${message}`,
          hint: 'Unset it to use https://api.hubapi.com, or give the address of a sandbox, e.g. http://127.0.0.1:4010.',
        },
  )
  return url
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
