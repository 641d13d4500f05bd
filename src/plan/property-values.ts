import type { Dialect, Rendered } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { isQuoted, isUnrenderable } from './bad-value.ts'
import { emailForm } from './candidates.ts'
import type { DiffProperty, DiffSpec } from './diff-spec.ts'
import { names } from './step-columns.ts'

/** The property's wire value, and where it has none, when. What only a create sends has none once the row is bound. */
export function renderedProperty(
  dialect: Dialect,
  property: DiffProperty,
  columnIndex: (name: string) => number,
): { value: Sql; isInvalid: Sql | undefined } {
  const { value, isInvalid } = wireValue(dialect, property, columnIndex)
  if (property.write !== 'create_only') return { value, isInvalid }
  return {
    value: sql`case when record_id is null then ${value} end`,
    isInvalid: isInvalid === undefined ? undefined : sql`(record_id is null and ${isInvalid})`,
  }
}

function wireValue(
  dialect: Dialect,
  property: DiffProperty,
  columnIndex: (name: string) => number,
): { value: Sql; isInvalid: Sql | undefined } {
  if (property.source.kind === 'value') {
    const literal = property.source.value
    return {
      value:
        literal === ''
          ? sql`cast(null as ${raw(dialect.type('text'))})`
          : sql`cast(${literal} as ${raw(dialect.type('text'))})`,
      isInvalid: undefined,
    }
  }
  const { column, wire } = property.source
  const held = names.column(columnIndex(column.name))
  const rendered = property.isRendered
    ? templateText(dialect.render(held, column.family, wire), held)
    : dialect.render(held, column.family, wire)
  const value = property.isEmail ? emailForm(rendered.value) : rendered.value
  return { value, isInvalid: rendered.isInvalid }
}

/** A template that failed for a row has no value there. */
function templateText({ value, isInvalid }: Rendered, text: Sql): Rendered {
  const failed = isUnrenderable(text)
  return {
    value: sql`case when not ${failed} then ${value} end`,
    isInvalid: isInvalid === undefined ? failed : sql`(${failed} or ${isInvalid})`,
  }
}

/** The column as it is, for a message that may quote it; else an empty text. */
export function heldValue(
  dialect: Dialect,
  { auditValues }: DiffSpec,
  property: DiffProperty,
  columnIndex: (name: string) => number,
): Sql {
  if (property.source.kind !== 'column') return raw("''")
  const { name, family } = property.source.column
  const held = names.column(columnIndex(name))
  if (!isQuoted(property, auditValues)) {
    return property.isRendered
      ? sql`case when ${isUnrenderable(held)} then ${held} else '' end`
      : raw("''")
  }
  const text =
    family === 'text'
      ? dialect.render(held, family, { kind: 'text' }).value
      : sql`cast(${held} as ${raw(dialect.type('text'))})`
  return sql`coalesce(${text}, '')`
}

/** True where the value is none of the options; multi-value text is checked element by element by the caller. */
export function isNoOption(dialect: Dialect, property: DiffProperty, value: Sql): Sql | undefined {
  if (property.options === undefined) return undefined
  const wire = property.source.kind === 'column' ? property.source.wire.kind : 'text'
  const options = property.options
  if (options.length === 0) return sql`${value} is not null`
  if (wire === 'multi') return dialect.hasElementOutside(value, options)
  return sql`(${value} is not null and ${value} not in (${join(options.map((option) => sql`${option}`))}))`
}

/** What HubSpot holds after the operation, by the property's NULL policy. Never NULL once something was sent. */
export function afterValue(
  property: DiffProperty,
  index: number,
  isChecked: boolean,
  isFullRefresh: boolean,
): Sql {
  const value = names.value(index)
  // What the model says nothing about is not sent by a full refresh, either.
  const kept = isFullRefresh ? sql`null` : names.old(index)
  const old = names.old(index)
  const byPolicy =
    property.nulls === 'clear_always'
      ? sql`coalesce(${value}, '')`
      : property.nulls === 'keep'
        ? sql`coalesce(${value}, ${kept})`
        : sql`case when ${value} is not null then ${value} when ${old} is not null then '' end`
  return isChecked && property.onInvalid === 'drop_property'
    ? sql`case when ${names.isBad(index)} then ${kept} else ${byPolicy} end`
    : byPolicy
}
