import { setTimeout as sleep } from 'node:timers/promises'
import { WarehouseError } from '../../errors.ts'
import { type Column, type TableRef, tableName } from '../dialect.ts'
import { Meter } from '../meter.ts'
import type { OpenOptions } from '../open.ts'
import { SessionLabels } from '../session-labels.ts'
import { raw, type Sql, type Statement, sql, type Value } from '../sql.ts'
import { Turns } from '../turns.ts'
import type { Connection, Labels, Row, Usage, Warehouse } from '../warehouse.ts'
import { columnsOf, isMissing } from './columns.ts'
import { connect, readTarget, type Target } from './connect.ts'
import { snowflakeDialect } from './dialect.ts'
import { snowflakeError } from './errors.ts'
import { queryTag } from './query-tag.ts'
import {
  type Cells,
  closeConnection,
  type RowStatement,
  readAll,
  type SdkConnection,
  type Sent,
  send,
} from './sdk.ts'
import { bindText, rowReader } from './values.ts'

/** Rows of a chunk of a stream. */
const streamRows = 2000

/**
 * Values of one INSERT with array binds. Above the account's CLIENT_STAGE_ARRAY_BINDING_THRESHOLD (65,280 by default) the SDK would
 * upload a file to a stage, which needs a grant more.
 */
const boundValues = 60_000

/** How often a transaction is tried when another one's locks keep it from ending. */
const transactionAttempts = 4

/** Connects to Snowflake with the keys of a dbt-snowflake profile. */
export async function openSnowflake(
  connection: Connection,
  options: OpenOptions,
): Promise<Warehouse> {
  const target = readTarget(connection, options)
  const session = await connect(target, connection, options.signal)
  return new SnowflakeWarehouse(target, connection, options, session, new Meter())
}

class SnowflakeWarehouse implements Warehouse {
  readonly dialect = snowflakeDialect
  readonly stateDatabase = undefined
  readonly description: string
  readonly #target: Target
  readonly #connection: Connection
  readonly #options: OpenOptions
  readonly #meter: Meter
  readonly #turns = new Turns()
  readonly #labels: SessionLabels
  readonly #cancel = () => this.#running?.cancel()
  #session: SdkConnection
  #running: Sent | undefined
  #isClosed = false
  #isInTransaction = false

