import { WarehouseError } from '../../errors.ts'
import type { Column, TableRef } from '../dialect.ts'
import { Meter } from '../meter.ts'
import type { OpenOptions } from '../open.ts'
import { SessionLabels } from '../session-labels.ts'
import { textSetting } from '../settings.ts'
import { join, raw, type Sql, type Statement, type Value } from '../sql.ts'
import { Turns } from '../turns.ts'
import type { Connection, Labels, Row, Usage, Warehouse } from '../warehouse.ts'
import { columnsOf, relationParts } from './columns.ts'
import { connect, type Session } from './connect.ts'
import { bigqueryDialect } from './dialect.ts'
import { bigqueryError, isNotFound } from './errors.ts'
import { type JobResource, Jobs, type ResultPage } from './jobs.ts'
import { jobLabels } from './labels.ts'
import { checkLimits } from './limits.ts'
import { cellValue, type Field, jsonLines, queryParameters } from './values.ts'

/** Rows per page of a result: pages are also limited to about 10 MB by BigQuery. */
const pageRows = 5_000

/** Makes a session with the keys of a dbt-bigquery profile. One request is sent, which shows that the login works. */
export async function openBigquery(
  connection: Connection,
  options: OpenOptions,
): Promise<Warehouse> {
  const session = await connect(connection, options)
  const location = session.place.location ?? (await datasetLocation(session, connection, options))
  const place = { ...session.place, location }
  return new BigqueryWarehouse({ ...session, place }, options, new Meter())
}

/**
 * Where the profile's dataset lies: jobs run there, and a dataset of ours is made there, when the profile names no location.
 * Else BigQuery would make it in the US, where no statement can read the models.
 */
async function datasetLocation(
  session: Session,
  { settings }: Connection,
  { signal }: OpenOptions,
): Promise<string | undefined> {
  const dataset = textSetting(settings, 'dataset', 'schema')
  if (dataset === undefined) return undefined
  const { project } = session.place
  try {
    const jobs = new Jobs(session, signal)
    return (await jobs.get<{ location?: string }>(`/datasets/${dataset}`, project)).location
  } catch (error) {
    // dbt makes the dataset with its first build.
    if (isNotFound(error)) return undefined
    throw bigqueryError(error, `Connecting to BigQuery, project ${project}`, session.place)
  }
}

/** The order of statements is ours: BigQuery knows no session, each statement is a job. */
class BigqueryWarehouse implements Warehouse {
  readonly dialect = bigqueryDialect
  readonly stateDatabase: string
  readonly description: string
  readonly #session: Session
  readonly #options: OpenOptions
  readonly #meter: Meter
  readonly #jobs: Jobs
  readonly #turns = new Turns()
  readonly #labels: SessionLabels
  readonly #cancel = () => void this.#cancelRunning()
  #isClosed = false

  constructor(session: Session, options: OpenOptions, meter: Meter) {
    const { project, executionProject, location } = session.place
    const runsIn = executionProject === project ? '' : `, jobs in ${executionProject}`
    this.description = `BigQuery, project ${project}${runsIn}, location ${location ?? 'of the data'}`
    this.stateDatabase = project
    this.#session = session
    this.#options = options
    this.#meter = meter
    this.#labels = new SessionLabels(options.labels)
    this.#jobs = new Jobs(session, options.signal)
    options.signal.addEventListener('abort', this.#cancel)
  }

  query(statement: Sql): Promise<readonly Row[]> {
    return this.#turns.take(async () => {
      const { sql, job } = await this.#run(statement)
      const rows: Row[] = []
      for await (const page of this.#pages(job, sql)) rows.push(...page)
      return rows
    })
  }

  async *stream(statement: Sql): AsyncIterable<readonly Row[]> {
    const giveBack = await this.#turns.takeForStream()
    try {
      const { sql, job } = await this.#run(statement)
      yield* this.#pages(job, sql)
    } finally {
      giveBack()
    }
  }

