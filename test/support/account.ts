import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import type { Connection } from '../../src/warehouse/warehouse.ts'
import { bigqueryAccount, whyNoBigquery } from './bigquery.ts'
import { postgresAccount, whyNoPostgres } from './postgres.ts'
import { connectionTo, openSchemas, type ServedEngine, type Settings, spelled } from './schemas.ts'
import { snowflakeAccount, whyNoSnowflake } from './snowflake.ts'

/** Where the tests of an engine make their schemas. */
export interface Account {
  /** Keys of a dbt profile; another schema is put in where tests work. */
  readonly settings: Settings
  /** What the names of all schemas of tests begin with. */
  readonly prefix: string
}

/** An account of the user's, which stands in for the servers of the tests: see test/real. */
export interface RealAccount extends Account {
  readonly engine: ServedEngine
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Present only in `npm run test:real`. */
    realAccount?: RealAccount
  }
}

const servers: Readonly<
  Record<ServedEngine, { account: () => Account; whyNot: () => string | undefined }>
> = {
  postgres: { account: postgresAccount, whyNot: whyNoPostgres },
  snowflake: { account: snowflakeAccount, whyNot: whyNoSnowflake },
  bigquery: { account: bigqueryAccount, whyNot: whyNoBigquery },
}

/** The engine that this run is about, when it is about one. */
export const realEngine = (): ServedEngine | undefined => inject('realAccount')?.engine

/** Why there is no account of an engine in this run, or undefined when there is. */
export function whyNoAccount(engine: ServedEngine): string | undefined {
  const real = realEngine()
  if (real === undefined) return servers[engine].whyNot()
  return real === engine ? undefined : `this run is about ${real}`
}

/** The one place that knows where an engine under test comes from: a server of the tests, or the account of a profile. */
function accountOf(engine: ServedEngine): Account {
  const real = inject('realAccount')
  return real?.engine === engine ? real : servers[engine].account()
}

/** A schema (on BigQuery: a dataset) that one test, or one file of tests, has for itself. */
export interface OwnSchema {
  readonly name: string
  /** Where Backhaul keeps its tables by default; not made yet. */
  readonly backhaul: string
  readonly connection: Connection
  /** The target's keys for profiles.yml. */
  readonly output: Settings
  /** Variables that `output` asks for. */
  readonly env: Readonly<Record<string, string>>
  /** Drops both. */
  drop(): Promise<void>
}

/** Makes a schema; the caller drops it. */
export async function createOwnSchema(engine: ServedEngine): Promise<OwnSchema> {
  const { settings, prefix } = accountOf(engine)
  const name = spelled(engine, `${prefix}${randomBytes(4).toString('hex')}`)
  const backhaul = spelled(engine, `${name}_backhaul`)
  const withSchemas = async (
    work: (schemas: Awaited<ReturnType<typeof openSchemas>>) => Promise<void>,
  ) => {
    const schemas = await openSchemas(engine, settings)
    try {
      await work(schemas)
    } finally {
      await schemas.close()
    }
  }
  await withSchemas((schemas) => schemas.create(name))
  const connection = connectionTo(engine, settings, name)
  const isReal = realEngine() !== undefined
  const { output, env } = isReal
    ? inVariables(connection.settings)
    : { output: connection.settings, env: {} }
  return {
    name,
    backhaul,
    connection,
    output: { type: engine, ...output },
    env,
    drop: () =>
      withSchemas(async (schemas) => {
        await schemas.drop(backhaul)
        await schemas.drop(name)
      }),
  }
}

/** The settings with each text in a variable of the environment: nothing of a user's login is written to a file. */
function inVariables(settings: Settings): {
  readonly output: Settings
  readonly env: Readonly<Record<string, string>>
} {
  const env: Record<string, string> = {}
  const moved = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const name = `SHOP_SETTING_${Object.keys(env).length}`
      env[name] = value
      return `{{ env_var('${name}') }}`
    }
    if (Array.isArray(value)) return value.map(moved)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, moved(entry)]))
  }
  return { output: moved(settings) as Settings, env }
}
