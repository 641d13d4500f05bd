import { type Dialect, tableName } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import type { OtherRows } from '../diff-spec.ts'
import { modelKeys } from './model-keys.ts'

/** Statuses of rows that were not let through: what has no record then, has none in the next run either, unless somebody mends it. */
const refused = "('rejected', 'parked', 'skipped', 'unknown')"

/**
 * Rows of another sync by `row_id`: the record (`record_id`; NULL for none yet), whether the row takes part in the run (`is_coming`), and
 * whether it can be counted on to have a record by the time that it is asked for (`is_expected`): one that was refused so far, that this run
 * rejects, or whose key occurs twice, cannot.
 *
 * @returns undefined where nothing is known of that sync
 */
export function otherRows(dialect: Dialect, { state, model, planned }: OtherRows): Sql | undefined {
  const text = raw(dialect.type('text'))
  const parts = [
    ...(state === undefined
      ? []
      : [
          sql`select row_id, record_id, 0 as copies, case when record_id is null and status in ${raw(refused)} then 1 else 0 end as is_refused from ${raw(tableName(dialect, state))}`,
        ]),
    ...(model === undefined
      ? []
      : [
          sql`select row_id, cast(null as ${text}) as record_id, 1 as copies, 0 as is_refused from (${modelKeys(dialect, model)}) as k where row_id is not null`,
        ]),
  ]
  if (parts.length > 0 && planned !== undefined) {
    parts.push(
      sql`select row_id, cast(null as ${text}) as record_id, 0 as copies, 1 as is_refused from ${raw(tableName(dialect, planned.table))} where run_id = ${planned.runId} and operation in ('reject', 'skip') and row_id is not null`,
    )
  }
  return parts.length === 0
    ? undefined
    : sql`select row_id, max(record_id) as record_id, case when sum(copies) > 0 then 1 else 0 end as is_coming,
    case when max(record_id) is not null or (sum(copies) = 1 and max(is_refused) = 0) then 1 else 0 end as is_expected
  from (${join(parts, ' union all ')}) as rows_of group by row_id`
}
