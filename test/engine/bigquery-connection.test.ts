import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { UserError, WarehouseError } from '../../src/errors.ts'
import { bigqueryDialect } from '../../src/warehouse/bigquery/dialect.ts'
import { tableName } from '../../src/warehouse/dialect.ts'
import { type OpenOptions, openWarehouse } from '../../src/warehouse/open.ts'
import { raw, sql } from '../../src/warehouse/sql.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { type RecordingProxy, startProxy } from '../support/bigquery/proxy.ts'
import { bigqueryProject, bigqueryUrl, whyNoBigquery } from '../support/bigquery.ts'
import { quietOptions } from '../support/schemas.ts'
import { type TestPlace, testEngines, uniqueName } from '../support/warehouses.ts'

const engine = testEngines().find(({ name }) => name === 'bigquery')

describe.skipIf(whyNoBigquery() !== undefined)('BigQuery', () => {
  let place: TestPlace
  let proxy: RecordingProxy

  beforeAll(async () => {
    if (engine === undefined) return
    place = await engine.create()
    proxy = await startProxy(bigqueryUrl())
  })
  afterAll(async () => {
    await proxy?.close()
    await place?.close()
  })
  beforeEach(() => {
    proxy.fault = () => undefined
    proxy.seen.length = 0
  })

  const open = (
    settings: Readonly<Record<string, unknown>> = {},
    options: Partial<OpenOptions> = {},
  ): Promise<Warehouse> =>
    openWarehouse(
      {
        ...place.connection,
        settings: { ...place.connection.settings, api_endpoint: proxy.url, ...settings },
      },
      { ...quietOptions(), ...options },
    )

  const failureOf = (work: Promise<unknown>): Promise<WarehouseError> =>
    work.then(
      () => expect.unreachable('it worked'),
      (error: WarehouseError) => {
        expect(error).toBeInstanceOf(WarehouseError)
        return error
      },
    )

  async function makeTable(columns = 'n int64') {
    const table = place.table(uniqueName('t'))
    const name = raw(tableName(bigqueryDialect, table))
    const warehouse = await place.open()
    await warehouse.execute(sql`create table ${name} (${raw(columns)})`)
    return { table, name, warehouse }
  }

  const isEntry = ({ method, path }: { method: string; path: string }) =>
    method === 'POST' && /\/jobs(\?|$)/.test(path)

  test('each job has labels, priority, location, limits and a zone', async () => {
    const { table } = await makeTable()
    const warehouse = await open(
      {
        priority: 'batch',
        location: 'US',
        maximum_bytes_billed: 10 ** 9,
        job_execution_timeout_seconds: 300,
        execution_project: 'payer-project',
      },
      { labels: { application: 'backhaul', target: 'Kontakte Süd' } },
    )
    await warehouse.withLabels({ run: '0199-ABC' }, async () => {
      await warehouse.query(sql`select ${1} as one`)
      await warehouse.upload(table, ['n'], [[1]])
    })
    const entries = proxy.seen.filter(isEntry)
    expect(entries.map(({ path }) => path.split('?')[0])).toEqual([
      '/projects/payer-project/jobs',
      '/projects/payer-project/jobs',
    ])
    const labels = { application: 'backhaul', target: 'kontakte_süd', run: '0199-abc' }
    const [query, load] = entries.map(
      ({ body }) => JSON.parse(/\{"configuration.*\}/.exec(body)?.[0] ?? '{}') as Job,
    )
    expect(query).toMatchObject({
      jobReference: { projectId: 'payer-project', location: 'US' },
      configuration: {
        labels,
        jobTimeoutMs: '300000',
        query: {
          priority: 'BATCH',
          maximumBytesBilled: '1000000000',
          connectionProperties: [{ key: 'time_zone', value: 'UTC' }],
          queryParameters: [{ parameterType: { type: 'INT64' }, parameterValue: { value: '1' } }],
        },
      },
    })
    expect(load).toMatchObject({
      jobReference: { location: 'US' },
      configuration: {
        labels,
        load: { destinationTable: { projectId: bigqueryProject, tableId: table.name } },
      },
    })
  })

  test("a location that the profile does not name is the dataset's", async () => {
    const warehouse = await open()
    await warehouse.query(sql`select 1 as one`)
    expect(warehouse.description).toContain('location US')
    expect(proxy.seen.filter(isEntry)[0]?.body).toContain('"location":"US"')
  })

  test('a dataset of ours lies where the jobs run', async () => {
    const warehouse = await open({ location: 'EU' })
    const name = uniqueName('elsewhere')
    await warehouse.execute(raw(`create schema \`${bigqueryProject}\`.\`${name}\``))
    const there = await open({ location: undefined, dataset: name })
    expect(there.description).toContain('location EU')
    await there.execute(raw(`drop schema \`${bigqueryProject}\`.\`${name}\` cascade`))
    expect(await there.hasSchema(name)).toBe(false)
  })

  test('a refused token says so, and nothing else', async () => {
    proxy.fault = () => ({
      status: 401,
      reason: 'authError',
      message: 'Invalid Credentials for token-of-a-test',
    })
    const error = await failureOf(open())
    expect(error).toMatchObject({ disposition: 'terminal', code: 'authError' })
    expect(error.message).toContain('Google refuses the credentials')
    expect(error.hint).toContain('profiles.yml')
    expect(JSON.stringify([error, error.message, String(error.cause)])).not.toContain('token-of-')
  })

  test('a refused refresh token says so', async () => {
    const google = await startProxy('http://127.0.0.1:9')
    google.fault = () => ({ status: 400, reason: 'invalid_grant', message: 'invalid_grant' })
    const error = await failureOf(
      open({
        token: '',
        refresh_token: 'refresh-secret',
        client_id: 'id',
        client_secret: 'client-secret',
        token_uri: `${google.url}/token`,
      }),
    )
    await google.close()
    expect(google.seen.map(({ path }) => path)).toContain('/token')
    expect(error.message).toContain('Google refuses the credentials')
    expect(JSON.stringify([error, String(error.cause)])).not.toContain('secret')
  })

  test('a key that is no key is told before anything is sent', async () => {
    const error = await failureOf(
      open({
        method: 'service-account-json',
        keyfile_json: {
          type: 'service_account',
          client_email: 'a@b',
          private_key: 'nonsense',
          project_id: bigqueryProject,
        },
      }),
    )
    expect(error.message).toContain('private key of the service account cannot be read')
    expect(proxy.seen).toEqual([])
  })

  test('a missing dataset is named', async () => {
    const warehouse = await open()
    const error = await failureOf(
      warehouse.query(raw(`select * from \`${bigqueryProject}\`.\`no_such\`.\`t\``)),
    )
    expect(error).toMatchObject({ disposition: 'terminal', code: 'notFound' })
    expect(error.message).toContain('no_such')
    expect(error.queryId).toMatch(/^backhaul_/)
  })

  test('a dataset in another location is told, with what to set', async () => {
    const { name } = await makeTable()
    const warehouse = await open({ location: 'EU' })
    const error = await failureOf(warehouse.query(sql`select * from ${name}`))
    expect(error.message).toContain('not found in location EU')
    expect(error.hint).toContain('location:')
    expect(error.disposition).toBe('terminal')
  })

  test('a statement that would bill more than maximum_bytes_billed does not run', async () => {
    const { table, name, warehouse: free } = await makeTable()
    await free.upload(table, ['n'], [[1], [2]])
    const warehouse = await open({ maximum_bytes_billed: 1000 })
    const error = await failureOf(warehouse.query(sql`select * from ${name}`))
    expect(error.message).toContain('limit for bytes billed: 1000')
    expect(error.hint).toContain('maximum_bytes_billed')
    expect(error.disposition).toBe('terminal')
  })

  test('what a query would bill is estimated, and what statements billed is counted', async () => {
    const { table, name, warehouse } = await makeTable()
    await warehouse.upload(table, ['n'], [[1], [2]])
    expect((await warehouse.estimate?.(sql`select * from ${name}`))?.bytes).toBeGreaterThan(0)
    const before = warehouse.usage()
    await warehouse.query(sql`select * from ${name}`)
    const { statements, bytesBilled = 0 } = warehouse.usage()
    expect(statements - before.statements).toBe(1)
    // BigQuery bills ten megabytes at least.
    expect(bytesBilled - (before.bytesBilled ?? 0)).toBeGreaterThanOrEqual(10 * 2 ** 20)
  })

  test('a connection that drops in mid-stream costs a repeat of the page, no row', async () => {
    const warehouse = await open()
    let pages = 0
    proxy.fault = ({ path }) =>
      /\/queries\/.*pageToken/.test(path) && ++pages === 2 ? 'lost-answer' : undefined
    let rows = 0
    const numbers = sql`select i from ${raw(engine?.series(20_000) ?? '')} order by i`
    for await (const page of warehouse.stream(numbers)) {
      for (const row of page) expect(row['i']).toBe(++rows)
    }
    expect(rows).toBe(20_000)
    expect(pages).toBeGreaterThan(2)
  })

  test('a connection that stays away ends the stream with one clear error, and the session goes on', async () => {
    const warehouse = await open()
    proxy.fault = ({ path }) => (/pageToken/.test(path) ? 'lost-request' : undefined)
    const read = async () => {
      for await (const _ of warehouse.stream(
        sql`select i from ${raw(engine?.series(20_000) ?? '')}`,
      )) {
        // until it breaks
      }
    }
    const error = await failureOf(read())
    expect(error).toMatchObject({ disposition: 'transient' })
    expect(error.message).toContain('the connection was lost')
    expect(await warehouse.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
  })

  test('a lost answer to a statement repeats the request, not the statement', async () => {
    const { table, name, warehouse: plain } = await makeTable()
    const warehouse = await open()
    let lost = 0
    proxy.fault = (request) => (isEntry(request) && lost++ === 0 ? 'lost-answer' : undefined)
    expect(await warehouse.execute(sql`insert into ${name} (n) values (${1})`)).toBe(1)
    lost = 0
    await warehouse.upload(table, ['n'], [[2]])
    expect(await plain.query(sql`select n from ${name} order by n`)).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('a rate limit is waited out', async () => {
    const warehouse = await open()
    let refused = 0
    proxy.fault = (request) =>
      isEntry(request) && refused++ < 2
        ? { status: 403, reason: 'rateLimitExceeded', message: 'Exceeded rate limits' }
        : undefined
    expect(await warehouse.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
    expect(refused).toBe(3)
  })

  test('a missing grant names it', async () => {
    const warehouse = await open()
    proxy.fault = (request) =>
      isEntry(request)
        ? {
            status: 403,
            reason: 'accessDenied',
            message: `Access Denied: Project ${bigqueryProject}: User does not have bigquery.jobs.create permission in project ${bigqueryProject}.`,
          }
        : undefined
    const error = await failureOf(warehouse.query(sql`select 1 as one`))
    expect(error.hint).toContain(`roles/bigquery.jobUser on project ${bigqueryProject}`)
  })

  test('transactions that meet are tried again until each has happened once', async () => {
    const { table, name, warehouse } = await makeTable('id int64, n int64')
    await warehouse.upload(table, ['id', 'n'], [[1, 0]])
    const rivals = await Promise.all(Array.from({ length: 4 }, () => open()))
    await Promise.all(
      rivals.map((rival) =>
        rival.transaction([
          sql`update ${name} set n = n + 1 where id = ${1}`,
          sql`update ${name} set n = n + 1 where id = ${1}`,
        ]),
      ),
    )
    expect(await warehouse.query(sql`select n from ${name}`)).toEqual([{ n: 8 }])
  })

  test('sessions beside each other make, change and drop tables of their own', async () => {
    const work = async () => {
      const { name, table, warehouse } = await makeTable('n int64, j json')
      await warehouse.execute(sql`alter table ${name} add column t string`)
      await warehouse.execute(sql`create or replace table ${name} as select 1 as n, 'a' as t`)
      const columns = await warehouse.columns(tableName(bigqueryDialect, table))
      await warehouse.execute(sql`drop table ${name}`)
      return columns?.map((column) => column.name)
    }
    for (let round = 0; round < 5; round++) {
      const made = await Promise.all(Array.from({ length: 8 }, work))
      expect(made).toEqual(made.map(() => ['n', 't']))
    }
  })

  test('statements that BigQuery would not take are refused with what to do', async () => {
    const warehouse = await open()
    const long = sql`select ${raw(`'${'x'.repeat(2 ** 20)}'`)} as x`
    expect((await failureOf(warehouse.query(long))).hint).toContain('Map fewer properties')
    expect(proxy.seen.filter(isEntry)).toEqual([])
  })

  test.each([
    [{ method: 'carrier-pigeon' }, /method .* none of oauth/],
    [{ priority: 'urgent' }, /priority .* neither interactive nor batch/],
    [{ token: '' }, /neither token nor refresh_token/],
    [{ method: 'service-account', keyfile: 'no-such.json' }, /Cannot read keyfile/],
    [{ method: 'service-account-json', keyfile_json: 'bm8ganNvbg==' }, /keyfile_json .* no JSON/],
  ])('a profile with %o is refused', async (settings, message) => {
    await expect(open(settings)).rejects.toThrow(UserError)
    await expect(open(settings)).rejects.toThrow(message)
  })
})

interface Job {
  readonly jobReference: object
  readonly configuration: object
}
