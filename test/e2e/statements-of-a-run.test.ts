import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type RecordingProxy, startProxy } from '../support/bigquery/proxy.ts'
import { bigqueryUrl } from '../support/bigquery.ts'
import { tableStatements } from '../support/engine-words.ts'
import { createProject, type TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, useProfile } from '../support/small-shop.ts'
import { askSnowflake } from '../support/snowflake.ts'
import { type TestEngine, testEngines } from '../support/warehouses.ts'

/** Who asked for a statement, as the warehouse lists it. */
type Labels = Readonly<Record<string, string>>

interface Listed {
  readonly sql: string
  readonly labels: Labels
}

/** Two syncs, so that the statements of one can be told from those of the other. */
const syncs = [
  {
    model: 'people',
    hubspot: [
      contacts().hubspot,
      contacts({ sync: 'last_names', properties: { lastname: 'first_name' } }).hubspot,
    ],
  },
]

async function shopOn(engine: TestEngine): Promise<TestProject> {
  const people = {
    name: 'people',
    columns: { id: 'integer', email: 'text', first_name: 'text' },
    rows: [
      [1, 'ada@shop.example', 'Ada'],
      [2, 'grace@shop.example', 'Grace'],
    ],
  } as const
  return createProject({
    engine: engine.name,
    sandbox: await strictSandbox(),
    syncs,
    tables: tableStatements(engine.name, people, (name) => engine.dialect.quote(name)),
  })
}

interface Profiles {
  [profile: string]: { target: string; outputs: { [target: string]: Record<string, unknown> } }
}

/** Keys of the target's output, changed as given. */
function changeOutput(project: TestProject, adapter: string, keys: Record<string, unknown>) {
  const profiles = JSON.parse(readFileSync(join(project.dir, 'profiles.yml'), 'utf8')) as Profiles
  for (const profile of Object.values(profiles)) {
    for (const output of Object.values(profile.outputs)) Object.assign(output, keys)
  }
  useProfile(project, adapter, JSON.stringify(profiles))
}

async function carriedOut(project: TestProject, command: string): Promise<void> {
  const { exitCode, stdout, stderr } = await project.run([command])
  expect(exitCode, `${stdout}\n${stderr}`).toBe(0)
}

const engineOf = (name: string) => testEngines().find((engine) => engine.name === name)
const snowflake = engineOf('snowflake')
const bigquery = engineOf('bigquery')

/** Statements of a sync name its tables; each must say which sync and which of the runs it is for. */
async function expectRunsListed(project: TestProject, listed: readonly Listed[]): Promise<void> {
  const runs = await project.rows('select run_id, sync_name, invocation_id from runs')
  expect(runs).toHaveLength(2)
  for (const { run_id: run, sync_name: sync, invocation_id: invocation } of runs) {
    const own = listed.filter(({ sql }) => new RegExp(`__${sync}\\b`, 'i').test(sql))
    expect(own.length).toBeGreaterThan(10)
    for (const { sql, labels } of own) {
      const version = expect.stringMatching(/^\d+[._]\d+[._]\d+/)
      const session = {
        application: 'backhaul',
        version,
        command: 'run',
        target: 'dev',
        invocation,
      }
      expect(labels, sql).toEqual({ ...session, run, sync })
    }
  }
  for (const { sql, labels } of listed) {
    expect(labels['invocation'], sql).toBe(runs[0]?.['invocation_id'])
    // Leases and old audit rows are the whole invocation's.
    if (/\bpeople\b/i.test(sql)) expect(labels['run'], sql).toBeTypeOf('string')
  }
}

describe.skipIf(snowflake?.missing !== undefined)('in the query history of Snowflake', () => {
  const start = async (): Promise<TestProject> => {
    if (snowflake === undefined) throw new Error('no engine')
    return shopOn(snowflake)
  }
  const listed = async (project: TestProject) => {
    const database = project.relation('people').split('.')[0]
    const { queries } = (await askSnowflake(database, 'queries')) as {
      queries: readonly { sql: string; parameters: { QUERY_TAG?: string } }[]
    }
    // The test's own sessions have no labels.
    return queries
      .map(({ sql, parameters }) => ({ sql, tag: parameters.QUERY_TAG ?? '' }))
      .filter(({ tag }) => tag.includes('backhaul'))
  }

  test('statements of a run carry run and sync, without a statement more', async () => {
    const project = await start()
    await listed(project)
    await carriedOut(project, 'run')
    const statements = await listed(project)
    await expectRunsListed(
      project,
      statements.map(({ sql, tag }) => ({ sql, labels: JSON.parse(tag) as Labels })),
    )
    expect(statements.filter(({ sql }) => /query_tag/i.test(sql))).toEqual([])
  })

  test('the tag of the profile stays', async () => {
    const project = await start()
    for (const [own, expected] of [
      ['marketing', /^marketing \{.*"command":"plan".*"sync":"contacts"/],
      ['{"team":"marketing"}', /^\{.*"command":"plan".*"sync":"contacts".*"team":"marketing"\}$/],
    ] as const) {
      changeOutput(project, 'snowflake', { query_tag: own })
      await listed(project)
      await carriedOut(project, 'plan')
      expect((await listed(project)).map(({ tag }) => tag)).toContainEqual(
        expect.stringMatching(expected),
      )
    }
  })
})

describe.skipIf(bigquery?.missing !== undefined)('in the jobs of BigQuery', () => {
  interface Configuration {
    readonly labels?: Labels
    readonly query?: { readonly query: string }
    readonly load?: { readonly destinationTable: { readonly tableId: string } }
  }

  const jobsOf = (proxy: RecordingProxy): readonly Listed[] =>
    proxy.seen
      .filter(({ method, path }) => method === 'POST' && /\/jobs(\?|$)/.test(path))
      .map(({ body }) => {
        const json = /\{"configuration.*\}/.exec(body)?.[0] ?? '{}'
        const { configuration } = JSON.parse(json) as { configuration: Configuration }
        const { query, load, labels = {} } = configuration
        return { sql: query?.query ?? `load ${load?.destinationTable.tableId}`, labels }
      })

  test('statements and loads of a run carry run and sync', async ({ onTestFinished }) => {
    if (bigquery === undefined) throw new Error('no engine')
    const project = await shopOn(bigquery)
    const proxy = await startProxy(bigqueryUrl())
    onTestFinished(() => proxy.close())
    changeOutput(project, 'bigquery', { api_endpoint: proxy.url })
    await carriedOut(project, 'run')
    const jobs = jobsOf(proxy)
    await expectRunsListed(project, jobs)
    expect(jobs.filter(({ sql }) => sql.startsWith('load results__'))).not.toEqual([])
  })
})