  constructor(
    target: Target,
    connection: Connection,
    options: OpenOptions,
    session: SdkConnection,
    meter: Meter,
  ) {
    const { account, user, role, warehouse, database } = target.place
    const who = [user && `as ${user}`, role && `with role ${role}`, warehouse && `on ${warehouse}`]
    this.description = ['Snowflake', `${database} at ${account}`, ...who].filter(Boolean).join(' ')
    this.#target = target
    this.#connection = connection
    this.#options = options
    this.#session = session
    this.#meter = meter
    this.#labels = new SessionLabels(options.labels)
    options.signal.addEventListener('abort', this.#cancel)
  }

  query(statement: Sql): Promise<readonly Row[]> {
    return this.#turns.take(async () => {
      const { sql: text, bindings } = this.#compile(statement)
      return this.#guarded('Running a statement', text, async () => {
        const done = await this.#send(text, bindings)
        return (await readAll(done)).map(rowReader(done))
      })
    })
  }

  async *stream(statement: Sql): AsyncIterable<readonly Row[]> {
    const giveBack = await this.#turns.takeForStream()
    try {
      const { sql: text, bindings } = this.#compile(statement)
      const done = await this.#guarded('Running a statement', text, () =>
        this.#send(text, bindings),
      )
      yield* this.#chunks(done, text)
    } finally {
      giveBack()
    }
  }

  execute(statement: Sql): Promise<number> {
    return this.#turns.take(() => this.#run(statement))
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
    const marks = columns.map(() => '?').join(', ')
    const text = `insert into ${tableName(this.dialect, table)} (${columns.join(', ')}) values (${marks})`
    const perStatement = Math.max(1, Math.floor(boundValues / columns.length))
    const insert = async () => {
      for (let start = 0; start < rows.length; start += perStatement) {
        const part = rows.slice(start, start + perStatement).map((row) => row.map(bindText))
        await this.#guarded(`Uploading to ${table.name}`, text, () => this.#send(text, part))
      }
    }
    return this.#turns.take(() => {
      this.#options.log.debug('insert', { sql: text, rows: rows.length })
      return rows.length <= perStatement ? insert() : this.#atomically(insert)
    })
  }

  columns(relationName: string): Promise<readonly Column[] | undefined> {
    return this.#turns.take(async () => {
      const text = `select * from ${relationName}`
      try {
        return columnsOf(await this.#send(text, [], true))
      } catch (error) {
        if (isMissing(error, relationName)) return undefined
        const action = `Reading the columns of ${relationName}`
        throw snowflakeError(error, action, this.#target.place, text)
      }
    })
  }

  async hasSchema(name: string): Promise<boolean> {
    const found = await this.query(
      sql`select count(*) as total from information_schema.schemata where schema_name = ${name}`,
    )
    return Number(found[0]?.['total']) > 0
  }

  /** Snowflake's snapshots are those of single statements. */
  withSnapshot<T>(work: () => Promise<T>): Promise<T> {
    return work()
  }

  withLabels<T>(labels: Labels, work: () => Promise<T>): Promise<T> {
    return this.#labels.during(labels, work)
  }

  async fork(): Promise<Warehouse> {
    const session = await connect(this.#target, this.#connection, this.#options.signal)
    return new SnowflakeWarehouse(
      this.#target,
      this.#connection,
      this.#options,
      session,
      this.#meter,
    )
  }

  usage(): Usage {
    return this.#meter.usage()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#options.signal.removeEventListener('abort', this.#cancel)
    await closeConnection(this.#session)
  }

  #compile(statement: Sql): Statement {
    const compiled = this.dialect.compile(statement)
    this.#options.log.debug('sql', { sql: compiled.sql })
    return compiled
  }

  /** The session; a new one when it has ended for good, unless a transaction ended with it. */
  async #connected(): Promise<SdkConnection> {
    if (this.#isClosed) throw this.#error('the session is closed')
    if (this.#session.isUp()) return this.#session
    if (this.#isInTransaction) throw this.#error('the session has ended')
    this.#session = await connect(this.#target, this.#connection, this.#options.signal)
    return this.#session
  }

  #error(detail: string): WarehouseError {
    return new WarehouseError({ action: 'Running a statement', detail, disposition: 'transient' })
  }

  /** Sends one statement and waits until it has run. An abort cancels it. */
  async #send(
    text: string,
    binds: readonly Value[] | readonly (readonly (string | null)[])[],
    describeOnly?: boolean,
  ): Promise<RowStatement> {
    const session = await this.#connected()
    this.#meter.count()
    this.#running = send(session, {
      sql: text,
      binds: binds as readonly Value[],
      tag: queryTag(this.#target.queryTag, this.#labels.current),
      ...(describeOnly === undefined ? {} : { describeOnly }),
    })
    try {
      return await this.#running.result
    } finally {
      this.#running = undefined
    }
  }

  /** Runs one statement and returns the number of rows it affected. */
  #run(statement: Sql): Promise<number> {
    const { sql: text, bindings } = this.#compile(statement)
    return this.#guarded('Running a statement', text, async () =>
      Math.max(0, (await this.#send(text, bindings)).getNumUpdatedRows() ?? 0),
    )
  }

  async *#chunks(statement: RowStatement, text: string): AsyncGenerator<readonly Row[]> {
    const toRow = rowReader(statement)
    const rows = statement.streamRows()
    let chunk: Row[] = []
    try {
      for await (const cells of rows) {
        chunk.push(toRow(cells as Cells))
        if (chunk.length < streamRows) continue
        yield chunk
        chunk = []
      }
    } catch (error) {
      throw snowflakeError(error, 'Reading a result', this.#target.place, text)
    } finally {
      rows.destroy()
    }
    if (chunk.length > 0) yield chunk
  }

  /** All or nothing. Tried again when another transaction holds what it needs. */
  async #atomically(work: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(work)
      } catch (error) {
        const isConflict = error instanceof WarehouseError && conflicts.has(error.code ?? '')
        if (!isConflict || attempt === transactionAttempts) throw error
        await sleep(attempt * 500)
      }
    }
  }

  async #once(work: () => Promise<void>): Promise<void> {
    await this.#run(raw('begin'))
    this.#isInTransaction = true
    try {
      await work()
      await this.#run(raw('commit'))
    } catch (error) {
      await this.#run(raw('rollback')).catch(() => undefined)
      throw error
    } finally {
      this.#isInTransaction = false
    }
  }

  async #guarded<T>(action: string, text: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw snowflakeError(error, action, this.#target.place, text)
    }
  }
}

/** A lock that was not released in time; a deadlock. */
const conflicts = new Set(['000625', '000635'])
