import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import type { Account } from './account.ts'
import type {} from './postgres-server.ts'

/** The part of vitest's test context that these functions need: `test('…', async (context) => …)`. */
interface Context {
  skip(reason?: string): never
  onTestFinished(done: () => Promise<void>): void
}

/** A schema that only one test uses. */
export interface TestSchema {
  readonly name: string
  /** Connects with this schema as the search path. */
  readonly url: string
  drop(): Promise<void>
}

/** Why there is no PostgreSQL in this run, or undefined when there is. For `describe.skipIf`. */
export function whyNoPostgres(): string | undefined {
  const postgres = inject('postgres')
  return postgres.available ? undefined : `no PostgreSQL: ${postgres.reason}`
}

/** The server's URL. Without a server the test that passes its context is skipped; a call without one throws. */
export function postgresUrl(context?: Pick<Context, 'skip'>): string {
  const postgres = inject('postgres')
  if (postgres.available) return postgres.url
  const reason = `no PostgreSQL: ${postgres.reason}`
  if (context !== undefined) return context.skip(reason)
  throw new Error(reason)
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

/** The server, as tests that run on every engine see it. */
export const postgresAccount = (): Account => ({
  settings: postgresSettings(postgresUrl(), 'public'),
  prefix: 't_',
})

/** PGHOST, PGPORT, … of the server, as dbt and psql read them. */
export function postgresEnv(context?: Pick<Context, 'skip'>): Readonly<Record<string, string>> {
  postgresUrl(context)
  const postgres = inject('postgres')
  return postgres.available ? postgres.env : {}
}

/** Creates a schema for one test; it is dropped when the test has finished. */
export async function schemaForTest(context: Context): Promise<TestSchema> {
  postgresUrl(context)
  const schema = await createSchema()
  context.onTestFinished(() => schema.drop())
  return schema
}

async function createSchema(): Promise<TestSchema> {
  const server = postgresUrl()
  const name = `t_${randomBytes(6).toString('hex')}`
  await execute(server, `create schema ${name}`)
  const url = new URL(server)
  url.searchParams.set('options', `-c search_path=${name}`)
  return {
    name,
    url: url.href,
    drop: () => execute(server, `drop schema if exists ${name} cascade`),
  }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
