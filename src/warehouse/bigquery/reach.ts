import { textSetting } from '../settings.ts'
import type { Connection, Reach } from '../warehouse.ts'

/** BigQuery reads all projects in one job, as long as their datasets are in one location. */
export function reachBigquery(own: Connection, other: Connection): Reach {
  const [location, otherLocation] = [own, other].map(({ settings }) =>
    textSetting(settings, 'location')?.toLowerCase(),
  )
  if (location !== undefined && otherLocation !== undefined && location !== otherLocation)
    return {
      why: `its datasets are in ${otherLocation}, this target's in ${location}, and BigQuery reads only one location in a job`,
    }
  const database = textSetting(other.settings, 'project', 'database')
  return { connection: own, ...(database === undefined ? {} : { database }) }
}
