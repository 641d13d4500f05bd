import { expect, test } from 'vitest'
import { formatProblem, type Problem } from '../../../src/errors.ts'
import { readSettings } from '../../../src/project/settings.ts'

function read(text: string, env: Readonly<Record<string, string>> = {}) {
  const problems: Problem[] = []
  const secrets = new Set<string>()
  const settings = readSettings(
    {
      projectDir: '/shop',
      targetName: 'prod',
      targetSchema: 'analytics',
      env,
      readFile: (path) => (path === '/shop/backhaul.yml' ? text : undefined),
      scope: { env, vars: {}, secrets },
    },
    problems,
  )
  return { settings, secrets, problems: problems.map(formatProblem).join('\n') }
}

test('an alert has its channel, its usual limits and the targets that may write', () => {
  const { settings, secrets, problems } = read(
    `targets: [prod]
alerts:
  - name: pager
    pagerduty: {routing_key: "{{ env_var('KEY') }}", region: eu}
    rejected_above: 1.5%
    stale_after: 90m
  - name: mail
    email: {host: smtp.example.com, port: "{{ env_var('PORT') | as_number }}", from: a@b.c, to: d@e.f}
    when: [failure]
    targets: [dev]
`,
    { KEY: 'routing-key-of-the-service', PORT: '465' },
  )
  expect(problems).toBe('')
  expect(settings?.alerts).toEqual([
    {
      name: 'pager',
      targets: ['prod'],
      alert: {
        name: 'pager',
        channel: {
          kind: 'pagerduty',
          routingKey: 'routing-key-of-the-service',
          baseUrl: 'https://events.eu.pagerduty.com',
        },
        when: ['failure', 'rejected', 'guard', 'stale'],
        tellsRecovery: true,
        rejectedAbove: { percent: 1.5 },
        staleAfterMs: 90 * 60_000,
        targets: ['prod'],
        template: {},
      },
    },
    {
      name: 'mail',
      targets: ['dev'],
      alert: expect.objectContaining({
        when: ['failure'],
        tellsRecovery: false,
        channel: expect.objectContaining({ port: 465, tls: 'implicit', to: ['d@e.f'] }),
      }),
    },
  ])
  expect([...secrets]).toEqual(['routing-key-of-the-service'])
})

test('a variable that is not set, or holds what cannot be used, is the problem of one alert', () => {
  const { settings, problems } = read(
    `alerts:
  - {name: unset, webhook: {url: "{{ env_var('GONE') }}"}}
  - {name: odd, webhook: {url: "{{ env_var('ODD') }}"}}
  - {name: fine, webhook: {url: "https://alerts.example"}}
`,
    { ODD: 'no-url-but-maybe-a-secret' },
  )
  expect(problems).toBe('')
  const told = settings?.alerts.map((one) =>
    one.alert === undefined ? one.problems.map(formatProblem).join('\n') : 'fine',
  )
  expect(told).toEqual([
    expect.stringContaining('/shop/backhaul.yml:2:29: alerts.0.webhook.url: the environment'),
    '/shop/backhaul.yml:3:27: alerts.1.webhook.url: must be a URL',
    'fine',
  ])
})

test.each([
  ['[{name: a, slack: {webhok_url: x}}]', /1:28: alerts\.0\.slack\.webhok_url: unknown key/],
  ['[{name: a, webhook: {url: "https://x"}, on: [failure]}]', /the key is `when`/],
  ['[{name: a}]', /1:10: alerts\.0: Alert a has no channel/],
  [
    '[{name: a, webhook: {url: "https://x"}, slack: {webhook_url: "https://x"}}]',
    /several channels/,
  ],
  ['[{name: a, slack: {token: x}}]', /needs `webhook_url`, or `token` and `channel`/],
  ['[{name: a, webhook: {url: "https://x"}, when: [stale]}]', /`stale` needs `stale_after`/],
  ['[{name: a, webhook: {url: "https://x"}, when: [recovery]}]', /nothing that could be over/],
  ['[{name: a, webhook: {url: "https://x"}, when: [guard], stale_after: 1h}]', /has no effect/],
  ['[{name: a, webhook: {url: "https://x"}, stale_after: 26}]', /stale_after: must be text/],
  ['[{name: a, webhook: {url: "https://x"}, stale_after: 26 hours}]', /90m, 26h or 3d/],
  ['[{name: a, webhook: {url: "https://x"}, stale_after: 0h}]', /90m, 26h or 3d/],
  ['[{name: a, email: {host: h, from: a@b.c, to: "@"}}]', /must be an e-mail address/],
  ['[{name: a, email: {host: h, from: a@b.c, to: "a@b.c\\r\\nTo: d@e.f"}}]', /an e-mail address/],
  [
    '[{name: a, webhook: {url: "https://x"}}, {name: a, webhook: {url: "https://x"}}]',
    /Two alerts/,
  ],
  ['[{name: a b, webhook: {url: "https://x"}}]', /must be a name/],
  ['[{name: a, sms: {account_sid: a, auth_token: b, to: "+1"}}]', /needs `from` or/],
  ['[{name: a, email: {host: h, from: a@b, to: [c]}}]', /must be an e-mail address/],
  ['[{name: a, webhook: {url: "https://x"}, template: {text: "${ row.x }"}}]', /knows no `row\.x`/],
  ['[{name: "{{ target.name }}", webhook: {url: "https://x"}}]', /name: must be written as it is/],
  ['{name: a}', /alerts: must be a list, not a mapping/],
  ['[slack]', /alerts\.0: must be a mapping/],
])('%s is refused with its place', (alerts, message) => {
  const { problems, settings } = read(`alerts: ${alerts}`)
  expect(problems).toMatch(message)
  expect(problems).toMatch(/^\/shop\/backhaul\.yml:1:/)
  expect(settings).toBeUndefined()
})

test('a sync that is late for longer than runs are kept would be forgotten, not found', () => {
  const entry = 'name: a, webhook: {url: "https://x"}'
  const of = (stale: string, audit = '') =>
    read(`${audit}alerts: [{${entry}, stale_after: ${stale}}]\n`, { LONG: '90d' })
  const shorter = 'stale_after: must be shorter than audit.retention_days'
  expect(of('89d').problems).toBe('')
  expect(of('90d').problems).toContain(`${shorter} (90)`)
  expect(of('8d', 'audit: {retention_days: 7}\n').problems).toContain(`${shorter} (7)`)
  const { settings } = of('"{{ env_var(\'LONG\') }}"')
  expect(JSON.stringify(settings?.alerts)).toContain(`must be shorter`)
})

test('addresses and passwords do not travel unencrypted', () => {
  const { settings } = read(`alerts:
  - {name: a, webhook: {url: "http://alerts.example"}}
  - {name: b, webhook: {url: "http://127.0.0.1:8080/hook"}}
  - {name: c, email: {host: relay, tls: none, username: a, password: b, from: a@b, to: c@d}}
  - {name: d, email: {host: relay, tls: none, from: a@b, to: c@d}}
`)
  const told = settings?.alerts.map((one) => one.alert === undefined && one.problems[0]?.message)
  expect(told).toEqual([
    expect.stringContaining('must be an https URL'),
    false,
    expect.stringContaining('must not be none with a password'),
    false,
  ])
  expect(settings?.literalAlertSecrets.map(({ key }) => key)).toEqual(['alerts.2.email.password'])
})
