import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../../errors.ts'
import { quoteStandard } from '../knex-compiler.ts'
import type { OpenOptions } from '../open.ts'
import { numberSetting, requiredSetting, textSetting } from '../settings.ts'
import type { Connection, Labels } from '../warehouse.ts'
import { type Place, snowflakeError } from './errors.ts'
import { quoteText } from './literals.ts'
import { loginOf } from './login.ts'
import { queryTag } from './query-tag.ts'
import {
  type ConnectionOptions,
  closeConnection,
  openConnection,
  readAll,
  type SdkConnection,
  send,
} from './sdk.ts'

/**
 * Fixes how values print and what statements mean, whatever the account or the user says. Everything that the dialect relies on is
 * said here, even where it is the default.
 */
const sessionParameters: Readonly<Record<string, string>> = {
  TIMEZONE: "'UTC'",
  TIMESTAMP_TYPE_MAPPING: "'TIMESTAMP_NTZ'",
  TIMESTAMP_INPUT_FORMAT: "'AUTO'",
  DATE_INPUT_FORMAT: "'AUTO'",
  TIMESTAMP_OUTPUT_FORMAT: `'YYYY-MM-DD"T"HH24:MI:SS.FF9TZH:TZM'`,
  TIMESTAMP_NTZ_OUTPUT_FORMAT: `'YYYY-MM-DD"T"HH24:MI:SS.FF9'`,
  TIMESTAMP_LTZ_OUTPUT_FORMAT: `'YYYY-MM-DD"T"HH24:MI:SS.FF9TZH:TZM'`,
  TIMESTAMP_TZ_OUTPUT_FORMAT: `'YYYY-MM-DD"T"HH24:MI:SS.FF9TZH:TZM'`,
  DATE_OUTPUT_FORMAT: "'YYYY-MM-DD'",
  TIME_OUTPUT_FORMAT: "'HH24:MI:SS.FF9'",
  BINARY_INPUT_FORMAT: "'HEX'",
  BINARY_OUTPUT_FORMAT: "'HEX'",
  JSON_INDENT: '0',
  STRICT_JSON_OUTPUT: 'true',
  QUOTED_IDENTIFIERS_IGNORE_CASE: 'false',
  ERROR_ON_NONDETERMINISTIC_MERGE: 'true',
  ERROR_ON_NONDETERMINISTIC_UPDATE: 'true',
  MULTI_STATEMENT_COUNT: '1',
  AUTOCOMMIT: 'true',
  TRANSACTION_ABORT_ON_ERROR: 'false',
}

/** How to connect, read from the profile once. The login is read anew for each session: its tokens are short-lived. */
export interface Target {
  readonly place: Place
  readonly options: ConnectionOptions
  /** The profile's own. */
  readonly queryTag: string | undefined
  /** Of the session: statements bring more. */
  readonly labels: Labels
  readonly accessUrl: string
  readonly isInsecure: boolean
  readonly retries: number
  readonly retrySeconds: number
}

/** Reads dbt-snowflake's keys. */
export function readTarget(connection: Connection, options: OpenOptions): Target {
  const { settings } = connection
  // Host names have no underscores; dbt replaces them the same way.
  const account = requiredSetting(settings, 'account').replaceAll('_', '-')
  const host = textSetting(settings, 'host') ?? `${account}.snowflakecomputing.com`
  const protocol = textSetting(settings, 'protocol') ?? 'https'
  if (protocol !== 'https' && protocol !== 'http') {
    throw new UserError({ message: "protocol of the profile's output is neither https nor http" })
  }
  const port = numberSetting(settings, 'port')
  const accessUrl = `${protocol}://${host}${port === undefined ? '' : `:${port}`}`
  const place: Place = {
    account,
    host,
    user: textSetting(settings, 'user'),
    role: textSetting(settings, 'role'),
    warehouse: textSetting(settings, 'warehouse'),
    database: requiredSetting(settings, 'database', 'dbname'),
    schema: requiredSetting(settings, 'schema'),
  }
  return {
    place,
    accessUrl,
    queryTag: textSetting(settings, 'query_tag'),
    labels: options.labels ?? {},
    options: {
      account,
      accessUrl,
      host,
      database: place.database,
      schema: place.schema,
      ...(place.user === undefined ? {} : { username: place.user }),
      ...(place.role === undefined ? {} : { role: place.role }),
      ...(place.warehouse === undefined ? {} : { warehouse: place.warehouse }),
      ...proxy(settings),
      clientSessionKeepAlive: textSetting(settings, 'client_session_keep_alive') === 'true',
    },
    isInsecure: textSetting(settings, 'insecure_mode') === 'true',
    retries: numberSetting(settings, 'connect_retries') ?? 1,
    retrySeconds: numberSetting(settings, 'connect_timeout') ?? 10,
  }
}

