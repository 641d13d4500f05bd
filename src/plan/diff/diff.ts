import { type Column, type Dialect, tableName } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import type { DiffSpec, StoredDiffSpec } from '../diff-spec.ts'
import { askedLinkSteps } from '../links/link-rows.ts'
import { carriedInputs, hasTemplates } from '../templates/template-inputs.ts'
import { lookupSteps } from '../values/property-values.ts'
import { candidateColumn } from '../values/value-checks.ts'
import { valueSteps } from '../values/value-steps.ts'
import { mappedColumns, modelSelect } from './candidates.ts'
import { candidatesStep } from './candidates-step.ts'
import { withDeparting } from './departed.ts'
import { refusalOf } from './refusals.ts'
import { repeatedRows, repeatedValueSteps } from './repeats.ts'
import { rowOperation } from './row-operation.ts'
import { hasStages } from './stages.ts'

/**
 * The change set of one sync, in the columns of a plan table: only rows that changed, left, returned, are to be
 * retried, or must be rejected. Raw fingerprints pick the candidates; wire values decide.
 */
export function changeSet(dialect: Dialect, spec: DiffSpec): Sql {
  const withLinks = hasLinks(spec)
  return sql`with ${join(stepsOf(dialect, spec), ',\n')}
select ${spec.runId} as run_id, ${raw(String(spec.slice?.seqOffset ?? 0))} + row_number() over (order by operation, row_id) as seq, row_id, operation,
  coalesce(known_status = 'left' and is_present is not null, 1 = 0) as is_return, record_id, match_value,
  new_values, changed_properties, case when reason is null then nullif(dropped_properties, '[]') end as dropped_properties, doubtful_values, audit_old, audit_new,
  fingerprint, known_status, reason, reason_detail, case when reason = 'invalid_value' then ${raw(withLinks ? 'coalesce(reason_message, link_trouble)' : 'reason_message')} end as reason_message${stepsBackColumn(spec)}${toRender(spec)}
from ${spec.limit === undefined ? raw('chosen') : firstToSend(spec.limit)}`
}

/** From the model's rows to rows with an operation each (`chosen`). */
function stepsOf(dialect: Dialect, spec: DiffSpec): readonly Sql[] {
  const columns = mappedColumns(spec)
  const refusal = refusalOf(dialect, spec)
  return [
    ...repeatedRows(dialect, spec),
    ...repeatedValueSteps(dialect, spec),
    ...lookupSteps(dialect, spec.properties, candidateColumn(columns)).steps,
    sql`model_rows as (
  ${modelSelect(dialect, spec, columns)}
)`,
    candidatesStep(dialect, spec),
    ...valueSteps(dialect, withDeparting(spec), columns),
    ...badLinkSteps(dialect, spec, columns),
    sql`judged as (
  select listed.*, ${refusal.reason} as reason, ${refusal.detail} as reason_detail${raw(hasLinks(spec) ? ', link_trouble' : '')}
  from listed${refusal.joins}
)`,
    sql`chosen as (
  select judged.*, ${rowOperation(spec)} as operation
  from judged
)`,
  ]
}

const hasLinks = ({ links = [] }: DiffSpec): boolean => links.length > 0

/** Rows with a bad link, as the step `bad_links`: a malformed target or label costs the row. */
function badLinkSteps(
  dialect: Dialect,
  spec: DiffSpec,
  columns: readonly Column[],
): readonly Sql[] {
  const { links = [] } = spec
  if (links.length === 0) return []
  const from = sql`(select * from candidates where is_present is not null) as m`
  const columnSql = (name: string) => sql`m.${candidateColumn(columns)(name)}`
  return [
    ...askedLinkSteps(dialect, spec, links, { from, rowId: raw('m.row_id'), columnSql }),
    sql`bad_links as (
  select row_id as bad_row_id, min(trouble) as link_trouble from asked_links where trouble is not null group by row_id
)`,
  ]
}

/** Writes the change set of one sync into its plan table. */
export const diffStatement = (dialect: Dialect, spec: StoredDiffSpec): Sql =>
  sql`insert into ${raw(tableName(dialect, spec.plan))} (run_id, seq, row_id, operation, is_return, record_id, match_value,
  new_values, changed_properties, dropped_properties, doubtful_values, audit_old, audit_new, fingerprint, known_status, reason, reason_detail, reason_message${stepsBackColumn(spec)}${carriedInputs(spec)})
${changeSet(dialect, spec)}`

/** The rows of the change set, to select from: as they were written, or where they could not be, computed. */
export const plannedRows = (dialect: Dialect, spec: DiffSpec): Sql =>
  spec.plan === undefined
    ? sql`(${changeSet(dialect, spec)}) as planned`
    : sql`(select * from ${raw(tableName(dialect, spec.plan))} where run_id = ${spec.runId}) as planned`

const stepsBackColumn = ({ properties }: DiffSpec): Sql =>
  raw(hasStages(properties) ? ', steps_back' : '')

/** Rows that may be sent are rendered. */
const toRender = (spec: DiffSpec): Sql =>
  raw(
    hasTemplates(spec)
      ? `,\n  case when operation in ('create', 'update', 'upsert', 'send', 'refresh') then template_values end as template_values`
      : '',
  )

/** `--limit` counts rows that can be sent: rejected ones, and those that nobody counts on, do not use it up. */
const firstToSend = (limit: number): Sql =>
  raw(`(select * from chosen order by case when operation in ('create', 'update', 'upsert', 'send', 'add', 'remove') and reason is null then 0 else 1 end, row_id
limit ${limit}) as limited`)
