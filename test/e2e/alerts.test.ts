import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { type AlertServices, alertServices, routingKey } from '../support/alert-services.ts'
import { steady } from '../support/cli-message.ts'
import type { ProjectSpec, TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop, useProfile, writeTo } from '../support/small-shop.ts'
import { smtpServer } from '../support/smtp.ts'
import { localEngines } from '../support/warehouses.ts'

const missing = [contacts({ properties: { frstname: 'first_name' } })]

const openAlerts = (project: TestProject) =>
  project.rows('select sync_name, trouble, status, told_status from alerts order by dedup_key')

for (const { name, missing: lacking } of localEngines()) {
  test.skipIf(lacking !== undefined)(
    `a sync that fails is told once, and its recovery once (${name})`,
    async () => {
      const services = await alertServices()
      const project = await smallShop({
        engine: name,
        sandbox: await strictSandbox(),
        settings: {
          alerts: [
            {
              name: 'pager',
              pagerduty: {
                routing_key: "{{ env_var('PAGERDUTY_KEY') }}",
                base_url: `${services.url}/pagerduty`,
              },
              targets: ['dev'],
            },
            {
              name: 'team',
              slack: { webhook_url: `${services.url}/slack/hook` },
              targets: ['dev'],
            },
          ],
        },
        syncs: missing,
        env: { PAGERDUTY_KEY: routingKey },
      })
      const failed = await project.run(['run'])
      expect(failed.exitCode, failed.stderr).toBe(1)
      expect(failed.stderr).toContain('Alert pager (pagerduty): contacts failed')
      expect(failed.stderr).not.toContain(routingKey)
      const events = () => services.taken.filter(({ service }) => service === 'pagerduty')
      expect(events().map(({ body }) => body)).toMatchObject([
        {
          event_action: 'trigger',
          payload: { severity: 'error', class: 'failure', component: 'contacts' },
        },
      ])
      expect(services.taken).toHaveLength(2)

      expect((await project.run(['run'])).exitCode).toBe(1)
      expect(services.taken).toHaveLength(2)

      project.setSyncs([contacts()])
      const well = await project.run(['run'])
      expect(well.exitCode, well.stderr).toBe(0)
      expect(events().map(({ body }) => body.event_action)).toEqual(['trigger', 'resolve'])
      const keys = new Set(events().map(({ body }) => body.dedup_key))
      expect([...keys]).toEqual([events()[0]?.body.dedup_key])
      expect(services.taken.at(-1)?.raw).toMatch(/contacts gets through again/)
      expect(services.asked.flatMap(({ wrong }) => wrong)).toEqual([])
      expect(await openAlerts(project)).toMatchObject([
        { sync_name: 'contacts', trouble: 'failure', status: 'closed', told_status: 'closed' },
        { sync_name: 'contacts', trouble: 'failure', status: 'closed', told_status: 'closed' },
      ])
      await project.run(['run'])
      expect(services.taken).toHaveLength(4)
    },
    120_000,
  )
}

/** A project on DuckDB whose alert is a webhook. */
async function watchedShop(
  services: AlertServices,
  alert: Readonly<Record<string, unknown>> = {},
  spec: Partial<ProjectSpec> = {},
): Promise<TestProject> {
  const hook = { name: 'team', webhook: { url: `${services.url}/hook` }, targets: ['dev'] }
  return smallShop({
    sandbox: await strictSandbox(),
    ...spec,
    settings: { alerts: [{ ...hook, ...alert }], ...spec.settings },
  })
}

/** What was told: `sync problem state`. */
const told = ({ taken }: AlertServices): readonly string[] =>
  taken.flatMap(({ body }) =>
    body.alerts.map(
      (one: { sync: string | null; problem: string; state: string }) =>
        `${one.sync ?? 'run'} ${one.problem} ${one.state}`,
    ),
  )

/** Changes tables of Backhaul's on DuckDB. */
const changeState = (project: TestProject, statement: string): Promise<void> =>
  project.sql(
    `attach '${project.dir}/shop_backhaul.duckdb' as own`,
    'use own.main_backhaul',
    statement,
  )

const wrongToken = { HUBSPOT_ACCESS_TOKEN: 'pat-na1-00000000-0000-0000-0000-000000000000' }

