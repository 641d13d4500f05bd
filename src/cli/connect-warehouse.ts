import type { Project } from '../project/find-project.ts'
import type { Settings } from '../project/settings.ts'
import type { Ledger } from '../record/ledger.ts'
import { openWarehouse } from '../warehouse/open.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { returnFreedMemory } from './duckdb-allocator.ts'
import type { Session } from './session.ts'
import { version } from './version.ts'

/** What of a session connecting to the warehouse needs. */
export type WarehouseSession = Pick<Session, 'io' | 'log' | 'abort'> & {
  readonly project: Pick<Project, 'connection' | 'targetName'>
}

/** Connects to the warehouse of the chosen target. */
export async function connectWarehouse({
  io,
  log,
  abort,
  project,
}: WarehouseSession): Promise<Warehouse> {
  const memoryLimit = io.env['BACKHAUL_DUCKDB_MEMORY_LIMIT']
  returnFreedMemory()
  const warehouse = await openWarehouse(project.connection, {
    log,
    signal: abort,
    applicationName: `backhaul ${version()}`,
    labels: {
      application: 'backhaul',
      version: version(),
      command: io.command,
      target: project.targetName,
      invocation: io.invocationId,
    },
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  })
  return io.telemetry.following(warehouse)
}

/** The backhaul schema of the target. */
export function ledgerOf(
  session: { readonly project: { readonly settings: Settings } },
  warehouse: Warehouse,
): Ledger {
  return {
    warehouse,
    location: {
      database: warehouse.stateDatabase,
      schema: warehouse.dialect.ownName(session.project.settings.schema),
    },
    version: version(),
  }
}
