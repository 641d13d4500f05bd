import { existsSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WarehouseError } from '../../src/errors.ts'
import { type LogFields, silentLogger } from '../../src/log.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { raw, sql } from '../../src/warehouse/sql.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { quietOptions } from '../support/schemas.ts'
import { askSnowflake, type Fault } from '../support/snowflake.ts'
import { type TestPlace, testEngines, uniqueName } from '../support/warehouses.ts'

const engine = testEngines().find(({ name }) => name === 'snowflake')

describe.skipIf(engine?.missing !== undefined)('connections to Snowflake', () => {
  let place: TestPlace
  let warehouse: Warehouse

  beforeAll(async () => {
    if (engine === undefined) throw new Error('no engine')
    place = await engine.create()
    warehouse = await place.open()
  })
  afterEach(() => ask('faults'))
  afterAll(() => place?.close())

  const ask = (name: string, body: object = {}) =>
    askSnowflake(place.connection.settings['database'], name, body)
  const openWith = (settings: Readonly<Record<string, unknown>>) =>
    openWarehouse(
      { ...place.connection, settings: { ...place.connection.settings, ...settings } },
      quietOptions(),
    )
  const failureOf = async (work: Promise<unknown>): Promise<WarehouseError> => {
    const failure = await work.catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(WarehouseError)
    return failure as WarehouseError
  }
  const plan = (...faults: readonly Fault[]) => ask('faults', { faults })

  /** A table with one column of whole numbers. */
  async function makeTable() {
    const table = place.table(uniqueName('n'))
    const name = raw(`${place.schema}.${table.name}`)
    await warehouse.execute(sql`create table ${name} (n number(38, 0))`)
    return { table, name }
  }
  const countOf = async (name: ReturnType<typeof raw>) =>
    (await warehouse.query(sql`select count(*) as total from ${name}`))[0]?.['total']

  test('statements are tagged with the labels of the work that they are part of', async () => {
    const session = await place.open({ labels: { command: 'run' } })
    await ask('queries')
    const query = () => session.query(sql`select ${1} as one`)
    await session.withLabels({ run: '0199' }, query)
    await query()
    const { queries } = (await ask('queries')) as { queries: readonly { parameters: object }[] }
    expect(queries.map(({ parameters }) => parameters)).toEqual([
      { QUERY_TAG: '{"command":"run","run":"0199"}' },
      { QUERY_TAG: '{"command":"run"}' },
    ])
  })

  test('says that the password is wrong, and never which one', async () => {
    const failure = await failureOf(openWith({ password: 'wrong-secret' }))
    expect(failure).toMatchObject({ disposition: 'terminal', code: '390100' })
    expect(failure.message).toContain('Incorrect username or password')
    expect(failure.hint).toContain('profiles.yml')
    expect(`${failure.message}${failure.hint}${JSON.stringify(failure)}`).not.toContain('wrong-')
  })

  test('says that nothing listens', async () => {
    const failure = await failureOf(openWith({ port: 1 }))
    expect(failure.disposition).toBe('transient')
    expect(failure.hint).toContain('127.0.0.1')
  })

  test.each([
    ['database', 'NO_SUCH_DATABASE'],
    ['schema', 'NO_SUCH_SCHEMA'],
    ['warehouse', 'NO_SUCH_WAREHOUSE'],
  ])('says that the %s does not exist', async (key, name) => {
    const failure = await failureOf(openWith({ [key]: name }))
    expect(failure.disposition).toBe('terminal')
    expect(`${failure.message} ${failure.hint}`).toContain(name)
  })

  test('names every key that is missing', async () => {
    await expect(openWith({ account: '' })).rejects.toThrow(/no account/)
    await expect(openWith({ database: '' })).rejects.toThrow(/no database/)
    await expect(openWith({ port: 'five' })).rejects.toThrow(/port/)
  })

  test('a missing right names the grant', async () => {
    await plan({
      sql: 'from closed',
      code: '003001',
      state: '42501',
      message: "SQL access control error:\nInsufficient privileges to operate on table 'CLOSED'",
    })
    const failure = await failureOf(warehouse.query(raw('select * from closed')))
    expect(failure).toMatchObject({ disposition: 'terminal', code: '003001' })
    expect(failure.hint).toBe('Ask an owner to run: grant select on table CLOSED to role REPORTER;')
  })

  test('a missing right to write names all that writing takes', async () => {
    const table = place.table('CLOSED')
    await plan({
      sql: 'insert into \\S*CLOSED',
      code: '003001',
      state: '42501',
      message: "SQL access control error:\nInsufficient privileges to operate on table 'CLOSED'",
    })
    const failure = await failureOf(warehouse.upload(table, ['n'], [[1]]))
    expect(failure.hint).toBe(
      'Ask an owner to run: grant select, insert, update, delete on table CLOSED to role REPORTER;',
    )
  })

  test('a suspended warehouse says how to wake it', async () => {
    await plan({
      sql: 'from asleep',
      code: '000606',
      state: '57P03',
      message: 'No active warehouse selected in the current session.  Select an active warehouse.',
    })
    const failure = await failureOf(warehouse.query(raw('select * from asleep')))
    expect(failure.disposition).toBe('terminal')
    expect(failure.hint).toContain('alter warehouse SMALL resume;')
    expect(failure.queryId).toBeTypeOf('string')
  })

  test('a relation that is not there says that it may be a missing right', async () => {
    const failure = await failureOf(warehouse.query(raw('select * from nowhere')))
    expect(failure).toMatchObject({ disposition: 'terminal', code: '002003' })
    expect(failure.hint).toContain('REPORTER may not see it')
  })

  test('a statement that is too long says what to do', async () => {
    await plan({
      sql: 'from long',
      code: '001795',
      state: '42601',
      message: 'SQL compilation error: maximum number of expressions in a list exceeded',
    })
    const failure = await failureOf(warehouse.query(raw('select * from long')))
    expect(failure.hint).toContain('fewer properties')
  })

  test('a column whose name the driver cannot read says to rename it', async () => {
    await place.build('create table odd_names (id integer, "valueOf" text)')
    const failure = await failureOf(warehouse.columns(place.relation('odd_names')))
    expect(failure.message).toContain('Reading the columns of')
    expect(failure.hint).toContain('constructor, valueOf')
  })

  test('an expired session token is renewed without notice, also within a transaction', async () => {
    const { name } = await makeTable()
    await ask('expire')
    expect(await warehouse.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
    const slow = sql`insert into ${name} select 1 as n`
    await plan({ sql: 'select 1 as n', delay: 1 })
    const running = warehouse.transaction([slow, sql`insert into ${name} values (2)`])
    await new Promise((resolve) => setTimeout(resolve, 500))
    await ask('expire')
    await running
    expect(await countOf(name)).toBe(2)
  })

  test('a session that ended for good fails one statement as transient, and is made anew', async () => {
    const session = await place.open()
    await ask('expire', { master: true })
    const failure = await failureOf(session.query(sql`select ${1} as one`))
    expect(failure.disposition).toBe('transient')
    expect(await session.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
    warehouse = await place.open()
  })

  test('a session that ends inside of a transaction fails all of it', async () => {
    const { name } = await makeTable()
    const session = await place.open()
    await plan({ sql: 'select 7 as n', delay: 1 })
    const running = session.transaction([
      sql`insert into ${name} select 7 as n`,
      sql`insert into ${name} values (2)`,
    ])
    await new Promise((resolve) => setTimeout(resolve, 500))
    await ask('expire', { master: true })
    expect((await failureOf(running)).disposition).toBe('transient')
    warehouse = await place.open()
    expect(await countOf(name)).toBe(0)
  })

  test('a statement whose answer is lost runs once', async () => {
    const { name } = await makeTable()
    await plan({ sql: 'values \\(41\\)', drop: true })
    expect(await warehouse.execute(sql`insert into ${name} values (41)`)).toBe(1)
    expect(await countOf(name)).toBe(1)
  })

  test('a connection that stays down is a transient error', async () => {
    await ask('faults', { faults: [{ sql: 'select 5', drop: true }], refuse: 20 })
    const failure = await failureOf(warehouse.query(raw('select 5 as n')))
    expect(failure).toMatchObject({ disposition: 'transient' })
    expect(failure.message).toContain('was lost')
    await ask('faults')
    expect(await warehouse.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
  }, 180_000)

  const manyRows = () =>
    warehouse.stream(raw(`select i from ${engine?.series(100_000)} order by i`))
  const readAll = async () => {
    let expected = 0
    for await (const chunk of manyRows()) {
      for (const row of chunk) if (row['i'] === expected + 1) expected++
    }
    return expected
  }

  test('a chunk of a large result that is lost is fetched again', async () => {
    await ask('faults', { chunks: { 3: 1 } })
    expect(await readAll()).toBe(100_000)
  })

  test('a connection that is lost in the middle of a large result is a transient error', async () => {
    await ask('faults', { chunks: { 3: 1000 } })
    const failure = await failureOf(readAll())
    expect(failure.disposition).toBe('transient')
    await ask('faults')
    expect(await warehouse.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
  }, 180_000)

  test('a session that expires in the middle of a large result does not disturb it', async () => {
    let rows = 0
    for await (const chunk of manyRows()) {
      if (rows === 0) await ask('expire')
      rows += chunk.length
    }
    expect(rows).toBe(100_000)
  })

  test('a statement that runs longer than a request is waited for', async () => {
    await plan({ sql: 'select 8', delay: 4 })
    expect(await warehouse.query(raw('select 8 as n'))).toEqual([{ n: 8 }])
  })

  test('a transaction that meets a lock is tried again', async () => {
    const { name } = await makeTable()
    await plan({ sql: 'values \\(3\\)', code: '000625', state: '57014', message: 'locked' })
    await warehouse.transaction([
      sql`insert into ${name} values (1)`,
      sql`insert into ${name} values (3)`,
    ])
    expect(await countOf(name)).toBe(2)
  })

  test('results are uploaded inline, without a stage', async () => {
    const { table, name } = await makeTable()
    await ask('queries')
    await warehouse.upload(
      table,
      ['n'],
      Array.from({ length: 130_000 }, (_, index) => [index]),
    )
    expect(await countOf(name)).toBe(130_000)
    const { queries } = (await ask('queries')) as { queries: { sql: string }[] }
    const statements = queries.map((query) => query.sql.split(' ')[0])
    expect(statements).toEqual(['begin', 'insert', 'insert', 'insert', 'commit', 'select'])
  })

  test('logs SQL with placeholders, never a value; the SDK writes no file', async () => {
    const lines: string[] = []
    const note = (message: string, fields?: LogFields) =>
      lines.push(`${message} ${JSON.stringify(fields)}`)
    const log = { ...silentLogger, debug: note, info: note, warn: note, error: note }
    const session = await place.open({ log })
    await session.query(sql`select ${'ada@example.com'} as email`)
    expect(lines.join()).toContain('select ? as email')
    expect(lines.join()).not.toContain('ada@')
    expect(existsSync('snowflake.log')).toBe(false)
  })
})