test('rejected rows are told beyond the limit only, and never their values', async () => {
  const services = await alertServices()
  const project = await watchedShop(
    services,
    { rejected_above: 1 },
    {
      tables: [
        people('Ada', 'Grace', 'Cy'),
        "update people set email = 'secret-none' where id = 2",
      ],
    },
  )
  expect((await project.run(['run'])).exitCode).toBe(1)
  expect(told(services)).toEqual([])
  await project.sql("update people set email = 'also-secret' where id = 3")
  expect((await project.run(['run'])).exitCode).toBe(1)
  expect(told(services)).toEqual(['contacts rejected open'])
  expect(services.taken[0]?.raw).not.toMatch(/secret/)
  expect(services.taken[0]?.body.alerts[0]).toMatchObject({
    subject: 'contacts: 2 rows rejected (shop, dev)',
    command: 'backhaul status --select contacts --target dev',
  })
  await project.run(['run'])
  await project.sql("update people set email = 'cy@shop.example' where id = 3")
  await project.run(['run'])
  await project.run(['run'])
  expect(told(services)).toEqual(['contacts rejected open', 'contacts rejected closed'])
}, 120_000)

test('a guard is told, runs of some rows are not, and a plan tells nothing', async () => {
  const services = await alertServices()
  const guarded = [contacts({ guards: { max_changes: 1 } })]
  const project = await watchedShop(services, { when: ['guard'] }, { syncs: guarded })
  expect((await project.run(['plan'])).exitCode).toBe(1)
  expect((await project.run(['run', '--limit', '2'])).exitCode).toBe(1)
  expect(told(services)).toEqual([])
  expect((await project.run(['run'])).exitCode).toBe(1)
  expect((await project.run(['run', '--force-guard', 'max_changes'])).exitCode).toBe(0)
  // `when` does not name recovery.
  expect(told(services)).toEqual(['contacts guard open'])
  expect(await openAlerts(project)).toMatchObject([{ status: 'closed', told_status: 'closed' }])
}, 120_000)

