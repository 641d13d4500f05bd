import { type Dialect, tableName } from '../../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../../warehouse/sql.ts'
import { names } from '../diff/step-columns.ts'
import { type DiffProperty, doubt, type StoredDiffSpec } from '../diff-spec.ts'
import { repeatedText } from './bad-value.ts'

/** What a row is sent as, or was found to be sent already. */
const sendable = raw("'create', 'update', 'upsert', 'refresh'")

/**
 * Rejects rows whose template gives a unique property the text that another row has: of this change set, or unchanged and last sent
 * so. One statement per such property, once all texts are there. Where a bad value is only dropped, HubSpot decides.
 */
export const rejectRepeatedTexts = (dialect: Dialect, spec: StoredDiffSpec): readonly Sql[] =>
  (spec.templates ?? [])
    .map(({ property }) => property)
    .filter(({ isUnique, onInvalid }) => isUnique === true && onInvalid === 'reject_row')
    .map((property) => rejectRepeated(dialect, spec, property))

function rejectRepeated(dialect: Dialect, spec: StoredDiffSpec, property: DiffProperty): Sql {
  const { runId } = spec
  const { name } = property
  const plan = raw(tableName(dialect, spec.plan))
  const text = sql`nullif(nullif(${dialect.jsonField(raw('opened'), name)}, ''), ${doubt})`
  const textsOf = (column: string, rows: Sql) =>
    sql`select row_id, ${text} as ${names.value(0)} from (
      select row_id, ${dialect.openJson(raw(column), [name])} as opened from ${rows}
    ) as read_rows`
  const texts = textsOf(
    'new_values',
    sql`${plan} where run_id = ${runId} and operation in (${sendable})`,
  )
  const unchanged =
    spec.state === undefined
      ? raw('')
      : sql`
    union all
    ${textsOf(
      'sent_values',
      sql`${raw(tableName(dialect, spec.state))} where status <> 'left'
        and row_id not in (select q.row_id from ${plan} as q where q.run_id = ${runId} and q.row_id is not null)`,
    )}`
  const first = names.firstRow(0)
  const other = sql`case when ${first} = texts.row_id then ${names.lastRow(0)} else ${first} end`
  return sql`merge into ${plan} as t
using (
  select texts.row_id, ${repeatedText(property, names.repeated(0), other, spec.auditValues)} as reason_message
  from (
    ${texts}
  ) as texts
  join (
    select ${names.value(0)} as ${names.repeated(0)}, min(row_id) as ${first}, max(row_id) as ${names.lastRow(0)}
    from (
    ${texts}${unchanged}
    ) as known
    where ${names.value(0)} is not null group by ${names.value(0)} having count(distinct row_id) > 1
  ) as repeats on repeats.${names.repeated(0)} = texts.${names.value(0)}
) as n
on t.run_id = ${runId} and t.row_id = n.row_id and t.operation in (${sendable})
when matched then update set operation = 'reject', reason = 'invalid_value', reason_detail = ${JSON.stringify([name])},
  reason_message = n.reason_message, dropped_properties = null`
}
