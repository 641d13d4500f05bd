import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { stateFile, stateSchema } from './example-project.ts'

export type AuditRow = Readonly<Record<string, string | null>>

/** Every run: one row per sync. */
export const runsQuery = `select sync_name as sync, status, rows_created as created, rows_updated as updated,
       rows_unchanged as unchanged, calls_planned as planned, calls_made as made
from runs order by run_id`

/** What the last run changed: one row per property. */
export const changesQuery = `select sync_name as sync, row_id as row, operation, property,
       old_values ->> property as old, new_values ->> property as new
from changes, unnest(from_json(changed_properties, '["varchar"]')) as sent(property)
where run_id in (select run_id from runs where invocation_id = (select max_by(invocation_id, run_id) from runs))
order by sync, row_id::integer, property`

/** Links that the last run made or took off. */
export const linksQuery = `select sync_name as sync, row_id as row, operation, association, target_key as target, labels
from changes
where association is not null
  and run_id in (select run_id from runs where invocation_id = (select max_by(invocation_id, run_id) from runs))
order by sync, row_id::integer`

/** Reads Backhaul's tables as anybody may: plain SQL on the file of the state. */
export async function readAudit(folder: string, query: string): Promise<readonly AuditRow[]> {
  const instance = await DuckDBInstance.create(join(folder, stateFile), {
    access_mode: 'READ_ONLY',
  })
  const connection = await instance.connect()
  try {
    await connection.run(`set search_path = '${stateSchema}'`)
    const reader = await connection.runAndReadAll(
      `select columns(*)::varchar from (${query}) as found`,
    )
    return reader.getRowObjectsJson() as readonly AuditRow[]
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
