import type { Column, Dialect } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { names } from '../diff/step-columns.ts'
import { type DiffProperty, type DiffSpec, eventParts } from '../diff-spec.ts'
import {
  beyondLimitText,
  lookupTrouble,
  noOptionText,
  noPropertyText,
  repeatedText,
} from './bad-value.ts'
import { isNoOption, renderedProperty, severalLabels } from './property-values.ts'
import { isBeyond } from './value-limits.ts'

/** A property's value, and what may be wrong with it. */
export interface Check {
  readonly value: Sql
  /** The column's value has no wire form; absent where it always has one. */
  readonly unreadable: Sql | undefined
  /** What HubSpot would refuse of a value that has a form, in order of precedence: a row is told the first. */
  readonly complaints: readonly Complaint[]
  /** What the value stands for; absent where it is what is sent. */
  readonly meaning: Sql | undefined
}

interface Complaint {
  readonly when: Sql
  readonly text: Sql
}

/** A mapped column in the step `candidates`. */
export const candidateColumn =
  (columns: readonly Column[]) =>
  (name: string): Sql =>
    names.column(columns.findIndex((column) => column.name === name))

/** One per property. */
export function checksOf(
  dialect: Dialect,
  spec: DiffSpec,
  columns: readonly Column[],
): readonly Check[] {
  const columnSql = candidateColumn(columns)
  return spec.properties.map((property, index) => {
    if (property.isDeparting) {
      const value = sql`cast(null as ${raw(dialect.type('text'))})`
      return { value, unreadable: undefined, complaints: [], meaning: undefined }
    }
    const rendered = renderedProperty(dialect, property, index, columnSql)
    return {
      value: rendered.value,
      unreadable: rendered.isInvalid,
      complaints: complaintsOf(dialect, spec, property, index),
      meaning: severalLabels(dialect, property, names.value(index))?.meanings,
    }
  })
}

/** Values of the property may be bad. */
export const isChecked = (check: Check | undefined): check is Check =>
  check !== undefined && (check.unreadable !== undefined || check.complaints.length > 0)

/** A bad value costs the row nothing but this property. */
export const isDropped = (property: DiffProperty | undefined, check: Check | undefined): boolean =>
  isChecked(check) && property?.onInvalid === 'drop_property'

function complaintsOf(
  dialect: Dialect,
  spec: DiffSpec,
  property: DiffProperty,
  index: number,
): readonly Complaint[] {
  const value = names.value(index)
  const found = [
    ofAnotherEvent(spec, property, value),
    unknownLabel(dialect, spec, property, value),
    unknownOption(dialect, spec, property, value),
    ...(property.limits ?? []).map((limit) => ({
      when: isBeyond(dialect, limit, value),
      text: beyondLimitText(property, limit, value, spec.auditValues),
    })),
    repeated(spec, property, index),
  ]
  return found.filter((complaint) => complaint !== undefined)
}

/** Where the event's name is among the properties; -1 where it is not. */
export const eventIndex = ({ properties }: DiffSpec): number =>
  properties.findIndex(({ name }) => name === eventParts.name)

/** The row has a value, and is an event that has no such property. */
function ofAnotherEvent(spec: DiffSpec, property: DiffProperty, value: Sql): Complaint | undefined {
  const { onlyOf: events } = property
  const index = eventIndex(spec)
  if (events === undefined || index < 0) return undefined
  const event = names.value(index)
  const listed = join(events.map((name) => sql`${name}`))
  return {
    when:
      events.length === 0
        ? sql`${value} is not null`
        : sql`(${value} is not null and ${event} not in (${listed}))`,
    text: noPropertyText(property, event),
  }
}

const lookupOf = ({ source }: DiffProperty) =>
  source.kind === 'column' ? source.lookup : undefined

/** One of several labels means no option. */
function unknownLabel(
  dialect: Dialect,
  { auditValues }: DiffSpec,
  property: DiffProperty,
  value: Sql,
): Complaint | undefined {
  const lookup = lookupOf(property)
  const several = severalLabels(dialect, property, value)
  if (several === undefined || lookup === undefined) return undefined
  const trouble = lookupTrouble(lookup, value, raw('null'), auditValues)
  return { when: several.isUnknown, text: sql`${`${property.name}: `} || ${trouble}` }
}

/** Where a lookup says what values mean, it has them checked. */
function unknownOption(
  dialect: Dialect,
  { auditValues }: DiffSpec,
  property: DiffProperty,
  value: Sql,
): Complaint | undefined {
  if (lookupOf(property) !== undefined) return undefined
  const when = isNoOption(dialect, property, value)
  return when === undefined ? undefined : { when, text: noOptionText(property, value, auditValues) }
}

/** The property is unique, and values of the model are not. */
export const isRepeated = ({ repeatedValues = [] }: DiffSpec, { name }: DiffProperty): boolean =>
  repeatedValues.includes(name)

function repeated(spec: DiffSpec, property: DiffProperty, index: number): Complaint | undefined {
  if (!isRepeated(spec, property)) return undefined
  const [first, last] = [names.firstRow(index), names.lastRow(index)]
  const other = sql`case when ${first} = row_id then ${last} else ${first} end`
  return {
    when: sql`${names.repeated(index)} is not null`,
    text: repeatedText(property, names.value(index), other, spec.auditValues),
  }
}
