import type { AlertInput } from '../config/alert-schema.ts'
import { isBlock } from '../config/merge.ts'
import type { Problem } from '../errors.ts'
import { alertEntries, isJinja } from './alert-entries.ts'
import type { Path, YamlDocument } from './yaml-document.ts'

export interface TravelContext {
  readonly document: YamlDocument
  readonly isSafeUrl: (url: string) => boolean
  readonly isLoopbackHost: (host: string) => boolean
}

/** Secrets and tokens travel encrypted, or do not leave this machine. */
export function unsafe(
  input: AlertInput,
  at: Path,
  { document, isSafeUrl, isLoopbackHost }: TravelContext,
): readonly Problem[] {
  const urls: readonly (readonly [Path, string | undefined])[] = [
    [['slack', 'webhook_url'], input.slack?.webhook_url],
    [['slack', 'base_url'], input.slack?.base_url],
    [['pagerduty', 'base_url'], input.pagerduty?.base_url],
    [['sms', 'base_url'], input.sms?.base_url],
    [['webhook', 'url'], input.webhook?.url],
  ]
  const found = urls
    .filter(([, url]) => url !== undefined && !isSafeUrl(url))
    .map(([path]) => [...at, ...path])
    .map((path) => ({
      message: 'must be an https URL: it would travel unencrypted (http is for this machine only)',
      where: document.at(path),
      key: path.join('.'),
    }))
  const { email } = input
  const isOpen = email?.tls === 'none' && email.password !== undefined
  if (email === undefined || !isOpen || isLoopbackHost(email.host)) return found
  const path = [...at, 'email', 'tls']
  const message = 'must not be none with a password: it would travel unencrypted'
  return [...found, { message, where: document.at(path), key: path.join('.') }]
}

/** Keeps them out of logs and messages. */
export function keepSecrets(
  { slack, pagerduty, email, sms, webhook }: AlertInput,
  secrets: Set<string>,
) {
  const values = [
    slack?.webhook_url,
    slack?.token,
    pagerduty?.routing_key,
    email?.password,
    sms?.auth_token,
    webhook?.url,
    webhook?.secret,
  ]
  for (const value of values) if (value !== undefined && value.length >= 8) secrets.add(value)
}

/** Texts of the file that are secrets themselves: whoever reads it has them. */
export function literalAlertSecrets(document: YamlDocument): readonly Problem[] {
  const keys: readonly (readonly [string, string])[] = [
    ['slack', 'webhook_url'],
    ['slack', 'token'],
    ['pagerduty', 'routing_key'],
    ['email', 'password'],
    ['sms', 'auth_token'],
    ['webhook', 'secret'],
  ]
  return alertEntries(document).flatMap((entry, index) =>
    keys.flatMap(([kind, key]) => {
      const block = isBlock(entry) ? entry[kind] : undefined
      const value = isBlock(block) ? block[key] : undefined
      if (typeof value !== 'string' || isJinja(value)) return []
      const path = ['alerts', index, kind, key]
      return [
        {
          message: 'holds the secret itself: whoever reads the file can use it',
          where: document.at(path),
          key: path.join('.'),
          hint: `Put it into a variable, and write "{{ env_var('…') }}" here.`,
        },
      ]
    }),
  )
}
