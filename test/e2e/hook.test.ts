import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { atTestEnd } from '../support/at-test-end.ts'
import { platformEnv, startDbtPlatform } from '../support/dbt-platform.ts'
import { builtStep, preparingSteps, startHook } from '../support/hook-project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop } from '../support/small-shop.ts'

const others = {
  model: 'others',
  hubspot: {
    sync: 'others',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: { lastname: 'first_name' },
  },
}

const othersTable =
  "create table others as select 1 as id, 'tom@shop.example' as email, 'Tom' as first_name"

async function shop(hook: Readonly<Record<string, unknown>> = {}) {
  const sandbox = await strictSandbox()
  const project = await smallShop({
    sandbox,
    syncs: [contacts(), others],
    tables: [people('Ada', 'Grace'), othersTable],
    settings: { hook: { jobs: [10], retry_after_seconds: 1, ...hook } },
    results: false,
  })
  return { sandbox, project, platform: await startDbtPlatform() }
}

const test1 = 'test.shop.unique_people_id.1'

/** The step with a manifest in which `people` has a test. */
function manifestWithTest(step: ReturnType<typeof builtStep>) {
  const manifest = step.manifest as { nodes: Record<string, unknown> }
  manifest.nodes[test1] = {
    unique_id: test1,
    resource_type: 'test',
    package_name: 'shop',
    name: 'unique_people_id',
    attached_node: 'model.shop.people',
    config: { enabled: true, severity: 'ERROR' },
    depends_on: { nodes: ['model.shop.people'] },
  }
  return step
}

