import type { Dialect } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import type { DiffSpec } from '../diff-spec.ts'
import { isCandidate, mappedColumns, modelSelect, stateRows } from './candidates.ts'
import { repeatedRows } from './repeats.ts'

/**
 * The key that ends each slice of at most `rows` candidates, in order. Reads keys and fingerprints only.
 * One row or none: there is nothing to slice.
 */
export function sliceStatement(dialect: Dialect, spec: DiffSpec, rows: number): Sql {
  const columns = mappedColumns(spec)
  return sql`with ${join(
    [
      ...repeatedRows(dialect, spec),
      sql`model_rows as (
  ${modelSelect(dialect, spec, columns)}
)`,
      sql`candidates as (
  select coalesce(m.row_id, s.row_id) as row_id
  from model_rows as m
  full join ${stateRows(dialect, spec)} as s on s.row_id = m.row_id
  where (${isCandidate(dialect, spec)})
)`,
    ],
    ',\n',
  )}
select max(row_id) as up_to
from (select row_id, floor((row_number() over (order by row_id) - 1) / ${raw(`${rows}.0`)}) as slice from candidates where row_id is not null) as numbered
group by slice order by up_to`
}
