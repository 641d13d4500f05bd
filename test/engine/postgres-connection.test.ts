import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WarehouseError } from '../../src/errors.ts'
import type { LogFields } from '../../src/log.ts'
import { silentLogger } from '../../src/log.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { raw, sql } from '../../src/warehouse/sql.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { quietOptions } from '../support/schemas.ts'
import { type TestPlace, testEngines, uniqueName } from '../support/warehouses.ts'

const engine = testEngines().find(({ name }) => name === 'postgres')

describe.skipIf(engine?.missing !== undefined)('connections to PostgreSQL', () => {
  let place: TestPlace
  let warehouse: Warehouse

  beforeAll(async () => {
    if (engine === undefined) throw new Error('no engine')
    place = await engine.create()
    warehouse = await place.open()
  })
  afterAll(() => place?.close())

  const openWith = (settings: Readonly<Record<string, unknown>>) =>
    openWarehouse(
      { ...place.connection, settings: { ...place.connection.settings, retries: 0, ...settings } },
      quietOptions(),
    )
  const failureOf = async (work: Promise<unknown>): Promise<WarehouseError> => {
    const failure = await work.catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(WarehouseError)
    return failure as WarehouseError
  }

  test('says that nothing listens', async () => {
    const failure = await failureOf(openWith({ port: 1 }))
    expect(failure).toMatchObject({ disposition: 'transient', code: 'ECONNREFUSED' })
    expect(failure.hint).toContain('Nothing listens')
  })

  test('says that the database does not exist', async () => {
    const failure = await failureOf(openWith({ dbname: 'no_such_database' }))
    expect(failure).toMatchObject({ disposition: 'terminal', code: '3D000' })
    expect(failure.hint).toContain('no_such_database')
  })

  test('says that the server speaks no TLS when the profile requires it', async () => {
    const failure = await failureOf(openWith({ sslmode: 'require' }))
    expect(failure.hint).toContain('sslmode')
  })

  test.each(['disable', 'allow', 'prefer'])('sslmode %s connects without TLS', async (sslmode) => {
    const session = await openWith({ sslmode })
    expect(await session.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
    await session.close()
  })

  test('names every key that is missing, and refuses an sslmode that does not exist', async () => {
    await expect(openWith({ host: '' })).rejects.toThrow(/no host/)
    await expect(openWith({ sslmode: 'maybe' })).rejects.toThrow(/sslmode/)
    await expect(openWith({ port: 'five' })).rejects.toThrow(/port/)
  })

  test('says which command asks, as far as PostgreSQL keeps it', async () => {
    for (const [command, name] of [
      ['run', 'backhaul 1.2.3 run 0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f'],
      ['validate-everything', 'backhaul 1.2.3 validate-everything 0a1b2c3d-0a1b-0a1b-0a1b-0a1b'],
    ] as const) {
      const session = await place.open({
        applicationName: 'backhaul 1.2.3',
        labels: { command, invocation: '0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f' },
      })
      expect(await session.query(sql`select current_setting('application_name') as name`)).toEqual([
        { name },
      ])
    }
  })

  test('takes role, search path and application name from the profile', async () => {
    const role = uniqueName('Role')
    await warehouse.execute(raw(`create role "${role}"`))
    const session = await openWith({
      role,
      search_path: `${place.schema}, public`,
      application_name: 'shop',
    })
    expect(
      await session.query(
        raw(
          "select current_user as who, current_setting('search_path') as path, current_setting('application_name') as name",
        ),
      ),
    ).toEqual([{ who: role, path: `${place.schema}, public`, name: 'shop' }])
    await session.close()
    await warehouse.execute(raw(`drop role "${role}"`))
  })

  test('a missing right names the grant', async () => {
    const role = uniqueName('guest')
    await warehouse.execute(raw(`create role ${role}`))
    await place.build('create table closed as select 1 as id')
    const session = await openWith({ role })
    const schema = await failureOf(session.query(raw(`select * from ${place.relation('closed')}`)))
    expect(schema.hint).toContain(
      `grant usage on schema "${place.schema}" to "${role}"; grant select`,
    )
    await warehouse.execute(raw(`grant usage on schema ${place.schema} to ${role}`))
    const table = await failureOf(session.query(raw(`select * from ${place.relation('closed')}`)))
    expect(table.hint).toContain(
      `grant select on all tables in schema "${place.schema}" to "${role}"`,
    )
    await session.close()
    await warehouse.execute(
      raw(`revoke all on schema ${place.schema} from ${role}; drop role ${role}`),
    )
  })

  test('columns of odd types have the family of what they are made of', async () => {
    await place.build(
      'create extension if not exists citext',
      "create type mood as enum ('sad', 'glad')",
      'create domain positive as integer check (value > 0)',
      'create domain feeling as mood',
      `create table odd (a mood, b positive, c feeling, d citext, e char(3), f numeric(10, 2), g int[], h mood[],
        i timestamp(3), j timestamptz(0), k varchar(5), l jsonb, m money, n "char", o bytea, p interval, q int4range)`,
    )
    const columns = await warehouse.columns(place.relation('odd'))
    expect(columns?.map(({ family }) => family)).toEqual([
      'text',
      'integer',
      'text',
      'text',
      'text',
      'decimal',
      'array',
      'array',
      'timestamp',
      'timestamptz',
      'text',
      'json',
      'other',
      'text',
      'binary',
      'other',
      'other',
    ])
    expect(columns?.[5]?.type).toBe('numeric(10,2)')
  })

  test('a connection that was lost between statements is made anew', async () => {
    const session = await place.open()
    const [row] = await session.query(raw('select pg_backend_pid() as pid'))
    await warehouse.query(sql`select pg_terminate_backend(${Number(row?.['pid'])})`)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await session.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
  })

  test('a connection that is lost inside a snapshot fails the snapshot as transient', async () => {
    const session = await place.open()
    const failure = await failureOf(
      session.withSnapshot(async () => {
        const [row] = await session.query(raw('select pg_backend_pid() as pid'))
        await warehouse.query(sql`select pg_terminate_backend(${Number(row?.['pid'])})`)
        await new Promise((resolve) => setTimeout(resolve, 100))
        await session.query(sql`select ${1} as one`)
      }),
    )
    expect(failure.disposition).toBe('transient')
    expect(await session.query(sql`select ${1} as one`)).toEqual([{ one: 1 }])
  })

  test('text that PostgreSQL cannot hold is stored with a replacement character', async () => {
    const table = place.table(uniqueName('nul'))
    const name = raw(`${place.schema}.${table.name}`)
    await warehouse.execute(sql`create table ${name} (n integer, t text)`)
    await warehouse.upload(table, ['n', 't'], [[1, 'a\0b']])
    await warehouse.execute(sql`insert into ${name} values (2, ${'\0'})`)
    expect(await warehouse.query(sql`select t from ${name} order by n`)).toEqual([
      { t: 'a\ufffdb' },
      { t: '\ufffd' },
    ])
  })

  test('logs SQL with placeholders, never a value', async () => {
    const lines: string[] = []
    const note = (message: string, fields?: LogFields) =>
      lines.push(`${message} ${JSON.stringify(fields)}`)
    const log = { ...silentLogger, debug: note, info: note, warn: note, error: note }
    const session = await place.open({ log })
    await session.query(sql`select ${'ada@example.com'} as email`)
    expect(lines.join()).toContain('select $1 as email')
    expect(lines.join()).not.toContain('ada@')
  })
})