/** A place for results, as Slack's webhooks are one. */
async function resultsPlace() {
  const posted: Record<string, unknown>[] = []
  let failures = 1
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    if (failures > 0) {
      failures -= 1
      response.writeHead(503).end()
      return
    }
    posted.push(JSON.parse(text))
    response.end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atTestEnd(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`, posted }
}

test('a job that built a model in several steps is followed by the syncs of that model, and told', async () => {
  const place = await resultsPlace()
  const { sandbox, project, platform } = await shop({ post_to: "{{ env_var('RESULTS_URL') }}" })
  const hook = await startHook(project, platform, [], { RESULTS_URL: place.url })
  platform.setRun({
    runId: '500',
    steps: [
      ...preparingSteps,
      builtStep(project, { people: 'success' }, { which: 'run' }),
      builtStep(project, { 'test.shop.unique_people_id.1': 'pass' }, { which: 'test' }),
      builtStep(project, { people: 'success', others: 'success' }, { which: 'generate' }),
    ],
  })
  expect((await fetch(hook.healthUrl)).status).toBe(200)

  expect(await platform.deliver(hook.url, { runId: '500' })).toBe(200)
  await hook.cli.waitFor(/Run 500 of job 10 .*: succeeded/)

  expect(sandbox.records('contacts').map(({ properties }) => properties['firstname'])).toEqual([
    'Ada',
    'Grace',
  ])
  await expect.poll(() => place.posted.length, { timeout: 15_000 }).toBe(1)
  expect(place.posted[0]).toMatchObject({
    text: 'Synced to HubSpot: Daily Job (dbt build), dbt run 500, 2 rows sent',
    job: { runId: '500', outcome: 'succeeded', syncs: [{ sync: 'contacts', sent: 2 }] },
  })
  hook.cli.signal('SIGTERM')
  const { exitCode, stderr, stdout } = await hook.cli.finished
  expect(exitCode).toBe(0)
  for (const secret of [platform.token, platform.webhookSecret, 'secret-path']) {
    expect(stderr + stdout).not.toContain(secret)
  }
  const list = await project.run(['hook', '--list', '--json'])
  expect(JSON.parse(list.stdout)).toMatchObject({
    kind: 'hook',
    queued: [],
    done: [{ runId: '500', attempts: 1, posted: 'sent' }],
  })
  expect(readdirSync(join(project.dir, '.backhaul', 'hook', 'work'))).toEqual([])
})

test('a model whose test failed is held, others go; a run that comes late goes by later results', async () => {
  const { sandbox, project, platform } = await shop()
  const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
  platform.setRun({
    runId: '501',
    steps: [manifestWithTest(builtStep(project, { people: 'success', [test1]: 'pass' }))],
  })
  platform.setRun({
    runId: '502',
    status: 20,
    steps: [
      manifestWithTest(
        builtStep(project, { people: 'success', [test1]: 'fail', others: 'success' }),
      ),
    ],
  })
  const hook = await startHook(project, platform)
  const later = { runId: '502', status: 'Errored', finishedAt: at(1) } as const
  expect(await platform.deliver(hook.url, later)).toBe(200)
  await hook.cli.waitFor(/Run 502 .*: partial: contacts: .*unique_people_id/)
  const names = () => sandbox.records('contacts').map(({ properties }) => properties['lastname'])
  expect(names()).toEqual(['Tom'])

  expect(await platform.deliver(hook.url, { runId: '501', finishedAt: at(9) })).toBe(200)
  await hook.cli.waitFor(/Run 501 .*: partial: contacts: .*unique_people_id/)
  expect(hook.cli.stderr()).toMatch(/Run 501: later runs \(502\) built or tested the same/)
  expect(names()).toEqual(['Tom'])
})

test('SIGTERM in the middle leaves the job in the queue, and the next start goes on; --again repeats one', async () => {
  const { sandbox, project, platform } = await shop({ max_attempts: 1 })
  platform.setRun({ runId: '500', steps: [builtStep(project, { people: 'success' })] })
  sandbox.addFault({ kind: 'slow', delayMs: 2_000, match: { times: 2 } })
  const hook = await startHook(project, platform)
  expect(await platform.deliver(hook.url, { runId: '500' })).toBe(200)
  await hook.cli.waitFor(/attempt 1 of 1/)
  await hook.cli.waitFor(/Running with backhaul/)
  hook.cli.signal('SIGTERM')
  const { exitCode, stderr } = await hook.cli.finished
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(/Run 500 stays in the queue[\s\S]*1 left in the queue/)

  const again = await startHook(project, platform)
  await again.cli.waitFor(/Run 500 .*: succeeded/)
  expect(sandbox.records('contacts')).toHaveLength(2)
  const asked = await project.run(['hook', '--again', '500'])
  expect(asked.stdout).toMatch(/^Queued\n/)
  await again.cli.waitFor(/Run 500 .*: succeeded[\s\S]*Run 500 .*: succeeded/)
  expect(sandbox.records('contacts')).toHaveLength(2)
  expect((await project.run(['hook', '--again', '501'])).stderr).toMatch(/There is no run 501/)

  // While it is down, a job ends, and one for a pull request.
  again.cli.signal('SIGTERM')
  await again.cli.finished
  platform.setRun({ runId: '502', steps: [builtStep(project, { others: 'success' })] })
  platform.setRun({ runId: '503', jobType: 'ci', steps: [] })
  platform.setRun({ runId: '504', status: 3, steps: [] })
  const third = await startHook(project, platform)
  await third.cli.waitFor(
    /Run 502 of job 10 \(Daily Job \(dbt build\)\) is queued: its webhook was missed/,
  )
  await third.cli.waitFor(/Run 502 .*: succeeded/)
  expect(sandbox.records('contacts')).toHaveLength(3)
  expect(third.cli.stderr()).not.toMatch(/Run 50[034]/)

  const second = await project.run(['hook', '--port', '0'], platformEnv(platform))
  expect(second).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/Another backhaul hook works on the queue/),
  })
})

test('a test that the job left out holds nothing; one that its build did not reach does', async () => {
  const { project, platform } = await shop()
  const chosen = { select: [], selector: '', indirect_selection: 'eager' }
  const build = (exclude: readonly string[]) =>
    manifestWithTest(builtStep(project, { people: 'success' }, { args: { ...chosen, exclude } }))
  const seeds = builtStep(project, {}, { which: 'seed', args: { ...chosen, exclude: [] } })
  platform.setRun({ runId: '500', steps: [build(['test_name:unique'])] })
  platform.setRun({ runId: '501', steps: [seeds, build([])] })
  const run = (runId: string) => project.run(['hook', '--run', runId], platformEnv(platform))
  expect(await run('500')).toMatchObject({ exitCode: 0 })
  expect(await run('501')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/ended before the model's test: unique_people_id/),
  })
})

test('--run syncs one run without a server, and ends as the run of the syncs does', async () => {
  const { sandbox, project, platform } = await shop()
  platform.setRun({
    runId: '500',
    steps: [builtStep(project, { people: 'success', others: 'error' })],
  })
  platform.setRun({
    runId: '501',
    jobType: 'ci',
    steps: [builtStep(project, { people: 'success' })],
  })
  const run = (runId: string) => project.run(['hook', '--run', runId], platformEnv(platform))
  expect(await run('500')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/Run 500: partial: others: dbt reports error/),
  })
  expect(sandbox.records('contacts')).toHaveLength(2)
  expect(await run('501')).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/nothing to sync: its job is one for pull requests/),
  })
  expect(await run('../1')).toMatchObject({ exitCode: 2 })
  const before = platform.requests().length
  expect(await run('5001')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/HTTP 404: no such run[\s\S]*Is 5001 the id of the run/),
  })
  expect(platform.requests().length - before).toBeLessThanOrEqual(4)
  platform.setRun({ runId: '502', status: 3, steps: [] })
  const waiting = project.start(['hook', '--run', '502'], platformEnv(platform))
  await expect.poll(() => platform.requests().some((path) => path.includes('/502/'))).toBe(true)
  waiting.signal('SIGTERM')
  expect(await waiting.finished).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/Interrupted\.\n$/),
  })
  expect(existsSync(join(project.dir, '.backhaul'))).toBe(false)
})

test('what is missing is told at once, and nothing is listened to', async () => {
  const project = await smallShop({ settings: { hook: { post_to: 'http://elsewhere.example/x' } } })
  const { exitCode, stderr } = await project.run(['hook'])
  expect(exitCode).toBe(2)
  for (const message of [
    'no host of the dbt platform',
    'no account of the dbt platform',
    'no job to listen to',
    'DBT_CLOUD_TOKEN is not set',
    'DBT_CLOUD_WEBHOOK_SECRET is not set',
    'hook.post_to: is no https URL',
  ]) {
    expect(stderr).toContain(message)
  }
  expect(stderr).not.toContain('elsewhere.example')
})
