import { z } from 'zod'
import { key, nonEmpty, threshold } from './values-schema.ts'

/** `alerts:` of `backhaul.yml`: whom to tell, how, and of what. */

/** What an alert can be about; `recovery` says whether its end is told, too. */
const alertWords = ['failure', 'rejected', 'guard', 'stale', 'recovery'] as const

const url = z.url({ error: 'must be a URL' })
const address = nonEmpty.regex(/^[^\r\n]*[^\s@<]@[^\s@>][^\r\n]*$/, 'must be an e-mail address')

const slack = z.strictObject({
  webhook_url: key(url.optional(), {
    description:
      'URL of an incoming webhook, whose channel Slack knows. Either this, or `token` and `channel`. Write an `env_var`: who has the URL can post.',
    defaultText: 'none',
    examples: ["{{ env_var('SLACK_WEBHOOK_URL') }}"],
  }),
  token: key(nonEmpty.optional(), {
    description: 'Token of a bot with the scope `chat:write` that is in the channel.',
    defaultText: 'none',
    examples: ["{{ env_var('SLACK_BOT_TOKEN') }}"],
  }),
  channel: key(nonEmpty.optional(), {
    description: 'Channel that the bot posts to: its id, or `#name`.',
    defaultText: 'none',
    examples: ['#data-alerts'],
  }),
  base_url: key(url.optional(), {
    description: "Address of Slack's API, for `token`: another one for GovSlack, or a proxy.",
    defaultText: '`https://slack.com/api`',
    examples: ['https://slack-gov.com/api'],
  }),
})

const pagerduty = z.strictObject({
  routing_key: key(nonEmpty, {
    description: 'Integration key of a service with an Events API v2 integration.',
    examples: ["{{ env_var('PAGERDUTY_ROUTING_KEY') }}"],
  }),
  severity: key(z.enum(['critical', 'error', 'warning', 'info']).optional(), {
    description: 'Severity of every event.',
    defaultText: '`error` of a failure or a guard, `warning` of rejected rows or a stale sync',
    examples: ['critical'],
  }),
  region: key(z.enum(['us', 'eu']).optional(), {
    description: 'Service region of the PagerDuty account.',
    defaultText: '`us`',
    examples: ['eu'],
  }),
  base_url: key(url.optional(), {
    description: 'Address of the Events API instead of that of the region, e.g. of a proxy.',
    defaultText: '`https://events.pagerduty.com`',
    examples: ['https://pagerduty.proxy.example'],
  }),
})

const email = z.strictObject({
  host: key(nonEmpty, { description: 'SMTP server.', examples: ['smtp.example.com'] }),
  port: key(z.int().min(1).max(65_535).optional(), {
    description: 'Its port.',
    defaultText: '`465` with `tls: implicit`, else `587`',
    examples: [2525],
  }),
  tls: key(z.enum(['starttls', 'implicit', 'none']).optional(), {
    description:
      'How the connection is encrypted: `starttls` asks for it and refuses to go on without, `implicit` begins with it, `none` is for a relay of your own and takes no password unless it is on this machine. A certificate of a private authority is trusted through the variable `NODE_EXTRA_CA_CERTS`.',
    defaultText: '`implicit` on port 465, else `starttls`',
    examples: ['implicit'],
  }),
  username: key(nonEmpty.optional(), {
    description: 'Who logs in.',
    defaultText: 'nobody: no login',
    examples: ["{{ env_var('SMTP_USERNAME') }}"],
  }),
  password: key(nonEmpty.optional(), {
    description: 'Password of `username`.',
    defaultText: 'none',
    examples: ["{{ env_var('SMTP_PASSWORD') }}"],
  }),
  from: key(address, {
    description: 'Sender.',
    examples: ['Backhaul <backhaul@example.com>'],
  }),
  to: key(z.union([address, z.array(address).min(1)]), {
    description: 'Recipients: an address, or a list of them.',
    examples: [['data-team@example.com']],
  }),
})

const phone = nonEmpty
const sms = z.strictObject({
  account_sid: key(nonEmpty, {
    description: 'Twilio account.',
    examples: ["{{ env_var('TWILIO_ACCOUNT_SID') }}"],
  }),
  auth_token: key(nonEmpty, {
    description: "The account's auth token, or the secret of `api_key_sid`.",
    examples: ["{{ env_var('TWILIO_AUTH_TOKEN') }}"],
  }),
  api_key_sid: key(nonEmpty.optional(), {
    description: 'An API key of the account to log in with, which can be taken back alone.',
    defaultText: 'the account itself',
    examples: ["{{ env_var('TWILIO_API_KEY_SID') }}"],
  }),
  from: key(phone.optional(), {
    description: 'Number that sends, in E.164 form. Either this or `messaging_service_sid`.',
    defaultText: 'none',
    examples: ['+15005550006'],
  }),
  messaging_service_sid: key(nonEmpty.optional(), {
    description: 'Messaging service that sends.',
    defaultText: 'none',
    examples: ['MG0123456789abcdef0123456789abcdef'],
  }),
  to: key(z.union([phone, z.array(phone).min(1)]), {
    description: 'Numbers of recipients, in E.164 form: quoted, or YAML makes them numbers.',
    examples: [['+15551234567']],
  }),
  base_url: key(url.optional(), {
    description: "Address of Twilio's API: another one for its regions, or a proxy.",
    defaultText: '`https://api.twilio.com`',
    examples: ['https://api.dublin.ie1.twilio.com'],
  }),
})

