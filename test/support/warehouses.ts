import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
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
import { createOwnSchema, realEngine, whyNoAccount } from './account.ts'
import { queriesOf } from './bigquery.ts'
import { quietOptions, type ServedEngine } from './schemas.ts'

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
  /** PostgreSQL's citext may be installed. Not in an account of the user's: an extension is there for the whole database. */
  readonly hasCitext: boolean
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
  hasCitext: false,
  canName: () => true,
  key: (name) => name,
  create: createDuckdb,
}

/** The engines that this run is about, each with its own place; to be called inside of a test project that provides the servers. */
export function testEngines(): readonly TestEngine[] {
  const real = realEngine()
  const served = servedEngines()
  return real === undefined ? [duckdbEngine, ...served] : served.filter(({ name }) => name === real)
}

const servedEngines = (): readonly TestEngine[] => [
  {
    name: 'postgres',
    dialect: postgresDialect,
    missing: whyNoAccount('postgres'),
    series: generateSeries,
    literal: quoteLiteral,
    hasEnums: true,
    hasCitext: realEngine() === undefined,
    canName: () => true,
    key: (name) => name,
    create: () => createServed('postgres'),
  },
  {
    name: 'snowflake',
    dialect: snowflakeDialect,
    missing: whyNoAccount('snowflake'),
    series: (count, alias = 'g') =>
      `(select row_number() over (order by seq4()) as i from table(generator(rowcount => ${count}))) as ${alias}`,
    literal: quoteText,
    hasEnums: false,
    hasCitext: false,
    // snowflake-sdk looks columns up in an object, and finds what every object of JavaScript inherits.
    canName: (name) => !(name in {}),
    // Names without small letters cannot be told from names that were not quoted.
    key: (name) => (name === name.toUpperCase() ? name.toLowerCase() : name),
    create: () => createServed('snowflake'),
  },
  {
    name: 'bigquery',
    dialect: bigqueryDialect,
    missing: whyNoAccount('bigquery'),
    // One list cannot hold as many numbers as the other engines count.
    series: (count, alias = 'g') => {
      const [outer, inner] = [Math.ceil(count / listLength), Math.min(count, listLength)]
      return `(select ${listLength} * (o - 1) + i as i from unnest(generate_array(1, ${outer})) as o cross join unnest(generate_array(1, ${inner})) as i) as ${alias}`
    },
    literal: (text) => literal(text).text.replaceAll('\\?', '?'),
    hasEnums: false,
    hasCitext: false,
    canName: (name) => /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u.test(name),
    key: (name) => name,
    create: () => createServed('bigquery'),
  },
]

const listLength = 100_000

function generateSeries(count: number, alias = 'g'): string {
  return `generate_series(1, ${count}) as ${alias}(i)`
}

/** Those that commands are tested on from end to end; what the others compute is in the contract suites. */
export const localEngines = (): readonly TestEngine[] =>
  testEngines().filter(({ name }) => name === 'duckdb' || name === 'postgres')

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

/** A place in the account of an engine: models and our own tables in one schema, on BigQuery in two datasets. */
async function createServed(engine: ServedEngine): Promise<TestPlace> {
  const { name, backhaul, connection, drop } = await createOwnSchema(engine)
  const { open, close } = sessions(connection)
  const words = placeWords[engine]
  const first = await open()
  const database = first.stateDatabase
  const at = (schema: string, table: string): TableRef => ({
    ...(database === undefined ? {} : { database }),
    schema,
    name: table,
  })
  const { dialect } = first
  const schema = words.hasSchemaOfItsOwn ? backhaul : name
  if (words.hasSchemaOfItsOwn) {
    await first.execute(
      raw(`create schema ${[database ?? '', schema].map(dialect.quote).join('.')}`),
    )
  }
  return {
    connection,
    schema,
    open,
    build: (...statements) => words.build(connection, name, statements),
    table: (table) => at(schema, dialect.ownName(table)),
    relation: (table) =>
      words.relation?.(connection, name, table) ?? tableName(dialect, at(name, table)),
    async close() {
      await close()
      await drop()
    },
  }
}

interface PlaceWords {
  /** The dialect names tables of ours with their database, which other engines leave out. */
  readonly hasSchemaOfItsOwn: boolean
  readonly build: (
    connection: Connection,
    schema: string,
    statements: readonly string[],
  ) => Promise<void>
  /** How dbt names a relation, where it is not as the dialect does. */
  readonly relation?: (connection: Connection, schema: string, table: string) => string
}

const inSession = async (connection: Connection, statements: readonly string[]) => {
  const dbt = await openWarehouse(connection, quietOptions())
  try {
    for (const statement of statements) await dbt.execute(raw(statement))
  } finally {
    await dbt.close()
  }
}

const placeWords: Readonly<Record<ServedEngine, PlaceWords>> = {
  postgres: {
    hasSchemaOfItsOwn: false,
    build: (connection, schema, statements) =>
      inSession(connection, [`set search_path = "${schema}", public`, ...statements]),
  },
  snowflake: {
    hasSchemaOfItsOwn: false,
    build: (connection, _, statements) => inSession(connection, statements),
    // dbt leaves Snowflake's names unquoted.
    relation: ({ settings }, schema, table) =>
      `${settings['database']}.${schema.toLowerCase()}.${table}`,
  },
  bigquery: {
    hasSchemaOfItsOwn: true,
    async build(connection, dataset, statements) {
      const ask = queriesOf(connection)
      for (const statement of statements) await ask(dataset, statement)
    },
  },
}

/** A name that no other test uses. */
export const uniqueName = (prefix: string): string => `${prefix}_${randomBytes(4).toString('hex')}`
