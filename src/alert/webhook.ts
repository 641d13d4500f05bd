import { createHash, createHmac } from 'node:crypto'
import type { Channel, Notice, Outcome, Place } from './alert.ts'
import { byStatus, type Delivery, post } from './post.ts'

type WebhookChannel = Extract<Channel, { kind: 'webhook' }>

/** One request for all notices, signed where there is a secret. */
export function sendWebhook(
  { url, secret }: WebhookChannel,
  notices: readonly Notice[],
  place: Place,
  delivery: Delivery,
): Promise<Outcome> {
  const body = JSON.stringify(webhookBody(notices, place))
  const id = webhookId(notices)
  const timestamp = String(Math.floor(delivery.nowMs() / 1000))
  const headers = {
    'Content-Type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(secret === undefined
      ? {}
      : { 'webhook-signature': signature(secret, { id, timestamp, body }) }),
  }
  return post({ url, headers, body }, delivery, byStatus)
}

/** The JSON that is posted; its form is told in docs/alerts.md. */
export function webhookBody(notices: readonly Notice[], { project, target, portalId }: Place) {
  return {
    kind: 'alert',
    version: 1,
    project,
    target,
    portal_id: portalId,
    alerts: notices.map(({ dedupKey, alert, sync, trouble, status, since, words, ...said }) => ({
      key: dedupKey,
      alert,
      sync,
      problem: trouble,
      state: status,
      since,
      subject: said.subject,
      text: said.text,
      command: words.command,
      run_id: words.runId,
    })),
  }
}

/** The same for the same news: who gets it twice, after a kill, can tell. */
function webhookId(notices: readonly Notice[]): string {
  const facts = notices.map(({ dedupKey, status, since }) => [dedupKey, status, since])
  return `msg_${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32)}`
}

/**
 * `webhook-signature` of Standard Webhooks 1.0 (github.com/standard-webhooks/standard-webhooks): HMAC-SHA256 over id, timestamp and body,
 * parted by dots, in base64. Libraries of many languages check it.
 */
export function signature(
  secret: string,
  {
    id,
    timestamp,
    body,
  }: { readonly id: string; readonly timestamp: string; readonly body: string },
): string {
  const prefix = 'whsec_'
  const key = secret.startsWith(prefix)
    ? Buffer.from(secret.slice(prefix.length), 'base64')
    : Buffer.from(secret)
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
