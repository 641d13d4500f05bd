import type { Dialect } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import type { DiffSpec } from '../diff-spec.ts'
import { type Check, isDropped } from '../values/value-checks.ts'
import { names } from './step-columns.ts'

const groupsOf = ({ mode, requiredGroups = [] }: DiffSpec): readonly (readonly string[])[] =>
  mode === 'update' ? [] : requiredGroups

/** A row may lack what a new record needs; an update creates none. */
export const mayLack = (spec: DiffSpec): boolean => groupsOf(spec).length > 0

/** What a row that may become a record lacks for it, as a JSON list; undefined where nothing is required. */
export function lackingProperties(
  dialect: Dialect,
  spec: DiffSpec,
  checks: readonly Check[],
): Sql | undefined {
  if (!mayLack(spec)) return undefined
  return dialect.nameList(
    groupsOf(spec).map((group) => ({
      name: group.join(' or '),
      when: sql`record_id is null and ${join(
        group.map((name) => isUnset(spec, checks, name)),
        ' and ',
      )}`,
    })),
  )
}

function isUnset(spec: DiffSpec, checks: readonly Check[], name: string): Sql {
  const { templates = [], planned = [] } = spec
  // Whether a template gives one is seen when it is rendered.
  if (templates.some(({ property }) => property.name === name)) return raw('1 = 0')
  const place = planned.indexOf(name)
  if (place >= 0) return sql`${names.planned(place)} is null`
  const index = spec.properties.findIndex((property) => property.name === name)
  if (index < 0) return raw('1 = 1')
  return isDropped(spec.properties[index], checks[index])
    ? sql`(${names.value(index)} is null or ${names.isBad(index)})`
    : sql`${names.value(index)} is null`
}
