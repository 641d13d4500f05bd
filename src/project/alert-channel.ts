import type { Alert, Channel, Threshold, Trouble } from '../alert/alert.ts'
import type { AlertInput } from '../config/alert-schema.ts'

const minuteMs = 60_000
const unitMs: Readonly<Record<string, number>> = {
  m: minuteMs,
  h: 60 * minuteMs,
  d: 24 * 60 * minuteMs,
}

/** @param text such as `90m`, `26h` or `3d` */
export const spanMs = (text: string): number =>
  Number.parseInt(text, 10) * (unitMs[text.slice(-1)] ?? 0)

/** An entry with what it leaves open, as alerts are sent by. @param input with one channel, which the caller has seen to */
export function toAlert(input: AlertInput, writingTargets: readonly string[]): Alert {
  const { name, rejected_above: above = 0, stale_after: staleAfter, syncs, targets } = input
  const words = input.when ?? ['failure', 'rejected', 'guard', 'stale', 'recovery']
  const watched = words.filter(
    (word): word is Trouble =>
      word !== 'recovery' && (word !== 'stale' || staleAfter !== undefined),
  )
  const { subject, text } = input.template ?? {}
  return {
    name,
    channel: toChannel(input),
    when: watched,
    tellsRecovery: words.includes('recovery'),
    rejectedAbove: toThreshold(above),
    ...(staleAfter === undefined ? {} : { staleAfterMs: spanMs(staleAfter) }),
    ...(syncs === undefined ? {} : { syncs }),
    targets: targets ?? writingTargets,
    template: {
      ...(subject === undefined ? {} : { subject }),
      ...(text === undefined ? {} : { text }),
    },
  }
}

const toThreshold = (written: string | number): Threshold =>
  typeof written === 'number' ? { rows: written } : { percent: Number.parseFloat(written) }

const withoutSlash = (url: string): string => url.replace(/\/+$/, '')

/** @param input with one channel, which the caller has seen to */
function toChannel({ slack, pagerduty, email, sms, webhook }: AlertInput): Channel {
  if (slack?.webhook_url !== undefined) return { kind: 'slack', webhookUrl: slack.webhook_url }
  if (slack !== undefined) {
    const { token = '', channel = '', base_url: baseUrl = 'https://slack.com/api' } = slack
    return { kind: 'slack', token, channel, baseUrl: withoutSlash(baseUrl) }
  }
  if (pagerduty !== undefined) {
    const { routing_key: routingKey, severity, region, base_url: baseUrl } = pagerduty
    const usual =
      region === 'eu' ? 'https://events.eu.pagerduty.com' : 'https://events.pagerduty.com'
    return {
      kind: 'pagerduty',
      routingKey,
      baseUrl: withoutSlash(baseUrl ?? usual),
      ...(severity === undefined ? {} : { severity }),
    }
  }
  if (email !== undefined) {
    const { host, port, username, password, from, to } = email
    const tls = email.tls ?? (port === 465 ? 'implicit' : 'starttls')
    return {
      kind: 'email',
      host,
      port: port ?? (tls === 'implicit' ? 465 : 587),
      tls,
      ...(username === undefined || password === undefined
        ? {}
        : { login: { username, password } }),
      from,
      to: [to].flat(),
    }
  }
  if (sms !== undefined) {
    const { account_sid: accountSid, auth_token: password, api_key_sid: apiKey, to } = sms
    return {
      kind: 'sms',
      accountSid,
      username: apiKey ?? accountSid,
      password,
      sender:
        sms.from === undefined
          ? { MessagingServiceSid: sms.messaging_service_sid ?? '' }
          : { From: sms.from },
      to: [to].flat(),
      baseUrl: withoutSlash(sms.base_url ?? 'https://api.twilio.com'),
    }
  }
  const { url = '', secret } = webhook ?? {}
  return { kind: 'webhook', url, ...(secret === undefined ? {} : { secret }) }
}
