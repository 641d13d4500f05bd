import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { silentLogger } from '../../src/log.ts'
import { bigqueryDialect } from '../../src/warehouse/bigquery/dialect.ts'
import { literal } from '../../src/warehouse/bigquery/fallible.ts'
import type { Dialect, TableRef } from '../../src/warehouse/dialect.ts'
import { tableName } from '../../src/warehouse/dialect.ts'
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.ts'
import { quoteLiteral } from '../../src/warehouse/knex-compiler.ts'
import { type OpenOptions, openWarehouse } from '../../src/warehouse/open.ts'
import { postgresDialect } from '../../src/warehouse/postgres/dialect.ts'
import { snowflakeDialect } from '../../src/warehouse/snowflake/dialect.ts'
import { quoteText } from '../../src/warehouse/snowflake/literals.ts'
import { raw } from '../../src/warehouse/sql.ts'
import type { Connection, Warehouse } from '../../src/warehouse/warehouse.ts'
import { bigqueryProject, bigquerySettings, createDataset, whyNoBigquery } from './bigquery.ts'
import { createSchema, postgresUrl, whyNoPostgres } from './postgres.ts'
import { snowflakeSettings, whyNoSnowflake } from './snowflake.ts'

/** A place on one engine that a test file has for itself. */
export interface TestPlace {
  readonly connection: Connection
  /** Schema of our own tables; it exists. */
  readonly schema: string
  /** Connects; closed when the place is. */
  open(options?: Partial<OpenOptions>): Promise<Warehouse>
  /** Reference to a table of ours. */
  table(name: string): TableRef
  /** How dbt would name a relation of the user's. */
  relation(name: string): string
  /** Runs SQL as dbt would: in the user's own database, from outside of any session of ours. */
  build(...statements: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** An engine that the tests run on. */
export interface TestEngine {
  readonly name: 'duckdb' | 'postgres' | 'snowflake' | 'bigquery'
  readonly dialect: Dialect
  /** Why it is not there in this run. */
  readonly missing: string | undefined
  /** A relation `g` of whole numbers `i`, from 1 to `count`. */
  series(count: number, alias?: string): string
  /** A text literal as this engine reads it. */
  literal(text: string): string
  readonly hasEnums: boolean
  /** Whether a column may have this name, quoted. */
  canName(name: string): boolean
  /** The key that a result's rows have for a column of this name. */
  key(name: string): string
  create(): Promise<TestPlace>
}

/** Embedded: always there. */
export const duckdbEngine: TestEngine = {
  name: 'duckdb',
  dialect: duckdbDialect,
  missing: undefined,
  series: generateSeries,
  literal: quoteLiteral,
  hasEnums: true,
  canName: () => true,
  key: (name) => name,
  create: createDuckdb,
}

/** The engines, each with its own place; to be called inside of a test project that provides PostgreSQL. */
export const testEngines = (): readonly TestEngine[] => [
  duckdbEngine,
  {
    name: 'postgres',
    dialect: postgresDialect,
    missing: whyNoPostgres(),
    series: generateSeries,
    literal: quoteLiteral,
    hasEnums: true,
    canName: () => true,
    key: (name) => name,
    create: createPostgres,
  },
  {
    name: 'snowflake',
    dialect: snowflakeDialect,
    missing: whyNoSnowflake(),
    series: (count, alias = 'g') =>
      `(select row_number() over (order by seq4()) as i from table(generator(rowcount => ${count}))) as ${alias}`,
    literal: quoteText,
    hasEnums: false,
    canName: () => true,
    // Names without small letters cannot be told from names that were not quoted.
    key: (name) => (name === name.toUpperCase() ? name.toLowerCase() : name),
    create: createSnowflake,
  },
  {
    name: 'bigquery',
    dialect: bigqueryDialect,
    missing: whyNoBigquery(),
    // One list cannot hold as many numbers as the other engines count.
    series: (count, alias = 'g') => {
      const [outer, inner] = [Math.ceil(count / listLength), Math.min(count, listLength)]
      return `(select ${listLength} * (o - 1) + i as i from unnest(generate_array(1, ${outer})) as o cross join unnest(generate_array(1, ${inner})) as i) as ${alias}`
    },
    literal: (text) => literal(text).text.replaceAll('\\?', '?'),
    hasEnums: false,
    canName: (name) => /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u.test(name),
    key: (name) => name,
    create: createBigquery,
  },
]

const listLength = 100_000

function generateSeries(count: number, alias = 'g'): string {
  return `generate_series(1, ${count}) as ${alias}(i)`
}

/** Those that commands are tested on from end to end; what the others compute is in the contract suites. */
export const localEngines = (): readonly TestEngine[] =>
  testEngines().filter(({ name }) => name === 'duckdb' || name === 'postgres')

/** Options of a session that says nothing and is never cancelled. */
export const quietOptions = (): OpenOptions => ({
  log: silentLogger,
  signal: new AbortController().signal,
  applicationName: 'backhaul test',
  memoryLimit: '1GB',
})

/** Sessions that close with the place. */
function sessions(connection: Connection) {
  const opened: Warehouse[] = []
  return {
    async open(options?: Partial<OpenOptions>): Promise<Warehouse> {
      const warehouse = await openWarehouse(connection, { ...quietOptions(), ...options })
      opened.push(warehouse)
      return warehouse
    },
    async close() {
      for (const warehouse of opened) await warehouse.close()
    },
  }
}

async function createDuckdb(): Promise<TestPlace> {
  const projectDir = await mkdtemp(join(tmpdir(), 'backhaul-duckdb-'))
  const connection: Connection = {
    type: 'duckdb',
    settings: { path: 'shop.duckdb', schema: 'main' },
    projectDir,
  }
  const build = async (...statements: readonly string[]) => {
    const instance = await DuckDBInstance.create(join(projectDir, 'shop.duckdb'))
    const session = await instance.connect()
    try {
      for (const statement of statements) await session.run(statement)
    } finally {
      session.closeSync()
      instance.closeSync()
    }
  }
  await build('create schema if not exists main')
  const { open, close } = sessions(connection)
  const schema = 'main_backhaul'
  const database = 'shop_backhaul'
  const first = await open()
  await first.execute(raw(`create schema if not exists "${database}"."${schema}"`))
  return {
    connection,
    schema,
    open,
    build,
    table: (name) => ({ database, schema, name }),
    relation: (name) => tableName(duckdbDialect, { database: 'shop', schema: 'main', name }),
    async close() {
      await close()
      await rm(projectDir, { recursive: true, force: true })
    },
  }
}

/** The keys of a dbt-postgres profile for a server. */
export function postgresSettings(url: string, schema: string): Readonly<Record<string, unknown>> {
  const { hostname, port, username, password, pathname } = new URL(url)
  return {
    host: hostname,
    port: Number(port),
    user: username,
    password: password || 'none',
    dbname: pathname.slice(1),
    schema,
  }
}

async function createPostgres(): Promise<TestPlace> {
  const { name: schema, drop } = await createSchema()
  const settings = postgresSettings(postgresUrl(), schema)
  const connection: Connection = { type: 'postgres', settings, projectDir: tmpdir() }
  const { open, close } = sessions(connection)
  const build = async (...statements: readonly string[]) => {
    const dbt = await openWarehouse(connection, quietOptions())
    try {
      await dbt.execute(raw(`set search_path = "${schema}", public`))
      for (const statement of statements) await dbt.execute(raw(statement))
    } finally {
      await dbt.close()
    }
  }
  return {
    connection,
    schema,
    open,
    build,
    table: (name) => ({ schema, name }),
    relation: (name) => tableName(postgresDialect, { schema, name }),
    async close() {
      await close()
      await drop()
    },
  }
}

/** A database of its own: databases of the server under test live as long as it does. */
async function createSnowflake(): Promise<TestPlace> {
  const database = uniqueName('SHOP').toUpperCase()
  const settings = snowflakeSettings(database, 'MARTS')
  const connection: Connection = { type: 'snowflake', settings, projectDir: tmpdir() }
  const { open, close } = sessions(connection)
  const build = async (...statements: readonly string[]) => {
    const dbt = await openWarehouse(connection, quietOptions())
    try {
      for (const statement of statements) await dbt.execute(raw(statement))
    } finally {
      await dbt.close()
    }
  }
  return {
    connection,
    schema: 'MARTS',
    open,
    build,
    table: (name) => ({ schema: 'MARTS', name: snowflakeDialect.ownName(name) }),
    // dbt leaves Snowflake's names unquoted.
    relation: (name) => `${database}.marts.${name}`,
    close,
  }
}

async function createBigquery(): Promise<TestPlace> {
  const dataset = await createDataset()
  const connection: Connection = {
    type: 'bigquery',
    settings: bigquerySettings(dataset.name),
    projectDir: tmpdir(),
  }
  const { open, close } = sessions(connection)
  const at = (schema: string, name: string) => ({ database: bigqueryProject, schema, name })
  const first = await open()
  await first.execute(raw(`create schema if not exists \`${bigqueryProject}\`.\`${dataset.own}\``))
  return {
    connection,
    schema: dataset.own,
    open,
    async build(...statements) {
      for (const statement of statements) await dataset.query(statement)
    },
    table: (name) => at(dataset.own, name),
    relation: (name) => tableName(bigqueryDialect, at(dataset.name, name)),
    async close() {
      await close()
      await dataset.drop()
    },
  }
}

/** A name that no other test uses. */
export const uniqueName = (prefix: string): string => `${prefix}_${randomBytes(4).toString('hex')}`
