import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { WarehouseError } from '../../errors.ts'
import { quoteStandard } from '../knex-compiler.ts'
import type { OpenOptions } from '../open.ts'
import { numberSetting, requiredSetting, textSetting } from '../settings.ts'
import type { Connection } from '../warehouse.ts'
import { type Place, postgresError } from './errors.ts'
import { type TlsAttempts, tlsAttempts } from './tls.ts'
import { valueTypes } from './values.ts'

/** MERGE came with 15. */
const oldestVersion = 15

/** Fixes how values print, whatever the server or the role says. Compiling wide statements costs more than it gains. */
const sessionSettings = `set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres';
set extra_float_digits = 1; set bytea_output = 'hex'; set standard_conforming_strings = on;
set idle_in_transaction_session_timeout = 0; set jit = off`

/** How to connect, read from the profile once. */
export interface Target {
  readonly place: Place
  readonly attempts: readonly pg.ClientConfig[]
  readonly role: string | undefined
  readonly searchPath: string | undefined
  readonly retries: number
}

/** Reads dbt-postgres's keys. */
export async function readTarget(connection: Connection, options: OpenOptions): Promise<Target> {
  const { settings } = connection
  const place: Place = {
    host: requiredSetting(settings, 'host'),
    port: numberSetting(settings, 'port') ?? 5432,
    user: requiredSetting(settings, 'user'),
    database: requiredSetting(settings, 'dbname', 'database'),
  }
  const role = textSetting(settings, 'role')
  const password = textSetting(settings, 'password', 'pass')
  const idleSeconds = numberSetting(settings, 'keepalives_idle') ?? 0
  const config: pg.ClientConfig = {
    ...place,
    ...(password === undefined ? {} : { password }),
    application_name: textSetting(settings, 'application_name') ?? applicationName(options),
    connectionTimeoutMillis: (numberSetting(settings, 'connect_timeout') ?? 10) * 1000,
    keepAlive: true,
    ...(idleSeconds > 0 ? { keepAliveInitialDelayMillis: idleSeconds * 1000 } : {}),
    types: valueTypes,
  }
  const tls: TlsAttempts = await tlsAttempts(connection)
  return {
    place: { ...place, role },
    attempts: tls.map((ssl) => ({ ...config, ssl })),
    role,
    searchPath: textSetting(settings, 'search_path'),
    retries: numberSetting(settings, 'retries') ?? 1,
  }
}

/**
 * Who asks, as `pg_stat_activity` and the server's log show it; PostgreSQL keeps 63 bytes. It says nothing of the sync: each change would
 * be a statement more.
 */
function applicationName({ applicationName: name, labels }: OpenOptions): string {
  const parts = [name, labels?.['command'], labels?.['invocation']]
  return parts.filter((part) => part !== undefined).join(' ')
}

/** A connected client in the state that the dialect counts on. Transient failures are retried as dbt does: after n² seconds. */
export async function connect(target: Target, signal: AbortSignal): Promise<pg.Client> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connectOnce(target)
    } catch (error) {
      const wrapped = postgresError(error, describe(target.place), target.place)
      if (wrapped.disposition !== 'transient' || attempt > target.retries) throw wrapped
      await sleep(attempt ** 2 * 1000, undefined, { signal }).catch(() => {
        throw wrapped
      })
    }
  }
}

const describe = (place: Place) =>
  `Connecting to PostgreSQL database ${place.database} at ${place.host}:${place.port} as ${place.user}`

/** Reports the first failure that says more than "no TLS here". */
async function connectOnce(target: Target): Promise<pg.Client> {
  const failures: unknown[] = []
  for (const config of target.attempts) {
    try {
      return await openSession(config, target)
    } catch (error) {
      failures.push(error)
      if (!mayOtherwiseConnect(error)) break
    }
  }
  throw failures.find((failure) => !isWithoutTls(failure)) ?? failures[0]
}

const isWithoutTls = (error: unknown) =>
  error instanceof Error && /does not support SSL/i.test(error.message)

/** With `prefer` and `allow`, whatever may be due to TLS or to its absence is tried the other way. */
const mayOtherwiseConnect = (error: unknown) =>
  error instanceof Error &&
  (isWithoutTls(error) ||
    ('code' in error && (error.code === '28000' || String(error.code).startsWith('ERR_SSL'))))

async function openSession(config: pg.ClientConfig, target: Target): Promise<pg.Client> {
  const client = new pg.Client(config)
  // A connection lost while idle is noticed by the next statement.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(sessionSettings)
    if (target.searchPath !== undefined) {
      await client.query("select set_config('search_path', $1, false)", [target.searchPath])
    }
    if (target.role !== undefined) await client.query(`set role ${quoteStandard(target.role)}`)
    await checkVersion(client, target)
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}

async function checkVersion(client: pg.Client, target: Target): Promise<void> {
  const answer = await client.query<{ server_version: string }>('show server_version')
  const version = answer.rows[0]?.server_version ?? ''
  if (Number.parseInt(version, 10) >= oldestVersion) return
  throw new WarehouseError({
    action: describe(target.place),
    detail: `the server is PostgreSQL ${version}, and ${oldestVersion} is the oldest that Backhaul works with`,
    disposition: 'terminal',
    hint: `Upgrade the server: Backhaul needs MERGE, which came with PostgreSQL ${oldestVersion}.`,
  })
}
