import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Notice } from '../../../src/alert/alert.ts'
import { templateProblem, templateVariables } from '../../../src/alert/alert-template.ts'
import { emailSubject, emailText } from '../../../src/alert/email.ts'
import { pagerdutyEvent } from '../../../src/alert/pagerduty.ts'
import { slackMessage } from '../../../src/alert/slack.ts'
import { smsBody } from '../../../src/alert/sms.ts'
import { signature, webhookBody } from '../../../src/alert/webhook.ts'
import { faults } from '../../support/alert-services.ts'
import { notice, place } from './sample.ts'

const routingKey = '0123456789abcdef0123456789abcdef'

const page = join(import.meta.dirname, '../../../docs/alerts.md')
const json = (value: unknown) => JSON.stringify(value, null, 2)

test('docs/alerts.md shows what is sent', async () => {
  const one = notice()
  const parts: Readonly<Record<string, readonly [language: string, text: string]>> = {
    slack: ['json', json(slackMessage([one]))],
    pagerduty: ['json', json(pagerdutyEvent({ routingKey: '…' }, one, place))],
    email: ['text', `Subject: ${emailSubject([one])}\n\n${emailText([one]).trimEnd()}`],
    sms: ['text', smsBody([one])],
    webhook: ['json', json(webhookBody([one], place))],
  }
  let text = readFileSync(page, 'utf8')
  const put = (name: string, generated: string) => {
    const whole = new RegExp(`(<!-- begin ${name} -->\n)[^]*?(<!-- end ${name} -->)`)
    expect(text).toMatch(whole)
    text = text.replace(
      whole,
      (_, begin: string, end: string) => `${begin}\n${generated}\n\n${end}`,
    )
  }
  for (const [name, [language, shown]] of Object.entries(parts)) {
    put(name, `\`\`\`${language}\n${shown}\n\`\`\``)
  }
  const rows = Object.entries(templateVariables).map(
    ([name, meaning]) => `| \`${name}\` | ${meaning} |`,
  )
  put('variables', ['| Name | Is |', '| --- | --- |', ...rows].join('\n'))
  await expect(text).toMatchFileSnapshot(page)
})

/** Texts that would break out of a message, or that are longer than any service takes. */
const hostile = `<!channel> & *bold* \`code\` \u202e\u0007\r\nBcc: evil@example.com ${'🦆'.repeat(3_000)}`

const many = (count: number): readonly Notice[] =>
  Array.from({ length: count }, (_, index) =>
    notice({
      dedupKey: `key-${index}`,
      subject: hostile.slice(0, 250),
      text: hostile,
      words: { title: hostile, what: [hostile], steps: [hostile], command: hostile, runId: null },
    }),
  )

test.each([1, 3, 20, 300])('%i notices of hostile texts are what the services take', (count) => {
  const notices = many(count)
  const message = slackMessage(notices)
  expect(faults('slackWebhook', message)).toEqual([])
  expect(JSON.stringify(message)).not.toContain('<!channel>')
  // Slack counts all blocks together, too, and refuses some thirteen thousand characters.
  const characters = message.blocks.reduce(
    (sum, block) => sum + ('text' in block ? (block.text?.text.length ?? 0) : 0),
    0,
  )
  expect(characters).toBeLessThan(13_000)
  for (const one of notices.slice(0, 3)) {
    expect(faults('pagerduty', pagerdutyEvent({ routingKey }, one, place))).toEqual([])
  }
  const Body = smsBody(notices)
  expect(faults('twilio', { To: '+15551234567', From: '+15005550006', Body })).toEqual([])
  expect(faults('webhook', webhookBody(notices, place))).toEqual([])
})

test('a text message in another script stays readable, in Latin it is plain', () => {
  expect(smsBody([notice({ subject: '同期に失敗しました', text: 'été…' })])).toBe(
    '同期に失敗しました\nété…',
  )
  expect(smsBody([notice({ subject: 'échec', text: 'été… · `a`' })])).toBe("echec\nete... - 'a'")
  const long = smsBody([notice({ subject: '同'.repeat(150), text: '🦆'.repeat(3_000) })])
  expect(faults('twilio', { To: '+15551234567', From: '+15005550006', Body: long })).toEqual([])
})

test('the end of a trouble is a resolve of the same key', () => {
  const closed = pagerdutyEvent({ routingKey }, notice({ status: 'closed' }), place)
  expect(faults('pagerduty', closed)).toEqual([])
  expect(closed).toEqual({
    routing_key: routingKey,
    dedup_key: notice().dedupKey,
    event_action: 'resolve',
  })
})

test('a signature is that of Standard Webhooks', () => {
  // The example of the specification.
  const parts = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: '1614265330',
    body: '{"test": 2432232314}',
  }
  expect(signature('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', parts)).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  )
})

test('templates give subject and text; what comes out empty is said in the usual words', () => {
  const template = {
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the delimiters of our templates
    subject: '${ alert.state | upcase }: ${ alert.sync }\nof ${ alert.project }',
    text: '<% if alert.sync == "deals" %>no<% endif %>',
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: the delimiters of our templates
  }
  const own = notice({}, { template })
  expect(own.subject).toBe('OPEN: contacts of shop')
  expect(own.text).toBe(notice().text)
})

test('a template that cannot be used says why', () => {
  expect(templateProblem('${ alert.snyc }')).toMatchInlineSnapshot(`
    {
      "hint": "Did you mean \`sync\`? Each is written alert.NAME.",
      "message": "The template knows no \`alert.snyc\`",
    }
  `)
  expect(templateProblem('${ row.email }')).toMatchInlineSnapshot(`
    {
      "hint": "Known are: name, sync, problem, state, title, what, steps, command, since, run_id, project, target, portal_id. Each is written alert.NAME.",
      "message": "The template knows no \`row.email\`",
    }
  `)
  expect(templateProblem('<% if %>')).toMatchInlineSnapshot(`
    {
      "message": "The template cannot be read: invalid value expression: "", line:1, col:6",
    }
  `)
})

test('a template that never comes to an end is stopped once, however many messages there are', () => {
  const loop = '<% for a in (1..9999) %><% for b in (1..9999) %>'
  const template = { subject: `${loop}<% endfor %><% endfor %>` }
  const before = process.cpuUsage()
  const notices = Array.from({ length: 20 }, () => notice({}, { template }))
  expect(new Set(notices.map(({ subject }) => subject))).toEqual(
    new Set(['contacts: 16 rows rejected (shop, prod)']),
  )
  // One takes a second.
  expect(process.cpuUsage(before).user).toBeLessThan(5_000_000)
})
