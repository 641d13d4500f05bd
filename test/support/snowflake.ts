import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import type { Account } from './account.ts'
import type {} from './snowflake-server.ts'

/** Why there is no Snowflake in this run, or undefined when there is. For `describe.skipIf`. */
export function whyNoSnowflake(): string | undefined {
  const snowflake = inject('snowflake')
  return snowflake.available ? undefined : `no Snowflake: ${snowflake.reason}`
}

/** The keys of a dbt-snowflake profile for the server under test. */
export function snowflakeSettings(
  database: string,
  schema: string,
): Readonly<Record<string, unknown>> {
  const snowflake = inject('snowflake')
  if (!snowflake.available) throw new Error(snowflake.reason)
  return {
    account: 'test_account',
    host: '127.0.0.1',
    port: snowflake.port,
    protocol: 'http',
    user: 'backhaul',
    password: 'right',
    role: 'REPORTER',
    warehouse: 'SMALL',
    database,
    schema,
    connect_retries: 0,
  }
}

/**
 * The server, as tests that run on every engine see it. Each time another database: the server makes it, keeps it as long as it
 * lives, and is asked for faults by its name.
 */
export const snowflakeAccount = (): Account => ({
  settings: snowflakeSettings(`SHOP_${randomBytes(4).toString('hex').toUpperCase()}`, 'PUBLIC'),
  prefix: 'MARTS_',
})

/** A fault that the server is asked for: see test/support/snowflake/scenario.py. */
export interface Fault {
  /** Statements that it happens to, as a regular expression. */
  readonly sql: string
  readonly times?: number
  readonly code?: string
  readonly state?: string
  readonly message?: string
  readonly drop?: boolean
  readonly lasting?: boolean
  readonly delay?: number
}

/** Asks something of the server under test itself, about one database: see `TestRequests` in test/support/snowflake/server.py. */
export async function askSnowflake(
  database: unknown,
  name: string,
  body: object = {},
): Promise<unknown> {
  const snowflake = inject('snowflake')
  if (!snowflake.available) throw new Error(snowflake.reason)
  const response = await fetch(`http://127.0.0.1:${snowflake.port}/test/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, database }),
  })
  return response.json()
}
