import { describe, expect, test } from 'vitest'
import { formatProblem, type Problem } from '../../../src/errors.ts'
import { readSettings } from '../../../src/project/settings.ts'

function read(yaml: string, env: Readonly<Record<string, string>> = {}, targetName = 'prod') {
  const problems: Problem[] = []
  const secrets = new Set<string>()
  const settings = readSettings(
    {
      projectDir: '/shop',
      targetName,
      targetSchema: 'analytics',
      env,
      readFile: () => yaml,
      scope: { env, vars: {}, secrets },
    },
    problems,
  )
  return { settings, secrets, problems: problems.map(formatProblem).join('\n') }
}

describe('backhaul.yml', () => {
  test('for one target', () => {
    const { settings, problems, secrets } = read(
      `version: 1
hubspot:
  access_token: "{{ env_var('TOKEN') }}"
  requests_per_10_seconds: "{{ env_var('RATE') | as_number }}"
  request_timeout_seconds: 5
targets:
  prod: {portal_id: 12345678, concurrency: 2, syncs: {contacts: {enabled: false}}}
  staging: {portal_id: "{{ env_var('UNSET') | as_number }}", access_token: "{{ env_var('ALSO_UNSET') }}"}
schema: "{target_schema}_{target}_hubspot"
audit: {values: hashed}
`,
      { TOKEN: 'pat-eu1-secret', RATE: '100' },
    )
    expect(problems).toBe('')
    expect(settings).toEqual({
      file: '/shop/backhaul.yml',
      token: { kind: 'token', token: 'pat-eu1-secret' },
      tokenPlace: 'TOKEN (`hubspot.access_token` in backhaul.yml)',
      literalSecrets: [],
      baseUrl: 'https://api.hubapi.com',
      requestsPer10Seconds: 100,
      maxCallsPerRun: 100_000,
      requestTimeoutMs: 5000,
      concurrency: 2,
      writingTargets: ['prod', 'staging'],
      portalId: '12345678',
      syncs: { contacts: { enabled: false } },
      allTargets: {
        portalIds: ['12345678', "{{ env_var('UNSET') | as_number }}"],
        enabledSyncs: [],
      },
      schema: 'analytics_prod_hubspot',
      searchDelaySeconds: 600,
      audit: { values: 'hashed', requests: 'errors', retentionDays: 90 },
      leaseSeconds: 60,
      hook: {},
      hookProblems: [],
      alerts: [],
      literalAlertSecrets: [],
    })
    expect([...secrets]).toEqual(['pat-eu1-secret'])
  })

  test('what targets say together does not hang on the one that was chosen', () => {
    const text = `targets:
  prod: {portal_id: "12345678"}
  staging: {portal_id: 12345678, syncs: {leads: {enabled: true}, contacts: {enabled: false}}}
  empty:
`
    expect(read(text).settings?.allTargets).toEqual({
      portalIds: ['12345678'],
      enabledSyncs: ['leads'],
    })
    expect(read('targets: [prod]').settings?.allTargets.portalIds).toEqual([])
  })

  test('an empty file is as good as none', () => {
    expect(read('').settings?.schema).toBe('analytics_backhaul')
    expect(read('# nothing yet\n').problems).toBe('')
  })

  test('targets as a list, or with nothing to say', () => {
    expect(read('targets: [prod, eu]').settings?.writingTargets).toEqual(['prod', 'eu'])
    expect(read('targets:\n  prod:\n').settings?.writingTargets).toEqual(['prod'])
  })

  test.each([
    ['', 'HUBSPOT_ACCESS_TOKEN', []],
    ['hubspot: {access_token: pat}', '`hubspot.access_token` in backhaul.yml', ['access_token']],
    [
      'hubspot: {oauth: {client_id: id, client_secret: s3, refresh_token: "{{ env_var(\'R\') }}"}}',
      'R (`hubspot.oauth` in backhaul.yml)',
      ['client_secret'],
    ],
    [
      'hubspot: {access_token: pat}\ntargets: {prod: {token_command: op}}',
      'what `targets.prod.token_command` in backhaul.yml prints',
      [],
    ],
  ])('%j: where the token comes from, and what stands in the file itself', (yaml, place, keys) => {
    const { settings } = read(yaml, { R: 'refresh' })
    expect(settings?.tokenPlace).toBe(place)
    expect(settings?.literalSecrets.map(({ key }) => key?.split('.').at(-1))).toEqual(keys)
  })

  test('the token is asked for only when it is needed', () => {
    const missing = read('').settings?.token
    expect(missing).toMatchObject({ kind: 'missing' })
    expect(read('', { HUBSPOT_ACCESS_TOKEN: 'pat' }).settings?.token).toEqual({
      kind: 'token',
      token: 'pat',
    })
  })

  test("a target's own way to the token replaces the general one", () => {
    const yaml = 'hubspot: {access_token: general}\ntargets: {prod: {token_command: op read token}}'
    expect(read(yaml).settings?.token).toEqual({
      kind: 'command',
      command: ['op', 'read', 'token'],
    })
    expect(read(yaml, {}, 'dev').settings?.token).toEqual({ kind: 'token', token: 'general' })
  })

  test('HUBSPOT_BASE_URL wins over the file', () => {
    const yaml = 'hubspot: {base_url: "https://api-eu1.hubapi.com/"}'
    expect(read(yaml).settings?.baseUrl).toBe('https://api-eu1.hubapi.com')
    const env = { HUBSPOT_BASE_URL: 'http://127.0.0.1:8765' }
    expect(read(yaml, env).settings?.baseUrl).toBe('http://127.0.0.1:8765')
  })
})