  execute(statement: Sql): Promise<number> {
    return this.#turns.take(async () => {
      const { job } = await this.#run(statement)
      return Number(job.statistics?.query?.numDmlAffectedRows ?? 0)
    })
  }

  /** One script. A statement that fails ends it, and BigQuery rolls back what was begun. */
  transaction(statements: readonly Sql[]): Promise<void> {
    if (statements.length === 0) return Promise.resolve()
    return this.#turns.take(async () => {
      await this.#run(
        join([raw('begin transaction'), ...statements, raw('commit transaction')], ';\n'),
      )
    })
  }

  /**
   * One load job, which is free of charge. Without a schema: the table has one, and a load may then leave columns out.
   * https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationLoad
   */
  upload(
    table: TableRef,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
  ): Promise<void> {
    if (rows.length === 0) return Promise.resolve()
    return this.#turns.take(async () => {
      this.#checkOpen()
      this.#options.log.debug('load', { table: table.name, rows: rows.length })
      this.#meter.count()
      const load = {
        destinationTable: {
          projectId: table.database ?? this.stateDatabase,
          datasetId: table.schema,
          tableId: table.name,
        },
        sourceFormat: 'NEWLINE_DELIMITED_JSON',
        createDisposition: 'CREATE_NEVER',
        writeDisposition: 'WRITE_APPEND',
      }
      const labels = jobLabels(this.#labels.current)
      await this.#guarded(`Uploading to ${table.name}`, undefined, () =>
        this.#jobs.run({ load, labels }, () => jsonLines(columns, rows)),
      )
    })
  }

  columns(relationName: string): Promise<readonly Column[] | undefined> {
    return this.#turns.take(async () => {
      this.#checkOpen()
      this.#meter.count()
      try {
        return columnsOf(await this.#fieldsOf(relationName))
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw bigqueryError(error, `Reading the columns of ${relationName}`, this.#session.place)
      }
    })
  }

  hasSchema(name: string): Promise<boolean> {
    return this.#turns.take(async () => {
      this.#checkOpen()
      this.#meter.count()
      try {
        await this.#jobs.get(`/datasets/${name}`, this.stateDatabase)
        return true
      } catch (error) {
        if (isNotFound(error)) return false
        throw bigqueryError(error, `Looking for dataset ${name}`, this.#session.place)
      }
    })
  }

  withSnapshot<T>(work: () => Promise<T>): Promise<T> {
    return work()
  }

  withLabels<T>(labels: Labels, work: () => Promise<T>): Promise<T> {
    return this.#labels.during(labels, work)
  }

  async fork(): Promise<Warehouse> {
    return new BigqueryWarehouse(this.#session, this.#options, this.#meter)
  }

  async estimate(statement: Sql): Promise<{ readonly bytes: number }> {
    const compiled = this.#compile(statement)
    const job = await this.#guarded('Estimating a statement', compiled.sql, () =>
      this.#jobs.dryRun(this.#configuration(compiled)),
    )
    return { bytes: Number(job.statistics?.totalBytesProcessed ?? 0) }
  }

  usage(): Usage {
    return { bytesBilled: 0, ...this.#meter.usage() }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#options.signal.removeEventListener('abort', this.#cancel)
  }

  /** Tables and views say their columns for nothing; what is no plain name is asked for by a dry run. */
  async #fieldsOf(relationName: string): Promise<readonly Field[]> {
    const parts = relationParts(relationName)
    if (parts !== undefined) {
      const { project = this.stateDatabase, dataset, table } = parts
      const uri = `/datasets/${dataset}/tables/${table}`
      const found = await this.#jobs.get<{ schema?: { fields?: readonly Field[] } }>(uri, project)
      return found.schema?.fields ?? []
    }
    const sql = `select * from ${relationName} limit 0`
    const job = await this.#jobs.dryRun(this.#configuration({ sql, bindings: [] }))
    return job.statistics?.query?.schema?.fields ?? []
  }

  #checkOpen(): void {
    if (!this.#isClosed) return
    throw new WarehouseError({
      action: 'Running a statement',
      detail: 'the session is closed',
      disposition: 'terminal',
    })
  }

  #compile(statement: Sql): Statement {
    this.#checkOpen()
    const compiled = this.dialect.compile(statement)
    checkLimits(compiled)
    this.#options.log.debug('sql', { sql: compiled.sql })
    this.#meter.count()
    return compiled
  }

  async #run(statement: Sql): Promise<{ readonly sql: string; readonly job: JobResource }> {
    const compiled = this.#compile(statement)
    const job = await this.#guarded('Running a statement', compiled.sql, () =>
      this.#jobs.run(this.#configuration(compiled)),
    )
    this.#meter.bill(Number(job.statistics?.query?.totalBytesBilled ?? 0))
    return { sql: compiled.sql, job }
  }

  #configuration({ sql, bindings }: Statement) {
    const { priority, maximumBytesBilled, timeoutMs, reservation } = this.#session.settings
    return {
      query: {
        query: sql,
        useLegacySql: false,
        priority,
        parameterMode: 'NAMED',
        queryParameters: queryParameters(bindings),
        // A project may set another zone for casts that name none.
        connectionProperties: [{ key: 'time_zone', value: 'UTC' }],
        ...(maximumBytesBilled === undefined ? {} : { maximumBytesBilled }),
      },
      labels: jobLabels(this.#labels.current),
      ...(timeoutMs === undefined ? {} : { jobTimeoutMs: String(timeoutMs) }),
      ...(reservation === undefined ? {} : { reservation }),
    }
  }

  async *#pages(job: JobResource, sql: string): AsyncIterable<readonly Row[]> {
    let token: string | undefined
    do {
      const page = await this.#guarded('Reading a result', sql, () =>
        this.#jobs.page(job, pageRows, token),
      )
      const rows = rowsOf(page)
      if (rows.length > 0) yield rows
      token = page.pageToken
    } while (token !== undefined)
  }

  async #guarded<T>(action: string, sql: string | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw bigqueryError(error, action, this.#session.place, sql)
    }
  }

  async #cancelRunning(): Promise<void> {
    await this.#jobs.cancel().catch(() => {
      this.#options.log.warn('The running job could not be cancelled')
    })
  }
}

function rowsOf(page: ResultPage): readonly Row[] {
  const fields = page.schema?.fields ?? []
  return (page.rows ?? []).map(({ f }) =>
    Object.fromEntries(fields.map((field, index) => [field.name, cellValue(field, f[index]?.v)])),
  )
}