const webhook = z.strictObject({
  url: key(url, {
    description: 'Where JSON is posted to.',
    examples: ["{{ env_var('ALERT_WEBHOOK_URL') }}"],
  }),
  secret: key(nonEmpty.optional(), {
    description:
      'Signs every request, in the way of Standard Webhooks: HMAC-SHA256 over id, timestamp and body. A secret that begins with `whsec_` is base64, any other is taken as it is.',
    defaultText: 'none: requests are not signed',
    examples: ["{{ env_var('ALERT_WEBHOOK_SECRET') }}"],
  }),
})

const template = z.strictObject({
  subject: key(nonEmpty.optional(), {
    description:
      'One line: the subject of an e-mail, the summary in PagerDuty, the bold line in Slack.',
    defaultText: 'what is in the examples of [alerts](alerts.md)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the delimiters of our templates
    examples: ['${ alert.sync }: ${ alert.problem }'],
  }),
  text: key(nonEmpty.optional(), {
    description: 'What follows it.',
    defaultText: 'what is in the examples of [alerts](alerts.md)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the delimiters of our templates
    examples: ['${ alert.what }'],
  }),
})

export const alertSchema = z.strictObject({
  name: key(nonEmpty.regex(/^[\w.-]{1,60}$/, 'must be a name of letters, digits, _, . and -'), {
    description:
      'What it is called, in logs and for `backhaul alert test`. What an alert has told is kept under it.',
    examples: ['data-team'],
  }),
  slack: key(slack.optional(), {
    description:
      'Tells a channel of Slack. An alert has one of `slack`, `pagerduty`, `email`, `sms` and `webhook`.',
    defaultText: 'none',
    examples: [{ webhook_url: "{{ env_var('SLACK_WEBHOOK_URL') }}" }],
  }),
  pagerduty: key(pagerduty.optional(), {
    description: 'Triggers an incident of PagerDuty, and resolves it.',
    defaultText: 'none',
    examples: [{ routing_key: "{{ env_var('PAGERDUTY_ROUTING_KEY') }}" }],
  }),
  email: key(email.optional(), {
    description: 'Sends an e-mail by SMTP.',
    defaultText: 'none',
    examples: [{ host: 'smtp.example.com', from: 'a@example.com', to: 'b@example.com' }],
  }),
  sms: key(sms.optional(), {
    description: 'Sends a text message by Twilio.',
    defaultText: 'none',
    examples: [{ account_sid: '…', auth_token: '…', from: '+15005550006', to: '+15551234567' }],
  }),
  webhook: key(webhook.optional(), {
    description: 'Posts JSON to a URL.',
    defaultText: 'none',
    examples: [{ url: "{{ env_var('ALERT_WEBHOOK_URL') }}" }],
  }),
  when: key(z.array(z.enum(alertWords)).min(1).optional(), {
    description:
      'What is told: `failure` (a sync, or a whole run, did not get through), `rejected` (more rows than `rejected_above`), `guard` (a guard or a failed dbt build kept a sync from writing), `stale` (see `stale_after`), `recovery` (each of these is over).',
    defaultText: 'all of them; `stale` only with `stale_after`',
    examples: [['failure', 'guard', 'recovery']],
  }),
  rejected_above: key(threshold.optional(), {
    description:
      'Rejected and parked rows and rejected links, beyond which `rejected` is told. A number, or a percentage of the rows in the model.',
    defaultText: '`0`',
    examples: ['1%', 100],
  }),
  stale_after: key(
    nonEmpty.regex(/^[1-9]\d{0,4}\s*(m|h|d)$/, 'must be a time such as 90m, 26h or 3d').optional(),
    {
      description:
        'How long a sync may go without a run that got through. Looked at by every run, for all syncs, and by `backhaul alert check`.',
      defaultText: 'no limit',
      examples: ['26h', '3d'],
    },
  ),
  syncs: key(z.array(nonEmpty).min(1).optional(), {
    description:
      'Syncs that are told of, by name; `*` stands for any part of a name. What fails before any sync is reached is told always.',
    defaultText: 'all syncs',
    examples: [['contacts', 'deals_*']],
  }),
  targets: key(z.array(nonEmpty).min(1).optional(), {
    description: 'dbt targets whose runs are told of.',
    defaultText: 'those in `targets`: the ones that may write',
    examples: [['prod']],
  }),
  template: key(template.optional(), {
    description:
      'Own words, in Liquid, instead of the usual ones. See [alerts](alerts.md#own-words).',
    defaultText: 'none',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the delimiters of our templates
    examples: [{ subject: '${ alert.sync }: ${ alert.problem }' }],
  }),
})

export type AlertInput = z.infer<typeof alertSchema>
