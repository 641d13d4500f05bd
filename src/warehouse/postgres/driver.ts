import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import copyStreams from 'pg-copy-streams'
import Cursor from 'pg-cursor'
import { WarehouseError } from '../../errors.ts'
import { type Column, type TableRef, tableName } from '../dialect.ts'
import { Meter } from '../meter.ts'
import type { OpenOptions } from '../open.ts'
import type { Value } from '../sql.ts'
import { raw, type Sql, type Statement, sql } from '../sql.ts'
import { Turns } from '../turns.ts'
import type { Connection, Labels, Row, Usage, Warehouse } from '../warehouse.ts'
import { readColumns } from './columns.ts'
import { connect, readTarget, type Target } from './connect.ts'
import { copyText } from './copy-text.ts'
import { postgresDialect } from './dialect.ts'
import { ownSchemaHint, postgresError } from './errors.ts'
import { storable, valueTypes } from './values.ts'

/** Rows per round trip of a stream: smaller is slower, larger only takes memory. */
const streamRows = 2000

/** Connects to PostgreSQL with the keys of a dbt-postgres profile. */
export async function openPostgres(
  connection: Connection,
  options: OpenOptions,
): Promise<Warehouse> {
  const target = await readTarget(connection, options)
  const client = await connect(target, options.signal)
  const answer = await client.query<{ server_version: string }>('show server_version')
  return new PostgresWarehouse(target, options, client, answer.rows[0]?.server_version ?? '')
}

class PostgresWarehouse implements Warehouse {
  readonly dialect = postgresDialect
  readonly stateDatabase = undefined
  readonly description: string
  readonly #target: Target
  readonly #options: OpenOptions
  readonly #version: string
  readonly #meter: Meter
  readonly #turns = new Turns()
  readonly #cancel = () => void this.#cancelRunning()
  #client: pg.Client
  #isLost = false
  #isClosed = false
  #isInSnapshot = false
  #isRunning = false

