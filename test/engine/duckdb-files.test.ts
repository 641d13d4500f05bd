import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UserError, WarehouseError } from '../../src/errors.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { raw } from '../../src/warehouse/sql.ts'
import { quietOptions } from '../support/schemas.ts'
import { type TestPlace, testEngines } from '../support/warehouses.ts'

const engine = testEngines().find(({ name }) => name === 'duckdb')
const children: ChildProcess[] = []

/** Opens a file in a process of its own, as dbt would, and keeps it open until it is told to end. */
async function openElsewhere(
  file: string,
  statement = 'select 1',
): Promise<ChildProcess & { text: string }> {
  const script = `const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(process.argv[1])
    const session = await instance.connect()
    await session.run(process.argv[2])
    console.log('open')
    process.stdin.resume().on('end', () => { session.closeSync(); instance.closeSync() })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, file, statement], {
    cwd: import.meta.dirname,
  })
  children.push(child)
  let text = ''
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  return Object.assign(child, { text })
}

async function end(child: ChildProcess): Promise<void> {
  child.stdin?.end()
  if (child.exitCode === null) await once(child, 'exit')
}

/** Rewrites the version in the header of a DuckDB file: a checksum, four letters, the version, …. */
function setStorageVersion(path: string, version: number): void {
  const file = openSync(path, 'r+')
  const header = Buffer.alloc(16)
  readSync(file, header, 0, 16, 0)
  // The checksum is the exclusive or of all words, each multiplied by this.
  const mixed = (word: bigint) => BigInt.asUintN(64, word * 0xbf58476d1ce4e5b9n)
  const before = mixed(header.readBigUInt64LE(8))
  header.writeUInt32LE(version, 12)
  const after = mixed(header.readBigUInt64LE(8))
  header.writeBigUInt64LE(header.readBigUInt64LE(0) ^ before ^ after, 0)
  writeSync(file, header, 0, 16, 0)
  closeSync(file)
}

describe('files of DuckDB', () => {
  let place: TestPlace
  const userFile = () => join(place.connection.projectDir, 'shop.duckdb')
  const stateFile = () => join(place.connection.projectDir, 'shop_backhaul.duckdb')

  beforeEach(async () => {
    if (engine === undefined) throw new Error('no engine')
    place = await engine.create()
    await place.build('create table model as select 1 as id')
  })
  afterEach(async () => {
    for (const child of children.splice(0)) await end(child)
    await place.close()
  })

  test('another process can write the file while we are outside of a snapshot', async () => {
    const warehouse = await place.open()
    await warehouse.withSnapshot(() =>
      warehouse.query(raw(`select * from ${place.relation('model')}`)),
    )
    await warehouse.columns(place.relation('model'))
    const dbt = await openElsewhere(userFile(), 'insert into model values (2)')
    expect(dbt.exitCode).toBeNull()
    await end(dbt)
    const rows = await warehouse.withSnapshot(() =>
      warehouse.query(raw(`select id from ${place.relation('model')} order by id`)),
    )
    expect(rows).toEqual([{ id: 1 }, { id: 2 }])
  })

  test('two snapshots at once share the file, and the last one lets go of it', async () => {
    const first = await place.open()
    const second = await first.fork()
    const read = raw(`select id from ${place.relation('model')}`)
    await first.withSnapshot(async () => {
      await second.withSnapshot(() => second.query(read))
      expect(await first.query(read)).toEqual([{ id: 1 }])
    })
    const dbt = await openElsewhere(userFile())
    expect(dbt.exitCode).toBeNull()
    await second.close()
  })

  test('the file is out of reach outside of a snapshot', async () => {
    const warehouse = await place.open()
    await expect(warehouse.query(raw(`select * from ${place.relation('model')}`))).rejects.toThrow(
      WarehouseError,
    )
  })

  test('a snapshot cannot write the user’s file', async () => {
    const warehouse = await place.open()
    await expect(
      warehouse.withSnapshot(() =>
        warehouse.execute(raw(`delete from ${place.relation('model')}`)),
      ),
    ).rejects.toThrow(WarehouseError)
  })

  test('a snapshot waits for the process that has the file', async () => {
    const warehouse = await place.open()
    const dbt = await openElsewhere(userFile())
    const done = warehouse.withSnapshot(() =>
      warehouse.query(raw(`select id from ${place.relation('model')}`)),
    )
    setTimeout(() => void end(dbt), 700)
    expect(await done).toEqual([{ id: 1 }])
  })

  test('it names the process that does not let go, and what to do', async () => {
    const warehouse = await place.open()
    const dbt = await openElsewhere(userFile())
    const failure = await warehouse.withSnapshot(async () => {}).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(WarehouseError)
    expect(failure).toMatchObject({ disposition: 'transient' })
    expect((failure as WarehouseError).hint).toContain(`process ${dbt.pid}`)
  })

  test('a second process that runs Backhaul is told who holds the state', async () => {
    const dir = place.connection.projectDir
    await end(await openElsewhere(join(dir, 'other.duckdb')))
    const other = await openElsewhere(join(dir, 'other_backhaul.duckdb'))
    const connection = { ...place.connection, settings: { path: 'other.duckdb' } }
    const failure = await openWarehouse(connection, quietOptions()).catch((error: unknown) => error)
    expect((failure as WarehouseError).hint).toContain(`process ${other.pid}`)
  })

  test('the state is a file beside; sessions of one process share it', async () => {
    const first = await place.open()
    const second = await place.open()
    await first.execute(
      raw(
        `create table ${first.dialect.quote(String(first.stateDatabase))}.main.t as select 1 as id`,
      ),
    )
    expect(await second.query(raw('select id from main.t'))).toEqual([{ id: 1 }])
    expect(existsSync(stateFile())).toBe(true)
    expect(first.stateDatabase).toBe('shop_backhaul')
  })

  test('our own file in the profile’s attach list is left out; others are attached, if they are there', async () => {
    const dir = place.connection.projectDir
    await end(await openElsewhere(join(dir, 'other.duckdb')))
    await end(await openElsewhere(join(dir, 'extra.duckdb'), 'create table t as select 7 as n'))
    const attach = [
      { path: 'other_backhaul.duckdb', alias: 'backhaul' },
      { path: 'extra.duckdb', alias: 'Ex tra' },
      { path: 'absent.duckdb' },
    ]
    const connection = { ...place.connection, settings: { path: 'other.duckdb', attach } }
    const warehouse = await openWarehouse(connection, quietOptions())
    try {
      const read = () => warehouse.query(raw('select n from "Ex tra".main.t'))
      expect(await warehouse.withSnapshot(read)).toEqual([{ n: 7 }])
    } finally {
      await warehouse.close()
    }
  })

  test('names of files that hurt are fine', async () => {
    const dir = await mkdtemp(join(tmpdir(), "backhaul it's "))
    const made = await openElsewhere(
      join(dir, 'my-db "x" é.db'),
      'create table model as select 1 as id',
    )
    await end(made)
    const warehouse = await openWarehouse(
      { type: 'duckdb', settings: { path: 'my-db "x" é.db' }, projectDir: dir },
      quietOptions(),
    )
    try {
      const rows = await warehouse.withSnapshot(() =>
        warehouse.query(raw('select id from "my-db ""x"" é".main.model')),
      )
      expect(rows).toEqual([{ id: 1 }])
    } finally {
      await warehouse.close()
      await rm(dir, { recursive: true })
    }
  })

  test.each([
    [':memory:', UserError, /in memory/],
    ['duckdb::memory:', UserError, /in memory/],
    ['md:shop', UserError, /not a local file/],
    ['motherduck:shop?token=secret', UserError, /not a local file/],
    ['ducklake:meta.ducklake', UserError, /not a local file/],
    ['s3://bucket/shop.duckdb', UserError, /not a local file/],
    ['absent.duckdb', WarehouseError, /does not exist/],
  ])('path %s is refused', async (path, type, message) => {
    const opening = openWarehouse({ ...place.connection, settings: { path } }, quietOptions())
    const failure = await opening.catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(type)
    expect(String(failure)).toMatch(message)
    expect(String(failure)).not.toContain('secret')
    if (failure instanceof WarehouseError) expect(failure.hint).toContain('dbt build')
    expect(existsSync(join(place.connection.projectDir, 'absent_backhaul.duckdb'))).toBe(false)
  })

  test('a file made by a newer DuckDB is explained', async () => {
    const warehouse = await place.open()
    setStorageVersion(userFile(), 69)
    const failure = await warehouse.withSnapshot(async () => {}).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(WarehouseError)
    expect((failure as WarehouseError).hint).toContain("pip install 'duckdb<2'")
  })
})
