import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Ajv } from 'ajv'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import { atTestEnd } from './at-test-end.ts'

/**
 * Services that alerts are sent to, on this machine. Each takes what the service's documentation says it takes, and refuses everything else as
 * the service does. The schemas are our words for what is documented at the addresses beside them (checked 2026-11).
 */

const text = (max: number, min = 1) => ({ type: 'string', minLength: min, maxLength: max })

/** docs.slack.dev/reference/block-kit/blocks: at most 50 blocks; a section's text 3,000 characters, a header's 150. */
const slackBlock = {
  type: 'object',
  required: ['type'],
  oneOf: [
    {
      properties: {
        type: { const: 'section' },
        text: {
          type: 'object',
          required: ['type', 'text'],
          properties: { type: { enum: ['mrkdwn', 'plain_text'] }, text: text(3_000) },
          additionalProperties: false,
        },
      },
      required: ['text'],
      additionalProperties: false,
    },
    { properties: { type: { const: 'divider' } }, additionalProperties: false },
  ],
}

const slackMessage = {
  type: 'object',
  required: ['text'],
  properties: {
    text: text(40_000),
    blocks: { type: 'array', minItems: 1, maxItems: 50, items: slackBlock },
    unfurl_links: { type: 'boolean' },
    unfurl_media: { type: 'boolean' },
  },
  additionalProperties: false,
}

const schemas = {
  /** docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
  slackWebhook: slackMessage,
  /** docs.slack.dev/reference/methods/chat.postMessage */
  slackCall: {
    ...slackMessage,
    required: ['channel', 'text'],
    properties: { ...slackMessage.properties, channel: text(80) },
  },
  /** developer.pagerduty.com/docs/send-alert-event */
  pagerduty: {
    type: 'object',
    required: ['routing_key', 'event_action'],
    properties: {
      routing_key: { type: 'string', minLength: 32, maxLength: 32 },
      event_action: { enum: ['trigger', 'acknowledge', 'resolve'] },
      dedup_key: text(255),
      client: { type: 'string' },
      client_url: { type: 'string', format: 'uri' },
      links: { type: 'array' },
      images: { type: 'array' },
      payload: {
        type: 'object',
        required: ['summary', 'source', 'severity'],
        properties: {
          summary: text(1_024),
          source: text(1_024),
          severity: { enum: ['critical', 'error', 'warning', 'info'] },
          timestamp: { type: 'string', format: 'date-time' },
          component: { type: 'string' },
          group: { type: 'string' },
          class: { type: 'string' },
          custom_details: { type: 'object' },
        },
        additionalProperties: false,
      },
    },
    additionalProperties: false,
    allOf: [
      {
        if: { properties: { event_action: { const: 'trigger' } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { required: ['payload'] },
        else: { required: ['dedup_key'] },
      },
    ],
  },
  /** www.twilio.com/docs/messaging/api/message-resource, form fields */
  twilio: {
    type: 'object',
    required: ['To', 'Body'],
    properties: {
      To: { type: 'string', pattern: '^\\+[1-9]\\d{1,14}$' },
      From: { type: 'string', minLength: 1 },
      MessagingServiceSid: { type: 'string', pattern: '^MG[0-9a-fA-F]{32}$' },
      Body: text(1_600),
    },
    oneOf: [{ required: ['From'] }, { required: ['MessagingServiceSid'] }],
    additionalProperties: false,
  },
  webhook: {
    type: 'object',
    required: ['kind', 'version', 'project', 'target', 'portal_id', 'alerts'],
    properties: {
      kind: { const: 'alert' },
      version: { const: 1 },
      project: { type: 'string' },
      target: { type: 'string' },
      portal_id: { type: ['string', 'null'] },
      alerts: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: [
            ...['key', 'alert', 'sync', 'problem', 'state', 'since'],
            ...['subject', 'text', 'command', 'run_id'],
          ],
          properties: {
            key: text(255),
            alert: { type: 'string' },
            sync: { type: ['string', 'null'] },
            problem: { enum: ['failure', 'rejected', 'guard', 'stale', 'test'] },
            state: { enum: ['open', 'closed'] },
            since: { type: 'string', format: 'date-time' },
            subject: { type: 'string' },
            text: { type: 'string' },
            command: { type: ['string', 'null'] },
            run_id: { type: ['string', 'null'] },
          },
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
  },
} as const

const ajv = new Ajv({ strict: false, allErrors: true, formats: fullFormats })
const validators: Readonly<Record<string, ReturnType<typeof ajv.compile>>> = Object.fromEntries(
  Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)]),
)