  constructor(
    target: Target,
    options: OpenOptions,
    client: pg.Client,
    version: string,
    meter = new Meter(),
  ) {
    const { host, port, database, user } = target.place
    this.description = `PostgreSQL ${version}, ${database} at ${host}:${port} as ${user}`
    this.#target = target
    this.#options = options
    this.#version = version
    this.#meter = meter
    this.#client = this.#watch(client)
    options.signal.addEventListener('abort', this.#cancel)
  }

  query(statement: Sql): Promise<readonly Row[]> {
    return this.#turns.take(async () => {
      const result = await this.#run(statement)
      return result.rows as Row[]
    })
  }

  async *stream(statement: Sql): AsyncIterable<readonly Row[]> {
    const giveBack = await this.#turns.takeForStream()
    const { sql, bindings } = this.#compile(statement)
    let cursor: Cursor<Row> | undefined
    try {
      const client = await this.#connected()
      const open = client.query(new Cursor<Row>(sql, bindings.map(storable), { types: valueTypes }))
      cursor = open
      for (;;) {
        const rows = await this.#guarded('Reading a result', sql, () => open.read(streamRows))
        if (rows.length > 0) yield rows
        if (rows.length < streamRows) return
      }
    } finally {
      await cursor?.close().catch(() => undefined)
      giveBack()
    }
  }

  execute(statement: Sql): Promise<number> {
    return this.#turns.take(async () => (await this.#run(statement)).rowCount ?? 0)
  }

  transaction(statements: readonly Sql[]): Promise<void> {
    return this.#turns.take(() =>
      this.#atomically(async () => {
        for (const statement of statements) await this.#run(statement)
      }),
    )
  }

  upload(
    table: TableRef,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
  ): Promise<void> {
    if (rows.length === 0) return Promise.resolve()
    const names = columns.join(', ')
    const sql = `copy ${tableName(this.dialect, table)} (${names}) from stdin`
    return this.#turns.take(async () => {
      const client = await this.#connected()
      this.#options.log.debug('copy', { sql, rows: rows.length })
      this.#meter.count()
      await this.#guarded(`Uploading to ${table.name}`, sql, () =>
        pipeline(Readable.from(copyText(rows)), client.query(copyStreams.from(sql))),
      )
    })
  }

  columns(relationName: string): Promise<readonly Column[] | undefined> {
    return this.#turns.take(async () => {
      const client = await this.#connected()
      this.#meter.count()
      return this.#guarded(`Reading the columns of ${relationName}`, relationName, () =>
        readColumns(client, relationName),
      )
    })
  }

  async hasSchema(name: string): Promise<boolean> {
    const found = await this.query(
      sql`select count(*) as total from pg_namespace where nspname = ${name}`,
    )
    return Number(found[0]?.['total']) > 0
  }

  ownSchemaHint(code: string | undefined, schema: string, isThere: boolean): string | undefined {
    return ownSchemaHint(code, this.#target.place, schema, isThere)
  }

  async withSnapshot<T>(work: () => Promise<T>): Promise<T> {
    await this.#turns.take(async () => {
      await this.#command('begin isolation level repeatable read')
      this.#isInSnapshot = true
    })
    try {
      const result = await work()
      await this.#turns.take(() => this.#command('commit'))
      return result
    } catch (error) {
      await this.#turns.take(() => this.#command('rollback')).catch(() => undefined)
      throw error
    } finally {
      this.#isInSnapshot = false
    }
  }

  withLabels<T>(_labels: Labels, work: () => Promise<T>): Promise<T> {
    return work()
  }

  async fork(): Promise<Warehouse> {
    const client = await connect(this.#target, this.#options.signal)
    return new PostgresWarehouse(this.#target, this.#options, client, this.#version, this.#meter)
  }

  usage(): Usage {
    return this.#meter.usage()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#options.signal.removeEventListener('abort', this.#cancel)
    await this.#client.end().catch(() => undefined)
  }

  #watch(client: pg.Client): pg.Client {
    client.on('end', () => {
      this.#isLost = true
    })
    return client
  }

  /** The client; a new one when the connection was lost between statements. */
  async #connected(): Promise<pg.Client> {
    if (this.#isClosed) throw this.#error('Running a statement', 'the session is closed')
    if (!this.#isLost) return this.#client
    if (this.#isInSnapshot) throw this.#error('Running a statement', 'the connection was lost')
    this.#client = this.#watch(await connect(this.#target, this.#options.signal))
    this.#isLost = false
    return this.#client
  }

  #error(action: string, detail: string): WarehouseError {
    return new WarehouseError({ action, detail, disposition: 'transient' })
  }

  #compile(statement: Sql): Statement {
    const compiled = this.dialect.compile(statement)
    this.#options.log.debug('sql', { sql: compiled.sql })
    this.#meter.count()
    return compiled
  }

  async #run(statement: Sql): Promise<pg.QueryResult> {
    const { sql, bindings } = this.#compile(statement)
    const client = await this.#connected()
    return this.#guarded('Running a statement', sql, () =>
      client.query({ text: sql, values: bindings.map(storable), types: valueTypes }),
    )
  }

  async #command(sql: string): Promise<void> {
    await this.#run(raw(sql))
  }

  /** In a snapshot, a savepoint: the snapshot's own transaction goes on. */
  async #atomically(work: () => Promise<void>): Promise<void> {
    const [begin, commit, rollback] = this.#isInSnapshot
      ? ['savepoint backhaul', 'release savepoint backhaul', 'rollback to savepoint backhaul']
      : ['begin', 'commit', 'rollback']
    await this.#command(begin)
    try {
      await work()
      await this.#command(commit)
    } catch (error) {
      await this.#command(rollback).catch(() => undefined)
      throw error
    }
  }

  async #guarded<T>(action: string, sql: string | undefined, work: () => Promise<T>): Promise<T> {
    this.#isRunning = true
    try {
      return await work()
    } catch (error) {
      throw postgresError(error, action, this.#target.place, sql)
    } finally {
      this.#isRunning = false
    }
  }

  /** Asks the server, over a connection of its own, to stop what this session is running. */
  async #cancelRunning(): Promise<void> {
    const { processID } = this.#client as pg.Client & { readonly processID?: number }
    if (!this.#isRunning || processID === undefined) return
    try {
      const other = await connect({ ...this.#target, retries: 0 }, new AbortController().signal)
      await other.query('select pg_cancel_backend($1)', [processID])
      await other.end()
    } catch {
      this.#options.log.warn('The running statement could not be cancelled', { processID })
    }
  }
}
