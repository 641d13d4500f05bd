import type { Dialect } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { type DiffProperty, type DiffSpec, doubt } from '../diff-spec.ts'
import { names } from './step-columns.ts'

/** Stages are moved forward through only: HubSpot ignores an earlier one, unless the property is cleared first. */
export const hasStages = (properties: readonly DiffProperty[]): boolean =>
  properties.some(({ stages }) => stages !== undefined)

/** The place of a stage among those of the property; NULL for anything else. */
function stagePlace({ stages = [] }: DiffProperty, stage: Sql): Sql {
  const cases = stages.map((name, place) => sql` when ${name} then ${raw(String(place))}`)
  return sql`case ${stage}${join(cases, '')} end`
}

/** The row's stage is earlier than the one that was sent. NULL where either is none. */
export const isStepBack = (property: DiffProperty, index: number): Sql =>
  sql`${stagePlace(property, names.value(index))} < ${stagePlace(property, names.old(index))}`

/**
 * HubSpot ignores the stage unless it is cleared first: it is earlier than the one that was sent. NULL where nobody knows what stage
 * the record has, and it is cleared if need be. Undefined where the sync has no stages.
 */
export function stepsBack(dialect: Dialect, spec: DiffSpec): Sql | undefined {
  const index = spec.properties.findIndex(({ stages }) => stages !== undefined)
  const property = spec.properties[index]
  if (property?.stages === undefined) return undefined
  const old = names.old(index)
  const isBack = sql`coalesce(record_id is not null and ${isStepBack(property, index)}, 1 = 0)`
  if (property.clearsFirst !== true) return isBack
  const unknown = sql`cast(null as ${raw(dialect.type('boolean'))})`
  const isUnknown = spec.isFullRefresh ? raw('1 = 1') : sql`record_id is null or ${old} is null`
  // Where an answer was lost, clearing does no harm.
  return sql`case when ${stagePlace(property, names.value(index))} is null then 1 = 0
      when ${isUnknown} then ${unknown} when ${old} = ${doubt} then 1 = 1 else ${isBack} end`
}
