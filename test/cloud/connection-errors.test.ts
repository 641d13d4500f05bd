import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { atTestEnd } from '../support/at-test-end.ts'
import { type Fault as BigqueryFault, startProxy } from '../support/bigquery/proxy.ts'
import { bigqueryUrl, whyNoBigquery } from '../support/bigquery.ts'
import type { CliResult } from '../support/cli.ts'
import { messageOf } from '../support/cli-message.ts'
import { tableStatements } from '../support/engine-words.ts'
import { createProject, type TestProject } from '../support/project.ts'
import { type StrictSandbox, strictSandbox } from '../support/sandbox.ts'
import { contacts } from '../support/small-shop.ts'
import { askSnowflake, type Fault as SnowflakeFault, whyNoSnowflake } from '../support/snowflake.ts'

/** More than two calls' worth. */
const people = Array.from({ length: 250 }, (_, index) => index + 1)

const peopleTable = (engine: 'snowflake' | 'bigquery') =>
  tableStatements(
    engine,
    {
      name: 'people',
      columns: { id: 'integer', email: 'text', first_name: 'text' },
      rows: people.map((id) => [id, `p${id}@shop.example`, `First ${id}`]),
    },
    (name) => name,
  )

async function start(engine: 'snowflake' | 'bigquery') {
  const sandbox = await strictSandbox({ tier: 'unlimited' })
  const project = await createProject({
    engine,
    sandbox,
    syncs: [contacts()],
    settings: { hubspot: { request_timeout_seconds: 1 } },
    tables: peopleTable(engine),
  })
  const file = join(project.dir, 'profiles.yml')
  const profiles = JSON.parse(readFileSync(file, 'utf8'))
  const output: Record<string, unknown> = profiles.shop.outputs.dev
  return {
    sandbox,
    project,
    output,
    /** Changes keys of the target. */
    setOutput: (keys: Readonly<Record<string, unknown>>) => {
      profiles.shop.outputs.dev = { ...output, ...keys }
      writeFileSync(file, JSON.stringify(profiles))
    },
  }
}

/** One message, of the command or of its one sync, whose line may come before it; no stack. */
function expectOneError({ exitCode, stderr }: CliResult): void {
  expect(exitCode, stderr).toBe(1)
  const lines = (pattern: string) => stderr.match(new RegExp(`^(\\S+ {2})?${pattern}`, 'gm')) ?? []
  expect(lines('(Error:|1 of 1 ERROR)').length, stderr).toBeGreaterThan(0)
  expect(lines('Error:').length, stderr).toBeLessThan(2)
  expect(stderr).not.toMatch(/^\s+at .*:\d+/m)
}

const told = (result: CliResult, project: TestProject): string =>
  messageOf(result, project)
    .replaceAll(/SHOP_[0-9A-F]{8}/g, '<database>')
    .replaceAll(/^Warehouse: .*\n/gm, '')

/** The next run finishes what the failed one began: HubSpot has each row once, and the books are closed. */
async function expectNextRunFinishes(project: TestProject, sandbox: StrictSandbox): Promise<void> {
  const next = await project.run(['run'])
  expect(next.exitCode, next.stderr).toBe(0)
  const held = sandbox.records('contacts').map(({ properties }) => properties['firstname'])
  expect(held.toSorted()).toEqual(people.map((id) => `First ${id}`).toSorted())
  for (const table of ['results__contacts', 'plan__contacts', 'intents', 'leases']) {
    const rows = await project.rows(`select count(*) as total from ${table}`)
    expect(rows, `rows left in ${table}`).toEqual([{ total: 0 }])
  }
  expect(await project.rows('select run_id from runs where finished_at is null')).toEqual([])
  const changes = await project.rows(
    "select count(*) as total from changes where outcome = 'succeeded'",
  )
  expect(changes).toEqual([{ total: people.length }])
  const before = sandbox.writeCalls()
  const last = await project.run(['run'])
  expect(last.exitCode, last.stderr).toBe(0)
  expect(sandbox.writeCalls()).toBe(before)
}

