import { textSetting } from '../settings.ts'
import type { Connection, Reach } from '../warehouse.ts'
import { snowflakeDialect } from './dialect.ts'

/** Snowflake reads all databases of an account in one session. */
export function reachSnowflake(own: Connection, other: Connection): Reach {
  const accountOf = ({ settings }: Connection) =>
    (textSetting(settings, 'host') ?? textSetting(settings, 'account') ?? '')
      .replaceAll('_', '-')
      .toLowerCase()
  if (accountOf(own) !== accountOf(other))
    return {
      why: `its account is ${accountOf(other)}, this target's is ${accountOf(own)}, and Snowflake reads only one in a session`,
    }
  const database = textSetting(other.settings, 'database', 'dbname')
  return {
    connection: own,
    ...(database === undefined ? {} : { database: snowflakeDialect.ownName(database) }),
  }
}
