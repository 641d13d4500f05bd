import { numberSetting, textSetting } from '../settings.ts'
import type { Connection, Reach } from '../warehouse.ts'

/** PostgreSQL reads the schemas of one database in one session, and of no other. */
export function reachPostgres(own: Connection, other: Connection): Reach {
  const placeOf = ({ settings }: Connection) =>
    `${textSetting(settings, 'dbname', 'database')} at ${textSetting(settings, 'host')}:${numberSetting(settings, 'port') ?? 5432}`
  if (placeOf(own) === placeOf(other)) return { connection: own }
  return {
    why: `its database is ${placeOf(other)}, this target's is ${placeOf(own)}, and PostgreSQL reads only one in a session`,
  }
}