describe.skipIf(whyNoSnowflake() !== undefined)('Snowflake', () => {
  const begin = async () => {
    const { output, ...started } = await start('snowflake')
    const ask = (faults: readonly SnowflakeFault[], refuse = 0) =>
      askSnowflake(output['database'], 'faults', { faults, refuse })
    return { ...started, ask }
  }

  test('a wrong password', async () => {
    const { project, setOutput } = await begin()
    setOutput({ password: 'not-the-password' })
    const result = await project.run(['run'])
    expectOneError(result)
    expect(result.stderr).not.toContain('not-the-password')
    expect(told(result, project)).toMatchInlineSnapshot(`
      "exit 1
      Running with backhaul=<version>
      Error: Connecting to Snowflake account test-account as backhaul: Incorrect username or password was specified.
          Snowflake refuses the login. Check account (test-account), user and credentials in profiles.yml."
    `)
  })

  test('a schema of its own that it may not make', async () => {
    const { project, sandbox, ask } = await begin()
    await ask([
      {
        sql: 'create schema',
        times: 2,
        code: '003001',
        state: '42501',
        message: "SQL access control error:\nInsufficient privileges to operate on database 'SHOP'",
      },
    ])
    const result = await project.run(['run'])
    expectOneError(result)
    expect(sandbox.writeCalls()).toBe(0)
    expect(result.stderr).toContain('Insufficient privileges to operate on database')
    expect(result.stderr).toContain(`create schema if not exists "${project.schema}_BACKHAUL";`)
    await expectNextRunFinishes(project, sandbox)
  })

  /** What may come over every statement, once HubSpot has taken records. */
  const troubles: Readonly<Record<string, Omit<SnowflakeFault, 'sql'>>> = {
    'a grant that was taken away': {
      code: '003001',
      state: '42501',
      message: "SQL access control error:\nInsufficient privileges to operate on table 'RESULTS'",
    },
    'a warehouse that is suspended': {
      code: '000606',
      state: '57P03',
      message: 'No active warehouse selected in the current session.',
    },
  }

  test.each(Object.entries(troubles))('%s in the middle of a run', async (_, trouble) => {
    const { project, sandbox, ask } = await begin()
    await ask([{ sql: 'insert into \\S*results__contacts', lasting: true, ...trouble }], 1_000_000)
    const result = await project.run(['run'])
    expect(sandbox.writeCalls()).toBe(3)
    expectOneError(result)
    expect(told(result, project)).toMatchSnapshot()
    await ask([])
    await expectNextRunFinishes(project, sandbox)
  })

  test('a warehouse that is suspended while the plan is made', async () => {
    const { project, sandbox, ask } = await begin()
    await ask([
      {
        sql: 'insert into \\S*plan__contacts',
        lasting: true,
        ...troubles['a warehouse that is suspended'],
      },
    ])
    const result = await project.run(['run'])
    expect(sandbox.writeCalls()).toBe(0)
    expectOneError(result)
    expect(told(result, project)).toMatchSnapshot()
    await ask([])
    await expectNextRunFinishes(project, sandbox)
  })

  test('a connection that is lost when results are stored', async () => {
    const { project, sandbox, ask } = await begin()
    // The driver sends a request several times, within two minutes.
    await ask([{ sql: 'insert into \\S*results__contacts', drop: true }], 1000)
    const result = await project.run(['run'])
    expect(sandbox.writeCalls()).toBe(3)
    expectOneError(result)
    expect(told(result, project)).toMatchSnapshot()
    await ask([])
    await expectNextRunFinishes(project, sandbox)
  }, 400_000)
})