/** What the documentation of a service says against a body; empty: nothing. */
export function faults(service: keyof typeof schemas, body: unknown): readonly string[] {
  const validate = validators[service]
  if (validate === undefined) return [`no schema for ${service}`]
  return validate(body)
    ? []
    : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
}

export interface Received {
  readonly service: keyof typeof schemas
  readonly headers: IncomingMessage['headers']
  readonly raw: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what was sent
  readonly body: any
  /** Why the service would refuse it; empty: it is as documented. */
  readonly wrong: readonly string[]
}

export interface AlertServices {
  readonly url: string
  /** What was sent and answered well, in order. */
  readonly taken: Received[]
  /** All requests. */
  readonly asked: Received[]
  /** Called with each request before it is answered; answers it by itself when it returns true. */
  answer: (received: Received, response: ServerResponse) => boolean
}

/** All HTTP services on one port: `/slack/hook`, `/slack/api`, `/pagerduty`, `/twilio`, `/hook`. */
export async function alertServices(): Promise<AlertServices> {
  const taken: Received[] = []
  const asked: Received[] = []
  const services: { -readonly [Key in keyof AlertServices]: AlertServices[Key] } = {
    url: '',
    taken,
    asked,
    answer: () => false,
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString()
      const received = read(request, raw)
      if (received === undefined) {
        response.writeHead(404).end('no_service')
        return
      }
      asked.push(received)
      if (services.answer(received, response)) return
      if (received.wrong.length === 0) taken.push(received)
      reply(received, response)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  atTestEnd(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  )
  services.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return services
}

const paths: readonly (readonly [RegExp, keyof typeof schemas])[] = [
  [/^\/slack\/hook/, 'slackWebhook'],
  [/^\/slack\/api\/chat\.postMessage$/, 'slackCall'],
  [/^\/pagerduty\/v2\/enqueue$/, 'pagerduty'],
  [/^\/twilio\/2010-04-01\/Accounts\/AC[0-9a-f]{32}\/Messages\.json$/, 'twilio'],
  [/^\/hook/, 'webhook'],
]

function read(request: IncomingMessage, raw: string): Received | undefined {
  const service = paths.find(([pattern]) => pattern.test(request.url ?? ''))?.[1]
  if (service === undefined || request.method !== 'POST') return undefined
  const { headers } = request
  const isForm = service === 'twilio'
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json'
  const wrong: string[] = []
  if (headers['content-type']?.startsWith(type) !== true) wrong.push('content-type')
  if (service === 'slackCall' && headers.authorization !== 'Bearer xoxb-token') wrong.push('auth')
  if (service === 'twilio' && headers.authorization?.startsWith('Basic ') !== true)
    wrong.push('auth')
  const body: unknown = isForm ? Object.fromEntries(new URLSearchParams(raw)) : parse(raw)
  wrong.push(...faults(service, body))
  return { service, headers, raw, body, wrong }
}

function parse(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    return undefined
  }
}

function reply({ service, body, wrong }: Received, response: ServerResponse): void {
  const json = (status: number, value: unknown) =>
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
  const isRight = wrong.length === 0
  switch (service) {
    case 'slackWebhook':
      response.writeHead(isRight ? 200 : 400).end(isRight ? 'ok' : 'invalid_blocks')
      break
    case 'slackCall':
      json(200, isRight ? { ok: true, ts: '1.2' } : { ok: false, error: 'invalid_blocks' })
      break
    case 'pagerduty':
      if (isRight) {
        json(202, { status: 'success', message: 'Event processed', dedup_key: body.dedup_key })
      } else
        json(400, { status: 'invalid event', message: 'Event object is invalid', errors: wrong })
      break
    case 'twilio':
      if (isRight) json(201, { sid: `SM${'0'.repeat(32)}`, status: 'queued' })
      else
        json(400, {
          code: 21211,
          message: `The 'To' number ${body?.To} is not valid.`,
          status: 400,
        })
      break
    case 'webhook':
      response.writeHead(isRight ? 204 : 400).end()
  }
}

export const routingKey = '0123456789abcdef0123456789abcdef'
