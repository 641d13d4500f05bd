import type { Dialect } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import type { DiffSpec } from '../diff-spec.ts'
import { wireValue } from '../values/property-values.ts'
import { matchValue, modelRows, qualified, rowId } from './model-keys.ts'
import { names } from './step-columns.ts'

/** Row counts that decide guards and whether duplicates must be looked for. One scan of key and match. */
export function preflightStatement(dialect: Dialect, spec: DiffSpec): Sql {
  const uniques = uniqueValues(dialect, spec)
  const counts = uniques.map(
    ({ index }) =>
      sql`,\n  count(${names.value(index)}) as ${names.repeated(index)}, count(distinct ${names.value(index)}) as distinct_${names.repeated(index)}`,
  )
  const values = uniques.map(({ index, value }) => sql`, ${value} as ${names.value(index)}`)
  const match =
    spec.match === undefined
      ? sql`0 as matches, 0 as distinct_matches`
      : sql`count(match_value) as matches, count(distinct match_value) as distinct_matches`
  return sql`select count(*) as total, count(row_id) as keyed, count(distinct row_id) as distinct_keys, ${match}${join(counts, '')}
from (
  select ${rowId(dialect, spec)} as row_id, ${matchValue(dialect, spec)} as match_value${join(values, '')}
  from ${modelRows(spec)}
) as k`
}

/** Values of the model that HubSpot keeps unique, by the position of their property; the match value is not among them. */
export function uniqueValues(
  dialect: Dialect,
  spec: DiffSpec,
): readonly { readonly name: string; readonly index: number; readonly value: Sql }[] {
  return spec.properties.flatMap((property, index) => {
    const { source, name, isUnique } = property
    if (isUnique !== true || source.kind !== 'column') return []
    const { value } = wireValue(dialect, property, index, (column) =>
      qualified(dialect, 'm', column),
    )
    return [{ name, index, value }]
  })
}

/** Unique values that several rows of the model have, with two of them. */
export function repeatedValueSteps(dialect: Dialect, spec: DiffSpec): readonly Sql[] {
  const { repeatedValues = [] } = spec
  return uniqueValues(dialect, spec)
    .filter(({ name }) => repeatedValues.includes(name))
    .map(
      ({ index, value }) => sql`repeated_values${raw(String(index))} as (
  select ${names.value(index)} as ${names.repeated(index)}, min(row_id) as ${names.firstRow(index)}, max(row_id) as ${names.lastRow(index)}
  from (select ${rowId(dialect, spec)} as row_id, ${value} as ${names.value(index)} from ${modelRows(spec)}) as k
  where ${names.value(index)} is not null group by ${names.value(index)} having count(distinct row_id) > 1
)`,
    )
}

/** Keys, and match values, that several rows of the model have. */
export function repeatedRows(dialect: Dialect, spec: DiffSpec): Sql[] {
  const relation = modelRows(spec)
  const parts: Sql[] = []
  if (spec.hasRepeatedKeys) {
    parts.push(sql`repeated_keys as (
  select row_id from (select ${rowId(dialect, spec)} as row_id from ${relation}) as k
  where row_id is not null group by row_id having count(*) > 1
)`)
  }
  if (spec.hasRepeatedMatches) {
    parts.push(sql`repeated_matches as (
  select match_fold, min(row_id) as first_row_id, max(row_id) as last_row_id
  from (select ${rowId(dialect, spec)} as row_id, ${matchValue(dialect, spec)} as match_fold from ${relation}) as k
  where match_fold is not null group by match_fold having count(distinct row_id) > 1
)`)
  }
  return parts
}