describe('what is wrong with backhaul.yml', () => {
  test('comes at once, with places', () => {
    expect(
      read(`version: 2
hubspt: {}
hubspot: {acces_token: x, concurrency: many}
targets:
  prod: {portal: 1}
  staging: {portal_id: abc, base_url: "{{ env_var('UNSET') }}", colour: red}
audit: {values: hash}
schema: "{schema}_x"
lease_seconds: 1
`).problems,
    ).toMatchInlineSnapshot(`
      "/shop/backhaul.yml:1:1: version: must be 1, not \`2\`
      /shop/backhaul.yml:2:1: hubspt: unknown key
          Did you mean \`hubspot\`?
      /shop/backhaul.yml:3:27: hubspot.concurrency: must be a number, not a text of 4 characters
          Of a Jinja expression, write \`| as_number\` behind it.
      /shop/backhaul.yml:3:11: hubspot.acces_token: unknown key
          Did you mean \`access_token\`?
      /shop/backhaul.yml:5:10: targets.prod.portal: unknown key
          Did you mean \`portal_id\`?
      /shop/backhaul.yml:6:13: targets.staging.portal_id: must be a portal id (digits)
      /shop/backhaul.yml:6:65: targets.staging.colour: unknown key
          Known are: portal_id, access_token, token_command, oauth, base_url, requests_per_10_seconds, max_calls_per_run, request_timeout_seconds, search_delay_seconds, concurrency, syncs.
      /shop/backhaul.yml:7:9: audit.values: must be one of full, hashed, none, not a text of 4 characters
          Did you mean \`hashed\`?
      /shop/backhaul.yml:9:1: lease_seconds: must be at least 10"
    `)
  })

  test('includes variables that are not set', () => {
    const yaml = `hubspot:\n  base_url: "{{ env_var('MY_URL') }}"\n`
    expect(read(yaml).problems).toMatch(/backhaul\.yml:2:3: .*environment variable MY_URL/)
  })

  test.each([
    ['not set', {}, 'the environment variable MY_TOKEN is needed but not set'],
    ['empty', { MY_TOKEN: '' }, 'is empty'],
  ])(
    "includes the token's variable that is %s only when the token is needed",
    (_, env, message) => {
      const inGeneral = `hubspot:\n  access_token: "{{ env_var('MY_TOKEN') }}"\n`
      const { settings, problems } = read(inGeneral, { HUBSPOT_ACCESS_TOKEN: 'other', ...env })
      expect(problems).toBe('')
      expect(settings?.token).toMatchObject({
        kind: 'missing',
        problem: { message, where: { line: 2, column: 3 }, key: 'hubspot.access_token' },
      })
    },
  )

  test("never takes another target's token for that of a target whose own is missing", () => {
    const yaml = `hubspot: {access_token: production}
targets: {prod: {}, staging: {access_token: "{{ env_var('STAGING') }}"}}`
    expect(read(yaml, {}, 'staging').settings?.token).toMatchObject({ kind: 'missing' })
    expect(read(yaml, {}, 'prod').settings?.token).toMatchObject({ token: 'production' })
    expect(read(yaml, { STAGING: 'mine' }, 'staging').settings?.token).toMatchObject({
      token: 'mine',
    })
  })

  test('of the hook are those of its keys; a variable that is not set matters to the hook alone', () => {
    expect(read('hook: {jobs: [12, "{{ 1 + 1 }}"], prot: 1}').problems).toMatch(
      /hook\.prot: unknown key/,
    )
    const unset = read('hook: {jobs: [12], post_to: "{{ env_var(\'URL_OF_SLACK\') }}"}')
    expect(unset.problems).toBe('')
    expect(unset.settings?.hook).toEqual({ jobs: [12] })
    expect(unset.settings?.hookProblems).toMatchObject([
      { key: 'hook.post_to', message: expect.stringContaining('URL_OF_SLACK') },
    ])
    const set = { URL_OF_SLACK: 'https://hooks.slack.com/services/x' }
    expect(read('hook: {post_to: "{{ env_var(\'URL_OF_SLACK\') }}"}', set).settings?.hook).toEqual({
      post_to: set.URL_OF_SLACK,
    })
  })

  test('includes unknown placeholders and alerts', () => {
    const { problems } = read(`schema: "{targetschema}_x"
alerts: [{slack: "{{ env_var('HOOK') }}"}]
`)
    expect(problems).toMatchInlineSnapshot(`
      "/shop/backhaul.yml:1:1: schema: \`{targetschema}\` is unknown
          Known are: {target_schema}, {target}.
      /shop/backhaul.yml:2:10: alerts.0.name: is required
      /shop/backhaul.yml:2:11: alerts.0.slack: must be a mapping, not a text of 5 characters"
    `)
  })

  test.each([
    ['http://api.hubapi.com', /must be an https URL/],
    ['ftp://127.0.0.1', /must be an https URL/],
  ])('includes the address %s', (url, message) => {
    expect(read(`hubspot: {base_url: "${url}"}`).problems).toMatch(message)
    expect(read('', { HUBSPOT_BASE_URL: url }).problems).toMatch(message)
  })

  test('includes a token command that needs a shell, and two ways to a token', () => {
    expect(read(`hubspot: {token_command: "op read 'a b'"}`).problems).toMatch(/without a shell/)
    expect(read('hubspot: {token_command: op, access_token: x}').problems).toMatch(/both given/)
  })
})
