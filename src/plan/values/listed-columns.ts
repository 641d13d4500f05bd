import type { Dialect } from '../../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../../warehouse/sql.ts'
import { names } from '../diff/step-columns.ts'
import { type DiffSpec, doubt } from '../diff-spec.ts'

/** Of a property, by its position. */
type ValueAt = (index: number) => Sql

/**
 * The properties as JSON: all values, the changed names, and what the audit may show of old and new. Columns over what HubSpot
 * holds before and after, and `record_id`.
 */
export function listedColumns(dialect: Dialect, spec: DiffSpec): Sql {
  const isChanged = changedBy(spec)
  const changed = spec.properties.map(({ name }, index) => ({ name, when: isChanged(index) }))
  const withoutDoubt: ValueAt = (index) => sql`nullif(${names.old(index)}, ${doubt})`
  return sql`${objectOf(dialect, spec, names.value)} as new_values,
    ${dialect.nameList(changed)} as changed_properties,
    ${objectOf(dialect, spec, doubtfulBy(spec))} as doubtful_values,
    ${auditObject(dialect, spec, withoutDoubt)} as audit_old,
    ${auditNew(dialect, spec)} as audit_new`
}

/** An event goes as a whole, and a member is one or is none. */
function changedBy({ list, event, isFullRefresh }: DiffSpec): ValueAt {
  if (list !== undefined) return () => raw('1 = 1')
  if (isFullRefresh || event !== undefined) return (index) => sql`${names.value(index)} is not null`
  return (index) => sql`${names.value(index)} is distinct from ${names.old(index)}`
}

/** What is held of a row while nobody knows whether it arrived; of an event what it goes with, whatever becomes of it. */
function doubtfulBy(spec: DiffSpec): ValueAt {
  const isChanged = changedBy(spec)
  if (spec.event === undefined) {
    return (index) => sql`case when ${isChanged(index)} then ${doubt} else ${names.old(index)} end`
  }
  return (index) => (spec.properties[index]?.stays === undefined ? raw('null') : names.value(index))
}

const objectOf = (dialect: Dialect, { properties }: DiffSpec, pick: ValueAt): Sql =>
  dialect.jsonObject(properties.map(({ name }, index) => ({ name, value: pick(index) })))

/** Changed values as the audit may have them. */
function auditObject(dialect: Dialect, spec: DiffSpec, pick: ValueAt): Sql {
  if (spec.auditValues === 'none') return sql`cast(null as ${raw(dialect.type('text'))})`
  const isChanged = changedBy(spec)
  const shown = (value: Sql) => (spec.auditValues === 'hashed' ? dialect.digest(value) : value)
  return objectOf(
    dialect,
    spec,
    (index) => sql`case when ${isChanged(index)} then ${shown(pick(index))} end`,
  )
}

/** A first run's `new_values` say it all: a second copy would double the plan. */
function auditNew(dialect: Dialect, spec: DiffSpec): Sql {
  const audited = auditObject(dialect, spec, names.value)
  return spec.auditValues === 'full'
    ? sql`case when record_id is not null then ${audited} end`
    : audited
}
