import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DuckDBConnection, DuckDBMaterializedResult } from '@duckdb/node-api'
import { WarehouseError } from '../../errors.ts'
import type { Column, TableRef } from '../dialect.ts'
import { Meter } from '../meter.ts'
import type { OpenOptions } from '../open.ts'
import { raw, type Sql, type Statement, sql, type Value } from '../sql.ts'
import { Turns } from '../turns.ts'
import type { Connection, Labels, Row, Usage, Warehouse } from '../warehouse.ts'
import { duckdbDialect } from './dialect.ts'
import { duckdbError } from './errors.ts'
import { type SharedInstance, shareInstance } from './instance.ts'
import { readPlace } from './place.ts'
import { prepareSession } from './session.ts'
import { appendRows } from './upload.ts'
import { boundValue, cellValue } from './values.ts'

/**
 * Opens our state file beside the DuckDB file of a dbt-duckdb profile. The user's file is opened read-only, and only while
 * a snapshot lasts.
 */
export async function openDuckdb(connection: Connection, options: OpenOptions): Promise<Warehouse> {
  const shared = await shareInstance(readPlace(connection), connection, options)
  return openSession(shared, connection, options)
}

async function openSession(
  shared: SharedInstance,
  connection: Connection,
  options: OpenOptions,
  meter = new Meter(),
): Promise<Warehouse> {
  const session = await shared.connect()
  try {
    await prepareSession(session, connection, options)
    const reader = await session.runAndReadAll('select current_database(), version()')
    const [database, version] = reader.getRows()[0] ?? []
    const facts = { database: String(database), version: String(version) }
    return new DuckdbWarehouse(shared, session, connection, options, meter, facts)
  } catch (error) {
    await shared.disconnect(session)
    throw duckdbError(error, `Opening ${shared.place.stateFile}`)
  }
}

class DuckdbWarehouse implements Warehouse {
  readonly dialect = duckdbDialect
  readonly stateDatabase: string
  readonly stateFile: string
  readonly description: string
  readonly #shared: SharedInstance
  readonly #session: DuckDBConnection
  readonly #connection: Connection
  readonly #options: OpenOptions
  readonly #meter: Meter
  readonly #turns = new Turns()
  readonly #cancel = () => this.#session.interrupt()
  #isClosed = false
  #isInSnapshot = false

