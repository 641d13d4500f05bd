import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TestProject } from '../support/project.ts'
import type { SyncSpec } from '../support/project-files.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop, writeTo } from '../support/small-shop.ts'

const resultsOf = (project: TestProject) =>
  JSON.parse(readFileSync(join(project.dir, 'target', 'backhaul', 'run_results.json'), 'utf8'))

const wrongToken = { HUBSPOT_ACCESS_TOKEN: 'pat-na1-00000000-0000-0000-0000-000000000000' }

/** Several syncs of one model. */
const onPeople = (syncs: readonly SyncSpec[]): readonly SyncSpec[] => [
  { model: 'people', hubspot: syncs.map(({ hubspot }) => hubspot) },
]

/** Ways to fail before any sync is reached. */
const failures: readonly {
  readonly name: string
  readonly category: string
  readonly exitCode: number
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly spoil?: (project: TestProject) => void
}[] = [
  { name: 'a wrong token', category: 'UNAUTHORIZED', exitCode: 1, env: wrongToken },
  { name: 'an unknown target', category: 'CONFIGURATION', exitCode: 1, args: ['--target', 'gone'] },
  {
    name: 'a damaged manifest',
    category: 'CONFIGURATION',
    exitCode: 1,
    spoil: (project) => writeTo(project, 'target/manifest.json', '{'),
  },
  {
    name: 'a guard that does not exist',
    category: 'USAGE',
    exitCode: 2,
    args: ['--force-guard', 'none'],
  },
]

test.each(failures)('$name: results and every output say so', async (failure) => {
  const { category, exitCode, args = [], env = {}, spoil } = failure
  const project = await smallShop({ sandbox: await strictSandbox() })
  expect((await project.run(['run'])).exitCode).toBe(0)
  spoil?.(project)
  const run = await project.run(['run', '--output', 'json', '--log-format', 'json', ...args], env)
  expect(run.exitCode, run.stderr).toBe(exitCode)
  const results = JSON.parse(run.stdout)
  expect(resultsOf(project)).toEqual(results)
  expect(results).toMatchObject({ exit_code: exitCode, error: { category } })
  const lines = run.stderr.trim().split('\n')
  const last = lines.map((line) => JSON.parse(line)).at(-1)
  expect(last).toMatchObject({
    data: { category, exitCode },
    info: { name: 'Failure', code: 'H018', level: 'error', msg: results.error.message },
  })
  expect(last.info.invocation_id).toBe(results.metadata.invocation_id)
  const plan = await project.run(['plan', '--output', 'json', ...args], env)
  expect(plan.exitCode).toBe(exitCode)
  expect(JSON.parse(plan.stdout)).toMatchObject({ kind: 'error', category })
  if (category === 'USAGE') return
  const validate = await project.run(['validate', '--output', 'json', ...args], env)
  expect(validate.exitCode).toBe(exitCode)
  expect(JSON.parse(validate.stdout)).toMatchObject({ valid: false, error: { category } })
})

test('without a dbt project the JSON document says so', async () => {
  const project = await smallShop()
  const run = await project.run(['run', '--output', 'json', '--project-dir', 'models'])
  expect(run.exitCode).toBe(1)
  expect(JSON.parse(run.stdout)).toMatchObject({
    exit_code: 1,
    results: [],
    error: { category: 'CONFIGURATION', problems: [expect.anything()] },
  })
})

test('a command line that is not understood is one line of the JSON log, too', async () => {
  const project = await smallShop()
  const run = await project.run(['run', '--log-format', 'json', '--nonsense'])
  expect(run.exitCode).toBe(2)
  expect(JSON.parse(run.stderr)).toMatchObject({ data: { category: 'USAGE' } })
})

test('what is wrong with a sync is a document of the plan', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({
    sandbox,
    syncs: [contacts({ properties: { frstname: 'id' } })],
  })
  const plan = await project.run(['plan', '--output', 'json'])
  expect(plan.exitCode).toBe(1)
  expect(JSON.parse(plan.stdout)).toMatchObject({ kind: 'problem', sync: 'contacts' })
})

test('syncs that fail before they are planned have a row in runs', async () => {
  const sandbox = await strictSandbox()
  const syncs = [
    contacts({ shared: true }),
    contacts({ sync: 'unbound', properties: { frstname: 'first_name' }, shared: true }),
    contacts({ sync: 'misspelt', mode: 'sometimes', shared: true }),
  ]
  const project = await smallShop({ sandbox, syncs: onPeople(syncs) })
  const failed = () =>
    project.rows(
      'select sync_name, status, error_category, error_message, mode, portal_id from runs order by sync_name, run_id',
    )
  const run = await project.run(['run', '--output', 'json'])
  expect(run.exitCode).toBe(1)
  expect(await failed()).toMatchObject([
    { sync_name: 'contacts', status: 'succeeded', error_category: null },
    {
      sync_name: 'misspelt',
      status: 'failed',
      error_category: 'CONFIGURATION',
      error_message: expect.stringContaining('mode'),
      mode: null,
    },
    {
      sync_name: 'unbound',
      status: 'failed',
      error_category: 'CONFIGURATION',
      error_message: expect.stringContaining('frstname'),
      mode: 'upsert',
      portal_id: '4242424',
    },
  ])
  const ids = await project.rows('select run_id from runs order by run_id')
  const { results } = JSON.parse(run.stdout) as { results: { runId: string }[] }
  expect(results.map(({ runId }) => runId).sort()).toEqual(ids.map((row) => row['run_id']))
})

test('a run that is refused by HubSpot, and one of an invalid sync alone, have rows in runs', async () => {
  const sandbox = await strictSandbox()
  const invalid = contacts({ sync: 'misspelt', mode: 'sometimes', shared: true })
  const project = await smallShop({
    sandbox,
    syncs: onPeople([contacts({ shared: true }), invalid]),
  })
  expect((await project.run(['run', '-s', 'contacts'], wrongToken)).exitCode).toBe(1)
  expect((await project.run(['run', '-s', 'misspelt'])).exitCode).toBe(1)
  expect(
    await project.rows(
      'select sync_name, status, error_category, portal_id from runs order by run_id',
    ),
  ).toEqual([
    {
      sync_name: 'contacts',
      status: 'failed',
      error_category: 'UNAUTHORIZED',
      portal_id: null,
    },
    { sync_name: 'misspelt', status: 'failed', error_category: 'CONFIGURATION', portal_id: null },
  ])
})

test('a run that is partial for its rejected rows says so in runs', async () => {
  const sandbox = await strictSandbox()
  const tables = [people('Ada', 'Grace', 'Cy'), 'update people set email = null where id > 1']
  const project = await smallShop({ sandbox, tables })
  const run = await project.run(['run', '--output', 'json'])
  const why = { category: 'ROWS_REJECTED', message: '2 rows rejected' }
  expect(JSON.parse(run.stdout).results).toMatchObject([{ status: 'partial', error: why }])
  expect(await project.rows('select status, error_category, error_message from runs')).toEqual([
    { status: 'partial', error_category: why.category, error_message: why.message },
  ])
})
