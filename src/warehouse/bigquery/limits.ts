import { WarehouseError } from '../../errors.ts'
import type { Statement } from '../sql.ts'

/** https://cloud.google.com/bigquery/quotas#query_jobs, read 2026-11: query length before names are resolved, and parameters. */
const maxCharacters = 1024 * 1024
const maxParameters = 10_000

/** Refuses what BigQuery would refuse in words that do not say what to do. */
export function checkLimits({ sql, bindings }: Statement): void {
  const problem =
    sql.length > maxCharacters
      ? `the statement has ${sql.length} characters; BigQuery takes ${maxCharacters}`
      : bindings.length > maxParameters
        ? `the statement has ${bindings.length} parameters; BigQuery takes ${maxParameters}`
        : undefined
  if (problem === undefined) return
  throw new WarehouseError({
    action: 'Running a statement',
    detail: problem,
    disposition: 'terminal',
    hint: 'Map fewer properties in one sync, or cast columns in the model: text that has to be read as a date or number takes the most SQL.',
  })
}