test('a stale sync is found by the runs of others, and by alert check', async () => {
  const services = await alertServices()
  const syncs = [
    contacts({ shared: true }),
    { ...contacts({ sync: 'others', shared: true }), model: 'others' },
  ]
  const project = await watchedShop(
    services,
    { stale_after: '26h' },
    { syncs, tables: [people('Ada'), 'create table others as select * from people'] },
  )
  expect((await project.run(['run'])).exitCode).toBe(0)
  await changeState(
    project,
    "update runs set finished_at = finished_at - interval 27 hour where sync_name = 'others'",
  )
  const run = await project.run(['run', '--select', 'sync:contacts'])
  expect(run.exitCode, run.stderr).toBe(0)
  expect(told(services)).toEqual(['others stale open'])
  const check = await project.run(['alert', 'check'], { HUBSPOT_ACCESS_TOKEN: '' })
  expect([check.exitCode, check.stdout]).toEqual([0, 'Looked at 2 syncs: 1 alert open.\n'])
  // A machine whose clock is wrong finds nothing else: runs are written with the warehouse's.
  const ahead = 'const now=Date.now;Date.now=()=>now()+172800000'
  const wrong = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(ahead)}` }
  expect((await project.run(['alert', 'check'], wrong)).stdout).toMatch(/: 1 alert open/)
  await changeState(project, 'update runs set finished_at = finished_at - interval 27 hour')
  expect((await project.run(['alert', 'check'])).exitCode).toBe(0)
  expect(told(services)).toEqual(['others stale open', 'contacts stale open'])
  const listed = await project.run(['alert', 'list', '--json'])
  expect(JSON.parse(listed.stdout)).toMatchObject({
    kind: 'alerts',
    alerts: [{ name: 'team', channel: 'webhook', staleAfterSeconds: 93_600 }],
    open: [{ sync: 'contacts', trouble: 'stale', told: 'open' }, { sync: 'others' }],
  })
  project.setSyncs(syncs.slice(0, 1))
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(told(services).slice(2).sort()).toEqual(['contacts stale closed', 'others stale closed'])
}, 180_000)

test('a run that fails before its syncs is one message, also without the warehouse', async () => {
  const services = await alertServices()
  const project = await watchedShop(services, { syncs: ['elsewhere'] })
  for (const _ of [1, 2]) expect((await project.run(['run'], wrongToken)).exitCode).toBe(1)
  expect(told(services)).toEqual(['run failure open'])
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect(told(services)).toEqual(['run failure open', 'run failure closed'])

  const profiles = readFileSync(join(project.dir, 'profiles.yml'), 'utf8')
  useProfile(project, 'duckdb', profiles.replaceAll('shop.duckdb', 'gone/away.duckdb'))
  for (const _ of [1, 2]) expect((await project.run(['run'])).exitCode).toBe(1)
  expect(told(services).slice(2)).toEqual(['run failure open'])
  useProfile(project, 'duckdb', profiles)
  expect((await project.run(['run'])).exitCode).toBe(0)
  await project.run(['run'])
  expect(told(services).slice(3)).toEqual(['run failure closed'])
}, 180_000)

test('an alert that cannot be sent changes nothing of the run, and goes with the next', async () => {
  const services = await alertServices()
  services.answer = (_, response) => {
    response.writeHead(404).end()
    return true
  }
  const project = await watchedShop(services, {}, { syncs: missing })
  const first = await project.run(['run'])
  expect(first.exitCode).toBe(1)
  expect(first.stderr).toContain(
    'Alert team (webhook) could not be sent: HTTP 404. The next run tries again: contacts failed',
  )
  expect(await project.rows('select attempts, last_error, told_status from alerts')).toEqual([
    { attempts: 1, last_error: 'HTTP 404', told_status: null },
  ])
  const listed = await project.run(['alert', 'list'])
  expect(listed.stdout).toMatch(/not yet, 1 attempt: HTTP 404/)
  services.answer = () => false
  await project.run(['alert', 'check'])
  expect(told(services)).toEqual(['contacts failure open'])
}, 120_000)

test('an answer that quotes the key leaves it in no table, and a broken table fails no run', async () => {
  const services = await alertServices()
  services.answer = (_, response) => {
    response.writeHead(400).end(JSON.stringify({ errors: [`Invalid key ${routingKey}`] }))
    return true
  }
  const pagerduty = {
    routing_key: "{{ env_var('PAGERDUTY_KEY') }}",
    base_url: `${services.url}/pagerduty`,
  }
  const project = await smallShop({
    sandbox: await strictSandbox(),
    settings: { alerts: [{ name: 'pager', pagerduty, targets: ['dev'] }] },
    syncs: missing,
    env: { PAGERDUTY_KEY: routingKey },
  })
  expect((await project.run(['run'])).exitCode).toBe(1)
  expect(await project.rows('select last_error from alerts')).toEqual([
    { last_error: 'HTTP 400: Invalid key *****' },
  ])
  await changeState(project, "update alerts set message = '{'")
  services.answer = () => false
  const run = await project.run(['run', '--output', 'json'])
  expect(run.exitCode, run.stderr).toBe(1)
  expect(JSON.parse(run.stdout).exit_code).toBe(1)
  expect(services.taken).toHaveLength(1)
  await changeState(project, 'drop table alerts')
  const lost = await project.run(['run'])
  expect(lost.exitCode, lost.stderr).toBe(1)
  expect(lost.stderr).toMatch(/What alerts have told cannot be read: .*alerts/)
}, 120_000)

test('a service that never answers does not keep a run', async () => {
  const services = await alertServices()
  let startedMs = 0
  services.answer = () => {
    startedMs ||= Date.now()
    return true
  }
  const project = await watchedShop(services, {}, { syncs: missing })
  const run = await project.run(['run', '--output', 'json'])
  // Ten seconds, and what a busy machine adds.
  expect(Date.now() - startedMs).toBeLessThan(20_000)
  expect(run.exitCode).toBe(1)
  expect(JSON.parse(run.stdout).exit_code).toBe(1)
  expect(run.stderr).toContain('could not be sent: no answer in time')
}, 120_000)

test('a run that is killed after sending sends again, as the same message', async () => {
  const services = await alertServices()
  const project = await watchedShop(services, {}, { syncs: missing })
  const run = project.start(['run'])
  services.answer = () => {
    run.signal('SIGKILL')
    return true
  }
  expect((await run.finished).signal).toBe('SIGKILL')
  expect(await openAlerts(project)).toMatchObject([{ status: 'open', told_status: null }])
  services.answer = () => false
  // The claim of the dead lasts half a minute.
  await project.run(['run'])
  expect(told(services)).toEqual([])
  await changeState(project, 'update alerts set claimed_until = claimed_until - interval 1 minute')
  await project.run(['run'])
  await project.run(['run'])
  expect(told(services)).toEqual(['contacts failure open'])
  const ids = new Set(services.asked.map(({ headers }) => headers['webhook-id']))
  expect([services.asked.length, ids.size]).toEqual([2, 1])
}, 120_000)

/** Changes backhaul.yml. */
function setAlerts(project: TestProject, alerts: readonly unknown[]): void {
  const settings = parse(readFileSync(join(project.dir, 'backhaul.yml'), 'utf8'))
  writeTo(project, 'backhaul.yml', stringify({ ...settings, alerts }))
}

test('an alert that leaves backhaul.yml, or is renamed, leaves no incident open', async () => {
  const services = await alertServices()
  const pager = (name: string, targets = ['dev']) => ({
    name,
    pagerduty: {
      routing_key: "{{ env_var('PAGERDUTY_KEY') }}",
      base_url: `${services.url}/pagerduty`,
    },
    targets,
  })
  const project = await smallShop({
    sandbox: await strictSandbox(),
    settings: { alerts: [pager('pager')] },
    syncs: missing,
    env: { PAGERDUTY_KEY: routingKey },
  })
  const events = () =>
    services.taken.map(({ body }) => `${body.event_action} ${body.dedup_key.split('/')[3]}`)
  await project.run(['run'])
  expect(events()).toEqual(['trigger pager'])

  setAlerts(project, [pager('on-call')])
  const listed = await project.run(['alert', 'list', '--json'])
  expect(JSON.parse(listed.stdout).open).toMatchObject([{ alert: 'pager', isConfigured: false }])
  expect((await project.run(['alert', 'list'])).stdout).toMatch(/pager \(not in backhaul.yml\)/)
  const renamed = await project.run(['run'])
  expect(renamed.stderr).toContain(
    'Alert pager is not in backhaul.yml any more: contacts: failure is closed here, and on-call was asked to resolve it',
  )
  expect(events().slice(1).sort()).toEqual(['resolve pager', 'trigger on-call'])

  // Of another target now: it can still resolve what it said of this one.
  setAlerts(project, [pager('on-call', ['prod'])])
  await project.run(['alert', 'check'])
  expect(events().slice(3)).toEqual(['resolve on-call'])

  setAlerts(project, [pager('on-call')])
  await project.run(['run'])
  setAlerts(project, [])
  const listedAlone = await project.run(['alert', 'list'])
  expect(listedAlone.stdout).toMatch(/on-call \(not in backhaul.yml\)/)
  const check = await project.run(['alert', 'check'])
  expect(check.stderr).toMatch(
    /on-call is not in backhaul.yml any more: contacts: failure is closed here, and nobody was told.*backhaul\/shop\/dev\/on-call\/contacts\/failure/,
  )
  expect(check.stdout).toBe('Looked at 1 sync: 0 alerts open.\n')
  expect(events().slice(4)).toEqual(['trigger on-call'])
}, 180_000)

test('what another project of the same schema tells is left to it', async () => {
  const services = await alertServices()
  const project = await watchedShop(services, {}, { syncs: missing })
  await project.run(['run'])
  await changeState(
    project,
    "update alerts set dedup_key = 'backhaul/other/dev/team/x/failure', sync_name = 'x', told_status = null",
  )
  const before = services.asked.length
  await project.run(['alert', 'check'])
  expect(services.asked).toHaveLength(before)
  expect((await project.run(['alert', 'list'])).stdout).toContain('Nothing is open')
}, 120_000)

const postgres = localEngines().find(({ name }) => name === 'postgres')

test.skipIf(postgres?.missing !== undefined)(
  'of two runs at the same time one tells',
  async () => {
    const services = await alertServices()
    const project = await watchedShop(services, {}, { engine: 'postgres' })
    expect((await project.run(['run'])).exitCode).toBe(0)
    const runs = [1, 2, 3].map(() => project.run(['run'], wrongToken))
    for (const { exitCode } of await Promise.all(runs)) expect(exitCode).toBe(1)
    expect(told(services)).toEqual(['run failure open'])
  },
  120_000,
)

test('alert test says what each channel answers, and what is wrong with it', async () => {
  const services = await alertServices()
  const mail = await smtpServer()
  const { url } = services
  const alerts = [
    { name: 'hook', webhook: { url: `${url}/slack/hook` } },
    { name: 'slack', slack: { webhook_url: `${url}/slack/hook` } },
    {
      name: 'bot',
      slack: { token: 'xoxb-token', channel: '#data', base_url: `${url}/slack/api/` },
    },
    { name: 'pager', pagerduty: { routing_key: routingKey, base_url: `${url}/pagerduty` } },
    {
      name: 'phone',
      sms: {
        account_sid: 'AC0123456789abcdef0123456789abcdef',
        auth_token: "{{ env_var('TWILIO_AUTH_TOKEN') }}",
        from: '+15005550006',
        to: ['+15551234567', 'nobody'],
        base_url: `${url}/twilio`,
      },
    },
    {
      name: 'mail',
      email: {
        host: '127.0.0.1',
        port: mail.port,
        username: 'backhaul',
        password: "{{ env_var('SMTP_PASSWORD') }}",
        from: 'backhaul@example.com',
        to: 'team@example.com',
      },
    },
    { name: 'unset', webhook: { url: "{{ env_var('NOT_SET_ANYWHERE') }}" } },
    { name: 'plain', webhook: { url: 'http://alerts.example' } },
  ]
  const project = await smallShop({
    settings: { alerts },
    env: {
      TWILIO_AUTH_TOKEN: 'twilio-secret-token',
      SMTP_PASSWORD: 'smtp-password',
      NODE_EXTRA_CA_CERTS: mail.caFile,
    },
  })
  const all = await project.run(['alert', 'test'])
  expect(all.exitCode).toBe(1)
  expect(steady(all.stdout, project)).toMatchInlineSnapshot(`
    "FAILED  hook (webhook): HTTP 400
    sent    slack (slack): ok
    sent    bot (slack): ok
    sent    pager (pagerduty): HTTP 202
    sent    phone (sms): 1 of 2 recipients; the first of the others: HTTP 400, Twilio error 21211: https://www.twilio.com/docs/api/errors/21211
    sent    mail (email): accepted by the server
    FAILED  unset: <project>/backhaul.yml:58:9: alerts.6.webhook.url: the environment variable NOT_SET_ANYWHERE is needed but not set
        Set NOT_SET_ANYWHERE (a .env file in the working directory or above it is read, too), or give a default: env_var('NOT_SET_ANYWHERE', '…').
    FAILED  plain: <project>/backhaul.yml:64:9: alerts.7.webhook.url: must be an https URL: it would travel unencrypted (http is for this machine only)
    "
  `)
  expect(all.stderr).toContain('alerts.3.pagerduty.routing_key: holds the secret itself')
  expect(`${all.stdout}${all.stderr}`).not.toMatch(/twilio-secret-token|5551234567/)
  expect(mail.mails[0]?.raw).toMatch(/^Subject: \[Test\] Alert mail of Backhaul arrives here/m)
  const events = services.taken.filter(({ service }) => service === 'pagerduty')
  expect(events.map(({ body }) => body.event_action)).toEqual(['trigger', 'resolve'])
  const one = await project.run(['alert', 'test', 'slack', '--json'])
  expect(one.exitCode).toBe(0)
  expect(JSON.parse(one.stdout)).toMatchObject({ alerts: [{ alert: 'slack', isTold: true }] })
  const unknown = await project.run(['alert', 'test', 'slak'])
  expect([unknown.exitCode, unknown.stderr]).toEqual([1, expect.stringContaining('Did you mean')])
  // What cannot be used is left out of a run with a warning; those of other targets silently.
  const run = await project.run(['alert', 'check'])
  expect(run.stderr).toContain('No alert is for target dev')
}, 120_000)
