import { randomUUID } from 'node:crypto'
import snowflake, { type Connection, type RowStatement } from 'snowflake-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { snowflakeSettings, whyNoSnowflake } from '../support/snowflake.ts'
import { uniqueName } from '../support/warehouses.ts'

// The SDK as anyone would use it, without anything of ours: what the server under test has to understand.
describe.skipIf(whyNoSnowflake() !== undefined)('the Snowflake under test', () => {
  const opened: Connection[] = []
  const database = uniqueName('WIRE').toUpperCase()
  let connection: Connection

  const connect = async () => {
    const { host, port, protocol, user, password } = snowflakeSettings(database, 'PUBLIC')
    const options = {
      account: 'test',
      accessUrl: `${protocol}://${host}:${port}`,
      username: String(user),
      password: String(password),
      database,
      schema: 'PUBLIC',
    }
    const made = snowflake.createConnection(options)
    await new Promise<void>((resolve, reject) =>
      made.connect((error) => (error ? reject(error) : resolve())),
    )
    opened.push(made)
    return made
  }
  const run = (sqlText: string, binds: readonly (string | number | boolean | null)[] = []) =>
    new Promise<{ statement: RowStatement; rows: Record<string, unknown>[] }>((resolve, reject) =>
      connection.execute({
        sqlText,
        binds: [...binds],
        complete: (error, statement, rows) =>
          error ? reject(error) : resolve({ statement, rows: rows ?? [] }),
      }),
    )

  beforeAll(async () => {
    snowflake.configure({ logLevel: 'OFF', additionalLogToConsole: false })
    connection = await connect()
  })
  afterAll(async () => {
    for (const made of opened) await new Promise<void>((resolve) => made.destroy(() => resolve()))
  })

  test('sends each type as the SDK expects it', async () => {
    const { rows } =
      await run(`select 1 as n, 1.50::number(10, 2) as d, 0.5::float as f, true as b, 'é' as t, null as nothing,
      '2024-02-29'::date as day, '1969-12-31 23:59:59.5'::timestamp_ntz as moment, to_binary('DEAD', 'HEX') as bytes`)
    const [row] = rows
    expect(row).toMatchObject({ N: 1, D: 1.5, F: 0.5, B: true, T: 'é', NOTHING: null })
    const { DAY, MOMENT, BYTES } = row ?? {}
    expect([DAY, MOMENT].map((value) => new Date(value as Date).toISOString())).toEqual([
      '2024-02-29T00:00:00.000Z',
      '1969-12-31T23:59:59.500Z',
    ])
    expect(Buffer.from(BYTES as Buffer).toString('hex')).toBe('dead')
  })

  test('binds parameters where they stand, also those of a WITH after those of its SELECT', async () => {
    const { rows } = await run('with w as (select ? as a) select a, ? as b, ? as c from w', [
      'first',
      2,
      false,
    ])
    expect(rows).toEqual([{ A: 'first', B: 2, C: false }])
  })

  test('counts rows of DML, and describes without running', async () => {
    await run('create table counted (a number(10, 2), b array, c variant)')
    const { statement } = await run('insert into counted (a) values (1), (2)')
    expect(statement.getNumUpdatedRows()).toBe(2)
    const described = await new Promise<RowStatement>((resolve, reject) =>
      connection.execute({
        sqlText: 'select * from counted',
        describeOnly: true,
        complete: (error, done) => (error ? reject(error) : resolve(done)),
      }),
    )
    expect(
      described
        .getColumns()
        ?.map((column) => [column.getName(), column.getType(), column.getScale()]),
    ).toEqual([
      ['A', 'fixed', 2],
      ['B', 'array', null],
      ['C', 'variant', null],
    ])
  })

  test('splits a large result into chunks', async () => {
    const { rows } = await run(
      'select row_number() over (order by seq4()) as n from table(generator(rowcount => 12345))',
    )
    expect(rows).toHaveLength(12_345)
    expect(rows.at(-1)).toEqual({ N: 12_345 })
  })

  test('keeps the temporary tables and transactions of sessions apart', async () => {
    await run('create temporary table mine as select 1 as n')
    await run('create table shared (n number(38, 0))')
    await run('begin')
    await run('insert into shared values (1)')
    const first = connection
    connection = await connect()
    await expect(run('select * from mine')).rejects.toMatchObject({ code: '002003' })
    expect((await run('select * from shared')).rows).toEqual([])
    connection = first
    await run('commit')
    expect((await run('select * from shared')).rows).toEqual([{ N: 1 }])
  })

  test('answers errors with code, state and query id', async () => {
    await expect(run('select * from nowhere')).rejects.toMatchObject({
      code: '002003',
      sqlState: '42S02',
      data: { queryId: expect.any(String) },
    })
    await expect(run('selec 1')).rejects.toMatchObject({ code: '001003', sqlState: '42000' })
  })

  test('answers the repeat of a request with what the first did, however many statements came in between', async () => {
    const insert = (requestId: string) =>
      new Promise<void>((resolve, reject) =>
        connection.execute({
          sqlText: 'insert into repeated values (1)',
          requestId,
          complete: (error) => (error ? reject(error) : resolve()),
        }),
      )
    const requestId = randomUUID()
    await run('create table repeated (n integer)')
    await insert(requestId)
    for (let count = 0; count < 250; count++) await run('select 1')
    await insert(requestId)
    const { rows } = await run('select count(*) as total from repeated')
    expect(rows).toEqual([{ TOTAL: 1 }])
  })
})