describe.skipIf(whyNoBigquery() !== undefined)('BigQuery', () => {
  const begin = async () => {
    const proxy = await startProxy(bigqueryUrl())
    const started = await start('bigquery')
    started.setOutput({ api_endpoint: proxy.url })
    atTestEnd(() => proxy.close())
    return { ...started, proxy, url: proxy.url }
  }

  test('a token that is refused', async () => {
    const { project, proxy } = await begin()
    proxy.fault = () => ({ status: 401, reason: 'authError', message: 'Invalid Credentials' })
    const result = await project.run(['run'])
    expectOneError(result)
    expect(result.stderr).not.toContain('token-of-a-test')
    expect(told(result, project)).toMatchInlineSnapshot(`
      "exit 1
      Running with backhaul=<version>
      Error: Connecting to BigQuery, project backhaul-test: Google refuses the credentials
          Check key, token or refresh token of the target in profiles.yml; log in again."
    `)
  })

  test('a dataset of models that is not there', async () => {
    const { project, sandbox } = await begin()
    project.setSyncs([
      { ...contacts(), node: { relation_name: '`backhaul-test`.`no_such_dataset`.`people`' } },
    ])
    project.setResults()
    const result = await project.run(['run'])
    expectOneError(result)
    expect(sandbox.writeCalls()).toBe(0)
    expect(told(result, project)).toMatchInlineSnapshot(`
      "exit 1
      Running with backhaul=<version>
      Found 1 sync; target dev (BigQuery, project backhaul-test, location US), portal 4242424 (DEVELOPER_TEST)
      1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
      Error: models/schema.yml: sync contacts: \`backhaul-test\`.\`no_such_dataset\`.\`people\` does not exist in the warehouse
          Build it first: dbt build --select people
      Completed with 1 sync that failed
      Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
    `)
  })

  test('another location than the dataset has', async () => {
    const { project, setOutput, url } = await begin()
    setOutput({ api_endpoint: url, location: 'EU' })
    const result = await project.run(['run'])
    expectOneError(result)
    expect(told(result, project)).toMatchInlineSnapshot(`
      "exit 1
      Running with backhaul=<version>
      Found 1 sync; target dev (BigQuery, project backhaul-test, location EU), portal 4242424 (DEVELOPER_TEST)
      1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
        Running a statement: Not found: Dataset backhaul-test:<schema> was not found in location EU
          Check project and dataset in profiles.yml; and the location of the jobs (EU): it must be the dataset's. Set \`location:\` in profiles.yml.
      Completed with 1 sync that failed
      Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
    `)
  })

  test('maximum_bytes_billed that is too low from the start', async () => {
    const { project, sandbox, setOutput, url } = await begin()
    setOutput({ api_endpoint: url, maximum_bytes_billed: 1 })
    const result = await project.run(['run'])
    expectOneError(result)
    expect(told(result, project)).toMatchInlineSnapshot(`
      "exit 1
      Running with backhaul=<version>
      Found 1 sync; target dev (BigQuery, project backhaul-test, location US), portal 4242424 (DEVELOPER_TEST)
      1 of 1 ERROR sync contacts → contacts .......................................... [ERROR in <time>]
        Running a statement: Query exceeded limit for bytes billed: 1. 10485760 or higher required.
          Raise \`maximum_bytes_billed:\` in profiles.yml, or let fewer bytes be read.
      Completed with 1 sync that failed
      Done. OK=0 PARTIAL=0 ERROR=1 GUARDED=0 HELD=0 TOTAL=1"
    `)
    expect(sandbox.writeCalls()).toBe(0)
    setOutput({ api_endpoint: url })
    await expectNextRunFinishes(project, sandbox)
  })

  const troubles: Readonly<Record<string, BigqueryFault>> = {
    'a grant that was taken away': {
      status: 403,
      reason: 'accessDenied',
      message:
        'Access Denied: Table backhaul-test:shop.t: Permission bigquery.tables.updateData denied',
    },
    'maximum_bytes_billed that is reached': {
      status: 400,
      reason: 'bytesBilledLimitExceeded',
      message: 'Query exceeded limit for bytes billed: 1. 10485760 or higher required.',
    },
    'a connection that is lost': 'lost-request',
    'answers that are lost': 'lost-answer',
  }

  test.each(Object.entries(troubles))('%s in the middle of a run', async (_, trouble) => {
    const { project, sandbox, proxy } = await begin()
    proxy.fault = () => (sandbox.writeCalls() > 0 ? trouble : undefined)
    const result = await project.run(['run'])
    expect(sandbox.writeCalls()).toBeGreaterThan(0)
    expectOneError(result)
    expect(told(result, project)).toMatchSnapshot()
    proxy.fault = () => undefined
    await expectNextRunFinishes(project, sandbox)
  })
})