function proxy(
  settings: Connection['settings'],
): Pick<ConnectionOptions, 'proxyHost' | 'proxyPort'> {
  const proxyHost = textSetting(settings, 'proxy_host')
  const proxyPort = numberSetting(settings, 'proxy_port')
  return {
    ...(proxyHost === undefined ? {} : { proxyHost }),
    ...(proxyPort === undefined ? {} : { proxyPort }),
  }
}

/** A session in the state that the dialect counts on. Failures to reach Snowflake are retried as dbt does. */
export async function connect(
  target: Target,
  connection: Connection,
  signal: AbortSignal,
): Promise<SdkConnection> {
  const action = `Connecting to Snowflake account ${target.place.account}${target.place.user === undefined ? '' : ` as ${target.place.user}`}`
  for (let attempt = 1; ; attempt++) {
    try {
      return await openSession(target, connection, signal)
    } catch (error) {
      if (error instanceof UserError) throw error
      const wrapped = snowflakeError(error, action, target.place)
      if (wrapped.disposition !== 'transient' || attempt > target.retries) throw wrapped
      await sleep(target.retrySeconds * 1000, undefined, { signal }).catch(() => {
        throw wrapped
      })
    }
  }
}

async function openSession(
  target: Target,
  connection: Connection,
  signal: AbortSignal,
): Promise<SdkConnection> {
  const login = await loginOf(connection, target.accessUrl, signal)
  const session = await openConnection({ ...target.options, ...login }, target.isInsecure)
  try {
    const tag = quoteText(queryTag(target.queryTag, target.labels))
    const assignments = Object.entries({ ...sessionParameters, QUERY_TAG: tag }).map(
      ([name, value]) => `${name} = ${value}`,
    )
    await run(session, `alter session set ${assignments.join(' ')}`)
    await checkPlace(session, target.place)
    return session
  } catch (error) {
    await closeConnection(session)
    throw error
  }
}

const run = async (session: SdkConnection, sql: string) =>
  readAll(await send(session, { sql }).result)

/** Snowflake lets one in although database, schema or warehouse are not there, or not granted: then none is current. */
async function checkPlace(session: SdkConnection, place: Place): Promise<void> {
  const [row] = await run(
    session,
    'select current_database(), current_schema(), current_warehouse()',
  )
  const [database, schema, warehouse] = row ?? []
  if (database === null) await use(session, 'database', place.database, place)
  if (schema === null) await use(session, 'schema', place.schema, place)
  if (warehouse === null && place.warehouse !== undefined) {
    await use(session, 'warehouse', place.warehouse, place)
  }
}

/** Asks for what the login did not give, so that Snowflake says why. */
async function use(
  session: SdkConnection,
  kind: 'database' | 'schema' | 'warehouse',
  name: string,
  place: Place,
): Promise<void> {
  const sql = `use ${kind} ${identifier(name)}`
  await run(session, sql).catch((error: unknown) => {
    throw snowflakeError(error, `Using ${kind} ${name}`, place, sql)
  })
}

/** A name of the profile in a statement: as it is where it needs no quotes, so that case does not matter. */
function identifier(name: string): string {
  const isBare = /^[A-Za-z_][\w$]*$/.test(name) || name.startsWith('"')
  return isBare ? name : quoteStandard(name)
}