  constructor(
    shared: SharedInstance,
    session: DuckDBConnection,
    connection: Connection,
    options: OpenOptions,
    meter: Meter,
    facts: { readonly database: string; readonly version: string },
  ) {
    this.stateDatabase = facts.database
    this.stateFile = shared.place.stateFile
    this.description = `DuckDB ${facts.version}, ${shared.place.userFile}, state in ${shared.place.stateFile}`
    this.#shared = shared
    this.#session = session
    this.#connection = connection
    this.#options = options
    this.#meter = meter
    options.signal.addEventListener('abort', this.#cancel)
  }

  query(statement: Sql): Promise<readonly Row[]> {
    return this.#turns.take(async () => {
      const result = await this.#run(statement)
      return this.#guarded('Reading a result', undefined, async () => {
        const rows = await result.getRowObjects()
        return rows.map(plainRow)
      })
    })
  }

  async *stream(statement: Sql): AsyncIterable<readonly Row[]> {
    const giveBack = await this.#turns.takeForStream()
    const { sql, bindings } = this.#compile(statement)
    try {
      const { values, types } = bound(bindings)
      const result = await this.#guarded('Running a statement', sql, () =>
        this.#session.stream(sql, values, types),
      )
      const names = result.deduplicatedColumnNames()
      for (;;) {
        const chunk = await this.#guarded('Reading a result', sql, () => result.fetchChunk())
        if (chunk === null || chunk.rowCount === 0) return
        yield chunk.getRowObjects(names).map(plainRow)
        await nextTurn()
      }
    } finally {
      giveBack()
    }
  }

  execute(statement: Sql): Promise<number> {
    return this.#turns.take(async () => (await this.#run(statement)).rowsChanged)
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
    return this.#turns.take(async () => {
      this.#options.log.debug('append', { table: table.name, rows: rows.length })
      this.#meter.count()
      await this.#atomically(() =>
        this.#guarded(`Uploading to ${table.name}`, undefined, () =>
          appendRows(this.#session, table, columns, rows),
        ),
      )
    })
  }

  async columns(relationName: string): Promise<readonly Column[] | undefined> {
    if (this.#isInSnapshot) return this.#turns.take(() => this.#describe(relationName))
    await this.#shared.attach(this.#options)
    try {
      return await this.#turns.take(() => this.#describe(relationName))
    } finally {
      await this.#shared.detach()
    }
  }

  async hasSchema(name: string): Promise<boolean> {
    const found = await this.query(
      sql`select count(*) as total from duckdb_schemas() where database_name = ${this.stateDatabase} and schema_name = ${name}`,
    )
    return Number(found[0]?.['total']) > 0
  }

  async withSnapshot<T>(work: () => Promise<T>): Promise<T> {
    await this.#shared.attach(this.#options)
    try {
      await this.#turns.take(() => this.#command('begin'))
      this.#isInSnapshot = true
      const result = await work()
      await this.#turns.take(() => this.#command('commit'))
      return result
    } catch (error) {
      await this.#turns.take(() => this.#command('rollback')).catch(() => undefined)
      throw error
    } finally {
      this.#isInSnapshot = false
      await this.#shared.detach()
    }
  }

  withLabels<T>(_labels: Labels, work: () => Promise<T>): Promise<T> {
    return work()
  }

  fork(): Promise<Warehouse> {
    return openSession(this.#shared, this.#connection, this.#options, this.#meter)
  }

  usage(): Usage {
    return this.#meter.usage()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#options.signal.removeEventListener('abort', this.#cancel)
    await this.#shared.disconnect(this.#session)
  }

  #compile(statement: Sql): Statement {
    if (this.#isClosed) {
      throw new WarehouseError({
        action: 'Running a statement',
        detail: 'the session is closed',
        disposition: 'terminal',
      })
    }
    const compiled = this.dialect.compile(statement)
    this.#options.log.debug('sql', { sql: compiled.sql })
    this.#meter.count()
    return compiled
  }

  #run(statement: Sql): Promise<DuckDBMaterializedResult> {
    const { sql, bindings } = this.#compile(statement)
    const { values, types } = bound(bindings)
    return this.#guarded('Running a statement', sql, () => this.#session.run(sql, values, types))
  }

  async #command(sql: string): Promise<void> {
    await this.#run(raw(sql))
  }

  /** DuckDB has no savepoints: in a snapshot, a failure fails the snapshot. */
  async #atomically(work: () => Promise<void>): Promise<void> {
    if (this.#isInSnapshot) return work()
    await this.#command('begin')
    try {
      await work()
      await this.#command('commit')
    } catch (error) {
      await this.#command('rollback').catch(() => undefined)
      throw error
    }
  }

  /** A catalog error that names the relation itself says that it does not exist; any other is a broken view. */
  async #describe(relationName: string): Promise<readonly Column[] | undefined> {
    const sql = `describe select * from ${relationName}`
    this.#meter.count()
    try {
      const reader = await this.#session.runAndReadAll(sql)
      return reader.getRows().map((row) => {
        const type = String(row[1])
        return { name: String(row[0]), type, family: this.dialect.family(type) }
      })
    } catch (error) {
      if (isMissing(error, relationName)) return undefined
      throw duckdbError(error, `Reading the columns of ${relationName}`, sql)
    }
  }

  async #guarded<T>(action: string, sql: string | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw duckdbError(error, action, sql)
    }
  }
}

function isMissing(error: unknown, relationName: string): boolean {
  const message = error instanceof Error ? error.message : ''
  if (/^(Catalog|Binder) Error: (Catalog|Schema) .* does not exist/i.test(message)) return true
  const missing = /^Catalog Error: Table with name (.*?) does not exist/.exec(message)?.[1]
  return (
    missing !== undefined && relationName.replaceAll('"', '').endsWith(missing.replaceAll('"', ''))
  )
}

const plainRow = (row: Readonly<Record<string, Parameters<typeof cellValue>[0]>>): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellValue(value)]))

function bound(bindings: readonly Value[]) {
  const pairs = bindings.map(boundValue)
  return { values: pairs.map((pair) => pair.value), types: pairs.map((pair) => pair.type) }
}
